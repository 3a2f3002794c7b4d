"""How long a completed course counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Completed:
    """One course of one user, and the last day on which it counts."""

    email: str
    course: str
    on: date
    until: date

    def valid(self, day: date) -> bool:
        return self.on <= day <= self.until


def valid_courses(completed: Iterable[Completed], day: date) -> frozenset[str]:
    return frozenset(each.course for each in completed if each.valid(day))


def ended(completed: Iterable[Completed], course: str, day: date) -> date | None:
    """The day on which the course last ran out before this day; None where it was never completed before."""
    return max((each.until for each in completed if each.course == course and each.until < day), default=None)
