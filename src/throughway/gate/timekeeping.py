"""Whether the computer's clock went back while the ledger was written: nothing is lost by it, and whoever reads moments
should know."""

from collections.abc import Iterable
from datetime import datetime, timedelta

# A transaction may commit, and so be sealed, a while after its entry was written.
TOLERATED = timedelta(seconds=20)
BEHIND = timedelta(minutes=10)  # by which clocks of several computers may differ


def behind(newest: datetime | None, now: datetime, wrong_until: datetime | None = None) -> bool:
    """Whether the clock is behind the ledger's newest entry: then an agreement that has ended might seem to be in effect.
    `wrong_until`: moments of the ledger until then are known to be too late, from a clock that once ran ahead."""
    if newest is None or (wrong_until is not None and newest <= wrong_until):
        return False
    return newest > now + BEHIND


def set_back(sealed: Iterable[tuple[str, datetime]]) -> tuple[int, str]:
    """Of entries in the order of their sealing: how many say a moment well before one that was sealed before them, and the
    id of the first."""
    newest, count, first = None, 0, ""
    for id, at in sealed:
        if newest is not None and at < newest - TOLERATED:
            count, first = count + 1, first or id
        newest = at if newest is None else max(at, newest)
    return count, first
