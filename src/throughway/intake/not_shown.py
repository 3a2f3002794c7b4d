"""What agreements do not show of a partner's records because a cell is empty, as the gate finds it: a load tells the steward."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol


class NotShown(Protocol):
    """One rule of one agreement."""

    @property
    def agreement(self) -> str: ...

    @property
    def heading(self) -> str: ...

    @property
    def why(self) -> str: ...


# Set by the site, since the gate may not be imported here: (partner, day) to what is not shown, the most students first.
Source = Callable[[str, date], Sequence[NotShown]]
SOURCES: list[Source] = []


def register_not_shown(source: Source) -> None:
    """Registers the function that finds it; repeating the call changes nothing."""
    SOURCES[:] = [source]


def not_shown(partner: str, on: date) -> Sequence[NotShown]:
    return SOURCES[0](partner, on) if SOURCES else ()
