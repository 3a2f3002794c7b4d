"""Sheets of one layout, such as a tab for each month: whether two are, and the one table that they are together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from throughway.intake.crosswalk import SourceLayout
from throughway.intake.inspection.crosswalk_draft import TableOfFile
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.melted_columns import is_day_column


class Sheet(Protocol):
    """A sheet as it was looked at."""

    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> tuple[ElementGuess, ...]: ...
    @property
    def source(self) -> SourceLayout | None: ...
    @property
    def year(self) -> int | None: ...


def are_alike(one: Sheet, other: Sheet) -> bool:
    """Whether the other has each column of the first that is known to be something, but for its days, and days if the first has."""
    if [c.name for c in one.columns] == [c.name for c in other.columns]:
        return True
    theirs = {c.name: c for c in other.columns}
    own = [c for c in one.columns if c.element and not is_day_column(c)]
    same = [c for c in own if c.name in theirs and (theirs[c.name].element in (None, c.element))]
    days = [sum(map(is_day_column, table.columns)) > 0 for table in (one, other)]
    return len(same) == len(own) > 0 and days[0] == days[1]


def of_sheets(sheets: Sequence[Sheet], name: str) -> TableOfFile:
    """The sheets as one table: the columns of the first in which each stands, with the codes of all."""
    found: dict[str, ElementGuess] = {}
    for column in (c for sheet in sheets for c in sheet.columns):
        known = found.get(column.name)
        if known is None or column.is_doubt < known.is_doubt:
            found[column.name] = (
                column if known is None else replace(column, codes={**known.codes, **column.codes})
            )
        elif known.element == column.element:
            found[column.name] = replace(known, codes={**column.codes, **known.codes})
    at = sheets[0].source.header_row if sheets[0].source else 1
    told = {sheet.year for sheet in sheets if sheet.year}
    return TableOfFile(
        name,
        SourceLayout(format="xlsx", sheets="alike", header_row=at),
        tuple(found.values()),
        tabs=tuple(sheet.name for sheet in sheets),
        year=next(iter(told)) if len(told) == 1 else None,
    )
