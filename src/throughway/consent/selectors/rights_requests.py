"""Families' rights as they stand: requests, limits, windows, incidents, statements, each told from its events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from throughway.consent.amendments import Amendment, amendments
from throughway.consent.incidents import Incident, incidents
from throughway.consent.inspections import Inspection, inspections
from throughway.consent.limits import LimitKind, RightsLimit, limits
from throughway.consent.models import RightEvent, RightWords
from throughway.consent.notices import ConsentNotice, notices
from throughway.consent.opt_out_windows import Window, windows
from throughway.consent.right_holders import RightHolder, right_holder_on
from throughway.consent.rights_events import RightsRecord, RightsSubject
from throughway.consent.selectors.right_transfers import transfers
from throughway.core.personal_data import Subject
from throughway.store.selectors import snapshot


@dataclass(frozen=True)
class FamilyStatement:
    """What a family says about a contested part (`element`: table.column or table.*), to go with it at every disclosure."""

    code: str
    partner: str
    record: int
    element: str
    text: str
    on: date


def rights_records(
    about: RightsSubject,
    *,
    partner: str | None = None,
    code: str | None = None,
    record: int | None = None,
    step: str | None = None,
) -> list[RightsRecord]:
    """The events about it, in their order; with what people wrote."""
    asked = {"partner": partner, "code": code, "record": record, "step": step}
    found = RightEvent.objects.filter(about=about.value, **{k: v for k, v in asked.items() if v is not None})
    return [_event(row) for row in found.select_related("said").order_by("id")]


def inspections_of(partner: str | None = None, code: str | None = None) -> list[Inspection]:
    return inspections(rights_records(RightsSubject.INSPECT, partner=partner, code=code))


def amendments_of(partner: str | None = None, code: str | None = None) -> list[Amendment]:
    return amendments(rights_records(RightsSubject.AMEND, partner=partner, code=code))


def limits_of(partner: str | None = None, record: int | None = None) -> list[RightsLimit]:
    return limits(rights_records(RightsSubject.LIMIT, partner=partner, record=record))


def windows_of(partner: str | None = None) -> list[Window]:
    return windows(rights_records(RightsSubject.WINDOW, partner=partner))


def incidents_of(partner: str | None = None) -> list[Incident]:
    return incidents(rights_records(RightsSubject.INCIDENT, partner=partner))


def notices_of(partner: str | None = None) -> list[ConsentNotice]:
    return notices(rights_records(RightsSubject.NOTICE, partner=partner))


def without_rights(partner: str, on: date) -> frozenset[tuple[int, int]]:
    """(record, holder) of the adults from whom an order takes their rights on that day: what they said does not count."""
    return frozenset(
        (x.record, x.holder) for x in limits_of(partner) if x.kind is LimitKind.RIGHTS and x.on(on)
    )


def every_statement() -> list[FamilyStatement]:
    """Every statement that is not destroyed, in the order in which they were placed."""
    rows = RightWords.objects.filter(event__step="statement").select_related("event").order_by("event_id")
    return [
        FamilyStatement(e.code, e.partner, e.record or 0, e.facts["element"], row.words["statement"], e.day)
        for row in rows
        for e in [row.event]
    ]


def who_holds(partner: str, record: int, on: date) -> RightHolder | None:
    """Who holds the rights over the student's records at this institution on that day; None where its records do not tell."""
    with snapshot() as stored:
        after, by = transfers(stored, partner).of(np.array([record], dtype=np.int64))
    return right_holder_on(on=on, after=int(after[0]), by=int(by[0]))


def reasons_to_wait(subject: Subject) -> Sequence[str]:
    """The open requests to inspect records of which something would go, for which a destruction waits (34 CFR 99.10(e))."""
    return [
        f"A request to inspect records of {each.partner} is open ({each.code}, received on {each.received}); it is to be answered "
        f"by {each.due}, and destruction waits until it is."
        for each in inspections_of()
        if each.open and subject.concerns(each.partner, frozenset({each.record}))
    ]


def _event(row: RightEvent) -> RightsRecord:
    said = getattr(row, "said", None)
    return RightsRecord(
        row.code, RightsSubject(row.about), row.step, row.partner, row.record, row.other, row.day, row.facts,
        said.words if said else {}, row.by, row.role, row.at,
    )  # fmt: skip
