"""Reads StudentTracker detail reports of the National Student Clearinghouse.

Enrollments and degrees are rows of one file and become rows of two tables. `Record Found` N means that no record was reported, not
that the student is not enrolled; it is stored with that meaning. The names in the report are those that were submitted, so no person
is made from them: load the report as the partner whose keys it has.

A search covers the period from its `Search Date` to the day on which the report was made (Clearinghouse Academy, "Query Search
Dates"). The report does not state that day, so a crosswalk may (`search_end_date: {value: 2026-11-15}`); otherwise the search covers
at least the time up to the latest enrollment or award in the report.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from throughway.core.refusals import Refused
from throughway.core.yaml_text import packaged
from throughway.intake.code_mapping import unmatched
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.source_files import SourceFile, source_files
from throughway.intake.staging import Problem, ProblemLog, RowFault, StagedTables, StagingWriter
from throughway.vocabulary import TABLES

CODE = "nsc"
ENROLLMENT, STATUS = "postsecondary_enrollment", "postsecondary_enrollment_status"

# By table, the heading for each element, and how its cells are read.
Columns = Mapping[str, tuple[str, str]]
SEARCH: Columns = {"search_date": ("Search Date", "day")}
COLUMNS: Mapping[str, Columns] = {
    ENROLLMENT: {
        **SEARCH,
        "organization_id": ("College Code/Branch", "text"),
        "organization_name": ("College Name", "text"),
        "entry_date_into_postsecondary": ("Enrollment Begin", "day"),
        "enrollment_exit_date": ("Enrollment End", "day"),
        STATUS: ("Enrollment Status", "status"),
        "classification_of_instructional_program_code": ("Enrollment CIP 1", "cip"),
    },
    "credential": {
        "organization_id": ("College Code/Branch", "text"),
        "academic_award_date": ("Graduation Date", "day"),
        "academic_award_title": ("Degree Title", "text"),
        "classification_of_instructional_program_code": ("Degree CIP 1", "cip"),
    },
}
NO_DAY = ("not a date in the form YYYYMMDD", "correct it in the report")
CODED = ("status", "cip")  # the cell's text is stored with the code

_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CIP = re.compile(r"(\d{1,2})\.?(\d{4})")
_ROUNDED = re.compile(r"\d(\.\d+)?E\+\d+", re.IGNORECASE)


@cache
def layout() -> Mapping[str, Any]:
    """The headings and codes of a report, from `maps/nsc.yaml`."""
    loaded: Mapping[str, Any] = packaged("throughway.intake", "maps/nsc.yaml")
    return loaded


@cache
def known_headings() -> frozenset[str]:
    """Every heading that is read or ignored."""
    read = {heading for columns in COLUMNS.values() for heading, _ in columns.values()} | {"Graduated?"}
    return frozenset(read.union(*(layout()[part] for part in ("person", "required", "ignored"))))


@cache
def folded(heading: str) -> str:
    """`College Code/Branch` and `COLLEGE_CODE_BRANCH` are one heading."""
    return re.sub(r"[\W_]+", "", heading.casefold())


def day(text: str) -> str | None:
    """`20210823` -> `2021-08-23`; so `8/23/2021`, as a spreadsheet in American English writes it."""
    parts = found.groups() if (found := _DAY.fullmatch(text)) else ()
    if found := _MONTH_FIRST.fullmatch(text):
        parts = (found[3], found[1], found[2])
    try:
        return date(*map(int, parts)).isoformat() if parts else None
    except ValueError:
        return None


def cip(text: str) -> str | None:
    """`240102` -> `24.0102`, as CIP is written; `10101` is `01.0101` of which a spreadsheet has dropped the zero."""
    found = _CIP.fullmatch(text)
    return f"{found[1]:>02}.{found[2]}" if found else None


@dataclass(frozen=True)
class DetailRow:
    """One row: its file and line, the learner's record key, and its cells by folded heading."""

    file: str
    number: int
    person: str
    cells: Mapping[str, str]

    def cell(self, heading: str) -> str:
        """The cell under a heading, blank where there is none."""
        return self.cells.get(folded(heading), "")


def read(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Stages a report, or a folder or zip of them; Refused when a file does not have the headings of one."""
    what = "StudentTracker detail report (.csv)"
    found, others = source_files(path, (".csv", ".txt"), code=CODE, what=what)
    known = {*map(folded, known_headings())}
    unmapped = {h.strip(): None for file in found for h in _headings(file) if folded(h) not in known}
    with closing(ProblemLog(into)) as log:
        log.not_read(others, "this file is not a StudentTracker report and was not read")
        reader = NscReader(StagingWriter(into), log, crosswalk)
        for file in found:
            reader.take(file)
    tables = reader.writer.close()
    return StagedTables(
        tables=tables,
        faults=reader.writer.faults.of(tables),
        problems=log.path,
        source_system="NSC StudentTracker",
        unmapped=tuple(unmapped),
        quarantined={ENROLLMENT: reader.aside} if reader.aside else {},
    )


def _stated_end(crosswalk: Crosswalk | None) -> str | None:
    """The report's date from the crosswalk."""
    stated = crosswalk.constant(ENROLLMENT, "search_end_date") if crosswalk else None
    if stated is not None and day(stated) is None:
        raise Refused(
            "The crosswalk's postsecondary_enrollment.search_end_date is not a date; write the date of the "
            "report, as in 2026-11-15.",
            code="crosswalk",
        )
    return stated and day(stated)


class NscReader:
    """Sorts the rows of reports into their tables."""

    def __init__(self, writer: StagingWriter, log: ProblemLog, crosswalk: Crosswalk | None) -> None:
        self.writer, self._log = writer, log
        self.aside = 0
        self._stated_end = _stated_end(crosswalk)
        self._colleges: set[str] = set()
        self._statuses = crosswalk.code_map(ENROLLMENT, STATUS) if crosswalk else None
        self._readers: Mapping[str, Callable[[str], str | None]] = {
            "text": str, "day": day, "cip": cip, "status": self._status
        }  # fmt: skip

    def take(self, file: SourceFile) -> None:
        """Stages the rows of one report."""
        ends = (
            day(row.cell(heading))
            for row in detail_rows(file, lambda problem: None)
            for heading in ("Enrollment Begin", "Graduation Date")
        )
        search_end = self._stated_end or max(filter(None, ends), default=None)
        for row in detail_rows(file, self._set_aside):
            self._take(row, {"search_end_date": search_end} if search_end else {})

    def _take(self, row: DetailRow, searched: Mapping[str, str]) -> None:
        found = row.cell("Record Found Y/N").upper()
        if not row.person or found not in ("Y", "N"):
            column = "Record Found Y/N" if row.person else "Your Unique Identifier"
            problem = "it must be Y or N" if row.person else "the student's identifier is missing"
            self._set_aside(Problem(row.file, row.number, column, problem, "correct it in the report", "row"))
            return
        if _ROUNDED.fullmatch(row.person):
            problem, cure = (
                "a spreadsheet has rounded the student's identifier",
                f"{AS_RECEIVED}, not saved again",
            )
            self._set_aside(Problem(row.file, row.number, "Your Unique Identifier", problem, cure, "row"))
            return
        if found == "N":
            values = {"record_found": "false", **searched, **self._values(ENROLLMENT, SEARCH, row)}
            self._add(ENROLLMENT, row, f"nothing reported|{values.get('search_date') or ''}", values)
            return
        degree = row.cell("Graduated?").upper() == "Y" or bool(row.cell("Graduation Date"))
        if degree:
            headings = ("College Code/Branch", "Graduation Date", "Degree Title")
            values = self._values("credential", COLUMNS["credential"], row)
            self._add("credential", row, "|".join(("degree", *map(row.cell, headings))), values)
        if not degree or row.cell("Enrollment Begin"):
            self._enrollment(row, searched)
        self._college(row)

    def _enrollment(self, row: DetailRow, searched: Mapping[str, str]) -> None:
        values = {"record_found": "true", **searched, **self._values(ENROLLMENT, COLUMNS[ENROLLMENT], row)}
        status = row.cell("Enrollment Status")
        if exit_type := layout()["exits"].get(status.upper()):
            values["postsecondary_exit_or_withdrawal_type"] = exit_type
            values["postsecondary_exit_or_withdrawal_type_source"] = status
        headings = ("College Code/Branch", "Enrollment Begin", "Enrollment End", "Enrollment Status")
        self._add(ENROLLMENT, row, "|".join(("enrollment", *map(row.cell, headings))), values)

    def _college(self, row: DetailRow) -> None:
        code = row.cell("College Code/Branch")
        if not code or code in self._colleges:
            return
        self._colleges.add(code)
        values = {
            "organization_id": code,
            "organization_identifier": code,
            "organization_type": "PostsecondaryInstitution",
        }
        if name := row.cell("College Name"):
            values["organization_name"] = name
        self.writer.add("organization", file=row.file, row=row.number, key=code, values=values)

    def _values(self, table: str, columns: Columns, row: DetailRow) -> dict[str, str | RowFault]:
        """The elements of a row with filled cells; the fault where a cell cannot be read."""
        values: dict[str, str | RowFault] = {}
        for element, (heading, kind) in columns.items():
            if not (text := row.cell(heading)):
                continue
            if kind in CODED:
                values[f"{element}_source"] = text
            value: str | RowFault | None = self._readers[kind](text)
            if value is None:
                wrong = NO_DAY if kind == "day" else unmatched(TABLES[table].elements[element])
                value = RowFault(element, heading, *wrong, "cell")
            if value != "":
                values[element] = value
        return values

    def _status(self, text: str) -> str | None:
        """The code of an enrollment status; a crosswalk's map takes precedence. Empty: known, but without an intensity."""
        if self._statuses is not None:
            return self._statuses.get(text, self._statuses.get("*"))
        code: str | None = layout()["status"].get(text.upper())
        return code

    def _add(self, table: str, row: DetailRow, key: str, values: Mapping[str, str | RowFault]) -> None:
        self.writer.add(table, file=row.file, row=row.number, person=row.person, key=key, values=values)

    def _set_aside(self, problem: Problem) -> None:
        """Counts a row that cannot be read."""
        self.aside += 1
        self._log.add(problem)


AS_RECEIVED = "give the detail file (DETLRPT) as you received it"


def detail_rows(file: SourceFile, set_aside: Callable[[Problem], None]) -> Iterator[DetailRow]:
    """The rows of a report; a row with more cells than headings is set aside. Refused where the file is not a detail report."""
    persons = [folded(heading) for heading in layout()["person"]]
    rows = file.csv_rows(code=CODE, cure=AS_RECEIVED)
    headings = [*map(folded, _checked(file, next(rows, (1, []))[1]))]
    for number, cells in rows:
        if len(cells) > len(headings):
            problem = "the row has more cells than there are headings"
            set_aside(Problem(file.name, number, "", problem, "correct it in the report", "row"))
            continue
        named = dict(zip(headings, cells, strict=False))
        key = next((named[p] for p in persons if named.get(p)), "")
        yield DetailRow(file.name, number, key.rstrip("_"), named)


def _headings(file: SourceFile) -> list[str]:
    with closing(file.csv_rows(code=CODE, cure=AS_RECEIVED)) as rows:
        return _checked(file, next(rows, (1, []))[1])


def _checked(file: SourceFile, given: list[str]) -> list[str]:
    """The headings; Refused where they are not those of a detail report."""
    headings = [*map(folded, given)]
    missing = [heading for heading in layout()["required"] if folded(heading) not in headings]
    if not any(folded(heading) in headings for heading in layout()["person"]):
        missing.insert(0, layout()["person"][0])
    if missing:
        raise Refused(
            f"{file.name} is not a StudentTracker detail report: its first line has no heading {missing[0]}; "
            f"{AS_RECEIVED}.",
            code=CODE,
        )
    if len(set(headings)) != len(headings):
        raise Refused(f"{file.name} has the same heading twice; {AS_RECEIVED}.", code=CODE)
    return given
