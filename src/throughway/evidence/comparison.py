"""A matched comparison: participants beside students who look like them, weighted and adjusted (doubly robust).

The preset specification, fixed before any outcome is seen: chances of taking part by penalized logistic regression, cross-fitted;
students beyond an overlap of .90 are left out (and below .10 for `ate`); entropy balancing on averages and spreads; an outcome model
by ridge regression on columns, squares and products, cross-fitted; error by influence function (augmented inverse probability
weighting), allowing for clusters. Where the reliability of the baseline is known, the estimate is made again without its noise, and no
word stands that the noise decides.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from throughway.evidence.clusters import clusters_of, error_of_influence
from throughway.evidence.estimate import DesignEstimate, NoEstimate, check_groups, check_outcome, standardized
from throughway.evidence.losses import BEYOND, Losses, losses
from throughway.evidence.noisy_baseline import corrected, known_noise, noise_decides, unknown_noise
from throughway.evidence.plain_table import CovariateColumns, Figures, StudyTable
from throughway.evidence.sensitivity import as_strong_as, robustness_value
from throughway.evidence.standards import BASELINE_LIMIT, BASELINE_SATISFIED, baseline_g
from throughway.evidence.study import EffectStudy, Estimand
from throughway.evidence.weighting import NoOverlap, balance, balancing_weights, effective_n, moments_of

HIGHEST_CHANCE = 0.9
LOWEST_CHANCE = 0.1  # for `ate` alone
FOLDS = 5
SPLITS = 3  # the cross-fitted predictions are averages over so many splits
SEED = 20121107  # the same study gives the same figure
PRODUCTS = 15  # columns, up to which their products are part of the outcome model
MOST_LEFT_OUT = 0.2  # of the participants: beyond, the rest are other people than the question is about
FEWEST_EFFECTIVE = 20.0
STRENGTHS = np.logspace(-1, 4, 6)


def compare(table: StudyTable, study: EffectStudy) -> DesignEstimate:
    """The effect on participants (`att`) or on everybody (`ate`). NoEstimate where the groups cannot be compared."""
    begun = ~np.isnan(table.treatment)
    if table.baseline is not None:
        begun &= ~np.isnan(table.baseline)
    if table.cluster is not None:
        begun &= table.cluster >= 0
    known = begun & ~np.isnan(table.outcome)
    everybody = study.of is Estimand.ATE
    treated = table.treatment == 1
    check_groups(treated[known])
    check_outcome(table.outcome[known], treated[known])
    clusters_of(_at(table.cluster, known), treated[known])
    chances = np.full(len(table), np.nan)
    chances[known] = _chances(table.covariates.of_rows(known), treated[known], _at(table.cluster, known))
    used = known & (np.nan_to_num(chances, nan=1) <= HIGHEST_CHANCE)
    if everybody:
        used &= np.nan_to_num(chances, nan=0) >= LOWEST_CHANCE
    lost = 1 - (used & treated).sum() / (known & treated).sum()
    if lost > 0.5 or (used & treated).sum() < 20 or (used & ~treated).sum() < 20:
        raise _apart()
    return _weighted(table, study, used, everybody, float(lost), losses(begun, known, treated))


def _apart() -> NoEstimate:
    return NoEstimate(
        "The participants and the comparison students do not overlap in what was recorded of them before, so that no comparison is fair; find comparison students who could have taken part."
    )


def _at(codes: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    return None if codes is None else codes[rows]


@dataclass(frozen=True)
class _Weighed:
    """An estimate with its error, and the weights behind it."""

    estimate: float
    se: float
    df: float
    weights: Figures
    spreads: bool

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        reach = float(stats.t.ppf((1 + level) / 2, self.df)) * self.se
        return self.estimate - reach, self.estimate + reach


def _weighed(
    covariates: CovariateColumns,
    treated: np.ndarray,
    outcome: Figures,
    cluster: np.ndarray | None,
    everybody: bool,
) -> _Weighed:
    weights, spreads = _weights(covariates, treated, everybody)
    n, ones = len(treated), int(treated.sum())
    without = _predicted(covariates, outcome, ~treated, cluster)
    if everybody:
        with_program = _predicted(covariates, outcome, treated, cluster)
        scores = (
            with_program
            - without
            + n * weights * np.where(treated, outcome - with_program, without - outcome)
        )
        estimate = float(scores.mean())
        influence = scores - estimate
    else:
        scores = np.where(treated, outcome - without, -ones * weights * (outcome - without))
        estimate = float(scores.sum() / ones)
        influence = (scores - np.where(treated, estimate, 0)) * n / ones
    se, df = error_of_influence(influence, weights, treated, cluster)
    if cluster is None:
        df = ones + effective_n(weights[~treated]) - 2
    return _Weighed(estimate, se, df, weights, spreads)


def _weighted(
    table: StudyTable, study: EffectStudy, used: np.ndarray, everybody: bool, lost: float, gone: Losses
) -> DesignEstimate:
    covariates = table.covariates.of_rows(used)
    treated, outcome = (table.treatment == 1)[used], table.outcome[used]
    cluster = _at(table.cluster, used)
    check_outcome(outcome, treated)
    found = _weighed(covariates, treated, outcome, cluster, everybody)
    estimate, se, df, weights = found.estimate, found.se, found.df, found.weights
    n, ones = len(treated), int(treated.sum())
    comparison_n = effective_n(weights[~treated])
    sd, effect = standardized(
        estimate, outcome, treated, float(np.average(outcome[~treated], weights=weights[~treated]))
    )
    before, doubt, notes = _baseline(table, study, used, treated, weights)
    doubts = [doubt]
    if comparison_n < FEWEST_EFFECTIVE:
        doubts.append(
            f"the comparison rests on few students: after weighting they say as much as fewer than {FEWEST_EFFECTIVE:.0f}"
        )
    if lost > MOST_LEFT_OUT:
        doubts.append(
            f"more than {MOST_LEFT_OUT:.0%} of the participants have nobody like them in the comparison group and are left out"
        )
    if not gone.low:
        doubts.append(BEYOND)
    if lost > 0:
        notes.append(
            f"{lost:.1%} of the participants have nobody like them in the comparison group and are left out."
        )
    notes.append(f"{gone.of('the participants', 'the comparison students')} {gone.verdict}")
    if not found.spreads:
        notes.append("Averages are balanced, but not how far the figures spread; no weights balance both.")
    notes.append(f"After weighting the {n - ones:,} comparison students say as much as {comparison_n:,.0f}.")
    hidden = as_strong_as(covariates, treated, outcome, estimate=estimate, se=se, df=df)
    t = estimate / se if se > 0 else math.inf
    sensitivity: dict[str, object] = {
        "robustness_value": robustness_value(t, df),
        "robustness_value_95": robustness_value(t, df, 0.05),
        "as_strong_as": hidden.covariate,
        "estimate": _finite(hidden.estimate),
        "low": _finite(hidden.low),
        "high": _finite(hidden.high),
    }
    if before is not None:
        sensitivity["baseline_difference"] = before
        reliability = study.baseline_reliability
        if reliability is None:
            notes.append(unknown_noise(before))
        elif reliability < 1:
            without_noise = corrected(covariates, treated, study.baseline or "", reliability)
            other = _weighed(without_noise, treated, outcome, cluster, everybody)
            sensitivity["without_noise"] = {
                "reliability": reliability, "estimate": other.estimate, "low": other.interval()[0], "high": other.interval()[1],
            }  # fmt: skip
            notes.append(known_noise(reliability, other.estimate, *other.interval()))
            doubts.append(noise_decides(found.interval(), other.interval()))
    return DesignEstimate(
        estimate, se, df, ones, n - ones, len(table) - n, sd, effect,
        balance=balance(covariates, treated, weights),
        sensitivity=sensitivity, notes=notes, doubt=next((each for each in doubts if each), ""),
        sites=None if cluster is None else len(np.unique(cluster)), used=used, heaviest=float(weights.max()),
    )  # fmt: skip


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) and abs(value) < 1e200 else None


def _chances(covariates: CovariateColumns, treated: np.ndarray, cluster: np.ndarray | None) -> Figures:
    """Each student's chance of taking part, told by the other folds."""
    chances = np.zeros(len(treated))
    if not covariates.values.shape[1]:
        return np.full(len(treated), treated.mean())
    folds = (
        StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(covariates.values, treated)
        if cluster is None
        else StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED).split(
            covariates.values, treated, cluster
        )
    )
    for learn, tell in folds:
        if len(np.unique(treated[learn])) < 2:
            raise _apart()
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        model.fit(covariates.values[learn], treated[learn])
        chances[tell] = model.predict_proba(covariates.values[tell])[:, 1]
    return chances


def _weights(covariates: CovariateColumns, treated: np.ndarray, everybody: bool) -> tuple[Figures, bool]:
    """Weights that sum to 1 on each side (participants weigh alike for `att`); and whether spreads are balanced too."""
    columns = moments_of(covariates)
    for spreads, moments in ((True, columns), (False, covariates.values)):
        target = moments.mean(axis=0) if everybody else moments[treated].mean(axis=0)
        weights = np.full(len(treated), 1 / treated.sum())
        try:
            weights[~treated] = balancing_weights(moments[~treated], target)
            if everybody:
                weights[treated] = balancing_weights(moments[treated], target)
        except NoOverlap:
            continue
        return weights, spreads
    raise _apart()


def _predicted(
    covariates: CovariateColumns, outcome: Figures, of: np.ndarray, cluster: np.ndarray | None
) -> Figures:
    """The outcome that students like each one have in the group `of`, told by the other folds."""
    values = covariates.values
    if not values.shape[1]:
        return np.full(len(outcome), outcome[of].mean())
    told = np.zeros(len(outcome))
    for split in range(SPLITS):
        if cluster is None:
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED + split).split(values, of)
        else:
            folds = GroupKFold(FOLDS, shuffle=True, random_state=SEED + split).split(values, of, cluster)
        for learn, tell in folds:
            rows = learn[of[learn]]
            steps = [StandardScaler(), RidgeCV(STRENGTHS)]
            if values.shape[1] <= PRODUCTS:
                steps[1:1] = [PolynomialFeatures(2, include_bias=False), StandardScaler()]
            told[tell] += (
                make_pipeline(*steps).fit(values[rows], outcome[rows]).predict(values[tell]) / SPLITS
            )
    return told


def _baseline(
    table: StudyTable, study: EffectStudy, used: np.ndarray, treated: np.ndarray, weights: Figures
) -> tuple[float | None, str, list[str]]:
    """The difference before, why it forbids a verdict, and what the reader should know."""
    if table.baseline is None:
        return None, "a comparison needs a baseline in the outcome's domain, and the study names none", []
    before = table.baseline[used]
    difference = baseline_g(before[treated], before[~treated])
    sd = before.std()
    if sd == 0:
        return (
            0.0,
            "the baseline is the same for every student, so it does not show that the groups were alike",
            [],
        )
    weighted = np.average(before[treated], weights=weights[treated]) - np.average(
        before[~treated], weights=weights[~treated]
    )
    after = abs(float(weighted) / float(sd))
    words = f"Before, the groups were {abs(difference):.2f} standard deviations apart in the baseline, and after weighting {after:.2f}"
    if after > BASELINE_LIMIT:
        return (
            difference,
            f"the groups are more than {BASELINE_LIMIT} standard deviations apart in the baseline",
            [f"{words}."],
        )
    return (
        difference,
        "",
        [
            f"{words} (up to {BASELINE_SATISFIED} needs no adjustment, beyond {BASELINE_LIMIT} none is enough)."
        ],
    )
