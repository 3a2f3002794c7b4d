"""One whole-number program, put together row by row and solved by HiGHS, always with the same answer to the same program."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from throughway.core.long_work import check_no_transaction

GAP = 0.02  # an answer that is nearly the best is good enough
NODES = 300  # of the search for it; a number, not a time, so that the same program has the same answer


class IntegerProgram:
    """One whole-number program, row by row."""

    def __init__(self, lower: Sequence[float], upper: Sequence[float]) -> None:
        self.lower, self.upper = list(lower), list(upper)
        self.whole = [1] * len(self.lower)
        self.cost = [0.0] * len(self.lower)
        self.entries: list[tuple[int, int, float]] = []
        self.sides: list[tuple[float, float]] = []

    def add(self, lower: float, upper: float, *, gain: float = 0, whole: bool = False) -> int:
        self.lower.append(lower)
        self.upper.append(upper)
        self.whole.append(int(whole))
        self.cost.append(-gain)
        return len(self.lower) - 1

    def limit(self, column: int, low: float, high: float) -> None:
        self.lower[column] = max(self.lower[column], low)
        self.upper[column] = min(self.upper[column], high)

    def row(self, times: Mapping[int, float], low: float, high: float) -> None:
        self.entries += [(len(self.sides), column, each) for column, each in times.items()]
        self.sides.append((low, high))

    def best(self, *, exactly: bool = False) -> list[int] | None:
        """The best table found; None where there is none."""
        check_no_transaction("a whole-number program")
        if any(low > high for low, high in zip(self.lower, self.upper, strict=True)):
            return None
        constraints = []
        if self.sides:
            lines, columns, values = zip(*self.entries, strict=True)
            matrix = coo_array((values, (lines, columns)), shape=(len(self.sides), len(self.lower))).tocsr()
            low, high = np.array(self.sides).T
            constraints = [LinearConstraint(matrix, low, high)]
        found = milp(self.cost, integrality=self.whole, bounds=Bounds(self.lower, self.upper), constraints=constraints,
                     options={"mip_rel_gap": 0 if exactly else GAP, "node_limit": NODES})  # fmt: skip
        return None if found.x is None else [round(value) for value in found.x]
