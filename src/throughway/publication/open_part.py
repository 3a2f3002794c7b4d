"""What stays unknown of a release once everything printed is known, part by part, and the tables that fit it.

An unknown is open where its figure is withheld, or printed as a range. Printed values are put into the relations, and the open
unknowns fall into parts that no relation connects: each part can be audited separately.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from throughway.publication.linear_program import least
from throughway.publication.linear_system import LinearSystem

Vector = NDArray[np.float64]
Table = NDArray[np.int64]  # a value for each unknown of a part, in its order
TOLERANCE = 1e-6
# The largest count that a reader could think of, so that it reveals nothing about this release.
CEILING = 10**7
NODES = 1_000  # of the search for a table of whole numbers, which mostly takes one; a number, not a time
FEW = 4  # unknowns that are moved one by one
WORTH = 2  # unknowns that two tables must move far enough for two more


class OpenPart:
    """Open unknowns that relations connect. `withheld`: the columns of those of which nothing is printed."""

    def __init__(self, system: LinearSystem, unknowns: Sequence[int], withheld: Collection[int]) -> None:
        self.system, self.unknowns = system, tuple(unknowns)
        self.column = {i: column for column, i in enumerate(self.unknowns)}
        self.withheld = [column for column, i in enumerate(self.unknowns) if i in withheld]
        known = [(0, largest(system, i)) if i in withheld else system.known[i] for i in self.unknowns]
        self.lower = np.array([low for low, _ in known], np.int64)
        self.upper = np.array([high for _, high in known], np.int64)
        self.rows = [row for row in system.rows if not self.column.keys().isdisjoint(row)]
        self.constraints = self._constraints()

    def _constraints(self) -> list[LinearConstraint]:
        """The relations over the open unknowns alone, with the printed values on the right side: one constraint, whose columns the solver takes
        as they stand; none where no relation has an open unknown."""
        places: list[tuple[int, int, int]] = []
        sides: list[int] = []
        exact: list[bool] = []
        for rows, equation in ((self.system.at_most, False), (self.system.equal, True)):
            for row in rows:
                if self.column.keys().isdisjoint(row):
                    continue
                places += [
                    (len(sides), self.column[i], times) for i, times in row.items() if i in self.column
                ]
                sides.append(
                    -sum(self.system.known[i][0] * t for i, t in row.items() if i not in self.column)
                )
                exact.append(equation)
        if not sides:
            return []
        lines, at, values = zip(*places, strict=True)
        matrix = csc_array((np.array(values, float), (lines, at)), shape=(len(sides), len(self.unknowns)))
        most = np.array(sides, float)
        return [LinearConstraint(matrix, np.where(exact, most, -np.inf), most)]

    def extreme(
        self, column: int, *, largest: bool, lower: Table | None = None, upper: Table | None = None
    ) -> Table | None:
        """A table that fits everything printed, with the smallest or largest value of one unknown; None where none was found.

        Whole numbers only, because readers know that students are whole: a range over fractions would be too wide.
        """
        aim = self.aim({column: -1 if largest else 1})
        _, table = self.relaxed(aim, lower, upper)  # quicker, and mostly gives whole numbers anyway
        if table is not None:
            return table
        bounds = Bounds(self.lower if lower is None else lower, self.upper if upper is None else upper)
        found = milp(aim, integrality=np.ones(len(aim)), bounds=bounds, constraints=self.constraints,
                     options={"node_limit": NODES})  # fmt: skip
        return self._fitting(found.x) if found.status == 0 else None

    def aim(self, signs: Mapping[int, int]) -> Vector:
        """For each unknown, 1 where it should be small, -1 where large."""
        found = np.zeros(len(self.unknowns))
        found[list(signs)] = list(signs.values())
        return found

    def relaxed(
        self, aim: Vector, lower: Table | None = None, upper: Table | None = None
    ) -> tuple[float, Table | None]:
        """The smallest sum of the unknowns times the aim if they could be fractions, infinite where nothing fits; and the table, where
        it has whole numbers and fits."""
        found = least(
            aim,
            self.lower if lower is None else lower,
            self.upper if upper is None else upper,
            self.constraints,
        )
        return (np.inf, None) if found is None else (float(aim @ found.x), self._fitting(found.x))

    def moving_many(
        self, waiting: Callable[[], Sequence[int]], lower: Table | None = None, upper: Table | None = None
    ) -> Iterator[Table]:
        """Tables that move many unknowns at once, in directions drawn by chance, as long as they are worth it. `waiting`: the columns that
        the tables so far have not moved far enough."""
        chance = np.random.default_rng(len(self.unknowns))
        columns = waiting()
        while len(columns) > FEW:
            aim = self.aim(dict(zip(columns, chance.choice((-1, 1), len(columns)), strict=True)))
            for sign in (1, -1):
                _, table = self.relaxed(sign * aim, lower, upper)
                if table is not None:
                    yield table
            before, columns = columns, waiting()
            if len(before) - len(columns) <= WORTH:
                return

    def least(self, column: int, lower: Table, upper: Table) -> int:
        """The smallest value of one unknown that one relation alone allows within these bounds."""
        found = [int(lower[column])]
        for columns, factors, side in self.inequalities:
            here = np.flatnonzero(columns == column)
            if here.size and factors[here[0]] < 0:
                others = np.where(factors > 0, factors * lower[columns], factors * upper[columns])
                rest = int(others.sum() - others[here[0]])
                found.append(-((side - rest) // -int(factors[here[0]])))
        return max(found)

    @cached_property
    def inequalities(self) -> list[tuple[Table, Table, int]]:
        """The relations as columns, factors and side: sum(factors * x[columns]) <= side. An equation is two of them."""
        return list(_inequalities(self.constraints))

    def _fitting(self, found: Vector) -> Table | None:
        """The whole numbers if they fit exactly: the solver allows for small errors."""
        table = np.rint(found).astype(np.int64)
        fits = np.abs(found - table).max() < TOLERANCE and all(
            ((low <= sums) & (sums <= high)).all() for low, sums, high in ((c.lb, c.A @ table, c.ub) for c in self.constraints)
        )  # fmt: skip
        return table if fits else None


def _inequalities(constraints: Iterable[LinearConstraint]) -> Iterator[tuple[Table, Table, int]]:
    for constraint in constraints:
        matrix = constraint.A.tocsr()
        for line in range(matrix.shape[0]):
            span = slice(matrix.indptr[line], matrix.indptr[line + 1])
            columns, factors = matrix.indices[span], matrix.data[span].astype(np.int64)
            yield columns, factors, int(constraint.ub[line])
            if np.isfinite(constraint.lb[line]):
                yield columns, -factors, -int(constraint.ub[line])


def largest(system: LinearSystem, unknown: int) -> int:
    """The largest possible value of an unknown, whatever is printed."""
    cap = system.caps[unknown]
    return CEILING if cap is None else cap


def open_parts(system: LinearSystem, withheld: Collection[int]) -> list[OpenPart]:
    """The parts that have a withheld figure."""
    ranged = {i for i, (low, high) in enumerate(system.known) if low < high}
    group: dict[int, list[int]] = {i: [i] for i in {*withheld, *ranged}}
    for row in system.rows:
        members = {id(group[i]): group[i] for i in row if i in group}
        if len(members) > 1:
            together, *others = sorted(members.values(), key=len, reverse=True)
            for other in others:
                together += other
                group.update(dict.fromkeys(other, together))
    found = {id(members): members for members in group.values()}.values()
    return [
        OpenPart(system, members, withheld)
        for members in sorted(map(sorted, found))
        if not set(members).isdisjoint(withheld)
    ]
