"""Whether a partner's feeds continue: kinds of records that stopped, and missing school years.

Summer days do not count: a feed that ends in June and resumes in September has not stopped.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.vocabulary.school_calendar import school_year_of

# Tables that a partner's systems fill throughout the school year, with their names here.
KINDS: Mapping[str, str] = {
    "attendance_day": "attendance",
    "school_enrollment": "enrollment",
    "program_participation": "program participation",
    "service_received": "services",
}
DAILY = frozenset({"attendance_day"})
YEARLY = frozenset(
    {"attendance_day", "school_enrollment"}
)  # a program may pause for a year, a school does not
OVERDUE = 45  # days, those of June to August not counted
SUMMER = (6, 7, 8)


@dataclass(frozen=True)
class Feed:
    """What is stored in one table of one partner: `years` are ending years of school years, None for rows without one; `last` is the
    latest date of a row."""

    partner: str
    table: str
    years: frozenset[int]
    last: date | None

    @property
    def kind(self) -> str:
        return KINDS[self.table]


@dataclass(frozen=True)
class Gap:
    """`since`: the last date of a feed that stopped; `years`: missing school years between others."""

    partner: str
    table: str
    since: date | None = None
    years: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        return KINDS[self.table]


def gaps(feeds: Iterable[Feed], today: date) -> Iterator[Gap]:
    """Feeds that stopped, and missing years. A feed without daily rows has stopped when it has none for this school year."""
    for feed in feeds:
        if feed.last is None or not feed.years:
            continue
        goes_on = feed.table not in DAILY and max(feed.years) >= school_year_of(today)
        if overdue(feed.last, today) and not goes_on:
            yield Gap(feed.partner, feed.table, since=feed.last)
        between = set(range(min(feed.years), max(feed.years))) - feed.years
        if between and feed.table in YEARLY:
            yield Gap(feed.partner, feed.table, years=tuple(sorted(between)))


def overdue(last: date, today: date) -> bool:
    """Whether more school days have passed since then than the feed usually skips."""
    days = (today - last).days
    if days <= OVERDUE:
        return False
    return sum((last + timedelta(days=n)).month not in SUMMER for n in range(1, min(days, 400) + 1)) > OVERDUE
