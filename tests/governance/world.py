"""A community to govern: its partners, their people, a study under which one may ask, and a body that decides."""

from datetime import date, timedelta
from typing import Any

from tests.agreements.documents import MOU, PARTNERS, STUDY, changed, text_of
from throughway.agreements import actions as agreements
from throughway.agreements.enums import AccessForm, Basis
from throughway.governance.actions import bodies, data_requests, motions
from throughway.governance.data_request import RequestedData
from throughway.partners import OPERATOR, Actor, Role
from throughway.partners.actions import add_partner, add_user

BACKBONE, SCHOOLS, BRIGHT, LAB = "riverbend-backbone", "riverbend-schools", "bright-futures", "reading-lab"
HILLS = "hills-schools"
BODY = "steering"
SEATED = (SCHOOLS, BRIGHT, BACKBONE)
ROLES = (Role.LEADER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD, Role.EVALUATOR, Role.CASE_WORKER)
# A study for two districts, so that one may abstain and the other's records still go.
BOTH: dict[str, Any] = changed(
    STUDY,
    ("parties.2", {"partner": HILLS, "roles": ["discloser"],
                   "signatory": {"title": "Superintendent", "authority": "Board policy 9"}}),
    ("purposes.0.from", [SCHOOLS]),
    ("purposes.1", {**STUDY["purposes"][0], "from": [HILLS],
                    "basis_details": {**STUDY["purposes"][0]["basis_details"], "on_behalf_of": HILLS}}),
)  # fmt: skip


def who(partner: str, role: Role = Role.LEADER) -> Actor:
    return Actor(f"{role}@{partner}.example", partner, role)


def register() -> None:
    for facts in PARTNERS.values():
        add_partner(id=facts.id, name=facts.name, kind=facts.kind, legal=facts.stated, by=OPERATOR)
    add_partner(id=HILLS, name="Hills Schools", kind="lea", by=OPERATOR)
    for partner in (BACKBONE, SCHOOLS, BRIGHT, LAB, HILLS):
        for role in ROLES:
            add_user(email=who(partner, role).email, partner=partner, role=role, by=OPERATOR)


def found(rule: str = "unanimous", quorum: int = 2, seated: tuple[str, ...] = SEATED) -> dict[str, int]:
    """The steering committee, with a seat for each of these partners held by its leader; the first has the chair."""
    bodies.found_body(
        id=BODY, name="Steering committee", kind="steering", rule=rule, quorum=quorum, by=OPERATOR
    )
    governor = who(BACKBONE)
    return {
        partner: bodies.seat(
            body=BODY, partner=partner, holder=who(partner).email, office="Director", chair=partner == seated[0],
            by=governor,
        ).number
        for partner in seated
    }  # fmt: skip


def study(*, activate: bool = True) -> str:
    """The study of both districts, in effect."""
    agreements.add(text=text_of(BOTH), by=OPERATOR)
    if activate:
        for partner in (SCHOOLS, LAB, HILLS):
            agreements.sign(id="reading-study", by=who(partner))
        agreements.activate(id="reading-study", by=who(SCHOOLS, Role.PRIVACY_OFFICER))
    return "reading-study"


def memorandum() -> str:
    agreements.add(text=text_of(MOU), by=OPERATOR)
    return str(MOU["id"])


def wanted(**other: Any) -> RequestedData:
    said: dict[str, Any] = {
        "title": "Which lessons help", "question": "Which lessons raise reading scores?", "why": "To choose lessons.",
        "elements": ("assessment_result.*",), "necessity": {"assessment_result": "The scores are the outcome"},
        "of": (SCHOOLS, HILLS), "form": AccessForm.PSEUDONYMOUS, "under": ("reading-study",), "purpose": "study-reading",
        "basis": Basis.STUDY, "details": {}, "method": "Compare scores before and after.", "publication": "A report.",
        "irb": "IRB-7", "irb_expires": date.today() + timedelta(days=200), "until": date.today() + timedelta(days=100),
    }  # fmt: skip
    return RequestedData(**{**said, **other})


def asked(**other: Any) -> int:
    return data_requests.request_data(wanted=wanted(**other), by=who(LAB, Role.EVALUATOR)).number


def at_the_vote(answers: dict[str, str] | None = None, **other: Any) -> tuple[int, int]:
    """A request before the body: its number, and the motion's."""
    number, desk = asked(**other), who(BACKBONE, Role.DATA_STEWARD)
    data_requests.accept_request(number=number, by=desk)
    data_requests.forward_request(number=number, by=desk)
    for partner, answer in (answers or {SCHOOLS: "yes", HILLS: "yes"}).items():
        data_requests.answer_request(number=number, answer=answer, reason="Our reason.", by=who(partner))
    return number, data_requests.put_to_vote(number=number, body=BODY, by=desk).number


def cast(motion: int, **votes: str) -> None:
    """`cast(3, riverbend_schools="yes")`: by the leader of each."""
    for partner, choice in votes.items():
        motions.vote(number=motion, choice=choice, by=who(partner.replace("_", "-")))
