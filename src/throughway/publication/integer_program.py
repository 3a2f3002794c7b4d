"""One block of the system as an integer programme: what a reader who knows all that is printed can still imagine."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from throughway.publication.linear_system import LinearSystem, Row
from throughway.publication.policy import SuppressionPolicy

Solution = dict[int, int]  # unknown → value in one table that fits all that is printed


@dataclass(frozen=True)
class Block:
    """Unknowns that relations join, and those relations, as matrices over the block's own columns."""

    system: LinearSystem
    unknowns: tuple[int, ...]
    ceiling: int  # no count is imagined larger; far above what any answer needs
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
        """A whole-number table that fits, with the smallest or largest value of one unknown; None where none was found.

        Whole numbers only, because readers know that students come whole: a range over fractions would look too wide.
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
        """The largest value that an unknown can have whatever is printed."""
        cap = self.system.caps[unknown]
        return self.ceiling if cap is None else cap


def _matrix(rows: Sequence[Row], columns: dict[int, int]) -> csr_array:
    places = [(line, columns[i], times) for line, row in enumerate(rows) for i, times in row.items()]
    lines, at, values = zip(*places, strict=True)
    return csr_array((np.array(values, float), (lines, at)), shape=(len(rows), len(columns)))
