"""Writes and destroys files so that the result survives a power failure."""

import fcntl
import hashlib
import os
from pathlib import Path
from uuid import uuid4


def fsync_path(path: Path) -> None:
    """Makes a finished file, or the names in a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Writes the whole content under that name, or leaves the old file: temporary name, fsync, rename, fsync."""
    os.replace(_part(path, content, mode), path)
    fsync_path(path.parent)


def create(path: Path, content: bytes, *, mode: int = 0o600) -> bool:
    """Like `write`, for a new name; returns False and changes nothing when the file exists already."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # Uses a lock, not a hard link: a name left by a crash must never share the bytes of a live file, since leftovers are
        # overwritten.
        fcntl.flock(folder, fcntl.LOCK_EX)
        if path.exists():
            return False
        write(path, content, mode=mode)
    finally:
        os.close(folder)
    return True


def replace(path: Path, content: bytes) -> None:
    """Like `write` over a file that is there, and overwrites the bytes that it had."""
    with path.open("r+b") as old:
        write(path, content)
        old.write(bytes(os.fstat(old.fileno()).st_size))
        old.flush()
        os.fsync(old.fileno())


def shred(path: Path) -> bool:
    """Overwrites the bytes in place and removes the name; False when the file did not exist.

    The folder still needs `fsync_path`, once for all files shredded in it.
    """
    try:
        handle = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return False
    with os.fdopen(handle, "wb") as file:
        left = os.fstat(file.fileno()).st_size
        blank = bytes(1 << 20)
        while left > 0:
            left -= file.write(blank[: min(left, len(blank))])
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
    return True


def digest(path: Path) -> str:
    """The file's sha256, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _part(path: Path, content: bytes, mode: int) -> Path:
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return part
