"""A command's process ends with its own exit code and all its output, whatever native threads are doing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.town import Town
from throughway.store import Community

# Threads of Arrow that give back Python's memory while the command ends; without `leaving` about one in six aborts.
READING = """
import sys, threading, time
import pyarrow as pa, pyarrow.parquet as pq
from throughway.cli.process_exit import leaving

sink = pa.BufferOutputStream()
pq.write_table(pa.table({f"c{i}": [str(j) for j in range(2000)] for i in range(30)}), sink)
content = bytes(sink.getvalue())

def read():
    while True:
        pq.read_table(pa.BufferReader(content))

def command():
    for _ in range(3):
        threading.Thread(target=read, daemon=True).start()
    time.sleep(0.2)
    print("told")
    sys.exit(3)

leaving(command)
"""


def ended(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], text=True, capture_output=True, timeout=60, check=False
    )


def test_reading_threads_do_not_abort_the_exit() -> None:
    for _ in range(3):
        done = ended(READING)
        assert (done.returncode, done.stdout, done.stderr) == (3, "told\n", "")


@pytest.mark.parametrize(
    ("command", "code", "out", "err"),
    [
        ("print('a')", 0, "a\n", ""),
        ("sys.exit()", 0, "", ""),
        ("sys.exit(1)", 1, "", ""),
        ("sys.exit('Refused.')", 1, "", "Refused.\n"),
        ("atexit.register(print, 'cleaned')", 0, "cleaned\n", ""),
        ("threading.Thread(target=lambda: (time.sleep(0.2), print('late'))).start()", 0, "late\n", ""),
    ],
)
def test_exit_keeps_code_output_and_clean_up(command: str, code: int, out: str, err: str) -> None:
    done = ended(
        "import atexit, sys, threading, time\nfrom throughway.cli.process_exit import leaving\n"
        f"leaving(lambda: {command})"
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, out, err)


def test_interpreter_is_not_torn_down() -> None:
    """What a module holds is taken apart when Python ends by itself; here it never is, whatever threads do."""
    held = "class Held:\n    def __del__(self): print('dismantled', flush=True)\nheld = Held()\n"
    assert ended(held).stdout == "dismantled\n"
    assert (
        ended(f"{held}from throughway.cli.process_exit import leaving\nleaving(lambda: print('told'))").stdout
        == "told\n"
    )


def test_unexpected_error_shows_its_traceback() -> None:
    done = ended("from throughway.cli.process_exit import leaving\nleaving(lambda: 1 / 0)")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_unwritten_output_fails() -> None:
    with open("/dev/full", "w") as full:
        code = "from throughway.cli.process_exit import leaving\nleaving(lambda: print('told'))"
        done = subprocess.run([sys.executable, "-c", code], stdout=full, timeout=60, check=False)
    assert done.returncode > 0


def test_database_is_left_as_one_file(tmp_path: Path) -> None:
    """Its log beside it is folded in, so that a copy of the file alone is whole."""
    town = Town(tmp_path / "town")
    town.ask("init", town.root)
    assert [path.name for path in Community(town.root).database.parent.glob("*-wal")] == []
