"""Who holds the right to consent on a day (34 CFR 99.3, 99.5): the parents, until the student is 18 or attends college; and always the
client of a service whose clients decide themselves (42 CFR 2.14; 45 CFR 164.502(g)(3)).

Computed for the day that is asked about, from what the discloser's own records tell; never kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

ADULT = 18  # years
CITATION = "34 CFR 99.5(a)"
LONG_AGO, NEVER = date.min.toordinal(), date.max.toordinal()

Days = NDArray[np.int64]  # ordinals of days


class RightHolder(StrEnum):
    """The holder of the rights over a student's records."""

    PARENTS = "parents"
    STUDENT = "student"


@dataclass(frozen=True, eq=False)
class Transfers:
    """For each of some records, sorted: the right is with the parents before the day `after`, with the student from the day
    `by` on, and in between the records here do not show it."""

    records: NDArray[np.int64]
    after: Days
    by: Days
    others: tuple[int, int] = (LONG_AGO, NEVER)  # of records about which nothing is known

    def of(self, records: NDArray[np.int64]) -> tuple[Days, Days]:
        """(`after`, `by`) of each record."""
        after, by = self.others
        if not len(self.records):
            return np.full(len(records), after), np.full(len(records), by)
        place = np.minimum(np.searchsorted(self.records, records), len(self.records) - 1)
        known = self.records[place] == records
        return np.where(known, self.after[place], after), np.where(known, self.by[place], by)


_NONE = np.empty(0, dtype=np.int64)
UNKNOWN = Transfers(_NONE, _NONE, _NONE)
CLIENTS = Transfers(
    _NONE, _NONE, _NONE, others=(LONG_AGO, LONG_AGO)
)  # every client decides, whatever the age


def eighteenth(born: date) -> tuple[date, date]:
    """The day on which the right passes by age: first and last that it can be. A birth date of which only the year is stored is
    the first of January, so that day gives a whole year."""
    if (born.month, born.day) == (1, 1):
        return date(born.year + ADULT, 1, 1), date(born.year + ADULT, 12, 31)
    if (born.month, born.day) == (2, 29):
        return (date(born.year + ADULT, 3, 1),) * 2
    return (born.replace(year=born.year + ADULT),) * 2


def transfers(
    births: Sequence[tuple[int, date]], college: Sequence[tuple[int, date]], *, is_college: Sequence[int] = ()
) -> Transfers:
    """`births`, and the first day at a college outside of school (`college`), by record; `is_college`: records of students
    of a college itself, who hold the right there whatever their age."""
    found: dict[int, tuple[int, int]] = {}
    for record, born in births:
        first, last = eighteenth(born)
        found[record] = (first.toordinal(), last.toordinal())
    for record, day in college:
        first_known, last_known = found.get(record, (LONG_AGO, NEVER))
        found[record] = min(first_known, day.toordinal()), min(last_known, day.toordinal())
    found |= dict.fromkeys(is_college, (LONG_AGO, LONG_AGO))
    ordered = sorted(found)
    return Transfers(
        np.array(ordered, dtype=np.int64),
        np.array([found[r][0] for r in ordered], dtype=np.int64),
        np.array([found[r][1] for r in ordered], dtype=np.int64),
    )


def right_holder_on(*, on: date, after: int, by: int) -> RightHolder | None:
    """The holder of the rights on that day; None where the records here do not show it."""
    day = on.toordinal()
    if day >= by:
        return RightHolder.STUDENT
    return RightHolder.PARENTS if day < after else None


def may_sign(*, student: bool, on: date, after: int, by: int) -> bool | None:
    """Whether a person who signs as a parent, or as the student, holds the right on that day; None where the records do not show it."""
    held = right_holder_on(on=on, after=after, by=by)
    return None if held is None else student == (held is RightHolder.STUDENT)
