"""Attendance and marks of each student."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from throughway.demo.arrays import Bools, Days, Floats, Ints, Records, chance, stream
from throughway.demo.enrollment import Spells, school_days
from throughway.demo.population import SimulatedPopulation
from throughway.demo.programs import CAREER_SHIFT, CAREER_START, LATE_GYM_EFFECT, Participation

# Two semesters of each: title, SCED code. The first four are core subjects.
COURSES = [
    ("English {grade}", "01001"),
    ("Mathematics {grade}", "02052"),
    ("Science {grade}", "03051"),
    ("Social Science {grade}", "04051"),
    ("Physical Education {grade}", "08001"),
    ("Art {grade}", "05154"),
]
CORE = 4
LETTERS = np.array(["F", "D", "C", "B", "A"])
CUTS = (-2.35, -1.5, -0.4, 0.8)  # in strength, below which a mark is F, D, C, B
NONE, PRESENT, TARDY, EXCUSED, UNEXCUSED = range(5)
STATUSES = np.array(["", "P", "T", "E", "U"])


@dataclass(frozen=True)
class SimulatedAttendance:
    """One school year: for each stay, the days of school with what was marked (NONE: not enrolled, or not yet known)."""

    year: int
    days: Days
    spell: Ints  # index into the spells
    status: NDArray[np.uint8]  # stay by day: NONE, PRESENT, TARDY, EXCUSED, UNEXCUSED

    def rows(self, *statuses: int) -> tuple[Ints, Ints, NDArray[np.uint8]]:
        """Stay by stay and day by day: row of `spell`, index into `days`, status."""
        row, day = np.nonzero(np.isin(self.status, statuses or (PRESENT, TARDY, EXCUSED, UNEXCUSED)))
        return row, day, self.status[row, day]


@dataclass(frozen=True)
class Marks(Records):
    """One entry for each course and semester of grades 9 to 12."""

    spell: Ints
    course: Ints
    semester: Ints
    letter: NDArray[np.str_]


def absence_chance(people: SimulatedPopulation, spells: Spells) -> Floats:
    """The share of days that each stay would miss without any program."""
    who = spells.student
    began = np.char.add((spells.year - 1).astype(str), "-09-01").astype("datetime64[D]")
    homeless = (people.homeless_from[who] < began + 270) & (people.homeless_to[who] > began)
    odds = (
        -3.15
        - 0.7 * people.attachment[who]
        + 0.35 * (spells.grade >= 9)
        + 0.25 * (spells.grade == 0)
        + 0.25 * people.low_income[who]
        + 0.8 * homeless
    )
    return np.minimum(chance(odds), 0.6)


def in_program(spells: Spells, participation: Participation, program: int) -> Bools:
    """Whether the student of each stay takes part in the program in that year."""
    there = participation.of(program)
    joined = there.student * 10_000 + there.year
    return np.isin(spells.student * 10_000 + spells.year, joined)


def attend(
    people: SimulatedPopulation, spells: Spells, gym: Bools, year: int, known: np.datetime64, seed: int
) -> SimulatedAttendance:
    """The days of one school year, as far as they are known."""
    rng = stream(seed, "attendance", year)
    days = school_days(year)
    rows = np.flatnonzero(spells.year == year)
    missing = absence_chance(people, spells.where(rows)) - LATE_GYM_EFFECT * gym[rows]
    end = np.where(np.isnat(spells.end[rows]), days[-1], spells.end[rows])
    last = np.minimum(end, known)
    there = (days >= spells.start[rows, None]) & (days <= last[:, None])
    # Sixteen bits are fine enough for a chance, and a quarter of the memory.
    draw = rng.integers(0, 65536, there.shape, dtype=np.uint16)
    limit = (missing * 65535).astype(np.uint16)[:, None]
    status = np.full(there.shape, PRESENT, dtype=np.uint8)
    status[draw > 65535 - 1300] = TARDY
    status[draw < limit] = EXCUSED
    status[draw < (0.45 * limit).astype(np.uint16)] = UNEXCUSED
    status[~there] = NONE
    return SimulatedAttendance(year, days, rows, status)


def mark(
    people: SimulatedPopulation, spells: Spells, participation: Participation, seed: int
) -> tuple[Marks, tuple[Ints, Bools, Bools]]:
    """Letter grades of high-school stays that lasted to the end of a year; and of each grade 9 stay, whether it would be
    on track without career-start and with it (rows of `spells`, without, with)."""
    rng = stream(seed, "marks")
    first = spells.year.max() - 6
    rows = np.flatnonzero((spells.grade >= 9) & (spells.year >= first) & np.isin(spells.exit, ["year", "graduated", "unmet"]))  # fmt: skip
    who = spells.student[rows]
    base = people.ability[who] + 0.6 * people.attachment[who] - 0.25 * (spells.grade[rows] == 9)
    # Some struggle in everything: one draw for the year, one for each course and semester.
    noise = 0.6 * rng.normal(size=(len(rows), 1)) + 0.7 * rng.normal(size=(len(rows), 2 * len(COURSES)))
    ninth = spells.grade[rows] == 9
    helped = in_program(spells, participation, CAREER_START)[rows] & ninth
    without, with_ = base[:, None] + noise, base[:, None] + CAREER_SHIFT + noise
    level = np.searchsorted(CUTS, np.where(helped[:, None], with_, without), side="right")
    marks = Marks(
        spell=np.repeat(rows, 2 * len(COURSES)),
        course=np.tile(np.repeat(np.arange(len(COURSES)), 2), len(rows)),
        semester=np.tile([1, 2], len(rows) * len(COURSES)),
        letter=LETTERS[level].ravel(),
    )
    return marks, (rows[ninth], _on_track(without[ninth]), _on_track(with_[ninth]))


def _on_track(strength: Floats) -> Bools:
    """At least 5 credits of 6, and at most one semester F in the core subjects."""
    failed = strength < CUTS[0]
    return np.asarray((failed.sum(axis=1) <= 2) & (failed[:, : 2 * CORE].sum(axis=1) <= 1))
