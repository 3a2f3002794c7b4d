"""Whether the computer's clock went back while the ledger was written: nothing is lost by it, and whoever reads moments
should know."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from throughway.core.refusals import Refused

# A transaction may commit, and so be sealed, a while after its entry was written.
TOLERATED = timedelta(seconds=20)
BEHIND = timedelta(minutes=10)  # by which clocks of several computers may differ


def clock_is_behind(newest: datetime | None, now: datetime, wrong_until: datetime | None = None) -> bool:
    """Whether the clock is behind the ledger's newest entry: then an agreement that has ended might seem to be in effect.
    `wrong_until`: moments of the ledger until then are known to be too late, from a clock that once ran ahead."""
    if newest is None or (wrong_until is not None and newest <= wrong_until):
        return False
    return newest > now + BEHIND


def wrong_until(settings: Mapping[str, Any]) -> datetime | None:
    """Until when the ledger's moments are known to be wrong, as `throughway.toml` says; Refused where it says no moment."""
    said = settings.get("clock", {}).get("ledger_wrong_until")
    if said is None:
        return None
    if not isinstance(said, datetime):
        raise Refused(
            "ledger_wrong_until in throughway.toml, section [clock], must be a moment such as 2026-11-25T12:00:00Z.",
            code="settings",
        )
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def set_back(sealed: Iterable[tuple[str, datetime]], wrong_until: datetime | None = None) -> tuple[int, str]:
    """Of entries in the order of their sealing: how many say a moment well before one that was sealed before them, and the
    id of the first. Moments until `wrong_until` are known to be wrong, and what comes after one of them is not counted."""
    newest, count, first = None, 0, ""
    for id, at in sealed:
        known = wrong_until is not None and newest is not None and newest <= wrong_until
        if newest is not None and at < newest - TOLERATED and not known:
            count, first = count + 1, first or id
        newest = at if newest is None else max(at, newest)
    return count, first
