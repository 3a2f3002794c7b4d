"""What the pages, the command line and the open steps ask about families' requests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from throughway.agreements.lifecycle import Standing
from throughway.agreements.reading import in_effect
from throughway.agreements.words import Basis, PartyRole
from throughway.consent.amending import Amendment, State
from throughway.consent.incidents import Incident
from throughway.consent.inspecting import Inspection
from throughway.consent.limits import Limit
from throughway.consent.reading import (
    Told,
    amendments_of,
    consents,
    in_force,
    incidents_of,
    inspections_of,
    limits_of,
    windows_of,
)
from throughway.consent.windows import Window
from throughway.consent.words import Decision
from throughway.gate.actions.recognised import whose_records
from throughway.partners.roles import Role
from throughway.partners.steps import OpenStep

OFFICERS = frozenset({Role.PRIVACY_OFFICER, Role.DATA_STEWARD})
RECEIVERS = OFFICERS | {Role.LEADER}
TITLES = {
    State.RECEIVED: "Decide a request to amend a record",
    State.HEARING_ASKED: "Set the hearing that a family asked for",
    State.HEARING_SET: "Hold the hearing",
    State.HEARD: "Write the decision after a hearing",
    State.AMENDING: "Correct the record",
}


@dataclass(frozen=True)
class Removal:
    """Rows of one student that rest on a consent to custody which is withdrawn: to be removed by `due`."""

    agreement: str
    partner: str
    record: int
    withdrawn: date
    due: date
    stewards: tuple[str, ...]


def inspections(partner: str) -> list[Inspection]:
    return inspections_of(partner)


def amendments(partner: str) -> list[Amendment]:
    return amendments_of(partner)


def corrections(partner: str) -> list[Amendment]:
    """Amendments of others that have to reach the partner."""
    return [a for a in amendments_of() if any(r.partner == partner for r in a.recipients)]


def incidents(partner: str) -> list[Incident]:
    return incidents_of(partner)


def limits(partner: str) -> list[Limit]:
    return limits_of(partner)


def windows(partner: str) -> list[Window]:
    return windows_of(partner)


def removals(on: date) -> list[Removal]:
    """Of agreements in effect by which rows are here by consent: the students whose consent was withdrawn or has ended, and of
    whom rows are still here."""
    found: list[Removal] = []
    for standing in in_effect(on):
        for partner in _by_consent(standing):
            found += _withdrawn(standing, partner, on)
    return sorted(found, key=lambda each: (each.due, each.record))


def _by_consent(standing: Standing) -> Iterator[str]:
    document = standing.document
    for discloser in sorted(document.parties_with(PartyRole.DISCLOSER)):
        if any(
            c.basis is Basis.CONSENT and (c.from_ is None or discloser in c.from_) for c in document.custody
        ):
            yield discloser


def _withdrawn(standing: Standing, partner: str, on: date) -> list[Removal]:
    document = standing.document
    said = [c for c in consents(partner=partner) if c.agreement == document.id]
    standing_ids = in_force(said, on)
    still = {c.record for c in said if c.id in standing_ids}
    last: dict[int, Told] = {}
    for each in said:
        if each.decision is Decision.WITHDRAWN and each.record not in still:
            last[each.record] = each
    if not last:
        return []
    here = whose_records(partner, last)
    within = timedelta(days=document.terms.destruction.within_days)
    stewards = tuple(document.parties_with(PartyRole.STEWARD)) or (partner,)
    return [
        Removal(document.id, partner, record, each.signed_on, each.signed_on + within, stewards)
        for record, each in last.items()
        if record in here
    ]


def open_steps(on: date) -> list[OpenStep]:
    """What waits for somebody: requests, corrections that have to reach a recipient, incidents, rows to be removed."""
    steps = [
        OpenStep("answer a family", "Answer a request to inspect a record", i.partner, OFFICERS, i.received, i.due, "rights:inspection", (i.code,))
        for i in inspections_of()
        if i.open
    ]  # fmt: skip
    for a in amendments_of():
        if a.due is not None and a.state in TITLES:
            steps.append(
                OpenStep(
                    "answer a family",
                    TITLES[a.state],
                    a.partner,
                    OFFICERS,
                    a.since,
                    a.due,
                    "rights:amendment",
                    (a.code,),
                )
            )
        steps += [
            OpenStep("correct", "Correct what you hold of an amended record", r.partner, RECEIVERS, a.corrected or a.since, r.due,
                     "rights:correction", (a.code,))
            for r in a.recipients
            if r.confirmed is None
        ]  # fmt: skip
    steps += [
        OpenStep("tell of an incident", "Tell the parties of an incident", i.partner, OFFICERS, i.known.date(), c.due.date(),
                 "rights:incident", (i.code,), c.agreement)
        for i in incidents_of()
        for c in i.clocks
        if c.told is None and i.open
    ]  # fmt: skip
    steps += [
        OpenStep("remove", "Remove rows whose consent was withdrawn", steward, OFFICERS, r.withdrawn, r.due,
                 "destruction:order", ("person", str(r.record)), r.agreement)
        for r in removals(on)
        for steward in r.stewards
    ]  # fmt: skip
    return steps


def due(on: date) -> list[str]:
    """What is overdue, one sentence each."""
    late = [
        f"The request to inspect {i.code} at {i.partner} was to be answered by {i.due}."
        for i in inspections_of()
        if i.open and i.due < on
    ]
    late += [
        f"The request to amend {a.code} at {a.partner} waited until {a.due} for its next step."
        for a in amendments_of()
        if a.due and a.due < on
    ]
    late += [
        f"{r.partner} was to correct by {r.due} what it holds of an amended record ({a.code})."
        for a in amendments_of()
        for r in a.recipients
        if r.confirmed is None and r.due < on
    ]
    now = datetime.combine(on, time.min, UTC)
    late += [
        f"The parties to {c.agreement} were to be told of the incident {i.code} by {c.due:%Y-%m-%d %H:%M}."
        for i in incidents_of()
        if i.open
        for c in i.clocks
        if c.told is None and c.due < now
    ]
    late += [
        f"Rows of a student of {r.partner} rest on a consent under {r.agreement} that was withdrawn on {r.withdrawn}; they were to "
        f"be removed by {r.due}: throughway destroy --person {r.record}"
        for r in removals(on) if r.due < on
    ]  # fmt: skip
    return late
