"""Consents by which the steward houses a student's rows, and that no longer stand: the rows are removed within the term."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.agreements.enums import Basis, PartyRole
from throughway.agreements.selectors import in_effect
from throughway.agreements.status import AgreementStatus
from throughway.consent.enums import ConsentDecision
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.consent_text import RecordedDecision, consents, in_force, last_day
from throughway.consent.selectors.rights_requests import rights_records


@dataclass(frozen=True)
class Lapsed:
    """`id`: of the last decision on custody of the record's rows, by which they are no longer housed since `ended`; they are to be
    removed by `due`, which the stewards do, or the partner whose they are."""

    id: str
    agreement: str
    partner: str
    record: int
    ended: date
    due: date
    stewards: tuple[str, ...]

    def may_order(self, partner: str | None) -> bool:
        return partner is not None and partner in (self.partner, *self.stewards)


def lapsed_custody(on: date) -> list[Lapsed]:
    """Under agreements in effect, where rows are housed by consent: of each record the decision that ended it. What was removed is
    left out; whether rows were ever here is not asked. The nearest first."""
    found = [
        lapsed
        for standing in in_effect(on)
        for partner in _by_consent(standing)
        for lapsed in _of(standing, partner, on)
    ]
    return sorted(found, key=lambda each: (each.due, each.record))


def _by_consent(standing: AgreementStatus) -> Iterator[str]:
    document = standing.document
    for discloser in sorted(document.parties_with(PartyRole.DISCLOSER)):
        if any(
            c.basis is Basis.CONSENT and (c.from_ is None or discloser in c.from_) for c in document.custody
        ):
            yield discloser


def _of(standing: AgreementStatus, partner: str, on: date) -> Iterator[Lapsed]:
    document = standing.document
    said = [c for c in consents(partner=partner) if c.agreement == document.id]
    standing_ids = in_force(said, on)
    still = {c.record for c in said if c.id in standing_ids}
    housed = {c.record for c in said if c.decision is ConsentDecision.YES} - still
    if not housed:
        return
    removed = {event.code for event in rights_records(RightsSubject.CUSTODY, partner=partner)}
    last = {c.record: c for c in sorted(said, key=_order) if c.record in housed}
    within = timedelta(days=document.terms.destruction.within_days)
    stewards = tuple(document.parties_with(PartyRole.STEWARD)) or (partner,)
    for record, each in last.items():
        if each.id not in removed:
            ended = _ended(each, on)
            yield Lapsed(each.id, document.id, partner, record, ended, ended + within, stewards)


def _order(told: RecordedDecision) -> tuple[date, bool]:
    return told.signed_on, told.decision is not ConsentDecision.YES


def _ended(last: RecordedDecision, on: date) -> date:
    """The day from which on the rows are no longer housed by consent."""
    if last.decision is ConsentDecision.YES and (until := last_day(last)) < on:
        return until + timedelta(days=1)
    return last.signed_on
