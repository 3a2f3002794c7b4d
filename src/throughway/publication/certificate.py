"""Makes the certificate of releases: whole-number tables that show how little the releases tell of each withheld figure.

Every table obeys all that is published, and each withheld figure differs by at least the protection between two of them, so no reader
can place it closer. The tables are made from the published documents alone (`release_document`): the true figures are no argument of
anything here, so that no table is the true one by construction. `verify_release.py` reads a certificate and shares no code with this.

What a reader knows and every table obeys: shown counts, ranges and coded rates; totals within tables; relations; no count below zero;
and the rule itself: a figure is withheld only for the sake of one that is below the minimum, so in each group of withheld figures that
sums connect, each table has such a figure. The protection is the minimum cell between two tables without a 1 in the group, and one more
with one, because the one student can subtract themselves. A figure that no sum binds is known to be below the minimum, as the rule
says: it is 0 in one table, and one below the minimum in another. A figure that is shown as a range counts as withheld within its range.

A reader may know the sizes of groups from elsewhere, those that are withheld too. So in a group of withheld figures with such sizes, tables
that agree in all of them, beginning with the first table, suffice for all other figures. They need not differ by more than the size of
the smallest group that contains a figure, nor at all in a figure that is seen to be at least the minimum by one sum: it is no small one.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from throughway.core.long_work import check_no_transaction
from throughway.publication.integer_program import IntegerProgram
from throughway.publication.policy import POLICY
from throughway.publication.published_system import (
    PublishedSystem,
    Row,
    groups,
    named,
    narrow_row_by_row,
    published_system,
)
from throughway.publication.release_document import digest
from throughway.publication.tables import subsets

FORMAT = 1


def certificate_of(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The certificate of these releases together, as JSON; Contradiction where their figures contradict each other.

    `tables`: each has a whole number for each of `figures`. `not_certified`: withheld figures for which no two tables were found that
    differ enough, in words; publish nothing while there is one. The same documents give the same certificate, byte for byte.
    """
    check_no_transaction("the certificate of a release")
    system = published_system(documents)
    found = certified_groups(system)
    missing = sorted(i for group in found for i in group.missing)
    size = max((len(group.tables) for group in found), default=0)
    tables: list[dict[int, int]] = [{} for _ in range(size)]
    for group in found:
        for number, table in enumerate(tables):
            if group.tables:
                table.update(group.tables[min(number, len(group.tables) - 1)])
    return {
        "format": FORMAT,
        "releases": [{"id": document["id"], "sha256": digest(document)} for document in documents],
        "protection": {"minimum_cell": system.minimum, "beside_a_single": POLICY.extra_beside_one},
        "figures": [
            {"release": release, "statistic": statistic, "at": dict(sorted(where))}
            for release, statistic, where in system.figures
        ],
        "tables": [] if missing else [[table[i] for i in range(len(system.figures))] for table in tables],
        "not_certified": [named(system.figures[i]) for i in missing],
        "own_rules": [{"what": what, "rule": rule} for what, rule in system.own_rules],
    }


def summary_of(certificate: Mapping[str, Any]) -> dict[str, Any]:
    """What a page says of a certificate: `tables` and `figures`, their numbers; `sha256` of each release; `own_rules`."""
    return {
        "tables": len(certificate["tables"]),
        "figures": len(certificate["figures"]),
        "sha256": {each["id"]: each["sha256"] for each in certificate["releases"]},
        "own_rules": certificate["own_rules"],
    }


def sealed_by(certificate: Mapping[str, Any]) -> str:
    """What the ledger says of the releases that were certified."""
    return "; ".join(
        f"SHA-256 of release {each['id']}: {each['sha256']}." for each in certificate["releases"]
    )


def certified_groups(system: PublishedSystem) -> list["GroupTables"]:
    """The tables of each group of unknowns that sums connect."""
    found = [GroupTables(system, group) for group in groups(system)]
    for group in found:
        group.find()
        if not group.missing and not system.withheld_sizes.isdisjoint(group.unknowns):
            _find_with_known_sizes(system, group)
    return found


BASES = 8  # tables whose sizes are tried as the known ones


def _find_with_known_sizes(system: PublishedSystem, group: "GroupTables") -> None:
    """Puts tables first that agree in the sizes of groups, and leave all other figures open among themselves."""
    for base in group.tables[:BASES]:
        reader = GroupTables(*_known_to_a_reader_of(system, group, base))
        reader.find()
        if not reader.missing:
            group.tables = [*reader.tables, *group.tables]
            return
    group.missing = reader.missing


def _known_to_a_reader_of(
    system: PublishedSystem, group: "GroupTables", base: Mapping[int, int]
) -> tuple[PublishedSystem, list[int], dict[int, int]]:
    """The system of a reader who knows the sizes as this table has them, the unknowns, and by how much each must differ."""
    sizes = {
        figure: base[i] for i, figure in enumerate(system.figures) if i in base and i in system.withheld_sizes
    }
    between, needs = list(system.between), {}
    everywhere = {**system.known_sizes, **sizes}
    for i in group.unknowns:
        release, statistic, where = system.figures[i]
        groups = ((release, statistic, some) for some in subsets(where))
        cap = min((everywhere[each] for each in groups if each in everywhere), default=np.inf)
        low, high = between[i]
        between[i] = (cap, cap) if i in system.withheld_sizes else (low, min(high, cap))
        needs[i] = int(min(group.width, cap))
    for row in group.rows:
        for i in row.times if row.low == row.high else ():
            if _least(row, i, between) >= system.minimum:
                needs[i] = 0
    needs.update(dict.fromkeys(system.withheld_sizes.intersection(needs), 0))
    return replace(system, between=tuple(between)), group.unknowns, needs


def _least(row: Row, i: int, between: Sequence[tuple[float, float]]) -> float:
    """The smallest value of an unknown that this sum allows."""
    sign = row.times[i]
    others = (times * between[j][1 if times * sign > 0 else 0] for j, times in row.times.items() if j != i)
    return (row.low - sum(others)) / sign


ROUNDS = 16  # of tables that move as many figures as they can
FEWEST = 0.05  # of the figures still waiting: what a round must move to be worth another one
NOTHING: Mapping[Any, Any] = MappingProxyType({})

Table = dict[int, int]  # unknown → whole number


class GroupTables:
    """Finds tables for one group. `tables`: those found so far; every table counts for all figures that it moves."""

    def __init__(
        self, system: PublishedSystem, unknowns: Sequence[int], needs: Mapping[int, int] | None = None
    ) -> None:
        self.unknowns = list(unknowns)
        self.column = {i: column for column, i in enumerate(self.unknowns)}
        self.rows = [row for row in system.rows if next(iter(row.times)) in self.column]
        self.minimum = system.minimum
        self.ruled = True  # every table must have a withheld figure below the minimum
        self.beside_others = system.beside_others
        # Figures that no sum binds: the rule alone says that they are below the minimum.
        self.unbound = set(self.unknowns) - {i for row in self.rows if row.low == row.high for i in row.times}
        self.width = system.minimum + POLICY.extra_beside_one
        self.needs = dict.fromkeys(self.unknowns, self.width) if needs is None else needs
        self.lower, self.upper = self._bounds(system)
        self.tables: list[Table] = []
        self.missing: list[int] = []  # withheld figures that cannot be certified
        self.low: Table = {}
        self.high: Table = {}
        self.low_without_one: Table = {}  # of the tables in which no withheld figure is 1
        self.high_without_one: Table = {}
        self.chance = random.Random(len(self.unknowns))

    def _bounds(self, system: PublishedSystem) -> tuple[list[float], list[float]]:
        """The smallest and largest value of each unknown that the printed figures allow, row by row; where they allow any, more than an
        answer needs."""
        low = {i: float(system.between[i][0]) for i in self.unknowns}
        high = {i: float(system.between[i][1]) for i in self.unknowns}
        narrow_row_by_row(self.rows, low, high, rounds=4)
        enough = sum(v for v in (abs(b) for row in self.rows for b in (row.low, row.high)) if np.isfinite(v))
        enough += 4 * self.width * len(self.unknowns) + sum(low.values())
        return (
            [low[i] for i in self.unknowns],
            [min(high[i], enough) for i in self.unknowns],
        )

    # ---- one table

    def solve(
        self,
        *,
        gains: Mapping[int, int] = NOTHING,
        bounds: Mapping[int, tuple[float, float]] = NOTHING,
        extreme: tuple[int, int] | None = None,
        single: bool = True,
    ) -> Table | None:
        """A table that obeys all that is published, and moves many figures; None where none was found.

        `gains`: unknowns that should be as large (1) or as small (-1) as moves them by the width beyond the tables found so far.
        `bounds`: further limits of unknowns. `extreme`: an unknown that should be as large (1) or as small (-1) as it can be.
        `single` False: no withheld figure is 1.
        """
        found = self._solve(gains, bounds, extreme, single, small=False)
        if found is not None and not self.keeps_rule(found):
            found = self._solve(gains, bounds, extreme, single, small=True)
        return found if found is not None and self._obeys(found, single) else None

    def _solve(
        self,
        gains: Mapping[int, int],
        bounds: Mapping[int, tuple[float, float]],
        extreme: tuple[int, int] | None,
        single: bool,
        *,
        small: bool,
    ) -> Table | None:
        program = IntegerProgram(self.lower, self.upper)
        for i, (low, high) in bounds.items():
            program.limit(self.column[i], low, high)
        for row in self.rows:
            program.row({self.column[i]: t for i, t in row.times.items()}, row.low, row.high)
        for i, sign in gains.items():
            x = self.column[i]
            if sign < 0 and i not in self.high:
                program.cost[x] = 1
                continue
            moved = program.add(-np.inf, self.width, gain=1)
            since = sign * (self.low.get(i, 0) if sign > 0 else self.high[i])
            program.row({x: sign, moved: -1}, since, np.inf)
        if small:
            picks = []
            for i in self.unknowns:
                x, most = self.column[i], self.upper[self.column[i]]
                pick = program.add(0, 1, whole=True)
                program.row({x: 1, pick: max(most - self.minimum + 1, 0)}, -np.inf, most)
                picks.append(pick)
            program.row(dict.fromkeys(picks, 1), 1, np.inf)
        if not single:
            for i in self.unknowns:
                x, most = self.column[i], self.upper[self.column[i]]
                above = program.add(0, 1, whole=True)
                program.row({x: 1, above: -2}, 0, np.inf)
                program.row({x: 1, above: -most}, -np.inf, 0)
        if extreme is not None:
            program.cost[self.column[extreme[0]]] = -extreme[1]
        found = program.best(exactly=extreme is not None)
        return None if found is None else dict(zip(self.unknowns, found, strict=False))

    def _obeys(self, table: Table, single: bool) -> bool:
        """Judges what the solver found, in whole numbers."""
        within = all(self.lower[c] <= table[i] <= self.upper[c] for i, c in self.column.items())
        without_one = single or not self.has_single(table)
        return (
            within and without_one and self.keeps_rule(table) and all(row.holds(table) for row in self.rows)
        )

    def keeps_rule(self, table: Table) -> bool:
        return not self.ruled or any(table[i] < self.minimum for i in self.unknowns)

    def has_single(self, table: Table) -> bool:
        return any(table[i] == 1 for i in self.unknowns)

    # ---- all tables

    def find(self) -> None:
        """Finds the tables."""
        wanted = {i: self.chance.choice((1, -1)) for i in self.unknowns}
        first = self.solve(gains=wanted)
        if first is None and self.beside_others:
            self.ruled = False
            first = self.solve(gains=wanted)
        if first is None:
            self.missing = self.unknowns
            return
        self._keep(first)
        for _ in range(ROUNDS):
            waiting = [i for i in self.unknowns if not self.is_wide(i)]
            found = self.solve(gains={i: self._direction(i) for i in waiting}) if waiting else None
            if found is None:
                break
            self._keep(found)
            if sum(map(self.is_wide, waiting)) < FEWEST * len(waiting):
                break
        self.missing = [i for i in self.unknowns if not self._move(i)]

    def _direction(self, i: int) -> int:
        """Up or down: by chance where the printed figures may allow both."""
        up = self.low[i] + self.width <= self.upper[self.column[i]]
        down = self.high[i] - self.width >= self.lower[self.column[i]]
        return self.chance.choice((1, -1)) if up == down else 1 if up else -1

    def _move(self, i: int) -> bool:
        """Finds a table for one figure: beyond those found so far; else its smallest and largest value; else the same without a 1."""
        if self.is_wide(i):
            return True
        others = {j: self._direction(j) for j in self.unknowns if j != i and not self.is_wide(j)}
        need = self.needs[i]
        for bounds in ((self.low[i] + need, np.inf), (0, self.high[i] - need)):
            found = self.solve(gains=others, bounds={i: bounds})
            if found is not None:
                self._keep(found)
                return True
        for single in (True, False):
            for sign in (1, -1):
                found = self.solve(extreme=(i, sign), single=single)
                if found is not None:
                    self._keep(found)
            if self.is_wide(i):
                return True
        return False

    def _keep(self, table: Table) -> None:
        self.tables.append(table)
        ranges = [(self.low, self.high)]
        if not self.has_single(table):
            ranges.append((self.low_without_one, self.high_without_one))
        for low, high in ranges:
            for i, value in table.items():
                low[i] = min(value, low.get(i, value))
                high[i] = max(value, high.get(i, value))

    def is_wide(self, i: int) -> bool:
        """Whether two tables differ in a figure by the protection: the minimum between two without a 1 in the group, else one more. Of
        a figure that no sum binds, a reader may know that it is below the minimum, and no more."""
        if self.high[i] - self.low[i] >= self.needs[i]:
            return True
        if i in self.unbound and (self.low[i], self.high[i]) == (0, self.minimum - 1):
            return True
        without = self.high_without_one.get(i, 0) - self.low_without_one.get(i, 0)
        return without >= min(self.minimum, self.needs[i])
