"""What the pages, the command line and the open steps ask about families' requests."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from throughway.agreements.selectors import agreement_statuses
from throughway.agreements.states import OVER
from throughway.consent.amendment import Amendment, AmendmentState
from throughway.consent.consent_file import choosable
from throughway.consent.enums import ANY, ConsentDecision
from throughway.consent.selectors.decisions import (
    Lapsed,
    RecordedDecision,
    consents,
    in_force,
    lapsed_custody,
)
from throughway.consent.selectors.rights import amendments_of, incidents_of, inspections_of
from throughway.core.prose import day
from throughway.families.actions.requesters import check_may
from throughway.gate.actions.person_records import whose_records
from throughway.ledger.actions.student_disclosures import numbers_of_key
from throughway.partners.actor import CUSTODIANS, OFFICERS, Actor
from throughway.partners.open_step import OpenStep

STEP_TITLES = {
    AmendmentState.RECEIVED: "Decide a request to amend a record",
    AmendmentState.HEARING_ASKED: "Set the hearing that a family asked for",
    AmendmentState.HEARING_SET: "Hold the hearing",
    AmendmentState.HEARD: "Write the decision after a hearing",
    AmendmentState.AMENDING: "Correct the record",
}


def corrections(partner: str) -> list[Amendment]:
    """Amendments of others that have to reach the partner."""
    return [a for a in amendments_of() if any(r.partner == partner for r in a.recipients)]


@dataclass(frozen=True)
class Choice:
    """A purpose of an agreement that rests on a family's choice about the partner's records. `words`: for a list."""

    agreement: str
    purpose: str
    words: str

    @property
    def value(self) -> str:
        return f"{self.agreement} {self.purpose}"


def choices(partner: str, on: date) -> list[Choice]:
    """What families can decide on about the partner's records: of each agreement, all of it first."""
    found = []
    for standing in agreement_statuses(on):
        document = standing.document
        purposes = choosable(document, partner) if standing.state not in OVER else frozenset()
        said = {entry.id: entry.interest for entry in document.purposes}
        if purposes:
            found.append(Choice(document.id, ANY, f"{document.title}: all of it"))
        found += [Choice(document.id, p, f"{document.title}: {said[p]}") for p in sorted(purposes)]
    return found


@dataclass(frozen=True)
class ShownDecision:
    """A decision for the register. `about`: in words; `in_force`: a consent that counts today."""

    decision: RecordedDecision
    about: str
    in_force: bool
    tag: tuple[str, str]


def decisions_about(student: str, by: Actor, on: date) -> list[ShownDecision]:
    """What was decided about the records that the actor's partner keeps of the student, newest first; `student`: its own key. Refused
    (unknown) where it keeps none, and to whoever does not answer families."""
    partner = check_may(by)
    (record,) = numbers_of_key(student, partner=partner, by=by)
    recorded = consents(partner=partner, records=[record])
    standing = in_force(recorded, on)
    words = {choice.value: choice.words for choice in choices(partner, on)}
    withdrawn = {each.withdraws for each in recorded if each.withdraws}
    return [
        ShownDecision(
            each, words.get(f"{each.agreement} {each.purpose}", each.agreement), each.id in standing,
            _decision_tag(each, each.id in standing, each.id in withdrawn),
        )
        for each in reversed(recorded)
    ]  # fmt: skip


def _decision_tag(decision: RecordedDecision, stands: bool, withdrawn: bool) -> tuple[str, str]:
    if decision.decision is ConsentDecision.YES:
        if stands:
            return "ok", f"yes, until {day(decision.expires)}" if decision.expires else "yes"
        return "past", "yes, taken back" if withdrawn else "yes, no longer in force"
    return "stop", "taken back" if decision.decision is ConsentDecision.WITHDRAWN else "no"


def removals(on: date) -> list[Lapsed]:
    """Rows that are here by a consent to custody that was withdrawn or has ended."""
    found = lapsed_custody(on)
    here = {
        p: whose_records(p, {x.record for x in found if x.partner == p}) for p in {x.partner for x in found}
    }
    return [each for each in found if each.record in here[each.partner]]


def open_steps(on: date) -> list[OpenStep]:
    """What waits for somebody: requests, corrections that have to reach a recipient, incidents, rows to be removed."""
    steps = [
        OpenStep("answer a family", "Answer a request to inspect a record", i.partner, OFFICERS, i.received, i.due, "families:inspection", (i.code,))
        for i in inspections_of()
        if i.open
    ]  # fmt: skip
    for a in amendments_of():
        if a.due is not None and a.state in STEP_TITLES:
            steps.append(
                OpenStep(
                    "answer a family",
                    STEP_TITLES[a.state],
                    a.partner,
                    OFFICERS,
                    a.since,
                    a.due,
                    "families:amendment",
                    (a.code,),
                )
            )
        steps += [
            OpenStep("correct", "Correct your copy of an amended record", r.partner, CUSTODIANS, a.corrected or a.since, r.due,
                     "families:correction", (a.code,))
            for r in a.recipients
            if r.confirmed is None
        ]  # fmt: skip
    steps += [
        OpenStep("tell of an incident", "Notify the parties of an incident", i.partner, OFFICERS, i.known.date(), c.due.date(),
                 "families:incident", (i.code,), c.agreement)
        for i in incidents_of()
        for c in i.clocks
        if c.notified is None and i.open
    ]  # fmt: skip
    steps += [
        OpenStep("remove", "Remove rows whose consent has ended", steward, OFFICERS, r.ended, r.due,
                 "destruction:order", ("consent", r.id), r.agreement)
        for r in removals(on)
        for steward in r.stewards
    ]  # fmt: skip
    return steps


def due(on: date) -> list[str]:
    """What is overdue, one sentence each."""
    late = [
        f"The request to inspect {i.code} at {i.partner} should have been answered by {i.due}."
        for i in inspections_of()
        if i.open and i.due < on
    ]
    late += [
        f"The next step of the request to amend {a.code} at {a.partner} was due by {a.due}."
        for a in amendments_of()
        if a.due and a.due < on
    ]
    late += [
        f"{r.partner} should have corrected its copy of an amended record by {r.due} ({a.code})."
        for a in amendments_of()
        for r in a.recipients
        if r.confirmed is None and r.due < on
    ]
    now = datetime.combine(on, time.min, UTC)
    late += [
        f"The parties to {c.agreement} should have been notified of the incident {i.code} by {c.due:%Y-%m-%d %H:%M}."
        for i in incidents_of()
        if i.open
        for c in i.clocks
        if c.notified is None and c.due < now
    ]
    late += [
        f"Rows of a student of {r.partner} rest on a consent under {r.agreement} that ended on {r.ended}; they were to be removed by "
        f"{r.due}: throughway destroy --consent {r.id}"
        for r in removals(on) if r.due < on
    ]  # fmt: skip
    return late
