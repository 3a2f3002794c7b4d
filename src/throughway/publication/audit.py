"""Audits the range in which a reader can place each withheld figure, and repairs until every range is wide enough.

Exact elimination is not enough: a figure that cannot be computed may still be known to lie between 3 and 5. A figure is
protected when some table that fits all that is printed differs in it by at least the minimum cell, and some such table
has at least the minimum there.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from math import log1p

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array, hstack

from throughway.publication.linear_program import least
from throughway.publication.linear_system import LinearSystem, Row, blocks
from throughway.publication.open_part import CEILING, OpenPart, Table, largest, open_parts
from throughway.publication.policy import SuppressionPolicy

MOVED = 1e-6


@dataclass(frozen=True)
class Block:
    """Unknowns that are connected by relations, with those relations, as matrices over the block's own columns."""

    system: LinearSystem
    unknowns: tuple[int, ...]
    constraints: tuple[LinearConstraint, ...]
    policy: SuppressionPolicy

    @classmethod
    def of(cls, system: LinearSystem, unknowns: Sequence[int], policy: SuppressionPolicy) -> "Block":
        columns = {i: column for column, i in enumerate(unknowns)}
        equal = [row for row in system.equal if next(iter(row)) in columns]
        at_most = [row for row in system.at_most if next(iter(row)) in columns]
        constraints = [LinearConstraint(_matrix(at_most, columns), -np.inf, 0)] if at_most else []
        if equal:
            constraints.append(LinearConstraint(_matrix(equal, columns), 0, 0))
        return cls(system, tuple(unknowns), tuple(constraints), policy)

    def whole(self, values: NDArray[np.float64]) -> dict[int, int]:
        """The values as a table of whole numbers that obeys the relations; empty where they are none."""
        table = np.rint(values)
        fits = np.abs(values - table).max() < MOVED and all(
            ((low <= sums) & (sums <= high)).all() for low, sums, high in ((c.lb, c.A @ table, c.ub) for c in self.constraints)
        )  # fmt: skip
        return dict(zip(self.unknowns, map(int, table), strict=True)) if fits else {}

    @cached_property
    def deepest(self) -> int:
        """The most dimensions of a place."""
        return max(len(self.system.names[i][1]) for i in self.unknowns)


def _matrix(rows: Sequence[Row], columns: dict[int, int]) -> csr_array:
    places = [(line, columns[i], times) for line, row in enumerate(rows) for i, times in row.items()]
    lines, at, values = zip(*places, strict=True)
    return csr_array((np.array(values, float), (lines, at)), shape=(len(rows), len(columns)))


TURNS = 8  # changes after which tables that move many figures are looked for again


@dataclass(frozen=True)
class Change:
    """A change of printed figures that lets one figure be as small or as large as it must be possible: what it costs readers, the figures,
    and a table of the whole block with them changed, where it is one of whole numbers."""

    cost: float
    figures: frozenset[int]
    table: Mapping[int, int]


def least_change(block: Block, unknown: int, withheld: Collection[int], *, low: int, high: int) -> Change:
    """The printed figures to withhold so that `unknown` may be as small as `low` or as large as `high`.

    The cheaper of the two; everything printed in the block where neither is possible otherwise, and where only fractions make it possible
    already: this is asked for figures that are narrow.
    """
    changes = [_change(block, unknown, withheld, at_least=high)]
    if low >= 0:
        changes.append(_change(block, unknown, withheld, at_most=low))
    found = [change for change in changes if change is not None and change.figures]
    printed = frozenset(block.unknowns) - block.system.public - set(withheld)
    return min(found, key=lambda change: change.cost, default=Change(np.inf, printed, {}))


def _change(
    block: Block, unknown: int, withheld: Collection[int], *, at_least: int = 0, at_most: int = CEILING
) -> Change | None:
    """The smallest change that lets the unknown be in this range; None where there is no such table.

    The columns are the unknowns, as far as they are known; then what is added to each printed figure; then what is taken from it. Public
    sizes that are shown never change.
    """
    printed = [c for c, i in enumerate(block.unknowns) if i not in withheld and i not in block.system.public]
    known = [
        (0, largest(block.system, i)) if i in withheld else block.system.known[i] for i in block.unknowns
    ]
    lower, upper = np.array(known, float).T
    most = np.array([largest(block.system, block.unknowns[c]) for c in printed], float)
    column = block.unknowns.index(unknown)
    lower[column], upper[column] = max(lower[column], at_least), min(upper[column], at_most)
    if lower[column] > upper[column]:
        return None
    cost = np.array([_cost(block, block.unknowns[c]) for c in printed])
    none = np.zeros(len(printed))
    found = least(
        np.concatenate([np.zeros(len(known)), cost, cost]),
        np.concatenate([lower, none, none]), np.concatenate([upper, most - upper[printed], lower[printed]]),
        [LinearConstraint(hstack([c.A, c.A[:, printed], -c.A[:, printed]]), c.lb, c.ub) for c in block.constraints],
    )  # fmt: skip
    if found is None:
        return None
    values, added, taken = np.split(found.x, [len(known), len(known) + len(printed)])
    values[printed] += added - taken
    changed = frozenset(block.unknowns[c] for c, by in zip(printed, added + taken, strict=True) if by > MOVED)
    return Change(found.fun, changed, block.whole(values))


def _cost(block: Block, unknown: int) -> float:
    """What a reader loses: large figures are worth more than small ones, totals more than their parts."""
    levels_up = block.deepest - len(block.system.names[unknown][1])
    weight = block.system.worths[unknown] * block.policy.weight_of_a_total**levels_up
    return log1p(block.system.values[unknown]) * weight


class Audit:
    """Audits figures that are withheld, again and again with more of them: what was found possible stays possible."""

    def __init__(self, system: LinearSystem, minimum: int, policy: SuppressionPolicy) -> None:
        self.system, self.policy = system, policy
        self.ranges = _Ranges(system, minimum, policy)

    def widened(self, withheld: Collection[int]) -> set[int]:
        """The withheld figures, with those that must also be withheld so that each range is wide enough."""
        hidden = set(withheld)
        for unknowns in blocks(self.system):
            mine = hidden & set(unknowns)
            if mine:
                hidden |= self._wide_enough(unknowns, mine)
        return hidden

    def narrow(self, withheld: Collection[int]) -> set[int]:
        """The withheld figures that a reader can place closer than the minimum allows; empty for a release that is safe."""
        self.ranges.add(withheld)
        found: set[int] = set()
        for part in open_parts(self.system, withheld):
            self.ranges.widen_many(part)
            found |= set(self.ranges.narrow(part))
        return found

    def _wide_enough(self, unknowns: list[int], withheld: set[int]) -> set[int]:
        """Withholds more figures of one block, one narrow range after another, until none is left. Only the parts that change are
        audited again."""
        block, ranges = Block.of(self.system, unknowns, self.policy), self.ranges
        safe: set[tuple[int, ...]] = set()
        ranges.add(withheld)
        for turn in count():
            parts = open_parts(self.system, withheld)
            more: set[int] = set()
            for part in (p for p in parts if p.unknowns not in safe):
                if turn % TURNS == 0:
                    ranges.widen_many(part)
                unknown = next(ranges.narrow(part), None)
                if unknown is None:
                    safe.add(part.unknowns)
                    continue
                change = least_change(
                    block, unknown, withheld, low=ranges.high[unknown] - ranges.needed(unknown),
                    high=max(ranges.low[unknown] + ranges.needed(unknown), ranges.top(unknown)),
                )  # fmt: skip
                more |= change.figures
                ranges.add(change.figures)
                ranges.widen(change.table)
            if not more:
                break
            withheld = withheld | more
        return withheld


class _Ranges:
    """The values known so far to be possible. Every table found widens the ranges of all its figures."""

    def __init__(self, system: LinearSystem, minimum: int, policy: SuppressionPolicy) -> None:
        self.system, self.minimum = system, minimum
        self.width = minimum + policy.extra_beside_one
        self.low: dict[int, int] = {}
        self.high: dict[int, int] = {}

    def add(self, withheld: Iterable[int]) -> None:
        for i in withheld:
            self.low.setdefault(i, self.system.values[i])
            self.high.setdefault(i, self.system.values[i])

    def narrow(self, part: OpenPart) -> Iterator[int]:
        """The withheld figures of the part that a reader can place too closely."""
        for column in part.withheld:
            unknown = part.unknowns[column]
            if not self._is_open(part, column) and not self._is_no_secret(part, column):
                yield unknown

    def _is_open(self, part: OpenPart, column: int) -> bool:
        """Whether the figure has a range that is wide enough: first over fractions, which is quicker and often enough to say no."""
        unknown = part.unknowns[column]
        if self.known_wide(unknown):
            return True
        ends = []
        for sign in (-1, 1):
            end, table = part.relaxed(part.aim({column: sign}))
            self._widen(part, table)
            if self.known_wide(unknown):
                return True
            ends.append(end * sign)
        most, least = ends
        if most - least < self.needed(unknown) - MOVED or most < self.top(unknown) - MOVED:
            return False
        for largest_first in (True, False):
            self._widen(part, part.extreme(column, largest=largest_first))
            if self.known_wide(unknown):
                return True
        return False

    def widen_many(self, part: OpenPart) -> None:
        """Tables that widen many figures at once."""
        for table in part.moving_many(lambda: self._waiting(part)):
            self._widen(part, table)

    def _waiting(self, part: OpenPart) -> list[int]:
        return [c for c in part.withheld if not self.known_wide(part.unknowns[c])]

    def _is_no_secret(self, part: OpenPart, column: int) -> bool:
        """Whether a reader of the sizes sees by one sum that the figure is at least the minimum: so it hides others, and is no small one."""
        return self.system.sizes_known and part.least(column, part.lower, part.upper) >= self.minimum

    def _widen(self, part: OpenPart, table: Table | None) -> None:
        if table is not None:
            self.widen({part.unknowns[column]: int(table[column]) for column in part.withheld})

    def widen(self, table: Mapping[int, int]) -> None:
        """Takes this table as possible."""
        for i in self.low.keys() & table.keys():
            self.low[i] = min(self.low[i], table[i])
            self.high[i] = max(self.high[i], table[i])

    def known_wide(self, unknown: int) -> bool:
        wide = self.high[unknown] - self.low[unknown] >= self.needed(unknown)
        return wide and self.high[unknown] >= self.top(unknown)

    def needed(self, unknown: int) -> int:
        """The width that protects a figure; a numerator cannot range wider than its denominator."""
        return min(self.width, largest(self.system, unknown))

    def top(self, unknown: int) -> int:
        return min(self.minimum, largest(self.system, unknown))
