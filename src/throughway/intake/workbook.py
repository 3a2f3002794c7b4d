"""Reads Excel workbooks row by row into the text that people see, with days as ISO text."""

import warnings
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from throughway.core.disk_full import is_full
from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk, SourceLayout
from throughway.intake.raw_cells import (
    MOST_COLUMNS,
    ColumnHeading,
    Raw,
    check_width,
    numbered,
    tidy_headings,
    write_rows,
)
from throughway.intake.source_files import safe_entries
from throughway.intake.staging import ProblemLog
from throughway.intake.unpivot import matches

HIGHEST = 40  # the lowest row in which headings are looked for

# What the library raises for a damaged archive or sheet.
BROKEN = (InvalidFileException, BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError, AttributeError,
          OverflowError, EOFError, IndexError, NotImplementedError, RuntimeError, zlib.error)  # fmt: skip


def open_workbook(path: Path, source: SourceLayout, *, name: str, into: Path, log: ProblemLog) -> Raw:
    """The cells of one sheet; Refused when the file is not a workbook or has no such sheet."""
    check_workbook(path, name)
    # As an open file, because the library judges a path by its extension.
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings about styles and extensions that do not affect values
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            sheet = _sheet(book, source.sheet, name)
            rows = _numbered(sheet)
            headings = _headings(rows, source.header_row, name)
            raw = write_rows(
                ((number, [_text(cell) for cell in cells]) for number, cells in rows),
                headings=headings, to=into, file=name, log=log, from_workbook=True,
            )  # fmt: skip
            return replace(raw, tab=sheet.title)
        except BROKEN as error:
            if is_full(error):
                raise
            raise unreadable(name) from None


def check_workbook(path: Path, name: str) -> None:
    """Refused when the file is not a workbook, or would unpack to more than any export."""
    if path.stat().st_size == 0:
        raise Refused(f"{name} is empty; export it again.", code="empty_file")
    with path.open("rb") as file:
        if not file.read(4).startswith(b"PK"):
            raise Refused(
                f"{name} is not an Excel workbook (.xlsx); give its own --format or save it as .xlsx.",
                code="wrong_format",
            )
    safe_entries(path, name, code="wrong_format", tabular=True)


def unreadable(name: str) -> Refused:
    return Refused(
        f"{name} is an Excel workbook that cannot be read; save it again as .xlsx.", code="wrong_format"
    )


def open_alike(
    path: Path, crosswalk: Crosswalk, *, name: str, into: Path, log: ProblemLog
) -> tuple[list[Raw], dict[str, int]]:
    """Each sheet that has the columns which the crosswalk reads, called by its place, and for each other the number of its rows with cells.
    Works in the folder `into`. Refused when the file is not a workbook or has no such sheet."""
    raws: list[Raw] = []
    unread: dict[str, int] = {}
    for place, (title, at, rows) in enumerate(_sheets(path, crosswalk, name), start=1):
        if at:
            source = crosswalk.source.model_copy(update={"sheet": title, "sheets": None, "header_row": at})
            to = into / f"{path.stem}-{place}.parquet"
            raws.append(open_workbook(path, source, name=f"{name}, sheet {place}", into=to, log=log))
        elif rows:
            unread[f"sheet {place}"] = rows
    if not raws:
        needed = sorted({s for table in crosswalk.tables.values() for s in table.required()})
        raise Refused(
            f"{name} has no sheet with the columns that the crosswalk reads ({listed(needed)}), so it is of another layout or another partner's "
            "file. Give the crosswalk that was drafted from it and the partner whose file it is, or draft one: throughway crosswalk draft.",
            code="missing_column",
        )
    return raws, unread


def _sheets(path: Path, crosswalk: Crosswalk, name: str) -> list[tuple[str, int, int]]:
    """Each sheet: its title, the row with the columns that the crosswalk reads, or 0, and the number of its rows with cells."""
    check_workbook(path, name)
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            found = []
            for sheet in book.worksheets:
                at = filled = 0
                for number, cells in _numbered(sheet):
                    filled += any(cells)
                    if not at and number <= HIGHEST and _has_columns(cells, crosswalk):
                        at = number
                found.append((sheet.title, at, filled))
            return found
        except BROKEN as error:
            if is_full(error):
                raise
            raise unreadable(name) from None


def _has_columns(cells: Sequence[object], crosswalk: Crosswalk) -> bool:
    plain = tidy_headings(_text(cell) or "" for cell in cells)
    texts = {*numbered(plain), *(heading.text for heading in plain)}
    headings = [ColumnHeading(h.text, _day(cell)) for h, cell in zip(plain, cells, strict=True) if h.text]
    return all(
        table.required() <= texts and (table.melt is None or any(matches(table.melt.columns, h) for h in headings))
        for table in crosswalk.tables.values()
    )  # fmt: skip


def rows_of_other_sheets(path: Path, source: SourceLayout) -> dict[str, int]:
    """The number of rows with cells in each unread sheet, by its position (`sheet 2`), because its name may be a student's."""
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            read = _sheet(book, source.sheet, path.name)
            return {
                f"sheet {place}": rows
                for place, sheet in enumerate(book.worksheets, start=1)
                if sheet is not read and (rows := sum(any(cells) for _, cells in _numbered(sheet)))
            }
        except BROKEN:
            return {}


def _sheet(book: Any, wanted: str | None, name: str) -> Any:
    if not book.worksheets:
        raise Refused(f"{name} has no sheet with cells.", code="empty_file")
    if wanted is None:
        return book.worksheets[0]
    found = [sheet for sheet in book.worksheets if sheet.title == wanted]
    if not found:
        raise Refused(
            f"{name} has no sheet {wanted}, which the crosswalk names (source.sheet).", code="no_sheet"
        )
    return found[0]


def _numbered(sheet: Any) -> Iterator[tuple[int, Sequence[object]]]:
    sheet.reset_dimensions()  # some programs write a wrong size
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, cells[: MOST_COLUMNS + 1]  # one more than allowed, for `check_width`


def _headings(rows: Iterator[tuple[int, Sequence[object]]], at: int, name: str) -> tuple[ColumnHeading, ...]:
    if at == 0:
        raise Refused("A workbook needs a row of headings; state it in source.header_row.", code="headings")
    for number, cells in rows:
        if number == at:
            shown = [*cells]
            while shown and shown[-1] is None:
                shown.pop()
            if not shown:
                break
            check_width(len(shown), name)
            plain = tidy_headings(_text(cell) or "" for cell in shown)
            return tuple(ColumnHeading(h.text, _day(cell)) for h, cell in zip(plain, shown, strict=True))
    raise Refused(
        f"{name} has nothing in row {at}, where the crosswalk expects the headings.", code="headings"
    )


def _day(cell: object) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    return cell if isinstance(cell, date) else None


def _text(cell: object) -> str | None:
    """The text of a cell: days in ISO form, whole numbers without a decimal point."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
        )
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds() // 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(cell)
