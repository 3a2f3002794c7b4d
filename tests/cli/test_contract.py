"""The command line's contract where it is easily broken: exit codes, and JSON that every reader takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from throughway.cli.command import as_text
from throughway.cli.root import main


def throughway(*args: str) -> subprocess.CompletedProcess[str]:
    start = "import sys; from throughway.cli.root import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", start, *args], capture_output=True, text=True, check=False, timeout=120
    )


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


def test_review_of_unreadable_text_has_findings(tmp_path: Path) -> None:
    assert throughway("init", str(tmp_path / "town")).returncode == 0
    file = tmp_path / "agreement.yaml"
    file.write_bytes("throughway: agreement/1".encode("utf-16"))
    done = throughway("--community", str(tmp_path / "town"), "agreement", "review", str(file), "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["status"]) == (1, "blocked")
    assert [finding["id"] for finding in found["findings"]] == ["D1"]


def test_question_without_reader_is_refused_and_recorded(tmp_path: Path) -> None:
    town = ("--community", str(tmp_path / "town"), "--json")
    assert throughway("init", str(tmp_path / "town")).returncode == 0
    for who in ((), ("--as", "ghost@nowhere.example")):
        done = throughway(*town, "query", "SELECT 1", "--purpose", "study", *who)
        assert done.returncode == 1
        assert "ghost" not in done.stdout
    assert throughway(*town, "ledger", "person", "5").returncode == 1
    assert json.loads(throughway(*town, "ledger", "verify").stdout)["entries"] == 3


def test_rules_are_listed_and_added_by_file(tmp_path: Path) -> None:
    folder = tmp_path / "community"
    assert throughway("init", str(folder)).returncode == 0
    listed = json.loads(throughway("--community", str(folder), "--json", "agreement", "rules").stdout)
    rules = {rule["id"]: rule for rule in listed["rules"]}
    assert rules["S8"]["held"]
    assert rules["S8"]["quote"].endswith("destroyed.")
    assert listed["added"] == []
    pack = throughway("--community", str(folder), "agreement", "rules", "--pack", "new-york").stdout
    (folder / "rules").mkdir()
    (folder / "rules" / "new-york.yaml").write_text(pack, encoding="utf-8")
    listed = json.loads(throughway("--community", str(folder), "--json", "agreement", "rules").stdout)
    assert [added["id"] for added in listed["added"]] == ["new-york"]
    assert "New York" in throughway("--community", str(folder), "agreement", "rules").stdout
    assert throughway("--community", str(folder), "agreement", "rules", "--pack", "nowhere").returncode == 1


def test_small_command_imports_no_engine(tmp_path: Path) -> None:
    """They take half of a second, and a person types many small commands."""
    assert throughway("init", str(tmp_path / "town")).returncode == 0
    asked = "import sys, atexit; from throughway.cli.root import main\n" + (
        "atexit.register(lambda: print([m for m in ('numpy', 'pyarrow', 'duckdb', 'sqlglot', 'scipy') if m in sys.modules]))\n"
        "sys.exit(main(args=sys.argv[1:]))"
    )
    words = ("--community", str(tmp_path / "town"), "partner", "list", "--json")
    done = subprocess.run([sys.executable, "-c", asked, *words], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("}\n[]\n")
