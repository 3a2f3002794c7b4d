"""Protected tables for reading and export: rows for a page, CSV for a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from throughway.core.spreadsheet import safe
from throughway.publication.tables import ProtectedCell, ProtectedTable

STATISTIC = {"students": "students", "rate": "share", "mean": "at everyone's share", "sum": "students in all"}
ALL = "all"


@dataclass(frozen=True)
class FigureLine:
    """One figure of a table: its place, dimension by dimension, what it counts, and the figure in words."""

    places: tuple[str, ...]
    statistic: str
    words: str
    withheld: bool


@dataclass(frozen=True)
class TableSheet:
    title: str
    dimensions: tuple[str, ...]
    lines: tuple[FigureLine, ...]
    withheld: int
    ranged: int  # shown as a range

    @property
    def counts(self) -> str:
        """What all of its figures count; empty where they differ and each line must say it."""
        kinds = {line.statistic for line in self.lines}
        return kinds.pop() if len(kinds) == 1 else ""


def by_rows(table: ProtectedTable) -> TableSheet:
    """The table with a row for each figure; a total says "all" where it sums."""
    lines = tuple(
        FigureLine(
            tuple(cell.at.get(d, ALL) for d in table.by), STATISTIC.get(cell.statistic, cell.statistic),
            words(cell), cell.withheld,
        )
        for cell in table.cells
    )  # fmt: skip
    return TableSheet(
        table.title,
        table.by,
        lines,
        sum(line.withheld for line in lines),
        sum(cell.ranged for cell in table.cells),
    )


def words(cell: ProtectedCell) -> str:
    if cell.shown is None:
        return "withheld"
    if isinstance(cell.shown, int):
        return f"{cell.shown}%" if cell.statistic == "rate" else f"{cell.shown:,}"
    return cell.shown


def csv_text(tables: Sequence[ProtectedTable]) -> str:
    """All tables in one CSV, a line for each figure; no cell begins like a spreadsheet formula."""
    dimensions = tuple(dict.fromkeys(d for table in tables for d in table.by))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["table", *dimensions, "statistic", "shown", "withheld"])
    for table in tables:
        for cell in table.cells:
            writer.writerow([safe(value) for value in _values(table, cell, dimensions)])
    return file.getvalue()


def _values(table: ProtectedTable, cell: ProtectedCell, dimensions: Sequence[str]) -> Iterator[str]:
    yield table.title
    for dimension in dimensions:
        yield cell.at.get(dimension, ALL if dimension in table.by else "")
    yield cell.statistic
    yield "" if cell.shown is None else str(cell.shown)
    yield "yes" if cell.withheld else "no"
