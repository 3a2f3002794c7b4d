"""Long Walk Mentors: matches, and how often each pair met in each month. The office's spreadsheet parts
cells with `;` and writes as Windows does."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from throughway.demo.cast import MENTORS
from throughway.demo.feeds import text
from throughway.demo.feeds.visits import months
from throughway.demo.feeds.waiting import STATES, with_waiting
from throughway.demo.programs import MENTORING
from throughway.demo.town import Town

WORDS = {
    "open": "Matched",
    "completed": "Successful",
    "left": "Match ended early",
    "waits": "Waiting list",
    "unanswered": "Referred, not yet called",
    "declined": "Family declined",
}
VOLUNTEERS = 60


def write(folder: Path, town: Town, rng: np.random.Generator) -> None:
    roster, written = town.rosters[MENTORS], town.rosters[MENTORS].written
    student, asked, start, end, state = with_waiting(town, MENTORING)
    at = roster.places_of(student)
    match = text.numbered("M", len(at))
    matched = ~np.isnat(start)
    volunteer = text.blank(np.char.add("V", rng.integers(1, VOLUNTEERS + 1, len(at)).astype(str)), ~matched)
    text.write(
        folder / MENTORS / "matches.csv",
        {
            "Match ID": match,
            "Mentee ID": roster.key[at],
            "Mentee First Name": written.first[at],
            "Mentee Last Name": written.last[at],
            "Mentee Birthday": text.of_iso(written.birthdate[at], text.named),
            "Address": written.street[at],
            "ZIP": written.zip_code[at],
            "Mentor": volunteer,
            "Referred On": text.days(asked, text.named),
            "Match Opened": text.days(start, text.named),
            "Match Closed": text.days(end, text.named),
            "State": text.chosen([WORDS[state] for state in STATES], state),
        },
        delimiter=";",
        encoding="cp1252",
    )
    stays = town.participation.of(MENTORING)
    stays = stays.where(np.lexsort((stays.student, stays.start)))
    row, first, last, visits = months(stays, town.known)
    text.write(
        folder / MENTORS / "meetings.csv",
        {
            "Match ID": match.take(pa.array(np.flatnonzero(matched)[row])),
            "Mentee ID": roster.keys_of(stays.student)[row],
            "From": text.days(first, text.named),
            "To": text.days(last, text.named),
            "Times Met": visits,
        },
        delimiter=";",
    )
