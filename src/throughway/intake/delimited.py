"""Opens a delimited text: checks that it is one, gives a regular one to the engine, and reads an irregular one row by row.

A bad row affects only itself.
"""

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import SourceLayout
from throughway.intake.raw_cells import ColumnHeading, Raw, check_width, sql_text, tidy_headings, write_rows
from throughway.intake.staging import ProblemLog

# A quote that is still open after so many lines is a mistake, not a multi-line cell.
LONGEST_ROW = 1000

csv.field_size_limit(1_000_000)


class Unclosed(Exception):
    """A quote opened and did not close."""


class RewindableLines:
    """Lines that can be pushed back, so that reading continues after the line in which a row broke."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: list[str] = []
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST_ROW:
            raise Unclosed
        line = self._returned.pop() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def start_row(self) -> None:
        self.taken.clear()

    def take_back_all_but_first(self) -> None:
        self._returned.extend(reversed(self.taken[1:]))


def rows_of(
    lines: Iterable[str], *, delimiter: str, quote: str, escape: str | None
) -> Iterator[tuple[int, list[str] | None, str]]:
    """Each row's 1-based number, its cells (None when its quotes are broken) and its first line.

    Blank lines count as rows and have no cells, so that numbers match a spreadsheet or an editor.
    """
    feed = RewindableLines(lines)

    def reader() -> Iterator[list[str]]:
        return csv.reader(
            feed,
            delimiter=delimiter,
            quotechar=quote,
            escapechar=escape,
            doublequote=True,
            strict=True,
            skipinitialspace=True,
        )

    reading, number = reader(), 0
    while True:
        feed.start_row()
        number += 1
        try:
            cells = next(reading)
        except StopIteration:
            return
        except (csv.Error, Unclosed):
            first = feed.taken[0]
            feed.take_back_all_but_first()
            reading = reader()
            yield number, None, first
            continue
        yield number, cells, feed.taken[0] if feed.taken else ""


CHUNK = 4 << 20
LONGEST_LINE = 16 << 20  # bytes

# File types by their first bytes, in the words of the refusal.
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<?xml", "an XML document"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
)


class Traits:
    """Properties found by scanning the bytes of a file."""

    def __init__(self, path: Path) -> None:
        self.encoding: str | None = None  # by the byte order mark
        self.ascii = True
        self.blank_lines = False
        self.bare_returns = False
        self.nul = False
        self.backslashes = False
        self.longest_line_exceeded = False
        self._look(path)

    def _look(self, path: Path) -> None:
        since_break, previous = 0, b"\n"
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                if self.encoding is None and previous == b"\n" and since_break == 0:
                    self.encoding = _mark(chunk) or ""
                    if self.encoding == "utf-8-sig":
                        chunk = chunk[3:] or b" "
                seam = previous + chunk
                self.ascii = self.ascii and chunk.isascii()
                self.nul = self.nul or b"\0" in chunk
                self.backslashes = self.backslashes or b"\\" in chunk
                self.blank_lines = self.blank_lines or b"\n\n" in seam or b"\n\r\n" in seam
                self.bare_returns = self.bare_returns or _bare_return(seam)
                last = chunk.rfind(b"\n")
                since_break = since_break + len(chunk) if last < 0 else len(chunk) - last - 1
                if since_break > LONGEST_LINE:
                    self.longest_line_exceeded = True
                    return
                previous = seam[-2:]
        self.encoding = self.encoding or None


def _mark(start: bytes) -> str | None:
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


def _bare_return(seam: bytes) -> bool:
    return b"\r" in seam and seam.count(b"\r") != seam.count(b"\r\n") + seam.endswith(b"\r")


def check_text(path: Path, name: str) -> None:
    """Refuses a file that is clearly not delimited text."""
    with path.open("rb") as file:
        start = file.read(512)
    if not start.strip():
        raise Refused(f"{name} is empty; export it again.", code="empty_file")
    for magic, what in MAGIC:
        if start.startswith(magic):
            raise Refused(
                f"{name} is {what}, not a CSV text; give its own --format or export it as CSV.",
                code="wrong_format",
            )


@dataclass(frozen=True)
class Delimited:
    """A delimited text that passed the checks.

    `plain` is set when the engine can probably read the file itself: UTF-8, every row as wide as the headings. Where it then cannot,
    or where the file is irregular, `straightened` reads and repairs it row by row.
    """

    plain: Raw | None
    straightened: Callable[[], Raw]


def open_delimited(path: Path, source: SourceLayout, *, name: str, into: Path, log: ProblemLog) -> Delimited:
    """Scans the file; Refused when it is not a delimited text, or has no headings in the expected row."""
    check_text(path, name)
    traits = Traits(path)
    if traits.longest_line_exceeded:
        raise Refused(
            f"{name} has no line breaks where a CSV has them; export it again.", code="wrong_format"
        )
    encoding = (traits.encoding or source.encoding).lower()
    if traits.nul and not encoding.startswith("utf-16"):
        raise Refused(f"{name} is binary, not a CSV text; export it as CSV.", code="wrong_format")
    # UTF-8 is read with or without a byte order mark.
    source = source.model_copy(update={"encoding": "utf-8-sig" if encoding == "utf-8" else encoding})
    headings, plain = _headings(path, source, name=name, traits=traits)
    return Delimited(
        _for_engine(path, source, name=name, headings=headings) if plain else None,
        lambda: _straightened(
            path, source, name=name, headings=headings, into=into, log=log, backslashes=traits.backslashes
        ),
    )


def _headings(
    path: Path, source: SourceLayout, *, name: str, traits: Traits
) -> tuple[tuple[ColumnHeading, ...], bool]:
    """The headings, and whether the rest of the file is regular enough for the engine."""
    plain = not (traits.blank_lines or traits.bare_returns)
    plain = plain and not traits.nul and (traits.ascii or source.encoding.startswith("utf-8"))
    line = 0
    for number, cells, _ in _rows(path, source, name, escape=source.escape):
        line = number
        if number == max(source.header_row, 1):
            check_width(len(cells or ()), name)
        if source.header_row == 0 and cells:
            return tuple(ColumnHeading(str(n + 1)) for n in range(len(cells))), plain
        if number == source.header_row:
            if not cells:
                raise Refused(
                    f"Row {number} of {name} should hold the headings, but it cannot be read.",
                    code="headings",
                )
            return tidy_headings(cells), plain and source.header_row == 1 and not _many_lines(cells)
        if number > max(source.header_row, 1):
            break
    raise Refused(
        f"{name} has {line} rows, so there is no row {source.header_row}, where the crosswalk expects the "
        f"headings.",
        code="headings",
    )


def _many_lines(cells: list[str]) -> bool:
    return any("\n" in cell or "\r" in cell for cell in cells)


def _for_engine(path: Path, source: SourceLayout, *, name: str, headings: tuple[ColumnHeading, ...]) -> Raw:
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(headings)))
    skip = source.header_row
    relation = (
        f"read_csv({sql_text(str(path))}, auto_detect=false, header=false, skip={skip}, columns={{{columns}}}, "
        f"delim={sql_text(source.delimiter)}, quote={sql_text(source.quote)}, "
        f"escape={sql_text(source.escape or source.quote)}, strict_mode=true, null_padding=false)"
    )
    return Raw(name, headings, relation, first_row=skip + 1, numbered=False)


def _straightened(
    path: Path,
    source: SourceLayout,
    *,
    name: str,
    headings: tuple[ColumnHeading, ...],
    into: Path,
    log: ProblemLog,
    backslashes: bool,
) -> Raw:
    escape = source.escape
    if escape is None and backslashes:
        escape = _escape_seen(path, source, name=name, width=len(headings))

    def body() -> Iterator[tuple[int, list[str] | None]]:
        for number, cells, _ in _rows(path, source, name, escape=escape):
            if number > source.header_row:
                yield number, cells

    return write_rows(body(), headings=headings, to=into, file=name, log=log)


def _escape_seen(path: Path, source: SourceLayout, *, name: str, width: int) -> str | None:
    """A backslash, when a row is not valid with doubled quotes but is with backslash-escaped ones."""
    for _, cells, line in _rows(path, source, name, escape=None):
        if cells is not None or "\\" not in line:
            continue
        again = list(rows_of([line], delimiter=source.delimiter, quote=source.quote, escape="\\"))
        if len(again) == 1 and again[0][1] is not None and len(again[0][1]) == width:
            return "\\"
    return None


def _rows(
    path: Path, source: SourceLayout, name: str, *, escape: str | None
) -> Iterator[tuple[int, list[str] | None, str]]:
    number = 0
    with path.open(encoding=source.encoding, newline="") as lines:
        try:
            for number, cells, line in rows_of(
                lines, delimiter=source.delimiter, quote=source.quote, escape=escape
            ):
                yield number, cells, line
        except UnicodeError:
            raise Refused(
                f"{name} is not written in {source.encoding.removesuffix('-sig')}: a character near row {number + 1} cannot be read;"
                " state its encoding in the crosswalk (source.encoding).",
                code="encoding",
            ) from None
