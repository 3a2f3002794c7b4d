"""A student's school year by weeks: days missed, and which weeks nothing is known of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

A_WEEK = timedelta(weeks=1)
LATELY = 28  # days
LONGEST_GAP = timedelta(days=21)  # between two marks: a winter break; what is longer is missing data


@dataclass(frozen=True)
class AttendanceWeek:
    """The Monday; days missed; `known` where any day of it is marked."""

    start: date
    missed: int
    known: bool


@dataclass(frozen=True)
class AttendanceYear:
    """The weeks from the first mark to today. `marks_presence`: days present are marked too, so that a week without a
    mark is a week without school or without data; else absence alone is sent. `last_known`: the day to which the data go.
    `whole`: presence is marked, and no three weeks up to that day are without a mark."""

    weeks: tuple[AttendanceWeek, ...]
    missed: int
    lately: int
    before: int
    marks_presence: bool
    last_known: date | None
    today: date
    first: date | None = None
    whole: bool = False

    @property
    def late(self) -> bool:
        """Nothing is known of the last two weeks, or more."""
        return self.last_known is not None and (self.today - self.last_known).days >= 14


def year_of(days: Mapping[date, bool], today: date, through: date | None = None) -> AttendanceYear:
    """`days`: each day with a mark, and whether it was missed. `through`: the day to which the data go, where that is known
    to be later than the last mark. `lately` counts the four weeks up to it, `before` the four weeks before those."""
    known = {d: missed for d, missed in days.items() if d <= today}
    if not known:
        return AttendanceYear((), 0, 0, 0, False, None, today)
    first, last = min(known), max(max(known), through or date.min)
    weeks = []
    start = monday(first)
    while start <= monday(today):
        held = [known[d] for d in (start + timedelta(days=n) for n in range(7)) if d in known]
        weeks.append(AttendanceWeek(start, sum(held), bool(held)))
        start += A_WEEK
    missed = sum(known.values())
    marks_presence = missed * 2 <= len(known)
    marked = sorted({*known, last})
    gaps = (after - before for before, after in pairwise(marked))
    return AttendanceYear(
        tuple(weeks), missed, lately(known, last), lately(known, last - timedelta(days=LATELY)), marks_presence, last, today,
        first, marks_presence and all(gap <= LONGEST_GAP for gap in gaps),
    )  # fmt: skip


def lately(days: Mapping[date, bool], last: date) -> int:
    """Days missed in the four weeks up to a day."""
    return _missed(days, last - timedelta(days=LATELY - 1), last)


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
