"""Who may request and who may answer, and the checks and records of every step of a request."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from throughway.consent.actions import person_of_record, record
from throughway.consent.amendment import Amendment
from throughway.consent.enums import RELATIONS, REPRESENTATIVE, STUDENT
from throughway.consent.incident import Incident
from throughway.consent.inspection import Inspection
from throughway.consent.limit import CITATION as BY_ORDER
from throughway.consent.limit import RightsLimit
from throughway.consent.right_holders import RightHolder
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.rights import law_of_holder, who_holds
from throughway.core.refusals import Refused
from throughway.ledger.actions.student_disclosures import numbers_of_key
from throughway.partners.actor import CUSTODIANS, OFFICERS, Actor
from throughway.partners.kinds import why_client_decides
from throughway.partners.selectors import partners

Entry = TypeVar("Entry", Inspection, Amendment, RightsLimit, Incident)


@dataclass(frozen=True)
class Asker:
    """`record`: the student's number; `holder`: the requester's number within the record."""

    partner: str
    record: int
    holder: int
    relation: str


def check_may(by: Actor) -> str:
    """The partner for whom the actor answers families."""
    if by.partner is None or by.role not in OFFICERS:
        raise Refused(
            "Only a privacy officer or data steward of the partner that keeps the record can answer families; sign in as one (--as EMAIL).",
            code="not_allowed",
        )
    return by.partner


def check_holds(by: Actor) -> str:
    """The partner for which the actor corrects records that it received; in a small one the leader does."""
    if by.partner is None or by.role not in CUSTODIANS:
        raise Refused(
            "Only a privacy officer, data steward or leader of the partner that received the record can confirm its correction; sign in as one (--as EMAIL).",
            code="not_allowed",
        )
    return by.partner


def own_entry(entries: Iterable[Entry], code: str, by: Actor, what: str) -> Entry:
    """The entry of that code; refused as unknown where it is another partner's."""
    partner = check_may(by)
    found = next((e for e in entries if e.partner == partner and e.code == code.strip().upper()), None)
    if found is None:
        raise unknown(what)
    return found


def record_step(about: RightsSubject, step: str, entry: Entry, by: Actor, **more: Any) -> None:
    """Records the next step of an entry; `more` as for `record`."""
    student = getattr(entry, "record", None)
    record(about=about, step=step, partner=entry.partner, student=student, code=entry.code, by=by, **more)


def unknown(what: str) -> Refused:
    return Refused(
        f"Your partner has no {what} with that code; check the list.", code=f"unknown_{what.split()[-1]}"
    )


def check_past(day: date, what: str) -> None:
    if day > date.today():
        raise Refused(f"{what} on a day in the future; give the day on which it happened.", code="in_future")


def check_not_before(day: date, earlier: date, what: str) -> None:
    check_past(day, what)
    if day < earlier:
        raise Refused(
            f"{what} before the previous step, which was on {earlier}; give that day or a later one.",
            code="too_early",
        )


def check_said(text: str, sentence: str) -> str:
    if not text.strip():
        raise Refused(sentence, code="incomplete")
    return text.strip()


def check_not_limited(found: RightsLimit | None, more: str = "") -> None:
    if found is not None:
        raise Refused(
            f"Since {found.since} an order has taken away this adult's rights (limit {found.code}); refuse the request unless the "
            f"limit is lifted.{more}",
            code="limited",
            citations=[BY_ORDER],
        )


def check_client_asks(partner: str, relation: str) -> None:
    """Refused for a parent, and for a representative, who may be a parent's, where the partner's clients decide about their own records
    whatever their age."""
    facts = partners().get(partner)
    law = why_client_decides(facts.legal) if facts else ""
    if law and relation not in STUDENT:
        raise Refused(
            f"Records of {partner} are the client's own at any age, against parents too: only the student may ask for them here. Ask counsel "
            "about a request of anybody else.",
            code="no_right",
            citations=[law],
        )


def asker(
    *,
    student: str,
    who: str,
    relation: str,
    identified: str,
    received: date,
    by: Actor,
    represented: bool = False,
) -> Asker:
    """Checks who asks, and seals the name. `represented`: a representative may ask, and `who` is then the holder of the right who
    sent them. Refused where the asker does not hold the right that day or was not identified, and where the partner keeps no record of the
    student. An order on the asker is for the caller to look at (`check_not_limited`)."""
    partner = check_may(by)
    relation = relation.strip().lower().replace(" ", "_")
    choices = (*RELATIONS, REPRESENTATIVE) if represented else RELATIONS
    if relation not in choices:
        raise Refused(
            f"A person with that relation to the student has no right to ask; choose {', '.join(choices)}.",
            code="no_right",
            citations=["34 CFR 99.3"],
        )
    check_past(received, "The request cannot be received")
    check_said(identified, "Say how you verified the requester's identity, such as: photo ID at the counter.")
    (record,) = numbers_of_key(student, partner=partner, by=by)
    held = who_holds(partner, record, received)
    check_client_asks(partner, relation)
    if (
        held is not None
        and relation != REPRESENTATIVE
        and (held is RightHolder.STUDENT) != (relation in STUDENT)
    ):
        other = "the student" if held is RightHolder.STUDENT else "a parent"
        raise Refused(
            f"On {received}, {other} holds the right over this record at {partner} and must make the request; anybody else needs "
            "a separate basis.",
            code="no_right",
            citations=[law_of_holder(partner)],
        )
    holder = person_of_record(partner=partner, record=record, name=who, by=by)
    return Asker(partner, record, holder, relation)
