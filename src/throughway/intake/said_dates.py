"""Days, months and school years as people write them in headings and titles: `Mon 9/8`, `Sep 8`, a sheet named `September 2025`."""

import re
from collections.abc import Sequence

from throughway.vocabulary.school_calendar import FIRST_MONTH

MONTHS = (
    ("jan", "ene"), ("feb",), ("mar",), ("apr", "abr"), ("may",), ("jun",), ("jul",), ("aug", "ago"), ("sep",), ("oct",), ("nov",), ("dec", "dic"),
)  # fmt: skip
WHOLE = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ]
)
SHORT = frozenset({*(name for names in MONTHS for name in names), "sept"})
YEARS = re.compile(r"(?<!\d)(20\d\d) ?[-/\u2013] ?(20)?(\d\d)(?!\d)")
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


def said_month(title: str) -> int | None:
    """The one month that a title names, `Sept 2025`; None where it names none or several."""
    words = re.findall(r"[^\W\d_]+", title.lower())
    found = {
        number
        for word in words
        if word in WHOLE or word in SHORT
        for number, names in enumerate(MONTHS, start=1)
        if word.startswith(names)
    }
    return found.pop() if len(found) == 1 else None


def said_year(title: str) -> int | None:
    """The school year that a title tells, by its ending year: `2025-26`, or a month and its year; None where it tells none or several."""
    found = {
        int(first) + 1 for first, _, second in YEARS.findall(title) if (int(first) + 1) % 100 == int(second)
    }
    if not found and (month := said_month(title)):
        found = {int(year) + (month >= FIRST_MONTH) for year in YEAR.findall(title)}
    return found.pop() if len(found) == 1 else None


PLAIN_DAY = r"^(\d{1,2}[/.-]\d{1,2}([/.-]\d{2,4})?|\d{4}-\d{2}-\d{2})$"
DAY_ALONE = r"^([1-9]|0[1-9]|[12]\d|3[01])$"  # of the month that the sheet is of
_MONTH = "(January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_WEEKDAY = "((Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
WORDED_DAY = (
    rf"(?i)^({_WEEKDAY},? )?(\d{{1,2}}[/.-]\d{{1,2}}([/.-]\d{{2,4}})?|{_MONTH} \d{{1,2}}(,? \d{{4}})?"
    rf"|\d{{1,2}}[ -]{_MONTH}([ -]\d{{2,4}})?|\d{{4}}-\d{{2}}-\d{{2}})$"
)


def is_day(heading: str) -> bool:
    """Whether a heading is a day, as in a sheet with one column a day."""
    return bool(re.match(PLAIN_DAY, heading) or re.match(WORDED_DAY, heading))


def days_of_a_month(headings: Sequence[str], title: str) -> frozenset[str]:
    """The headings that are days of the month which the title of their sheet names; empty where these are fewer than three."""
    found = frozenset(heading for heading in headings if re.match(DAY_ALONE, heading))
    return found if said_month(title) and len(found) > 2 else frozenset()


def pattern_of(headings: Sequence[str]) -> str:
    """A pattern for these headings, and for those of other days written in the same ways."""
    if all(re.match(DAY_ALONE, heading) for heading in headings):
        return DAY_ALONE
    return PLAIN_DAY if all(re.match(PLAIN_DAY, heading) for heading in headings) else WORDED_DAY


def formats_of(headings: Sequence[str]) -> list[str]:
    """How the days of headings are written. Month first, unless a heading shows that the day comes first."""
    weekday = re.compile(rf"(?i)^{_WEEKDAY}(,? )")
    bare = [weekday.sub("", heading) for heading in headings]
    parts = [re.split(r"([/. -]|, )", each) for each in bare]
    day_first = any(
        re.match(PLAIN_DAY, b) and len(p[0]) < 3 and int(p[0]) > 12 for b, p in zip(bare, parts, strict=True)
    )
    found: dict[str, None] = {}
    for heading, each, part in zip(headings, bare, parts, strict=True):
        before = weekday.match(heading)
        begins = f"{'%A' if before[1].lower().endswith('day') else '%a'}{before[3]}" if before else ""
        if re.match(DAY_ALONE, each):
            found["%d"] = None
        elif len(part[0]) == 4 and part[0].isdigit():
            found[f"{begins}%Y-%m-%d"] = None
        elif len(part) > 2:
            named = [("%b" if len(p) == 3 else "%B") if p.isalpha() else "%d" for p in (part[0], part[2])]
            first, second = (
                named
                if "%d" not in named[:1] or named[1] != "%d"
                else ("%d", "%m")
                if day_first
                else ("%m", "%d")
            )
            year = "" if len(part) < 5 else part[3] + ("%Y" if len(part[4]) == 4 else "%y")
            found[f"{begins}{first}{part[1]}{second}{year}"] = None
            if "%b" in (first, second):  # May is short and long
                found[f"{begins}{first}{part[1]}{second}{year}".replace("%b", "%B")] = None
    return list(found)


def lacks_a_year(formats: Sequence[str]) -> bool:
    return any("%y" not in form.lower() for form in formats)
