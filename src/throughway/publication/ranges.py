"""Shows a range such as "0–20" in place of a withheld count, where the range tells too little to place any withheld figure.

A range is found by halving: is the count at most 20, or above? The answer is shown only where *both* answers would leave every withheld
figure of the part a range that is wide enough. So whether a question is answered depends on what is printed already, never on the
true counts, and a question that is not answered tells nothing either (simulatable auditing: Kenthapadi, Mishra and Nissim, 2005).

The reader is assumed to know the rule too: of figures that relations connect, one at least is below the minimum.
"""

from collections import deque
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from throughway.publication.linear_system import LinearSystem, with_known_sizes
from throughway.publication.open_part import CEILING, OpenPart, Table, largest, open_parts
from throughway.publication.policy import SuppressionPolicy

CandidateRanges = dict[int, tuple[int, int]]  # unknown → smallest and largest count
ROUNDS = 50  # of implied bounds; fewer leave them wider
SMALL_TRIES = 3  # figures that are tried as the one below the minimum


def ranges_of(
    system: LinearSystem, withheld: Collection[int], minimum: int, policy: SuppressionPolicy
) -> CandidateRanges:
    """A range for each withheld count that may have one and is not too wide to be useful. Rates have none."""
    found: CandidateRanges = {}
    reader = with_known_sizes(system)
    for part in open_parts(system, withheld):
        if len(part.unknowns) <= policy.largest_part and all(system.caps[i] is None for i in part.unknowns):
            found |= _Halving(part, reader, minimum, policy).ranges()
    return found


class _Halving:
    """One part. `pool`: tables that fit everything that is shown so far; `lower` and `upper`: what is shown."""

    def __init__(self, part: OpenPart, reader: LinearSystem, minimum: int, policy: SuppressionPolicy) -> None:
        self.part, self.minimum, self.policy = part, minimum, policy
        self.needed = (
            minimum + policy.extra_beside_one
        )  # whether a figure is 1 is not asked: that would depend on the true counts
        self.withheld = np.array(part.withheld)
        # The withheld sizes of groups: each question must be safe before a reader who knows them, too.
        self.sizes = np.array([c for c in part.withheld if part.unknowns[c] in part.system.public], np.int64)
        self.caps = np.array([largest(reader, i) for i in part.unknowns], np.int64)
        self.lower, self.upper = self._implied(part.lower, part.upper)
        self.pool: NDArray[np.int64] = np.empty((0, len(part.unknowns)), np.int64)

    def ranges(self) -> CandidateRanges:
        if self._safe(self.lower, self.upper):
            waiting = deque(self.part.withheld)
            while waiting:
                column = waiting.popleft()
                if self._halve(column):
                    waiting.append(column)
        return {
            self.part.unknowns[c]: (int(self.lower[c]), int(self.upper[c]))
            for c in self.part.withheld
            if self.policy.is_useful(int(self.lower[c]), int(self.upper[c]), self.minimum)
        }

    def _implied(self, lower: Table, upper: Table) -> tuple[Table, Table]:
        """These bounds, made as narrow as each relation alone makes them, again and again."""
        lower, upper = lower.copy(), upper.copy()
        for _ in range(ROUNDS):
            before = lower.sum(), upper.sum()
            for columns, factors, side in self.part.inequalities:
                least = np.where(factors > 0, factors * lower[columns], factors * upper[columns])
                room = (side - (least.sum() - least)) // abs(factors)
                up, down = columns[factors > 0], columns[factors < 0]
                upper[up] = np.minimum(upper[up], room[factors > 0])
                lower[down] = np.maximum(lower[down], -room[factors < 0])
            if (lower.sum(), upper.sum()) == before:
                break
        return lower, upper

    def _halve(self, column: int) -> bool:
        """Shows in which half one count is, if either half may be shown."""
        low, high = int(self.lower[column]), int(self.upper[column])
        if high - low <= 2 * self.needed:
            return False
        middle = min((low + high) // 2, 2 * low + 2 * self.needed)
        upper, lower = self.upper.copy(), self.lower.copy()
        upper[column], lower[column] = middle, middle + 1
        if not (self._safe(self.lower, upper) and self._safe(lower, self.upper)):
            return False
        if self.part.system.values[self.part.unknowns[column]] <= middle:
            self.lower, self.upper = self._implied(self.lower, upper)
        else:
            self.lower, self.upper = self._implied(lower, self.upper)
        self.pool = self.pool[((self.pool >= self.lower) & (self.pool <= self.upper)).all(axis=1)]
        return True

    def _safe(self, lower: Table, upper: Table) -> bool:
        """Whether every withheld figure has a range that is wide enough, within these bounds, before a reader of the release alone and
        before one who knows the sizes of groups."""
        if not self._wide(lower, upper, np.full(len(lower), self.needed)):
            return False
        if not self.sizes.size:
            return True
        lower, upper, needs = lower.copy(), np.minimum(upper, self.caps), np.minimum(self.needed, self.caps)
        lower[self.sizes] = upper[self.sizes] = self.caps[self.sizes]
        for column in self.withheld:
            if column in self.sizes or self.part.least(column, lower, upper) >= self.minimum:
                needs[column] = 0  # a size is no secret here, nor is a figure that is no small one
        return bool((lower <= upper).all()) and self._wide(lower, upper, needs)

    def _wide(self, lower: Table, upper: Table, needs: Table) -> bool:
        """Whether every withheld figure has a range as wide as it needs, within these bounds. Tables that prove it join the pool."""
        inside = self.pool[((self.pool >= lower) & (self.pool <= upper)).all(axis=1)]
        low, high = np.full(len(lower), CEILING), np.zeros(len(lower), np.int64)
        if len(inside):
            low, high = inside.min(axis=0), inside.max(axis=0)
        order = self.withheld[np.argsort(upper[self.withheld] - lower[self.withheld], kind="stable")]

        def waiting() -> list[int]:
            return [c for c in order if not self._is_wide(low[c], high[c], needs[c])]

        def keep(table: Table) -> None:
            nonlocal low, high
            self.pool = np.vstack([self.pool, table])
            low, high = np.minimum(low, table), np.maximum(high, table)

        for table in self.part.moving_many(waiting, lower, upper):
            if self._obeys_rule(table):
                keep(table)
        for column in waiting():
            for largest_first in (True, False):
                if self._is_wide(low[column], high[column], needs[column]):
                    break
                found = self._extreme(column, lower, upper, largest=largest_first)
                if found is None:
                    return False
                keep(found)
            if not self._is_wide(low[column], high[column], needs[column]):
                return False
        return True

    def _obeys_rule(self, table: Table) -> bool:
        """Whether one withheld figure at least is below the minimum."""
        return bool((table[self.withheld] < self.minimum).any())

    def _is_wide(self, low: int, high: int, needed: int) -> bool:
        return bool(high - low >= needed and high >= min(self.minimum, needed))

    def _extreme(self, column: int, lower: Table, upper: Table, *, largest: bool) -> Table | None:
        """A table within these bounds in which a figure is below the minimum, with one count as small or as large as can be."""
        table = self.part.extreme(column, largest=largest, lower=lower, upper=upper)
        if table is None or self._obeys_rule(table):
            return table
        small = [c for c in self.withheld if lower[c] < self.minimum]
        for each in sorted(small, key=lambda c: (table[c], c))[:SMALL_TRIES]:
            bounded = upper.copy()
            bounded[each] = min(bounded[each], self.minimum - 1)
            found = self.part.extreme(column, largest=largest, lower=lower, upper=bounded)
            if found is not None:
                return found
        return None
