"""`make test` runs every part to its end and says what failed in each."""

import subprocess
from pathlib import Path

import pytest

from tests import parts
from tests.parts import Outcome, outcome_of, report, run_all

PYTEST = """
....F.E
=================================== FAILURES ===================================
FAILED in the text of a failure
=========================== short test summary info ============================
FAILED tests/a.py::test_one - assert 1 == 2
ERROR tests/b.py::test_two
============= 1 failed, 1203 passed, 3 skipped, 1 error in 12.00s (0:00:12) ==============
12 tests are left out here, and run on SQLite (tests/databases.py)
make: *** [Makefile:48: sqlite] Error 1
"""
AGAIN = f"{PYTEST}\nThis run began on 2026-12-02. What failed in it runs again, on 2026-12-03.\n\n==== 2 passed in 1.00s ====\n"


@pytest.mark.parametrize(
    ("status", "output", "outcome"),
    [
        (0, "==== 20 passed, 1 skipped, 3 errors in a text in 2.00s ====", Outcome("sqlite", 20, 0, ())),
        (2, PYTEST, Outcome("sqlite", 1203, 2, ("tests/a.py::test_one - assert 1 == 2", "tests/b.py::test_two"))),
        (0, AGAIN, Outcome("sqlite", 2, 0, ())),
        (2, "FAILED mypy src\n1 failed, 4 passed\n", Outcome("sqlite", 4, 1, ("mypy src",))),
        (2, "make: *** No rule", Outcome("sqlite", 0, 1, ("it ended with status 2; its last lines are in build/test/sqlite.log",))),
    ],
)  # fmt: skip
def test_what_a_part_says_is_read(status: int, output: str, outcome: Outcome) -> None:
    assert outcome_of("sqlite", status, output) == outcome


def test_each_part_runs_though_one_before_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "ROOT", tmp_path)
    monkeypatch.setattr(parts, "LOGS", tmp_path / "build" / "test")
    said = {"checks": "echo FAILED lint; echo 1 failed, 3 passed; exit 1", "browser": "echo 130 passed in 2s"}
    assert run_all({part: ["sh", "-c", code] for part, code in said.items()}) == 1
    out = capfd.readouterr().out
    assert "FAILED lint\n" in out
    assert out.endswith(
        "checks: 3 passed, 1 failed\n  lint\nbrowser: 130 passed, 0 failed\n133 passed, 1 failed\n"
    )
    assert (tmp_path / "build/test/browser.log").read_text() == "130 passed in 2s\n"
    assert run_all({"browser": ["sh", "-c", said["browser"]]}) == 0


def test_a_part_that_ends_without_a_word_has_failed() -> None:
    assert report([Outcome("a", 1, 0, ()), outcome_of("b", 137, "")]).endswith("\n1 passed, 1 failed")


def test_the_checks_name_and_count_what_failed(tmp_path: Path) -> None:
    """The recipe of `make check`, with steps that do nothing but end."""
    (tmp_path / "bin").mkdir()
    for name in ("true", "false"):
        (tmp_path / "bin" / name).symlink_to(f"/bin/{name}")
    (tmp_path / ".synced").touch()
    makefile = parts.ROOT / "Makefile"
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", makefile, "-o", str(tmp_path / ".synced"), "check", f"VENV={tmp_path}", 'CHECKS="false x" "true"'],
        cwd=parts.ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert outcome_of("check", done.returncode, done.stdout) == Outcome("check", 1, 1, ("false x",))
