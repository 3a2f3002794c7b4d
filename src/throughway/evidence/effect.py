"""The effect of a program on a plain table: one design's estimate, its verdict, and what a reader must know beside it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from scipy import stats

from throughway.core.long_work import check_no_transaction
from throughway.evidence.estimate import DesignEstimate, NoEstimate
from throughway.evidence.plain_table import StudyTable
from throughway.evidence.standards import DETECTABLE, LOWEST_TIER, ceiling, tier
from throughway.evidence.study import Design, EffectScale, EffectStudy
from throughway.evidence.verdict import Verdict, decide, earns_cause

DESIGN_WORDS = {
    Design.MATCHED: "a comparison with students who look alike in what was recorded; what nobody recorded can still explain it",
    Design.LOTTERY: "a lottery",
    Design.CUTOFF: "an eligibility cut-off",
    Design.DIFFERENCES: "a comparison of changes over time with students who had not begun",
}


@dataclass(frozen=True)
class PlaceboEffect:
    """The estimate of an outcome that the program cannot have moved; without one, `why` says why. `level`: of its interval, which allows
    for how many placebos there are (Bonferroni)."""

    column: str
    found: DesignEstimate | None
    level: float
    why: str = ""

    @property
    def moved(self) -> bool:
        """Whether it moved all the same, so that the groups differ in something that the study does not know."""
        if self.found is None:
            return False
        low, high = self.found.interval(self.level)
        return low > 0 or high < 0


@dataclass(frozen=True)
class JudgedEffect:
    """An estimate with its verdict. `smallest`: the smallest effect that matters, in units of the outcome; `doubt`: that of
    the design, or that a placebo moved."""

    found: DesignEstimate
    verdict: Verdict
    smallest: float | None
    placebos: Sequence[PlaceboEffect] = ()
    doubt: str = ""

    @property
    def interval(self) -> tuple[float, float]:
        return self.found.interval(0.95)

    @property
    def p(self) -> float:
        """Of an estimate so far from zero by chance; 1 where the design does not carry a verdict."""
        if self.doubt:
            return 1.0
        return float(2 * stats.t.sf(abs(self.found.estimate / self.found.se), self.found.df))

    @property
    def detectable(self) -> float:
        """The smallest effect that the study would find four times in five."""
        return DETECTABLE * self.found.se


def judged(table: StudyTable, study: EffectStudy) -> JudgedEffect:
    """The estimate of the study's design with its verdict. NoEstimate where the data cannot answer.

    A placebo that moved caps the verdict: what moved it can have moved the outcome too.
    """
    if not len(table):
        raise NoEstimate("The table has headings and no row.")
    found = estimate_of(table, study)
    placebos = tuple(_placebo(table, study, column) for column in study.placebo)
    moved = next((each for each in placebos if each.moved), None)
    doubt = found.doubt or (
        f"the placebo {moved.column} moved, which the program cannot have done" if moved else ""
    )
    set_at = study.smallest_effect
    scale = found.sd if set_at and set_at.scale is EffectScale.SD else 1.0
    smallest = set_at.value * scale if set_at else None
    verdict = decide(
        admissible=not doubt,
        cause=earns_cause(study.design, sound=found.sound),
        ninety=found.interval(0.90),
        ninety_five=found.interval(0.95),
        smallest=smallest,
        better=study.better,
    )
    return JudgedEffect(found, verdict, smallest, placebos, doubt)


def estimate_of(table: StudyTable, study: EffectStudy) -> DesignEstimate:
    """The estimate of the study's design. NoEstimate where the data cannot answer."""
    check_no_transaction("an estimate")
    found = _estimator(study.design)(table, study)
    if not (math.isfinite(found.estimate) and math.isfinite(found.se) and found.se > 0 and found.df >= 1):
        raise NoEstimate("The figures vary too little to tell an effect from chance.")
    return found


def _estimator(design: Design) -> Callable[[StudyTable, EffectStudy], DesignEstimate]:
    """Imported when it estimates: who reads an estimate needs none of its libraries."""
    if design is Design.MATCHED:
        from throughway.evidence.comparison import compare

        return compare
    if design is Design.LOTTERY:
        from throughway.evidence.lottery import draw

        return draw
    if design is Design.CUTOFF:
        from throughway.evidence.cutoff import jump

        return jump
    from throughway.evidence.over_time import change

    return change


def _placebo(table: StudyTable, study: EffectStudy, column: str) -> PlaceboEffect:
    level = 1 - 0.05 / len(study.placebo)
    try:
        found = estimate_of(table.of_placebo(column), study.of_placebo(column))
    except NoEstimate as why:
        return PlaceboEffect(column, None, level, why.publishable)
    return PlaceboEffect(column, found, level)


def effect_of(table: StudyTable, study: EffectStudy) -> dict[str, object]:
    """The document of `throughway effect`. Without an estimate `estimate` is None and `notes` says why."""
    try:
        return _document(study, judged(table, study))
    except NoEstimate as why:
        return _nothing(study, str(why))


def _nothing(study: EffectStudy, why: str) -> dict[str, object]:
    return {
        "estimate": None, "se": None, "low": None, "high": None, "standardized": None,
        "verdict": Verdict.NOT_ENOUGH_EVIDENCE.value, "causal": False,
        "n": {"treated": None, "comparison": None, "left_out": None},
        "balance": [], "design": study.design.value, "ceiling": None, "sensitivity": {}, "notes": [why],
    }  # fmt: skip


def _document(study: EffectStudy, effect: JudgedEffect) -> dict[str, object]:
    found, (low, high) = effect.found, effect.interval
    return {
        "estimate": found.estimate, "se": found.se, "low": low, "high": high,
        "standardized": found.standardized,
        "verdict": effect.verdict.value, "causal": effect.verdict.causal,
        "n": {"treated": found.treated, "comparison": found.comparison, "left_out": found.left_out},
        "balance": [asdict(each) for each in found.balance],
        "design": study.design.value,
        "ceiling": _claim(study, effect),
        "sensitivity": dict(found.sensitivity),
        **({"placebo": [_placebo_document(each) for each in effect.placebos]} if effect.placebos else {}),
        "notes": [*_why(study, effect), *found.notes],
    }  # fmt: skip


def _claim(study: EffectStudy, effect: JudgedEffect) -> str | None:
    """The best claim that it could support; None where it supports none, which needs a positive word and enough students."""
    found = effect.found
    students = found.treated + found.comparison
    best = tier(study.design, without_reservations=found.sound, students=students, sites=found.sites)
    if not effect.verdict.positive or best > LOWEST_TIER:
        return None
    return ceiling(study.design, without_reservations=found.sound, students=students, sites=found.sites)


def _placebo_document(each: PlaceboEffect) -> dict[str, object]:
    low, high = each.found.interval(each.level) if each.found else (None, None)
    return {
        "outcome": each.column, "estimate": each.found.estimate if each.found else None, "low": low, "high": high, "moved": each.moved,
    }  # fmt: skip


def _why(study: EffectStudy, effect: JudgedEffect) -> list[str]:
    """What this is, and why the verdict is this word."""
    verdict = effect.verdict
    notes = [f"This is {DESIGN_WORDS[study.design]}."]
    if effect.doubt:
        notes.append(f"It carries no verdict, because {effect.doubt}.")
    elif verdict in (Verdict.NO_EFFECT_FOUND, Verdict.NO_DIFFERENCE_FOUND):
        notes.append("A difference as large as the smallest that matters would have shown.")
    elif verdict is Verdict.NOT_ENOUGH_EVIDENCE:
        notes.append(
            "The interval holds both zero and effects that matter: that is not a finding of no effect."
        )
    if not verdict.causal and verdict is not Verdict.NOT_ENOUGH_EVIDENCE:
        notes.append("The cause is not shown: a lottery among those who wait for a place would show it.")
    notes += [_placebo_note(each) for each in effect.placebos]
    matters = (
        "nobody set one that matters"
        if effect.smallest is None
        else f"the smallest that matters is {effect.smallest:.3g}"
    )
    notes.append(
        f"The smallest effect that this study would find four times in five is {effect.detectable:.3g}; {matters}."
    )
    return notes


def _placebo_note(each: PlaceboEffect) -> str:
    if each.found is None:
        return f"The placebo {each.column} has no estimate: {each.why}"
    low, high = each.found.interval(each.level)
    told = "it moved" if each.moved else "the interval holds zero, as it should"
    return f"The placebo {each.column}, which the program cannot have moved: {each.found.estimate:.3g} ({low:.3g} to {high:.3g}); {told}."
