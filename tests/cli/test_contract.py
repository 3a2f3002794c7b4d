"""The command line's contract where it is easily broken: exit codes, and JSON that every reader takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.commands import commands
from tests.town import Town
from throughway.cli.command import as_text
from throughway.cli.root import main


def throughway(*args: str) -> subprocess.CompletedProcess[str]:
    return commands().run(args, os.environ)


def test_numbers_that_json_cannot_hold_are_null() -> None:
    document = {"rows": [(float("inf"), 1.5), [float("nan"), {"share": float("-inf")}]]}
    assert json.loads(as_text(document)) == {"rows": [[None, 1.5], [None, {"share": None}]]}


@pytest.mark.parametrize(
    "args",
    [
        ("partner", "add", "zoo", "--name", "Zoo", "--kind", "zoo"),
        ("partner", "add", "zoo", "--name", "Zoo", "--kind", "cbo", "--legal", "magic"),
        ("user", "add", "king@zoo.example", "--partner", "zoo", "--role", "king"),
    ],
)
def test_unknown_choice_is_wrong_usage(args: tuple[str, ...]) -> None:
    done = throughway(*args, "--json")
    assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("laod",), "Did you mean 'load'?"),
        (("agreement", "reveiw"), "'review'"),
        (("user", "add", "a@b.example", "--partner", "zoo", "--role", "evaluatr"), "Did you mean evaluator?"),
    ],
)
def test_misspelled_word_gets_a_suggestion(args: tuple[str, ...], said: str) -> None:
    done = CliRunner().invoke(main, args)
    assert done.exit_code == 2
    assert said in done.output


def test_keys_are_replaced_by_the_operator_alone(town: Town) -> None:
    assert town.ask("keys", "rotate", "agreements") == {"agreements": {}}
    town.ask("partner", "add", "oak", "--name", "Oak", "--kind", "lea")
    town.ask("user", "add", "officer@oak.example", "--partner", "oak", "--role", "privacy_officer")
    assert town.told("keys", "rotate", "ledger", exit=1)["error"]["code"] == "nothing_sealed"
    for what in ("agreements", "ledger"):
        refused = town.told("keys", "rotate", what, "--as", "officer@oak.example", exit=1)["error"]
        assert refused["code"] == "not_allowed"
    town.ask(
        "ledger", "use", "--partner", "oak", "--from", "2026-01-01", "--to", "2026-01-31"
    )  # writes an entry
    kept = town.root / "head.json"
    kept.write_text(as_text(town.ask("ledger", "head")))
    change = town.ask("keys", "rotate", "ledger")
    assert change["old"] == json.loads(kept.read_text())["key"] != change["new"]
    assert town.ask("ledger", "verify", "--head", kept)["ok"]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town(tmp_path / "town")
    town.found()
    return town


def test_review_of_unreadable_text_has_findings(town: Town, tmp_path: Path) -> None:
    file = tmp_path / "agreement.yaml"
    file.write_bytes("throughway: agreement/1".encode("utf-16"))
    found = town.told("agreement", "review", file, exit=1)
    assert found["status"] == "blocked"
    assert [finding["id"] for finding in found["findings"]] == ["D1"]


def test_question_without_reader_is_refused_and_recorded(town: Town) -> None:
    for who in ((), ("--as", "ghost@nowhere.example")):
        assert "ghost" not in str(town.told("query", "SELECT 1", "--purpose", "study", *who, exit=1))
    town.told("ledger", "person", "5", exit=1)
    assert town.ask("ledger", "verify")["entries"] == 3


def test_rules_are_listed_and_added_by_file(town: Town) -> None:
    listed = town.ask("agreement", "rules")
    rules = {rule["id"]: rule for rule in listed["rules"]}
    assert rules["S8"]["held"]
    assert rules["S8"]["quote"].endswith("destroyed.")
    assert listed["added"] == []
    pack = town.run("agreement", "rules", "--pack", "new-york", as_json=False).stdout
    (town.root / "rules").mkdir()
    (town.root / "rules" / "new-york.yaml").write_text(pack, encoding="utf-8")
    assert [added["id"] for added in town.ask("agreement", "rules")["added"]] == ["new-york"]
    assert "New York" in town.run("agreement", "rules", as_json=False).stdout
    town.told("agreement", "rules", "--pack", "nowhere", exit=1)


def test_small_command_imports_no_engine(town: Town) -> None:
    """They take half of a second, and a person types many small commands."""
    asked = "import sys, atexit; from throughway.cli.root import main\n" + (
        "atexit.register(lambda: print([m for m in ('numpy', 'pyarrow', 'duckdb', 'sqlglot', 'scipy') if m in sys.modules]))\n"
        "sys.exit(main(args=sys.argv[1:]))"
    )
    words = ("--community", str(town.root), "partner", "list", "--json")
    done = subprocess.run([sys.executable, "-c", asked, *words], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("}\n[]\n")
