"""Consents as people are told of them: each event, what stands for a student today, and what ends soon."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from throughway.consent.enums import STUDENT, ConsentDecision
from throughway.consent.models import ConsentEvent
from throughway.consent.right_holders import NEVER, Transfers
from throughway.consent.selectors.events import consent_status
from throughway.consent.selectors.right_transfers import transfers
from throughway.partners.selectors import partners
from throughway.store.selectors import snapshot


@dataclass(frozen=True)
class RecordedDecision:
    """One decision. `id` is what people call it by; `record` the number that stands for the partner's key of the student."""

    id: str
    partner: str
    record: int
    agreement: str
    purpose: str
    decision: ConsentDecision
    holder: int
    relation: str
    right_checked: bool
    signed_on: date
    method: str
    language: str
    notice_version: str
    expires: date | None
    withdraws: str


@dataclass(frozen=True)
class Lapsing:
    """A consent in force, and its last day."""

    record: int
    agreement: str
    purpose: str
    until: date
    id: str


def consents(
    *,
    partner: str | None = None,
    records: Collection[int] | None = None,
    disclosers: Collection[str] | None = None,
) -> list[RecordedDecision]:
    """Every decision that was recorded, in that order; of one discloser, or of some records, where they are named. Who knows
    which disclosers can have decisions on these records names them too, and their list is not asked for."""
    found = ConsentEvent.objects.order_by("id")
    if partner is not None:
        found = found.filter(partner=partner)
    if records is not None:
        found = found.filter(record__in=[int(r) for r in records])
        if partner is None:  # the index begins with the partner
            found = found.filter(partner__in=sorted(partners() if disclosers is None else disclosers))
    return [
        RecordedDecision(
            e.code, e.partner, e.record, e.agreement, e.purpose, ConsentDecision(e.decision), e.holder, e.relation,
            e.right_checked, e.signed_on, e.method, e.language, e.notice_version, e.expires, e.withdraws,
        )
        for e in found
    ]  # fmt: skip


def in_force(told: Sequence[RecordedDecision], on: date) -> frozenset[str]:
    """The ids of those decisions that are consents in force on that day, alone or beside another."""
    rights = _rights({c.partner for c in told})
    asked = {(c.agreement, c.purpose, c.partner) for c in told}
    given = {key: set(consent_status(*key, on, rights[key[2]]).given.tolist()) for key in asked}
    return frozenset(
        c.id
        for c in told
        if c.decision is ConsentDecision.YES
        and c.signed_on <= on <= _last_day(c, rights[c.partner])
        and c.record in given[c.agreement, c.purpose, c.partner]
    )


def states_of(
    records: Collection[int], on: date
) -> dict[tuple[int, str, str], tuple[RecordedDecision, bool]]:
    """For each (record, agreement, purpose) that something was decided on: the last decision, and whether a consent to it
    is in force on that day."""
    told = [c for c in consents(records=records) if c.signed_on <= on]
    rights = _rights({c.partner for c in told})
    found: dict[tuple[int, str, str], tuple[RecordedDecision, bool]] = {}
    for c in sorted(told, key=lambda c: (c.signed_on, c.decision is not ConsentDecision.YES)):
        given = consent_status(c.agreement, c.purpose, c.partner, on, rights[c.partner]).given
        found[c.record, c.agreement, c.purpose] = (c, c.record in given)
    return found


def lapsing(partner: str, within_days: int, on: date | None = None) -> list[Lapsing]:
    """Consents about the partner's records that are in force and end within so many days: by their own last day, or because
    the student comes to hold the right. The nearest first; of several for one purpose the one that holds longest."""
    today = on or date.today()
    given = [
        c for c in consents(partner=partner) if c.decision is ConsentDecision.YES and c.signed_on <= today
    ]
    rights = _rights({partner})[partner]
    ends: dict[tuple[int, str, str], Lapsing] = {}
    for c in given:
        until = _last_day(c, rights)
        if (
            until < today
            or c.record not in consent_status(c.agreement, c.purpose, partner, today, rights).given
        ):
            continue
        known = ends.get((c.record, c.agreement, c.purpose))
        if known is None or known.until < until:
            ends[c.record, c.agreement, c.purpose] = Lapsing(c.record, c.agreement, c.purpose, until, c.id)
    near = today + timedelta(days=within_days)
    return sorted(
        (end for end in ends.values() if end.until <= near), key=lambda end: (end.until, end.record)
    )


def last_day(consent: RecordedDecision) -> date:
    """The last day on which the consent can count: its own, or the one before the student comes to hold the right."""
    return _last_day(consent, _rights({consent.partner})[consent.partner])


def _last_day(consent: RecordedDecision, rights: Transfers) -> date:
    last = (consent.expires or date.max).toordinal()
    if consent.relation not in STUDENT:
        (_, by) = rights.of(np.array([consent.record], dtype=np.int64))
        last = min(last, int(by[0]) - 1 if by[0] < NEVER else NEVER)
    return date.fromordinal(max(last, 1))


def _rights(partners: Collection[str]) -> dict[str, Transfers]:
    with snapshot() as stored:
        return {partner: transfers(stored, partner) for partner in partners}
