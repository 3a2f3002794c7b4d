"""The files at a path: one file, a folder, or a zip, which is checked before unpacking so that it cannot fill the disk."""

import codecs
import csv
import io
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO

from throughway.core.refusals import Refused

MOST_ENTRIES = 2_000  # of a zip
MOST_TABLES = 200  # files of plain tables
MOST_BYTES, MOST_TABULAR = 20 * 1024**3, 8 * 1024**3  # of all entries, unpacked
DELIMITERS = (",", ";", "\t")  # that spreadsheets write
# Unpacked size over packed size. Attendance in which all are present packs to a 20th, lines of nothing but delimiters to a 75th, XML to a
# 50th; what packs to less is made to fill a disk. Sizes in bytes that do no harm whatever the ratio: columns of fixed positions, mostly
# blanks, pack to a 300th.
RATIO = 200
HARMLESS, HARMLESS_TABULAR = 13 * 1024**2, 64 * 1024**2


@dataclass(frozen=True)
class SourceFile:
    """A file to read. `name`: its path below the given path, for messages."""

    name: str
    path: Path
    entry: str = ""  # within the zip at `path`

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        if not self.entry:
            with self.path.open("rb") as file:
                yield file
            return
        with opened_entry(self.path, self.entry) as file:
            yield file

    def csv_rows(self, *, code: str, cure: str) -> Generator[tuple[int, list[str]]]:
        """Of a CSV text, the cells of each row that is not blank, without spaces around them, and the number of its last line; the
        headings come first. Spreadsheets that save such a file again may change its encoding and delimiter, so both are recognized.
        Refused, with the cure, where it is no such text."""
        encoding = self._encoding()
        with self.open() as stream:
            lines = io.TextIOWrapper(stream, encoding=encoding, newline="")
            try:
                first = next(lines, "")
                delimiter = max(DELIMITERS, key=first.count)
                rows = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
                for cells in rows:
                    if any(cells):
                        yield rows.line_num, [cell.strip() for cell in cells]
            except (csv.Error, UnicodeDecodeError):
                raise Refused(f"{self.name} is not a CSV text; {cure}.", code=code) from None

    def _encoding(self) -> str:
        """UTF-16 by its mark, UTF-8 where the whole text is, else Windows-1252."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        with self.open() as stream:
            start = stream.read(2)
            if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return "utf-16"
            try:
                decoder.decode(start)
                while chunk := stream.read(1 << 20):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return "cp1252"
        return "utf-8-sig"

    def on_disk(self, target: Path) -> Path:
        """The file itself, or its content in the zip, unpacked to `target`."""
        if not self.entry:
            return self.path
        with self.open() as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        return target


def stamp(path: Path) -> list[tuple[str | int, ...]]:
    """What tells that the file, or one in the folder, changed: its place on the disk, its size in bytes, and the moments of its last
    change, of which a copy may keep the first as it was."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    found = [(str(file), file.stat()) for file in files if file.is_file()]
    return [(name, it.st_ino, it.st_size, it.st_mtime_ns, it.st_ctime_ns) for name, it in found]


@contextmanager
def opened_entry(path: Path, entry: str) -> Iterator[IO[bytes]]:
    """A file of a zip; Refused where the zip turns out to be damaged, at its opening or later."""
    damaged = Refused(f"{path.name} is damaged; send it again.", code="wrong_format")
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(path))
            file = opened.enter_context(archive.open(entry))
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
            raise damaged from None
        try:
            yield file
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise damaged from None


def source_files(
    path: Path, suffixes: tuple[str, ...], *, code: str, what: str, tabular: bool = False
) -> tuple[list[SourceFile], list[str]]:
    """The files with those suffixes at a path, and the names of all other files; Refused if there are none.

    A single file is accepted under any name, because its content decides. `what`: the kind of file in words. `tabular`: plain tables,
    which pack smaller than other files; a workbook is itself a zip.
    """
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        names = [(str(p.relative_to(path)), p, "") for p in found]
    elif path.suffix.lower() == ".zip" if tabular else zipfile.is_zipfile(path):
        names = [(entry, path, entry) for entry in _entries(path, code, tabular)]
    elif path.is_file():
        return [SourceFile(path.name, path)], []
    else:
        raise Refused(f"{path.name} does not exist: give the path of a file, a folder or a zip.", code=code)
    wanted = [SourceFile(name, at, entry) for name, at, entry in names if name.lower().endswith(suffixes)]
    if not wanted:
        raise Refused(
            f"{path.name} holds no {what}: give the file, folder or zip that the system exported.", code=code
        )
    if tabular and len(wanted) > MOST_TABLES:
        raise Refused(
            f"{path.name} holds more than {MOST_TABLES} files; send them in parts.", code="too_large"
        )
    kept = {file.name for file in wanted}
    return wanted, [name for name, _, _ in names if name not in kept]


def safe_entries(
    path: Path,
    name: str,
    *,
    code: str,
    tabular: bool = False,
    most_bytes: int = MOST_BYTES,
    most_entries: int = MOST_ENTRIES,
) -> list[zipfile.ZipInfo]:
    """The entries of a zip, from its directory alone. Refused if it is damaged or locked, repeats a name, or would unpack to far more than
    any export. `tabular`: as of `source_files`."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        raise Refused(f"{name} cannot be opened; export it again.", code=code) from None
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    most, harmless = (MOST_TABULAR, HARMLESS_TABULAR) if tabular else (most_bytes, HARMLESS)
    if len(entries) > most_entries or size > min(most, max(harmless, RATIO * packed)):
        raise Refused(f"{name} is too large when unpacked; send it in parts.", code="too_large")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(f"{name} is locked with a password; send it without one.", code=code)
    if len({entry.filename for entry in entries}) != len(entries):
        raise Refused(
            f"{name} is refused: it holds two files with the same name; export it again.", code=code
        )
    return entries


def _entries(path: Path, code: str, tabular: bool) -> list[str]:
    """The names of a zip's files."""
    entries = safe_entries(path, path.name, code=code, tabular=tabular)
    names = [entry.filename for entry in entries if not entry.is_dir()]
    paths = [PurePosixPath(name.replace("\\", "/")) for name in names]
    if any(each.is_absolute() or ".." in each.parts for each in paths):
        raise Refused(
            f"{path.name} is refused: it contains a path that leads outside of it; export it again.",
            code=code,
        )
    hidden = {
        n
        for n, each in zip(names, paths, strict=True)
        if each.name.startswith(".") or "__MACOSX" in each.parts
    }
    return sorted(set(names) - hidden)
