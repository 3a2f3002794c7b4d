"""The commands of governance: each with its document, and a refusal in a sentence."""

import json

import pytest
from click.testing import CliRunner

from tests.governance.world import BACKBONE, HILLS, LAB, SCHOOLS, asked, found, register, study, who
from throughway.cli import main
from throughway.governance.actions import bodies, data_requests
from throughway.partners import OPERATOR, Role
from throughway.store import Community

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(community: Community, monkeypatch: pytest.MonkeyPatch):
    from throughway.cli import command

    monkeypatch.setattr(command, "open_community", lambda settings: community)
    register()

    def run(*words: str, exit: int = 0) -> dict:
        done = CliRunner().invoke(main, [*words, "--json"])
        assert done.exit_code == exit, done.output
        return json.loads(done.output)

    return run


def test_operator_founds_and_lists_a_body(run) -> None:
    said = run("governance", "body", "add", "steering", "--name", "Steering", "--kind", "steering", "--rule", "majority",
               "--quorum", "3", "--decides", "grant")  # fmt: skip
    assert (said["id"], said["decides"], said["quorum"]) == ("steering", ["grant"], 3)
    (listed,) = run("governance", "body", "list")["bodies"]
    assert listed["seats"] == 0
    again = run("governance", "body", "add", "steering", "--name", "S", "--kind", "steering", "--rule", "majority",
                "--quorum", "3", exit=1)  # fmt: skip
    assert again["error"]["code"] == "exists"
    refused = run("governance", "body", "add", "x", "--name", "X", "--kind", "council", "--rule", "majority", "--quorum", "3",
                  "--as", who(SCHOOLS).email, exit=1)  # fmt: skip
    assert refused["error"]["code"] == "not_allowed"


def test_lists_show_only_visible_requests_and_decisions(run) -> None:
    found()
    study()
    number = asked(of=(SCHOOLS,))
    assert [r["number"] for r in run("governance", "request", "list", "--open")["requests"]] == [number]
    assert run("governance", "request", "list", "--as", who(HILLS).email)["requests"] == []
    data_requests.refuse_request(
        number=number,
        reason="Too wide.",
        citations=["34 CFR 99.31(a)(6)"],
        by=who(BACKBONE, Role.DATA_STEWARD),
    )
    assert run("governance", "request", "list", "--open")["requests"] == []
    for reader in ((), ("--as", who(LAB).email), ("--as", who(SCHOOLS).email)):
        (decision,) = run("governance", "decision", "list", *reader)["decisions"]
        assert (decision["result"], decision["request"], decision["reason"]) == (
            "failed",
            number,
            "Too wide.",
        )
    assert run("governance", "decision", "list", "--as", who(HILLS).email)["decisions"] == []


def test_a_board_is_listed_for_its_partner(run) -> None:
    bodies.found_body(
        id="board", name="Board", kind="board", rule="majority", quorum=1, partner=SCHOOLS, by=OPERATOR
    )
    assert len(run("governance", "body", "list", "--as", who(SCHOOLS).email)["bodies"]) == 1
    assert run("governance", "body", "list", "--as", who(LAB).email)["bodies"] == []
