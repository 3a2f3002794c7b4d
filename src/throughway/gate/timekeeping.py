"""Whether the computer's clock went back while the ledger was written: nothing is lost by it, and whoever reads moments
should know."""

from collections.abc import Iterable
from datetime import datetime, timedelta

TOLERATED = timedelta(
    seconds=20
)  # a transaction may commit, and so be sealed, a while after its entry was written


def set_back(sealed: Iterable[tuple[str, datetime]]) -> tuple[int, str]:
    """Of entries in the order of their sealing: how many say a moment well before one that was sealed before them, and the
    id of the first."""
    newest, count, first = None, 0, ""
    for id, at in sealed:
        if newest is not None and at < newest - TOLERATED:
            count, first = count + 1, first or id
        newest = at if newest is None else max(at, newest)
    return count, first
