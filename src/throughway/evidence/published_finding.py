"""A study's finding: estimated from its rows, and as it may be published.

The verdict is one of seven words, made of the effect as it is shown: where that is withheld, so is its word. Effects are rounded so that
no student's outcome follows from them (`published_effect`), and withheld where they would tell of a few students together with effects
that are published already (`effects_beside`). The effects of a kind of subgroup are shown only if those of all its groups may be, so that none
follows from the others. A kind has two groups, so that they are large enough to be shown, and their difference has an interval of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from throughway.evidence.effect import JudgedEffect, judged
from throughway.evidence.effects_beside import CHECK, EarlierEffects, EffectStudents, joined, students_of
from throughway.evidence.estimate import DesignEstimate, NoEstimate
from throughway.evidence.multiplicity import stands
from throughway.evidence.plain_table import Figures, StudyTable, table_of
from throughway.evidence.published_effect import (
    PublishedEffect,
    around,
    digits,
    nearest,
    publishable,
    published_effect,
    rule_sentence,
    upward,
    whole_outcome,
    withheld_effect,
)
from throughway.evidence.registered_study import STUDENT, StudyDocument
from throughway.evidence.sensitivity import robustness_value
from throughway.evidence.standards import DETECTABLE, LOWEST_TIER, tier
from throughway.evidence.student_rows import NOT_RECORDED, YEAR, StudyRows
from throughway.evidence.study import Design
from throughway.evidence.study_measures import COVARIATES, OUTCOMES, name_of
from throughway.evidence.verdict import Verdict, decide, earns_cause, narrower
from throughway.publication import ProtectedCell, ProtectedTable
from throughway.publication.amounts import base

TITLE = "Effect of the program"
BY = ("subgroup", "figure")
ALL_STUDENTS = "all students"
OTHERS = "all others together"
COARSEST_BALANCE = 0.05  # standard deviations
WIDEST_COVARIATE = 3.0  # standard deviations, by which one student's yes or no can differ from another's
NEARLY_ALL = "withheld, because together they are all students compared but for a few"
REASONS = {
    **dict.fromkeys(
        (Verdict.HELPS, Verdict.HARMS, Verdict.DID_BETTER, Verdict.DID_WORSE),
        "The whole 95% interval, as it is shown, lies on one side of zero.",
    ),
    **dict.fromkeys(
        (Verdict.NO_EFFECT_FOUND, Verdict.NO_DIFFERENCE_FOUND),
        "A difference as large as the smallest that matters would have shown.",
    ),
    Verdict.NOT_ENOUGH_EVIDENCE: "The interval, as it is shown, holds both zero and effects that matter. That is not a finding of no effect: the study was too small to tell.",
}
NONE_SET = "The interval, as it is shown, holds zero, and the council has set no smallest effect that matters for this outcome, so that nothing tells no difference from too little."
FEW = "withheld, because too few students are behind it or too many have one outcome"


@dataclass(frozen=True)
class EstimatedEffect:
    """An effect before it is rounded: never shown. `level`: of its interval; `allowed`: there are enough students behind it."""

    found: DesignEstimate
    outcome: Figures  # of the students behind it
    students: EffectStudents
    level: float
    allowed: bool

    def published(self, earlier: EarlierEffects, also: Sequence[EffectStudents] = ()) -> PublishedEffect:
        if not self.allowed:
            return withheld_effect(self.students.name, FEW)
        beside = earlier.near(self.students, also)
        if beside is not None:
            return withheld_effect(
                self.students.name,
                f"withheld, because together with {f'release {beside}' if beside else 'another finding'} it would tell of fewer than {earlier.required} students",
            )
        return published_effect(
            self.students.name,
            self.found,
            self.outcome,
            level=self.level,
            earlier=earlier.sharing(self.students),
        )


@dataclass(frozen=True)
class EstimatedPlacebo:
    """An outcome that the program cannot have moved. `effect`: None where there is no estimate, and `why` says why."""

    column: str
    effect: EstimatedEffect | None
    why: str = ""


def result_of(
    document: StudyDocument,
    rows: StudyRows,
    minimum_cell: int,
    others: Sequence[float | None] = (),
) -> "StudyResult":
    """What the study finds. `others`: the p of each earlier finding on the program in the outcome's domain."""
    study = rows.study_of(document)
    table = table_of(rows.frame, study)
    try:
        effect = judged(table, study)
    except NoEstimate as why:
        return StudyResult(document, rows, minimum_cell, why.publishable)
    whole = _estimated(
        document.outcome, ALL_STUDENTS, effect.found, table, rows.frame, minimum_cell, whole=True
    )
    return StudyResult(document, rows, minimum_cell, "", effect, whole, table, others)


@dataclass(frozen=True)
class StudyResult:
    """A study's result: never shown. `why`: why there is no estimate; `whole`: the effect on all students compared; `others`: the p of each
    earlier finding on the program in the outcome's domain."""

    document: StudyDocument
    rows: StudyRows
    minimum_cell: int
    why: str = ""
    effect: JudgedEffect | None = None
    whole: EstimatedEffect | None = None
    table: StudyTable | None = None
    others: Sequence[float | None] = ()

    @property
    def used(self) -> np.ndarray:
        """The rows behind the estimate."""
        return self.effect.found.used if self.effect else np.zeros(len(self.rows.frame), bool)

    @cached_property
    def placebos(self) -> Sequence[EstimatedPlacebo]:
        return tuple(
            EstimatedPlacebo(
                each.column,
                None
                if each.found is None or self.table is None
                else _estimated(
                    each.column, f"{CHECK}{name_of(each.column)}", each.found, self.table.of_placebo(each.column), self.rows.frame,
                    self.minimum_cell, whole=True, level=each.level,
                ),
                each.why,
            )
            for each in (self.effect.placebos if self.effect else ())
        )  # fmt: skip

    @cached_property
    def subgroups(self) -> Sequence[tuple[str, Sequence[EstimatedEffect], str]]:
        """By kind of subgroup, the effects of all its groups, or none and why. Intervals allow for how many groups are looked at
        (Bonferroni)."""
        if self.whole is None or not self.whole.allowed:
            return ()
        split = {kind: _groups(self.rows.frame, kind) for kind in self.document.subgroups}
        looks = sum(len(groups) for groups in split.values())
        return tuple((kind, *self._of_kind(kind, groups, looks)) for kind, groups in split.items())

    def _of_kind(
        self, kind: str, groups: Mapping[str, pd.Series], looks: int
    ) -> tuple[Sequence[EstimatedEffect], str]:
        if len(groups) < 2:
            return (), "The study looked, and fewer than two groups are on record."
        study = self.rows.study_of(self.document).model_copy(update={"placebo": ()})
        found = []
        for name, inside in groups.items():
            frame = self.rows.frame[inside]
            table = table_of(frame, study)
            try:
                effect = judged(table, study)
            except NoEstimate:
                return (
                    (),
                    "The study looked, and at least one of these groups carries no estimate, so none is shown.",
                )
            estimated = _estimated(
                self.document.outcome, f"{COVARIATES[kind].name}: {name}", effect.found, table, frame, self.minimum_cell,
                level=1 - 0.05 / max(looks, 1),
            )  # fmt: skip
            if not estimated.allowed:
                return (
                    (),
                    "The study looked, and at least one of these groups is too small, so none is shown.",
                )
            found.append(estimated)
        return found, ""

    def estimated(self) -> "StudyResult":
        """The same, with everything estimated now that else would be when it is asked for."""
        _ = self.placebos, self.subgroups
        return self

    @property
    def students(self) -> Sequence[EffectStudents]:
        """The students behind each effect that may be shown."""
        every = [
            *([self.whole] if self.whole else []),
            *(effect for _, effects, _ in self.subgroups for effect in effects),
            *(each.effect for each in self.placebos if each.effect),
        ]
        return [each.students for each in every if each.allowed]

    def published(self, earlier: EarlierEffects | None = None) -> "PublishedFinding":
        """The finding as it may be published beside the effects that are published already."""
        earlier = earlier or EarlierEffects(required=self.minimum_cell)
        overall = self.whole.published(earlier) if self.whole else None
        if overall is None or self.effect is None:
            return PublishedFinding(Verdict.NOT_ENOUGH_EVIDENCE, self.why, None, {}, ())
        placebos = tuple(
            (each, each.effect.published(earlier) if each.effect else None) for each in self.placebos
        )
        if overall.estimate is None:
            why = "Where an effect is withheld, so is its word."
            return PublishedFinding(Verdict.NOT_ENOUGH_EVIDENCE, why, overall, {}, (), placebos)
        doubt = self.effect.found.doubt or next(
            (f"the placebo “{name_of(each.column)}” moved, which the program cannot have done" for each, shown in placebos if shown and shown.apart), "",
        )  # fmt: skip
        verdict, reason, p = self._word(overall, doubt)
        return PublishedFinding(
            verdict, reason, overall, self._details(overall, verdict), self._published_subgroups(earlier), placebos, p
        )  # fmt: skip

    def _word(self, shown: PublishedEffect, doubt: str) -> tuple[Verdict, str, float]:
        """The word that the effect as it is shown earns, why, and the p of what is shown."""
        assert self.effect is not None
        assert shown.estimate is not None
        assert shown.low is not None
        assert shown.high is not None
        if doubt:
            return Verdict.NOT_ENOUGH_EVIDENCE, f"It carries no verdict, because {doubt}.", 1.0
        found = self.effect.found
        verdict = decide(
            admissible=True, cause=earns_cause(self.document.design, sound=found.sound),
            ninety=narrower(shown.estimate, shown.low, shown.high), ninety_five=(shown.low, shown.high),
            smallest=self._smallest, better=self.document.measured.better,
        )  # fmt: skip
        p = float(2 * stats.t.sf(abs(shown.estimate) / _error(shown, found), found.df))
        if verdict.claims and not stands(p, self.others):
            return (
                Verdict.NOT_ENOUGH_EVIDENCE,
                f"A difference was found, but of {len(self.others) + 1:,} findings on this program in this domain one can differ by chance, and allowing for their number (Benjamini and Hochberg, 5%) it does not stand.",
                p,
            )
        if verdict is Verdict.NOT_ENOUGH_EVIDENCE and self._smallest is None:
            return verdict, NONE_SET, p
        return verdict, REASONS[verdict], p

    def _published_subgroups(self, earlier: EarlierEffects) -> "tuple[PublishedSubgroups, ...]":
        also = [self.whole.students] if self.whole else []
        found: list[PublishedSubgroups] = []
        for kind, effects, why in self.subgroups:
            shown = tuple(each.published(earlier, also) for each in effects)
            together = joined([each.students for each in effects]) if effects else None
            if together and self.whole and earlier.near(together, [self.whole.students]) is not None:
                shown = (withheld_effect("", NEARLY_ALL),)
            if held := next((each for each in shown if each.estimate is None), None):
                found.append(
                    PublishedSubgroups(
                        kind,
                        (),
                        f"The study looked, and at least one of these groups is {held.why}, so none is shown.",
                    )
                )
                continue
            also += [each.students for each in effects]
            named = len(COVARIATES[kind].name) + 2
            named_shown = tuple(replace(each, name=each.name[named:]) for each in shown)
            found.append(
                PublishedSubgroups(
                    kind, named_shown, why, _difference(effects, named_shown, len(self.subgroups))
                )
            )
        return tuple(found)

    @property
    def _smallest(self) -> float | None:
        """The smallest effect that matters, as it is shown: one in standard deviations is a figure of the outcomes."""
        assert self.effect is not None
        exact = self.effect.smallest
        return exact and nearest(exact, base(exact / 100))

    def _details(self, shown: PublishedEffect, verdict: Verdict) -> dict[str, Any]:
        """What stands beside the effect. What depends on outcomes is made of the effect as it is shown."""
        assert self.effect is not None
        assert self.whole is not None
        assert shown.estimate is not None
        found, step = self.effect.found, shown.step
        whole = whole_outcome(found, self.whole.outcome)
        error = _error(shown, found)
        grid = max(COARSEST_BALANCE, base(WIDEST_COVARIATE * found.heaviest))
        best = tier(
            self.document.design, without_reservations=found.sound, students=found.treated + found.comparison, sites=self.rows.sites
        )  # fmt: skip
        matched = "robustness_value" in found.sensitivity
        return {
            "standardized": None if whole == 1 or found.standardized is None else nearest(shown.estimate / whole, base(step / whole)),
            "smallest": self._smallest,
            "detectable": upward(DETECTABLE * error, step),
            "balance": [
                {"covariate": each.covariate, "before": nearest(each.before, grid), "after": nearest(each.after, grid)}
                for each in found.balance
            ],
            "balance_step": grid,
            "robustness_percent": round(100 * robustness_value(shown.estimate / error, found.df)) if matched else None,
            "hidden_cause": _hidden_cause(found, shown),
            "tier": best if verdict.positive and best <= LOWEST_TIER else None,
            "low_attrition": found.sound if self.document.design is Design.LOTTERY else None,
        }  # fmt: skip


def _error(shown: PublishedEffect, found: DesignEstimate) -> float:
    """The standard error that the interval as it is shown tells."""
    assert shown.estimate is not None
    assert shown.high is not None
    return (shown.high - shown.estimate) / float(stats.t.ppf(0.975, found.df))


def _estimated(
    outcome: str, name: str, found: DesignEstimate, table: StudyTable, frame: pd.DataFrame, minimum_cell: int, *,
    whole: bool = False, level: float = 0.95,
) -> EstimatedEffect:  # fmt: skip
    used = found.used
    treated, people = table.treatment[used] == 1, frame[STUDENT].to_numpy(np.int64)[used]
    students = students_of(
        outcome, name, whole=whole, people=people, years=frame[YEAR].to_numpy(np.int64)[used], treated=treated
    )
    return EstimatedEffect(
        found, table.outcome[used], students, level, publishable(table.outcome[used], treated, minimum_cell)
    )


def _hidden_cause(found: DesignEstimate, shown: PublishedEffect) -> dict[str, Any] | None:
    """By what a cause as strong as the strongest recorded one would move the effect as it is shown."""
    hidden = found.sensitivity.get("as_strong_as")
    if hidden is None:
        return None
    estimate, low, high = (found.sensitivity.get(name) for name in ("estimate", "low", "high"))
    if estimate is None or low is None or high is None or shown.estimate is None:
        return {"as": str(hidden), "estimate": None, "low": None, "high": None}
    pulled = nearest(float(str(estimate)) - found.estimate, shown.step)
    moved = around("", shown.estimate + pulled, (float(str(high)) - float(str(low))) / 2, shown.step)
    return {"as": str(hidden), "estimate": moved.estimate, "low": moved.low, "high": moved.high}


def _difference(
    effects: Sequence[EstimatedEffect], shown: Sequence[PublishedEffect], looks: int
) -> PublishedEffect | None:
    """By how much the first group's effect is above the second's, of the effects as they are shown. Its interval allows for how many
    kinds are looked at (Bonferroni)."""
    if len(shown) != 2 or shown[0].estimate is None or shown[1].estimate is None:
        return None
    one, other = (each.found for each in effects)
    level = 1 - 0.05 / max(looks, 1)
    reach = float(stats.t.ppf((1 + level) / 2, min(one.df, other.df))) * float(np.hypot(one.se, other.se))
    step = max(each.step for each in shown)
    return around(f"{shown[0].name} less {shown[1].name}", shown[0].estimate - shown[1].estimate, reach, step)


class PublishedSubgroups(NamedTuple):
    """The effects of a kind's groups as they are shown, or why none is; and by how much they differ."""

    kind: str
    effects: Sequence[PublishedEffect]
    why: str
    difference: PublishedEffect | None = None


@dataclass(frozen=True)
class PublishedFinding:
    """`reason`: why the verdict is this word; `subgroups`: by kind of group, the effects, or why there are none; `placebos`: each with its
    effect as it is shown; `p`: of what is shown, for the findings that come after it, None where nothing is."""

    verdict: Verdict
    reason: str
    effect: PublishedEffect | None
    details: Mapping[str, Any]
    subgroups: Sequence[PublishedSubgroups]
    placebos: Sequence[tuple[EstimatedPlacebo, PublishedEffect | None]] = ()
    p: float | None = None

    def table(self, minimum_cell: int) -> tuple[ProtectedTable, ...]:
        """The effects as a table of the release; empty where there is no estimate."""
        every = [
            *([self.effect] if self.effect else []),
            *(
                replace(effect, name=f"{COVARIATES[kind].name}: {effect.name}")
                for kind, effects, _, _ in self.subgroups
                for effect in effects
            ),
            *(effect for _, effect in self.placebos if effect),
        ]
        cells = tuple(
            ProtectedCell({"subgroup": each.name, "figure": figure}, "effect", digits(value, each.step))
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
            "causal": self.verdict.causal,
            "reason": self.reason,
            "effect": self.effect.to_json() if self.effect else None,
            **self.details,
            "subgroups": [
                {
                    "by": COVARIATES[kind].name,
                    "effects": [each.to_json() | {"apart": each.apart} for each in effects],
                    "why": why,
                    "difference": difference.to_json() | {"apart": difference.apart} if difference else None,
                }
                for kind, effects, why, difference in self.subgroups
            ],
            "placebos": [_placebo_json(placebo, effect) for placebo, effect in self.placebos],
        }


def _placebo_json(placebo: EstimatedPlacebo, effect: PublishedEffect | None) -> dict[str, Any]:
    return {
        **(effect or withheld_effect("", placebo.why)).to_json(),
        "name": name_of(placebo.column),
        "unit": OUTCOMES[placebo.column].unit
        if placebo.column in OUTCOMES
        else COVARIATES[placebo.column].unit,
        "moved": effect is not None and effect.apart,
    }


def _groups(frame: pd.DataFrame, kind: str) -> dict[str, pd.Series]:
    """The rows of the two groups of a kind: lower grades and upper ones, else the largest beside all others. They follow from whom the
    study compares alone, never from an outcome. Whoever has no group on record is in neither."""
    names = frame[kind].astype(str)
    known = names != NOT_RECORDED
    sizes = names[known].value_counts()
    if len(sizes) < 2:
        return {}
    if len(sizes) == 2:
        return {name: names == name for name in sorted(sizes.index)}
    if kind == "grade":
        graded = sorted(sizes.index, key=lambda each: (each[:1].isdigit(), each))  # KG and PK are before 01
        middle = min(range(1, len(graded)), key=lambda at: abs(2 * sizes[graded[:at]].sum() - sizes.sum()))
        parts = graded[:middle], graded[middle:]
        return {
            f"grades {part[0]} to {part[-1]}" if len(part) > 1 else f"grade {part[0]}": names.isin(part)
            for part in parts
        }
    largest = str(sizes.sort_index(kind="stable").idxmax())
    return {largest: names == largest, OTHERS: known & (names != largest)}
