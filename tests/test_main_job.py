"""The main job on real files: an Ed-Fi district, a OneRoster bundle and an after-school workbook in one community."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import Workbook

from tests.town import Fresh, Town

NS = {"e": "http://ed-fi.org/5.2.0"}
TODAY = date.today()
STEWARD, EVALUATOR = "steward@backbone.example", "evaluator@backbone.example"
LEADERS = {p: f"leader@{p}.example" for p in ("grand-bend", "north", "club", "backbone")}

AGREEMENT = f"""
throughway: agreement/1
id: town-data
tier: dsa
title: Attendance in school and after school
parties:
  - {{partner: grand-bend, roles: [discloser], signatory: {{title: Superintendent, authority: Policy 1}}}}
  - {{partner: north, roles: [discloser], signatory: {{title: Superintendent, authority: Policy 2}}}}
  - {{partner: club, roles: [discloser], signatory: {{title: Director, authority: Bylaws 3}}}}
  - {{partner: backbone, roles: [recipient, steward], signatory: {{title: Director, authority: Resolution 4}}}}
purposes:
  - {{id: match, kind: linkage, serves: [study, report], from: [grand-bend, north], recipients: [backbone], roles: [data_steward],
      interest: Recognise the same student, basis: school_official, form: identified,
      basis_details: {{function: matching, direct_control: true, annual_notice_criteria: Notice 3}}}}
  - {{id: match, kind: linkage, serves: [study, report], from: [club], recipients: [backbone], roles: [data_steward],
      interest: Recognise the same student, basis: partner_records, form: identified,
      basis_details: {{regime: own records, authority: Form 3}}}}
  - {{id: study, kind: evaluation, from: [grand-bend, north], recipients: [backbone], roles: [evaluator],
      interest: Does the club help attendance, basis: audit_evaluation, form: identified,
      basis_details: {{representative: backbone, program_owner: grand-bend, activity: compares attendance records,
                      program: "State-supported attendance programs, evaluated as education programs"}}}}
  - {{id: study, kind: evaluation, from: [club], recipients: [backbone], roles: [evaluator],
      interest: Does the club help attendance, basis: partner_records, form: identified,
      basis_details: {{regime: own records, authority: Form 3}}}}
  - {{id: report, kind: reporting, from: [grand-bend, north], recipients: [backbone], roles: [evaluator],
      interest: Tell the town, basis: audit_evaluation, form: aggregate,
      basis_details: {{representative: backbone, program_owner: grand-bend, activity: counts students by milestone,
                      program: "State-supported attendance programs, evaluated as education programs"}}}}
custody:
  basis: school_official
  basis_details: {{function: hosting, direct_control: true, annual_notice_criteria: Notice 3}}
schedule:
  - {{element: person.*, purposes: [match], necessity: Matching needs names and birth dates}}
  - {{element: person_contact.*, purposes: [match], necessity: Addresses tell two students of one name apart}}
  - {{element: person.sex, from: [grand-bend, north], purposes: [report], necessity: By sex}}
  - {{element: organization.*, from: [grand-bend, north], purposes: [study, report], necessity: Which school}}
  - {{element: calendar_day.*, from: [grand-bend], purposes: [report], necessity: Days of school}}
  - {{element: school_enrollment.*, from: [grand-bend, north], purposes: [study, report], necessity: Who is enrolled}}
  - {{element: attendance_day.*, purposes: [study], necessity: Attendance is the question}}
  - {{element: attendance_day.*, from: [grand-bend, north], purposes: [report], necessity: Attendance is a milestone}}
  - {{element: person.birthdate, from: [grand-bend], purposes: [study], transform: year, necessity: Age}}
terms:
  effective: {TODAY - timedelta(days=30)}
  expires: {TODAY + timedelta(days=300)}
  minimum_cell: 10
  training: []
  destruction: {{within_days: 60, method: NIST SP 800-88 purge}}
clauses:
  use_only_for_purpose: Only for these purposes.
  no_redisclosure: Passes nothing on.
  no_identification: Only its representatives.
  destroy_when_no_longer_needed: Destroyed when no longer needed.
  protect_from_further_disclosure: Keeps policies against it.
  reasonable_methods: By this system.
"""

CROSSWALK = r"""
throughway: crosswalk/1
source: {format: xlsx, header_row: 1}
tables:
  person:
    key: [ID]
    columns:
      first_name: {from: First, required: true}
      last_or_surname: {from: Last, required: true}
      birthdate: {from: DOB, date: ["%m/%d/%Y"]}
  attendance_day:
    key: [ID, attendance_event_date]
    person: ID
    melt: {columns: '^\d{1,2}/\d{1,2}/\d{4}$', name: attendance_event_date, value: there, date: ["%m/%d/%Y"]}
    columns:
      attendance_event_type: {value: ProgramAttendance}
      attendance_status: {from: there, map: {"1": Present, "0": UnexcusedAbsence}}
"""


@pytest.fixture(scope="module")
def edfi(samples: Path) -> Path:
    return samples / "edfi" / "ds-xml"


@pytest.fixture(scope="module")
def participants(edfi: Path) -> list[tuple[str, str, str, str]]:
    """Forty students of the district who also go to the club: key, first, last, birth date."""
    found = []
    for student in etree.parse(edfi / "Student.xml").getroot().iterfind("e:Student", NS):
        path = ("StudentUniqueId", "Name/e:FirstName", "Name/e:LastSurname", "BirthData/e:BirthDate")
        found.append(tuple(student.findtext(f"e:{p}", namespaces=NS) or "" for p in path))
    return found[:40]  # type: ignore[return-value]


@pytest.fixture(scope="module")
def workbook(participants: list[tuple[str, str, str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One row a participant, one column a day, cells 1, 0 or blank; three rows that something is wrong with."""
    path = tmp_path_factory.mktemp("club") / "attendance.xlsx"
    book = Workbook()
    sheet = book.active
    days = [date(2021, 9, 13) + timedelta(days=d) for d in range(4)]
    sheet.append(["ID", "First", "Last", "DOB", "Shirt size", *(f"{d.month}/{d.day}/{d.year}" for d in days)])
    for n, (_, first, last, born) in enumerate(participants):
        year, month, day = born.split("-")
        sheet.append([f"C{n}", first, last, f"{month}/{day}/{year}", "M", 1, 0, None, 1])
    sheet.append(["C90", None, "Nobody", "01/02/2010", "S", 1, 1, 1, 1])  # the first name is required
    sheet.append(["C91", "Odd", "Birthday", "soon", "S", 1, 1, 1, 1])  # the day cannot be read
    sheet.append(["C92", "Odd", "Status", "01/02/2010", "S", "maybe", 1, 1, 1])  # no such code
    book.save(path)
    return path


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, fresh_database: Fresh) -> Iterator[Town]:
    with fresh_database() as database:
        town = Town(tmp_path_factory.mktemp("town") / "community", database)
        town.ask("init", town.root)
        for id, kind in (("grand-bend", "lea"), ("north", "lea"), ("club", "cbo"), ("backbone", "backbone")):
            town.ask("partner", "add", id, "--name", id.title(), "--kind", kind)
            town.ask("user", "add", LEADERS[id], "--partner", id, "--role", "leader")
        town.ask("user", "add", STEWARD, "--partner", "backbone", "--role", "data_steward")
        town.ask("user", "add", EVALUATOR, "--partner", "backbone", "--role", "evaluator")
        yield town


@pytest.fixture(scope="module")
def loaded(town: Town, samples: Path, edfi: Path, workbook: Path) -> dict[str, Any]:
    """The documents of the three loads, under the agreement."""
    review = town.root / "draft.yaml"
    review.write_text(AGREEMENT, encoding="utf-8")
    assert town.ask("agreement", "review", review)["status"] == "ready"
    too_early = town.told("load", edfi, "--partner", "grand-bend", "--format", "edfi-xml", exit=1)
    assert "grand-bend" in too_early["error"]["message"]
    town.agree(AGREEMENT, signers=LEADERS, activator=STEWARD)
    crosswalk = town.root / "crosswalks" / "club.yaml"
    crosswalk.write_text(CROSSWALK, encoding="utf-8")
    bundle = samples / "oneroster" / "conformance" / "valid" / "full-bulk-package.zip"
    return {
        "edfi": town.ask("load", edfi, "--partner", "grand-bend", "--format", "edfi-xml"),
        "oneroster": town.ask("load", bundle, "--partner", "north", "--format", "oneroster"),
        "club": town.ask("load", workbook, "--partner", "club", "--format", "xlsx", "--crosswalk", crosswalk),
    }


def test_every_row_is_accounted_for(loaded: dict[str, Any]) -> None:
    for document in loaded.values():
        for counts in document["tables"].values():
            assert counts["read"] == sum(n for word, n in counts.items() if word not in ("read", "changed"))


def test_the_district_s_students_and_absences_land(loaded: dict[str, Any], edfi: Path) -> None:
    events = len(
        re.findall("<StudentSchoolAttendanceEvent>", (edfi / "StudentSchoolAttendance.xml").read_text())
    )
    tables = loaded["edfi"]["tables"]
    assert tables["person"]["landed"] == 960
    assert tables["attendance_day"]["read"] >= events


def test_what_no_agreement_covers_is_refused_by_name(loaded: dict[str, Any]) -> None:
    refused = loaded["edfi"]["refused_columns"]
    assert "attendance_day.attendance_event_reason" in refused  # a wildcard never covers free text
    assert any(name.startswith("behavior_incident.") for name in refused)
    assert "Shirt size" in loaded["club"]["refused_columns"]


def test_bad_rows_and_cells_are_set_aside_without_their_values(loaded: dict[str, Any]) -> None:
    club = loaded["club"]
    assert club["tables"]["person"] == {
        "read": 43,
        "landed": 42,
        "changed": 0,
        "quarantined": 1,
        "unchanged": 0,
        "out_of_scope": 0,
        "cannot_tell": 0,
        "not_covered": 0,
        "not_read": 0,
    }
    assert club["cells_emptied"] >= 2
    listed = Path(club["quarantine"]).read_text(encoding="utf-8")
    assert "First" in listed
    assert "DOB" in listed
    for value in ("Nobody", "Birthday", "soon", "maybe", "C90"):
        assert value not in listed


def test_the_same_files_again_change_nothing(town: Town, loaded: dict[str, Any], workbook: Path) -> None:
    again = town.ask(
        "load",
        workbook,
        "--partner",
        "club",
        "--format",
        "xlsx",
        "--crosswalk",
        town.root / "crosswalks" / "club.yaml",
    )
    for name, counts in again["tables"].items():
        assert counts["landed"] == 0
        assert counts["unchanged"] == loaded["club"]["tables"][name]["landed"]


@pytest.fixture(scope="module")
def linked(town: Town, loaded: dict[str, Any]) -> Any:
    return town.ask("link")


def test_students_are_recognised_across_partners(
    town: Town, linked: Any, participants: list[tuple[str, str, str, str]], tmp_path: Path
) -> None:
    assert linked["records"] >= 960 + 42
    truth = tmp_path / "truth.csv"
    lines = [f"grand-bend,{key},{key}\nclub,C{n},{key}\n" for n, (key, *_) in enumerate(participants)]
    truth.write_text("partner,record_key,person\n" + "".join(lines), encoding="utf-8")
    found = town.ask("link", "evaluate", "--truth", truth)
    assert found["pairwise"]["precision"] == 1
    assert found["pairwise"]["recall"] >= 0.95


def test_linking_again_changes_no_person(town: Town, linked: Any) -> None:
    again = town.ask("link")
    assert (again["new_persons"], again["merged"], again["split"]) == (0, 0, 0)
    assert again["persons"] == linked["persons"]


def test_a_governed_answer_equals_the_files(
    town: Town, linked: Any, edfi: Path, participants: list[tuple[str, str, str, str]]
) -> None:
    absent = Counter(
        event.findtext(".//e:StudentUniqueId", namespaces=NS)
        for event in etree.parse(edfi / "StudentSchoolAttendance.xml")
        .getroot()
        .iterfind("e:StudentSchoolAttendanceEvent", NS)
        if "Absence" in (event.findtext(".//e:AttendanceEventCategory", namespaces=NS) or "")
    )
    sql = """
        SELECT count(*) AS absences FROM attendance_day
        WHERE attendance_status IN ('ExcusedAbsence', 'UnexcusedAbsence') AND attendance_event_type = 'DailyAttendance'
          AND person_id IN (SELECT person_id FROM attendance_day WHERE attendance_event_type = 'ProgramAttendance')
    """
    answer = town.query(sql, purpose="study", by=EVALUATOR)
    assert answer["agreements"] == ["town-data"]
    assert answer["rows"] == [[sum(absent[key] for key, *_ in participants)]]
    entries = town.ask("ledger", "person", "--partner", "club", "--record-key", "C0", "--as", STEWARD)
    assert answer["disclosure"] in str(entries)


def test_what_the_purpose_does_not_grant_is_refused(town: Town, loaded: dict[str, Any]) -> None:
    refused = town.told(
        "query", "SELECT first_name FROM person", "--purpose", "study", "--as", EVALUATOR, exit=1
    )
    assert "first_name" in refused["error"]["message"]
    years = town.query("SELECT min(birthdate), max(birthdate) FROM person", purpose="study", by=EVALUATOR)[
        "rows"
    ][0]
    assert all(isinstance(year, int) and 1990 < year < 2022 for year in years)
    for words in (
        ("query", "SELECT 1", "--purpose", "study"),  # the operator reads no student data
        ("query", "SELECT 1", "--purpose", "study", "--as", LEADERS["club"]),
        ("query", "SELECT 1", "--purpose", "gossip", "--as", EVALUATOR),
        ("query", "SELECT count(*) FROM person", "--purpose", "report", "--as", EVALUATOR),
    ):
        assert town.told(*words, exit=1)["error"]["message"]


def test_a_report_that_would_show_nothing_is_explained_and_not_published(town: Town, linked: Any) -> None:
    """This town's districts sent attendance and no enrollment."""
    for more in ((), ("--preview",)):
        error = town.told("report", "pipeline", "--purpose", "report", "--as", EVALUATOR, *more, exit=1)[
            "error"
        ]
        assert error["code"] == "no_figures"
        assert "No records of school_enrollment that this purpose shows have come in" in error["message"]
    assert town.ask("publish", "list") == {"releases": []}


def test_the_ledger_holds_and_the_folder_is_whole(town: Town, linked: Any) -> None:
    verdict = town.ask("ledger", "verify")
    assert verdict["ok"]
    assert verdict["entries"] == verdict["sealed"] > 0
    check = town.ask("check")
    assert (check["ok"], check["problems"], check["due"]) == (True, [], [])


def test_a_suspended_agreement_closes_access_at_once(town: Town, linked: Any) -> None:
    town.ask("agreement", "suspend", "town-data", "--as", LEADERS["grand-bend"])
    refused = town.told(
        "query", "SELECT count(*) FROM attendance_day", "--purpose", "study", "--as", EVALUATOR, exit=1
    )
    assert "town-data" in refused["error"]["message"]
    assert "suspended" in refused["error"]["message"]
    town.ask("agreement", "resume", "town-data", "--as", LEADERS["grand-bend"])
    assert town.query("SELECT count(*) FROM attendance_day", purpose="study", by=EVALUATOR)["rows"][0][0] > 0
