"""Locks on paths that end with the process that made them, however it ends.

A lock is an advisory lock (flock) on an open file or folder: the kernel releases it when its process ends, so no clock or process id
is needed.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from throughway.core.refusals import Refused


@contextmanager
def folder(within: Path) -> Iterator[Path]:
    """A new folder of this process's own, removed at the end; `clear` removes it after a crash."""
    path, handle = _claim(within, of_folder=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


@contextmanager
def note(within: Path) -> Iterator[Callable[[str], None]]:
    """A new small file of this process's own; yields a function that writes its text."""
    path, handle = _claim(within, of_folder=False)
    try:
        yield lambda text: _say(handle, text)
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def claimed(within: Path) -> list[Path]:
    """Paths in the folder locked by running processes, after removing the others (`clear`)."""
    return _sort_out(within, remove=True)[0]


def clear(within: Path) -> int:
    """Removes paths in the folder that no running process has locked; returns the number."""
    return len(_sort_out(within, remove=True)[1])


def unclaimed(within: Path) -> list[Path]:
    """Paths in the folder that no running process has locked; changes nothing."""
    return _sort_out(within, remove=False)[1]


@contextmanager
def turn(path: Path, *, alone: bool, patience: float) -> Iterator[bool]:
    """Holds the lock at `path`, shared or exclusive. Yields False when it was not free within `patience` seconds."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _wait(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH, patience)
    finally:
        os.close(handle)


@contextmanager
def alone(path: Path, *, patience: float, busy: str) -> Iterator[None]:
    """Holds the lock at `path` exclusively; Refused (busy) with this message when it was not free in time.

    Waiting processes queue at a second lock, so that one that takes the lock repeatedly does not starve the others.
    """
    with ExitStack() as held:
        with turn(path.with_name(f"{path.name}.door"), alone=True, patience=patience) as first:
            granted = first and held.enter_context(turn(path, alone=True, patience=patience))
        if not granted:
            raise Refused(busy, code="busy")
        yield


def _claim(within: Path, *, of_folder: bool) -> tuple[Path, int]:
    within.mkdir(mode=0o700, exist_ok=True)
    while True:
        path = within / uuid4().hex
        if of_folder:
            path.mkdir(mode=0o700)
        flags = os.O_RDONLY if of_folder else os.O_RDWR | os.O_CREAT | os.O_EXCL
        try:
            handle = os.open(path, flags, 0o600)
        except FileNotFoundError:
            continue  # swept between making and opening it
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(handle), path.stat()):
                return path, handle
        except FileNotFoundError:
            pass  # swept between opening and claiming it
        os.close(handle)


def _sort_out(within: Path, *, remove: bool) -> tuple[list[Path], list[Path]]:
    claimed, unclaimed = [], []
    for path in sorted(within.iterdir()) if within.is_dir() else ():
        try:
            handle = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            continue  # its owner has just released it
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            claimed.append(path)
        else:
            unclaimed.append(path)
            if remove:  # while locked: whoever has made it but not locked it yet will see that it was removed
                _remove(path)
        finally:
            os.close(handle)
    return claimed, unclaimed


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _say(handle: int, text: str) -> None:
    os.pwrite(handle, text.encode(), 0)


def _wait(handle: int, kind: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.01)
        else:
            return True
