"""The register of incidents: what leaked, to whom by the ledger, and the clocks of the agreements concerned."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, time

from throughway.agreements.reading import standings
from throughway.consent.happened import About
from throughway.consent.incidents import Incident
from throughway.consent.reading import incidents_of
from throughway.consent.recording import code as new_code
from throughway.consent.recording import record
from throughway.gate.received import given_to
from throughway.partners.actor import Actor
from throughway.partners.reading import partners
from throughway.refusals import Refused
from throughway.rights.actions.asking import check_may, check_past, check_said, unknown


def record_incident(
    *, what: str, known: datetime, reported_by: str, recipients: Collection[str], since: date, by: Actor
) -> Incident:
    """Records what leaked at the recipients named (partners that held it), since when, and when it was known; the ledger tells
    which of the reader's own students and under which agreements, and these tell the clocks. `reported_by`: an office."""
    partner = check_may(by)
    check_said(what, "Say what happened, without a student's name.")
    check_said(reported_by, "Say which office reported it.")
    if known > datetime.now(UTC):
        raise Refused(
            "It cannot be known at a moment that is still to come; give when it was.", code="in_future"
        )
    check_past(since, "It cannot begin")
    strangers = sorted(set(recipients) - partners().keys())
    if strangers or not recipients:
        raise Refused(
            "Name the partners with whom it happened, as the register knows them: `throughway partner list`.",
            code="unknown_partner",
        )
    entries = given_to(recipients, since=datetime.combine(since, time.min, UTC), discloser=partner)
    under = {agreement for entry in entries for agreement in entry.agreements}
    students: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        students[partner] |= entry.students
    clocks = {
        s.document.id: hours
        for s in standings(date.today())
        if s.document.id in under and (hours := s.document.terms.breach_notice_hours) is not None
    }
    code = new_code()
    record(
        about=About.INCIDENT, step="known", partner=partner, code=code, by=by,
        facts={
            "known": known.isoformat(), "since": str(since), "recipients": sorted(recipients), "clocks": clocks,
            "entries": [entry.id for entry in entries], "students": {p: len(n) for p, n in students.items()},
        },
        words={"what": what, "reported_by": reported_by},
    )  # fmt: skip
    return one(code, by)


def told_of(*, code: str, agreement: str, by: Actor) -> Incident:
    """The parties to the agreement were told, as it asks; once more changes nothing."""
    found = one(code, by)
    clock = next((c for c in found.clocks if c.agreement == agreement), None)
    if clock is None:
        raise Refused(
            f"The incident {found.code} has no clock under that agreement; see the list.",
            code="unknown_clock",
        )
    if clock.told is None:
        record(
            about=About.INCIDENT, step="told", partner=found.partner, code=found.code, other=agreement, by=by
        )
    return one(code, by)


def close_incident(*, code: str, outcome: str, by: Actor) -> Incident:
    """Ends an incident when everybody was told: what was done about it."""
    found = one(code, by)
    if not found.open:
        return found
    check_said(outcome, "Say what was done: what was stopped, returned or destroyed, and what was changed.")
    if any(clock.told is None for clock in found.clocks):
        raise Refused(
            "Not everybody was told yet; tell the parties to each agreement, then close the incident.",
            code="not_told",
        )
    record(
        about=About.INCIDENT,
        step="closed",
        partner=found.partner,
        code=found.code,
        by=by,
        words={"outcome": outcome},
    )
    return one(code, by)


def one(code: str, by: Actor) -> Incident:
    partner = check_may(by)
    found = next((x for x in incidents_of(partner) if x.code == code.strip().upper()), None)
    if found is None:
        raise unknown("incident")
    return found
