"""Negotiating on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.agreements.documents import STUDY
from tests.negotiation.parties import LAB, SCHOOLS, STUDY_ID, offered, register, who
from throughway.cli import main
from throughway.partners import OPERATOR
from throughway.partners.actions import add_user
from throughway.store import Community

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(community: Community, monkeypatch: pytest.MonkeyPatch) -> Any:
    from throughway.cli import command

    monkeypatch.setattr(command, "open_community", lambda settings: community)
    register()
    for partner in (SCHOOLS, LAB):
        add_user(email=who(partner).email, partner=partner, role="privacy_officer", by=OPERATOR)
    offered(STUDY, who(SCHOOLS))

    def asked(*words: str, exit: int = 0) -> Any:
        done = CliRunner().invoke(main, ["agreement", *words, "--json"])
        assert done.exit_code == exit, done.output
        return json.loads(done.stdout)

    return asked


def test_a_proposal_from_start_to_text(ask: Any, tmp_path: Path) -> None:
    lab, schools = who(LAB).email, who(SCHOOLS).email
    made = ask(
        "propose", STUDY_ID, "schedule[0].transform", "--value", "suppress", "--why", "So", "--as", lab
    )
    assert (made["status"], made["after"], made["by"]) == ("open", "suppress", LAB)
    (open,) = ask("proposals", STUDY_ID)["proposals"]
    assert open["waits_for"] == [SCHOOLS]
    assert open["words"] == "Everything in test scores is now withheld, for research; before shown as it is."
    assert ask("accept", str(made["number"]), "--as", schools)["status"] == "taken"
    told = ask("changes", STUDY_ID)
    assert (told["from"], told["to"]) == (1, 2)
    assert [one["kind"] for one in told["shown"]] == ["no longer shown"]
    assert told["changes"][0]["after"] == "suppress"
    assert ask("changes", STUDY_ID, "--from", "2", "--to", "2")["changes"] == []


def test_refusing_and_withdrawing(ask: Any) -> None:
    lab, schools = who(LAB).email, who(SCHOOLS).email
    one = ask("propose", STUDY_ID, "clauses.right_to_audit", "--remove", "--why", "So", "--as", lab)
    assert ask("refuse", str(one["number"]), "--why", "We need it", "--as", schools)["status"] == "refused"
    other = ask("propose", STUDY_ID, "title", "--value", "Another", "--why", "So", "--as", lab)
    assert ask("withdraw", str(other["number"]), "--as", lab)["status"] == "withdrawn"
    assert ask("proposals", STUDY_ID)["proposals"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("propose", STUDY_ID, "title", "--why", "So"), "no_value"),
        (("propose", STUDY_ID, "title", "--value", "T", "--remove"), "no_value"),
        (("propose", STUDY_ID, "title", "--value", "{", "--why", "So"), "unreadable"),
        (("propose", STUDY_ID, "title", "--value", "T", "--why", "So"), "not_allowed"),
        (("changes", STUDY_ID, "--to", "7"), "unknown_text"),
        (("changes", "nowhere"), "unknown_agreement"),
        (("accept", "99"), "unknown_proposal"),
    ],
)
def test_refused_commands(ask: Any, words: tuple[str, ...], code: str) -> None:
    assert ask(*words, exit=1)["error"]["code"] == code
