"""OneRoster: the verdict of the conformance bundles, what lands of a roster, and what is set aside or refused."""

import csv
import json
import zipfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.intake.papers import problems_of, rows_read
from throughway.core.refusals import Refused
from throughway.intake.oneroster.layout import layouts
from throughway.intake.oneroster.reader import read, validate
from throughway.intake.staging import StagedTables

CASES = [
    "valid/manifest-only-package",
    "valid/rostering-bulk-package",
    "valid/rostering-delta-package",
    "valid/gradebook-bulk-package",
    "valid/gradebook-delta-package",
    "valid/resources-bulk-package",
    "valid/resources-delta-package",
    "valid/full-bulk-package",
    "valid/full-delta-package",
    "valid/metadata-extension-columns",
    "negative/missing-manifest",
    "negative/invalid-manifest-header",
    "negative/manifest-marks-supplied-file-missing",
    "negative/manifest-marks-present-file-absent",
    "negative/schema-header-and-metadata-failures",
    "negative/field-parser-failures",
    "negative/delta-lifecycle-datetime-failure",
    "negative/bulk-lifecycle-status-failure",
    "negative/missing-target-file-failure",
    "negative/semantic-validation-failure",
]

Tables = dict[str, list[dict[str, str]]]

SESSIONS = {"sourcedId": "y25", "title": "Year", "type": "schoolYear", "startDate": "2024-08-01",
            "endDate": "2025-06-30", "schoolYear": "2025"}  # fmt: skip


def roster() -> Tables:
    """A small district: two students, a parent, a teacher, one school."""
    user = {"enabledUser": "true", "givenName": "Ada", "familyName": "Example"}
    term = {"sourcedId": "t1", "title": "Fall", "type": "term", "startDate": "2024-08-01", "endDate": "2024-12-20",
            "parentSourcedId": "y25", "schoolYear": "2025"}  # fmt: skip
    return {
        "academicSessions": [dict(SESSIONS), term],
        "orgs": [
            {"sourcedId": "d", "name": "District", "type": "district"},
            {"sourcedId": "s", "name": "North, School", "type": "school", "parentSourcedId": "d"},
        ],
        "courses": [{"sourcedId": "c", "title": "Algebra", "courseCode": "ALG1", "orgSourcedId": "s"}],
        "classes": [
            {"sourcedId": "k", "title": "Algebra A", "grades": "9", "courseSourcedId": "c", "classType": "scheduled",
             "schoolSourcedId": "s", "termSourcedIds": "t1"},
            {"sourcedId": "h", "title": "Room 4", "courseSourcedId": "c", "classType": "homeroom",
             "schoolSourcedId": "s", "termSourcedIds": "t1"},
        ],
        "users": [
            {**user, "sourcedId": "u1", "username": "u1", "identifier": "0042", "email": "ada@example.org",
             "sms": "5550001", "grades": "09", "agentSourcedIds": "p1", "userIds": "{Local:77}", "userMasterIdentifier": "m-5"},
            {**user, "sourcedId": "u2", "username": "u2", "givenName": "Bo", "grades": "9"},
            {**user, "sourcedId": "p1", "username": "p1", "givenName": "Kim", "phone": "5550002",
             "agentSourcedIds": "u1,u2"},
            {**user, "sourcedId": "t", "username": "t", "givenName": "Teacher"},
        ],
        "roles": [
            {"sourcedId": "r1", "userSourcedId": "u1", "roleType": "primary", "role": "student",
             "beginDate": "2024-09-01", "orgSourcedId": "s"},
            {"sourcedId": "r2", "userSourcedId": "u2", "roleType": "primary", "role": "student", "orgSourcedId": "s"},
            {"sourcedId": "r3", "userSourcedId": "p1", "roleType": "primary", "role": "parent", "orgSourcedId": "s"},
            {"sourcedId": "r4", "userSourcedId": "t", "roleType": "primary", "role": "teacher", "orgSourcedId": "s"},
        ],
        "enrollments": [
            {"sourcedId": "e1", "classSourcedId": "k", "schoolSourcedId": "s", "userSourcedId": "u1", "role": "student"},
            {"sourcedId": "e2", "classSourcedId": "h", "schoolSourcedId": "s", "userSourcedId": "u2", "role": "student",
             "beginDate": "2024-10-01"},
        ],
        "demographics": [
            {"sourcedId": "u1", "birthDate": "2010-02-03", "sex": "female", "asian": "true", "white": "true",
             "hispanicOrLatinoEthnicity": "true"},
            {"sourcedId": "t", "birthDate": "1980-02-03", "sex": "male"},
        ],
        "categories": [{"sourcedId": "g", "title": "Homework"}, {"sourcedId": "f", "title": "Final Grade"}],
        "lineItems": [
            {"sourcedId": "l1", "title": "Quiz", "classSourcedId": "k", "categorySourcedId": "g",
             "academicSessionSourcedId": "t1", "resultValueMin": "0", "resultValueMax": "100"},
            {"sourcedId": "l2", "title": "Algebra", "classSourcedId": "k", "categorySourcedId": "f",
             "academicSessionSourcedId": "t1"},
        ],
        "results": [
            {"sourcedId": "x1", "lineItemSourcedId": "l1", "studentSourcedId": "u1", "scoreStatus": "fully graded",
             "score": "95.5", "scoreDate": "2024-10-02"},
            {"sourcedId": "x2", "lineItemSourcedId": "l2", "studentSourcedId": "u1", "scoreStatus": "fully graded",
             "score": "88", "textScore": "B+", "scoreDate": "2024-12-20"},
        ],
    }  # fmt: skip


def write(folder: Path, tables: Tables, *, version: str = "1.2", mode: str = "bulk") -> Path:
    """Writes a bundle as the standard asks."""
    folder.mkdir(parents=True)
    layout = layouts()[version]
    manifest = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    for name, columns in layout.files.items():
        manifest.append(f"file.{name},{mode if name in tables else 'absent'}")
        if name in tables:
            names = [column.name for column in columns]
            lines = [",".join(names)]
            lines += [",".join(_cell(row.get(n, "")) for n in names) for row in tables[name]]
            (folder / f"{name}.csv").write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    (folder / "manifest.csv").write_text("\n".join(manifest) + "\n", encoding="utf-8")
    return folder


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if "," in text or '"' in text else text


def stage(path: Path, into: Path) -> StagedTables:
    into.mkdir(exist_ok=True)
    return read(path, into=into, partner="testville", crosswalk=None, school_year=None)


def rows(staged: StagedTables, table: str) -> dict[tuple[str, str], dict[str, str]]:
    """Rows by person and key."""
    found = duckdb.sql(f"SELECT * FROM read_parquet('{staged.tables[table]}')")
    names = [column[0] for column in found.description]
    all_rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {
        (row["_person"], row["_key"]): {n: v for n, v in row.items() if v is not None} for row in all_rows
    }


@pytest.mark.parametrize("case", CASES)
def test_each_conformance_bundle_gets_its_verdict(samples: Path, tmp_path: Path, case: str) -> None:
    folder = samples / "oneroster/conformance"
    described = {entry["file"]: entry for entry in json.loads((folder / "index.json").read_text())}
    assert {f"{name}.zip" for name in CASES} == described.keys()
    entry = described[f"{case}.zip"]
    path = folder / entry["file"]
    assert {finding.code for finding in validate(path)} == set(entry.get("expected_codes", ()))
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(unpacked)
    unpacked.mkdir(exist_ok=True)
    assert {finding.code for finding in validate(unpacked)} == set(entry.get("expected_codes", ()))
    if case == "valid/manifest-only-package":
        with pytest.raises(Refused, match="a manifest but no data file"):
            stage(path, tmp_path / "into")
    elif entry["valid"]:
        assert stage(path, tmp_path / "into").quarantined == {}


@pytest.mark.parametrize("case", [c for c in CASES if c.startswith("negative")])
def test_invalid_bundle_is_refused_with_its_codes(samples: Path, tmp_path: Path, case: str) -> None:
    path = samples / f"oneroster/conformance/{case}.zip"
    findings = validate(path)
    if all(finding.of_a_row for finding in findings):
        staged = stage(path, tmp_path)
        listed = [problem for problem in problems_of(staged) if problem.row is not None]
        assert any(finding.code in problem.problem for problem in listed for finding in findings)
        return
    with pytest.raises(Refused) as refused:
        stage(path, tmp_path)
    assert refused.value.code == "oneroster"
    assert any(finding.code in refused.value.message for finding in findings)
    assert refused.value.message.count(". ") == 0


def test_only_students_become_persons(tmp_path: Path) -> None:
    staged = stage(write(tmp_path / "bundle", roster()), tmp_path / "into")
    assert validate(tmp_path / "bundle") == []
    persons = rows(staged, "person")
    assert {person for person, _ in persons} == {"u1", "u2"}
    ada = persons["u1", ""]
    assert (ada["birthdate"], ada["sex"], ada["sex_source"]) == ("2010-02-03", "Female", "female")
    races = rows(staged, "person_race")
    assert set(races) == {("u1", "Asian"), ("u1", "White")}
    assert all(race["hispanic_or_latino_ethnicity"] == "true" for race in races.values())
    assert staged.school_year == 2025
    assert problems_of(staged) == []


def test_adults_are_found_from_either_side(tmp_path: Path) -> None:
    staged = stage(write(tmp_path / "bundle", roster()), tmp_path / "into")
    guardians = rows(staged, "guardian")
    assert set(guardians) == {("u1", "p1"), ("u2", "p1")}
    assert guardians["u2", "p1"]["first_name"] == "Kim"
    assert guardians["u2", "p1"]["telephone_number"] == "5550002"
    assert guardians["u1", "p1"]["person_relationship_type"] == "Parent"


def test_school_enrollment_is_derived(tmp_path: Path) -> None:
    staged = stage(write(tmp_path / "bundle", roster()), tmp_path / "into")
    found = rows(staged, "school_enrollment")
    ada, bo = found["u1", "s|2024-09-01"], found["u2", "s|2024-10-01"]
    assert ada["entry_type_source"] == bo["entry_type_source"] == "derived"
    assert ada["enrollment_entry_date"] == "2024-09-01"  # the role's day
    assert bo["enrollment_entry_date"] == "2024-10-01"  # no day in the role: the first class in that school
    assert bo["homeroom"] == "Room 4"
    assert ada["entry_grade_level"] == bo["entry_grade_level"] == "09"
    assert ada["school_year"] == "2025"
    assert ada["primary_school"] == "true"


def test_contacts_and_identifiers(tmp_path: Path) -> None:
    staged = stage(write(tmp_path / "bundle", roster()), tmp_path / "into")
    contacts = rows(staged, "person_contact")
    assert contacts["u1", "sms|5550001"]["telephone_number_type"] == "Mobile"
    assert contacts["u1", "email|ada@example.org"]["electronic_mail_address"] == "ada@example.org"
    identifiers = rows(staged, "person_identifier")
    assert identifiers["u1", "identifier"]["person_identifier"] == "0042"
    assert identifiers["u1", "userIds|Local|77"]["person_identification_system"] == "District"
    master = identifiers["u1", "userMasterIdentifier"]
    assert (master["person_identifier"], master["person_identification_system"]) == ("m-5", "MasterUser")


def test_a_final_grade_is_a_mark_and_a_quiz_is_not(tmp_path: Path) -> None:
    staged = stage(write(tmp_path / "bundle", roster()), tmp_path / "into")
    ((_, mark),) = rows(staged, "course_grade").items()
    assert (mark["course_identifier"], mark["student_course_section_grade_earned"]) == ("ALG1", "B+")
    assert mark["marking_period_name"] == "Fall"
    assert mark["grade_level_when_course_taken"] == "09"
    ((_, quiz),) = rows(staged, "assessment_result").items()
    assert (quiz["assessment_title"], quiz["assessment_result_score_value"]) == ("Quiz", "95.5")


def test_wrong_cells_of_results_mark_their_rows(tmp_path: Path) -> None:
    """A wrong class of a mark does not, where the line item names the class."""
    tables = roster()
    tables["classes"][0]["grades"] = "ZZ"
    tables.pop("enrollments")  # which would tell that nobody is in such a class
    quiz, final = tables["results"]
    quiz["scoreDate"] = "soon"
    final["classSourcedId"] = "k k"
    tables["results"] += [{**quiz, "sourcedId": "x3", "scoreDate": "2024-10-02"}]
    staged = stage(write(tmp_path / "b", tables), tmp_path / "into")

    def marked(table: str) -> dict[str, list[str]]:
        return {
            key: [f.element for n, f in enumerate(staged.faults[table]) if int(row["_faults"]) >> n & 1]
            for (_, key), row in rows(staged, table).items()
        }

    assert marked("assessment_result") == {"x1": ["assessment_administration_start_date"], "x3": []}
    assert marked("course_grade") == {"x2": ["grade_level_when_course_taken"]}
    assert rows(staged, "course_grade")["u1", "x2"]["course_section_identifier"] == "k"


def test_a_bad_row_is_set_aside_and_the_others_land(tmp_path: Path) -> None:
    tables = roster()
    tables["users"].append(dict(tables["users"][1]))
    tables["results"][0]["score"] = "101"
    tables["roles"].append(
        {**tables["roles"][0], "sourcedId": "r9", "roleType": "secondary", "userSourcedId": "gone"}
    )
    staged = stage(write(tmp_path / "bundle", tables), tmp_path / "into")
    assert set(rows(staged, "person")) == {("u1", ""), ("u2", "")}
    assert staged.quarantined == {"person": 1, "assessment_result": 1, "school_enrollment": 1}
    assert rows_read(staged, "person") == 3
    said = [f"{p.file} {p.row} {p.column} {p.problem}" for p in problems_of(staged)]
    assert any("users.csv 6 sourcedId" in line and "duplicate_sourced_id" in line for line in said)
    assert any("results.csv 2 score" in line and "semantic.invalid_score_range" in line for line in said)
    assert any("roles.csv 6" in line and "reference.missing_target_record" in line for line in said)
    assert not any("gone" in line or "101" in line for line in said)


def test_wrong_cells_are_emptied_or_ignored(
    tmp_path: Path,
) -> None:
    tables = roster()
    ada, bo = tables["users"][:2]
    ada.update(enabledUser="TRUE", userIds="77", status="active", dateLastModified="2025-01-02T03:04:05.006Z")
    bo.update(enabledUser="perhaps", username="", agentSourcedIds="gone", primaryOrgSourcedId="d")
    tables["demographics"][0].update(birthDate="2/3/2010", asian="TRUE", hispanicOrLatinoEthnicity="True")
    tables["lineItems"][0].update(dueDate="soon", resultValueMin="none")
    staged = stage(write(tmp_path / "bundle", tables), tmp_path / "into")
    persons = rows(staged, "person")
    assert set(persons) == {("u1", ""), ("u2", "")}
    assert "birthdate" not in persons["u1", ""]
    assert persons["u1", ""]["sex"] == "Female"
    races = {row["race"]: row for row in rows(staged, "person_race").values()}
    assert races.keys() == {"Asian", "White"}
    assert races["Asian"]["hispanic_or_latino_ethnicity"] == "true"
    assert "77" not in {row.get("person_identifier") for row in rows(staged, "person_identifier").values()}
    assert len(rows(staged, "assessment_result")) == 1
    assert staged.quarantined == {}
    scopes = {(p.column, p.scope, p.element) for p in problems_of(staged) if p.row is not None}
    assert {
        ("birthDate", "cell", "person.birthdate"),
        ("userIds", "cell", "person_identifier.person_identifier"),
        ("agentSourcedIds", "cell", "guardian.guardian_person_id"),
        ("enabledUser", "file", ""),
        ("username", "file", ""),
        ("primaryOrgSourcedId", "file", ""),
        ("dueDate", "file", ""),
        ("status", "file", ""),
    } <= scopes
    assert ("birthDate", "file") not in {(p.column, p.scope) for p in problems_of(staged)}
    assert "enabledUser" not in {
        p.column for p in problems_of(staged) if p.row == 2 and p.file == "users.csv"
    }


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_file_may_have_its_heading_alone(tmp_path: Path, version: str) -> None:
    """Systems export each file that they know, also where they have no rows for it."""
    tables: Tables = {name: [] for name in layouts()[version].files}
    tables |= {name: roster()[name] for name in ("academicSessions", "orgs")}
    path = write(tmp_path / "bundle", tables, version=version)
    assert validate(path) == []
    staged = stage(path, tmp_path / "staged")
    assert [row["organization_name"] for row in rows(staged, "organization").values()] == [
        "District",
        "North, School",
    ]
    assert not problems_of(staged)


def test_a_row_with_broken_quotes_is_set_aside(tmp_path: Path) -> None:
    bundle = write(tmp_path / "bundle", roster())
    users = (bundle / "users.csv").read_bytes()
    (bundle / "users.csv").write_bytes(users.replace(b",Bo,", b',B"o,'))
    assert {finding.code for finding in validate(bundle)} == {"csv.unescaped_quote"}


def test_deleted_rows_of_a_delta_are_named(tmp_path: Path) -> None:
    tables = roster()
    for table in tables.values():
        for row in table:
            row.update(status="active", dateLastModified="2025-01-02T03:04:05.006Z")
    tables["users"][1]["status"] = "tobedeleted"
    staged = stage(write(tmp_path / "bundle", tables, mode="delta"), tmp_path / "into")
    assert set(rows(staged, "person")) == {("u1", "")}
    assert [p.problem for p in problems_of(staged) if p.column == "status"] == [
        "1 of its rows are marked as deleted: what earlier files brought of them is withdrawn"
    ]
    named = [row for row in pq.read_table(staged.withdrawn).to_pylist() if row["kind"] == "person"]
    assert [row["person"] for row in named] == ["u2"]


def test_a_deletion_needs_only_what_names_its_record(tmp_path: Path) -> None:
    blank = {"sourcedId": "u2", "status": "tobedeleted", "dateLastModified": ""}
    result = {"sourcedId": "x1", "status": "tobedeleted", "dateLastModified": "2025-01-02T03:04:05.006Z"}
    bundle = write(tmp_path / "bundle", {"users": [blank], "results": [result]}, mode="delta")
    staged = stage(bundle, tmp_path / "into")
    assert {row["kind"] for row in pq.read_table(staged.withdrawn).to_pylist()} == {
        "person", "person_identifier", "person_contact", "person_race", "guardian",
    }  # fmt: skip
    assert ("results.csv", "studentSourcedId", "row") in {
        (p.file, p.column, p.scope) for p in problems_of(staged)
    }


def test_a_delta_may_point_to_rows_sent_before(tmp_path: Path) -> None:
    role = {**roster()["roles"][0], "status": "active", "dateLastModified": "2025-01-02T03:04:05Z"}
    bundle = write(tmp_path / "bundle", {"roles": [role]}, mode="delta")
    assert validate(bundle) == []
    assert rows(stage(bundle, tmp_path / "into"), "school_enrollment")


def test_the_columns_of_1_1_are_found_by_name(tmp_path: Path) -> None:
    tables = roster()
    for name in ("roles",):
        del tables[name]
    roles = {"u1": "student", "u2": "student", "p1": "guardian", "t": "teacher"}
    for user in tables["users"]:
        user.update(orgSourcedIds="s,d", role=roles[user["sourcedId"]])
    for item in tables["lineItems"]:
        item["gradingPeriodSourcedId"] = item.pop("academicSessionSourcedId")
    bundle = write(tmp_path / "bundle", tables, version="1.1")
    lines = (
        (bundle / "demographics.csv")
        .read_text("utf-8-sig")
        .replace("stateOfBirth", "stateofBirth")
        .splitlines()
    )
    turned = [",".join(reversed(line.split(","))) for line in lines]
    (bundle / "demographics.csv").write_text("\n".join(turned))
    assert validate(bundle) == []
    staged = stage(bundle, tmp_path / "into")
    assert rows(staged, "person")["u1", ""]["birthdate"] == "2010-02-03"
    enrolled = rows(staged, "school_enrollment")
    assert {(person, row["organization_id"]) for (person, _), row in enrolled.items()} == {
        ("u1", "s"),
        ("u2", "s"),
    }
    assert (
        enrolled["u1", "s|2024-08-01"]["entry_type_source"] == "derived"
    )  # no class has a day: the school year's
    assert "person_relationship_type" not in rows(staged, "guardian")["u1", "p1"]
    assert rows(staged, "guardian")["u1", "p1"]["person_relationship_type_source"] == "guardian"
    assert staged.source_system == "OneRoster 1.1"
    assert any(problem.scope == "file" for problem in problems_of(staged))


@pytest.mark.parametrize("name", ["evil.csv", "../users.csv", "notes/readme.txt"])
def test_a_bundle_with_another_file_is_refused(tmp_path: Path, name: str) -> None:
    bundle = write(tmp_path / "bundle", roster())
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in bundle.iterdir():
            archive.write(file, file.name)
        archive.writestr(name, "x")
    assert [finding.code for finding in validate(path)] == ["package.unknown_file"]
    with pytest.raises(Refused, match=r"package\.unknown_file"):
        stage(path, tmp_path / "into")


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "students.csv"
    table.write_text("Student ID\n1001\n")
    with pytest.raises(Refused, match=r"students\.csv is neither a zip nor a folder") as refused:
        stage(table, tmp_path / "into")
    assert "1001" not in refused.value.message
    with pytest.raises(Refused, match="does not exist"):
        stage(tmp_path / "gone", tmp_path / "into")


def test_zip_with_too_many_entries_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(65):
            archive.writestr(f"{number}.csv", "a")
    with pytest.raises(Refused, match="too large when unpacked"):
        stage(path, tmp_path / "into")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.csv", b" " * 30_000_000)
    with pytest.raises(Refused, match="too large when unpacked"):
        stage(path, tmp_path / "into")


def test_text_that_is_not_utf8_refuses_the_bundle(tmp_path: Path) -> None:
    bundle = write(tmp_path / "bundle", roster())
    users = (bundle / "users.csv").read_bytes()
    (bundle / "users.csv").write_bytes(users.replace(b"Bo", b"B\xf6"))
    assert {finding.code for finding in validate(bundle)} == {"csv.invalid_encoding"}
    with pytest.raises(Refused, match="UTF-8"):
        stage(bundle, tmp_path / "into")


def test_rows_are_the_same_however_they_are_quoted_or_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are read many at once: where a piece of the file ends, and whether all cells are quoted, changes nothing."""
    tables = roster()
    tables["users"].append({**tables["users"][0], "enabledUser": "perhaps"})
    tables["orgs"].pop()
    tables["orgs"].append({"sourcedId": "s", "name": 'North "N" School', "type": "school"})
    plain = write(tmp_path / "plain", tables)
    quoted = write(tmp_path / "quoted", tables)
    for file in quoted.glob("[!m]*.csv"):
        if file.stem != "orgs":
            head, *lines = file.read_text("utf-8-sig").splitlines()
            cells = ['"' + '","'.join(next(csv.reader([line]))) + '"' for line in lines]
            file.write_text("\n".join([head, *cells]), encoding="utf-8")
    expected = _all_of(stage(plain, tmp_path / "a"))
    assert "'enabledUser'" in expected
    assert "appears twice" in expected
    assert _all_of(stage(quoted, tmp_path / "b")) == expected
    monkeypatch.setattr("throughway.intake.oneroster.rows.BLOCK", 40)
    assert _all_of(stage(plain, tmp_path / "c")) == expected
    assert _all_of(stage(quoted, tmp_path / "d")) == expected


def _all_of(staged: StagedTables) -> str:
    paths = [*staged.tables.values(), staged.problems]
    found = [sorted(map(str, duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall())) for path in paths]  # fmt: skip
    return str((found, staged.quarantined, staged.unread))
