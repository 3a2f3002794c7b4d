"""Audits the range in which a reader can place each withheld figure, and repairs until every range is wide enough.

Exact elimination is not enough: a figure that cannot be computed may still be known to lie between 3 and 5. A figure is
protected when some table that fits all that is printed differs in it by at least the minimum cell, and some such table
has at least the minimum there.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log1p

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from throughway.publication.linear_system import LinearSystem, Row, blocks
from throughway.publication.open_part import OpenPart, Table, largest, open_parts
from throughway.publication.policy import SuppressionPolicy


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
        constraints = [LinearConstraint(_matrix(equal, columns), 0, 0)] if equal else []
        if at_most:
            constraints.append(LinearConstraint(_matrix(at_most, columns), -np.inf, 0))
        return cls(system, tuple(unknowns), tuple(constraints), policy)

    @cached_property
    def deepest(self) -> int:
        """The most dimensions of a place."""
        return max(len(self.system.names[i][1]) for i in self.unknowns)


def _matrix(rows: Sequence[Row], columns: dict[int, int]) -> csr_array:
    places = [(line, columns[i], times) for line, row in enumerate(rows) for i, times in row.items()]
    lines, at, values = zip(*places, strict=True)
    return csr_array((np.array(values, float), (lines, at)), shape=(len(rows), len(columns)))


MOVED = 1e-6


def figures_to_withhold(
    block: Block, unknown: int, withheld: Collection[int], *, low: int, high: int
) -> set[int]:
    """The printed figures to withhold so that `unknown` may be as small as `low` or as large as `high`.

    The cheaper of the two; everything printed in the block where neither is possible otherwise.
    """
    printed = [i for i in block.unknowns if i not in withheld and i not in block.system.public]
    known = block.system.public.difference(withheld)
    changes = [_least_change(block, unknown, printed, known, at_least=high)]
    if low >= 0:
        changes.append(_least_change(block, unknown, printed, known, at_most=low))
    found = [change for change in changes if change and change[1]]
    return min(found, key=lambda change: change[0])[1] if found else set(printed)


def _least_change(
    block: Block, unknown: int, printed: list[int], sizes: Collection[int], *, at_least: int | None = None, at_most: int | None = None,
) -> tuple[float, set[int]] | None:  # fmt: skip
    """Cost and figures of the smallest change to what is printed; None where there is no such table. `sizes` are known and never change.

    The columns are the unknowns, then one column for each printed figure: its distance from the printed value.
    """
    size, extra = len(block.unknowns), len(printed)
    columns = {i: column for column, i in enumerate(block.unknowns)}
    pick = csr_array((np.ones(extra), (range(extra), [columns[i] for i in printed])), shape=(extra, size))
    known = np.array([block.system.known[i] for i in printed], float).reshape(extra, 2)
    constraints = [LinearConstraint(hstack([c.A, csr_array((c.A.shape[0], extra))]), c.lb, c.ub)
                   for c in block.constraints]  # fmt: skip
    if extra:
        constraints.append(LinearConstraint(hstack([pick, eye_array(extra)]), known[:, 0], np.inf))
        constraints.append(LinearConstraint(hstack([pick, -eye_array(extra)]), -np.inf, known[:, 1]))
    lower = np.zeros(size + extra)
    upper = np.array([*(largest(block.system, i) for i in block.unknowns), *[np.inf] * extra], float)
    for i in sizes:
        if i in columns:
            lower[columns[i]] = upper[columns[i]] = block.system.values[i]
    if at_least is not None:
        lower[columns[unknown]] = at_least
    if at_most is not None:
        upper[columns[unknown]] = at_most
    if (lower > upper).any():
        return None
    cost = np.array([*[0.0] * size, *(_cost(block, i) for i in printed)])
    found = milp(cost, bounds=Bounds(lower, upper), constraints=constraints,
                 options={"time_limit": block.policy.seconds})  # fmt: skip
    if found.status != 0:
        return None
    return found.fun, {i for i, change in zip(printed, found.x[size:], strict=True) if change > MOVED}


def _cost(block: Block, unknown: int) -> float:
    """What a reader loses: large figures are worth more than small ones, totals more than their parts."""
    levels_up = block.deepest - len(block.system.names[unknown][1])
    weight = block.system.worths[unknown] * block.policy.weight_of_a_total**levels_up
    return log1p(block.system.values[unknown]) * weight


def widened(system: LinearSystem, withheld: set[int], minimum: int, policy: SuppressionPolicy) -> set[int]:
    """The withheld figures, with those that must also be withheld so that each range is wide enough."""
    hidden = set(withheld)
    for unknowns in blocks(system):
        mine = withheld & set(unknowns)
        if mine:
            hidden |= _wide_enough(system, unknowns, mine, minimum, policy)
    return hidden


def narrow(system: LinearSystem, withheld: set[int], minimum: int, policy: SuppressionPolicy) -> set[int]:
    """The withheld figures that a reader can place closer than the minimum allows; empty for a release that is safe."""
    found: set[int] = set()
    for unknowns in blocks(system):
        mine = withheld & set(unknowns)
        if mine:
            ranges = _Ranges(system, mine, minimum, policy)
            for part in open_parts(system, mine, seconds=policy.seconds):
                found |= set(ranges.narrow(part))
    return found


def _wide_enough(
    system: LinearSystem, unknowns: list[int], withheld: set[int], minimum: int, policy: SuppressionPolicy
) -> set[int]:
    """Withholds more figures of one block, one narrow range after another, until none is left. Only the parts that change are audited
    again."""
    block = Block.of(system, unknowns, policy)
    ranges = _Ranges(system, withheld, minimum, policy)
    safe: set[tuple[int, ...]] = set()
    while True:
        parts = [p for p in open_parts(system, withheld, seconds=policy.seconds) if p.unknowns not in safe]
        more: set[int] = set()
        for part in parts:
            unknown = next(ranges.narrow(part), None)
            if unknown is None:
                safe.add(part.unknowns)
                continue
            more |= figures_to_withhold(
                block, unknown, withheld, low=ranges.high[unknown] - ranges.needed(unknown),
                high=max(ranges.low[unknown] + ranges.needed(unknown), ranges.top(unknown)),
            )  # fmt: skip
        if not more:
            return withheld
        withheld = withheld | more
        ranges.add(more)


class _Ranges:
    """The values known so far to be possible within one block. Every table found widens the ranges of all its figures."""

    def __init__(
        self, system: LinearSystem, withheld: Collection[int], minimum: int, policy: SuppressionPolicy
    ) -> None:
        self.system, self.minimum = system, minimum
        self.width = minimum + policy.extra_beside_one
        self.low: dict[int, int] = {}
        self.high: dict[int, int] = {}
        self.add(withheld)

    def add(self, withheld: Iterable[int]) -> None:
        values = {i: self.system.values[i] for i in withheld}
        self.low.update(values)
        self.high.update(values)

    def narrow(self, part: OpenPart) -> Iterator[int]:
        """The withheld figures of the part that a reader can place too closely."""
        for column in part.withheld:
            for largest_first in (True, False):
                if self._known_wide(part.unknowns[column]):
                    break
                table = part.extreme(column, largest=largest_first)
                if table is not None:
                    self._widen(part, table)
            if not self._known_wide(part.unknowns[column]) and not self._is_no_secret(part, column):
                yield part.unknowns[column]

    def _is_no_secret(self, part: OpenPart, column: int) -> bool:
        """Whether a reader of the sizes sees by one sum that the figure is at least the minimum: so it hides others, and is no small one."""
        return self.system.sizes_known and part.least(column, part.lower, part.upper) >= self.minimum

    def _widen(self, part: OpenPart, table: Table) -> None:
        for column in part.withheld:
            i, value = part.unknowns[column], int(table[column])
            self.low[i] = min(self.low[i], value)
            self.high[i] = max(self.high[i], value)

    def _known_wide(self, unknown: int) -> bool:
        wide = self.high[unknown] - self.low[unknown] >= self.needed(unknown)
        return wide and self.high[unknown] >= self.top(unknown)

    def needed(self, unknown: int) -> int:
        """The width that protects a figure; a numerator cannot range wider than its denominator."""
        return min(self.width, largest(self.system, unknown))

    def top(self, unknown: int) -> int:
        return min(self.minimum, largest(self.system, unknown))
