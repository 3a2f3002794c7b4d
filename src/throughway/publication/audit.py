"""Audits the range in which a reader can place each withheld figure, and repairs until every range is wide enough.

Exact elimination is not enough: a figure that cannot be computed may still be known to lie between 3 and 5. A figure is
protected when some table that fits all that is printed differs in it by at least the minimum cell, and some such table
has at least the minimum there.
"""

from collections import deque

from throughway.publication.integer_program import Block, Solution
from throughway.publication.linear_system import LinearSystem, blocks
from throughway.publication.policy import SuppressionPolicy
from throughway.publication.range_widening import figures_to_withhold


def widened(system: LinearSystem, withheld: set[int], minimum: int, policy: SuppressionPolicy) -> set[int]:
    """The withheld figures and those to be withheld beside them, so that each range is wide enough."""
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
    """What is known so far to be possible within one block. Every table found widens the ranges of all its figures."""

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
                    break  # nothing is printed any more that could tell
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
        """The width that protects; a numerator cannot range wider than its denominator."""
        return min(self.width, self.block.largest(unknown))

    def top(self, unknown: int) -> int:
        return min(self.minimum, self.block.largest(unknown))
