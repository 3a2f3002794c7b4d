"""The one door to student data, and what linkage keeps behind it."""

from throughway.gate.actions.answers import Answer, Taken
from throughway.gate.actions.beside import Beside
from throughway.gate.actions.door import Door, enter
from throughway.gate.actions.known import (
    Shown,
    Since,
    known,
    known_files,
    land_known,
    landed_since,
    shown,
)
from throughway.gate.actions.links import (
    land_person_links,
    linkage_purposes,
    linking_turn,
    links_in_force,
    person_links,
    record_numbers,
)
from throughway.gate.actions.looking import disclosures_of, person_of, person_of_number
from throughway.gate.actions.turns import one_question
from throughway.gate.actions.whole import WholeRecord
from throughway.gate.linking import Links
from throughway.store.actions import staging

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
    "linkage_purposes",
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
