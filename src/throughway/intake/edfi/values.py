"""Text of Ed-Fi in the vocabulary's canonical text: ISO days, true and false, plain numbers, ending years."""

import re
from collections.abc import Callable
from datetime import date, datetime

from throughway.intake.school_years import ending_year
from throughway.intake.value_parsing import day_of_moment
from throughway.vocabulary import Element

# What an element's text must be, in words, when it is not that.
CURES = {
    "date": "write it as YYYY-MM-DD; for moments in UTC state source.time_zone in a crosswalk",
    "datetime": "write it as YYYY-MM-DDTHH:MM:SS",
    "boolean": "write true or false",
    "integer": "write a whole number",
    "decimal": "write a number with a point",
    "year": "write it as 2021-2022 or as its ending year",
    "time": "write it as HH:MM:SS",
}

YEARS = frozenset({"school_year", "cohort_year", "cohort_graduation_year"})

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?")
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_DECIMAL = re.compile(r"[+-]?(\d{1,18}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_BOOLEAN = {"true": "true", "1": "true", "false": "false", "0": "false"}


def day(text: str, time_zone: str | None = None) -> str | None:
    """The day of a date, with a zone of XML Schema or without, or of a date and time (`canonical.day_of_moment`)."""
    found = _DAY.fullmatch(text)
    try:
        if found:
            return date.fromisoformat(found[1]).isoformat()
        told = day_of_moment(datetime.fromisoformat(text), time_zone) if "T" in text else None
    except ValueError:
        return None
    return told.isoformat() if told else None


def moment(text: str) -> str | None:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return None


def kind_of(element: Element) -> str:
    """How an element's text is read: a key of CURES, or `text`."""
    if element.name in YEARS:
        return "year"
    return element.type if element.type in CURES else "text"


def canonical(kind: str, time_zone: str | None = None) -> Callable[[str], str | None]:
    """What turns a text of that kind into canonical text, None where it cannot be read. The zone is that of moments in UTC."""
    readers: dict[str, Callable[[str], str | None]] = {
        "date": lambda text: day(text, time_zone),
        "datetime": moment,
        "boolean": lambda text: _BOOLEAN.get(text.lower()),
        "integer": lambda text: text if _INTEGER.fullmatch(text) else None,
        "decimal": lambda text: text if _DECIMAL.fullmatch(text) else None,
        "year": ending_year,
        "time": lambda text: text if _TIME.fullmatch(text) else None,
    }
    return readers.get(kind, lambda text: text)
