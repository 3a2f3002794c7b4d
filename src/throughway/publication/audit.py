"""Audits the range in which a reader can place each withheld figure, and repairs until every range is wide enough.

Exact elimination is not enough: a figure that cannot be computed may still be known to lie between 3 and 5. A figure is
protected when some table that fits all that is printed differs in it by at least the minimum cell, and some such table
has at least the minimum there.
"""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from throughway.publication.linear_system import LinearSystem, Row, blocks
from throughway.publication.policy import SuppressionPolicy

Solution = dict[int, int]  # unknown → value in one table that is consistent with everything printed


@dataclass(frozen=True)
class Block:
    """Unknowns that are connected by relations, with those relations, as matrices over the block's own columns."""

    system: LinearSystem
    unknowns: tuple[int, ...]
    ceiling: int  # upper bound of any count; far above what an answer needs
    constraints: tuple[LinearConstraint, ...]
    policy: SuppressionPolicy

    @classmethod
    def of(
        cls, system: LinearSystem, unknowns: Sequence[int], policy: SuppressionPolicy, *, room: int
    ) -> "Block":
        columns = {i: column for column, i in enumerate(unknowns)}
        equal = [row for row in system.equal if next(iter(row)) in columns]
        at_most = [row for row in system.at_most if next(iter(row)) in columns]
        constraints = [LinearConstraint(_matrix(equal, columns), 0, 0)] if equal else []
        if at_most:
            constraints.append(LinearConstraint(_matrix(at_most, columns), -np.inf, 0))
        ceiling = sum(system.values[i] for i in unknowns) + 4 * room
        return cls(system, tuple(unknowns), ceiling, tuple(constraints), policy)

    def extreme(self, unknown: int, withheld: Collection[int], *, largest: bool) -> Solution | None:
        """A whole-number table that is consistent with everything printed, with the smallest or largest value of one unknown; None
        where none was found.

        Whole numbers only, because readers know that students are whole: a range over fractions would be too wide.
        """
        aim = np.zeros(len(self.unknowns))
        aim[self.unknowns.index(unknown)] = -1 if largest else 1
        lower, upper = self._bounds(withheld)
        found = milp(aim, integrality=np.ones(len(aim)), bounds=Bounds(lower, upper), constraints=self.constraints,
                     options={"time_limit": self.policy.seconds})  # fmt: skip
        if found.status != 0:
            return None
        return dict(zip(self.unknowns, (round(value) for value in found.x), strict=True))

    def _bounds(self, withheld: Collection[int]) -> tuple[np.ndarray, np.ndarray]:
        known = [(0, self.largest(i)) if i in withheld else self.system.known[i] for i in self.unknowns]
        return np.array([low for low, _ in known], float), np.array([high for _, high in known], float)

    def largest(self, unknown: int) -> int:
        """The largest possible value of an unknown, whatever is printed."""
        cap = self.system.caps[unknown]
        return self.ceiling if cap is None else cap


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
    printed = [i for i in block.unknowns if i not in withheld]
    changes = [_least_change(block, unknown, printed, at_least=high)]
    if low >= 0:
        changes.append(_least_change(block, unknown, printed, at_most=low))
    found = [change for change in changes if change and change[1]]
    return min(found, key=lambda change: change[0])[1] if found else set(printed)


def _least_change(
    block: Block, unknown: int, printed: list[int], *, at_least: int | None = None, at_most: int | None = None
) -> tuple[float, set[int]] | None:
    """Cost and figures of the smallest change to what is printed; None where there is no such table.

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
    upper = np.array([*(block.largest(i) for i in block.unknowns), *[np.inf] * extra], float)
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
    deepest = max(len(block.system.names[i][1]) for i in block.unknowns)
    levels_up = deepest - len(block.system.names[unknown][1])
    weight = block.system.worths[unknown] * block.policy.weight_of_a_total**levels_up
    return log1p(block.system.values[unknown]) * weight


def widened(system: LinearSystem, withheld: set[int], minimum: int, policy: SuppressionPolicy) -> set[int]:
    """The withheld figures, with those that must also be withheld so that each range is wide enough."""
    hidden: set[int] = set()
    for unknowns in blocks(system):
        mine = withheld & set(unknowns)
        if mine:
            hidden |= _Ranges(system, unknowns, mine, minimum, policy).wide_enough()
    return hidden


def narrow(system: LinearSystem, withheld: set[int], minimum: int, policy: SuppressionPolicy) -> set[int]:
    """The withheld figures that a reader can place closer than the minimum allows; empty for a release that is safe."""
    found: set[int] = set()
    for unknowns in blocks(system):
        mine = withheld & set(unknowns)
        if mine:
            ranges = _Ranges(system, unknowns, mine, minimum, policy)
            found |= {i for i in sorted(mine) if not ranges.is_wide(i)}
    return found


class _Ranges:
    """The values known so far to be possible within one block. Every table found widens the ranges of all its figures."""

    def __init__(
        self,
        system: LinearSystem,
        unknowns: list[int],
        withheld: set[int],
        minimum: int,
        policy: SuppressionPolicy,
    ) -> None:
        alone = any(system.values[i] == 1 for i in withheld)
        self.minimum = minimum
        self.width = minimum + (policy.extra_beside_one if alone else 0)
        self.block = Block.of(system, unknowns, policy, room=self.width)
        self.withheld = set(withheld)
        self.low: Solution = {i: system.values[i] for i in unknowns}
        self.high: Solution = dict(self.low)

    def wide_enough(self) -> set[int]:
        waiting = deque(sorted(self.withheld))
        while waiting:
            unknown = waiting.popleft()
            while not self.is_wide(unknown):
                more = figures_to_withhold(self.block, unknown, self.withheld, low=self.high[unknown] - self.needed(unknown),
                                  high=max(self.low[unknown] + self.needed(unknown), self.top(unknown)))  # fmt: skip
                if not more:
                    break  # everything is withheld already
                self.withheld |= more
                waiting.extend(sorted(more))
        return self.withheld

    def is_wide(self, unknown: int) -> bool:
        for largest in (True, False):
            if self._known_wide(unknown):
                return True
            table = self.block.extreme(unknown, self.withheld, largest=largest)
            for i, value in (table or {}).items():
                self.low[i] = min(self.low[i], value)
                self.high[i] = max(self.high[i], value)
        return self._known_wide(unknown)

    def _known_wide(self, unknown: int) -> bool:
        wide = self.high[unknown] - self.low[unknown] >= self.needed(unknown)
        return wide and self.high[unknown] >= self.top(unknown)

    def needed(self, unknown: int) -> int:
        """The width that protects a figure; a numerator cannot range wider than its denominator."""
        return min(self.width, self.block.largest(unknown))

    def top(self, unknown: int) -> int:
        return min(self.minimum, self.block.largest(unknown))
