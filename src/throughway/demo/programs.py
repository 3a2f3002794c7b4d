"""The programs of Riverbend's partners: who joins them, and their true effects.

Participation is not random, except where seats are drawn by lot: weak readers are sent to tutoring, attached students find mentors.
So a plain comparison misleads, as in real life.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from throughway.demo.arrays import NAT, Bools, Days, Floats, Ints, Records, chance, stream, whether
from throughway.demo.enrollment import Spells, school_days
from throughway.demo.population import SimulatedPopulation

PROGRAMS = (
    "page-by-page/tutoring",
    "long-walk-mentors/mentoring",
    "bright-futures/late-gym",
    "bright-futures/career-start",
    "bright-futures/homework-club",
    "bright-futures/art-studio",
    "bright-futures/chess-club",
    "bright-futures/garden-crew",
    "next-step/summer-bridge",
    "family-services/food",
    "family-services/housing",
    "family-services/counseling",
)
TUTORING, MENTORING, LATE_GYM, CAREER_START, HOMEWORK_CLUB, ART, CHESS, GARDEN, SUMMER_BRIDGE, FOOD, HOUSING, COUNSELING = range(12)  # fmt: skip

TUTORING_EFFECT = 0.20  # standard deviations of untreated grade 3 reading
LATE_GYM_EFFECT = -0.03  # share of school days
BRIDGE_EFFECT = 0.18  # chance of entering college, English learners only
CAREER_SHIFT = 0.45  # in the strength that makes grade 9 marks
SEATS_SHARE = 0.5  # of the applicants for career-start
TAKE_UP = 0.85  # of those who won a seat


@dataclass(frozen=True)
class Participation(Records):
    """One entry for each stay in a program; `end` is NaT and `exit` empty while it lasts."""

    student: Ints
    program: Ints  # index into PROGRAMS
    year: Ints  # ending year of the school year
    start: Days
    end: Days
    exit: NDArray[np.str_]  # completed, left, or empty
    sessions: Ints  # how often the student came, in all

    def of(self, *programs: int) -> "Participation":
        return self.where(np.isin(self.program, programs))


@dataclass(frozen=True)
class Lottery(Records):
    """One entry for each applicant to career-start in each year."""

    student: Ints
    year: Ints  # the school year for which the seat is
    number: Ints  # the lot drawn, from 1, by year
    won: Bools
    came: Bools  # took the seat

    @property
    def applied(self) -> Days:
        """The day of each application, in the three weeks before the school year begins."""
        summer = np.char.add((self.year - 1).astype(str), "-07-20").astype("datetime64[D]")
        return np.asarray(summer + (self.student + self.number) % 21)

    def applied_by(self, student: Ints, year: Ints) -> Days:
        """The days on which these students, all applicants, applied in these years."""
        mine, asked = (s * 10_000 + y for s, y in ((self.student, self.year), (student, year)))
        order = np.argsort(mine)
        return self.applied[order[np.searchsorted(mine[order], asked)]]


@dataclass(frozen=True)
class Seats(Records):
    """One entry for each third grader who applied for tutoring, and whether there was a seat."""

    student: Ints
    year: Ints
    seated: Bools


def stays_from(spells: Spells, year: int) -> Spells:
    """The first stay of each student in a year."""
    rows = np.flatnonzero(spells.year == year)
    _, first = np.unique(spells.student[rows], return_index=True)
    return spells.where(rows[first])


def join(
    people: SimulatedPopulation,
    spells: Spells,
    screener: Floats,
    years: range,
    known: np.datetime64,
    seed: int,
) -> tuple[Participation, Lottery, Seats]:
    """`screener`: each student's standardized grade 2 reading, by which tutoring selects students."""
    parts: list[Participation] = []
    lots: list[Lottery] = []
    seats: list[Seats] = []
    for year in years:
        rng = stream(seed, "programs", year)
        there = stays_from(spells, year)
        who, grade = there.student, there.grade
        draw = _Draw(people, year, known, rng)
        applied = who[(grade == 3) & whether(chance(-0.9 - 1.3 * screener[who]), rng)]
        # The weakest first, as the tutors see them: seats are never enough.
        seen = np.argsort(np.argsort(screener[applied] + 0.4 * rng.normal(size=len(applied))))
        seated = seen < 0.75 * len(applied)
        seats.append(Seats(applied, np.full(len(applied), year), seated))
        parts.append(draw.of(TUTORING, applied[seated], first=30, last=125, weekly=2))
        attached = people.attachment[who]
        parts.append(draw.of(MENTORING, who[_some((grade >= 6) & (grade <= 9), -2.4 + 1.1 * attached, rng)], first=20, last=165, weekly=1))  # fmt: skip
        parts.append(draw.of(LATE_GYM, who[_some((grade >= 6) & (grade <= 11), -2.6 + 0.3 * (people.sex[who] == "M"), rng)], weekly=3))  # fmt: skip
        weak = -0.5 * people.ability[who]
        tutored = np.isin(who, applied[seated])
        parts.append(draw.of(HOMEWORK_CLUB, who[_some((grade >= 2) & (grade <= 8), -2.3 + weak + 1.6 * tutored, rng)], weekly=4))  # fmt: skip
        for program, low, high in ((ART, 1, 8), (CHESS, 3, 10), (GARDEN, 4, 9)):
            parts.append(
                draw.of(program, who[_some((grade >= low) & (grade <= high), np.full(len(who), -2.9), rng)], weekly=2)
            )  # fmt: skip
        wished = who[_some(grade == 9, -0.6 + 0.3 * attached, rng)]
        number = rng.permutation(len(wished)) + 1
        won = number <= int(SEATS_SHARE * len(wished))
        came = won & (rng.random(len(wished)) < TAKE_UP)
        lots.append(Lottery(wished, np.full(len(wished), year), number, won, came))
        parts.append(draw.of(CAREER_START, wished[came], first=5, last=160, weekly=1))
        done = spells.student[(spells.year == year) & (spells.exit == "graduated")]
        learner = people.english_learner[done]
        parts.append(
            draw.of_summer(done[whether(chance(-2.0 + 2.2 * learner + 0.2 * people.attachment[done]), rng)])
        )
    return Participation.joined(parts), Lottery.joined(lots), Seats.joined(seats)


def _some(eligible: Bools, log_odds: Floats, rng: np.random.Generator) -> Bools:
    return eligible & whether(chance(log_odds), rng)


@dataclass(frozen=True)
class _Draw:
    people: SimulatedPopulation
    year: int
    known: np.datetime64
    rng: np.random.Generator

    def of(self, program: int, who: Ints, *, weekly: int, first: int = 25, last: int = 160) -> Participation:
        """Stays of a school year, from about the `first` of its days to about the `last`; some leave early."""
        days, n, rng = school_days(self.year), len(who), self.rng
        start = days[first + rng.integers(0, 15, n)]
        leaves = rng.random(n) < chance(-1.9 - 0.6 * self.people.attachment[who])
        end = days[np.where(leaves, first + rng.integers(20, 80, n), last + rng.integers(-5, 10, n))]
        sessions = ((end - start).astype(int) / 7 * weekly * rng.uniform(0.55, 0.95, n)).astype(np.int64)
        return self._seen(program, who, start, end, leaves, sessions)

    def of_summer(self, who: Ints) -> Participation:
        """July and August after the school year."""
        n = len(who)
        start = np.full(n, np.datetime64(f"{self.year}-07-06"))
        end = start + 40
        sessions = self.rng.integers(8, 21, n)
        return self._seen(SUMMER_BRIDGE, who, start, end, sessions < 10, sessions)

    def _seen(
        self, program: int, who: Ints, start: Days, end: Days, leaves: Bools, sessions: Ints
    ) -> Participation:
        """The stays that had begun by the last day of records; `end` only if the stay had ended."""
        begun, over = start <= self.known, end <= self.known
        share = np.clip((self.known - start).astype(int) / np.maximum((end - start).astype(int), 1), 0, 1)
        exit = np.where(over, np.where(leaves, "left", "completed"), "")
        found = Participation(
            student=who,
            program=np.full(len(who), program),
            year=np.full(len(who), self.year),
            start=start,
            end=np.where(over, end, NAT),
            exit=exit,
            sessions=(sessions * share).astype(np.int64),
        )
        return found.where(begun)
