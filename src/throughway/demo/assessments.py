"""Assessments: readiness for kindergarten, a reading screener in grade 2, the State's tests in grades 3 to 8."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from throughway.demo.arrays import Bools, Days, Floats, Ints, Records, stream
from throughway.demo.enrollment import Spells
from throughway.demo.population import SimulatedPopulation
from throughway.demo.programs import TUTORING, TUTORING_EFFECT, Participation, stays_from

READINESS, SCREENER, STATE = range(3)
INSTRUMENTS = ("Kindergarten Readiness Inventory", "Grade 2 Reading Screener", "State Test")
COMPOSITE, READING, MATH = range(3)
SUBJECTS = ("Readiness", "Reading", "Mathematics")
LEVELS = (
    ("Emerging", "Approaching", "Ready"),
    ("Below Benchmark", "Near Benchmark (not met)", "Met Benchmark"),
    ("Below Basic", "Basic", "Proficient", "Advanced"),
)
# The highest levels' cuts in standard deviations. In mathematics they rise with the grades: the pipeline's largest leak
# lies before grade 8 mathematics.
READY_CUTS = (-1.2, -0.45)
SCREENER_CUTS = (-1.0, -0.3)
READING_CUTS = (-1.2, -0.35, 1.1)
MATH_CUTS = {3: (-1.2, -0.3, 1.1), 4: (-1.1, -0.2, 1.1), 5: (-1.0, -0.1, 1.15), 6: (-0.9, 0.1, 1.2), 7: (-0.7, 0.3, 1.25), 8: (-0.5, 0.45, 1.3)}  # fmt: skip


@dataclass(frozen=True)
class Scores(Records):
    """One entry for each score. `value` is on the scale of the instrument, rounded as it is reported."""

    student: Ints
    instrument: Ints  # index into INSTRUMENTS
    subject: Ints  # index into SUBJECTS
    grade: Ints
    district: Ints
    school: Ints
    year: Ints
    day: Days
    value: Ints
    level: NDArray[np.str_]


@dataclass(frozen=True)
class ReadingWithout(Records):
    """Grade 3 reading, one entry for each tested student: without tutoring, with it, and which of the two happened."""

    student: Ints
    year: Ints
    without: Floats
    with_: Floats
    tutored: Bools


def identifier(instrument: int, subject: int, grade: int) -> str:
    return (
        "KRI",
        "SCREENER-READING-2",
        f"STATE-{'READING' if subject == READING else 'MATH'}-{grade}",
    )[instrument]


def latent(people: SimulatedPopulation) -> tuple[Floats, Floats]:
    """Each student's true ability in reading and mathematics, roughly standardized, without test error."""
    shared = -0.3 * people.low_income - 0.35 * (people.disability != "")
    reading = 0.62 * people.ability + people.reading + shared - 0.45 * people.english_learner + 0.25
    numbers = 0.62 * people.ability + people.numbers + shared - 0.15 * people.english_learner + 0.2
    return reading / 0.95, numbers / 0.95


def screen(people: SimulatedPopulation, seed: int) -> Floats:
    """Each student's standardized result in grade 2 reading."""
    return latent(people)[0] + 0.35 * stream(seed, "screener").normal(size=people.size)


def assess(
    people: SimulatedPopulation,
    spells: Spells,
    participation: Participation,
    screener: Floats,
    years: range,
    known: np.datetime64,
    seed: int,
) -> tuple[Scores, ReadingWithout]:
    reading, numbers = latent(people)
    parts: list[Scores] = []
    thirds: list[tuple[Ints, Ints, Floats]] = []
    for year in years:
        rng = stream(seed, "tests", year)
        there = stays_from(spells, year)
        fall, spring = np.datetime64(f"{year - 1}-09-15"), np.datetime64(f"{year}-04-22")
        if fall <= known:
            new = there.where((there.grade == 0) & (rng.random(len(there.grade)) < 0.94))
            z = 0.7 * reading[new.student] + 0.25 * people.attachment[new.student] + 0.5 * rng.normal(size=len(new.student))  # fmt: skip
            parts.append(_scored(new, READINESS, COMPOSITE, year, fall, 200 + 25 * z, z, READY_CUTS, rng))
        if spring > known:
            continue
        second = there.where((there.grade == 2) & (rng.random(len(there.grade)) < 0.96))
        z = screener[second.student]
        parts.append(_scored(second, SCREENER, READING, year, spring + 20, 100 + 15 * z, z, SCREENER_CUTS, rng))  # fmt: skip
        for grade in range(3, 9):
            for subject, trait in ((READING, reading), (MATH, numbers)):
                taker = there.where((there.grade == grade) & (rng.random(len(there.grade)) < 0.96))
                z = trait[taker.student] + 0.3 * rng.normal(size=len(taker.student))
                value = 300 + 30 * (grade - 3) + 40 * z
                if grade == 3 and subject == READING:
                    thirds.append((taker.student, np.full(len(z), year), value))
                cuts = READING_CUTS if subject == READING else MATH_CUTS[grade]
                parts.append(_scored(taker, STATE, subject, year, spring + 2 * subject, value, z, cuts, rng))
    return _tutored(Scores.joined(parts), participation, thirds)


def _tutored(
    scores: Scores, participation: Participation, thirds: list[tuple[Ints, Ints, Floats]]
) -> tuple[Scores, ReadingWithout]:
    """Adds the effect of tutoring to grade 3 reading: a share of the standard deviation without tutoring."""
    who, year, without = (np.concatenate(column) for column in zip(*thirds, strict=True))
    gain = TUTORING_EFFECT * float(without.std())
    joined = participation.of(TUTORING)
    tutored = np.isin(who * 10_000 + year, joined.student * 10_000 + joined.year)
    happened = np.where(tutored, without + gain, without)
    rows = np.flatnonzero((scores.instrument == STATE) & (scores.subject == READING) & (scores.grade == 3))
    assert np.array_equal(scores.student[rows], who)
    scores.value[rows] = np.rint(happened)
    scores.level[rows] = np.array(LEVELS[STATE])[np.searchsorted(READING_CUTS, (happened - 300) / 40)]
    return scores, ReadingWithout(who, year, without, without + gain, tutored)


def _scored(
    there: Spells,
    instrument: int,
    subject: int,
    year: int,
    day: np.datetime64,
    value: Floats,
    z: Floats,
    cuts: tuple[float, ...],
    rng: np.random.Generator,
) -> Scores:
    n = len(there.student)
    late = np.where(rng.random(n) < 0.06, rng.integers(1, 15, n), 0)
    return Scores(
        student=there.student,
        instrument=np.full(n, instrument),
        subject=np.full(n, subject),
        grade=there.grade,
        district=there.district,
        school=there.school,
        year=np.full(n, year),
        day=day + late,
        value=np.rint(value).astype(np.int64),
        level=np.array(LEVELS[instrument]).astype("U24")[np.searchsorted(cuts, z)],
    )
