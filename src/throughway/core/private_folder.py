"""A folder in the system's place for temporary files, for content that nobody else may read and that no ended process may leave there."""

import fcntl
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "throughway-private-"
LOCK = "in-use"


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for files about students, which only its owner may enter. It is removed at the end, also when the process is told to stop;
    the folder of a killed process is removed by the next run, and by a served site within minutes."""
    remove_abandoned()
    made = Path(tempfile.mkdtemp(prefix=PREFIX))
    with (made / LOCK).open("w") as lock, _stops_as_exception():
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield made
        finally:
            shutil.rmtree(made)  # while it is locked, so that no other run takes it for an abandoned one


def remove_abandoned() -> None:
    """Removes the folders of this user's processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_unless_used(folder)


def _remove_unless_used(folder: Path) -> None:
    try:
        if folder.lstat().st_uid != os.getuid():
            return
        with (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    except OSError:
        pass  # it belongs to another run


@contextmanager
def _stops_as_exception() -> Iterator[None]:
    """A signal to stop ends the block as an exception does, so that `finally` clauses run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)
