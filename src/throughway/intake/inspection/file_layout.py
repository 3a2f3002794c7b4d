"""How a file is written, by its content alone: its format, and for a table its encoding, delimiter and row of headings."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import SourceLayout
from throughway.intake.delimited import MAGIC, Traits
from throughway.intake.formats import ZIPPED
from throughway.intake.inspection.column_profile import date_forms
from throughway.intake.nsc import folded, layout
from throughway.intake.source_files import DELIMITERS as SAVED_WITH
from throughway.intake.source_files import opened_entry, safe_entries
from throughway.intake.value_parsing import DECIMAL

DELIMITERS = (",", "\t", ";", "|", "^", "~")
BEGINNING = 1 << 18  # bytes at the start by which a text is judged
LINES = 200
TITLES = 20  # rows above the headings, at most
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
FIXED_WIDTH = "fixed-width"  # text in columns of fixed positions, which no reader loads
HMIS_FILES = {f"{name}.csv" for name in ("export", "organization", "project", "client", "enrollment", "exit")}
HSDS_FILES = {
    "organization.csv",
    "service.csv",
    "service_at_location.csv",
}  # programs have a services.csv of their own


@dataclass(frozen=True)
class DelimitedLayout:
    """`source`: as a crosswalk says it. `spans`: of a text in columns of fixed positions, where each column begins and ends."""

    source: SourceLayout
    spans: tuple[tuple[int, int | None], ...] = ()
    titles: int = 0  # rows above the headings


def format_of(path: Path) -> str:
    """The format of a file, zip or folder: one of `formats.FORMATS`, or FIXED_WIDTH. Refused when it is none of them."""
    if path.is_dir():
        return _of_names(path, [str(p.relative_to(path)) for p in path.rglob("*") if p.is_file()])
    if not path.is_file():
        raise Refused(f"No file or folder {path.name} exists there; check the path.", code="no_file")
    with path.open("rb") as file:
        start = file.read(BEGINNING)
    if not start.strip():
        raise Refused(f"{path.name} is empty; export it again.", code="empty_file")
    if start.startswith(OLD_WORKBOOK):
        raise Refused(
            f"{path.name} is an old Excel workbook, or one that is locked with a password; save it as .xlsx without a password.",
            code="wrong_format",
        )
    if start.startswith(ZIPPED):
        names = [entry.filename for entry in safe_entries(path, path.name, code="wrong_format", tabular=True)]
        return "xlsx" if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names) else _of_names(path, names)  # fmt: skip
    return _of_text(path, start)


def _of_names(path: Path, names: Sequence[str]) -> str:
    """The format of a folder or zip, by the names of its files, then by the headings of the first table."""
    files = {PurePosixPath(name.replace("\\", "/")).name.lower() for name in names}
    suffixes = {PurePosixPath(name).suffix for name in files}
    if "manifest.csv" in files:
        return "oneroster"
    if files >= HMIS_FILES:
        return "hmis"
    if files >= HSDS_FILES or "datapackage.json" in files:
        return "hsds"
    for suffix, format in ((".xml", "edfi-xml"), (".jsonl", "edfi-jsonl"), (".ndjson", "edfi-jsonl"), (".xlsx", "xlsx")):  # fmt: skip
        if suffix in suffixes:
            return format
    tables = sorted(name for name in names if name.lower().endswith((".csv", ".txt")))
    if not tables:
        raise Refused(
            f"{path.name} holds no file that can be read (.csv, .txt, .xlsx, .xml or .jsonl); give the file that the system exported.",
            code="wrong_format",
        )
    return "nsc" if _is_clearinghouse(_beginning_in(path, tables[0])) else "csv"


def _beginning_in(path: Path, name: str) -> bytes:
    if path.is_dir():
        with (path / name).open("rb") as file:
            return file.read(BEGINNING)
    with opened_entry(path, name) as packed:
        return packed.read(BEGINNING)


def _of_text(path: Path, start: bytes) -> str:
    text = start.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if text.startswith(("<?xml", "<")) and re.search(r"<(\w+:)?Interchange", text[:4096]):
        return "edfi-xml"
    if text.startswith("<?xml") and not re.search(r"<html", text[:4096], re.IGNORECASE):
        return "edfi-xml"  # its reader says what is wrong
    if text.startswith(("{", "[")):
        return "hsds" if _is_directory(text) else "edfi-jsonl"
    for magic, what in MAGIC:
        if start.startswith(magic):
            cure = "unpack it first" if "gzip" in what else "export the records as CSV or Excel"
            raise Refused(f"{path.name} is {what}; {cure}.", code="wrong_format")
    return "nsc" if _is_clearinghouse(start) else "csv"


def _is_directory(text: str) -> bool:
    return (
        bool(re.search(r'"(services|organization|organizations)"\s*:', text))
        and '"studentUniqueId"' not in text
    )


def _is_clearinghouse(start: bytes) -> bool:
    first = next(iter(start.decode("utf-8-sig", "replace").splitlines()), "")
    delimiter = max(SAVED_WITH, key=first.count)
    headings = {folded(cell) for cell in next(csv.reader([first], delimiter=delimiter), [])}
    return all(folded(name) in headings for name in layout()["required"])


def delimited_layout(path: Path, name: str) -> DelimitedLayout:
    """The encoding, the delimiter, the quote and the row of headings of a text; Refused for a text in two encodings."""
    encoding = encoding_of(path, name)
    with path.open("rb") as file:
        start = file.read(BEGINNING)
    lines = _lines(start, encoding)
    delimiter, width = _delimiter(lines)
    if width < 2 and (spans := fixed_spans(lines)):
        return DelimitedLayout(SourceLayout(format="csv", encoding=encoding, header_row=1), spans)
    quote = _quote(lines, delimiter)
    rows = list(csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True))
    at = heading_row(rows)
    source = SourceLayout(format="csv", encoding=encoding, delimiter=delimiter, header_row=at, quote=quote)
    return DelimitedLayout(source, titles=max(at - 1, 0))


def _lines(start: bytes, encoding: str) -> list[str]:
    """The first lines; the last of a longer text, which may be cut off, is left out."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    lines = io.StringIO(decoder.decode(start), newline="").read().lstrip("\ufeff").splitlines()
    return (lines[:-1] if len(start) == BEGINNING and len(lines) > 1 else lines)[:LINES]


def encoding_of(path: Path, name: str) -> str:
    """utf-8 where the whole text is; utf-16 by its mark or its zero bytes; else Windows-1252. Refused where UTF-8 and another are mixed."""
    traits = Traits(path)
    if traits.longest_line_exceeded:
        raise Refused(
            f"{name} has no line breaks where a CSV has them; export it again.", code="wrong_format"
        )
    if traits.encoding:
        return "utf-8" if traits.encoding == "utf-8-sig" else traits.encoding
    if traits.nul:
        with path.open("rb") as file:
            start = file.read(4096)
        if start[1::2].count(0) > 0.7 * len(start[1::2]):
            return "utf-16-le"
        if start[0::2].count(0) > 0.7 * len(start[0::2]):
            return "utf-16-be"
        raise Refused(f"{name} is binary, not a CSV text; export it as CSV.", code="wrong_format")
    if traits.ascii:
        return "utf-8"
    row = as_utf8 = 0
    broken = 0
    with path.open("rb") as file:
        for row, line in enumerate(file, start=1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                as_utf8 += 1
            except UnicodeDecodeError:
                broken = broken or row
    if not broken:
        return "utf-8"
    if as_utf8:
        raise Refused(
            f"{name} mixes two encodings: row {broken} is not UTF-8, though other rows are; export it again as UTF-8.",
            code="encoding",
        )
    return "cp1252"


def _delimiter(lines: Sequence[str]) -> tuple[str, int]:
    """The character that splits most rows into the same number of cells, and that number."""
    best = (0.0, 1, ",")
    for delimiter in DELIMITERS:
        try:
            widths = Counter(
                len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row
            )
        except csv.Error:
            continue
        wide = {width: n for width, n in widths.items() if width > 1}
        if not wide:
            continue
        width, rows = max(wide.items(), key=lambda item: (item[1], item[0]))
        share = rows / sum(widths.values())
        best = max(best, (round(share, 2) * (1 if delimiter in ",\t;|" else 0.9), width, delimiter))
    return (best[2], best[1]) if best[0] >= 0.3 else (",", 1)


def _quote(lines: Sequence[str], delimiter: str) -> str:
    """A single quote where the rows below the headings use it."""
    below = [cell.strip() for line in lines[1:] for cell in line.split(delimiter)]
    single = sum(len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in below)
    double = sum(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in below)
    return "'" if single > double and single > 0.3 * len(below) else '"'


def heading_row(rows: Sequence[Sequence[object]]) -> int:
    """The number of the row with the headings among the first rows: the first one that is as wide as most and holds words; 0 where every row
    holds values."""
    texts = [["" if cell is None else str(cell).strip() for cell in row] for row in rows]
    filled = [sum(bool(cell) for cell in row) for row in texts]
    usual = Counter(n for n in filled if n).most_common(1)
    wide = max(usual[0][0], 0.6 * max(filled)) if usual else 0
    for number, (row, cells) in enumerate(zip(texts[:TITLES], filled, strict=False), start=1):
        if cells and cells >= 0.6 * wide and (cells > 1 or wide <= 1):
            return number if _are_headings([cell for cell in row if cell]) else 0 if number == 1 else number
    return 1


def _are_headings(cells: Sequence[str]) -> bool:
    """Whether the cells are names of columns. Some headings are days; a row of values has numbers, or a day where headings have words."""
    values = sum(_is_value(cell) for cell in cells)
    days = sum(date_forms({cell: 1}) is not None for cell in cells)
    return (
        values - days <= 0.2 * len(cells) and (not days or (not _is_value(cells[0]) and days > 2))
    ) or not values


def _is_value(cell: str) -> bool:
    return bool(re.fullmatch(DECIMAL, cell)) or date_forms({cell: 1}) is not None


def fixed_spans(lines: Sequence[str]) -> tuple[tuple[int, int | None], ...]:
    """The columns of a text in fixed positions: between positions that are blank in every row. Empty where there are fewer than two."""
    rows = [line.rstrip("\r\n") for line in lines if line.strip()]
    if len(rows) < 3:
        return ()
    width = max(map(len, rows))
    blank = [all(n >= len(row) or row[n] == " " for row in rows) for n in range(width)]
    spans: list[tuple[int, int | None]] = []
    start: int | None = None
    for n in range(width + 1):
        empty = n == width or blank[n]
        if not empty and start is None:
            start = n
        elif empty and start is not None:
            spans.append((start, n))
            start = None
    if len(spans) < 2 or min(map(len, rows)) < 0.5 * width:
        return ()
    ends = [*(span[0] for span in spans[1:]), None]
    return tuple((first, end) for (first, _), end in zip(spans, ends, strict=True))
