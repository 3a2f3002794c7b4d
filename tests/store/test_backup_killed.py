"""A backup that is killed leaves a copy of the database beside its archive until the next one, and no longer."""

import signal
from pathlib import Path

from tests.town import Town

KILLED = """
import os, signal
from pathlib import Path
from throughway.partners import OPERATOR
from throughway.store.actions import backup

dump = backup.dump

def dump_and_die(work):
    dump(work)
    os.kill(os.getpid(), signal.SIGKILL)

backup.dump = dump_and_die
backup.back_up(data=Path("DATA"), keys=Path("KEYS"), by=OPERATOR)
"""


def test_the_next_backup_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    town = Town(tmp_path / "town")
    town.ask("init", town.root)
    place = tmp_path / "archives"
    place.mkdir()
    data, keys = place / "data.tgz", place / "keys.tgz"
    with town.python(KILLED.replace("DATA", str(data)).replace("KEYS", str(keys))) as killed:
        killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert list(place.rglob("*.sqlite3"))
    town.ask("backup", data, keys)
    assert sorted(path.name for path in place.iterdir()) == ["data.tgz", "keys.tgz"]
