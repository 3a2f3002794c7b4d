"""A folder for names that must lie on a disk for a moment, gone when they are no longer needed."""

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

PREFIX = "throughway-names-"
LOCK = "in-use"


@contextmanager
def private_folder() -> Iterator[Path]:
    """Nobody else may enter it. It is gone at the end, also of a run that is told to stop; what a run left that was killed
    outright, the next one removes."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_left(left)
    made = Path(tempfile.mkdtemp(prefix=PREFIX))
    with (made / LOCK).open("w") as lock, _stopping():
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield made
        finally:
            shutil.rmtree(made)  # while it is locked: no other run takes it for one that was left


def _remove_left(folder: Path) -> None:
    try:
        if folder.lstat().st_uid != os.getuid():
            return
        with (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    except OSError:
        pass  # another run's


@contextmanager
def _stopping() -> Iterator[None]:
    """A word to stop ends the block as an exception does, so that what stands behind it is still done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {word: signal.signal(word, _stop) for word in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for word, usual in before.items():
            signal.signal(word, usual)


def _stop(word: int, _frame: object) -> None:
    sys.exit(128 + word)
