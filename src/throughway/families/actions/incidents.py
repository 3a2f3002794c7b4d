"""The register of incidents: what leaked, to whom according to the ledger, and the deadlines of the agreements concerned."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from throughway.agreements.selectors import agreement_statuses
from throughway.consent.actions import new_code, record
from throughway.consent.incident import Incident, Leaked
from throughway.consent.rights_events import RightsSubject
from throughway.consent.selectors.rights import incidents_of
from throughway.core.refusals import Refused
from throughway.families.actions.requesters import check_may, check_past, check_said, own_entry, record_step
from throughway.ledger.entry_search import ReceivedRecords, given_to
from throughway.partners.actor import Actor
from throughway.partners.selectors import partners


@dataclass(frozen=True)
class IncidentScope:
    """What the ledger shows about an incident: `students`, how many can be concerned; `leaked`, what each recipient had;
    `clocks`: the hours that each agreement states."""

    entries: tuple[str, ...]
    students: int
    leaked: tuple[Leaked, ...]
    clocks: Mapping[str, int]

    @property
    def soonest(self) -> int:
        """Hours until the first deadline."""
        return min(self.clocks.values())


def incident_scope(*, recipients: Collection[str], since: date, by: Actor) -> IncidentScope:
    """Whom an incident with these partners can concern, of the reader's own students; nothing is written."""
    partner = check_may(by)
    check_past(since, "The leak cannot begin")
    if not recipients or not partners().keys() >= set(recipients):
        raise Refused(
            "Name the partners where the incident happened, as in `throughway partner list`.",
            code="unknown_partner",
        )
    entries = given_to(recipients, since=datetime.combine(since, time.min, UTC), discloser=partner)
    under = {agreement for entry in entries for agreement in entry.agreements}
    hours = {s.document.id: s.document.terms.breach_notice_hours for s in agreement_statuses(date.today())}
    return IncidentScope(
        tuple(entry.id for entry in entries),
        len({student for entry in entries for student in entry.students}),
        tuple(_leaked(to, [e for e in entries if to in e.recipients]) for to in sorted(set(recipients))),
        {id: set_ for id in sorted(under) if (set_ := hours.get(id)) is not None},
    )


def record_incident(
    *, what: str, known: datetime, reported_by: str, recipients: Collection[str], since: date, by: Actor
) -> Incident:
    """Records what leaked at the recipients named (partners that held it), since when, and when it was known; the ledger shows
    which of the reader's own students and which agreements are concerned, and these set the deadlines. `reported_by`: an
    office."""
    partner = check_may(by)
    check_said(what, "Say what happened, without a student's name.")
    check_said(reported_by, "Say which office reported it.")
    if known > datetime.now(UTC):
        raise Refused(
            "The time when the incident became known is in the future; give the actual time.",
            code="in_future",
        )
    check_past(since, "The leak cannot begin")
    if known.date() < since:
        raise Refused(
            "The incident became known before the first day on which records may have leaked; give an earlier first day.",
            code="too_early",
        )
    found = incident_scope(recipients=recipients, since=since, by=by)
    code = new_code()
    record(
        about=RightsSubject.INCIDENT, step="known", partner=partner, code=code, by=by,
        facts={
            "known": known.isoformat(), "since": str(since), "recipients": sorted(recipients), "clocks": dict(found.clocks),
            "entries": list(found.entries), "students": {partner: found.students} if found.entries else {},
            "leaked": {e.partner: {"entries": e.entries, "students": e.students, "elements": e.elements} for e in found.leaked},
        },
        words={"what": what, "reported_by": reported_by},
    )  # fmt: skip
    return one(code, by)


def _leaked(partner: str, entries: Collection[ReceivedRecords]) -> Leaked:
    students = {student for entry in entries for student in entry.students}
    elements = sorted({element for entry in entries for element in entry.elements})
    return Leaked(partner, len(entries), len(students), tuple(elements))


def told_of(*, code: str, agreement: str, by: Actor) -> Incident:
    """Records that the parties to the agreement were notified; repeating it changes nothing."""
    found = one(code, by)
    clock = next((c for c in found.clocks if c.agreement == agreement), None)
    if clock is None:
        raise Refused(
            f"The incident {found.code} has no notice deadline under that agreement; check its list of agreements.",
            code="unknown_clock",
        )
    if clock.notified is None:
        record_step(RightsSubject.INCIDENT, "told", found, by, other=agreement)
    return one(code, by)


def close_incident(*, code: str, outcome: str, by: Actor) -> Incident:
    """Closes an incident after everyone was notified; `outcome`: what was done about it."""
    found = one(code, by)
    if not found.open:
        return found
    check_said(outcome, "Say what was done: what was stopped, returned or destroyed, and what was changed.")
    if any(clock.notified is None for clock in found.clocks):
        raise Refused(
            "Some parties have not been notified; notify the parties to each agreement, then close the incident.",
            code="not_told",
        )
    record_step(RightsSubject.INCIDENT, "closed", found, by, words={"outcome": outcome})
    return one(code, by)


def one(code: str, by: Actor) -> Incident:
    return own_entry(incidents_of(by.partner), code, by, "incident")
