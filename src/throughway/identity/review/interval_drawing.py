"""Ranges drawn beside their figures: all on one scale, which need not begin at zero and says where it begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

from throughway.identity.review.quality_estimate import Interval

STEP = 0.1


@dataclass(frozen=True)
class Whisker:
    """In a picture 100 wide: where the range begins, how wide it is, where the value stands."""

    left: float
    width: float
    at: float


def begins(shown: Iterable[Interval | None]) -> float:
    """Where the scale begins, a share of 1."""
    lowest = min((each.low for each in shown if each), default=0.0)
    return min(max(floor(lowest / STEP) * STEP, 0.0), 1 - STEP)


def whisker(interval: Interval, begin: float) -> Whisker:
    def place(share: float) -> float:
        return 100 * (share - begin) / (1 - begin)

    return Whisker(
        place(interval.low), max(place(interval.high) - place(interval.low), 0.5), place(interval.value)
    )
