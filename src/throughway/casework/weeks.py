"""A student's school year by weeks: days missed, and which weeks nothing is known of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

A_WEEK = timedelta(weeks=1)
LATELY = 28  # days


@dataclass(frozen=True)
class Week:
    """The Monday; days missed; `known` where any day of it is marked."""

    start: date
    missed: int
    known: bool


@dataclass(frozen=True)
class Year:
    """The weeks from the first mark to today. `marks_presence`: days present are marked too, so that a week without a
    mark is a week without school or without data; else absence alone is sent."""

    weeks: tuple[Week, ...]
    missed: int
    lately: int
    before: int
    marks_presence: bool
    last_known: date | None
    today: date

    @property
    def late(self) -> bool:
        """Nothing is known of the last two weeks, or more."""
        return self.last_known is not None and (self.today - self.last_known).days >= 14


def school_year_start(today: date) -> date:
    return date(today.year if today.month >= 7 else today.year - 1, 7, 1)


def year_of(days: Mapping[date, bool], today: date) -> Year:
    """`days`: each day with a mark, and whether it was missed. `lately` counts the four weeks up to the last mark,
    `before` the four weeks before those."""
    known = {d: missed for d, missed in days.items() if d <= today}
    if not known:
        return Year((), 0, 0, 0, False, None, today)
    first, last = min(known), max(known)
    weeks = []
    start = monday(first)
    while start <= monday(today):
        held = [known[d] for d in (start + timedelta(days=n) for n in range(7)) if d in known]
        weeks.append(Week(start, sum(held), bool(held)))
        start += A_WEEK
    missed = sum(known.values())
    return Year(
        tuple(weeks), missed, _missed(known, last - timedelta(days=LATELY - 1), last),
        _missed(known, last - timedelta(days=2 * LATELY - 1), last - timedelta(days=LATELY)),
        missed * 2 <= len(known), last, today,
    )  # fmt: skip


def _missed(days: Mapping[date, bool], first: date, last: date) -> int:
    return sum(missed for d, missed in days.items() if first <= d <= last)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def by_month(days: Mapping[date, bool]) -> list[tuple[date, int]]:
    """Days missed by month, from the first month with a mark to the last, months without a mark left out."""
    found: dict[date, int] = {}
    for d, missed in sorted(days.items()):
        first = d.replace(day=1)
        found[first] = found.get(first, 0) + missed
    return list(found.items())
