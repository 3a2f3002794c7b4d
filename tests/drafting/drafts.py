"""The community in which drafts are written in the tests, and ways to begin one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tests.agreements.documents import PARTNERS
from throughway.negotiation.drafting import actions
from throughway.negotiation.drafting.draft import AgreementDraft
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner

SEATS = {"school": ["riverbend-schools"], "program": ["bright-futures"], "keeper": ["riverbend-backbone"]}
ANSWERS = {"notice": "Annual notice 2026, section 3", "enrollment_form": "Enrollment form, part 3"}


def actor(partner: str, role: Role = Role.PRIVACY_OFFICER) -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


WRITER = actor("riverbend-schools")
SECOND = actor("riverbend-schools", Role.DATA_STEWARD)
OTHER = actor("bright-futures", Role.LEADER)


def settle() -> None:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)


def begun(**more: Any) -> AgreementDraft:
    """A draft of casework by consent, with every question answered but the authorities of those who sign."""
    known: Mapping[str, Any] = {
        "chosen": "consent",
        "parties": SEATS,
        "id": "oak-casework",
        "title": "Casework in the middle grades",
        "effective": date(2026, 7, 1),
        "expires": date(2028, 6, 30),
        "answers": ANSWERS,
        "by": WRITER,
    }
    return actions.begin(**{**known, **more})


def line(
    element: str, *, purposes: Sequence[str], necessity: str, from_: Sequence[str] = (), **more: Any
) -> dict[str, Any]:
    """One line of the schedule, as a form writes it."""
    return {
        "element": element,
        **({"from": list(from_)} if from_ else {}),
        "purposes": list(purposes),
        "necessity": necessity,
        **more,
    }


def signed_parties(draft: AgreementDraft) -> list[dict[str, Any]]:
    """Its parties, each with the authority by which it signs."""
    return [
        {**party, "signatory": {**party["signatory"], "authority": "Board policy 1450"}}
        for party in draft.values["parties"]
    ]
