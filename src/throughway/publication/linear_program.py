"""One linear program over fractions, solved by HiGHS, a large one within a number of steps: always with the same answer to the same program."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csr_array, vstack

from throughway.core.long_work import check_no_transaction

Vector = NDArray[np.float64]
Limits = Vector | NDArray[np.int64]
# Of the simplex method: many times what any program of a town of 5,000 students takes. A number, not a time: else a loaded machine would
# withhold a figure that a quiet one shows.
STEPS = 50_000
FEW = 100  # unknowns: so few take at most some hundred steps, and need no limit


def least(
    aim: Vector, lower: Limits, upper: Limits, constraints: Sequence[LinearConstraint] = (), *, marginals: bool = False
) -> OptimizeResult | None:  # fmt: skip
    """The smallest `aim @ x` with x from `lower` to `upper` and within the constraints: its `x` and `fun`, and the `eqlin.marginals` of
    the constraints that are equations, if asked for. None where nothing fits, or no answer was found in so many steps."""
    check_no_transaction("a linear program")
    if len(aim) <= FEW and not marginals and all(map(_as_solved, constraints)):
        return _solved(milp(aim, bounds=Bounds(lower, upper), constraints=constraints))
    equal: list[Rows] = []
    at_most: list[Rows] = []
    for each in constraints:
        low, high = (np.broadcast_to(side, each.A.shape[0]) for side in (each.lb, each.ub))
        exact = low == high
        for sign, side, which, listed in (
            (1, high, exact, equal),
            (1, high, ~exact & np.isfinite(high), at_most),
            (-1, low, ~exact & np.isfinite(low), at_most),
        ):
            if which.any():
                rows = each.A if which.all() else csr_array(each.A)[which]
                listed.append((rows, side[which]) if sign > 0 else (-rows, -side[which]))
    a_eq, b_eq = _joined(equal)
    a_ub, b_ub = _joined(at_most)
    if len(aim) <= FEW and not marginals:
        # The same rows in the same order, so the same answer. To prepare a small program takes longer than to solve it, and `milp` prepares
        # it in a third of the time.
        within = [LinearConstraint(a_ub, np.full_like(b_ub, -np.inf), b_ub)] if at_most else []
        within += [LinearConstraint(a_eq, b_eq, b_eq)] if equal else []
        found = milp(aim, bounds=Bounds(lower, upper), constraints=within)
    else:
        found = linprog(
            aim, A_ub=a_ub, b_ub=b_ub, A_eq=a_eq, b_eq=b_eq, bounds=np.column_stack([lower, upper]), method="highs",
            options={"maxiter": STEPS},
        )  # fmt: skip
    return _solved(found)


def _solved(found: OptimizeResult) -> OptimizeResult | None:
    return found if found.status == 0 else None


def _as_solved(each: LinearConstraint) -> bool:
    """Whether each row is an equation or at most its side, as the solver takes it."""
    return bool(((each.lb == each.ub) | np.isneginf(each.lb)).all())


Rows = tuple[csr_array, Vector]  # with a side each


def _joined(parts: Sequence[Rows]) -> Rows | tuple[None, None]:
    if len(parts) < 2:
        return parts[0] if parts else (None, None)
    return vstack([rows for rows, _ in parts], format="csr"), np.concatenate([sides for _, sides in parts])
