"""The sheets of a workbook that hold a table, each with the row of its headings."""

import warnings
from pathlib import Path

import openpyxl

from throughway.core.refusals import Refused
from throughway.intake.inspection.file_layout import TITLES, heading_row
from throughway.intake.said_dates import said_year
from throughway.intake.source_files import safe_entries
from throughway.intake.workbook import BROKEN, unreadable

WIDEST = 2_001  # cells of a row that are looked at


def sheets_of(path: Path, name: str) -> list[tuple[str, int, int | None]]:
    """Each sheet with cells, by its title, the number of the row with its headings, and the school year that the title or the rows above the
    headings tell; Refused when the workbook cannot be read."""
    safe_entries(path, name, code="wrong_format", tabular=True)
    found = []
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings about styles and extensions that do not affect values
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                rows = [
                    [_plain(cell) for cell in cells[:WIDEST]]
                    for cells in sheet.iter_rows(max_row=2 * TITLES, values_only=True)
                ]
                if any(any(cell for cell in row) for row in rows):
                    at = max(heading_row(rows), 1)
                    above = [sheet.title, *(cell for row in rows[: at - 1] for cell in row if cell)]
                    found.append((sheet.title, at, next(filter(None, map(said_year, above)), None)))
        except BROKEN:
            raise unreadable(name) from None
    if not found:
        raise Refused(f"{name} has no sheet with cells.", code="empty_file")
    return found


def _plain(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return text.removesuffix(" 00:00:00")  # a day
