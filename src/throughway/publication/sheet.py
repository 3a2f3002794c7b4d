"""Protected tables for reading and export: rows for a page, CSV for a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.core.spreadsheet import safe
from throughway.publication.sentences import ValueWords, as_registered
from throughway.publication.tables import ProtectedCell, ProtectedTable

STATISTIC = {"students": "students", "rate": "share"}
OF_A_PIPELINE = {
    "mean": "at everyone's share",
    "sum": "students in all",
}  # made of its figures, at a place `sum` or `expected`
ALL = "all"
FIRST_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class FigureLine:
    """One figure of a table: its place, dimension by dimension, what it counts, and the figure in words."""

    places: tuple[str, ...]
    statistic: str
    words: str
    withheld: bool


@dataclass(frozen=True)
class FigureBar:
    """`width`: percent of the chart's; None where the figure is withheld or a range."""

    name: str
    words: str
    width: float | None


@dataclass(frozen=True)
class TableSheet:
    """`rule`: how figures that are no counts are protected."""

    title: str
    dimensions: tuple[str, ...]
    lines: tuple[FigureLine, ...]
    withheld: int
    ranged: int  # shown as a range
    bars: tuple[FigureBar, ...] = ()
    rule: str = ""

    @property
    def counts(self) -> str:
        """What all of its figures count; empty where they differ and each line must say it."""
        kinds = {line.statistic for line in self.lines}
        return kinds.pop() if len(kinds) == 1 else ""


def by_rows(table: ProtectedTable, value: ValueWords = as_registered) -> TableSheet:
    """The table with a row for each figure; a total says "all" where it sums. `value`: how the value of a place is written."""
    lines = tuple(
        FigureLine(
            places(table, cell, value), _statistic(cell), words(cell), cell.withheld,
        )
        for cell in table.cells
    )  # fmt: skip
    names = tuple(name.replace("_", " ") for name in table.by)
    return TableSheet(
        table.title,
        names,
        lines,
        sum(line.withheld for line in lines),
        sum(cell.ranged for cell in table.cells),
        tuple(bars(table, value)),
        table.rule,
    )


def places(table: ProtectedTable, cell: ProtectedCell, value: ValueWords) -> tuple[str, ...]:
    """The place of a figure, dimension by dimension, as every page and file writes it."""
    return tuple(value(cell.at, d) if d in cell.at else ALL for d in table.by)


def _statistic(cell: ProtectedCell) -> str:
    if not {"sum", "expected"}.isdisjoint(cell.at):
        return OF_A_PIPELINE.get(cell.statistic, cell.statistic)
    return STATISTIC.get(cell.statistic, cell.statistic)


def bars(table: ProtectedTable, value: ValueWords = as_registered) -> Iterator[FigureBar]:
    """A bar for each group of a table with one dimension, made of its protected figures alone; none for any other table. A code such as
    "≥95%" is drawn at its lower end, a range not at all."""
    groups = [cell for cell in table.cells if cell.at]
    if len(table.by) != 1 or len(groups) < 2 or len({cell.statistic for cell in groups}) != 1:
        return
    lengths = [_length(cell) for cell in groups]
    top = 100.0 if groups[0].statistic == "rate" else max([length for length in lengths if length] or [1.0])
    for cell, length in zip(groups, lengths, strict=True):
        width = None if length is None else round(100 * max(length, 0) / top, 1)
        yield FigureBar(value(cell.at, table.by[0]), words(cell), width)


def _length(cell: ProtectedCell) -> float | None:
    found = FIRST_NUMBER.search(str(cell.shown)) if cell.shown is not None and not cell.ranged else None
    return float(found[0]) if found else None


def words(cell: ProtectedCell) -> str:
    if cell.shown is None:
        return "withheld"
    if isinstance(cell.shown, int):
        return f"{cell.shown}%" if cell.statistic == "rate" else f"{cell.shown:,}"
    return cell.shown


ABOUT = "About this release"  # stands for the table in the lines that say what a reader must know


def csv_text(
    tables: Sequence[ProtectedTable],
    source: Mapping[str, str] | None = None,
    about: Iterable[tuple[str, str]] = (),
    value: ValueWords = as_registered,
) -> str:
    """All tables in one CSV, a line for each figure; no cell begins like a spreadsheet formula. `source`: columns with the same value
    in each line, such as the release's id. `about`: what a reader must know, as lines after the figures: a name and a text."""
    dimensions = tuple(dict.fromkeys(d for table in tables for d in table.by))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(["table", *dimensions, "statistic", "shown", "withheld", *(source or ())])
    for table in tables:
        for cell in table.cells:
            writer.writerow(
                [safe(each) for each in (*_values(table, cell, dimensions, value), *(source or {}).values())]
            )
    empty = [""] * len(dimensions)
    for name, text in about:
        writer.writerow([ABOUT, *empty, name, safe(text), "no", *map(safe, (source or {}).values())])
    return file.getvalue()


def _values(
    table: ProtectedTable, cell: ProtectedCell, dimensions: Sequence[str], value: ValueWords
) -> Iterator[str]:
    yield table.title
    here = dict(zip(table.by, places(table, cell, value), strict=True))
    for dimension in dimensions:
        yield here.get(dimension, "")
    yield cell.statistic
    yield "" if cell.shown is None else str(cell.shown)
    yield "yes" if cell.withheld else "no"
