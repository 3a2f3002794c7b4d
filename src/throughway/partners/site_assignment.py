"""Who is responsible for which school or program from when to when, as people write it and as it is kept.

Under a purpose of reach `site`, the students who are there that day are the ones whom the user may read about.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from throughway.partners.csv_lists import CsvRow, lines_of

COLUMNS = ("email", "kind", "site", "from", "to")


class SiteKind(StrEnum):
    SCHOOL = "school"  # `id` is the organization_id of school_enrollment
    PROGRAM = "program"  # `id` is the program_identifier of program_participation


class Site(NamedTuple):
    """A school or program of a partner, by the id that the partner's enrollments give it."""

    kind: SiteKind
    id: str


@dataclass(frozen=True)
class SiteAssignment:
    """`partner`: the partner of the user, whose school or program it is. `last` is None while the assignment has no end."""

    email: str
    partner: str
    site: Site
    first: date
    last: date | None = None

    def on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class SiteRow:
    """One line of the file."""

    line: CsvRow
    email: str
    site: Site
    first: date
    last: date | None


def read_sites(path: Path) -> list[SiteRow]:
    """The assignments of a CSV. Refused for the first line that is wrong."""
    return [_listed(line) for line in lines_of(path, COLUMNS)]


def _listed(line: CsvRow) -> SiteRow:
    first, last = line.day("from"), line.day("to")
    email = line.text("email", "e-mail address of who is responsible").lower()
    kind = line.text("kind", "kind of site").lower()
    if kind not in set(SiteKind):
        raise line.wrong(f"has a kind that is none of {', '.join(SiteKind)}")
    site = Site(SiteKind(kind), line.text("site", "id of the school or program"))
    if first is None:
        raise line.wrong("has no first day (from)")
    if last is not None and last < first:
        raise line.wrong("ends before it begins")
    return SiteRow(line, email, site, first, last)


def latest(events: Iterable[SiteAssignment]) -> list[SiteAssignment]:
    """The latest version of each assignment, in the order given."""
    return list({(e.email, e.partner, e.site, e.first): e for e in events}.values())
