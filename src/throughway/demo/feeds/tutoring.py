"""Page by Page: who was tutored or waits for it, each session, and a later file that puts durations right."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.demo.cast import PAGES
from throughway.demo.chances import Days, Ints
from throughway.demo.feeds import text
from throughway.demo.feeds.visits import came, program_days
from throughway.demo.feeds.waiting import STATES, with_waiting
from throughway.demo.programs import TUTORING, Participation
from throughway.demo.town import Town

WORDS = {
    "open": "active",
    "completed": "done",
    "left": "left",
    "waits": "waiting",
    "unanswered": "referred",
    "declined": "declined",
}
WRONG = 0.03  # share of the last whole year's sessions whose minutes were keyed with a nought too many
TUTORS = 40
HEADINGS = ("Session No", "Reader No", "Date", "Minutes", "Tutor", "Tutor Speaks")


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, written = town.rosters[PAGES], town.rosters[PAGES].written
    student, asked, start, end, state = with_waiting(town, TUTORING)
    at = roster.places_of(student)
    born = text.of_iso(written.birthdate[at])
    language = np.where(town.people.language[student] == "spa", "Spanish", "English")
    text.write(
        folder / PAGES / "enrollments.csv",
        {
            "Stay": text.numbered("PBP-", len(at)),
            "Reader No": roster.key[at],
            "First": written.first[at],
            "Last": written.last[at],
            "DOB": pc.fill_null(born, "-"),
            "Parent Cell": written.phone[at],
            "Speaks at Home": language,
            "Sent": text.days(asked, text.short),
            "Started": text.days(start, text.short),
            "Ended": text.days(end, text.short),
            "State": text.chosen([WORDS[state] for state in STATES], state),
        },
    )
    _sessions(folder / PAGES, town, town.participation.of(TUTORING), rng)


def _sessions(folder: Path, town: Town, stays: Participation, rng: np.random.Generator) -> None:
    stay, day = _visits(town, stays, rng)
    minutes = 5 * rng.integers(4, 10, len(day))
    tutor = stay % TUTORS
    number = text.numbered("S", len(day))
    last = np.flatnonzero(stays.year[stay] == town.year - 1)
    wrong = np.zeros(len(day), dtype=bool)
    wrong[rng.choice(last, int(np.ceil(WRONG * len(last))), replace=False)] = True
    keys = town.rosters[PAGES].keys_of(stays.student)

    def columns(rows: Ints, said: Ints) -> dict[str, text.Column]:
        cells = (
            number.take(pa.array(rows)),
            keys[stay[rows]],
            text.days(day[rows], text.short),
            said[rows],
            np.char.add("T-", tutor[rows].astype(str)),
            text.chosen(["English", "Spanish", "English"], tutor[rows] % 3),
        )
        return dict(zip(HEADINGS, cells, strict=True))

    keyed = np.where(wrong, 10 * minutes, minutes)
    text.write(folder / "sessions.csv", columns(np.arange(len(day)), keyed), end="\r\n")
    text.write(folder / "sessions-corrected.csv", columns(np.flatnonzero(wrong), minutes), end="\r\n")


def _visits(town: Town, stays: Participation, rng: np.random.Generator) -> tuple[Ints, Days]:
    """The stay and the day of each session, day by day."""
    found: list[tuple[Ints, Days]] = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype="datetime64[D]"))]
    for year in np.unique(stays.year):
        rows = np.flatnonzero(stays.year == year)
        days = program_days(int(year), "Mon Tue Wed Thu")
        day, row = np.nonzero(came(days, stays.where(rows), town.known, rng)[1].T)
        found.append((rows[row], days[day]))
    return np.concatenate([stay for stay, _ in found]), np.concatenate([day for _, day in found])
