"""Attacks on published effects: one subtracts two findings whose students differ in one, the other knows every outcome but one.

Each attack is first run against effects that nobody holds against each other, where it succeeds, and then against the published ones.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest

from throughway.evidence.effects_beside import (
    EarlierEffects,
    EffectStudents,
    earlier_effects,
    students_of,
)
from throughway.evidence.published_effect import PublishedEffect
from throughway.evidence.published_finding import TITLE, StudyResult, result_of
from throughway.evidence.registered_study import parsed_document
from throughway.evidence.student_rows import StudyRows
from throughway.publication.earlier_releases import EarlierRelease
from throughway.publication.members import FigureMembers

DOCUMENT = {
    "throughway": "study/1", "title": "Does it help?", "program": "harbor/club", "purpose": "studies", "outcome": "reading",
    "who": {"grades": ["03"]}, "school_years": [2026], "design": "lottery", "smallest_effect": {"value": 0.2},
}  # fmt: skip
SPECIFICATIONS: Sequence[list[str]] = (
    [],
    ["sex"],
    ["grade"],
    ["sex", "grade"],
    ["low_income"],
    ["low_income", "sex"],
)
VICTIM = 0


def world(seed: int, *, binary: bool = False, students: int = 120) -> pd.DataFrame:
    """A lottery, half of whose students were offered a place."""
    r = np.random.default_rng(seed)
    offered = (np.arange(students) < students // 2).astype(float)
    outcome = (r.uniform(size=students) < 0.5).astype(float) if binary else r.normal(size=students)
    return pd.DataFrame({
        "student": np.arange(students), "in_program": offered, "took_the_place": offered, "draw": "1", "outcome": outcome,
        "sex": r.choice(["Female", "Male"], students), "grade": r.choice(["03", "04"], students),
        "low_income": r.choice(["Yes", "No"], students), "of school": "s", "of school year": 2026,
    })  # fmt: skip


def result(frame: pd.DataFrame, covariates: list[str] | None = None) -> StudyResult:
    document = parsed_document(DOCUMENT | {"covariates": covariates or []})
    return result_of(document, StudyRows(frame, (), {}, np.zeros(0, np.int64), None, []), 10)


def released(results: Sequence[StudyResult]) -> list[PublishedEffect]:
    """Their effects, published one after the other."""
    known: list[EffectStudents] = []
    shown = []
    for each in results:
        effect = each.published(EarlierEffects(tuple(known), 10)).effect
        assert effect is not None
        shown.append(effect)
        if effect.estimate is not None:
            known += each.students
    return shown


@pytest.mark.parametrize("binary", [False, True])
def test_two_findings_that_differ_in_one_student_would_tell_of_the_student(binary: bool) -> None:
    """Whoever knows nobody's outcome, and only who is in both, subtracts one finding from the other."""
    outcomes, guesses = [], []
    for seed in range(60):
        frame = world(seed, binary=binary)
        with_, without = (result(each).published().effect for each in (frame, frame.drop(index=VICTIM)))
        assert with_ is not None
        assert without is not None
        outcomes.append(frame["outcome"][VICTIM])
        guesses.append(with_.estimate - without.estimate)
        both = released([result(frame), result(frame.drop(index=VICTIM))])
        assert [each.estimate is None for each in both] == [False, True]
        assert (
            both[1].why
            == "withheld, because together with another finding it would tell of fewer than 10 students"
        )
    assert np.corrcoef(outcomes, guesses)[0, 1] > 0.5  # so the rule is needed


def test_other_specifications_differ_in_nobody_or_in_enough() -> None:
    frame = world(1)
    few, enough = frame.drop(index=range(9)), frame.drop(index=range(10))
    assert released([result(frame), result(frame, ["sex"])])[1].estimate is not None
    assert released([result(frame), result(few)])[1].estimate is None
    assert released([result(frame), result(enough)])[1].estimate is not None
    # Nine who change sides, or nine of the comparison students.
    moved = frame.assign(in_program=frame["in_program"].where(frame["student"] >= 9, 0.0))
    assert released([result(frame), result(moved)])[1].estimate is None
    assert released([result(frame), result(frame.drop(index=range(111, 120)))])[1].estimate is None


def test_a_student_is_told_apart_in_one_school_year_too() -> None:
    """Everybody is there in both years; in one of them one student's row is missing."""
    years = [world(n).assign(**{"of school year": 2025 + n}) for n in (0, 1)]
    every = pd.concat(years, ignore_index=True)
    assert released([result(every), result(every.drop(index=VICTIM))])[1].estimate is None


def test_three_findings_together() -> None:
    """All students, a part of them, and the other part less one student: no two differ in a few."""
    frame = world(2, students=400)
    grade = frame["student"] % 2 == 0
    one, other = frame[grade], frame[~grade]
    assert all(each.estimate is not None for each in released([result(frame), result(one), result(other)]))
    assert released([result(frame), result(one), result(other.drop(index=1))])[2].estimate is None
    assert released([result(one), result(other.drop(index=1)), result(frame)])[2].estimate is None


class NobodyLinked:
    """Every record is a person of its own number."""

    def persons_of(self, records: np.ndarray) -> np.ndarray:
        return records

    def records_by_person(self, persons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.arange(len(persons)), persons


def release(made: StudyResult, id: str, *, without: Sequence[int] = ()) -> EarlierRelease:
    """What is read of a published finding, once the records of some students are destroyed."""
    finding, links = made.published(), NobodyLinked()
    places = {at: persons for each in made.students for at, persons in each.places().items()}
    members = FigureMembers.of(places, links).without(np.array(without, np.int64))
    behind, forgotten = members.persons(links, stand_ins=-10)
    about = {"finding": finding.to_json() | {"outcome": "Reading score"}}
    read = SimpleNamespace(id=id, report="what-works", tables=finding.table(10), behind=behind, forgotten=forgotten, about=about)  # fmt: skip
    return cast("EarlierRelease", read)


def earlier(*releases: EarlierRelease) -> EarlierEffects:
    required = 10 + sum(2 * each.forgotten for each in releases)
    return earlier_effects(releases, "what-works", TITLE, required)


def test_a_student_whose_records_are_destroyed_is_not_told_by_a_later_finding() -> None:
    """The earlier effect holds the student's outcome, and nobody knows any more whom it holds besides the others."""
    frame = world(3)
    rest = result(frame.drop(index=VICTIM))
    assert rest.published(earlier(release(rest, "a"))).effect.estimate is not None  # type: ignore[union-attr]
    effect = rest.published(earlier(release(result(frame), "a", without=[VICTIM]))).effect
    assert effect is not None
    assert effect.estimate is None
    assert "release a" in effect.why


def test_placebos_of_the_same_students_are_rounded_more_coarsely_each_time() -> None:
    frame = world(4, students=400)
    frame["math_before"] = np.random.default_rng(4).normal(size=len(frame))
    document = parsed_document(DOCUMENT | {"placebo": ["math_before"]})
    made = result_of(document, StudyRows(frame, (), {}, np.zeros(0, np.int64), None, []), 10)
    steps = []
    for already in range(6):
        finding = made.published(earlier(*(release(made, str(n)) for n in range(already))))
        ((_, shown),) = finding.placebos
        assert shown is not None
        assert finding.effect is not None
        assert shown.step == finding.effect.step
        steps.append(shown.step)
    assert steps[-1] > steps[0]


def test_other_outcomes_are_not_held_against_each_other() -> None:
    years = np.full(40, 2026)
    treated = np.arange(40) < 20
    made = [
        students_of(outcome, "all students", whole=True, people=np.arange(40), years=years, treated=treated)
        for outcome in ("reading", "math")
    ]
    fewer = students_of(
        "math", "x", whole=False, people=np.arange(1, 40), years=years[1:], treated=treated[1:]
    )
    assert EarlierEffects(made[:1], 10).near(fewer) is None
    assert EarlierEffects(made, 10).near(fewer) == ""


def open_part(frame: pd.DataFrame, specifications: Sequence[list[str]]) -> float:
    """In how many standard deviations one student's outcome stays open to whoever knows all others, the rows, and the program: the
    outcomes with which every published figure would be what it is."""
    values = np.linspace(-4, 4, 41)
    possible = np.ones(len(values), bool)
    known: list[EffectStudents] = []
    for covariates in specifications:
        true = result(frame, covariates)
        beside = EarlierEffects(tuple(known), 10)
        shown = true.published(beside).to_json()
        for number in np.flatnonzero(possible):
            other = frame.copy()
            other.loc[VICTIM, "outcome"] = values[number]
            possible[number] = result(other, covariates).published(beside).to_json() == shown
        known += true.students
    return float(possible.sum() * (values[1] - values[0]))


def test_one_students_outcome_stays_open_by_a_standard_deviation() -> None:
    """Before all figures were made of the rounded estimate, half of one stayed open."""
    widths = [open_part(world(seed), SPECIFICATIONS[:1]) for seed in range(8)]
    assert np.mean(widths) >= 1.0


def test_many_specifications_do_not_close_in_on_a_student() -> None:
    """Before later effects were rounded more coarsely, a tenth of a standard deviation was left after twelve, and a fifth after six."""
    widths = [open_part(world(seed), SPECIFICATIONS) for seed in range(6)]
    assert np.mean(widths) >= 0.5
