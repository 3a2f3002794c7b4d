"""The requests to take a load back that wait, and who may agree to them."""

from datetime import UTC, date, datetime, time

from django.db.models import Max

from throughway.destruction.models import Destruction, UndoRequestEvent
from throughway.destruction.undo_requests.request import UndoAsked, UndoEventKind
from throughway.intake.selectors import batch_of
from throughway.partners.actor import CUSTODIANS, Role
from throughway.partners.leaving.office import Office
from throughway.partners.leaving.selectors import holders
from throughway.partners.members import REQUEST_HOLDS
from throughway.partners.open_step import OpenStep
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import who_answers

DECIDING = frozenset({Office.DATA_STEWARD, Office.PRIVACY_OFFICER})


def who_may_agree(partner: str, asking: str) -> frozenset[str]:
    """The addresses of who may agree when `asking` asks that a load of the partner be taken back: who decides or, where none of those ever opened
    an account, a leader whose account `asking` did not open alone. Empty where only the operator is left."""
    held = holders(partner)
    if officers := frozenset(one.email for one in held if one.office in DECIDING):
        return officers
    leaders = frozenset(one.email for one in held if one.office == Office.LEADER)
    return leaders & who_answers(partner, {Role.LEADER}, apart_from=asking)


def undos_asked(on: date, load: str | None = None) -> list[UndoAsked]:
    """The newest request about each load, or about that one, to which somebody may still agree on that day, oldest first. One that was declined or
    ordered, or whose load was taken back with another, waits no more."""
    since = datetime.combine(on - 2 * REQUEST_HOLDS, time.min, UTC)
    events = [e for e in _events(load) if e.at >= since]
    settled = {e.settles_id for e in events}
    newest = {e.load: e for e in events if e.what == UndoEventKind.ASKED and e.pk not in settled}
    if not newest:
        return []
    orders = Destruction.objects.filter(kind="load", subject__in=newest).values_list("subject")
    ordered = dict(orders.annotate(Max("at")))
    found = [_asked(e) for e in newest.values() if not (e.load in ordered and ordered[e.load] >= e.at)]
    return [asked for asked in found if on <= asked.until and _stands(asked.load)]


def _asked(event: UndoRequestEvent) -> UndoAsked:
    return UndoAsked(
        number=event.pk, partner=event.partner, by=event.by, on=event.at.astimezone().date(),
        people=who_may_agree(event.partner, event.by), load=event.load, loads=tuple(event.loads), rows=event.rows, reason=event.reason,
    )  # fmt: skip


def _stands(load: str) -> bool:
    found = batch_of(load)
    return found is not None and not found.taken_back


def undo_asked(number: int) -> UndoAsked | None:
    return next((asked for asked in undos_asked(date.today()) if asked.number == number), None)


def undo_asked_of(load: str) -> UndoAsked | None:
    """The request about that load that waits."""
    return next(iter(undos_asked(date.today(), load)), None)


def declined(load: str) -> UndoRequestEvent | None:
    """How the last request about the load was declined; None where it was not."""
    last = next(reversed(_events(load)), None)
    return last if last is not None and last.what == UndoEventKind.DECLINED else None


@cached_per_request
def _events(load: str | None) -> tuple[UndoRequestEvent, ...]:
    """Of that load, or of all, oldest first."""
    found = UndoRequestEvent.objects.order_by("id")
    return tuple(found.filter(load=load) if load else found)


def open_steps(on: date) -> list[OpenStep]:
    """Requests to which somebody must agree."""
    return [
        OpenStep(
            "agree_to_undo", "Agree that a load is taken back, or decline", asked.partner, CUSTODIANS, asked.on, asked.until,
            "destruction:agree_to_undo", (str(asked.number),), people=asked.people, whom="people who decide on its loads",
        )
        for asked in undos_asked(on)
    ]  # fmt: skip
