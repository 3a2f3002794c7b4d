"""Where Riverbend's pipeline loses students, counted from the lives themselves: for each step, class and group.

A step's class is the ending year of the school year in which it is due; from graduation to completion, the year in which the
class is due to graduate; of a living wage, the year of the credential. What is not yet known by the last day of records is not counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from throughway.demo.after_graduation import LIVING_WAGE, still_learning
from throughway.demo.arrays import Bools, Days, Ints, earliest
from throughway.demo.assessments import COMPOSITE, MATH, READINESS, READING, STATE, Scores
from throughway.demo.attendance_and_marks import EXCUSED, UNEXCUSED
from throughway.demo.town import Town

STEPS = ("readiness", "reading", "attendance", "math", "on-track", "graduation", "enrollment", "completion", "living-wage")  # fmt: skip
# Planted leaks: the step, the students, and the cause.
PLANTED = (
    ("math", "all", "largest", "The cuts of the State's mathematics test rise faster than students do from grade 5 on"),
    ("graduation", "changed schools", "group", "A change of school in mid-year of grades 9 to 12 costs credits"),
    ("enrollment", "English learners", "group", "Those still learning English at the diploma are told less about college"),
)  # fmt: skip


@dataclass(frozen=True)
class MilestoneCohort:
    """The students of one class whose step is known, one entry each."""

    step: str
    year: int
    student: Ints
    reached: Bools


def steps(town: Town) -> Iterator[MilestoneCohort]:
    yield from _tests(town)
    for year in town.each_year():
        if year.year == town.year:
            break
        yield _attended(town, year.year, year.spell, year.status)
    rows, without, with_ = town.on_track
    helped = np.isin(_in_year(town.spells.student[rows], town.spells.year[rows]), _in_year(town.lottery.student, town.lottery.year)[town.lottery.came])  # fmt: skip
    happened = np.where(helped, with_, without)
    for y in np.unique(town.spells.year[rows]):
        these = town.spells.year[rows] == y
        yield MilestoneCohort("on-track", int(y), town.spells.student[rows[these]], happened[these])
    yield from _after_school(town)


def _in_year(student: Ints, year: Ints) -> Ints:
    return student * 10_000 + year


def _tests(town: Town) -> Iterator[MilestoneCohort]:
    scores = town.scores
    kinds = (
        ("readiness", READINESS, COMPOSITE, 0, ("Ready",)),
        ("reading", STATE, READING, 3, ("Proficient", "Advanced")),
        ("math", STATE, MATH, 8, ("Proficient", "Advanced")),
    )
    for step, instrument, subject, grade, good in kinds:
        found: Scores = scores.where((scores.instrument == instrument) & (scores.subject == subject) & (scores.grade == grade))  # fmt: skip
        for year in np.unique(found.year):
            these = found.year == year
            yield MilestoneCohort(step, int(year), found.student[these], np.isin(found.level[these], good))


def _attended(town: Town, year: int, spell: Ints, status: np.ndarray) -> MilestoneCohort:
    """Not chronically absent: missed less than a tenth of at least ten days, over all stays of the year."""
    who, place = np.unique(town.spells.student[spell], return_inverse=True)
    days = np.bincount(place, (status > 0).sum(axis=1), len(who))
    missed = np.bincount(place, np.isin(status, (EXCUSED, UNEXCUSED)).sum(axis=1), len(who))
    counted = days >= 10
    return MilestoneCohort("attendance", year, who[counted], (missed < 0.1 * days)[counted])


def _after_school(town: Town) -> Iterator[MilestoneCohort]:
    people, spells, college = town.people, town.spells, town.college
    high = spells.grade >= 9
    member = np.zeros(people.size, dtype=bool)
    member[spells.student[high]] = True
    last = np.full(people.size, "", dtype="U10")
    last[spells.student] = spells.exit  # stays are in the order of time
    diploma = np.zeros(people.size, dtype=bool)
    diploma[college.diplomas.student] = True
    entered = np.zeros(people.size, dtype=bool)
    entered[college.diplomas.student] = college.entered
    award = earliest(people.size, college.awards.student, college.awards.day)
    for year in range(int(people.cohort.min()) + 3, town.year):
        of = np.flatnonzero(member & (people.cohort + 3 == year) & (last != "left"))
        yield MilestoneCohort("graduation", year, of, diploma[of])
        of = of[diploma[of]]
        if town.known >= np.datetime64(f"{year + 1}-10-31"):
            yield MilestoneCohort("enrollment", year, of, entered[of])
        of = of[entered[of]]
        end = np.datetime64(f"{year + 6}-08-31")
        if town.known >= end:
            yield MilestoneCohort("completion", year, of, award[of] <= end)
    yield from _working(town, award)


def _working(town: Town, award: Days) -> Iterator[MilestoneCohort]:
    """By the year of the first award, of those with wages in the State in the four quarters from October on: a living wage
    in two of them at least."""
    work = town.work
    when = 4 * work.year + work.quarter - 1
    month = award.astype("datetime64[M]").astype(np.int64)
    year = 1970 + month // 12 + (month % 12 >= 8)
    for y in range(int(work.year.min()), town.year):
        first = 4 * y + 3
        if first + 3 > when.max():
            break
        within = (when >= first) & (when < first + 4)
        quarters = np.bincount(work.student[within], work.earnings[within] >= LIVING_WAGE, town.people.size)
        worked = np.bincount(work.student[within], minlength=town.people.size) > 0
        of = np.flatnonzero((year == y) & worked)
        yield MilestoneCohort("living-wage", y, of, quarters[of] >= 2)


def groups(town: Town, step: MilestoneCohort) -> Iterator[tuple[str, Bools]]:
    """The groups of a step's students, as the districts would assign them on the day it is due."""
    people, who = town.people, step.student
    yield "all", np.ones(len(who), dtype=bool)
    learner = still_learning(people, who, np.full(len(who), np.datetime64(f"{step.year}-06-05")))
    yield "English learners", learner
    yield "not English learners", ~learner
    yield "low income", people.low_income[who]
    yield "not low income", ~people.low_income[who]
    if step.step == "graduation":
        moves = np.zeros(people.size, dtype=np.int64)
        np.maximum.at(moves, town.spells.student, town.spells.moves)
        yield "changed schools", moves[who] > 0
        yield "did not change schools", moves[who] == 0


def pipeline(town: Town) -> list[tuple[str, int, str, int, int, int]]:
    """Step, class, group, of, reached, lost."""
    found = []
    for step in steps(town):
        for group, member in groups(town, step):
            of, reached = int(member.sum()), int((member & step.reached).sum())
            if of:
                found.append((step.step, step.year, group, of, reached, of - reached))
    return sorted(found, key=lambda row: (STEPS.index(row[0]), row[1]))
