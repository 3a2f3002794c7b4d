"""In which order pairs are read: first what teaches most.

A pair teaches by how open it is, by how many records hang on the answer, and by how seldom its pattern of agreements was read:
the tenth pair of one pattern tells little that the first nine did not (uncertainty sampling with a penalty for what is already
represented; Settles 2009, Active Learning Literature Survey, sections 3.1 and 3.7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2, sqrt

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
