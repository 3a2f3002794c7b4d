"""Entropy balancing: weights of the comparison students that make their averages those of the participants.

Hainmueller, J. (2012). Entropy balancing for causal effects. Political Analysis 20(1), 25-46. The weights are the nearest to equal
ones that balance exactly; with an outcome model beside them the estimate is doubly robust (Zhao and Percival 2017).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from throughway.evidence.plain_table import CovariateColumns, Figures

TOLERANCE = 1e-6  # of a standard deviation, between each average and its target


class NoOverlap(Exception):
    """No weights make the averages equal: the groups do not overlap."""


@dataclass(frozen=True)
class CovariateBalance:
    """How far the groups are apart in one column before and after weighting, in standard deviations before weighting."""

    covariate: str
    before: float
    after: float


def balancing_weights(columns: Figures, target: Figures) -> Figures:
    """Weights of the rows of `columns` (rows × columns), summing to 1, whose averages are `target`. NoOverlap where there are none."""
    scale = columns.std(axis=0)
    if not len(scale):
        return np.full(len(columns), 1 / len(columns))
    if (scale == 0).any():
        raise NoOverlap
    moments = (columns - target) / scale

    def dual(lagrange: Figures) -> tuple[float, Figures]:
        exponent = moments @ lagrange
        highest = exponent.max()
        weights = np.exp(exponent - highest)
        total = weights.sum()
        return float(highest + np.log(total)), moments.T @ weights / total

    def curvature(lagrange: Figures) -> Figures:
        exponent = moments @ lagrange
        weights = np.exp(exponent - exponent.max())
        weights /= weights.sum()
        mean = moments.T @ weights
        return np.asarray((moments * weights[:, None]).T @ moments - np.outer(mean, mean))

    found = minimize(
        dual,
        np.zeros(columns.shape[1]),
        jac=True,
        hess=curvature,
        method="trust-exact",
        options={"gtol": TOLERANCE / 100, "maxiter": 500},
    )
    exponent = moments @ found.x
    weights = np.exp(exponent - exponent.max())
    weights /= weights.sum()
    if np.abs(moments.T @ weights).max() > TOLERANCE:
        raise NoOverlap
    return np.asarray(weights)


def moments_of(covariates: CovariateColumns) -> Figures:
    """The columns, and the squares of those that are more than yes or no, so that spread is balanced too."""
    values = covariates.values
    graded = [column for column in values.T if len(np.unique(column)) > 2]
    squares = [((column - column.mean()) / column.std()) ** 2 for column in graded]
    return np.column_stack([values, *squares]) if squares else values


def effective_n(weights: Figures) -> float:
    """How many students of equal weight would say as much (Kish)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def balance(
    covariates: CovariateColumns,
    treated: np.ndarray,
    weights: Figures | None = None,
) -> list[CovariateBalance]:
    """The standardized mean difference of each column: over the root of the average variance of the two groups before weighting.

    `weights`: of every row; None where nothing is weighted (then after is as before).
    """
    found = []
    of_all = np.ones(len(treated)) if weights is None else weights
    for name, column in zip(covariates.names, covariates.values.T, strict=True):
        one, other = column[treated], column[~treated]
        sd = float(np.sqrt((one.var() + other.var()) / 2))
        if sd == 0:
            continue
        after = np.average(one, weights=of_all[treated]) - np.average(other, weights=of_all[~treated])
        found.append(CovariateBalance(name, float(one.mean() - other.mean()) / sd, float(after) / sd))
    return found
