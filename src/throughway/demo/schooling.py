"""What schools and colleges see of each student: absences, marks, and the way after school."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from throughway.demo.population import Ints, Population
from throughway.demo.years import Days, Spells, chance, school_days

# Two semesters of each: title, SCED code.
COURSES = [
    ("English {grade}", "01001"),
    ("Mathematics {grade}", "02052"),
    ("Science {grade}", "03051"),
    ("Social Science {grade}", "04051"),
    ("Physical Education {grade}", "08001"),
    ("Art {grade}", "05154"),
]


@dataclass(frozen=True)
class Attendance:
    """One entry for each school day of each stay; `status` is P, E (excused), U (unexcused) or T (tardy)."""

    spell: Ints
    day: Days
    status: NDArray[np.str_]


@dataclass(frozen=True)
class Marks:
    """One entry for each course and semester of grades 9 to 12."""

    spell: Ints
    course: Ints
    semester: Ints
    letter: NDArray[np.str_]


@dataclass(frozen=True)
class College:
    """One entry for each graduate; `start` is NaT for those who do not enrol, `award` for those without a degree."""

    student: Ints
    district: Ints
    diploma: Days
    start: Days
    terms: Ints
    two_year: NDArray[np.bool_]
    award: Days


def attend(people: Population, spells: Spells, rng: np.random.Generator) -> Attendance:
    """The days of all stays that have ended."""
    missing = chance(-3.0 - 0.75 * people.attachment[spells.student] + 0.35 * (spells.grade == 9))
    ended = ~np.isnat(spells.end)
    parts = []
    for year in np.unique(spells.year[ended]):
        days = school_days(int(year))
        rows = np.flatnonzero(ended & (spells.year == year))
        within = (days >= spells.start[rows, None]) & (days <= spells.end[rows, None])
        spell, day = np.nonzero(within)
        draw = rng.random(len(spell))
        p = missing[rows][spell]
        status = np.select([draw < 0.45 * p, draw < p, draw < p + 0.02], ["U", "E", "T"], "P")
        parts.append((rows[spell], days[day], status))
    return Attendance(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def mark(people: Population, spells: Spells, rng: np.random.Generator) -> Marks:
    """Letter grades of high-school stays that lasted to the end of the year."""
    rows = np.flatnonzero((spells.grade >= 9) & np.isin(spells.exit, ["year", "graduated", "unmet"]))
    spell = np.repeat(rows, 2 * len(COURSES))
    course = np.tile(np.repeat(np.arange(len(COURSES)), 2), len(rows))
    semester = np.tile([1, 2], len(rows) * len(COURSES))
    student = spells.student[spell]
    # Some struggle in everything: one draw for the year, one for the course.
    strength = people.ability[student] + 0.6 * people.attachment[student] + 0.8 * rng.normal(size=len(spell))
    letter = np.select(
        [strength < -1.9, strength < -1.1, strength < -0.2, strength < 0.9], ["F", "D", "C", "B"], "A"
    )
    return Marks(spell, course, semester, letter)


def go_on(people: Population, spells: Spells, year: int, rng: np.random.Generator) -> College:
    """Who enrols after the diploma, for how many terms, and who completes; seen up to the May before `year`."""
    done = np.flatnonzero(spells.exit == "graduated")
    student = spells.student[done]
    n = len(done)
    enrols = rng.random(n) < chance(
        0.35 + 0.8 * people.ability[student] - 0.5 * people.english_learner[student]
    )
    late = rng.random(n) < 0.12
    two_year = rng.random(n) < 0.4
    stays = rng.geometric(np.clip(0.16 - 0.07 * people.ability[student], 0.03, 0.5))
    needed = np.where(two_year, 4, 8)
    gradyear = spells.year[done]
    start = np.array(
        [f"{y + (1 if slow else 0)}-08-24" for y, slow in zip(gradyear, late, strict=True)],
        dtype="datetime64[D]",
    )
    seen = 2 * np.maximum(year - 1 - gradyear - late, 0)
    terms = np.minimum(np.minimum(stays, needed), seen)
    enrols &= terms > 0
    finished = enrols & (stays >= needed) & (seen >= needed)
    award = np.array(
        [
            f"{y + late_ + k // 2}-05-15"
            for y, late_, k in zip(gradyear, late.astype(int), needed, strict=True)
        ],
        "datetime64[D]",
    )
    nat = np.datetime64("NaT")
    return College(
        student=student,
        district=spells.district[done],
        diploma=spells.end[done],
        start=np.where(enrols, start, nat),
        terms=np.where(enrols, terms, 0),
        two_year=two_year,
        award=np.where(finished, award, nat),
    )
