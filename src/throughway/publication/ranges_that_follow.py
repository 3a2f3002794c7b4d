"""Shows a range such as "0–28" in place of a withheld count, where the range follows from what is printed anyway.

Of 28 students in a program, each part is 0 to 28: whoever reads the 28 knows it. Such a range is made from the published document alone,
so it tells nothing new, neither alone nor together with any other release, and it costs no optimization. It stands where no narrower
range may be shown: beside other releases, two of which could meet in a narrow one, and where too many withheld figures are connected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from throughway.publication.policy import POLICY
from throughway.publication.published_system import narrow_row_by_row, published_system
from throughway.publication.shown_figures import range_words
from throughway.publication.tables import ProtectedCell, ProtectedTable, place

ROUNDS = 10  # fewer leave the ranges wider


def with_ranges_that_follow(
    tables: Sequence[ProtectedTable],
    *,
    minimum_cell: int,
    relations: Sequence[Mapping[str, Any]] = (),
    rates: Sequence[Mapping[str, Any]] = (),
) -> tuple[ProtectedTable, ...]:
    """The tables, with the range of each withheld count that a reader can work out from them, where it is not too wide to be useful.
    `relations`, `rates`: as in a release's document."""
    release = {
        "id": "", "minimum_cell": minimum_cell, "tables": [t.to_json() for t in tables], "relations": relations, "rates": rates,
    }  # fmt: skip
    system = published_system([release])
    low, high = (
        (dict(enumerate(ends)) for ends in zip(*system.between, strict=True)) if system.between else ({}, {})
    )
    narrow_row_by_row(system.rows, low, high, rounds=ROUNDS)
    ends = {
        (statistic, where): range_words(int(low[i]), int(high[i]))
        for i, (_, statistic, where) in enumerate(system.figures)
        if statistic == "students"
        and POLICY.is_useful(low[i], high[i], minimum_cell)
        and high[i] - low[i] >= minimum_cell
    }

    def shown(cell: ProtectedCell) -> ProtectedCell:
        found = ends.get((cell.statistic, place(cell.at))) if cell.withheld else None
        return replace(cell, shown=found) if found else cell

    return tuple(
        table if table.rule else replace(table, cells=tuple(map(shown, table.cells))) for table in tables
    )
