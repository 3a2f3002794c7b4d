"""The register of legal holds, which suspend destruction."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial

from django.db import transaction

from throughway.agreements.selectors import kept_by, one
from throughway.agreements.status import AgreementStatus
from throughway.consent.actions import new_code
from throughway.core.personal_data import Subject, WaitingReason
from throughway.core.refusals import Refused
from throughway.destruction.actions.planning import records_of
from throughway.destruction.models import HoldEvent
from throughway.destruction.selectors import PERSON, Hold, holds, knows
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.partners.selectors import known

NUMBER = re.compile(r"[0-9]{1,18}")  # of a person


@transaction.atomic
def hold(*, kind: str, subject: str, notice: str, why: str, by: Actor) -> Hold:
    """Records that a notice keeps an agreement's, a partner's or a person's data from being destroyed."""
    _check_may(by, kind, subject)
    if not notice.strip() or not why.strip():
        raise Refused(
            "A hold needs its notice and its reason; give both, such as the docket number and the data requested.",
            code="incomplete",
        )
    same = [
        h
        for h in holds(on=date.today())
        if (h.kind, h.subject, h.notice) == (kind, subject, notice.strip()) and knows(h, by)
    ]
    if same:
        return same[0]
    code = new_code()
    _record("add", code, kind, subject, notice.strip(), why.strip(), by)
    return _one(code, by)


@transaction.atomic
def lift(*, code: str, why: str, by: Actor) -> Hold:
    """Lifts a hold; only people of the partner that recorded it may. Repeating it changes nothing."""
    found = _one(code.strip().upper(), by)
    if by.partner != found.partner or by.role not in CUSTODIANS:
        raise Refused(
            f"The hold {found.code} was recorded by {found.partner}; only a leader, privacy officer or data steward there can lift it.",
            code="not_allowed",
        )
    if found.lifted:
        return found
    if not why.strip():
        raise Refused("Say why the hold is lifted, such as the court order that ended it.", code="incomplete")
    _record("lift", found.code, found.kind, found.subject, found.notice, why.strip(), by)
    return _one(found.code, by)


def reasons_to_wait(subject: Subject) -> list[WaitingReason]:
    """The holds that suspend this destruction: on the same subject, on a partner whose records it affects, or on a person about
    whom it destroys anything."""
    return [
        WaitingReason(
            f"The legal hold {h.code} (notice {h.notice}) {'keeps the records of one person' if h.kind == PERSON else 'stops the destruction'}; "
            f"{h.partner} can lift the hold when the notice is settled.",
            partial(knows, h),
            records_of(int(h.subject), subject.partners) if h.kind == PERSON else None,
        )
        for h in holds(on=date.today())
        if _concerns(h, subject)
    ]


def _concerns(found: Hold, subject: Subject) -> bool:
    if (found.kind, found.subject) == (subject.kind, subject.id):
        return True
    if found.kind == "agreement":
        return found.subject in subject.agreements
    if found.kind == "partner":
        return found.subject in subject.partners
    if found.kind == "person":
        records = records_of(int(found.subject), subject.partners)
        return any(subject.concerns(partner, numbers) for partner, numbers in records.items())
    return False


def _check_may(by: Actor, kind: str, subject: str) -> None:
    if by.partner is None or by.role not in CUSTODIANS:
        raise Refused(
            "Only a leader, privacy officer or data steward of a partner can record a hold; sign in as one (--as EMAIL).",
            code="not_allowed",
        )
    if kind == "agreement":
        found: AgreementStatus = one(subject)
        if by.partner not in found.ever_parties:
            raise Refused(
                f"{by.partner} is not a party to {subject}, so it cannot record a hold on it.",
                code="not_allowed",
            )
        return
    in_custody = kept_by(by.partner)
    if kind == "partner":
        known(subject)
        if subject not in in_custody:
            raise Refused(
                f"{by.partner} keeps no records of {subject}, so it cannot record a hold on them.",
                code="not_allowed",
            )
        return
    if not NUMBER.fullmatch(subject) or not records_of(int(subject), in_custody):
        raise Refused(f"{by.partner} keeps no record of a person with that id.", code="unknown_person")


def _record(what: str, code: str, kind: str, subject: str, notice: str, why: str, by: Actor) -> None:
    HoldEvent.objects.create(
        code=code, what=what, kind=kind, subject=subject, notice=notice, why=why, by=by.email, partner=by.partner or "",
        role=by.role, at=datetime.now(UTC), day=date.today(),
    )  # fmt: skip


def _one(code: str, by: Actor) -> Hold:
    """Refused as unknown where the actor may not know of it."""
    found: Sequence[Hold] = [h for h in holds() if h.code == code and knows(h, by)]
    if not found:
        raise Refused("No hold has that code; see `throughway hold list`.", code="unknown_hold")
    return found[0]
