"""Cells of a StudentTracker report in canonical text; what cannot be read is listed and left empty."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from throughway.intake.code_mapping import unmatched
from throughway.intake.nsc.report import DetailRow, layout
from throughway.intake.staging import Problem
from throughway.vocabulary import TABLES

Read = Callable[[str], str | None]

_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_CIP = re.compile(r"(\d\d)\.?(\d{4})")


def day(text: str) -> str | None:
    """`20210823` -> `2021-08-23`."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        return None


def cip(text: str) -> str | None:
    """`240102` -> `24.0102`, as CIP is written."""
    found = _CIP.fullmatch(text)
    return f"{found[1]}.{found[2]}" if found else None


def known_status(given: Mapping[str, str | None] | None) -> Read:
    """The code of an enrollment status; a crosswalk's map goes before ours. Empty: known, but of no intensity."""
    own: Mapping[str, str] = layout()["status"]

    def status(text: str) -> str | None:
        if given is not None:
            return given.get(text, given.get("*"))
        return own.get(text.upper())

    return status


class NscRowValues:
    """The values of one row, filled cell by cell; None where the cell cannot be read."""

    def __init__(self, table: str, file: str, row: DetailRow, problems: list[Problem]) -> None:
        self._table = table
        self._file = file
        self._row = row
        self._problems = problems
        self.values: dict[str, str | None] = {}

    def put(self, element: str, heading: str, read: Read = str) -> None:
        """Fills an element from the cell under a heading."""
        text = self._row.cell(heading)
        if text and (value := self._read(element, heading, text, read)) != "":
            self.values[element] = value

    def code(self, element: str, heading: str, read: Read) -> None:
        """As `put`, with the cell itself kept beside the code."""
        text = self._row.cell(heading)
        if text:
            self.values[f"{element}_source"] = text
            self.put(element, heading, read)

    def _read(self, element: str, heading: str, text: str, read: Read) -> str | None:
        value = read(text)
        if value is None:
            place = self._file, self._row.number, heading
            found = TABLES[self._table].elements[element]
            wrong = ("no date in YYYYMMDD", "correct it in the report") if read is day else unmatched(found)
            self._problems.append(Problem(*place, *wrong, "cell", found.path))
        return value
