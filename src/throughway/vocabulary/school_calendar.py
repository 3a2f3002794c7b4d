"""The school calendar: a school year runs from 1 July to 30 June and is named by the year in which it ends."""

from datetime import date

FIRST_MONTH = 7


def school_year_of(day: date) -> int:
    """The ending year of the school year in which a day lies."""
    return day.year + (day.month >= FIRST_MONTH)


def year_start(school_year: int) -> date:
    return date(school_year - 1, FIRST_MONTH, 1)


def year_end(school_year: int) -> date:
    return date(school_year, FIRST_MONTH - 1, 30)
