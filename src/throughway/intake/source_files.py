"""The files that a path holds: one file, a folder, or a zip that is looked into with care."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from throughway.core.refusals import Refused

ENTRIES = 2_000
BYTES = 20 * 1024**3  # of all entries, unpacked
RATIO = 200  # unpacked to packed: real XML stays below 50


@dataclass(frozen=True)
class SourceFile:
    """A file to read: `name` is how messages call it, below the path that was given."""

    name: str
    path: Path
    entry: str = ""  # within the zip at `path`

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        if not self.entry:
            with self.path.open("rb") as file:
                yield file
            return
        with zipfile.ZipFile(self.path) as archive, archive.open(self.entry) as file:
            yield file


def source_files(
    path: Path, suffixes: tuple[str, ...], *, code: str, what: str
) -> tuple[list[SourceFile], list[str]]:
    """The files with those suffixes at a path, and the names of the others beside them; Refused where there are none.

    A single file is taken whatever its name: its content decides. `what` says in words what is looked for.
    """
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        names = [(str(p.relative_to(path)), p, "") for p in found]
    elif zipfile.is_zipfile(path):
        names = [(entry, path, entry) for entry in _entries(path, code)]
    elif path.is_file():
        return [SourceFile(path.name, path)], []
    else:
        raise Refused(f"{path.name} is not there: give the path of a file, a folder or a zip.", code=code)
    wanted = [SourceFile(name, at, entry) for name, at, entry in names if name.lower().endswith(suffixes)]
    if not wanted:
        raise Refused(
            f"{path.name} holds no {what}: give the file, folder or zip that the system exported.", code=code
        )
    kept = {file.name for file in wanted}
    return wanted, [name for name, _, _ in names if name not in kept]


def _entries(path: Path, code: str) -> list[str]:
    """The names of a zip's files, after a look at its directory alone; Refused where it is broken or a bomb."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError):
        raise Refused(f"{path.name} is a damaged zip file: export it again.", code=code) from None
    names = [entry.filename for entry in entries]
    said = f"{path.name} is refused:"
    if len(entries) > ENTRIES:
        raise Refused(f"{said} it holds more than {ENTRIES} files; send it in parts.", code=code)
    if len(set(names)) != len(names):
        raise Refused(f"{said} it holds two files of one name; export it again.", code=code)
    if any(PurePosixPath(n).is_absolute() or ".." in PurePosixPath(n).parts or "\\" in n for n in names):
        raise Refused(f"{said} a name in it leads outside of it; export it again.", code=code)
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Refused(f"{said} it has a password; send it without one.", code=code)
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if size > BYTES or size > RATIO * max(packed, 64 * 1024):
        raise Refused(f"{said} it unpacks to far more than its size; send the folder instead.", code=code)
    return sorted(name for name in names if not PurePosixPath(name).name.startswith((".", "__MACOSX")))
