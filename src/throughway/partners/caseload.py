"""Who works with which student from when to when: the caseload, as people write it and as it is kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from throughway.partners.csv_lists import CsvRow, lines_of

COLUMNS = ("email", "partner", "record_key", "from", "to")


@dataclass(frozen=True)
class CaseloadRow:
    """One line of the file. `last` is None while the assignment has no end."""

    line: CsvRow
    email: str
    partner: str
    key: str
    first: date
    last: date | None


@dataclass(frozen=True)
class Assigned:
    """`record`: the record number of the student; the partner's record key itself is in the vault."""

    email: str
    partner: str
    record: int
    first: date
    last: date | None = None

    def on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


def read_caseload(path: Path) -> list[CaseloadRow]:
    """The assignments of a CSV. Refused for the first line that is wrong."""
    return [_listed(line) for line in lines_of(path, COLUMNS)]


def _listed(line: CsvRow) -> CaseloadRow:
    first, last = line.day("from"), line.day("to")
    email = line.text("email", "e-mail address of who works with the student").lower()
    partner = line.text("partner", "partner whose key names the student")
    key = line.text("record_key", "key of the student")
    if first is None:
        raise line.wrong("has no first day (from)")
    if last is not None and last < first:
        raise line.wrong("ends before it begins")
    return CaseloadRow(line, email, partner, key, first, last)


def as_it_stands(events: Iterable[Assigned]) -> list[Assigned]:
    """The latest version of each assignment, in the order given."""
    last_word = {(e.email, e.record, e.first): e for e in events}
    return list(last_word.values())
