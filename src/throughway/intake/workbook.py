"""Reads Excel workbooks row by row into the text that people see, with days as ISO text."""

import warnings
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from throughway.core.disk_full import is_full
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import SourceLayout
from throughway.intake.raw_cells import (
    MOST_COLUMNS,
    ColumnHeading,
    Raw,
    check_width,
    tidy_headings,
    write_rows,
)
from throughway.intake.source_files import safe_entries
from throughway.intake.staging import ProblemLog

# What the library raises for a damaged archive or sheet.
BROKEN = (InvalidFileException, BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError, AttributeError,
          OverflowError, EOFError, IndexError, NotImplementedError, RuntimeError, zlib.error)  # fmt: skip


def open_workbook(path: Path, source: SourceLayout, *, name: str, into: Path, log: ProblemLog) -> Raw:
    """The cells of one sheet; Refused when the file is not a workbook or has no such sheet."""
    if path.stat().st_size == 0:
        raise Refused(f"{name} is empty; export it again.", code="empty_file")
    with path.open("rb") as file:
        if not file.read(4).startswith(b"PK"):
            raise Refused(
                f"{name} is not an Excel workbook (.xlsx); give its own --format or save it as .xlsx.",
                code="wrong_format",
            )
    safe_entries(path, name, code="wrong_format", tabular=True)
    unreadable = Refused(
        f"{name} is an Excel workbook that cannot be read; save it again as .xlsx.", code="wrong_format"
    )
    # As an open file, because the library judges a path by its extension.
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings about styles and extensions that do not affect values
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            rows = _numbered(_sheet(book, source.sheet, name))
            headings = _headings(rows, source.header_row, name)
            return write_rows(
                ((number, [_text(cell) for cell in cells]) for number, cells in rows),
                headings=headings, to=into, file=name, log=log, from_workbook=True,
            )  # fmt: skip
        except BROKEN as error:
            if is_full(error):
                raise
            raise unreadable from None


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
