"""Differences over time: how participants' outcomes changed beside those of students who had not begun.

Callaway, B., and Sant'Anna, P. (2021). Difference-in-differences with multiple time periods. Journal of Econometrics 225(2),
200-230: doubly robust, beside those not yet in the program, so that effects may differ by start.
"""

import warnings
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from throughway.evidence.clusters import clusters_of
from throughway.evidence.estimate import DesignEstimate, NoEstimate, check_groups, check_outcome, standardized
from throughway.evidence.losses import BEYOND, Losses, losses
from throughway.evidence.plain_table import CovariateColumns, StudyTable
from throughway.evidence.standards import BASELINE_LIMIT, baseline_g
from throughway.evidence.study import EffectStudy
from throughway.evidence.weighting import balance

PARALLEL = 0.05  # the level at which trends before the start are called different
NEVER = 0


def change(table: StudyTable, study: EffectStudy) -> DesignEstimate:
    """The average effect on participants after their start. NoEstimate where nobody has a time before, or nobody is left beside."""
    frame, left_out, lost = _panel(table)
    first = frame.groupby("unit")["first"].first()
    check_groups((first != NEVER).to_numpy(), "students followed over time")
    begun = frame["first"].to_numpy() != NEVER
    check_outcome(frame["outcome"].to_numpy(), begun)
    fitted, by_distance = _fitted(frame, [name for name in frame.columns if str(name).startswith("x")])
    estimate, se = float(fitted.overall_att), float(fitted.overall_se)
    if not (np.isfinite(estimate) and np.isfinite(se) and se > 0):
        raise NoEstimate(
            "No student has times both before and after the start beside others who had not begun."
        )
    after = frame["time"].to_numpy() >= np.where(begun, frame["first"], np.inf)
    spread_of = after | ~begun
    sd, effect = standardized(estimate, frame["outcome"].to_numpy()[spread_of], begun[spread_of])
    notes = [
        f"{len(frame['time'].unique())} times, {len(first):,} students; those not yet in the program stand beside the others."
    ]
    doubt = _trends(by_distance, frame, notes) or ("" if lost.low else BEYOND)
    notes.append(f"{lost.of('those who began', 'those who never did')} {lost.verdict}")
    participants = int((first != NEVER).sum())
    cluster = frame.groupby("unit")["cluster"].first() if "cluster" in frame else None
    groups = clusters_of(None if cluster is None else cluster.to_numpy(), (first != NEVER).to_numpy())
    return DesignEstimate(
        estimate, se, float((groups or len(first)) - 1), participants, len(first) - participants, left_out, sd, effect,
        balance=balance(_first_rows(table, frame), (first != NEVER).to_numpy()) if len(table.covariates.names) else (),
        notes=notes, doubt=doubt, sites=groups, used=_rows(table, frame),
        heaviest=2 / min(participants, len(first) - participants or participants),
    )  # fmt: skip


def _panel(table: StudyTable) -> tuple[pd.DataFrame, int, Losses]:
    """Rows of unit, time, first time in the program, outcome and covariates; how many units are left out; and the losses: of those who
    have a row at each time, who has no outcome in one."""
    assert table.unit is not None
    assert table.time is not None
    frame = pd.DataFrame(
        {"unit": table.unit, "time": table.time, "treated": table.treatment, "outcome": table.outcome}
    )
    frame["row"] = np.arange(len(frame))
    units = frame.loc[frame["unit"] >= 0, "unit"].nunique()
    if table.cluster is not None:
        frame["cluster"] = table.cluster
        frame.loc[table.cluster < 0, "treated"] = np.nan
    frame = frame[frame["unit"] >= 0].dropna(subset=["time", "treated"])
    lost = _lost(frame)
    frame = frame.dropna(subset=["outcome"])
    if frame.duplicated(["unit", "time"]).any():
        raise NoEstimate("Some students have two rows for one time; keep one row for each student and time.")
    times = frame["time"].unique()
    if len(times) < 2:
        raise NoEstimate("The table has fewer than two times, so nothing can be compared over time.")
    frame = frame.sort_values(["unit", "time"])
    frame = frame[frame.groupby("unit")["time"].transform("size") == len(times)]  # followed through all times
    if frame.groupby("unit")["treated"].apply(lambda each: (np.diff(each) < 0).any()).any():
        raise NoEstimate(
            "Some students leave the program again; treatment must stay 1 from the first time in the program on."
        )
    starts = frame[frame["treated"] == 1].groupby("unit")["time"].min()
    # Ordered places in time, so that years may lie apart.
    place = {time: number for number, time in enumerate(sorted(times), 1)}
    frame["first"] = frame["unit"].map(starts).map(place).fillna(NEVER).astype(int)
    frame["time"] = frame["time"].map(place)
    frame = frame[frame["first"] != 1]  # without a time before they say nothing
    if frame.empty or (frame["first"] == NEVER).all():
        raise NoEstimate(
            "No participant has a time before the program, so nothing can be compared over time."
        )
    covariates = table.covariates.values[frame["row"]]
    firsts = frame.groupby("unit")["row"].transform("first").to_numpy()
    for number in range(covariates.shape[1]):  # as they were at the first time: later values may be effects
        column = table.covariates.values[firsts, number]
        if column.std() > 0:
            frame[f"x{number}"] = column
    return frame, int(units - frame["unit"].nunique()), lost


def _lost(frame: pd.DataFrame) -> Losses:
    unit = frame.groupby("unit")
    whole = unit.size() == frame["time"].nunique()
    known = unit["outcome"].count() == frame["time"].nunique()
    return losses(whole.to_numpy(), (whole & known).to_numpy(), unit["treated"].max().to_numpy() == 1)


def _rows(table: StudyTable, frame: pd.DataFrame) -> np.ndarray:
    used = np.zeros(len(table), bool)
    used[frame["row"].to_numpy()] = True
    return used


def _first_rows(table: StudyTable, frame: pd.DataFrame) -> CovariateColumns:
    rows = frame.groupby("unit")["row"].first().to_numpy()
    return CovariateColumns(table.covariates.values[rows], table.covariates.names, table.covariates.of)


def _fitted(frame: pd.DataFrame, covariates: list[str]) -> tuple[Any, Any]:
    """The library's results, and the effects by the number of times from the start."""
    from diff_diff import CallawaySantAnna

    estimator = CallawaySantAnna(
        control_group="not_yet_treated",
        cluster="cluster" if "cluster" in frame else None,
        base_period="universal",
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitted = estimator.fit(
                frame,
                outcome="outcome",
                unit="unit",
                time="time",
                first_treat="first",
                covariates=covariates or None,
            )
            return fitted, fitted.aggregate("event_study")
    except ValueError:
        raise NoEstimate(
            "The groups over time cannot be compared: at some start too few students are left, or the covariates tell them apart entirely."
        ) from None


def _trends(by_distance: Any, frame: pd.DataFrame, notes: list[str]) -> str:
    """Why the times before the start forbid a verdict, or "". `by_distance`: effects by the number of times from the start."""
    effects = [
        (att, se)
        for distance, att, se in zip(by_distance.event_time, by_distance.att, by_distance.se, strict=True)
        if distance < -1 and np.isfinite(se) and se > 0
    ]
    if effects:
        # Each earlier time beside the last one before the start, at a level divided by their number (Bonferroni).
        smallest = min(2 * stats.norm.sf(abs(att / se)) for att, se in effects) * len(effects)
        if smallest < PARALLEL:
            return "the groups were already drifting apart before the program began"
        notes.append(
            f"Before the start the groups moved alike ({len(effects)} earlier times, p = {min(smallest, 1):.2f})."
        )
        return ""
    start = frame[frame["time"] == 1]
    one, other = start[start["first"] != NEVER]["outcome"], start[start["first"] == NEVER]["outcome"]
    if len(other) < 2:
        return (
            "there is only one time before the start and nobody who never took part, so trends cannot be told"
        )
    apart = abs(baseline_g(one.to_numpy(), other.to_numpy()))
    if apart > BASELINE_LIMIT:
        notes.append(
            f"At the one time before the start the groups were {apart:.2f} standard deviations apart."
        )
        return f"there is one time before the start, and the groups were more than {BASELINE_LIMIT} standard deviations apart then"
    notes.append(
        f"There is one time before the start, so earlier trends cannot be compared; the groups were {apart:.2f} standard deviations apart then."
    )
    return ""
