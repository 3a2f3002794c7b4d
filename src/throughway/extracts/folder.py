"""A folder of files that appears whole or not at all, also when the process is killed or the disk is full."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from throughway.core.refusals import Refused

BYTES_AT_ONCE = 1 << 20


def check(out: Path, community: Path) -> None:
    """Refused unless `out` is not there yet, or an empty folder, in a folder that can be written to and is none of the
    community's: what is destroyed there must not stay beside it."""
    if out.resolve().is_relative_to(community.resolve()):
        raise Refused(
            "An extract leaves the platform; name a folder outside of the community's own.", code="out"
        )
    if out.is_symlink() or (out.exists() and not out.is_dir()) or (out.is_dir() and any(out.iterdir())):
        raise Refused(
            "Something is there already where the extract is to go; name a folder that is not there yet.",
            code="out",
        )
    if not out.parent.is_dir() or not os.access(out.parent, os.W_OK | os.X_OK):
        raise Refused(
            "The folder in which the extract is to lie is not there or cannot be written to; make it first.",
            code="out",
        )


@contextmanager
def hidden_until_complete(out: Path) -> Iterator[Path]:
    """A hidden folder beside `out`, to be filled; it gets its name when all of it rests on the disk. Nothing stays of it where
    the block fails, and what a killed process left goes with the next one."""
    _sweep(out)
    partial = out.parent / f".{out.name}.{os.getpid()}.partial"
    partial.mkdir(mode=0o700)
    try:
        yield partial
        for path in sorted(partial.rglob("*")):
            _to_disk(path)
        _to_disk(partial)
        os.rename(partial, out)  # takes the place of an empty folder, never of a full one
        _to_disk(out.parent)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _sweep(out: Path) -> None:
    for left in out.parent.glob(f".{out.name}.*.partial"):
        number = left.name.removesuffix(".partial").rpartition(".")[2]
        if number.isdigit() and not _runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return process != os.getpid()


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def digest(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal."""
    found = sha256()
    with path.open("rb") as file:
        while part := file.read(BYTES_AT_ONCE):
            found.update(part)
    return found.hexdigest()
