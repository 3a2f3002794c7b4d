"""Ed-Fi JSON: the map's every path is one of the API's, and JSON and XML of the same records give the same rows."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from tests.intake.papers import faults_of, problems_of, rows_read
from throughway.core.refusals import Refused
from throughway.intake.edfi.jsonl import read, resource
from throughway.intake.edfi.map import edfi_map, is_code
from throughway.intake.edfi.records import of_json
from throughway.intake.edfi.xml import read as read_xml
from throughway.intake.staging import StagedTables

# What only XML has: Data Standard 2, and records and values that the API of DS 5.0 lacks. Record and column, `*` for all.
ONLY_XML = {
    ("student", "sex"),
    ("student", "economic_disadvantage_status"),
    ("student", "eligibility_status_for_school_food_service_programs"),
    ("studentsection504programassociation", "*"),
    ("studentdisciplineincidentbehaviorassociation", "weapon_type"),
}

CHARACTERISTICS = ["Homeless", "Foster Care", "Immigrant", "Economic Disadvantaged", "Unaccompanied Youth"]
EVENTS = ["College Enrollment", "College Degree Received", "FAFSA Application"]


def _schema(post: dict[str, Any]) -> str:
    content = post["requestBody"].get("content", {})
    reference: str = content["application/json"]["schema"]["$ref"]
    return reference.rpartition("/")[2]


class Api:
    """Example objects of the API, made from its own description."""

    def __init__(self, path: Path) -> None:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self.schemas: dict[str, Any] = document["components"]["schemas"]

        posts = {path: verbs["post"] for path, verbs in document["paths"].items() if "post" in verbs}
        self.resources: dict[str, str] = {  # endpoint -> schema
            path.removeprefix("/ed-fi/"): _schema(post).removeprefix("edFi_")
            for path, post in posts.items()
            if path.startswith("/ed-fi/")
        }

    def example(self, name: str, *, required_only: bool = False) -> dict[str, Any]:
        schema = self.schemas[f"edFi_{name}"]
        wanted = schema.get("required", []) if required_only else schema["properties"]
        return {key: self._value(key, schema["properties"][key]) for key in wanted}

    def _value(self, key: str, described: dict[str, Any]) -> Any:
        if "$ref" in described:
            return (
                self.example(described["$ref"].rpartition("edFi_")[2]) if "edFi_" in described["$ref"] else {}
            )
        if described.get("type") == "array":
            return [self._value(key, described["items"])]
        if key.endswith("Descriptor"):
            return f"uri://ed-fi.org/{key[0].upper()}{key[1:]}#Other"
        if described.get("format") in ("date", "date-time"):
            return "2021-09-01" if described["format"] == "date" else "2021-09-01T16:00:00"
        if described.get("type") == "boolean":
            return True
        if described.get("type") in ("integer", "number"):
            return 2022 if key.lower().endswith("schoolyear") else 1
        if key in ("latitude", "longitude"):
            return "40.5"
        return "09:00:00" if key.lower().endswith("time") else "text"


def stage(path: Path, into: Path) -> StagedTables:
    into.mkdir(exist_ok=True)
    return read(path, into=into, partner="testville", crosswalk=None, school_year=None)


def rows(staged: StagedTables, table: str) -> list[dict[str, object]]:
    found = duckdb.sql(f"SELECT * FROM read_parquet('{staged.tables[table]}') ORDER BY _person, _key, _row")
    names = [column[0] for column in found.description]
    return [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in found.fetchall()]


def write(folder: Path, resources: dict[str, list[dict[str, Any]]], suffix: str = ".jsonl") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, objects in resources.items():
        lines = "".join(json.dumps(value) + "\n" for value in objects)
        (folder / f"{name}{suffix}").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def api(samples: Path) -> Api:
    return Api(samples / "edfi/openapi/resources-ds-5.0.yml")


def test_every_mapped_column_is_filled_from_full_api_objects(api: Api, tmp_path: Path) -> None:
    objects: dict[str, list[dict[str, Any]]] = {}
    for endpoint, name in api.resources.items():
        if edfi_map().rules_of(resource(f"{endpoint}.jsonl")):
            objects[endpoint] = [api.example(name)]
    (association,) = objects["studentEducationOrganizationAssociations"]
    (characteristic,) = association["studentCharacteristics"]
    association["studentCharacteristics"] = [
        {**characteristic, "studentCharacteristicDescriptor": f"uri://ed-fi.org/x#{word}"}
        for word in CHARACTERISTICS
    ]
    (event,) = objects["postSecondaryEvents"]
    objects["postSecondaryEvents"] = [
        {**event, "postSecondaryEventCategoryDescriptor": f"uri://ed-fi.org/x#{word}"} for word in EVENTS
    ]
    staged = stage(write(tmp_path / "api", objects), tmp_path / "into")
    for rule in edfi_map().rules:
        if rule.table not in staged.tables:
            pytest.fail(f"nothing of {rule.table}")
        described = duckdb.sql(
            f"DESCRIBE SELECT * FROM read_parquet('{staged.tables[rule.table]}')"
        ).fetchall()
        filled = {column[0] for column in described}
        for column in rule.columns:
            wanted = f"{column}_source" if is_code(rule.table, column) else column
            if not ONLY_XML & {(rule.records[0], column), (rule.records[0], "*")}:
                assert wanted in filled or column in filled, (rule.into, column, rule.sources[column])
    assert staged.quarantined == {}
    assert staged.school_year == 2022


def test_every_map_expression_finds_its_value(api: Api) -> None:
    records = {resource(f"{e}.jsonl"): of_json(api.example(name), print) for e, name in api.resources.items()}
    lost = []
    for rule in edfi_map().rules:
        unconditional = replace(rule, conditions=())
        scenes = [s for name, record in records.items() if rule in edfi_map().rules_of(name)
                  for s in unconditional.scenes(record)]  # fmt: skip
        finds = {**rule.columns, **{part.source: part.find for part in rule.key}}
        lost += [(rule.records[0], n) for n, find in finds.items() if not any(map(find, scenes))]
    assert [entry for entry in lost if not ONLY_XML & {entry, (entry[0], "*")}] == []


def test_required_keys_alone_make_a_row(api: Api, tmp_path: Path) -> None:
    names = ["student", "studentSchoolAssociation", "studentSchoolAttendanceEvent", "disciplineIncident", "program",
             "studentProgramAssociation", "studentContactAssociation", "calendarDate", "school"]  # fmt: skip
    objects = {
        e: [api.example(name, required_only=True)] for e, name in api.resources.items() if name in names
    }
    staged = stage(write(tmp_path / "api", objects), tmp_path / "into")
    assert staged.quarantined == {}
    tables = {"person", "school_enrollment", "attendance_day", "program", "program_participation", "guardian"}
    assert tables <= staged.tables.keys()


LEARNER = {"studentUniqueId": "S-1", "link": {"href": "/x"}}
SESSION = {"schoolId": 7, "schoolYear": 2022, "sessionName": "Fall"}
TARDY = "uri://ed-fi.org/AttendanceEventCategoryDescriptor#Tardy"

SAME_JSON: dict[str, list[dict[str, Any]]] = {
    "students": [
        {"id": "x", "_etag": "y", "studentUniqueId": "S-1", "firstName": "Ada", "lastSurname": "Example",
         "birthDate": "2010-02-03", "otherNames": [{"firstName": "Adda", "lastSurname": "Sample",
         "otherNameTypeDescriptor": "uri://ed-fi.org/OtherNameTypeDescriptor#Alias"}]}
    ],
    "studentEducationOrganizationAssociations": [
        {"studentReference": LEARNER, "educationOrganizationReference": {"educationOrganizationId": 1},
         "sexDescriptor": "uri://ed-fi.org/SexDescriptor#Female", "hispanicLatinoEthnicity": False,
         "races": [{"raceDescriptor": "uri://ed-fi.org/RaceDescriptor#Asian"}],
         "languages": [{"languageDescriptor": "uri://ed-fi.org/LanguageDescriptor#spa",
                        "uses": [{"languageUseDescriptor": "uri://ed-fi.org/LanguageUseDescriptor#Home language"}]}],
         "studentCharacteristics": [
             {"studentCharacteristicDescriptor": "uri://ed-fi.org/StudentCharacteristicDescriptor#Homeless",
              "periods": [{"beginDate": "2021-09-01", "endDate": "2021-10-01"}]}]}
    ],
    "studentSchoolAttendanceEvents": [
        {"studentReference": LEARNER, "schoolReference": {"schoolId": 7}, "sessionReference": SESSION,
         "eventDate": "2021-09-02", "attendanceEventCategoryDescriptor": TARDY, "eventDuration": 0.5}
    ],
    "studentSchoolAssociations": [
        {"studentReference": LEARNER, "schoolReference": {"schoolId": 7}, "entryDate": "2021-08-23",
         "entryGradeLevelDescriptor": "uri://ed-fi.org/GradeLevelDescriptor#Ninth grade", "primarySchool": True,
         "classOfSchoolYearTypeReference": {"schoolYear": 2025}}
    ],
}  # fmt: skip

ID = "<StudentReference><StudentIdentity><StudentUniqueId>S-1</StudentUniqueId></StudentIdentity></StudentReference>"
SCHOOL = "<SchoolReference><SchoolIdentity><SchoolId>7</SchoolId></SchoolIdentity></SchoolReference>"
SAME_XML = f"""<InterchangeStudent xmlns="http://ed-fi.org/5.2.0">
<Student><StudentUniqueId>S-1</StudentUniqueId><Name><FirstName>Ada</FirstName><LastSurname>Example</LastSurname></Name>
<OtherName><FirstName>Adda</FirstName><LastSurname>Sample</LastSurname>
<OtherNameType>uri://ed-fi.org/OtherNameTypeDescriptor#Alias</OtherNameType></OtherName>
<BirthData><BirthDate>2010-02-03</BirthDate></BirthData></Student>
<StudentEducationOrganizationAssociation>{ID}<EducationOrganizationReference><EducationOrganizationIdentity>
<EducationOrganizationId>1</EducationOrganizationId></EducationOrganizationIdentity></EducationOrganizationReference>
<Sex>uri://ed-fi.org/SexDescriptor#Female</Sex><HispanicLatinoEthnicity>false</HispanicLatinoEthnicity>
<Race>uri://ed-fi.org/RaceDescriptor#Asian</Race>
<Language><Language>uri://ed-fi.org/LanguageDescriptor#spa</Language>
<LanguageUse>uri://ed-fi.org/LanguageUseDescriptor#Home language</LanguageUse></Language>
<StudentCharacteristic><StudentCharacteristic>uri://ed-fi.org/StudentCharacteristicDescriptor#Homeless</StudentCharacteristic>
<Period><BeginDate>2021-09-01</BeginDate><EndDate>2021-10-01</EndDate></Period></StudentCharacteristic>
</StudentEducationOrganizationAssociation>
<StudentSchoolAttendanceEvent><AttendanceEvent><EventDate>2021-09-02</EventDate>
<AttendanceEventCategory>{TARDY}</AttendanceEventCategory><EventDuration>0.5</EventDuration></AttendanceEvent>
{ID}{SCHOOL}<SessionReference><SessionIdentity>{SCHOOL}<SchoolYear>2021-2022</SchoolYear>
<SessionName>Fall</SessionName></SessionIdentity></SessionReference></StudentSchoolAttendanceEvent>
<StudentSchoolAssociation>{ID}{SCHOOL}<PrimarySchool>true</PrimarySchool><EntryDate>2021-08-23</EntryDate>
<EntryGradeLevel>uri://ed-fi.org/GradeLevelDescriptor#Ninth grade</EntryGradeLevel>
<ClassOfSchoolYear>2024-2025</ClassOfSchoolYear></StudentSchoolAssociation>
</InterchangeStudent>"""


def test_json_and_xml_of_the_same_records_give_the_same_rows(tmp_path: Path) -> None:
    (tmp_path / "same.xml").write_text(SAME_XML)
    (tmp_path / "xml").mkdir()
    xml = read_xml(
        tmp_path / "same.xml", into=tmp_path / "xml", partner="t", crosswalk=None, school_year=None
    )
    found = stage(write(tmp_path / "json", SAME_JSON), tmp_path / "into")
    assert found.tables.keys() == xml.tables.keys()
    for table in found.tables:
        assert [_without_place(row) for row in rows(found, table)] == [
            _without_place(row) for row in rows(xml, table)
        ]
    assert found.school_year == xml.school_year == 2022
    assert rows(found, "person_status")[0]["valid_to"] == "2021-10-01"
    assert rows(found, "school_enrollment")[0]["cohort_graduation_year"] == "2025"
    assert rows(found, "person")[0]["sex"] == "Female"


def _without_place(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in ("_file", "_row")}


@pytest.mark.parametrize(
    "name",
    [
        "studentSchoolAssociations.jsonl",
        "StudentSchoolAssociations.ndjson",
        "student_school_associations.json",
        "student-school-associations.jsonl",
        "studentSchoolAssociations/part-1.jsonl",
        "out/student_school_associations/2021.jsonl",
    ],
)
def test_a_resource_is_known_in_any_casing_and_layout(name: str) -> None:
    assert resource(name) == "studentschoolassociation"


def test_plurals_of_the_api() -> None:
    assert resource("localEducationAgencies.jsonl") == "localeducationagency"
    assert resource("disciplineActions.jsonl") == "disciplineaction"


def test_folders_lists_and_zips_are_read_alike(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "students", {"a": [{"studentUniqueId": "1"}], "b": [{"studentUniqueId": 2}]})
    (folder / "programs.json").write_text(
        json.dumps([{"programName": "P", "programTypeDescriptor": "x#Other",
                     "educationOrganizationReference": {"educationOrganizationId": 1}}], indent=1)
    )  # fmt: skip
    staged = stage(folder, tmp_path / "into")
    assert [row["_person"] for row in rows(staged, "person")] == ["1", "2"]
    assert rows_read(staged, "program") == 1
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.rglob("*.json*"):
            archive.write(file, str(file.relative_to(folder)))
    again = stage(path, tmp_path / "again")
    assert [rows_read(again, t) for t in again.tables] == [rows_read(staged, t) for t in staged.tables]


def test_empty_strings_and_wrong_dates_are_reported(tmp_path: Path) -> None:
    students = [
        {"studentUniqueId": "1", "maidenName": "", "birthDate": "4/4/2005", "middleName": None, "visas": []}
    ]
    staged = stage(write(tmp_path / "in", {"students": students}), tmp_path / "into")
    (person,) = rows(staged, "person")
    assert "birthdate" not in person
    (fault,) = faults_of(staged, "person", person)
    assert (fault.element, fault.column) == ("birthdate", "birthDate")
    (problem,) = problems_of(staged)
    assert (problem.column, problem.row, problem.scope) == ("maidenName", 1, "file")  # no cell was emptied


def test_a_line_that_is_no_object_is_set_aside(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"students": [{"studentUniqueId": "1"}]})
    with (folder / "students.jsonl").open("a") as file:
        file.write('{"studentUniqueId": "1001", \n\n[1]\n{"studentUniqueId": "2"}\n')
    staged = stage(folder, tmp_path / "into")
    assert rows_read(staged, "person") == 4
    assert staged.quarantined["person"] == 2
    of_person = [p for p in problems_of(staged) if p.element == "person"]
    assert [(p.row, p.scope) for p in of_person] == [(2, "row"), (3, "row")]
    assert not any("1001" in f"{problem}" for problem in problems_of(staged))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("students.jsonl", "Student ID,First\n1001,Ada\n"),
        ("students.json", '[{"studentUniqueId": "1001"}'),
        ("orders.jsonl", '{"id": 1}\n'),
        ("students.csv", "Student ID\n1001\n"),
    ],
)
def test_what_is_not_edfi_json_is_refused(tmp_path: Path, name: str, content: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_text(content)
    with pytest.raises(Refused) as refused:
        stage(folder, tmp_path / "into")
    assert refused.value.code == "edfi_jsonl"
    assert "1001" not in refused.value.message
    assert refused.value.message.count(". ") == 0


def test_unmapped_resources_are_reported(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in", {"students": [{"studentUniqueId": "1"}], "staffs": [{"staffUniqueId": "9"}]}
    )
    assert stage(folder, tmp_path / "into").unread == {"staffs": 1}
