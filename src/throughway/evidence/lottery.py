"""A lottery: students who were offered a place by chance beside those who were not, each within the same draw.

Intent to treat: least squares of the outcome on the offer, the draws and the covariates, with an error that allows for unequal
spread (HC2) or for clusters. `late` scales it by how many took the offer up (one instrument, just identified).
"""

from typing import Any

import numpy as np
import statsmodels.api as sm

from throughway.evidence.estimate import (
    DesignEstimate,
    NoEstimate,
    check_groups,
    check_outcome,
    clusters_of,
    standardized,
)
from throughway.evidence.plain_table import StudyTable
from throughway.evidence.standards import BASELINE_LIMIT, baseline_g, low_attrition
from throughway.evidence.study import EffectStudy, Estimand
from throughway.evidence.weighting import balance

WEAKEST_TAKE_UP = 10.0  # the first stage's F, below which the scaled effect is not trusted


def draw(table: StudyTable, study: EffectStudy) -> DesignEstimate:
    """The effect of the offer (`itt`), or of taking it up (`late`). NoEstimate where too few drew."""
    offered = table.treatment == 1
    begun = ~np.isnan(table.treatment)
    if table.strata is not None:
        begun &= table.strata >= 0
        begun &= _drawn(table.strata, offered, begun)
    kept = begun & ~np.isnan(table.outcome)
    if table.cluster is not None:
        kept &= table.cluster >= 0
    if study.of is Estimand.LATE and table.taken is not None:
        kept &= ~np.isnan(table.taken)
    treated, outcome = offered[kept], table.outcome[kept]
    check_groups(treated)
    check_outcome(outcome, treated)
    cluster = None if table.cluster is None else table.cluster[kept]
    groups = clusters_of(cluster, treated)
    covariates = table.covariates.of_rows(kept)
    others = [np.ones((len(outcome), 1)), covariates.values - covariates.values.mean(axis=0)]
    if table.strata is not None:
        others.append(_dummies(table.strata[kept]))
    controls = np.hstack(others)
    offer = treated.astype(float)
    fitted = _fit(outcome, offer, controls, cluster)
    estimate, se = float(fitted.params[0]), float(fitted.bse[0])
    df = float(groups - 1) if groups else float(fitted.df_resid)
    notes: list[str] = []
    doubt = ""
    if study.of is Estimand.LATE:
        assert table.taken is not None
        estimate, se, strength = _taken_up(outcome, offer, table.taken[kept], controls, cluster)
        notes.append(
            f"The offer's effect is scaled by the share who took it up (first stage F {strength:.0f})."
        )
        if strength < WEAKEST_TAKE_UP:
            doubt = "the offer changed too little who took part"
    sd, effect = standardized(estimate, outcome, treated)
    low, before, reason, words = _kept(table, begun, kept, offered)
    notes.append(words)
    return DesignEstimate(
        estimate, se, df, int(treated.sum()), int((~treated).sum()), len(table) - len(outcome), sd, effect,
        balance=balance(covariates, treated),
        sensitivity={} if before is None else {"baseline_difference": before},
        notes=notes, doubt=doubt or reason, sound=low, sites=groups, used=kept,
        heaviest=1 / min(int(treated.sum()), int((~treated).sum())),
    )  # fmt: skip


def _drawn(strata: np.ndarray, offered: np.ndarray, begun: np.ndarray) -> np.ndarray:
    """The rows of draws in which some were offered a place and some were not; the others say nothing."""
    both = set(strata[begun & offered]) & set(strata[begun & ~offered])
    if not both:
        raise NoEstimate(
            "In no draw are there students who were offered a place and others who were not; check the column strata."
        )
    return np.isin(strata, list(both))


def _dummies(strata: np.ndarray) -> np.ndarray:
    known = np.unique(strata)
    return np.asarray(strata[:, None] == known[None, 1:], float)


def _fit(outcome: np.ndarray, offer: np.ndarray, controls: np.ndarray, cluster: np.ndarray | None) -> Any:
    model = sm.OLS(outcome, np.column_stack([offer, controls]))
    if cluster is None:
        return model.fit(cov_type="HC2", use_t=True)
    return model.fit(cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True)


def _taken_up(
    outcome: np.ndarray,
    offer: np.ndarray,
    taken: np.ndarray,
    controls: np.ndarray,
    cluster: np.ndarray | None,
) -> tuple[float, float, float]:
    """The effect of taking part on those whom the offer moved, its error, and the first stage's F."""
    first = _fit(taken, offer, controls, cluster)
    strength = float(first.tvalues[0] ** 2)
    clean = [
        each - controls @ np.linalg.lstsq(controls, each, rcond=None)[0] for each in (outcome, offer, taken)
    ]
    y, z, d = clean
    if abs(z @ d) < 1e-9 * len(z):
        raise NoEstimate("As many took part with the offer as without it, so there is nothing to scale by.")
    estimate = float(z @ y / (z @ d))
    score = z * (y - estimate * d)
    if cluster is not None:
        _, codes = np.unique(cluster, return_inverse=True)
        sums = np.bincount(codes, weights=score)
        spread = (sums**2).sum() * len(sums) / (len(sums) - 1)
    else:
        spread = (score**2).sum() * len(score) / (len(score) - controls.shape[1] - 1)
    return estimate, float(np.sqrt(spread) / abs(z @ d)), strength


def _kept(
    table: StudyTable, begun: np.ndarray, kept: np.ndarray, offered: np.ndarray
) -> tuple[bool, float | None, str, str]:
    """Whether few enough were lost; the difference before; why that forbids a verdict; and the loss in words."""
    all_of = (int((begun & offered).sum()), int((begun & ~offered).sum()))
    left = (int((kept & offered).sum()), int((kept & ~offered).sum()))
    shares = [1 - part / whole for part, whole in zip(left, all_of, strict=True)]
    words = f"Of those offered a place {shares[0]:.1%} have no outcome, of the others {shares[1]:.1%}."
    before = None
    if table.baseline is not None:
        rows = kept & ~np.isnan(table.baseline)
        if (rows & offered).sum() > 1 and (rows & ~offered).sum() > 1:
            before = baseline_g(table.baseline[rows & offered], table.baseline[rows & ~offered])
    if low_attrition(begun=all_of, kept=left):
        return True, before, "", f"{words} That is low (WWC, cautious boundary)."
    words = f"{words} That is high (WWC, cautious boundary)."
    if before is None:
        return False, None, "so many are lost that a baseline is needed, and the study names none", words
    if abs(before) > BASELINE_LIMIT:
        return (
            False,
            before,
            f"so many are lost, and those left were more than {BASELINE_LIMIT} standard deviations apart before",
            words,
        )
    return False, before, "", words
