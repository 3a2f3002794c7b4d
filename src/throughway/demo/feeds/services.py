"""Page by Page, Long Walk Mentors and Next Step: participants and waiting lists of each program, and services received."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.demo.arrays import Days, Ints, Text
from throughway.demo.column_files import (
    NAMED,
    SHORT,
    Column,
    blank,
    days,
    named,
    numbered,
    of_iso,
    place,
    write_csv,
)
from throughway.demo.feeds.participation import STATES, months, program_days, sessions, with_waiting
from throughway.demo.partners import COLLEGE_ACCESS, MENTORS, PAGES
from throughway.demo.programs import MENTORING, SUMMER_BRIDGE, TUTORING, Participation
from throughway.demo.town import Town

READER_STATES = {
    "open": "active",
    "completed": "done",
    "left": "left",
    "waits": "waiting",
    "unanswered": "referred",
    "declined": "declined",
}
WRONG = 0.03  # share of the last whole year's sessions whose minutes were keyed with a nought too many
TUTORS = 40
SESSION = ("Session No", "Reader No", "Date", "Minutes", "Tutor", "Tutor Speaks")


def tutoring(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, written = town.rosters[PAGES], town.rosters[PAGES].written
    student, asked, start, end, state = with_waiting(town, TUTORING)
    at = roster.places_of(student)
    born = of_iso(written.birthdate[at])
    language = np.where(town.people.language[student] == "spa", "Spanish", "English")
    write_csv(
        folder / PAGES / "enrollments.csv",
        {
            "Stay": numbered("PBP-", len(at)),
            "Reader No": roster.key[at],
            "First": written.first[at],
            "Last": written.last[at],
            "DOB": pc.fill_null(born, "-"),
            "Parent Cell": written.phone[at],
            "Speaks at Home": language,
            "Sent": days(asked, SHORT),
            "Started": days(start, SHORT),
            "Ended": days(end, SHORT),
            "State": named([READER_STATES[state] for state in STATES], state),
        },
    )
    _tutoring_sessions(folder / PAGES, town, town.participation.of(TUTORING), rng)


def _tutoring_sessions(folder: Path, town: Town, stays: Participation, rng: np.random.Generator) -> None:
    stay, day = sessions(stays, lambda year: program_days(year, "Mon Tue Wed Thu"), town.known, rng)
    minutes = 5 * rng.integers(4, 10, len(day))
    tutor = stay % TUTORS
    number = numbered("S", len(day))
    last = np.flatnonzero(stays.year[stay] == town.year - 1)
    wrong = np.zeros(len(day), dtype=bool)
    wrong[rng.choice(last, int(np.ceil(WRONG * len(last))), replace=False)] = True
    keys = town.rosters[PAGES].keys_of(stays.student)

    def columns(rows: Ints, minutes_written: Ints) -> dict[str, Column]:
        cells = (
            number.take(pa.array(rows)),
            keys[stay[rows]],
            days(day[rows], SHORT),
            minutes_written[rows],
            np.char.add("T-", tutor[rows].astype(str)),
            named(["English", "Spanish", "English"], tutor[rows] % 3),
        )
        return dict(zip(SESSION, cells, strict=True))

    keyed = np.where(wrong, 10 * minutes, minutes)
    write_csv(folder / "sessions.csv", columns(np.arange(len(day)), keyed), end="\r\n")
    write_csv(folder / "sessions-corrected.csv", columns(np.flatnonzero(wrong), minutes), end="\r\n")


MATCH_STATES = {
    "open": "Matched",
    "completed": "Successful",
    "left": "Match ended early",
    "waits": "Waiting list",
    "unanswered": "Referred, not yet called",
    "declined": "Family declined",
}
VOLUNTEERS = 60


def mentoring(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, written = town.rosters[MENTORS], town.rosters[MENTORS].written
    student, asked, start, end, state = with_waiting(town, MENTORING)
    at = roster.places_of(student)
    match = numbered("M", len(at))
    matched = ~np.isnat(start)
    volunteer = blank(np.char.add("V", rng.integers(1, VOLUNTEERS + 1, len(at)).astype(str)), ~matched)
    write_csv(
        folder / MENTORS / "matches.csv",
        {
            "Match ID": match,
            "Mentee ID": roster.key[at],
            "Mentee First Name": written.first[at],
            "Mentee Last Name": written.last[at],
            "Mentee Birthday": of_iso(written.birthdate[at], NAMED),
            "Address": written.street[at],
            "ZIP": written.zip_code[at],
            "Mentor": volunteer,
            "Referred On": days(asked, NAMED),
            "Match Opened": days(start, NAMED),
            "Match Closed": days(end, NAMED),
            "State": named([MATCH_STATES[state] for state in STATES], state),
        },
        delimiter=";",
        encoding="cp1252",
    )
    stays = town.participation.of(MENTORING)
    stays = stays.where(np.lexsort((stays.student, stays.start)))
    row, first, last, visits = months(stays, town.known)
    write_csv(
        folder / MENTORS / "meetings.csv",
        {
            "Match ID": match.take(pa.array(np.flatnonzero(matched)[row])),
            "Mentee ID": roster.keys_of(stays.student)[row],
            "From": days(first, NAMED),
            "To": days(last, NAMED),
            "Times Met": visits,
        },
        delimiter=";",
    )


ACTIVITIES = ["College class", "Advising", "FAFSA help"]


def summer_bridge(folder: Path, town: Town, rng: np.random.Generator) -> None:
    stays = town.participation.of(SUMMER_BRIDGE)
    stays = stays.where(np.lexsort((stays.student, stays.start)))
    roster, written = town.rosters[COLLEGE_ACCESS], town.rosters[COLLEGE_ACCESS].written
    at = roster.places_of(stays.student)
    write_csv(
        folder / COLLEGE_ACCESS / "participants.csv",
        {
            "Timestamp": _moments(stays.start - rng.integers(10, 50, len(at)), rng),
            "NS ID": roster.key[at],
            "First name": written.first[at],
            "Last name": written.last[at],
            "Birthday": of_iso(written.birthdate[at]),
            "Cell": written.phone[at],
            "High School": named(["Riverbend", "Lakeside"], town.people.district[stays.student]),
            "Program": np.full(len(at), "Summer Bridge"),
            "Start": days(stays.start),
            "End": days(stays.end),
            "Finished?": named([None, "Yes", "No"], place(stays.exit, ("", "completed", "left"))),
        },
        below=["," * 10] * 3,  # empty rows of the sheet
    )
    _bridge_sessions(folder / COLLEGE_ACCESS, town, stays, roster.key[at], rng)


def _bridge_sessions(
    folder: Path, town: Town, stays: Participation, keys: Text, rng: np.random.Generator
) -> None:
    """Visits on days of the program, one activity each; help with the FAFSA comes round now and then."""
    stay, day = sessions(stays, _summer, town.known, rng)
    activity = rng.choice(len(ACTIVITIES), len(day), p=[0.7, 0.2, 0.1])
    write_csv(
        folder / "sessions.csv",
        {
            "Timestamp": _moments(day, rng),
            "NS ID": keys[stay],
            "Activity": named(ACTIVITIES, activity),
            "Minutes": np.choose(activity, [90, 30, 45]),
        },
    )


def _summer(year: int) -> Days:
    """The working days of the program."""
    days = np.arange(f"{year}-07-06", f"{year}-08-16", dtype="datetime64[D]")
    return days[np.is_busday(days)]


def _moments(on: Days, rng: np.random.Generator) -> pa.Array:
    """Time stamps as a form writes them: `9/25/2018 13:41:43`."""
    second = rng.integers(8 * 3600, 19 * 3600, len(on))
    clock = [f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}" for s in range(86400)]
    return pc.binary_join_element_wise(days(on), named(clock, second), " ")
