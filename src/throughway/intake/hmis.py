"""Reads HMIS CSV, the export of homeless services in HUD's format, FY2024 to FY2026: a zip or folder with `Export.csv`.

A time in a project becomes a row of `homeless_program_participation`, whose elements an agreement must name; staying in a shelter or
in transitional housing is a status as well. Social Security numbers are never read.

A victim service provider does not put a client's identity into HMIS (42 U.S.C. 11363). So nothing is read of the projects of an
organization unless `VictimServiceProvider` says that it is none, and of a client only if another project has the client too.
Rows with `DateDeleted` are not loaded, and withdraw what earlier exports brought of them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from throughway.core.refusals import Refused
from throughway.core.yaml_text import packaged
from throughway.intake.code_mapping import unmatched
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.source_files import SourceFile, source_files
from throughway.intake.staging import (
    DeletedRecords,
    Problem,
    ProblemLog,
    RowFault,
    StagedTables,
    StagingWriter,
)
from throughway.vocabulary import TABLES

CODE = "hmis"
CURE = "export it again from the HMIS"
IN_SOURCE = "correct it in the HMIS"
PARTICIPATION = "homeless_program_participation"
NOT_A_DAY = "not a date in the form YYYY-MM-DD"
VICTIM_SERVICES = "rows of organizations that serve victims, or do not say that they are none, are never read (42 U.S.C. 11363)"
WITHDRAWN = "rows with DateDeleted are not loaded, and what earlier exports brought of them is withdrawn"
# By file with deleted rows: the heading of a record's identifier, and the tables that it fills, with what stands before it in their keys.
DELETED = {
    "Organization.csv": ("OrganizationID", {"organization": ""}),
    "Project.csv": ("ProjectID", {"program": ""}),
    "Enrollment.csv": ("EnrollmentID", {PARTICIPATION: "", "person_status": "hmis|"}),
}
OF_CLIENT = ("person", "person_identifier", "person_race")


@cache
def layout() -> Mapping[str, Any]:
    """The files, headings and codes of an export, from `maps/hmis.yaml`."""
    loaded: Mapping[str, Any] = packaged("throughway.intake", "maps/hmis.yaml")
    return loaded


@dataclass(frozen=True)
class HmisRow:
    """One row: its file, its line, and its cells by heading."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, heading: str) -> str:
        """The cell under a heading, blank where there is none."""
        return self.cells.get(heading, "")


@dataclass(frozen=True)
class HmisProject:
    """One project: its `ProjectType`, and whether its organization serves no victims, so that its clients may be read."""

    type: str
    readable: bool


def read(
    path: Path, *, into: Path, partner: str, crosswalk: Crosswalk | None, school_year: int | None
) -> StagedTables:
    """Stages an export; Refused when it is not one, or is of another version."""
    found, others = source_files(
        path, (".csv",), code=CODE, what="HMIS export (Export.csv and others)", tabular=True
    )
    files = {PurePosixPath(file.name).name.casefold(): file for file in found}
    if len(files) != len(found):
        raise Refused(
            f"{path.name} holds two files of one name; give one export, as the HMIS made it.", code=CODE
        )
    for name in layout()["required"]:
        if name.casefold() not in files:
            raise Refused(
                f"{path.name} is not an HMIS export: {name} is missing; {CURE}, with all its files.",
                code=CODE,
            )
    with closing(ProblemLog(into)) as log:
        log.not_read(others, "this file is not part of an HMIS export and was not read")
        reader = HmisReader(files, StagingWriter(into), DeletedRecords(into), log, crosswalk)
        reader.run()
    tables = reader.writer.close()
    return StagedTables(
        tables=tables,
        faults=reader.writer.faults.of(tables),
        problems=log.path,
        withdrawn=reader.deleted.close(),
        source_system="HMIS",
        quarantined=reader.aside,
        unread=reader.unread,
    )


class HmisReader:
    """Reads the files of one export in the order in which they refer to each other."""

    def __init__(
        self,
        files: Mapping[str, SourceFile],
        writer: StagingWriter,
        deleted: DeletedRecords,
        log: ProblemLog,
        crosswalk: Crosswalk | None,
    ) -> None:
        self.writer, self.deleted = writer, deleted
        self.unread: Counter[str] = Counter()  # rows that are not read, by their file
        self.aside: Counter[str] = Counter()  # rows set aside, by table
        self._files, self._log = files, log
        self._sexes = (crosswalk.code_map("person", "sex") if crosswalk else None) or layout()["sex"]

    def run(self) -> None:
        """Stages every table."""
        named = self._check_version()
        projects = self._projects()
        known = {row["PersonalID"] for row in self._rows("Client.csv", count=False)}
        readable = self._enrollments(projects, known)
        self._clients(readable, named=named)
        required = {name.casefold() for name in layout()["required"]}
        for name, file in self._files.items():
            if name not in required:
                self.unread[PurePosixPath(file.name).name] += (
                    sum(1 for _ in file.csv_rows(code=CODE, cure=CURE)) - 1
                )

    def _check_version(self) -> bool:
        """Whether names are readable rather than hashed; Refused for a version that is not known."""
        export = next(self._rows("Export.csv", count=False), None)
        if export is None or not export["CSVVersion"].startswith(tuple(layout()["versions"])):
            raise Refused(
                "Export.csv does not say a CSVVersion of FY2024 to FY2026, the versions that can be read; "
                "export it in one of these.",
                code=CODE,
            )
        hashed = export["HashStatus"] not in ("", "1")
        if hashed:
            problem = "names are hashed (HashStatus), so no names are read"
            self._log.add(Problem("Export.csv", None, "HashStatus", problem, "export them unhashed", "file"))
        return not hashed

    def _projects(self) -> Mapping[str, HmisProject]:
        """The projects by their id; their programs and organizations are staged."""
        readable = set()
        for row in self._rows("Organization.csv"):
            if row["VictimServiceProvider"] != "0":
                self._leave_out(row, VICTIM_SERVICES)
                continue
            readable.add(key := row["OrganizationID"])
            values = {"organization_id": key, "organization_name": row["OrganizationName"]}
            self._add("organization", row, "", key, values)
        projects = {}
        for row in self._rows("Project.csv"):
            key, organization = row["ProjectID"], row["OrganizationID"]
            projects[key] = HmisProject(row["ProjectType"], organization in readable)
            if organization not in readable:
                self._leave_out(row, VICTIM_SERVICES)
                continue
            values = {
                "program_identifier": key,
                "program_name": row["ProjectName"],
                "organization_id": organization,
            }
            self._add("program", row, "", key, values)
        return projects

    def _enrollments(self, projects: Mapping[str, HmisProject], known: set[str]) -> set[str]:
        """Stages the times in projects; returns the clients who may be read."""
        exits = {row["EnrollmentID"]: row for row in self._rows("Exit.csv")}
        readable = set()
        for row in self._rows("Enrollment.csv"):
            person, key = row["PersonalID"], row["EnrollmentID"]
            project = projects.get(row["ProjectID"])
            left = exits.pop(key, None)
            if project is None:
                self._set_aside(PARTICIPATION, row, "ProjectID", "it is not in Project.csv")
            elif not project.readable:
                self._leave_out(row, VICTIM_SERVICES)
            elif person not in known:
                self._set_aside(PARTICIPATION, row, "PersonalID", "it is not in Client.csv")
            elif not key:
                self._set_aside(PARTICIPATION, row, "EnrollmentID", "the enrollment's identifier is missing")
            else:
                readable.add(person)
                self._enrollment(row, left, project)
        for row in exits.values():
            problem = "it is not in Enrollment.csv, so the exit belongs to nothing"
            self._log.row(row.file, row.number, "EnrollmentID", problem, IN_SOURCE)
        return readable

    def _enrollment(self, row: HmisRow, left: HmisRow | None, project: HmisProject) -> None:
        person, key = row["PersonalID"], row["EnrollmentID"]
        entry, leaving = row["EntryDate"], left["ExitDate"] if left else ""
        spell = {
            "program_identifier": row["ProjectID"],
            "program_participation_start_date": _day(entry, "program_participation_start_date", "EntryDate"),
            "program_participation_exit_date": _day(leaving, "program_participation_exit_date", "ExitDate"),
            "household_id": row["HouseholdID"],
        }
        self._add(PARTICIPATION, row, person, key, spell)
        if residence := layout()["residence"].get(project.type):
            status = {
                "homelessness_status": "Yes",
                "homelessness_status_source": f"ProjectType {project.type}",
                "homeless_primary_nighttime_residence": residence,
                "homeless_primary_nighttime_residence_source": f"ProjectType {project.type}",
                "valid_from": _day(entry, "valid_from", "EntryDate"),
                "valid_to": _day(leaving, "valid_to", "ExitDate"),
            }
            self._add("person_status", row, person, f"hmis|{key}", status)

    def _clients(self, readable: set[str], *, named: bool) -> None:
        """Stages the persons: names only where they are `named`, and birth dates that are not guesses."""
        good = layout()["quality"]
        for row in self._rows("Client.csv"):
            person = row["PersonalID"]
            if not person:
                self._set_aside("person", row, "PersonalID", "the client's identifier is missing")
                continue
            if person not in readable:
                self._leave_out(row, "a client without a time in a project that may be read is not read")
                continue
            values: dict[str, str | RowFault] = {}
            if named and row["NameDataQuality"] in good["NameDataQuality"]:
                values = {element: row[heading] for element, heading in layout()["person"].items()}
            if row["DOBDataQuality"] in good["DOBDataQuality"]:
                values["birthdate"] = _day(row["DOB"], "birthdate", "DOB")
            if sex := row["Sex"]:
                values["sex_source"] = sex
                wrong = unmatched(TABLES["person"].elements["sex"])
                values["sex"] = self._sexes.get(sex, RowFault("sex", "Sex", *wrong, "cell")) or ""
            self._add("person", row, person, "", values)
            self._add("person_identifier", row, person, "PersonalID", {"person_identifier": person})
            self._races(row)

    def _races(self, row: HmisRow) -> None:
        """A row for each race that is answered with 1; one for the ethnicity alone where no race is."""
        races = [heading for heading in layout()["race"] if self._answered(row, heading)]
        hispanic = any(self._answered(row, heading) for heading in layout()["hispanic"])
        if not races and not hispanic:
            return
        ethnicity = {"hispanic_or_latino_ethnicity": "true" if hispanic else "false"}
        for heading in races:
            values = {"race": layout()["race"][heading], "race_source": heading, **ethnicity}
            self._add("person_race", row, row["PersonalID"], heading, values)
        if not races:
            self._add("person_race", row, row["PersonalID"], "ethnicity", ethnicity)

    def _answered(self, row: HmisRow, heading: str) -> bool:
        if row[heading] not in ("", "0", "1", "99"):
            problem = Problem(
                row.file, row.number, heading, "it must be 0 or 1", IN_SOURCE, "cell", "person_race.race"
            )
            self._log.add(problem)
        return row[heading] == "1"

    def _rows(self, name: str, *, count: bool = True) -> Iterator[HmisRow]:
        """The rows of a file that are not withdrawn. `count`: what is left out is counted (a file may be read twice)."""
        file = self._files[name.casefold()]
        rows = file.csv_rows(code=CODE, cure=CURE)
        _, headings = next(rows, (1, []))
        missing = [heading for heading in layout()["required"][name] if heading not in headings]
        if missing:
            raise Refused(f"{name} has no heading {missing[0]}; {CURE}.", code=CODE)
        for number, cells in rows:
            if len(cells) > len(headings):
                if count:
                    self.aside[name] += 1
                    problem = "the row has more cells than there are headings"
                    self._log.row(name, number, "", problem, IN_SOURCE)
                continue
            row = HmisRow(name, number, dict(zip(headings, cells, strict=False)))
            if not row["DateDeleted"]:
                yield row
            elif count:
                self._leave_out(row, WITHDRAWN)
                self._delete(row)

    def _delete(self, row: HmisRow) -> None:
        """Names the records that a deleted row filled earlier. A deleted exit needs nothing here: its time in the project comes again
        without one."""
        person = row["PersonalID"]
        if row.file == "Client.csv" and person:
            for table in OF_CLIENT:
                self.deleted.add(table, person=person)
        heading, tables = DELETED.get(row.file, ("", {}))
        if key := row[heading]:
            for table, before in tables.items():
                self.deleted.add(
                    table,
                    person=person if table in (PARTICIPATION, "person_status") else "",
                    key=before + key,
                )

    def _leave_out(self, row: HmisRow, why: str) -> None:
        """Counts a row that is not read; the reason is listed once for each file."""
        if not self.unread[row.file]:
            self._log.add(Problem(row.file, None, "", why, "nothing needs to be done", "file"))
        self.unread[row.file] += 1

    def _set_aside(self, table: str, row: HmisRow, column: str, problem: str) -> None:
        self.aside[table] += 1
        self._log.add(Problem(row.file, row.number, column, problem, IN_SOURCE, "row", table))

    def _add(
        self, table: str, row: HmisRow, person: str, key: str, values: Mapping[str, str | RowFault]
    ) -> None:
        filled = {name: value for name, value in values.items() if value != ""}
        self.writer.add(table, file=row.file, row=row.number, person=person, key=key, values=filled)


def _day(text: str, element: str, heading: str) -> str | RowFault:
    """The day of a date, or of a date and time; its fault where it is none."""
    try:
        return date.fromisoformat(text.partition(" ")[0]).isoformat() if text else ""
    except ValueError:
        return RowFault(element, heading, NOT_A_DAY, IN_SOURCE, "cell")
