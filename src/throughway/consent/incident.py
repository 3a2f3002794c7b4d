"""Incidents: records that reached somebody who should not have them, the students concerned, and the agreements' deadlines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from throughway.consent.rights_events import RightsRecord, by_code


@dataclass(frozen=True)
class IncidentNotification:
    """The notification that one agreement requires: `hours` as the agreement states, `due` the deadline, `notified` when it was
    done."""

    agreement: str
    hours: int
    due: datetime
    notified: datetime | None = None


@dataclass(frozen=True)
class Leaked:
    """What one partner had received, by the ledger: in how many entries, of how many students, which elements (table.column)."""

    partner: str
    entries: int
    students: int
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Incident:
    """`known`: the moment at which it was known; `since`: from which day on records may have leaked; `reported_by`: an office;
    `recipients`: the partners with whom it happened; `entries`: of the ledger; `students`: how many, by discloser; `leaked`: what
    each recipient had; `clocks`: the nearest first."""

    code: str
    partner: str
    known: datetime
    since: str
    what: str
    reported_by: str
    recipients: tuple[str, ...]
    entries: tuple[str, ...]
    students: dict[str, int]
    leaked: tuple[Leaked, ...]
    clocks: tuple[IncidentNotification, ...]
    closed: datetime | None = None
    outcome: str = ""

    @property
    def open(self) -> bool:
        return self.closed is None


def incidents(events: Iterable[RightsRecord]) -> list[Incident]:
    """Every incident, in the order in which they were recorded."""
    return [_one(code, of_one) for code, of_one in by_code(events).items()]


def _one(code: str, of_one: list[RightsRecord]) -> Incident:
    first = next(event for event in of_one if event.step == "known")
    closed = next((event for event in of_one if event.step == "closed"), None)
    notified = {event.other: event.at for event in of_one if event.step == "told"}
    known = datetime.fromisoformat(first.facts["known"])
    return Incident(
        code,
        first.partner,
        known,
        first.facts["since"],
        first.word("what"),
        first.word("reported_by"),
        tuple(first.facts["recipients"]),
        tuple(first.facts["entries"]),
        dict(first.facts["students"]),
        tuple(
            Leaked(partner, had["entries"], had["students"], tuple(had["elements"]))
            for partner, had in sorted(first.facts["leaked"].items())
        ),
        tuple(
            IncidentNotification(agreement, hours, known + timedelta(hours=hours), notified.get(agreement))
            for agreement, hours in sorted(first.facts["clocks"].items(), key=lambda each: (each[1], each[0]))
        ),
        closed.at if closed else None,
        closed.word("outcome") if closed else "",
    )
