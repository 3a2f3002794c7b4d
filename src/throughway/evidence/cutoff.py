"""An eligibility cut-off: students just on one side of it beside students just on the other (regression discontinuity).

Local linear regression with the bandwidth and the bias-corrected, robust interval of Calonico, Cattaneo and Titiunik (2014), by their
own package. `late` scales the jump of the outcome by the jump of taking part.
"""

import warnings
from typing import Any

import numpy as np
from scipy import stats

from throughway.evidence.estimate import DesignEstimate, NoEstimate, check_groups, check_outcome, standardized
from throughway.evidence.losses import losses
from throughway.evidence.plain_table import StudyTable
from throughway.evidence.study import EffectStudy, Estimand
from throughway.evidence.weighting import balance

NEAR = 50  # students nearest to the cut, on both sides together, who should lie as often on one side as on the other
BUNCHED = 0.01
SMALLEST_JUMP = 0.2  # of the share who take part, below which the cut-off decides too little
SHARP = 0.95
NEAREST_WEIGHT = 8.0  # of a student at the cut beside the average one, at most: a local line, its kernel and the bias correction


def jump(table: StudyTable, study: EffectStudy) -> DesignEstimate:
    """The effect at the cut-off, for those just eligible. NoEstimate where the cut-off decides nothing, or few are near."""
    assert table.running is not None
    assert study.cut is not None
    begun = ~(np.isnan(table.treatment) | np.isnan(table.running))
    if table.cluster is not None:
        begun &= table.cluster >= 0
    known = begun & ~np.isnan(table.outcome)
    running, outcome = table.running[known] - study.cut, table.outcome[known]
    part, above = table.treatment[known], table.running[known] >= study.cut
    check_groups(above, "students at or above the cut-off")
    check_outcome(outcome, above)
    share = part[above].mean() - part[~above].mean()
    helped_above = share > 0
    if abs(share) < SMALLEST_JUMP:
        raise NoEstimate(
            "About as many take part on one side of the cut-off as on the other, so it did not decide who takes part; check running and cut."
        )
    eligible = above if helped_above else ~above
    fuzzy = study.of is Estimand.LATE
    cluster = None if table.cluster is None else table.cluster[known]
    fitted = _fitted(outcome, running, part if fuzzy else None, cluster)
    sign = 1.0 if helped_above or fuzzy else -1.0
    estimate = sign * float(fitted.coef.loc["Bias-Corrected"].iloc[0])
    se = float(fitted.se.loc["Robust"].iloc[0])
    reach = float(fitted.bws.loc["h"].max())
    near = np.abs(running) <= reach
    counts = int((near & eligible).sum()), int((near & ~eligible).sum())
    if min(counts) < 20:
        raise NoEstimate(
            "Fewer than 20 students lie near the cut-off on one side, and they do not carry an estimate."
        )
    sd, effect = standardized(estimate, outcome[near], eligible[near])
    notes = [
        f"The estimate holds for students near the cut-off: {counts[0]:,} eligible and {counts[1]:,} not, within {reach:.3g} of it."
    ]
    sharp = abs(share) >= SHARP
    if not sharp and not fuzzy:
        notes.append(
            "Some who were eligible did not take part, or the other way round: this is the effect of being eligible."
        )
    doubt = _bunching(running)
    lost = losses(
        begun & (np.abs(table.running - study.cut) <= reach),
        known,
        (table.running >= study.cut) == helped_above,
    )
    notes.append(f"{lost.of('the eligible near the cut-off', 'the others near it')} {lost.verdict}")
    covariates = table.covariates.of_rows(known)
    in_reach = type(covariates)(covariates.values[near], covariates.names, covariates.of)
    return DesignEstimate(
        estimate, se, float(sum(counts) - 4), *counts, len(table) - int(near.sum()), sd, effect,
        balance=balance(in_reach, eligible[near]),
        sensitivity={"bandwidth": reach}, notes=notes, doubt=doubt, sound=lost.low and not doubt,
        sites=None if cluster is None else len(np.unique(cluster)), used=_among(known, near), heaviest=NEAREST_WEIGHT / min(counts),
    )  # fmt: skip


def _among(known: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Those near the cut, among all rows."""
    used = known.copy()
    used[known] = near
    return used


def _fitted(
    outcome: np.ndarray, running: np.ndarray, part: np.ndarray | None, cluster: np.ndarray | None
) -> Any:
    # Its plots bring a drawing library along, so it is imported by whoever needs it.
    from rdrobust import rdrobust

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return rdrobust(outcome, running, c=0, fuzzy=part, cluster=cluster)
    except Exception:  # of many kinds, wherever too few distinct values lie near the cut
        raise NoEstimate(
            "Too few different values of the running variable lie near the cut-off, so no curve can be fitted on each side."
        ) from None


def _bunching(running: np.ndarray) -> str:
    """Why the counts beside the cut-off look moved by hand, or "": of the nearest students too many lie on one side.

    Distances are from the middle between the nearest scores on both sides: of whole points those at the cut itself would otherwise be
    nearer than any below it.
    """
    running = running - (running[running < 0].max() + running[running >= 0].min()) / 2
    nearest = np.sort(np.abs(running))[min(NEAR, len(running)) - 1]
    inside = np.abs(running) <= nearest
    above = int((inside & (running >= 0)).sum())
    if stats.binomtest(above, int(inside.sum())).pvalue < BUNCHED:
        return "students bunch on one side of the cut-off, as if scores were moved over it"
    return ""
