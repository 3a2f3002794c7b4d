"""A lottery: students who were offered a place by chance beside those who were not, each within the same draw.

Intent to treat: least squares of the outcome on the offer, the draws and the covariates, with an error that allows for unequal
spread (HC2) or for clusters (CR2). `late` scales it by how many took the offer up (one instrument, just identified).
"""

import numpy as np

from throughway.evidence.clusters import clusters_of, least_squares
from throughway.evidence.estimate import DesignEstimate, NoEstimate, check_groups, check_outcome, standardized
from throughway.evidence.losses import losses
from throughway.evidence.plain_table import StudyTable
from throughway.evidence.standards import BASELINE_LIMIT, baseline_g
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
    fitted = least_squares(outcome, offer, controls, cluster)
    estimate, se, df = fitted.estimate, fitted.se, fitted.df
    notes: list[str] = []
    doubt = ""
    if study.of is Estimand.LATE:
        assert table.taken is not None
        estimate, se, strength = _taken_up(outcome, offer, table.taken[kept], controls, cluster, estimate)
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


def _taken_up(
    outcome: np.ndarray,
    offer: np.ndarray,
    taken: np.ndarray,
    controls: np.ndarray,
    cluster: np.ndarray | None,
    effect_of_offer: float,
) -> tuple[float, float, float]:
    """The effect of taking part on those whom the offer moved, its error, and the first stage's F."""
    first = least_squares(taken, offer, controls, cluster)
    if abs(first.estimate) < 1e-9:
        raise NoEstimate("As many took part with the offer as without it, so there is nothing to scale by.")
    estimate = effect_of_offer / first.estimate
    left = least_squares(outcome - estimate * taken, offer, controls, cluster)
    strength = (first.estimate / first.se) ** 2 if first.se > 0 else np.inf
    return estimate, left.se / abs(first.estimate), float(strength)


def _kept(
    table: StudyTable, begun: np.ndarray, kept: np.ndarray, offered: np.ndarray
) -> tuple[bool, float | None, str, str]:
    """Whether few enough were lost; the difference before; why that forbids a verdict; and the loss in words."""
    lost = losses(begun, kept, offered)
    words = f"{lost.of('those offered a place', 'the others')} {lost.verdict}"
    before = None
    if table.baseline is not None:
        rows = kept & ~np.isnan(table.baseline)
        if (rows & offered).sum() > 1 and (rows & ~offered).sum() > 1:
            before = baseline_g(table.baseline[rows & offered], table.baseline[rows & ~offered])
    if lost.low:
        return True, before, "", words
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
