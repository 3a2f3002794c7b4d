"""What was changed of partners' legal statuses, and what waits for a second person."""

from datetime import date

from throughway.partners.actor import CUSTODIANS
from throughway.partners.kinds import LegalStatus
from throughway.partners.legal_status.status_change import StatusChange, StatusChangeAsked, StatusEventKind
from throughway.partners.models import PartnerStatusEvent
from throughway.partners.open_step import OpenStep
from throughway.partners.request_cache import cached_per_request
from throughway.partners.selectors import who_answers


def status_changes() -> list[StatusChange]:
    """Every change that was made, oldest first."""
    return [e.change() for e in _events() if e.what == StatusEventKind.CHANGED]


def status_changes_asked(on: date) -> list[StatusChangeAsked]:
    """Every change to which a second person may still agree on that day, oldest first."""
    events = _events()
    settled = {e.settles_id for e in events}
    found = [
        StatusChangeAsked(
            number=e.pk, partner=e.partner_id, by=e.by, on=e.at.astimezone().date(), people=who_answers(e.partner_id, apart_from=e.by),
            adds=frozenset(map(LegalStatus, e.adds)), removes=frozenset(map(LegalStatus, e.removes)), reason=e.reason,
        )
        for e in events
        if e.what == StatusEventKind.ASKED and e.pk not in settled
    ]  # fmt: skip
    return [asked for asked in found if on <= asked.until]


def status_change_asked(number: int) -> StatusChangeAsked | None:
    return next((asked for asked in status_changes_asked(date.today()) if asked.number == number), None)


def open_steps(on: date) -> list[OpenStep]:
    """Changes to which a second person must agree."""
    return [
        OpenStep(
            "agree_to_statuses", "Agree to a change of your partner’s legal statuses, or decline", asked.partner, CUSTODIANS, asked.on,
            asked.until, "partners:agree_to_statuses", (str(asked.number),), people=asked.people, whom="others who answer for it",
        )
        for asked in status_changes_asked(on)
    ]  # fmt: skip


@cached_per_request
def _events() -> tuple[PartnerStatusEvent, ...]:
    return tuple(PartnerStatusEvent.objects.order_by("id"))
