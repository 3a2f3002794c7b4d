"""Withholds more of protected tables until they can be certified.

The protection knows the true tables; the certificate knows only what is printed, and the rule. So a few figures that are protected
cannot be certified, where a reader could use the rule itself. What more is withheld is chosen from what is printed alone: the change of
printed figures that costs readers least and leaves the figure open.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import inf, log1p
from typing import Any

from throughway.core.refusals import Refused
from throughway.publication.certificate import GroupTables, certified_groups
from throughway.publication.integer_program import IntegerProgram
from throughway.publication.policy import POLICY
from throughway.publication.published_system import Figure, PublishedSystem, groups, published_system
from throughway.publication.tables import ProtectedTable, place, without

MOST_TIMES = 50


def certified_tables(
    tables: Sequence[ProtectedTable], *, minimum_cell: int, relations: Sequence[Mapping[str, Any]] = (),
    rates: Sequence[Mapping[str, Any]] = (), public_sizes: Sequence[Mapping[str, str]] = (), beside_others: bool = False,
) -> tuple[ProtectedTable, ...]:  # fmt: skip
    """The tables, with as much more withheld as a certificate needs; Refused (cannot_protect) where nothing is left to withhold.

    `relations`, `rates`, `public_sizes`: as in a release's document. `beside_others`: some is withheld for the sake of earlier releases.
    """
    found = tuple(tables)
    for _ in range(MOST_TIMES):
        release = {
            "id": "", "minimum_cell": minimum_cell, "tables": [t.to_json() for t in found], "relations": relations, "rates": rates,
            "public_sizes": public_sizes, "beside": [""] if beside_others else [],
        }  # fmt: skip
        system = published_system([release])
        failed = [group for group in certified_groups(system) if group.missing]
        if not failed:
            return found
        opened = published_system([release], opened=True)
        printed = [each for each in rates if _is_printed(found, each)]
        more = {
            figure
            for group in failed
            for figure in _rates_of(group, system, printed)
            or _more(group, system, opened)
            or _sizes_beside(group, system)
        }
        if not more:
            break
        found = withheld_too(found, more, rates)
    raise Refused(
        "These tables cannot be protected: whatever is withheld, a reader could still place a small figure; ask for larger groups.",
        code="cannot_protect",
    )


def withheld_too(
    tables: Sequence[ProtectedTable], figures: Collection[Figure], rates: Sequence[Mapping[str, Any]]
) -> tuple[ProtectedTable, ...]:
    """The tables without these figures, in every table that has one, and without the rates that are made of one."""
    hidden = {(statistic, where) for _, statistic, where in figures}
    for each in rates:
        if any(("students", place(at)) in hidden for at in each["among"]):
            hidden.add(("rate", place(each["at"])))
    return tuple(
        replace(table, cells=tuple(
            replace(cell, shown=None) if (cell.statistic, place(cell.at)) in hidden else cell for cell in table.cells
        ))
        for table in tables
    )  # fmt: skip


def _is_printed(tables: Sequence[ProtectedTable], rate: Mapping[str, Any]) -> bool:
    shown = {(c.statistic, place(c.at)): c.shown for t in tables for c in t.cells}
    return shown.get(("rate", place(rate["at"]))) is not None


def _rates_of(
    group: GroupTables, system: PublishedSystem, printed: Sequence[Mapping[str, Any]]
) -> set[Figure]:
    """The printed rates that are made of the group's figures."""
    inside = {system.figures[i][2] for i in group.unknowns}
    return {
        ("", "rate", place(each["at"]))
        for each in printed
        if not inside.isdisjoint(map(place, each["among"]))
    }


def _more(group: GroupTables, system: PublishedSystem, opened: PublishedSystem) -> set[Figure]:
    """The printed figures to withhold for the first figure of the group that is not certified; the nearest where no change of figures
    was found."""
    figure = system.figures[group.missing[0]]
    block = next(block for block in groups(opened) if opened.figures.index(figure) in block)
    i = opened.figures.index(figure)
    low, high = group.low.get(group.missing[0], 0), group.high.get(group.missing[0], 0)
    changes = [_least_change(opened, block, i, low + group.width, inf)]
    if high >= group.width:
        changes.append(_least_change(opened, block, i, 0, high - group.width))
    found = [change for change in changes if change is not None and change[1]]
    if found:
        return min(found, key=lambda change: (change[0], sorted(map(str, change[1]))))[1]
    return _nearest(group, system, opened)


def _sizes_beside(group: GroupTables, system: PublishedSystem) -> set[Figure]:
    """The printed sizes of groups of which a figure of the group is the total or a part: where all else is withheld, they place it."""
    inside = {system.figures[i] for i in group.unknowns}
    return {
        size
        for size in system.known_sizes
        if any(
            _is_part(one, other) or _is_part(other, one) for one, other in ((size, each) for each in inside)
        )
    }


def _is_part(part: Figure, total: Figure) -> bool:
    release, statistic, where = part
    return (release, statistic) == total[:2] and total[2] in {
        without(where, dimension) for dimension, _ in where
    }


def _least_change(
    opened: PublishedSystem, block: Sequence[int], unknown: int, at_least: float, at_most: float
) -> tuple[float, set[Figure]] | None:
    """Cost and figures of the smallest change to what is printed that lets the unknown be in this range; None where there is none."""
    column = {i: c for c, i in enumerate(block)}
    program = IntegerProgram([0.0] * len(block), [inf] * len(block))
    printed = {}
    for i in block:
        low, high = opened.between[i]
        if high < inf:
            change = printed[i] = program.add(0, inf, gain=-_cost(opened, i, block))
            program.row({column[i]: 1, change: 1}, low, inf)
            program.row({column[i]: 1, change: -1}, -inf, high)
    for row in opened.rows:
        if next(iter(row.times)) in column:
            program.row({column[i]: times for i, times in row.times.items()}, row.low, row.high)
    program.limit(column[unknown], at_least, at_most)
    found = program.best()
    if found is None:
        return None
    changed = {i for i, change in printed.items() if found[change]}
    return sum(_cost(opened, i, block) for i in changed), {opened.figures[i] for i in changed}


def _cost(opened: PublishedSystem, i: int, block: Sequence[int]) -> float:
    """What a reader loses: large figures are worth more than small ones, totals more than their parts."""
    levels_up = max(len(opened.figures[j][2]) for j in block) - len(opened.figures[i][2])
    return log1p(opened.between[i][1]) * POLICY.weight_of_a_total**levels_up


def _nearest(group: GroupTables, system: PublishedSystem, opened: PublishedSystem) -> set[Figure]:
    """The smallest printed figure that a sum connects with the group."""
    inside = {opened.figures.index(system.figures[i]) for i in group.unknowns}
    near = {
        i for row in opened.rows if inside & set(row.times) for i in row.times if opened.between[i][1] < inf
    }
    smallest = min(
        near, key=lambda i: (len(opened.figures[i][2]) * -1, opened.between[i][1], i), default=None
    )
    return set() if smallest is None else {opened.figures[smallest]}
