"""A real process that is killed while it writes an extract: no folder appears, and what it left goes with the next one."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate.test_beside_each_other import STATE
from tests.town import Fresh, Town

SETTLE = """
from tests.extracts import making
making.town("study-a")
"""
EXTRACT = """
import os, signal
from pathlib import Path
from throughway.extracts import actions, files
from throughway.partners.selectors import actor
write = files.write_tables

def die(folder, tables):
    write(folder, tables)
    os.kill(os.getpid(), signal.SIGKILL)

files.write_tables = die
actions.extract(agreement="study-a", out=Path("OUT"), by=actor("evaluator@hub.example"))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Town]:
    with fresh_database() as database:
        place = Town(tmp_path_factory.mktemp("killed") / "town", database)
        place.found()
        place.said(SETTLE)
        yield place


def test_a_killed_extract_is_not_there_and_the_next_one_is_whole(place: Town, tmp_path: Path) -> None:
    out = tmp_path / "out"
    place.said(EXTRACT.replace("OUT", str(out)), ends=-signal.SIGKILL)
    assert not out.exists()
    assert [path.name.endswith(".partial") for path in tmp_path.iterdir()] == [True]
    assert place.said(STATE).split() == ["1", "0"]  # its entry stands, in a ledger that holds
    done = place.ask("extract", "--dul", "study-a", "--out", out, "--as", "evaluator@hub.example")
    assert done["folder"] == str(out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert os.stat(out).st_mode & 0o077 == 0
