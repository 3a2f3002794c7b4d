"""The page of what was measured: a run of one measurement replaces its rows and nothing else, and a failure loses nothing."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench.page import marked, marks, put, told
from bench.row import Row

PAGE = """# Measured

Prose before.

<!-- rows of ledger -->

old ledger

<!-- end of ledger -->

- Prose between, with | a bar.

<!-- rows of compiling -->

old words

<!-- end of compiling -->

Prose behind.
"""
ROW = Row("what", "ours", "peer", "ratio", "≤ 1", False)


def test_rows_replace_earlier_rows() -> None:
    changed = put(PAGE, "ledger", "new \\1 ledger")
    assert changed == PAGE.replace("old ledger", "new \\1 ledger")
    assert put(changed, "ledger", "old ledger") == PAGE


def test_new_measurement_is_appended() -> None:
    changed = put(PAGE, "linking_more", "rows")
    assert changed.startswith(PAGE.rstrip())
    assert changed.endswith(
        "## Linking more\n\n<!-- rows of linking_more -->\n\nrows\n\n<!-- end of linking_more -->\n"
    )


def test_unclosed_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="rows of compiling"):
        put(PAGE.replace("<!-- end of compiling -->", ""), "compiling", "rows")


def test_page_has_a_place_for_each_measurement() -> None:
    page = bench.PAGE.read_text(encoding="utf-8")
    assert sorted(marked(page)) == sorted(bench.NAMES)
    assert all(page.count(mark) == 1 for name in bench.NAMES for mark in marks(name))


def test_rows_state_machine_and_day() -> None:
    text = told("veiled", [ROW], seconds=61, loads=(0.5, 2))
    assert text.startswith("By `python -m bench veiled` on 2")
    assert "a load of 0.5 and 2.0" in text
    assert text.endswith("| what | ours | peer | ratio | ≤ 1 | **no** |")


def test_failed_measurement_keeps_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "bench.md"
    page.write_text(PAGE, encoding="utf-8")

    def take(name: str, trial: Sequence[str]) -> list[Row]:
        if name == "ledger":
            raise subprocess.CalledProcessError(1, "ledger")
        return [ROW]

    assert bench.run(["ledger", "compiling"], page=page, take=take) == ["ledger"]
    assert "old ledger" in page.read_text(encoding="utf-8")
    assert "old words" not in page.read_text(encoding="utf-8")
    said = capsys.readouterr().err
    assert "ledger failed" in said
    assert said.endswith("minutes in all; ledger failed.\n")


def test_a_trial_writes_nothing(tmp_path: Path) -> None:
    assert not bench.run(
        ["veiled"], trial=["SEEDS=101"], page=tmp_path / "none.md", take=lambda name, trial: [ROW]
    )
    assert not list(tmp_path.iterdir())


def test_missing_packages_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(bench.NEEDS, "veiled", ("bench-linking", ("nobody_has_this",)))
    assert not bench.run(["veiled"], page=tmp_path / "none.md")
    said = capsys.readouterr().err
    assert (
        "veiled is left out, since nobody_has_this is not installed; install the group bench-linking" in said
    )


def test_measurement_runs_in_its_own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "__init__.py").touch()
    (tmp_path / "bench" / "row.py").write_text(Path(bench.__file__).with_name("row.py").read_text())
    (tmp_path / "bench" / "made.py").write_text(
        "from bench.row import Row\nSEEDS, SIZE = (1, 2), 9\nprint('beside')\ndef measure():\n"
        "    print('beside'); return [Row(f'{SEEDS} {SIZE}', '', '', '', '', True)]\n"
    )
    monkeypatch.chdir(tmp_path)
    assert bench.measure("made", ["SEEDS=101"])[0].what == "(101,) 9"
    assert bench.measure("made", ["SEEDS=3,4", "SIZE=5"])[0].what == "(3, 4) 5"
    with pytest.raises(subprocess.CalledProcessError):
        bench.measure("made", ["SEED=3"])


def test_unknown_measurement_is_wrong_usage() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "nothing"], cwd=bench.PAGE.parents[1], capture_output=True, text=True
    )
    assert ran.returncode == 2
    assert "there is no measurement nothing" in ran.stderr
