"""Bright Futures: the intermediary's register and enrollments, and each of six providers' own workbooks of a year."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import numpy as np
import pyarrow as pa
from openpyxl import Workbook

from throughway.demo.arrays import NAT, Days, Ints
from throughway.demo.column_files import (
    ISO,
    SHORT,
    SLASHED,
    days,
    named,
    numbered,
    of_iso,
    place,
    rows,
    texts,
    write_csv,
)
from throughway.demo.feeds.participation import came, program_days, weeks
from throughway.demo.partners import BRIGHT
from throughway.demo.programs import ART, CAREER_START, CHESS, GARDEN, HOMEWORK_CLUB, LATE_GYM, Participation
from throughway.demo.roster import Roster
from throughway.demo.town import Town

NAMES = {
    LATE_GYM: "Late Gym",
    ART: "Art Studio",
    CHESS: "Chess Club",
    GARDEN: "Garden Crew",
    HOMEWORK_CLUB: "Homework Club",
    CAREER_START: "Career Start",
}
STATUSES = ["Enrolled", "Completed", "Left early", "Not drawn", "Place declined"]
MARKS = np.array([0, 1, None])  # not here, here, no list was taken
WAYS = [None, "A friend", "School", "Flyer", "Brother or sister"]


@dataclass(frozen=True)
class Daily:
    """A provider whose sheet has one column a day, and how it writes the days."""

    program: int
    file: str
    weekdays: str
    form: str | None  # how a day is typed above its column; None is a day of the workbook


@dataclass(frozen=True)
class Weekly:
    """A provider that sends hours and minutes by the week; its activities take turns."""

    program: int
    file: str
    minutes: tuple[int, int]  # of one visit
    activities: tuple[str, ...]


DAILY = (
    Daily(LATE_GYM, "late-gym", "Mon Wed Fri", SLASHED),
    Daily(ART, "art-studio", "Tue Thu", None),
    Daily(CHESS, "chess-club", "Mon Thu", ISO),
)
WEEKLY = (
    Weekly(HOMEWORK_CLUB, "homework-club", (45, 90), ("Homework help", "Tutoring")),
    Weekly(GARDEN, "garden-crew", (60, 120), ("Garden work",)),
    Weekly(CAREER_START, "career-start", (60, 150), ("Career workshop", "Paid internship")),
)


def after_school(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, folder = town.rosters[BRIGHT], folder / BRIGHT
    stays = town.participation.of(*NAMES)
    _participants(folder, town, roster, rng)
    _enrollments(folder, town, stays, roster, rng)
    for kind in ("daily", "weekly"):
        (folder / kind).mkdir(exist_ok=True)
    for year in town.years:
        ending = f"{year - 1}-{year}.xlsx"
        for daily in DAILY:
            path = folder / "daily" / f"{daily.file}-{ending}"
            _daily(path, town, daily, _of(stays, daily.program, year, roster), roster, rng)
        for weekly in WEEKLY:
            path = folder / "weekly" / f"{weekly.file}-{ending}"
            _weekly(path, town, weekly, _of(stays, weekly.program, year, roster), roster, rng)


def _of(stays: Participation, program: int, year: int, roster: Roster) -> Participation:
    """The stays of a program in a year, by family name."""
    found = stays.where((stays.program == program) & (stays.year == year))
    return found.where(np.argsort(roster.written.last[roster.places_of(found.student)], kind="stable"))


def _participants(folder: Path, town: Town, roster: Roster, rng: np.random.Generator) -> None:
    written, who = roster.written, roster.student
    gender = np.where(town.people.sex[who] == "F", "Female", "Male")
    consent = (rng.random((2, len(who))) < 0.9).astype(np.int64)
    write_csv(
        folder / "participants.csv",
        {
            "Participant ID": roster.key,
            "First Name": written.first,
            "Last Name": written.last,
            "Date of Birth": of_iso(written.birthdate),
            "Gender": np.where(rng.random(len(who)) < 0.02, "Prefer not to say", gender),
            "Home Language": np.where(town.people.language[who] == "spa", "Spanish", "English"),
            "Street": written.street,
            "Zip": written.zip_code,
            "Parent Phone": written.phone,
            "Release of Information": named(["N", "Y"], consent[0]),
            "Photo Release": named(["N", "Y"], consent[1]),
        },
    )


def _enrollments(
    folder: Path, town: Town, stays: Participation, roster: Roster, rng: np.random.Generator
) -> None:
    """Stays, and those who asked for a place in Career Start and did not draw one, or drew one and stayed away."""
    lots = town.lottery
    away = np.flatnonzero(~lots.came)
    none = np.full(len(away), NAT)
    student = np.concatenate([stays.student, lots.student[away]])
    year = np.concatenate([stays.year, lots.year[away]])
    program = np.concatenate([stays.program, np.full(len(away), CAREER_START)])
    status = np.concatenate([place(stays.exit, ("", "completed", "left")), 3 + lots.won[away]])
    applied = np.concatenate([np.full(len(stays.student), NAT), lots.applied[away]])
    came = stays.program == CAREER_START
    applied[np.flatnonzero(came)] = lots.applied_by(stays.student[came], stays.year[came])
    order = np.lexsort((student, program, year))
    at = roster.places_of(student[order])
    names = [NAMES.get(p) for p in range(max(NAMES) + 1)]
    ended = [f"{y - 1}-{y % 100:02}" for y in range(int(year.max()) + 1)]
    write_csv(
        folder / "enrollments.csv",
        {
            "Enrollment ID": numbered("E", len(order)),
            "Participant ID": roster.key[at],
            "Program": named(names, program[order]),
            "School Year": named(ended, year[order]),
            "Applied": days(applied[order]),
            "Start Date": days(np.concatenate([stays.start, none])[order]),
            "End Date": days(np.concatenate([stays.end, none])[order]),
            "Status": named(STATUSES, status[order]),
            "How They Came": named(WAYS, rng.integers(0, len(WAYS), len(order))),
        },
    )


def _daily(
    path: Path, town: Town, provider: Daily, stays: Participation, roster: Roster, rng: np.random.Generator
) -> None:
    held = program_days(int(town.year if not len(stays.year) else stays.year[0]), provider.weekdays)
    held = held[held <= town.known]
    if not len(stays.year) or not len(held):
        return
    lasts, there = came(held, stays, town.known, rng)
    unsure = rng.random(there.shape, dtype=np.float32) < 0.03  # nobody took attendance that day
    marks = MARKS[np.where(there, 1, np.where(lasts & ~unsure, 0, 2))]
    at = roster.places_of(stays.student)
    name = NAMES[provider.program]
    _workbook(
        path,
        "Attendance",
        [
            [f"{name}: attendance"],
            ["1 = here   0 = not here   blank = no list was taken"],
            ["Participant ID", "First", "Last", "Program", *_headings(held, provider.form), "Total"],
        ],
        zip(
            roster.key[at].tolist(), roster.written.first[at].tolist(), roster.written.last[at].tolist(), repeat(name),
            *marks.T.tolist(), there.sum(axis=1).tolist(),
        ),
    )  # fmt: skip


def _headings(held: Days, form: str | None) -> list[object]:
    return [day if form is None else form.format(day) for day in held.tolist()]


def _weekly(
    path: Path, town: Town, provider: Weekly, stays: Participation, roster: Roster, rng: np.random.Generator
) -> None:
    row, ending, visits = weeks(stays, town.known)
    if not len(row):
        return
    order = np.lexsort((row, ending))
    row, ending, visits = row[order], ending[order], visits[order]
    low, high = provider.minutes
    minutes = visits * 5 * rng.integers(low // 5, high // 5 + 1, len(row))
    hours, rest = as_said(minutes, rng)
    at = roster.places_of(stays.student[row])
    turn = (ending.astype(int) // 7 + row) % len(provider.activities)
    _workbook(
        path,
        "Weekly totals",
        [["Participant ID", "Participant", "Program", "Activity", "Week Ending", "Hrs", "Mins"]],
        zip(
            roster.key[at].tolist(), rows(texts(roster.written.last[at]), ", ", texts(roster.written.first[at])).to_pylist(),
            repeat(NAMES[provider.program]), np.array(provider.activities)[turn].tolist(), days(ending, SHORT).to_pylist(),
            hours.to_pylist(), rest.to_pylist(),
        ),
    )  # fmt: skip


def as_said(minutes: Ints, rng: np.random.Generator) -> tuple[pa.Array, pa.Array]:
    """Hours and minutes as people write them: some write only minutes, without hours, when less than one hour."""
    alone = (minutes < 60) | (rng.random(len(minutes)) < 0.05)
    hours = pa.array(minutes // 60, mask=alone)
    rest = np.where(alone, minutes, minutes % 60)
    return hours, pa.array(rest, mask=(rest == 0) & ~alone)


def _workbook(
    path: Path, sheet: str, above: Sequence[Sequence[object]], rows: Iterable[Sequence[object]]
) -> None:
    """A workbook of one sheet: rows of titles and headings, and those of the records."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    for row in (*above, *rows):
        page.append(row)
    book.save(path)
