"""`signatory`: what each command answers, and that an act which `--as` names stands on the operator's word."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from throughway.cli import command
from throughway.cli.root import main
from throughway.partners import OPERATOR, Role
from throughway.partners.actions import add_partner, add_user
from throughway.partners.signatories.selectors import signing_register

pytestmark = pytest.mark.django_db
LEADER, OFFICER, PRESIDENT = "lead@oak.example", "officer@oak.example", "president@oak.example"
WORDS = (
    "--name", "Pat Hill", "--office", "Superintendent", "--authority", "Board policy 12", "--kind", "office",
)  # fmt: skip


@pytest.fixture(autouse=True)
def oak(community: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "open_community", lambda settings: SimpleNamespace(root="."))
    for id in ("oak", "elm"):
        add_partner(id=id, name=id.title(), kind="lea", by=OPERATOR)
    for email, role in ((LEADER, Role.LEADER), (PRESIDENT, Role.LEADER), (OFFICER, Role.PRIVACY_OFFICER)):
        add_user(email=email, partner="oak", role=role, by=OPERATOR)
    add_user(email="lead@elm.example", partner="elm", role=Role.LEADER, by=OPERATOR)


def run(*words: str, by: str = "") -> tuple[int, dict[str, Any]]:
    ended = CliRunner().invoke(main, ["signatory", *words, *(("--as", by) if by else ()), "--json"])
    return ended.exit_code, json.loads(ended.output)


def test_asked_agreed_listed_and_ended() -> None:
    code, asked = run("register", LEADER, *WORDS, by=OFFICER)
    assert (code, asked["state"], asked["office"]) == (0, "asked", "Superintendent")
    assert run("agree", LEADER, by=OFFICER)[0] == 1
    assert run("agree", LEADER, by=PRESIDENT)[1]["state"] == "registered"
    found = signing_register("oak").ever[0]
    assert (found.by, found.asked_by) == (OPERATOR.email, OFFICER)  # named on the command line
    assert [each["email"] for each in run("list", by=OFFICER)[1]["signatories"]] == [LEADER]
    assert run("list", by="lead@elm.example")[1]["signatories"] == []
    assert run("end", LEADER, by="lead@elm.example")[0] == 1
    assert run("end", LEADER) == (0, {"email": LEADER, "state": "ended"})
    assert run("list")[1]["signatories"] == []


def test_the_operator_registers_alone() -> None:
    assert run("register", LEADER, *WORDS)[1]["state"] == "registered"
    assert signing_register("oak").ever[0].by == OPERATOR.email


def test_declined() -> None:
    run("register", LEADER, *WORDS, by=OFFICER)
    assert run("decline", LEADER, by=PRESIDENT) == (0, {"email": LEADER, "state": "declined"})
    code, refused = run("agree", LEADER, by=PRESIDENT)
    assert (code, refused["error"]["code"]) == (1, "not_asked")
