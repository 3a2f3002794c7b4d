"""Next Step: who joined the summer bridge, and what they came to, from sign-up and sign-in sheets."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.demo.cast import COLLEGE_ACCESS
from throughway.demo.chances import Days, Ints, Text
from throughway.demo.feeds import text
from throughway.demo.feeds.visits import came
from throughway.demo.programs import SUMMER_BRIDGE, Participation
from throughway.demo.town import Town

ACTIVITIES = ["College class", "Advising", "FAFSA help"]


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    stays = town.participation.of(SUMMER_BRIDGE)
    stays = stays.where(np.lexsort((stays.student, stays.start)))
    roster, written = town.rosters[COLLEGE_ACCESS], town.rosters[COLLEGE_ACCESS].written
    at = roster.places_of(stays.student)
    text.write(
        folder / COLLEGE_ACCESS / "participants.csv",
        {
            "Timestamp": _moments(stays.start - rng.integers(10, 50, len(at)), rng),
            "NS ID": roster.key[at],
            "First name": written.first[at],
            "Last name": written.last[at],
            "Birthday": text.of_iso(written.birthdate[at]),
            "Cell": written.phone[at],
            "High School": text.chosen(["Riverbend", "Lakeside"], town.people.district[stays.student]),
            "Program": np.full(len(at), "Summer Bridge"),
            "Start": text.days(stays.start),
            "End": text.days(stays.end),
            "Finished?": text.chosen([None, "Yes", "No"], text.which(stays.exit, ("", "completed", "left"))),
        },
        below=["," * 10] * 3,  # rows of the sheet that nobody filled in
    )
    _sessions(folder / COLLEGE_ACCESS, town, stays, roster.key[at], rng)


def _sessions(folder: Path, town: Town, stays: Participation, keys: Text, rng: np.random.Generator) -> None:
    """Visits on days of the program, one activity each; help with the FAFSA comes round now and then."""
    found: list[tuple[Ints, Days]] = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype="datetime64[D]"))]
    for year in np.unique(stays.year):
        rows = np.flatnonzero(stays.year == year)
        days = np.arange(stays.start[rows].min(), stays.start[rows].min() + 41)
        days = days[np.is_busday(days)]
        day, row = np.nonzero(came(days, stays.where(rows), town.known, rng)[1].T)
        found.append((rows[row], days[day]))
    stay, day = (np.concatenate(column) for column in zip(*found, strict=True))
    activity = rng.choice(len(ACTIVITIES), len(day), p=[0.7, 0.2, 0.1])
    text.write(
        folder / "sessions.csv",
        {
            "Timestamp": _moments(day, rng),
            "NS ID": keys[stay],
            "Activity": text.chosen(ACTIVITIES, activity),
            "Minutes": np.choose(activity, [90, 30, 45]),
        },
    )


def _moments(days: np.ndarray, rng: np.random.Generator) -> pa.Array:
    """Time stamps as a form writes them: `9/25/2018 13:41:43`."""
    second = rng.integers(8 * 3600, 19 * 3600, len(days))
    clock = [f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}" for s in range(86400)]
    return pc.binary_join_element_wise(text.days(days), text.chosen(clock, second), " ")
