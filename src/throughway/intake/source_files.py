"""The files that a path holds: one file, a folder, or a zip that is looked into with care, so that it cannot fill the disk.

Readers of streams take them where they are (`source_files`); the engine reads files of a disk alone, so those of a zip are taken
out for it (`texts_in`).
"""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from throughway.core.refusals import Refused

MOST_ENTRIES = 2_000  # of a zip
MOST_FILES = 200  # of one format
MOST_BYTES = 20 * 1024**3  # of all entries, unpacked
# Unpacked to packed: real XML stays below 50, repeated rows and empty sheets pack smaller. What packs a thousand times smaller was
# made to burst.
RATIO = 200
TABULAR_RATIO, TABULAR_BYTES = 1000, 8 * 1024**3


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


def safe_entries(
    path: Path,
    name: str,
    *,
    code: str,
    ratio: int = RATIO,
    most_bytes: int = MOST_BYTES,
    most_entries: int = MOST_ENTRIES,
) -> list[zipfile.ZipInfo]:
    """The entries of a zip, after a look at its directory alone. Refused where it is damaged or locked, has one name twice, or would
    unpack to far more than any export holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise Refused(f"{name} cannot be opened; export it again.", code=code) from None
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > most_entries or size > most_bytes or size > ratio * max(packed, 1 << 16):
        raise Refused(f"{name} unpacks to more than an export holds; send it in parts.", code="too_large")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(f"{name} is locked with a password; send it without one.", code=code)
    if len({entry.filename for entry in entries}) != len(entries):
        raise Refused(f"{name} is refused: it holds two files of one name; export it again.", code=code)
    return entries


def _entries(path: Path, code: str) -> list[str]:
    """The names of a zip's files."""
    entries = safe_entries(path, path.name, code=code)
    names = [entry.filename for entry in entries if not entry.is_dir()]
    if any(PurePosixPath(n).is_absolute() or ".." in PurePosixPath(n).parts or "\\" in n for n in names):
        raise Refused(
            f"{path.name} is refused: a name in it leads outside of it; export it again.", code=code
        )
    return sorted(name for name in names if not PurePosixPath(name).name.startswith((".", "__MACOSX")))


def texts_in(path: Path, *, ending: str, into: Path) -> Sequence[tuple[str, Path]]:
    """Each file to read with its name: the file itself, or those of a folder or zip with that ending, in order of name."""
    if not path.exists():
        raise Refused(f"There is no file or folder {path.name}; check the path.", code="no_file")
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() == ending)
        return _some([(p.name, p) for p in found], path.name, ending)
    if path.suffix.lower() == ".zip":
        safe_entries(path, path.name, code="wrong_format", ratio=TABULAR_RATIO, most_bytes=TABULAR_BYTES)
        return _some(_unpacked(path, ending=ending, into=into), path.name, ending)
    return [(path.name, path)]


def others_in(path: Path, *, ending: str) -> Sequence[str]:
    """The names of a folder's or zip's files without that ending, which `texts_in` passes over."""
    if path.is_dir():
        names = [p.name for p in path.iterdir() if p.is_file()]
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            entries = [e.filename for e in archive.infolist() if not e.is_dir()]
        names = [e for e in entries if not e.startswith("__MACOSX")]
    else:
        return ()
    return sorted(
        n for n in names if not (n.lower().endswith(ending) or PurePosixPath(n).name.startswith("."))
    )


def _unpacked(path: Path, *, ending: str, into: Path) -> list[tuple[str, Path]]:
    found: dict[str, Path] = {}
    with zipfile.ZipFile(path) as archive:
        for entry in sorted(archive.infolist(), key=lambda e: e.filename):
            name = PurePosixPath(entry.filename.replace("\\", "/")).name
            if entry.is_dir() or not name.lower().endswith(ending) or entry.filename.startswith("__MACOSX"):
                continue
            if name in found:
                raise Refused(f"{path.name} holds two files named {name}; keep one.", code="two_files")
            target = into / f"unpacked-{len(found)}{ending}"
            found[name] = _taken_out(archive, entry, target, path.name)
    return list(found.items())


def _taken_out(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, name: str) -> Path:
    left = entry.file_size
    try:
        with archive.open(entry) as packed, target.open("wb") as plain:
            while chunk := packed.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    raise zipfile.BadZipFile
                plain.write(chunk)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise Refused(f"{name} is damaged; send it again.", code="wrong_format") from None
    return target


def _some(found: list[tuple[str, Path]], name: str, ending: str) -> list[tuple[str, Path]]:
    if not found:
        raise Refused(f"{name} holds no {ending} file; check what was exported.", code="no_file")
    if len(found) > MOST_FILES:
        raise Refused(f"{name} holds more than {MOST_FILES} files; send them in parts.", code="too_large")
    return found
