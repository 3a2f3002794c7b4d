"""Wide to long: which columns are unpivoted, and what each heading means."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Melt
from throughway.intake.raw_cells import ColumnHeading
from throughway.intake.said_dates import said_month, said_year
from throughway.vocabulary.school_calendar import FIRST_MONTH

SAYS_A_MONTH = re.compile(r"%-?[mbBjxcDFU]")
SERIAL = re.compile(r"\d{5}")
# How a workbook may show a date, so that one pattern matches what people see in the heading.
SHOWN = ("{y:04}-{m:02}-{d:02}", "{m}/{d}/{y:04}", "{m:02}/{d:02}/{y:04}", "{m}/{d}/{s:02}", "{m:02}/{d:02}/{s:02}",
         "{m}/{d}", "{m:02}/{d:02}", "{m}-{d}-{y:04}", "{m:02}-{d:02}-{y:04}")  # fmt: skip


def melting(
    melt: Melt, headings: Sequence[ColumnHeading], *, file: str, school_year: int | None, tab: str = ""
) -> dict[int, str]:
    """The columns to unpivot, by position, and the text of each heading (an ISO day where the melt has `date`). `tab`: the title of the sheet,
    which may tell the month of headings that are a day alone, and the year.

    Rows under a heading that is not a day have no readable key. Refused when no heading matches, and when two mean the same day.
    """
    found: dict[int, str] = {}
    meant: dict[str, int] = {}
    for position, heading in enumerate(headings):
        match = matches(melt.columns, heading)
        if match is None:
            continue
        text = (
            match[1]
            if melt.beside
            else _text(melt, heading, position, file=file, school_year=school_year, tab=tab)
        ) or no_day(position)
        if text in meant:
            raise Refused(
                f"{file} has two columns for {text if melt.date else 'the same'} ({meant[text]} and {position + 1}); remove one.",
                code="two_columns",
            )
        found[position], meant[text] = text, position + 1
    if not found:
        raise Refused(
            f"{file} has no column whose heading matches the crosswalk's melt.", code="missing_column"
        )
    return found


def beside(melt: Melt, headings: Sequence[ColumnHeading], *, file: str) -> dict[str, dict[str, int]]:
    """For each name of `beside`, the position of its column for each text of the group. Refused where two columns have the same."""
    found: dict[str, dict[str, int]] = {name: {} for name in melt.beside}
    for name, pattern in melt.beside.items():
        for position, heading in enumerate(headings):
            match = matches(pattern, heading)
            if match is None:
                continue
            if match[1] in found[name]:
                raise Refused(
                    f"{file} has two columns beside the same ({found[name][match[1]] + 1} and {position + 1}); remove one.",
                    code="two_columns",
                )
            found[name][match[1]] = position
    return found


def matches(pattern: str, heading: ColumnHeading) -> re.Match[str] | None:
    """How a pattern of a melt matches a heading, in one of the ways in which its day may be shown."""
    return next(filter(None, (re.search(pattern, shown) for shown in _shown(heading))), None)


def _shown(heading: ColumnHeading) -> list[str]:
    day = heading.day
    if day is None:
        return [heading.text]
    return [heading.text, *(f.format(y=day.year, m=day.month, d=day.day, s=day.year % 100) for f in SHOWN)]


def no_day(position: int) -> str:
    """The text for a heading that is not a day: unique by its position, and never readable as a day."""
    return f"column {position + 1} is not a date"


def _text(
    melt: Melt, heading: ColumnHeading, position: int, *, file: str, school_year: int | None, tab: str = ""
) -> str | None:
    if not melt.date:
        return heading.text
    day = heading.day or _day(heading.text, melt.date, position, file=file, school_year=school_year, tab=tab)
    return day.isoformat() if day else None


def _day(
    text: str, formats: Sequence[str], position: int, *, file: str, school_year: int | None, tab: str = ""
) -> date | None:
    year = said_year(tab) or school_year
    for form in formats:
        if "%y" not in form.lower() and form not in ("excel", "epoch_ms"):
            month = "" if SAYS_A_MONTH.search(form) else f"{said_month(tab) or ''} "
            try:
                # A leap year, so that the 29th of February can be read before its year is known.
                shown = datetime.strptime(f"2000 {month}{text}", f"%Y {'%m ' if month else ''}{form}")
            except ValueError:
                continue
            return _in_year(shown, position, file=file, school_year=year)
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    if SERIAL.fullmatch(text):
        return date(1899, 12, 30) + timedelta(days=int(text))
    return None


def _in_year(shown: datetime, position: int, *, file: str, school_year: int | None) -> date | None:
    """The day of a heading without a year, in the stated school year (July to June); None if that year has no such day."""
    if school_year is None:
        raise Refused(
            f"The heading of column {position + 1} of {file} has no year; state it with --school-year, as in 2024-25.",
            code="school_year_needed",
        )
    year = school_year - (shown.month >= FIRST_MONTH)
    try:
        return date(year, shown.month, shown.day)
    except ValueError:
        return None
