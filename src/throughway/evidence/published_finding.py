"""A finding as it may be published: the verdict, and effects rounded so that no student's outcome follows from them.

The rule, which its sentence tells the reader (decision 31):

1. An effect is shown for at least 20 students on each side, and twice the minimum cell of the agreements.
2. On each side at least the minimum cell have an outcome above the lowest, and as many below the highest, and no student's outcome
   stands out (p-percent rule, `publication.amounts`).
3. Estimates and the ends of intervals are rounded to a step that is not below what one student's outcome can move them: the greatest
   weight of a student times one standard deviation of the outcome, or one whole answer where it is yes or no. Intervals are rounded
   outward.
4. Differences before the program, in standard deviations, are rounded to twentieths or more.
5. The effects of a kind of subgroup are shown only if those of all its groups may be, so that none follows from the others; small
   schools stand together.
6. No group's average is shown: only differences between groups.

The verdict is one of four words and is always shown. Reasons hold no count of students.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from throughway.evidence.effect import JudgedEffect, judged
from throughway.evidence.estimate import FEWEST, NoEstimate
from throughway.evidence.plain_table import Figures, table_of
from throughway.evidence.registered_study import TREATMENT, StudyDocument
from throughway.evidence.standards import is_binary, tier
from throughway.evidence.student_rows import StudyRows
from throughway.evidence.study import Design
from throughway.evidence.study_measures import COVARIATES
from throughway.evidence.verdict import Verdict
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.amounts import base, may_show

TITLE = "Effect of the program"
BY = ("subgroup", "figure")
ALL_STUDENTS = "all students"
SMALL_SCHOOLS = "other schools together"
COARSEST_BALANCE = 0.05  # standard deviations
WIDEST_COVARIATE = 3.0  # standard deviations, by which one student's yes or no can differ from another's


@dataclass(frozen=True)
class PublishedEffect:
    """An effect as published, in units of the outcome; without one, `why` says why. `step`: to what it is rounded."""

    name: str
    estimate: float | None
    low: float | None
    high: float | None
    step: float
    why: str = ""

    @property
    def apart(self) -> bool:
        """Whether the interval, as published, lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "estimate": self.estimate,
            "low": self.low,
            "high": self.high,
            "step": self.step,
            "why": self.why,
        }


def rule_sentence(minimum_cell: int) -> str:
    """The rule for the reader of a release."""
    return (
        f"An effect is shown for {fewest(minimum_cell)} or more students on each side, where {minimum_cell} or more of them have an outcome "
        "above the lowest and below the highest and no student’s outcome stands out. It is rounded to a step that is not below what one "
        "student’s outcome can move it, and the interval outward. Groups of a kind are shown all or none, and no group’s average is shown."
    )


def fewest(minimum_cell: int) -> int:
    """The students whom each side must have."""
    return max(FEWEST, 2 * minimum_cell)


def rounding_step(effect: JudgedEffect, outcome: Figures) -> float:
    """To what the effect is rounded: 1, 2 or 5 times a power of ten."""
    whole = 1.0 if is_binary(outcome) else effect.found.sd
    return base(effect.found.heaviest * whole)


def publishable(outcome: Figures, treated: np.ndarray, minimum_cell: int) -> bool:
    """Rules 1 and 2 for the outcomes behind an effect."""
    sides = (outcome[treated], outcome[~treated])
    enough = min(len(side) for side in sides) >= fewest(minimum_cell)
    return enough and all(may_show(side.tolist(), minimum_cell) for side in sides)


def published_effect(
    name: str, effect: JudgedEffect, outcome: Figures, *, level: float = 0.95
) -> PublishedEffect:
    """The effect with its interval at a level, rounded. `outcome`: of the students behind it."""
    step = rounding_step(effect, outcome)
    low, high = effect.found.interval(level)
    return PublishedEffect(
        name, _nearest(effect.found.estimate, step), _clean(math.floor(low / step) * step, step),
        _clean(math.ceil(high / step) * step, step), step,
    )  # fmt: skip


def _nearest(value: float, step: float) -> float:
    return _clean(math.floor(value / step + 0.5) * step, step)


def _clean(value: float, step: float) -> float:
    """Without the digits that binary fractions leave behind."""
    return round(value, max(0, 1 - math.floor(math.log10(step)))) + 0.0


def finding_of(document: StudyDocument, rows: StudyRows, minimum_cell: int) -> "PublishedFinding":
    """The study's finding as it may be published."""
    study = document.effect_study(clustered=rows.clustered)
    table = table_of(rows.frame, study)
    try:
        effect = judged(table, study)
    except NoEstimate as why:
        return PublishedFinding(
            Verdict.NOT_ENOUGH_EVIDENCE, why.publishable, None, {}, np.zeros(len(rows.frame), bool), ()
        )
    used = effect.found.used
    outcome, treated = table.outcome[used], table.treatment[used] == 1
    shown = publishable(outcome, treated, minimum_cell)
    overall = (
        published_effect(ALL_STUDENTS, effect, outcome)
        if shown
        else PublishedEffect(
            ALL_STUDENTS,
            None,
            None,
            None,
            0.0,
            "withheld, because too few students are behind it or too many have one outcome",
        )
    )
    details = _details(document, rows, effect, overall, outcome) if shown else {}
    return PublishedFinding(
        effect.verdict, _reason(effect), overall, details, used,
        _subgroups(document, rows, minimum_cell) if shown else (),
    )  # fmt: skip


@dataclass(frozen=True)
class PublishedFinding:
    """`reason`: why the verdict is this word; `used`: the rows behind the estimate; `subgroups`: by kind of group, the effects, or why
    there are none."""

    verdict: Verdict
    reason: str
    effect: PublishedEffect | None
    details: Mapping[str, Any]
    used: np.ndarray
    subgroups: Sequence[tuple[str, Sequence[PublishedEffect], str]]

    def table(self, minimum_cell: int) -> tuple[ProtectedTable, ...]:
        """The effects as a table of the release; empty where there is no estimate."""
        every = [
            *([self.effect] if self.effect else []),
            *(effect for _, effects, _ in self.subgroups for effect in effects),
        ]
        cells = tuple(
            ProtectedCell({"subgroup": each.name, "figure": figure}, "effect", _digits(value, each.step))
            for each in every
            for figure, value in (
                ("estimate", each.estimate),
                ("interval from", each.low),
                ("interval to", each.high),
            )
        )
        return (ProtectedTable(TITLE, BY, cells, rule_sentence(minimum_cell)),) if cells else ()

    def to_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "effect": self.effect.to_json() if self.effect else None,
            **self.details,
            "subgroups": [
                {
                    "by": COVARIATES[kind].name,
                    "effects": [each.to_json() | {"apart": each.apart} for each in effects],
                    "why": why,
                }
                for kind, effects, why in self.subgroups
            ],
        }


def _digits(value: float | None, step: float) -> str | None:
    if value is None:
        return None
    places = max(0, -math.floor(math.log10(step)))
    return f"{value:+.{places}f}"


def _reason(effect: JudgedEffect) -> str:
    """Why the verdict is this word, without a count of students."""
    found, (low, high) = effect.found, effect.interval
    if found.doubt:
        return f"It carries no verdict, because {found.doubt}."
    if effect.verdict is Verdict.NO_EFFECT_FOUND:
        return "An effect as large as the smallest that matters would have shown."
    if effect.verdict is not Verdict.NOT_ENOUGH_EVIDENCE:
        return "The whole interval, before it is rounded, lies on one side of zero."
    if low > 0 or high < 0:
        strongest = found.sensitivity.get("as_strong_as")
        name = COVARIATES[str(strongest)].name if strongest in COVARIATES else strongest
        return (
            f"A difference was found, but a cause that nobody recorded, as strong as “{name}”, could explain it."
            if strongest
            else "A difference was found, but nothing besides the baseline is recorded, so it cannot be told what could explain it."
        )
    return "The interval holds both zero and effects that matter. That is not a finding of no effect: the study was too small to tell."


def _details(
    document: StudyDocument, rows: StudyRows, effect: JudgedEffect, shown: PublishedEffect, outcome: Figures
) -> dict[str, Any]:
    """What stands beside the effect, rounded as it is."""
    found, step = effect.found, shown.step
    whole = 1.0 if is_binary(outcome) else found.sd
    students = found.treated + found.comparison
    hidden = found.sensitivity.get("as_strong_as")
    grid = max(COARSEST_BALANCE, base(WIDEST_COVARIATE * found.heaviest))
    value = found.sensitivity.get("robustness_value")
    return {
        "standardized": None if found.standardized is None else _nearest(found.standardized, base(step / whole)),
        "smallest": _nearest(effect.smallest, base(effect.smallest / 100)),
        "detectable": _clean(math.ceil(effect.detectable / step) * step, step),
        "balance": [
            {"covariate": each.covariate, "before": _nearest(each.before, grid), "after": _nearest(each.after, grid)}
            for each in found.balance
        ],
        "balance_step": grid,
        "robustness_percent": None if value is None else round(100 * float(str(value))),
        "hidden_cause": None
        if hidden is None
        else {
            "as": str(hidden),
            **{
                name: None if found.sensitivity.get(name) is None else _nearest(float(str(found.sensitivity[name])), step)
                for name in ("estimate", "low", "high")
            },
        },
        "tier": tier(document.design, without_reservations=found.sound, students=students, sites=rows.sites)
        if effect.verdict is Verdict.HELPS
        else None,
        "low_attrition": found.sound if document.design is Design.LOTTERY else None,
    }  # fmt: skip


def _subgroups(
    document: StudyDocument, rows: StudyRows, minimum_cell: int
) -> tuple[tuple[str, Sequence[PublishedEffect], str], ...]:
    """By kind of subgroup, all effects or none. Intervals allow for how many groups are looked at (Bonferroni)."""
    split = {kind: _groups(rows.frame, kind, minimum_cell) for kind in document.subgroups}
    looks = sum(len(groups) for groups in split.values())
    return tuple(
        (kind, *_of_kind(document, rows, groups, minimum_cell, looks)) for kind, groups in split.items()
    )


def _groups(frame: pd.DataFrame, kind: str, minimum_cell: int) -> dict[str, pd.Series]:
    """The rows of each group; schools with few participants or comparison students stand together."""
    names = frame[kind].astype(str)
    if kind == "school":
        sizes = frame.assign(name=names).groupby("name")[TREATMENT].agg(["sum", "size"])
        enough = 2 * fewest(minimum_cell)  # some of them have no outcome
        large = sizes.index[(sizes["sum"] >= enough) & (sizes["size"] - sizes["sum"] >= enough)]
        names = names.where(names.isin(large), SMALL_SCHOOLS)
    return {name: names == name for name in sorted(names.unique())}


def _of_kind(
    document: StudyDocument, rows: StudyRows, groups: Mapping[str, pd.Series], minimum_cell: int, looks: int
) -> tuple[Sequence[PublishedEffect], str]:
    if len(groups) < 2:
        return (), "The groups are too small to be shown apart."
    study = document.effect_study(clustered=rows.clustered)
    found = []
    for name, inside in groups.items():
        table = table_of(rows.frame[inside], study)
        try:
            effect = judged(table, study)
        except NoEstimate:
            return (), "At least one of these groups carries no estimate, so none is shown."
        used = effect.found.used
        outcome = table.outcome[used]
        if not publishable(outcome, table.treatment[used] == 1, minimum_cell):
            return (), "At least one of these groups is too small, so none is shown."
        found.append(published_effect(name, effect, outcome, level=1 - 0.05 / max(looks, 1)))
    return found, ""
