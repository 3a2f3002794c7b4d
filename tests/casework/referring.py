"""Harbor refers students to supports that tutors, another program, offers in the directory."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.casework.town import PERSON, TODAY, WORKER, allow, settle, works_with
from tests.gate import making
from throughway.casework.models import Referral
from throughway.casework.referrals import actions
from throughway.casework.referrals.referral import ReferralDetails
from throughway.casework.referrals.transitions import MoveAnswer, ReferralMove
from throughway.casework.referrals.transitions import ReferralMove as M
from throughway.casework.typed_entries.actions import new_entry_id
from throughway.partners import OPERATOR, assigning
from throughway.partners import actions as partners
from throughway.partners.caseload import Assigned
from throughway.supports.actions import add_support
from throughway.supports.entry import SupportStatement

__all__ = ["M"]
TUTOR, SECOND_TUTOR = "tutor@tutors.example", "second@tutors.example"
COLLEAGUE = "colleague@harbor.example"
DETAILS = ReferralDetails(
    "Ada One",
    "555-0142, ask for Pat",
    "spa",
    True,
    "after five",
    "the 4 bus, home with an aunt",
    "reads slowly",
)
SHARED = [
    "referral_event.*",
    *(f"referral_event.{name}" for name in DETAILS.values()),
]
READING = SupportStatement(
    "Reading Help",
    "tutoring",
    lowest_grade="06",
    highest_grade="08",
    seats_open=2,
    seats_all=5,
    languages=("spa",),
)


def lets_refer(document: dict[str, Any]) -> None:
    document["writes"] = [
        {
            "table": "referral_event",
            "purposes": ["casework"],
            "by": ["harbor"],
            "necessity": "The family asked.",
        }
    ]


def receiving(
    *, by_consent: bool = False, shares: Sequence[str] = SHARED, answers: bool = True
) -> dict[str, Any]:
    """The agreement under which tutors reads and answers what harbor sends."""
    basis = {"basis": "consent", "basis_details": {}} if by_consent else making.OWN_PROMISE
    return {
        **{key: value for key, value in making.sharing().items() if key != "custody"},
        "id": "referring-2026",
        "title": "Referrals of harbor to tutors",
        "parties": [making.party("harbor", "discloser", "recipient"), making.party("tutors", "recipient")],
        "purposes": [
            making.purpose("take-referrals", "casework", "identified", **{**basis, "from": ["harbor"]}, recipients=["tutors"],
                           roles=["case_worker"], reach="all"),
        ],
        "schedule": [making.line(each, "take-referrals") for each in shares],
        **({"writes": [{"table": "referral_event", "purposes": ["take-referrals"], "by": ["tutors"], "capacity": "receiver",
                        "necessity": "The sender waits for an answer."}]} if answers else {}),
    }  # fmt: skip


def referring(tmp_path: Path, **agreement: Any) -> int:
    """Everybody and both agreements; returns the number of the support. `change`: what else the agreement of the students' records says."""
    settle(change=agreement.pop("change", lets_refer))
    works_with(11)
    allow(tmp_path, ("n-11", "yes"))
    partners.add_partner(id="tutors", name="Tutors", kind="cbo", by=OPERATOR)
    for email, partner, role in (
        (TUTOR, "tutors", "case_worker"), (SECOND_TUTOR, "tutors", "case_worker"), (COLLEAGUE, "harbor", "case_worker"),
        ("officer@tutors.example", "tutors", "privacy_officer"), ("leader@harbor.example", "harbor", "leader"),
    ):  # fmt: skip
        partners.add_user(email=email, partner=partner, role=role, by=OPERATOR)
    assigning.assign(assigned=[Assigned(COLLEAGUE, "north", 11, TODAY - timedelta(days=3))], by=OPERATOR)
    if agreement.pop("agreed", True):
        making.in_effect(receiving(**agreement))
    return add_support(partner="tutors", said=READING, by=OPERATOR).number


def asked(
    support: int, *, by: str = WORKER, id: str = "", based_on: int = 0, details: ReferralDetails = DETAILS, person: int = PERSON
) -> str:  # fmt: skip
    id = id or new_entry_id()
    actions.ask(
        person=person, purpose="casework", referral=id, based_on=based_on, support=support, details=details, by=making.reader(by)
    )  # fmt: skip
    return id


def sent(support: int, *, by: str = WORKER, person: int = PERSON) -> str:
    id = asked(support, by=by, person=person)
    send(id, by=by, person=person)
    return id


def send(id: str, *, by: str = WORKER, based_on: int = 1, person: int = PERSON) -> None:
    actions.send(person=person, purpose="casework", referral=id, based_on=based_on, by=making.reader(by))


def moved(id: str, kind: ReferralMove, *, by: str = TUTOR, based_on: int | None = None, **said: Any) -> None:
    version = Referral.objects.get(pk=id).version if based_on is None else based_on
    purpose = "take-referrals" if by.endswith("tutors.example") else "casework"
    actions.move(
        referral=id, purpose=purpose, kind=kind, based_on=version, said=MoveAnswer(**said), person=PERSON, by=making.reader(by)
    )  # fmt: skip


def stands(id: str) -> Referral:
    return Referral.objects.get(pk=id)
