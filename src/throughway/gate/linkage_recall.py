"""The recall of linkage, as the identity package reports it. A separate module, so that small commands start without NumPy."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Recall:
    """The share of true pairs that linkage joined, estimated from a reviewed sample, in words; `between`: the 95% confidence
    interval; `low`: its lower end, from 0 to 1, None where it is not stored."""

    share: str
    between: str
    low: float | None = None


# Set by the identity package, which may not be imported here; None until enough of a sample has been reviewed.
RecallSource = Callable[[], Recall | None]
SOURCES: list[RecallSource] = []


def register_recall(source: RecallSource) -> None:
    """Registers the function that returns the recall; repeating the call changes nothing."""
    SOURCES[:] = [source]


def recall() -> Recall | None:
    return SOURCES[0]() if SOURCES else None
