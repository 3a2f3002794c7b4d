"""What each program truly does: outcomes without it and with it, of the same student, and the mean of their differences."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from throughway.demo.chances import Bools, Floats, Ints
from throughway.demo.college import still_learning
from throughway.demo.programs import (
    BRIDGE_EFFECT,
    CAREER_START,
    LATE_GYM,
    LATE_GYM_EFFECT,
    MENTORING,
    PROGRAMS,
    SUMMER_BRIDGE,
    TUTORING,
    stays_from,
)
from throughway.demo.schooling import absence_chance, in_program
from throughway.demo.town import Town

NEUTRAL = (
    ("bright-futures/homework-club", "grade 3 reading"),
    ("bright-futures/art-studio", "attendance"),
    ("bright-futures/chess-club", "attendance"),
    ("bright-futures/garden-crew", "attendance"),
)
LOT = "by lot among those who asked for a seat"


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
    """Of those of each year whom the programs take: grades 6 to 11, the first stay of the year."""
    for program, effect in ((LATE_GYM, LATE_GYM_EFFECT), (MENTORING, 0.0)):
        for year in town.years:
            there = stays_from(town.spells, year)
            there = there.where((there.grade >= 6) & (there.grade <= (11 if program == LATE_GYM else 9)))
            without = 1 - absence_chance(town.people, there)
            # Mentors' students are seen as they are: what late-gym does to some of them is no work of a mentor.
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
    """Of all who drew a lot and have marks for the whole year."""
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


def effects(town: Town) -> list[tuple[str, str, str, float, str, str, int]]:
    """Program, outcome, group, effect, unit, how its students came to it, students."""
    reading, *attendance, college, track = potential(town)
    gym = [p for p in attendance if p.program == LATE_GYM]
    mentored = [p for p in attendance if p.program == MENTORING]
    learner = still_learning(town.people, college.student, _june(college.year))
    lots = town.lottery
    won = np.isin(track.student * 10_000 + track.year, (lots.student * 10_000 + lots.year)[lots.won])
    chosen, free = "the weakest readers of those who applied", "whoever wished"
    rows = [
        _row(reading, reading.took_part, "all", "standard deviations", chosen),
        _mean(mentored, "all", "points", "students attached to school find mentors"),
        (PROGRAMS[MENTORING], "grade 9 on track", "all", 0.0, "points", "students attached to school find mentors", _size(mentored)),
        _mean(gym, "all", "points", free),
        _row(college, college.took_part & learner, "English learners", "points", free, 100),
        _row(college, college.took_part & ~learner, "not English learners", "points", free, 100),
        _row(track, track.took_part, "who took the seat they won", "points", LOT, 100),
        (PROGRAMS[CAREER_START], track.outcome, "who won a seat (intent to treat)", round(100 * float(((track.with_ - track.without) * track.took_part)[won].mean()), 4), "points", LOT, int(won.sum())),
    ]  # fmt: skip
    return rows + [(program, outcome, "all", 0.0, "points" if outcome == "attendance" else "standard deviations", free, _joined(town, program)) for program, outcome in NEUTRAL]  # fmt: skip


def _row(
    p: Potential, which: Bools, group: str, unit: str, assigned: str, scale: int = 1
) -> tuple[str, str, str, float, str, str, int]:
    gain = scale * (p.with_ - p.without)[which]
    return PROGRAMS[p.program], p.outcome, group, round(float(gain.mean()), 4), unit, assigned, int(which.sum())  # fmt: skip


def _mean(
    parts: list[Potential], group: str, unit: str, assigned: str
) -> tuple[str, str, str, float, str, str, int]:
    gain = np.concatenate([(p.with_ - p.without)[p.took_part] for p in parts])
    return PROGRAMS[parts[0].program], parts[0].outcome, group, round(100 * float(gain.mean()), 4), unit, assigned, len(gain)  # fmt: skip


def _size(parts: list[Potential]) -> int:
    return sum(int(p.took_part.sum()) for p in parts)


def _joined(town: Town, program: str) -> int:
    return len(town.participation.of(PROGRAMS.index(program)).student)


def _june(year: Ints) -> np.ndarray:
    return np.char.add(year.astype(str), "-06-05").astype("datetime64[D]")


__all__ = ["BRIDGE_EFFECT", "Potential", "effects", "potential"]
