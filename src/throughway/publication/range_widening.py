"""Withholds a little more where a withheld figure's range is too narrow.

Of all tables in which the figure has moved far enough, the one that changes what is printed least tells which printed
figures stand in the way: each that moved is withheld.
"""

from collections.abc import Collection
from math import log1p

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from throughway.publication.integer_program import Block

MOVED = 1e-6


def figures_to_withhold(
    block: Block, unknown: int, withheld: Collection[int], *, low: int, high: int
) -> set[int]:
    """The printed figures to withhold so that `unknown` may be as small as `low` or as large as `high`.

    The cheaper of the two; all that is printed in the block where neither is possible otherwise.
    """
    printed = [i for i in block.unknowns if i not in withheld]
    ways = [_least_change(block, unknown, printed, at_least=high)]
    if low >= 0:
        ways.append(_least_change(block, unknown, printed, at_most=low))
    found = [way for way in ways if way and way[1]]
    return min(found, key=lambda way: way[0])[1] if found else set(printed)


def _least_change(
    block: Block, unknown: int, printed: list[int], *, at_least: int | None = None, at_most: int | None = None
) -> tuple[float, set[int]] | None:
    """Cost and figures of the least change of what is printed; None where there is no such table.

    Unknowns are followed by one column for each printed figure: how far it lies outside what is printed of it.
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
    """What a reader loses: large figures tell more than small ones, totals more than their parts."""
    deepest = max(len(block.system.names[i][1]) for i in block.unknowns)
    levels_up = deepest - len(block.system.names[unknown][1])
    weight = block.system.worths[unknown] * block.policy.weight_of_a_total**levels_up
    return log1p(block.system.values[unknown]) * weight
