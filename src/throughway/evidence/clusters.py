"""Errors that allow for students who come in groups: a school, a site, the same student in several years.

Bell, R., and McCaffrey, D. (2002). Bias reduction in standard errors for linear regression with multi-stage samples. Survey Methodology
28(2), 169-181: residuals corrected for what their own cluster pulled (CR2), and degrees of freedom by Satterthwaite, which follow from how
few clusters carry the estimate, not from how many there are. With each student alone it is the usual HC2.
"""

from dataclasses import dataclass

import numpy as np

from throughway.evidence.estimate import NoEstimate
from throughway.evidence.plain_table import Figures

FEWEST_CLUSTERS = 10
SMALLEST = 1e-9  # of an eigenvalue: a cluster that a column alone describes says nothing of its error


def clusters_of(cluster: np.ndarray | None, treated: np.ndarray) -> int | None:
    """How many clusters there are. NoEstimate where they are too few for an error that allows for them."""
    if cluster is None:
        return None
    count = len(np.unique(cluster))
    if count < FEWEST_CLUSTERS:
        needs = f"an error that allows for them needs at least {FEWEST_CLUSTERS}."
        raise NoEstimate(
            f"The students are in {count} groups of the column cluster, and {needs}",
            f"The students are in too few groups of the column cluster: {needs}",
        )
    mixed = [len(np.unique(treated[cluster == each])) > 1 for each in np.unique(cluster)]
    if not any(mixed):
        for side in (True, False):
            if len(np.unique(cluster[treated == side])) < FEWEST_CLUSTERS / 2:
                raise NoEstimate(
                    "Whole groups are in the program or not, and one side has fewer than five of them; that many groups do not carry an estimate."
                )
    return count


@dataclass(frozen=True)
class LeastSquares:
    """The coefficient of one column, with its error and the degrees of freedom."""

    estimate: float
    se: float
    df: float


def least_squares(
    outcome: Figures, column: Figures, controls: Figures, cluster: np.ndarray | None
) -> LeastSquares:
    """Of `outcome` on `column` beside `controls`, which hold a constant."""
    values = np.column_stack([column, controls])
    inverse = np.linalg.pinv(values.T @ values)
    coefficients = inverse @ values.T @ outcome
    left, toward = outcome - values @ coefficients, values @ inverse[:, 0]
    if cluster is None:
        pull = _corrected_alone(np.einsum("ij,jk,ik->i", values, inverse, values), toward)
        pulls, diagonal, shared = pull * left, pull**2, values * pull[:, None]
    else:
        parts = [
            (rows, _corrected(values[rows] @ inverse @ values[rows].T, toward[rows]))
            for rows in _rows(cluster)
        ]
        pulls = np.array([pull @ left[rows] for rows, pull in parts])
        diagonal = np.array([pull @ pull for _, pull in parts])
        shared = np.array([values[rows].T @ pull for rows, pull in parts])
    # Of the matrix that Satterthwaite asks for: its trace, and the sum of its squares.
    each = np.einsum("ij,jk,ik->i", shared, inverse, shared)
    within = inverse @ shared.T @ shared
    trace = diagonal.sum() - each.sum()
    squares = (diagonal**2).sum() - 2 * (diagonal * each).sum() + np.trace(within @ within)
    df = float(trace**2 / squares) if squares > 0 else 0.0
    return LeastSquares(float(coefficients[0]), float(np.sqrt((pulls**2).sum())), df)


def _rows(cluster: np.ndarray) -> list[np.ndarray]:
    order = np.argsort(cluster, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(cluster[order])) + 1)


def _corrected_alone(hat: Figures, toward: Figures) -> Figures:
    """The same of students who each stand alone. `hat`: the diagonal."""
    left = 1 - hat
    return np.where(left > SMALLEST, toward / np.sqrt(np.maximum(left, SMALLEST)), 0.0)


def _corrected(hat: Figures, toward: Figures) -> Figures:
    """(I − hat)^(−1/2) toward."""
    roots, axes = np.linalg.eigh(np.eye(len(hat)) - hat)
    scale = np.where(roots > SMALLEST, 1 / np.sqrt(np.maximum(roots, SMALLEST)), 0.0)
    return np.asarray(axes @ (scale * (axes.T @ toward)))


def error_of_influence(
    influence: Figures, weights: Figures, treated: np.ndarray, cluster: np.ndarray | None
) -> tuple[float, float]:
    """The standard error of an average of `influence`, allowing for clusters; and the degrees of freedom. `weights`: each student's in
    its side, of which each sums to 1: a cluster that is much of its side has pulled the average to itself, and few such clusters
    carry the estimate."""
    n = len(influence)
    if cluster is None:
        return float(influence.std(ddof=1) / np.sqrt(n)), n - 1.0
    _, codes = np.unique(cluster, return_inverse=True)
    sums = np.zeros(codes.max() + 1)
    for side in (treated, ~treated):
        share = np.bincount(codes, weights=np.where(side, weights, 0.0), minlength=len(sums))
        part = np.bincount(codes, weights=np.where(side, influence, 0.0), minlength=len(sums))
        sums += part / np.sqrt(np.maximum(1 - share, SMALLEST))
    carried = np.bincount(codes, weights=weights**2)
    return float(np.sqrt((sums**2).sum()) / n), max(1.0, float(carried.sum() ** 2 / (carried**2).sum()) - 1)
