"""How strong a hidden cause would have to be to overturn a finding.

The yardstick is the strongest of what was recorded, the baseline among it, and never weaker than a fixed floor: else who records less would
be held against less.

Cinelli, C., and Hazlett, C. (2020). Making sense of sensitivity. Journal of the Royal Statistical Society B 82(1), 39-67: robustness
values, and the estimate if a hidden cause were as strong as a recorded one (their equations for a multiple of one).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from throughway.evidence.plain_table import CovariateColumns, Figures

# The weakest hidden cause that a finding is held against: the share of what is left unexplained that it tells of taking part, and of the
# outcome. A recorded cause is rarely as strong in both.
FLOOR_OF_PROGRAM, FLOOR_OF_OUTCOME = 0.05, 0.10
FLOOR = "one that explains 5% of who takes part and 10% of the outcome"


@dataclass(frozen=True)
class HiddenCause:
    """The finding if a cause that nobody recorded were as strong as `covariate` (or as the floor), and pulled against it."""

    covariate: str
    estimate: float
    low: float
    high: float


def robustness_value(t: float, df: float, alpha: float | None = None) -> float:
    """The share of what is left unexplained, in treatment and in outcome, that a hidden cause must explain to bring the estimate
    to zero (0 to 1); with `alpha`, to bring it within chance at that level."""
    f = abs(t) / math.sqrt(df)
    if alpha is not None:
        f -= float(stats.t.ppf(1 - alpha / 2, df - 1)) / math.sqrt(df - 1)
    if f <= 0:
        return 0.0
    return (math.sqrt(f**4 + 4 * f**2) - f**2) / 2


def as_strong_as(
    covariates: CovariateColumns,
    treated: np.ndarray,
    outcome: Figures,
    *,
    estimate: float,
    se: float,
    df: float,
) -> HiddenCause:
    """The finding under a hidden cause as strong as the recorded one that would pull most, or as the floor where that pulls more.

    Regressions of treatment and outcome on the columns, without weights, tell how strong each covariate is: after weighting none of
    them would tell the groups apart. All columns of one covariate count together.
    """
    ones, program = np.ones((len(outcome), 1)), treated.astype(float)
    everything = np.hstack([ones, covariates.values])
    # Of a regression: what a cause that explains all of both would pull.
    scale = float(
        np.sqrt(_left(outcome, np.column_stack([everything, program])) / _left(program, everything))
    )
    name, (bias, narrower) = FLOOR, _pull(FLOOR_OF_PROGRAM, FLOOR_OF_OUTCOME, scale, df)
    for each in dict.fromkeys(covariates.of):
        rest = np.hstack(
            [ones, covariates.values[:, [i for i, of in enumerate(covariates.of) if of != each]]]
        )
        found = _bias(
            _share(program, rest, everything),
            _share(outcome, np.column_stack([rest, program]), np.column_stack([everything, program])),
            scale,
            df,
        )
        if found[0] > bias:
            name, (bias, narrower) = each, found
    toward_zero = estimate - math.copysign(min(bias, 1e300), estimate)
    spread = float(stats.t.ppf(0.975, df)) * se * narrower
    return HiddenCause(name, toward_zero, toward_zero - spread, toward_zero + spread)


def _left(values: Figures, columns: Figures) -> float:
    """What is left of `values` unexplained: a sum of squares."""
    fitted = columns @ np.linalg.lstsq(columns, values, rcond=None)[0]
    return float(((values - fitted) ** 2).sum())


def _share(values: Figures, fewer: Figures, more: Figures) -> float:
    """The share of what the fewer columns leave that the further ones explain (partial R²)."""
    before = _left(values, fewer)
    return max(0.0, 1 - _left(values, more) / before) if before > 0 else 0.0


def _bias(with_program: float, with_outcome: float, scale: float, df: float) -> tuple[float, float]:
    """The greatest bias of a hidden cause as strong as one with these partial R² (of treatment; of outcome), and the factor by which
    the standard error would change. Infinite where no hidden cause as strong can exist beside it."""
    if with_program >= 0.5 or with_outcome >= 1:
        return math.inf, 1.0
    of_program = with_program / (1 - with_program)
    # What the covariate would explain of the hidden cause's place in the treatment (Cinelli and Hazlett, their eq. 52 at k = 1).
    shared = with_program**2 / (1 - with_program) ** 2
    if shared >= 1:
        return math.inf, 1.0
    of_outcome = ((1 + math.sqrt(shared)) / math.sqrt(1 - shared)) ** 2 * with_outcome / (1 - with_outcome)
    if of_program >= 1:
        return math.inf, 1.0
    return _pull(of_program, min(of_outcome, 1.0), scale, df)


def _pull(of_program: float, of_outcome: float, scale: float, df: float) -> tuple[float, float]:
    """The same, of a hidden cause that explains these shares itself."""
    bias = math.sqrt(of_outcome * of_program / (1 - of_program)) * scale
    return bias, math.sqrt((1 - of_outcome) / (1 - of_program)) * math.sqrt(df / (df - 1))
