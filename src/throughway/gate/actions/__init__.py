"""The one door to student data, and what linkage keeps behind it."""

from throughway.gate.actions.amendment_statements import Beside
from throughway.gate.actions.answers import Answer, Taken
from throughway.gate.actions.door import Door, enter
from throughway.gate.actions.linkage_state import (
    Shown,
    Since,
    known,
    known_files,
    land_known,
    landed_since,
    shown,
)
from throughway.gate.actions.query_queue import one_question
from throughway.gate.actions.student_record import WholeRecord
from throughway.ledger.actions.student_disclosures import disclosures_of, person_of, person_of_number
from throughway.store.actions import staging
from throughway.store.actions.links import (
    land_person_links,
    linking_turn,
    links_in_force,
    person_links,
    record_numbers,
)
from throughway.store.links import Links

__all__ = [
    "Answer",
    "Beside",
    "Door",
    "Links",
    "Shown",
    "Since",
    "Taken",
    "WholeRecord",
    "disclosures_of",
    "enter",
    "known",
    "known_files",
    "land_known",
    "land_person_links",
    "landed_since",
    "linking_turn",
    "links_in_force",
    "one_question",
    "person_links",
    "person_of",
    "person_of_number",
    "record_numbers",
    "shown",
    "staging",
]
