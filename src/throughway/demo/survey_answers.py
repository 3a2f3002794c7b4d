"""Surveys: the Riverbend schools' climate survey each spring, participants' opinions of after-school programs, and
their check-in each fall, whose notice says that answers are used by name to offer help; and once, in the last spring, a question on a topic
that 20 USC 1232h(b) protects."""

from dataclasses import dataclass

import numpy as np

from throughway.demo.arrays import Bools, Days, Floats, Ints, Records, chance, stream
from throughway.demo.enrollment import Spells
from throughway.demo.population import SimulatedPopulation
from throughway.demo.programs import ART, CHESS, GARDEN, HOMEWORK_CLUB, LATE_GYM, Participation, stays_from

CLIMATE, SERVICE = range(2)
# survey, code, construct, text; answers run from 1 (never, not at all) to 5 (always, very much)
QUESTIONS = (
    (CLIMATE, "C1", "safety", "I feel safe at school and on the way"),
    (CLIMATE, "C2", "belonging", "There is a grown-up at school who cares about me"),
    (CLIMATE, "C3", "reading", "I read for fun outside school"),
    (CLIMATE, "C4", "future", "At home we talk about college or work after school"),
    (SERVICE, "S1", "welcome", "I feel welcome here"),
    (SERVICE, "S2", "usefulness", "What I do here helps me"),
    (SERVICE, "S3", "access", "It is easy for me to come"),
)


@dataclass(frozen=True)
class Answers(Records):
    """One entry for each answer to a question."""

    student: Ints
    question: Ints  # index into QUESTIONS
    program: Ints  # index into PROGRAMS for the participants' survey, otherwise -1
    year: Ints
    day: Days
    value: Ints  # 1 to 5


def answer(
    people: SimulatedPopulation, spells: Spells, participation: Participation, years: range, known: np.datetime64, seed: int
) -> Answers:  # fmt: skip
    parts: list[Answers] = []
    clubs = participation.of(LATE_GYM, HOMEWORK_CLUB, ART, CHESS, GARDEN)
    for year in years:
        rng = stream(seed, "survey", year)
        day = np.datetime64(f"{year}-03-10")
        if day > known:
            continue
        there = stays_from(spells, year)
        pupils = there.student[(there.district == 0) & (there.grade >= 4)]
        asked = pupils[rng.random(len(pupils)) < 0.8]
        stays = clubs.where(clubs.year == year)
        stays = stays.where(rng.random(len(stays.student)) < 0.55)
        for question, (survey, _code, _construct, _text) in enumerate(QUESTIONS):
            who = asked if survey == CLIMATE else stays.student
            program = np.full(len(who), -1) if survey == CLIMATE else stays.program
            answered = rng.random(len(who)) < 0.97
            n = int(answered.sum())
            value = _scale(3.4 + 0.45 * people.attachment[who[answered]], rng)
            when = day + rng.integers(0, 10, n)
            parts.append(
                Answers(who[answered], np.full(n, question), program[answered], np.full(n, year), when, value)
            )
    return Answers.joined(parts)


@dataclass(frozen=True)
class CheckIns(Records):
    """One entry for each participant who answered the check-in of a fall; `year`: the school year."""

    student: Ints
    year: Ints
    day: Days
    homework: Bools  # would like help with homework
    knows: Bools  # knows whom to ask at the program


def check_in(
    people: SimulatedPopulation, participation: Participation, years: range, known: np.datetime64, seed: int
) -> CheckIns:
    """Participants of the after-school programs in the week of 12 October; the weaker the student, the more likely help with homework is
    welcome."""
    parts: list[CheckIns] = []
    clubs = participation.of(LATE_GYM, HOMEWORK_CLUB, ART, CHESS, GARDEN)
    for year in years:
        rng = stream(seed, "check-in", year)
        first = np.datetime64(f"{year - 1}-10-12")
        if first + 5 > known:
            continue
        there = (clubs.year == year) & (clubs.start < first) & (np.isnat(clubs.end) | (clubs.end > first + 5))
        asked = np.unique(clubs.student[there])
        who = asked[rng.random(len(asked)) < 0.85]
        homework = rng.random(len(who)) < chance(-0.6 - 0.8 * people.ability[who])
        knows = rng.random(len(who)) < chance(0.9 + 0.7 * people.attachment[who])
        day = first + rng.integers(0, 5, len(who))
        parts.append(CheckIns(who, np.full(len(who), year), day, homework, knows))
    return CheckIns.joined(parts)


FEELINGS, FEELINGS_GRADES = (
    "W1",
    (6, 10),
)  # the question: I felt calm and hopeful this month; first and last grade


@dataclass(frozen=True)
class Feelings(Records):
    """One entry for each answer to the question on a protected topic, with or without the family's consent."""

    student: Ints
    day: Days
    value: Ints  # 1 to 5


def feel(
    people: SimulatedPopulation, spells: Spells, years: range, known: np.datetime64, seed: int
) -> tuple[Ints, Feelings]:
    """The students who were asked in the last spring, and their answers. A sheet was handed to all in class; what counts is for the
    families to say."""
    [spring] = [day for year in years if (day := np.datetime64(f"{year}-03-10")) + 10 <= known][-1:]
    there = stays_from(spells, int(str(spring)[:4]))
    low, high = FEELINGS_GRADES
    asked = there.student[(there.district == 0) & (there.grade >= low) & (there.grade <= high)]
    rng = stream(seed, "feelings")
    who = asked[rng.random(len(asked)) < 0.85]
    value = _scale(3.5 + 0.5 * people.attachment[who], rng)
    return asked, Feelings(who, spring + rng.integers(0, 10, len(who)), value)


def _scale(mean: Floats, rng: np.random.Generator) -> Ints:
    return np.clip(np.rint(mean + 0.9 * rng.normal(size=len(mean))), 1, 5).astype(np.int64)
