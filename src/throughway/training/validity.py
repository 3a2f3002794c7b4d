"""How long a completed course counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from throughway.core.refusals import Refused

DAYS = 365  # where the community sets nothing else
LONGEST = 36_500


@dataclass(frozen=True)
class Completed:
    """One course of one user, and the last day on which it counts."""

    email: str
    course: str
    on: date
    until: date

    def valid(self, day: date) -> bool:
        return self.on <= day <= self.until


def last_day(on: date, course: str, settings: Mapping[str, Any]) -> date:
    """`settings`: what `throughway.toml` says under [training]: `days`, and `[training.courses]` with days of single ones.

    Refused (settings) when that is not a number of days.
    """
    days = settings.get("courses", {}).get(course, settings.get("days", DAYS))
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= LONGEST:
        raise Refused(
            f"throughway.toml must say under [training] for how many days a course counts, such as days = {DAYS}.",
            code="settings",
        )
    return on + timedelta(days=days)


def valid_courses(completed: Iterable[Completed], day: date) -> frozenset[str]:
    return frozenset(each.course for each in completed if each.valid(day))


def ended(completed: Iterable[Completed], course: str, day: date) -> date | None:
    """The day on which the course last ran out before this day; None where it was never completed before."""
    return max((each.until for each in completed if each.course == course and each.until < day), default=None)
