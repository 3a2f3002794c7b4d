"""What waits under 34 CFR 99.32(b)(2)(iii): requests for a copy of an authority's record of further disclosures."""

from collections.abc import Sequence
from datetime import date

from throughway.ledger.entry import ANSWERED, REQUESTED
from throughway.ledger.models import FurtherEvent
from throughway.ledger.redisclosure import Request
from throughway.partners.request_cache import cached_per_request


def requests(partner: str | None = None) -> list[Request]:
    """Every request that the partner made or received (None: of all), by the day on which the answer is due."""
    return [r for r in _requests() if partner is None or partner in (r.authority, r.discloser)]


@cached_per_request
def _requests() -> Sequence[Request]:
    events = list(FurtherEvent.objects.filter(kind__in=(REQUESTED, ANSWERED)).order_by("id"))
    answered = {event.request: event.on_day for event in events if event.kind == ANSWERED}
    asked = [
        Request(e.entry, e.authority, e.discloser, e.on_day, e.due, e.for_parent, answered.get(e.entry))
        for e in events
        if e.kind == REQUESTED and e.due is not None
    ]
    return sorted(asked, key=lambda request: (request.due, request.id))


def waiting(partner: str | None = None) -> list[Request]:
    return [request for request in requests(partner) if request.answered is None]


def overdue(today: date) -> Sequence[str]:
    """One sentence for each request whose day has passed without an answer."""
    return [
        f"{r.authority} owes {r.discloser} its record of further disclosures{' for a parent' if r.for_parent else ''}: asked "
        f"for on {r.on}, due on {r.due} (34 CFR 99.32(b)(2)(iii)). Answer it: throughway ledger further answer {r.id}"
        for r in waiting()
        if r.overdue(today)
    ]
