"""A baseline that was measured with noise: what of the difference before is left in an estimate, and the estimate without it.

Adjusting for a noisy score takes out only a part of a difference that was there before. Where the program takes students by what they can
do, and not by the score itself, the rest looks like an effect. Which of the two it was is in no record; so both estimates are made, and
no word stands that is true of one alone. The correction is regression calibration: each score is drawn toward what the student's
group and other covariates tell of it, by the share of what is left that is noise (Carroll, Ruppert, Stefanski and Crainiceanu 2006, chapter 4).
"""

from dataclasses import replace

import numpy as np

from throughway.evidence.plain_table import CovariateColumns

USUAL = (
    0.8  # the reliability at which a reader is told what noise would do, where nobody says the baseline's own
)


def corrected(
    covariates: CovariateColumns, treated: np.ndarray, baseline: str, reliability: float
) -> CovariateColumns:
    """The same columns with the baseline as it would be without noise."""
    if baseline not in covariates.names:
        return covariates
    at = covariates.names.index(baseline)
    score = covariates.values[:, at]
    others = np.delete(covariates.values, at, axis=1)
    known = np.column_stack([np.ones(len(score)), treated.astype(float), others])
    told = known @ np.linalg.lstsq(known, score, rcond=None)[0]
    left = score - told
    noise = (1 - reliability) * score.var()
    kept = max(0.0, 1 - noise / left.var()) if left.var() > 0 else 1.0
    values = covariates.values.copy()
    values[:, at] = told + kept * left
    return replace(covariates, values=values)


def noise_decides(as_measured: tuple[float, float], without: tuple[float, float]) -> str:
    """Why the noise forbids a verdict, or "": one of the two intervals lies on one side of zero and the other does not."""
    if _side(as_measured) == _side(without):
        return ""
    return "the noise of the baseline decides it: corrected for how reliably the baseline was measured, the interval says something else"


def _side(interval: tuple[float, float]) -> int:
    return int(interval[0] > 0) - int(interval[1] < 0)


def known_noise(reliability: float, estimate: float, low: float, high: float) -> str:
    return f"With a reliability of the baseline of {reliability:.2f}, the estimate without its noise is {estimate:.3g} ({low:.3g} to {high:.3g})."


def unknown_noise(before: float) -> str:
    """What is told where nobody says how reliable the baseline is. `before`: the difference in it, in standard deviations."""
    return (
        f"How reliably the baseline was measured is not said: with {USUAL:.2f}, up to {(1 - USUAL) * abs(before):.2f} standard deviations of the "
        "difference before could be left in the estimate."
    )
