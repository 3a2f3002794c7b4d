"""No day is kept from the moment of import, and a test run that passes midnight begins anew with what failed."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLOCKS = {"date.today", "datetime.now", "timezone.now", "timezone.localdate", "time.time"}

# Imports the tests of its first run a day ago.
CLOCK = """
import time
from datetime import timedelta
from pathlib import Path
from tests import midnight

now, ran = time.time, Path("ran")

def pytest_configure(config):
    config.pluginmanager.register(midnight)
    if not ran.exists():
        midnight.BEGAN -= timedelta(days={days})
        time.time = lambda: now() - 86400

def pytest_collection_finish(session):
    ran.touch()
    time.time = now
"""
TESTS = """
from datetime import date
TODAY = date.today()

def test_day():
    assert date.today() == TODAY

def test_other():
    assert {holds}
"""


def at_import(node: ast.AST) -> Iterator[str]:
    """The clocks that are read when a module is imported: in its own lines, those of its classes, and the defaults of functions."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        begun: list[ast.AST] = [*node.decorator_list, node.args]
    elif isinstance(node, ast.Lambda):
        begun = [node.args]
    else:
        begun = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS:
        yield f"line {node.lineno}: {ast.unparse(node)}"
    for each in begun:
        yield from at_import(each)


def test_the_program_reads_no_clock_when_it_is_imported() -> None:
    """A server that was started yesterday would answer with yesterday's day."""
    assert list(at_import(ast.parse("class A:\n    def f(on=date.today()): return date.today()"))) == [
        "line 2: date.today()"
    ]
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if any(f"{clock}(" in text for clock in CLOCKS):
            assert not list(at_import(ast.parse(text))), path


@pytest.mark.parametrize(
    ("days", "holds", "told"),
    [(1, True, "1 failed, 1 passed|1 passed"), (1, False, "2 failed|1 failed, 1 passed"), (0, True, "1 failed, 1 passed")],
)  # fmt: skip
def test_what_failed_runs_again_where_the_day_changed_and_only_there(
    days: int, holds: bool, told: str, tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text(CLOCK.format(days=days), encoding="utf-8")
    (tmp_path / "test_it.py").write_text(TESTS.format(holds=holds), encoding="utf-8")
    alone = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=tmp_path, env=alone, capture_output=True, text=True
    )
    assert "|".join(re.findall(r"^(.*) in [\d.]+s$", done.stdout, re.M)) == told
    assert done.returncode == (0 if told.endswith("|1 passed") else 1)
