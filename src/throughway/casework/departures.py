"""Students who left a reader's list: how many, and since which day."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from throughway.core.prose import counted, day
from throughway.partners.caseload import Assigned

LATELY = timedelta(days=60)  # so long a list tells of those who left it


def recent_departures(assigned: Iterable[Assigned], today: date) -> list[tuple[date, int]]:
    """By the first day on which they were no longer shown, newest first: how many students the reader worked with and, today,
    works with no more. What was taken back before it began was never on the list, and ends of more than sixty days ago are past telling."""
    every = list(assigned)
    now = {(a.partner, a.record) for a in every if a.on(today)}
    gone: dict[tuple[str, int], date] = {}
    for a in every:
        student = (a.partner, a.record)
        if student not in now and a.last is not None and a.first <= a.last < today:
            gone[student] = max(gone.get(student, date.min), a.last + timedelta(days=1))
    days = Counter(since for since in gone.values() if today - since <= LATELY)
    return sorted(days.items(), reverse=True)


def sentences(found: Iterable[tuple[date, int]]) -> list[str]:
    """2 students left your list on 7 November 2026; it no longer opens their pages."""
    return [
        f"{'One student' if n == 1 else counted(n, 'student')} left your list on {day(since)}; "
        f"it no longer opens {'that page' if n == 1 else 'their pages'}."
        for since, n in found
    ]
