"""When a pair is settled, and who is asked next: one reader for what is plain, two for what is hard, a third where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

HARD = (0.3, 0.7)  # chances between these say next to nothing: two people look


class PairVerdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    CANNOT_TELL = "cannot_tell"


class PairState(StrEnum):
    UNREAD = "unread"
    SECOND = "second"
    THIRD = "third"
    SETTLED = "settled"


@dataclass(frozen=True)
class PairStatus:
    """`verdict` is there once a pair is settled, and then alone."""

    state: PairState
    verdict: PairVerdict | None = None


def settle(
    verdicts: Sequence[PairVerdict], *, posterior: float, joined: bool, twice: bool = False
) -> PairStatus:
    """How a pair stands by what its readers said, each once, in order.

    A second reader is asked where chances are even, where the first cannot tell or overturns what linkage held, and where the
    pair was drawn to be read `twice`. Where two differ a third decides: what two of three say is so, and where all three
    differ nobody can tell.
    """
    if not verdicts:
        return PairStatus(PairState.UNREAD)
    first = verdicts[0]
    if len(verdicts) == 1:
        hard = HARD[0] <= posterior <= HARD[1] or first is PairVerdict.CANNOT_TELL
        again = hard or twice or overturns(first, joined=joined)
        return PairStatus(PairState.SECOND) if again else PairStatus(PairState.SETTLED, first)
    if verdicts[1] is first:
        return PairStatus(PairState.SETTLED, first)
    if len(verdicts) == 2:
        return PairStatus(PairState.THIRD)
    third = verdicts[2]
    return PairStatus(PairState.SETTLED, third if third in verdicts[:2] else PairVerdict.CANNOT_TELL)


def overturns(verdict: PairVerdict, *, joined: bool) -> bool:
    """The verdict parts what linkage joined, or joins what it left apart: nobody does so alone."""
    return verdict is (PairVerdict.DIFFERENT if joined else PairVerdict.SAME)
