"""One linear program over fractions, solved by HiGHS within a number of steps: always with the same answer to the same program."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, OptimizeResult, linprog
from scipy.sparse import csr_array, vstack

Vector = NDArray[np.float64]
Limits = Vector | NDArray[np.int64]
# Of the simplex method: many times what any program of a town of 5,000 students takes. A number, not a time: else a loaded machine would
# withhold a figure that a quiet one shows.
STEPS = 50_000


def least(
    aim: Vector, lower: Limits, upper: Limits, constraints: Sequence[LinearConstraint] = ()
) -> OptimizeResult | None:
    """The smallest `aim @ x` with x from `lower` to `upper` and within the constraints: its `x` and `fun`, and the `eqlin.marginals` of
    the constraints that are equations. None where nothing fits, or no answer was found in so many steps."""
    equal, at_most = [], []
    for each in constraints:
        matrix = csr_array(each.A)
        low, high = (np.broadcast_to(side, matrix.shape[0]) for side in (each.lb, each.ub))
        exact = low == high
        equal.append(_some(matrix, high, exact))
        at_most.append(_some(matrix, high, ~exact & np.isfinite(high)))
        at_most.append(_some(-matrix, -low, ~exact & np.isfinite(low)))
    a_eq, b_eq = _joined(equal)
    a_ub, b_ub = _joined(at_most)
    found = linprog(
        aim, A_ub=a_ub, b_ub=b_ub, A_eq=a_eq, b_eq=b_eq, bounds=np.column_stack([lower, upper]), method="highs",
        options={"maxiter": STEPS},
    )  # fmt: skip
    return found if found.status == 0 else None


Rows = tuple[csr_array, Vector]  # with a side each


def _some(rows: csr_array, sides: Vector, which: NDArray[np.bool_]) -> Rows:
    return (rows, sides) if which.all() else (rows[which], sides[which])


def _joined(parts: Sequence[Rows]) -> Rows | tuple[None, None]:
    parts = [(rows, sides) for rows, sides in parts if len(sides)]
    if len(parts) < 2:
        return parts[0] if parts else (None, None)
    return vstack([rows for rows, _ in parts], format="csr"), np.concatenate([sides for _, sides in parts])
