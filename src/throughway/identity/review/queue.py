"""Clerical review of pairs: in which order they are read, who reads next, and when a pair is settled.

One reader decides what is plain, two what is hard, a third where they differ. What teaches most is read first. A pair teaches by how
uncertain it is, by how many records depend on the answer, and by how seldom its pattern of agreements was read: the tenth pair of
one pattern tells little that the first nine did not (uncertainty sampling with a penalty for what is already represented; Settles 2009,
Active Learning Literature Survey, sections 3.1 and 3.7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log2, sqrt

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


LEAST_OPEN = 0.05  # what linkage is sure of may be wrong too: pairs that only a household speaks for
HALF_READ = 2.0  # one reading more, and there is a ruling


@dataclass(frozen=True)
class QueuedPair:
    """A pair that waits: its number, what it teaches by itself, its pattern, whether somebody has read it already."""

    pair: int
    teaches: float
    pattern: str
    begun: bool = False


def teaches(posterior: float, hanging: int) -> float:
    """What a pair teaches by itself; `hanging` are the records of both persons. 1 is an even chance about two records."""
    openness = max(4 * posterior * (1 - posterior), LEAST_OPEN)
    return openness * log2(max(hanging, 2))


def order(waiting: Sequence[QueuedPair], read: Mapping[str, int]) -> list[QueuedPair]:
    """The pairs, what teaches most first; `read`: how often each pattern was read. Equal ones by number, so that two readers
    see one order."""

    def rank(each: QueuedPair) -> tuple[float, int]:
        known = sqrt(1 + read.get(each.pattern, 0))
        return -each.teaches * (HALF_READ if each.begun else 1.0) / known, each.pair

    return sorted(waiting, key=rank)
