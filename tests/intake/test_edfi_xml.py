"""Ed-Fi XML: every record of the real interchanges becomes the rows it should, and nothing else is read as Ed-Fi."""

import zipfile
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from lxml import etree

from tests.intake.papers import faults_of, problems_of, rows_read
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.edfi.xml import read
from throughway.intake.staging import BITS, StagedTables, staged_columns

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
LEARNER = "<StudentReference><StudentIdentity><StudentUniqueId>S-1</StudentUniqueId></StudentIdentity></StudentReference>"
SCHOOL = "<SchoolReference><SchoolIdentity><SchoolId>7</SchoolId></SchoolIdentity></SchoolReference>"


def interchange(content: str, *, version: str = "5.2.0", name: str = "InterchangeStudent") -> str:
    return f'{HEAD}<{name} xmlns="http://ed-fi.org/{version}">{content}</{name}>'


def stage(path: Path, into: Path, crosswalk: Crosswalk | None = None) -> StagedTables:
    into.mkdir(exist_ok=True)
    return read(path, into=into, partner="testville", crosswalk=crosswalk, school_year=None)


def staged_text(tmp_path: Path, content: str, **how: str) -> StagedTables:
    path = tmp_path / "one.xml"
    path.write_text(interchange(content, **how), encoding="utf-8")
    return stage(path, tmp_path / "into")


def rows(staged: StagedTables, table: str) -> list[dict[str, object]]:
    found = duckdb.sql(f"SELECT * FROM read_parquet('{staged.tables[table]}') ORDER BY _file, _row, _key")
    names = [column[0] for column in found.description]
    return [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in found.fetchall()]


def counted(folder: Path) -> Counter[str]:
    """Local names of all elements and how often they occur, counted apart from the reader."""
    found: Counter[str] = Counter()
    for path in folder.glob("*.xml"):
        found.update(etree.QName(e).localname for e in etree.parse(path).iter(etree.Element))
    return found


@pytest.fixture(scope="module")
def district(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> StagedTables:
    return stage(samples / "edfi/ds-xml", tmp_path_factory.mktemp("district"))


def test_the_district_has_a_row_for_each_record(samples: Path, district: StagedTables) -> None:
    elements = counted(samples / "edfi/ds-xml")
    programs = [e for e in elements if e.startswith("Student") and e.endswith("ProgramAssociation")]
    read = {table: rows_read(district, table) for table in district.tables}
    assert read["person"] == elements["Student"] == 960
    assert read["guardian"] == elements["StudentContactAssociation"]
    assert (
        read["attendance_day"]
        == elements["StudentSchoolAttendanceEvent"] + elements["StudentSectionAttendanceEvent"]
    )
    assert read["program_participation"] == sum(elements[name] for name in programs) == 706
    assert read["disciplinary_action"] == elements["Discipline"]
    assert read["behavior_incident"] == 23
    assert read["program"] == elements["Program"]
    # An element PerformanceLevel holds a leaf of its own name.
    levels = elements["PerformanceLevel"] // 2
    assert read["assessment_result"] == elements["ScoreResult"] + levels + elements["ReasonNotTested"]
    assert district.quarantined == {}
    assert district.school_year == 2022
    assert district.source_system == "Ed-Fi XML 5.2.0"


def test_guardian_names_follow_xml_references(district: StagedTables) -> None:
    guardians = rows(district, "guardian")
    assert all(
        g["first_name"] and g["last_or_surname"] and g["guardian_person_id"] == g["_key"] for g in guardians
    )
    assert {g["person_relationship_type"] for g in guardians} == {"Father", "Mother"}


def test_incident_days_follow_xml_references(district: StagedTables) -> None:
    assert all(
        "incident_date" in row and "organization_id" in row for row in rows(district, "behavior_incident")
    )


def test_statuses_take_the_days_of_their_record(district: StagedTables) -> None:
    statuses = rows(district, "person_status")
    said = Counter(name for row in statuses for name in row if row[name] == "Yes")
    assert said["migrant_status"] == 275
    assert said["homelessness_status"] == 11
    assert said["idea_indicator"] == 97
    assert all("valid_from" in row for row in statuses)


def test_acceptance_is_reported_and_not_an_enrollment(district: StagedTables) -> None:
    assert "postsecondary_enrollment" not in district.tables
    assert any(p.column == "PostSecondaryEvent" and p.scope == "file" for p in problems_of(district))


def test_no_problem_repeats_a_value(samples: Path, district: StagedTables) -> None:
    learners = {row["_person"] for row in rows(district, "person")}
    for problem in problems_of(district):
        assert not any(
            learner in f"{problem.problem} {problem.cure} {problem.column}" for learner in learners
        )
        assert "Robbery" not in problem.problem


def test_the_generated_school_of_data_standard_2(samples: Path, tmp_path: Path) -> None:
    staged = stage(samples / "edfi/generator", tmp_path)
    elements = counted(samples / "edfi/generator")
    assert rows_read(staged, "person") == elements["Student"]
    assert rows_read(staged, "school_enrollment") == elements["StudentSchoolAssociation"]
    assert rows_read(staged, "person_race") >= 1400 - 1
    assert all(row["entry_grade_level"] == "09" for row in rows(staged, "school_enrollment")[:50])
    assert {row["sex"] for row in rows(staged, "person")} == {"Male", "Female"}
    assert staged.source_system == "Ed-Fi XML 0200"
    assert problems_of(staged) == []


def test_staged_columns_are_those_of_the_vocabulary(district: StagedTables) -> None:
    for table, path in district.tables.items():
        names = [c[0] for c in duckdb.sql(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()]
        assert names[:4] == ["_file", "_row", "_person", "_key"]
        assert set(names[4:]) - {"_faults"} <= set(staged_columns(table))
        assert len(district.faults[table]) < BITS


def test_sex_comes_from_another_record_than_the_name(tmp_path: Path) -> None:
    def association(organization: str, sex: str) -> str:
        return (
            f"<StudentEducationOrganizationAssociation>{LEARNER}<EducationOrganizationReference>"
            f"<EducationOrganizationIdentity><EducationOrganizationId>{organization}</EducationOrganizationId>"
            f"</EducationOrganizationIdentity></EducationOrganizationReference>{sex}"
            "<Race>uri://ed-fi.org/RaceDescriptor#White</Race>"
            "</StudentEducationOrganizationAssociation>"
        )

    student = (
        "<Student><StudentUniqueId>S-1</StudentUniqueId><Name><FirstName>Ada</FirstName>"
        "<LastSurname>Example</LastSurname></Name></Student>"
    )
    female = "<Sex>uri://ed-fi.org/SexDescriptor#Female</Sex>"
    male = "<Sex>uri://ed-fi.org/SexDescriptor#Male</Sex>"
    content = association("1", "") + association("2", female) + student + association("3", male)
    staged = staged_text(tmp_path, content)
    (person,) = rows(staged, "person")
    assert (person["first_name"], person["sex"]) == ("Ada", "Female")
    assert person["sex_source"] == "uri://ed-fi.org/SexDescriptor#Female"
    assert len(rows(staged, "person_race")) == 1  # told three times


def test_a_record_without_its_person_is_set_aside(tmp_path: Path) -> None:
    event = (
        "<StudentSchoolAttendanceEvent><AttendanceEvent><EventDate>2022-02-30</EventDate><AttendanceEventCategory>"
        "uri://ed-fi.org/AttendanceEventCategoryDescriptor#Tardy</AttendanceEventCategory></AttendanceEvent>{}{}"
        "</StudentSchoolAttendanceEvent>"
    )
    staged = staged_text(tmp_path, event.format("", SCHOOL) + event.format(LEARNER, SCHOOL))
    assert {table: rows_read(staged, table) for table in staged.tables} == {"attendance_day": 2}
    assert staged.quarantined == {"attendance_day": 1}
    (row,) = rows(staged, "attendance_day")
    assert [(p.row, p.scope, p.element) for p in problems_of(staged)] == [(1, "row", "attendance_day")]
    assert [fault.column for fault in faults_of(staged, "attendance_day", row)] == ["eventDate"]
    assert "attendance_event_date" not in row


def test_an_unknown_code_keeps_its_source_and_is_listed(tmp_path: Path) -> None:
    content = (
        f"<StudentSchoolAssociation>{LEARNER}{SCHOOL}<EntryDate>2021-08-23</EntryDate>"
        "<EntryGradeLevel>uri://testville.example/GradeLevelDescriptor#Level Blue</EntryGradeLevel>"
        "</StudentSchoolAssociation>"
    )
    staged = staged_text(tmp_path, content)
    (row,) = rows(staged, "school_enrollment")
    assert "entry_grade_level" not in row
    assert row["entry_grade_level_source"] == "uri://testville.example/GradeLevelDescriptor#Level Blue"
    (fault,) = faults_of(staged, "school_enrollment", row)
    assert (fault.element, fault.column, fault.scope) == ("entry_grade_level", "entryGradeLevel", "cell")
    assert "Blue" not in fault.problem + fault.cure

    crosswalk = Crosswalk.read(
        "throughway: crosswalk/1\nsource: {format: edfi-xml}\ntables:\n  school_enrollment:\n    columns:\n"
        "      entry_grade_level: {from: entryGradeLevel, map: {Level Blue: '03'}}\n"
    )
    mapped = stage(tmp_path / "one.xml", tmp_path / "again", crosswalk)
    assert rows(mapped, "school_enrollment")[0]["entry_grade_level"] == "03"
    assert rows(mapped, "school_enrollment")[0]["_faults"] == 0


def test_a_pointer_is_followed_backward_and_forward(tmp_path: Path) -> None:
    def association(pointer: str) -> str:
        return f'<StudentContactAssociation>{LEARNER}<ContactReference ref="{pointer}"/></StudentContactAssociation>'

    contact = (
        '<Contact id="c1"><ContactUniqueId>C-1</ContactUniqueId><Name><FirstName>Kim</FirstName>'
        "<LastSurname>Example</LastSurname></Name></Contact>"
    )
    staged = staged_text(tmp_path, association("c1") + contact + association("gone") + association("lost"))
    (guardian,) = rows(staged, "guardian")
    assert [problem.row for problem in problems_of(staged)] == [3, 4]
    assert (guardian["guardian_person_id"], guardian["first_name"]) == ("C-1", "Kim")
    assert staged.quarantined == {"guardian": 2}


@pytest.mark.parametrize("version", ["5.2.0", "6.1.0", "0200"])
def test_the_namespace_says_only_the_version(tmp_path: Path, version: str) -> None:
    staged = staged_text(
        tmp_path, "<Student><StudentUniqueId>S-1</StudentUniqueId></Student>", version=version
    )
    assert rows_read(staged, "person") == 1
    assert staged.source_system == f"Ed-Fi XML {version}"


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)

NOT_EDFI = {
    "a table": b"Student ID,First\n1001,Ada\n",
    "nothing": b"",
    "another XML": b"<html><body>1001</body></html>",
    "cut off": interchange("<Student><StudentUniqueId>1001</StudentUniqueId></Student>").encode()[:-15],
    "a document type": HEAD.encode()
    + BOMB.encode()
    + b"<InterchangeStudent><Student>&c;</Student></InterchangeStudent>",
    "outside": HEAD.encode()
    + b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><InterchangeStudent xmlns="http://ed-fi.org/5.2.0"/>',
    "a workbook": b"\x50\x4b\x03\x04 not really",
}


@pytest.mark.parametrize("kind", NOT_EDFI)
def test_what_is_not_edfi_is_refused_in_one_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "students.xml"
    path.write_bytes(NOT_EDFI[kind])
    with pytest.raises(Refused) as refused:
        stage(path, tmp_path / "into")
    assert refused.value.code == "edfi_xml"
    assert "students.xml" in refused.value.message
    assert "1001" not in refused.value.message
    assert refused.value.message.count(". ") == 0


def test_one_bad_file_refuses_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.xml").write_text(interchange("<Student><StudentUniqueId>1</StudentUniqueId></Student>"))
    (folder / "b.xml").write_text("<other/>")
    with pytest.raises(Refused, match=r"b\.xml"):
        stage(folder, tmp_path / "into")


def test_a_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("in/a.xml", interchange("<Student><StudentUniqueId>1</StudentUniqueId></Student>"))
        archive.writestr("in/readme.txt", "hello")
    staged = stage(path, tmp_path / "into")
    assert rows_read(staged, "person") == 1
    assert [p.file for p in problems_of(staged)] == ["in/readme.txt"]


@pytest.mark.parametrize("names", [["../a.xml"], ["/a.xml"], ["notes.txt"]])
def test_a_zip_with_other_content_is_refused(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, interchange(""))
    with pytest.raises(Refused, match=r"export\.zip"):
        stage(path, tmp_path / "into")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b" " * 30_000_000)
    with pytest.raises(Refused, match="too large when unpacked"):
        stage(path, tmp_path / "into")


def test_repeated_learner_stays_two_rows(tmp_path: Path) -> None:
    student = "<Student><StudentUniqueId>1</StudentUniqueId></Student>"
    staged = staged_text(tmp_path, student * 2)
    assert [row["_person"] for row in rows(staged, "person")] == ["1", "1"]


def test_interchanges_may_be_loaded_one_by_one(tmp_path: Path) -> None:
    association = (
        f"<StudentEducationOrganizationAssociation>{LEARNER}<Sex>uri://ed-fi.org/SexDescriptor#Male</Sex>"
        "</StudentEducationOrganizationAssociation>"
    )
    (person,) = rows(staged_text(tmp_path, association), "person")
    assert (person["_person"], person["sex"], person["_row"]) == ("S-1", "Male", 1)
    other = "<Student><StudentUniqueId>S-2</StudentUniqueId></Student>"
    both = rows(staged_text(tmp_path, other + association), "person")
    assert [(row["_person"], row.get("sex")) for row in both] == [("S-2", None), ("S-1", "Male")]
