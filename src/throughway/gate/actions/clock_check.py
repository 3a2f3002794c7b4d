"""Nothing is read by a clock that was set back: what has ended would seem to be in effect."""

from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db.models import Max

from throughway.core.prose import day
from throughway.core.refusals import Refused
from throughway.gate.actions.ledger_entries import record_refusal
from throughway.gate.decision import RECORD_OF_DISCLOSURE, Reason
from throughway.ledger.models import LedgerEntry
from throughway.ledger.verification_rules import clock_is_behind, wrong_until
from throughway.partners.actor import Actor

AGAIN = 60.0  # seconds
# By community: when, by a clock that nobody sets, and what was found.
_LOOKED: dict[Path, tuple[float, datetime | None]] = {}


def check_clock(actor: Actor, purpose: str, on: date) -> None:
    """Refused (clock), and recorded, where the computer's clock is well behind the newest entry of the ledger."""
    now = datetime.now(UTC)
    if not clock_is_behind(_newest(), now, wrong_until(settings.COMMUNITY.settings)):
        return
    reason = Reason(
        f"The clock of this computer says {day(now.date())}, {now:%H:%M} UTC, and the ledger was written later than that; nothing is "
        "read until the operator sets the clock right (docs/ledger.md says what to do if it is the ledger's moments that are wrong).",
        RECORD_OF_DISCLOSURE,
    )
    record_refusal(actor, purpose, on, [reason])
    raise Refused(reason.sentence, code="clock", citations=[reason.citation])


def _newest() -> datetime | None:
    """The moment of the ledger's newest entry, looked up again each minute: it only grows."""
    place, at = settings.COMMUNITY.root, monotonic()
    looked, newest = _LOOKED.get(place, (-AGAIN, None))
    if at - looked >= AGAIN:
        newest = LedgerEntry.objects.aggregate(newest=Max("at"))["newest"]
        _LOOKED[place] = (at, newest)
    return newest
