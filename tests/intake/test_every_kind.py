"""Whatever kind of record a file holds, read or not: each record is counted once, and nothing vanishes."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import ATTENDANCE, STUDENTS, in_effect, rows_read
from tests.intake.test_oneroster import roster, write
from throughway.core.refusals import Refused
from throughway.intake.edfi import jsonl
from throughway.intake.edfi.map import edfi_map
from throughway.intake.load_report import Counts, Loaded
from throughway.intake.models import IntakeBatch
from throughway.intake.nsc import layout
from throughway.vocabulary import TABLES

EVERYTHING = [f"element: {table}.*" for table in TABLES]

ED_FI_2 = """<InterchangeStudentAssessment xmlns="http://ed-fi.org/0200">
  <StudentAssessment><AdministrationDate>2011-10-11</AdministrationDate><ScoreResults><Result>20</Result></ScoreResults>
  </StudentAssessment>
  <StudentAssessment/>
  <StudentSectionAttendanceEvent><EventDate>2011-10-11</EventDate></StudentSectionAttendanceEvent>
  <StudentTransportation/>
  <Student><StudentUniqueId>1</StudentUniqueId><Name><FirstName>Ann</FirstName></Name></Student>
</InterchangeStudentAssessment>"""


Resources = Mapping[str, Sequence[Mapping[str, object]]]


def edfi_folder(folder: Path, resources: Resources) -> Path:
    """A folder with a file of JSON lines for each resource."""
    (folder / "in").mkdir()
    for name, objects in resources.items():
        lines = "".join(json.dumps(each) + "\n" for each in objects)
        (folder / "in" / f"{name}.jsonl").write_text(lines)
    return folder / "in"


def test_unreadable_kinds_are_counted(town: Town) -> None:
    town.agree(in_effect(EVERYTHING))
    loaded = town.load(ED_FI_2, None, format="edfi-xml", name="a.xml")
    assert loaded.tables["person"].landed == 1
    assert loaded.tables["attendance_day"].quarantined == 1
    assert loaded.tables["StudentTransportation"] == Counts(read=1, not_read=1)
    told = [c for table, c in loaded.tables.items() if table in ("assessment_result", "StudentAssessment")]
    assert sum(c.quarantined + c.not_read for c in told) == 2
    assert {"load 1.xml"} == {row["file"] for row in quarantine(loaded)}


def test_records_without_a_row_to_fill_are_counted(town: Town, tmp_path: Path) -> None:
    town.agree(in_effect(EVERYTHING))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "contacts.jsonl").write_text('{"contactUniqueId": "c1", "firstName": "Kim"}\n')
    (folder / "students.jsonl").write_text('{"studentUniqueId": "1", "firstName": "Ann"}\n')
    loaded = town.load(folder, None, format="edfi-jsonl")
    assert loaded.tables["contact"] == Counts(read=1, not_read=1)


def test_users_with_only_wrong_cells_are_counted(town: Town, tmp_path: Path) -> None:
    town.agree(in_effect(EVERYTHING))
    tables = roster()
    for user in tables["users"]:
        user["sourcedId"] = "no id " + user["sourcedId"]
    loaded = town.load(write(tmp_path / "bundle", {"users": tables["users"]}), None, format="oneroster")
    assert loaded.tables == {"users": Counts(read=4, quarantined=4)}
    assert loaded.nothing is not None
    assert loaded.nothing.message.startswith(
        "Nothing from bundle was loaded: 4 records could not be read (users.csv,"
    )


def test_well_formed_file_without_records_succeeds(town: Town, tmp_path: Path) -> None:
    town.agree(in_effect(EVERYTHING))
    path = write(tmp_path / "bundle", {"users": roster()["users"][:1]})
    users = path / "users.csv"
    users.write_text(users.read_text().splitlines()[0] + "\n")
    assert town.load(path, None, format="oneroster").nothing is None


def test_a_bundle_of_a_manifest_alone_is_refused(town: Town, tmp_path: Path) -> None:
    town.agree(in_effect(EVERYTHING))
    with pytest.raises(Refused, match="bundle holds a manifest but no data file"):
        town.load(write(tmp_path / "bundle", {}), None, format="oneroster")


INCIDENTS = {
    "disciplineIncidents": [
        {"incidentIdentifier": "i1", "schoolReference": {"schoolId": 1}, "incidentDate": "2024-09-05"},
        {"incidentIdentifier": "i2", "schoolReference": {"schoolId": 1}, "incidentDate": "2024-09-06"},
    ],
    "studentDisciplineIncidentBehaviorAssociations": [
        {"studentReference": {"studentUniqueId": "1"},
         "disciplineIncidentReference": {"incidentIdentifier": "i1", "schoolId": 1}},
    ],
}  # fmt: skip
CONTACTS = {
    "contacts": [{"contactUniqueId": id, "firstName": "Kim"} for id in ("c1", "c2")],
    "studentContactAssociations": [
        {"studentReference": {"studentUniqueId": "1"}, "contactReference": {"contactUniqueId": "c1"}}
    ],
}
SESSIONS = {
    "sessions": [{"schoolReference": {"schoolId": 1}, "termDescriptor": "uri://x#Fall", "beginDate": "2024-08-01",
                  "endDate": "2024-12-20", "sessionName": "Fall", "schoolYearTypeReference": {"schoolYear": 2025}}],
    "calendarDates": [{"calendarReference": {"schoolId": 1, "calendarCode": "A", "schoolYear": 2025},
                       "date": "2024-09-05", "calendarEvents": [{"calendarEventDescriptor": "uri://x#Holiday"}]}],
}  # fmt: skip


@pytest.mark.parametrize(("resources", "kind", "table", "number"), [
    (INCIDENTS, "disciplineincident", "behavior_incident", 2),
    (CONTACTS, "contact", "guardian", 2),
    (SESSIONS, "session", "calendar_day", 1),
])  # fmt: skip
def test_records_that_only_fill_other_rows_are_counted(
    town: Town, tmp_path: Path, resources: Resources, kind: str, table: str, number: int
) -> None:
    town.agree(in_effect(EVERYTHING))
    loaded = town.load(edfi_folder(tmp_path, resources), None, format="edfi-jsonl")
    assert loaded.tables == {
        table: Counts(read=1, landed=1),
        kind: Counts(read=number, not_read=number),
    }


def test_filling_records_that_become_rows_are_counted(town: Town, tmp_path: Path) -> None:
    town.agree(in_effect(EVERYTHING))
    said = [{"studentReference": {"studentUniqueId": id}, "sexDescriptor": "uri://x#Female"} for id in "123"]
    student = [{"studentUniqueId": "1", "firstName": "Ann"}]
    folder = edfi_folder(tmp_path, {"students": student, "studentEducationOrganizationAssociations": said})
    loaded = town.load(folder, None, format="edfi-jsonl")
    assert loaded.tables["person"] == Counts(read=3, landed=3)
    assert loaded.tables["studenteducationorganizationassociation"] == Counts(read=1, not_read=1)


RACES = {
    "students": [{"studentUniqueId": id, "firstName": "Ann"} for id in "12"],
    "studentSchoolAssociations": [
        {"studentReference": {"studentUniqueId": "1"}, "schoolReference": {"schoolId": 1},
         "entryDate": "2024-08-15", "entryGradeLevelDescriptor": "uri://x#Seventh grade"}
    ],
    "studentEducationOrganizationAssociations": [
        {"studentReference": {"studentUniqueId": id}, "educationOrganizationReference": {"educationOrganizationId": org},
         "races": [{"raceDescriptor": "uri://x#Asian"}]}
        for id in "12" for org in (1, 2, 3)
    ],
}  # fmt: skip


@pytest.mark.parametrize(("schedule", "population", "counts"), [
    (EVERYTHING, "[]", Counts(read=6, landed=2, unchanged=4)),
    (EVERYTHING, """[{on: school_enrollment, where: "entry_grade_level = '07'"}]""",
     Counts(read=6, landed=1, unchanged=2, out_of_scope=3)),
    (["element: person.*"], "[]", Counts(read=6, not_covered=6)),
])  # fmt: skip
def test_repeated_records_are_each_counted(
    town: Town, tmp_path: Path, schedule: list[str], population: str, counts: Counts
) -> None:
    town.agree(in_effect(schedule, population=population))
    loaded = town.load(edfi_folder(tmp_path, RACES), None, format="edfi-jsonl")
    assert loaded.tables["person_race"] == counts


def test_uncovered_kinds_are_counted_separately(town: Town) -> None:
    town.agree(in_effect(["element: person.*"]))
    both = STUDENTS.replace("ignore:", ATTENDANCE.split("tables:\n")[1] + "ignore:")
    loaded = town.load("Student ID,First,Last,DOB,Gender,Day,Status\n1,A,B,,,2024-09-05,P\n", both)
    assert loaded.tables == {
        "person": Counts(read=1, landed=1),
        "attendance_day": Counts(read=1, not_covered=1),
    }
    assert IntakeBatch.objects.get().counts["attendance_day"]["not_covered"] == 1


def test_a_row_that_replaces_another_is_changed(town: Town) -> None:
    town.agree(in_effect(["element: person.*"]))
    head = "Student ID,First,Last,DOB,Gender\n"
    town.load(head + "1,Ann,Example,,F\n2,Bo,Example,,M\n", STUDENTS)
    loaded = town.load(head + "1,Anna,Example,,F\n2,Bo,Example,,M\n3,Cy,Example,,M\n", STUDENTS)
    assert loaded.tables == {"person": Counts(read=3, landed=2, changed=1, unchanged=1)}


def test_other_sheets_and_files_are_counted(town: Town, tmp_path: Path) -> None:
    town.agree(in_effect(["element: person.*"]))
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Students")
    sheet.append(["Student ID", "First", "Last", "DOB", "Gender"])
    sheet.append(["1", "Ann", "Example", "", "F"])
    legend = book.create_sheet("Ann Example")
    legend.append(["Code", "Meaning"])
    legend.append(["F", "Female"])
    content = io.BytesIO()
    book.save(content)
    loaded = town.load(content.getvalue(), STUDENTS, format="xlsx", name="a.xlsx")
    assert loaded.tables == {"person": Counts(read=1, landed=1), "sheet 2": Counts(read=2, not_read=2)}
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text("Student ID,First,Last,DOB,Gender\n1,Ann,Example,,F\n")
    (folder / "notes.txt").write_text("Hello\n")
    assert [row["file"] for row in quarantine(town.load(folder, STUDENTS))] == ["file 1.txt"]


def of_csv(folder: Path) -> tuple[Path, str | None]:
    path = folder / "a.csv"
    path.write_text(
        'Student ID,First,Last,DOB,Gender\n1,Ann,Example,,F\n,,,x,\n2,"B"o,Example,,M\n3,C,D,,,more\n'
    )
    return path, STUDENTS


def of_xlsx(folder: Path) -> tuple[Path, str | None]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Students")
    for row in (
        ["Student ID", "First", "Last", "DOB", "Gender"],
        ["1", "Ann", "Example"],
        [None, "Bo"],
        ["2", "C"],
    ):
        sheet.append(row)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx", STUDENTS


def of_oneroster(folder: Path) -> tuple[Path, str | None]:
    """A broken row in every file that the reader knows, beside right ones."""
    tables = roster()
    for rows in tables.values():
        rows.append({**rows[0], "sourcedId": "no id"})
    return write(folder / "bundle", tables), None


def of_edfi_xml(folder: Path) -> tuple[Path, str | None]:
    """An empty record of every kind that the map names, and of one that it does not."""
    names = sorted({name for rule in edfi_map().rules for name in rule.records if "*" not in name})
    records = "".join(f"<{name}/>" for name in (*names, "unheardOf"))
    path = folder / "a.xml"
    path.write_text(f'<InterchangeStudent xmlns="http://ed-fi.org/5.2.0">{records}</InterchangeStudent>')
    return path, None


def of_edfi_jsonl(folder: Path) -> tuple[Path, str | None]:
    """A line that is no JSON and an empty record in a file of every kind."""
    names = sorted({name for rule in edfi_map().rules for name in rule.records if "*" not in name})
    for name in (*names, "unheardOf"):
        (folder / f"{name}.jsonl").write_text("broken\n{}\n")
    return folder, None


def of_nsc(folder: Path) -> tuple[Path, str | None]:
    heads = ["Your Unique Identifier", "Record Found Y/N", "Search Date", "College Code/Branch", "College Name",
             "Enrollment Begin", "Enrollment End", "Enrollment Status", "Graduated?", "Graduation Date"]  # fmt: skip
    heads += [heading for heading in layout()["required"] if heading not in heads]
    rows = [["1_", "Y", "20240101", "001", "North College", "20230901", "", "F"], ["", "Y"], ["2_", "?"],
            ["3_", "N", "soon"], ["x"] * (len(heads) + 1)]  # fmt: skip
    lines = [",".join((row + [""] * len(heads))[: max(len(heads), len(row))]) for row in [heads, *rows]]
    path = folder / "DETLRPT.csv"
    path.write_text("\n".join(lines) + "\n")
    return path, None


READERS: Mapping[str, tuple[Callable[[Path], tuple[Path, str | None]], int]] = {
    "csv": (of_csv, 3),
    "xlsx": (of_xlsx, 2),
    "oneroster": (of_oneroster, 11),
    "edfi-xml": (of_edfi_xml, 0),
    "edfi-jsonl": (of_edfi_jsonl, 0),
    "nsc": (of_nsc, 3),
}


@pytest.mark.parametrize("format", READERS)
def test_a_broken_record_of_each_kind_is_counted_and_listed(town: Town, tmp_path: Path, format: str) -> None:
    town.agree(in_effect(EVERYTHING))
    folder = tmp_path / "in"
    folder.mkdir()
    make, broken = READERS[format]
    path, crosswalk = make(folder)
    loaded = town.load(path, crosswalk, format=format)
    for kind, counts in loaded.tables.items():
        rest = vars(counts)
        assert counts.read == sum(rest.values()) - counts.read - counts.changed, kind
    aside = sum(counts.quarantined for counts in loaded.tables.values())
    if broken:
        assert aside == broken
    assert _rows_listed(loaded) >= (aside > 0)


def _rows_listed(loaded: Loaded) -> bool:
    return any(row["row"] for row in quarantine(loaded))


def test_no_kind_of_ed_fi_vanishes(tmp_path: Path) -> None:
    """Of each record, alone in its folder, something is counted, whether it is empty or no JSON at all."""
    names = sorted({name for rule in edfi_map().rules for name in rule.records if "*" not in name})
    for name in names:
        folder, into = tmp_path / name, tmp_path / f"{name}-staged"
        folder.mkdir()
        into.mkdir()
        (folder / f"{name}.jsonl").write_text("broken\n{}\n")
        staged = jsonl.read(folder, into=into, partner="school", crosswalk=None, school_year=None)
        read = sum(
            rows_read(staged, table) for table in {**staged.tables, **staged.withheld, **staged.quarantined}
        )
        assert read + sum(staged.unread.values()) >= 2, name
