"""Whether a partner still sends what it sent: kinds of records that stopped, and school years that are missing.

Days of summer do not count: what ends in June and begins in September has not stopped.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.vocabulary.school_calendar import school_year_of

# Tables that a partner's systems fill through the whole school year, by what they are called here.
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
    """What is stored of one table of one partner: `years` are ending years of school years, none for rows without one;
    `last` is the latest day of a row."""

    partner: str
    table: str
    years: frozenset[int]
    last: date | None

    @property
    def kind(self) -> str:
        return KINDS[self.table]


@dataclass(frozen=True)
class Gap:
    """`since`: the last day that came in, of a feed that stopped; `years`: school years that are missing between others."""

    partner: str
    table: str
    since: date | None = None
    years: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        return KINDS[self.table]


def gaps(feeds: Iterable[Feed], today: date) -> Iterator[Gap]:
    """What stopped, and what is missing. Where rows do not come day by day, it stopped when none of this school year came."""
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
    """Whether so many days of school time have passed since then that more should have come."""
    days = (today - last).days
    if days <= OVERDUE:
        return False
    return sum((last + timedelta(days=n)).month not in SUMMER for n in range(1, min(days, 400) + 1)) > OVERDUE
