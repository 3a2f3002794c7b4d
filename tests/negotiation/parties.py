"""A study between two parties, and casework between three, in negotiation."""

from datetime import date
from typing import Any

from tests.agreements.documents import CASEWORK, MOU, PARTNERS, STUDY, text_of
from throughway.agreements import actions
from throughway.partners import OPERATOR, Actor
from throughway.partners.actions import add_partner

TODAY = date(2026, 3, 2)
SCHOOLS, LAB, PROGRAM, BACKBONE = "riverbend-schools", "reading-lab", "bright-futures", "riverbend-backbone"
STUDY_ID, CASEWORK_ID, MOU_ID = STUDY["id"], CASEWORK["id"], MOU["id"]
BIRTHDATE = "schedule[person%2Ebirthdate; riverbend-schools; casework]"


class Clock(date):
    now = TODAY

    @classmethod
    def today(cls) -> date:
        return cls.now


def who(partner: str, role: str = "privacy_officer") -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


def register() -> None:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)


def offered(document: dict[str, Any], by: Actor) -> str:
    """The id of an agreement whose text is in negotiation; its version is the standing's."""
    actions.add(text=text_of(document), by=by)
    actions.submit(id=document["id"], by=by)
    actions.offer(id=document["id"], by=by)
    return str(document["id"])


def memorandum() -> None:
    """In effect, as the casework agreement stands under it."""
    actions.add(text=text_of(MOU), by=OPERATOR)
    for partner in (SCHOOLS, PROGRAM, BACKBONE, LAB):
        actions.sign(id=MOU_ID, by=who(partner, "leader"))
    actions.activate(id=MOU_ID, by=who(SCHOOLS))
