"""Reads a StudentTracker detail report of the National Student Clearinghouse.

Enrollments and degrees are rows of one file and become rows of two tables. `Record Found` N says that no record was
reported, never that the student is not enrolled; it lands as such. The names in the report are those that were sent, so
no person is made of them: load the report as the partner whose keys it carries.

A search looks from its `Search Date` to the day on which the report was made (Clearinghouse Academy, "Query Search Dates"). The
report does not say that day, so a crosswalk may (`search_end_date: {value: 2026-11-15}`); otherwise the search reached at least
the latest enrollment or award that the report tells of."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import IO, Any

from throughway.core.refusals import Refused
from throughway.core.yaml_text import packaged
from throughway.intake.code_mapping import unmatched
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.source_files import SourceFile, source_files
from throughway.intake.staging import Problem, StagedTables, StagingWriter
from throughway.vocabulary import TABLES

CODE = "nsc"


@dataclass(frozen=True)
class DetailRow:
    """One row: its line, the learner's key as the partner knows it, and its cells by folded heading."""

    number: int
    person: str
    cells: Mapping[str, str]

    def cell(self, heading: str) -> str:
        """The cell under a heading, blank where there is none."""
        return self.cells.get(folded(heading), "")


@cache
def layout() -> Mapping[str, Any]:
    """Which headings there are, from `maps/nsc.yaml`."""
    loaded: Mapping[str, Any] = packaged("throughway.intake", "maps/nsc.yaml")
    return loaded


@cache
def folded(heading: str) -> str:
    """`College Code/Branch` and `COLLEGE_CODE_BRANCH` are one heading."""
    return re.sub(r"[\W_]+", "", heading.casefold())


KEPT = (
    "Search Date", "College Name", "Enrollment End", "Enrollment Status", "Enrollment CIP 1", "Graduated?",
    "Graduation Date", "Degree Title", "Degree CIP 1",
)  # fmt: skip


def detail_rows(file: SourceFile, set_aside: Callable[[Problem], None]) -> Iterator[DetailRow]:
    """The rows of a report; a row whose cells cannot be told apart is set aside."""
    with file.open() as stream:
        reader = _reader(file, stream)
        headings = _headings(file, reader)
        persons = [folded(heading) for heading in layout()["person"]]
        try:
            for cells in reader:
                if not any(cells):
                    continue
                number = reader.line_num
                if len(cells) > len(headings):
                    problem = "the row has more cells than there are headings"
                    set_aside(Problem(file.name, number, "", problem, "correct it in the report", "row"))
                    continue
                named = {name: cell.strip() for name, cell in zip(headings, cells, strict=False)}
                key = next((named[p] for p in persons if named.get(p)), "")
                yield DetailRow(number, key.rstrip("_"), named)
        except (csv.Error, UnicodeDecodeError):
            raise _unreadable(file) from None


def unmapped_headings(file: SourceFile) -> list[str]:
    """Headings that nothing reads and nothing ignores; Refused where the file is no detail report."""
    with file.open() as stream:
        reader = _reader(file, stream)
        try:
            given: list[str] = next(reader, [])
        except (csv.Error, UnicodeDecodeError):
            raise _unreadable(file) from None
    _check(file, [folded(heading) for heading in given])
    known = {folded(h) for part in ("person", "required", "ignored") for h in layout()[part]} | {
        *map(folded, KEPT)
    }
    return [heading.strip() for heading in given if folded(heading) not in known]


def _headings(file: SourceFile, reader: Any) -> Sequence[str]:
    try:
        headings = [folded(heading) for heading in next(reader, [])]
    except (csv.Error, UnicodeDecodeError):
        raise _unreadable(file) from None
    _check(file, headings)
    return headings


def _check(file: SourceFile, headings: Sequence[str]) -> None:
    missing = [heading for heading in layout()["required"] if folded(heading) not in headings]
    if not any(folded(heading) in headings for heading in layout()["person"]):
        missing.insert(0, layout()["person"][0])
    if missing:
        raise Refused(
            f"{file.name} is no StudentTracker detail report: its first line has no heading {missing[0]}; "
            "give the detail file (DETLRPT) as it came.",
            code=CODE,
        )
    if len(set(headings)) != len(headings):
        raise Refused(f"{file.name} has one heading twice; give the detail file as it came.", code=CODE)


def _reader(file: SourceFile, stream: IO[bytes]) -> Any:
    return csv.reader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""), strict=True)


def _unreadable(file: SourceFile) -> Refused:
    return Refused(
        f"{file.name} is no CSV text in UTF-8; give the detail file (DETLRPT) as it came.", code=CODE
    )


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


def read(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Stages a report, or a folder or zip of them; Refused when a file has not the headings of one."""
    found, others = source_files(
        path, (".csv", ".txt"), code=CODE, what="StudentTracker detail report (.csv)"
    )
    unmapped = {heading: None for file in found for heading in unmapped_headings(file)}
    stage = _Stage(StagingWriter(into), crosswalk)
    stated = _stated_end(crosswalk)
    for file in found:
        stage.search_end = stated or _latest(file)
        for row in detail_rows(file, stage.set_aside):
            stage.take(file, row)
    stage.problems += [
        Problem(
            name, None, "", "this file is no StudentTracker report and was not read", "leave it out", "file"
        )
        for name in others
    ]
    tables = stage.writer.close()
    read_rows = dict(stage.writer.rows)
    if stage.aside:
        read_rows["postsecondary_enrollment"] = read_rows.get("postsecondary_enrollment", 0) + stage.aside
    return StagedTables(
        tables=tables,
        source_system="NSC StudentTracker",
        problems=stage.problems,
        unmapped=tuple(unmapped),
        quarantined={"postsecondary_enrollment": stage.aside} if stage.aside else {},
        read=read_rows,
    )


def _stated_end(crosswalk: Crosswalk | None) -> str | None:
    said = crosswalk.constant("postsecondary_enrollment", "search_end_date") if crosswalk else None
    if said is not None and day(said) is None:
        raise Refused(
            "The crosswalk's postsecondary_enrollment.search_end_date is no day; write the day of the report, as in 2026-11-15.",
            code="crosswalk",
        )
    return said and day(said)


def _latest(file: SourceFile) -> str | None:
    """The latest day on which the report says that somebody enrolled or graduated."""
    told = (
        day(row.cell(h))
        for row in detail_rows(file, lambda problem: None)
        for h in ("Enrollment Begin", "Graduation Date")
    )
    return max(filter(None, told), default=None)


class _Stage:
    """Sorts the rows of reports into their tables."""

    def __init__(self, writer: StagingWriter, crosswalk: Crosswalk | None) -> None:
        self.writer = writer
        self.problems: list[Problem] = []
        self.aside = 0
        self.search_end: str | None = None  # of the report that is being read
        self._colleges: set[str] = set()
        self._status = (
            crosswalk.code_map("postsecondary_enrollment", "postsecondary_enrollment_status")
            if crosswalk
            else None
        )

    def set_aside(self, problem: Problem) -> None:
        """Counts a row that cannot be read."""
        self.aside += 1
        self.problems.append(problem)

    def take(self, file: SourceFile, row: DetailRow) -> None:
        found = row.cell("Record Found Y/N").upper()
        if not row.person or found not in ("Y", "N"):
            column = "Record Found Y/N" if row.person else "Your Unique Identifier"
            problem = "what names the learner is missing" if not row.person else "it must be Y or N"
            self.set_aside(Problem(file.name, row.number, column, problem, "correct it in the report", "row"))
            return
        if found == "N":
            self._nothing_reported(file, row)
            return
        degree = row.cell("Graduated?").upper() == "Y" or bool(row.cell("Graduation Date"))
        if degree:
            self._degree(file, row)
        if not degree or row.cell("Enrollment Begin"):
            self._enrollment(file, row)
        self._college(file, row)

    def _searched(self, file: SourceFile, row: DetailRow) -> NscRowValues:
        """The cells of an enrollment, with the days that the search covers."""
        cells = NscRowValues("postsecondary_enrollment", file.name, row, self.problems)
        cells.put("search_date", "Search Date", day)
        if self.search_end:
            cells.values["search_end_date"] = self.search_end
        return cells

    def _nothing_reported(self, file: SourceFile, row: DetailRow) -> None:
        cells = self._searched(file, row)
        values = {"record_found": "false", **cells.values}
        key = f"nothing reported|{values.get('search_date') or ''}"
        self._add("postsecondary_enrollment", file, row, key, values)

    def _enrollment(self, file: SourceFile, row: DetailRow) -> None:
        cells = self._searched(file, row)
        cells.put("organization_id", "College Code/Branch")
        cells.put("organization_name", "College Name")
        cells.put("entry_date_into_postsecondary", "Enrollment Begin", day)
        cells.put("enrollment_exit_date", "Enrollment End", day)
        cells.code("postsecondary_enrollment_status", "Enrollment Status", known_status(self._status))
        cells.code("classification_of_instructional_program_code", "Enrollment CIP 1", cip)
        if exit_type := layout()["exits"].get(row.cell("Enrollment Status").upper()):
            cells.values["postsecondary_exit_or_withdrawal_type"] = exit_type
            cells.values["postsecondary_exit_or_withdrawal_type_source"] = row.cell("Enrollment Status")
        college, begin = row.cell("College Code/Branch"), row.cell("Enrollment Begin")
        key = "|".join(
            ("enrollment", college, begin, row.cell("Enrollment End"), row.cell("Enrollment Status"))
        )
        self._add("postsecondary_enrollment", file, row, key, {"record_found": "true", **cells.values})

    def _degree(self, file: SourceFile, row: DetailRow) -> None:
        cells = NscRowValues("credential", file.name, row, self.problems)
        cells.put("organization_id", "College Code/Branch")
        cells.put("academic_award_date", "Graduation Date", day)
        cells.put("academic_award_title", "Degree Title")
        cells.code("classification_of_instructional_program_code", "Degree CIP 1", cip)
        key = "|".join(
            ("degree", *(row.cell(h) for h in ("College Code/Branch", "Graduation Date", "Degree Title")))
        )
        self._add("credential", file, row, key, cells.values)

    def _college(self, file: SourceFile, row: DetailRow) -> None:
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
        self.writer.add("organization", file=file.name, row=row.number, key=code, values=values)

    def _add(
        self, table: str, file: SourceFile, row: DetailRow, key: str, values: dict[str, str | None]
    ) -> None:
        self.writer.add(table, file=file.name, row=row.number, person=row.person, key=key, values=values)
