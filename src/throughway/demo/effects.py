"""The true effect of each program: outcomes of the same student without it and with it, and the mean of their differences."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from throughway.demo.after_graduation import still_learning
from throughway.demo.arrays import Bools, Days, Floats, Ints
from throughway.demo.attendance_and_marks import absence_chance, in_program
from throughway.demo.programs import (
    CAREER_START,
    LATE_GYM,
    LATE_GYM_EFFECT,
    MENTORING,
    PROGRAMS,
    SUMMER_BRIDGE,
    TUTORING,
    stays_from,
)
from throughway.demo.town import Town

NEUTRAL = (
    ("bright-futures/homework-club", "grade 3 reading"),
    ("bright-futures/art-studio", "attendance"),
    ("bright-futures/chess-club", "attendance"),
    ("bright-futures/garden-crew", "attendance"),
)
LOT = "by lot among those who asked for a seat"
ATTACHED = "students attached to school find mentors"
FREE = "whoever wished"
POINTS, SPREAD = "points", "standard deviations"


@dataclass(frozen=True)
class Potential:
    """One entry for each student and year: the outcome without the program and with it, whichever happened.

    Reading in standard deviations of all who were tested, had there been no tutoring; attendance as the expected share of
    days; college as the chance to enter within 16 months; on track as 0 or 1.
    """

    program: int
    outcome: str
    student: Ints
    year: Ints
    took_part: Bools
    without: Floats
    with_: Floats


def potential(town: Town) -> list[Potential]:
    return [_reading(town), *_attendance(town), _college(town), _on_track(town)]


def _reading(town: Town) -> Potential:
    read = town.reading
    spread, middle = read.without.std(), read.without.mean()
    return Potential(
        TUTORING, "grade 3 reading", read.student, read.year, read.tutored,
        (read.without - middle) / spread, (read.with_ - middle) / spread,
    )  # fmt: skip


def _attendance(town: Town) -> Iterator[Potential]:
    """For the students whom the programs accept in each year: grades 6 to 11, the first enrollment of the year."""
    for program, effect in ((LATE_GYM, LATE_GYM_EFFECT), (MENTORING, 0.0)):
        for year in town.years:
            there = stays_from(town.spells, year)
            there = there.where((there.grade >= 6) & (there.grade <= (11 if program == LATE_GYM else 9)))
            without = 1 - absence_chance(town.people, there)
            # The effect of late-gym on some mentored students is not counted as an effect of mentoring.
            yield Potential(
                program, "attendance", there.student, there.year, in_program(there, town.participation, program),
                without, without + effect,
            )  # fmt: skip


def _college(town: Town) -> Potential:
    college = town.college
    done = college.diplomas
    seen = done.year >= town.years[0]
    return Potential(
        SUMMER_BRIDGE, "college entry", done.student[seen], done.year[seen], college.bridged[seen],
        college.enter_without[seen], college.enter_with[seen],
    )  # fmt: skip


def _on_track(town: Town) -> Potential:
    """For all lottery applicants with marks for the whole year."""
    rows, without, with_ = town.on_track
    spells, lots = town.spells, town.lottery
    asked = lots.student * 10_000 + lots.year
    place = {int(k): n for n, k in enumerate(asked)}
    at = np.array([place.get(int(k), -1) for k in spells.student[rows] * 10_000 + spells.year[rows]], dtype=np.int64)  # fmt: skip
    drew = at >= 0
    return Potential(
        CAREER_START, "grade 9 on track", spells.student[rows[drew]], spells.year[rows[drew]], lots.came[at[drew]],
        without[drew].astype(float), with_[drew].astype(float),
    )  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """The mean difference among participants. `students` 0: there were none, and there is no mean."""

    program: str
    outcome: str
    group: str
    effect: float
    unit: str
    assigned: str
    students: int


def effects(town: Town) -> list[Effect]:
    reading, *attendance, college, track = potential(town)
    parts = {p: _together([a for a in attendance if a.program == p]) for p in (LATE_GYM, MENTORING)}
    gym, mentored = parts[LATE_GYM], parts[MENTORING]
    learner = still_learning(town.people, college.student, _june(college.year))
    lots = town.lottery
    won = np.isin(track.student * 10_000 + track.year, (lots.student * 10_000 + lots.year)[lots.won])
    # A winner who did not take the seat gains nothing.
    intended = replace(track, with_=np.where(track.took_part, track.with_, track.without))
    found = [
        _mean(reading, reading.took_part, "all", SPREAD, "the weakest readers of those who applied"),
        _mean(mentored, mentored.took_part, "all", POINTS, ATTACHED),
        Effect(
            PROGRAMS[MENTORING], track.outcome, "all", 0.0, POINTS, ATTACHED, int(mentored.took_part.sum())
        ),
        _mean(gym, gym.took_part, "all", POINTS, FREE),
        _mean(college, college.took_part & learner, "English learners", POINTS, FREE),
        _mean(college, college.took_part & ~learner, "not English learners", POINTS, FREE),
        _mean(track, track.took_part, "who took the seat they won", POINTS, LOT),
        _mean(intended, won, "who won a seat (intent to treat)", POINTS, LOT),
    ]
    for program, outcome in NEUTRAL:
        joined = len(town.participation.of(PROGRAMS.index(program)).student)
        unit = POINTS if outcome == "attendance" else SPREAD
        found.append(Effect(program, outcome, "all", 0.0, unit, FREE, joined))
    return [effect for effect in found if effect.students]


def _mean(p: Potential, which: Bools, group: str, unit: str, assigned: str) -> Effect:
    gain = (p.with_ - p.without)[which]
    mean = float(gain.mean()) * (100 if unit == POINTS else 1) if len(gain) else 0.0
    return Effect(PROGRAMS[p.program], p.outcome, group, round(mean, 4), unit, assigned, len(gain))


def _together(parts: list[Potential]) -> Potential:
    columns = ("student", "year", "took_part", "without", "with_")
    joined: dict[str, Any] = {c: np.concatenate([getattr(p, c) for p in parts]) for c in columns}
    return replace(parts[0], **joined)


def _june(year: Ints) -> Days:
    return np.char.add(year.astype(str), "-06-05").astype("datetime64[D]")
