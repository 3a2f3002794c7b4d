"""Who read a record, in the words of the command's list."""

from throughway.cli.ledger import _who


def test_hidden_reader_is_shown_by_role_and_partner() -> None:
    assert _who({"email": "eva@oak.example", "partner": "oak", "role": "evaluator"}) == "eva@oak.example"
    assert _who({"email": "", "partner": "oak", "role": "case_worker"}) == "Case worker, oak"
    assert _who({"email": "", "partner": None, "role": "operator"}) == "Operator of the folder"
