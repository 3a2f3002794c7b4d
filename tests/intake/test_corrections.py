"""Repeated and corrected files: nothing twice, nothing lost."""

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import ATTENDANCE, ENROLLMENT, STUDENTS, in_effect
from throughway.store.selectors import snapshot

PEOPLE = "Student ID,First,Last,DOB,Gender\n1,Ann,Bee,6/2/2010,F\n2,Cy,Dee,7/3/2010,M\n"
EVERYTHING = ["element: person.*", "element: attendance_day.*", "element: school_enrollment.*", "element: guardian.*",
              "element: person_contact.*", "element: organization.*"]  # fmt: skip


@pytest.fixture(autouse=True)
def agreed(town: Town) -> None:
    town.agree(in_effect(EVERYTHING))


def test_correction_replaces_the_row_and_keeps_history(town: Town) -> None:
    town.load(PEOPLE, STUDENTS)
    before = town.keys()
    loaded = town.load(PEOPLE.replace("Bee", "Beech"), STUDENTS)
    assert (loaded.tables["person"].landed, loaded.tables["person"].unchanged) == (1, 1)
    assert sorted(str(row["last_or_surname"]) for row in town.rows("person")) == ["Beech", "Dee"]
    assert [row["last_or_surname"] for row in town.rows("person~history")] == ["Bee"]
    assert town.keys() == before


def test_correction_leaves_other_rows_of_the_file(town: Town) -> None:
    days = "Student ID,Day,Status\n1,9/4/2024,P\n1,9/5/2024,A\n2,9/4/2024,P\n"
    town.load(days, ATTENDANCE)
    loaded = town.load(days.replace("9/5/2024,A", "9/5/2024,P"), ATTENDANCE)
    assert (loaded.tables["attendance_day"].landed, loaded.tables["attendance_day"].unchanged) == (1, 2)
    assert [row["attendance_status"] for row in town.rows("attendance_day")] == ["Present"] * 3
    assert [row["attendance_status"] for row in town.rows("attendance_day~history")] == ["UnexcusedAbsence"]


def test_correction_moves_a_row_to_another_school_year(town: Town) -> None:
    by_number = ENROLLMENT.replace("key: [Student ID, Entry]", "key: [Number]")
    town.load("Number,Student ID,Entry,Exit,Grade\n7,1,2024-08-15,,07\n", by_number)
    loaded = town.load("Number,Student ID,Entry,Exit,Grade\n7,1,2023-08-15,,06\n", by_number)
    assert loaded.tables["school_enrollment"].landed == 1
    (row,) = town.rows("school_enrollment")
    assert row["entry_grade_level"] == "06"


def test_columns_absent_from_a_later_file_keep_their_values(town: Town) -> None:
    town.load(PEOPLE, STUDENTS)
    names = "\n".join(line for line in STUDENTS.splitlines() if "birthdate" not in line and "sex" not in line)
    town.load("Student ID,First,Last\n1,Anne,Bee\n", names)
    row = next(row for row in town.rows("person") if row["first_name"] == "Anne")
    assert str(row["birthdate"]) == "2010-06-02"
    assert row["sex"] == "Female"


def test_duplicate_rows_and_conflicting_keys_in_a_file(town: Town) -> None:
    loaded = town.load(PEOPLE + "1,Ann,Bee,6/2/2010,F\n1,Ann,Other,6/2/2010,F\n", STUDENTS)
    counts = loaded.tables["person"]
    assert (counts.read, counts.landed, counts.unchanged, counts.quarantined) == (4, 2, 1, 1)
    assert [(row["row"], row["problem"]) for row in quarantine(loaded)] == [
        ("5", "an earlier row has the same key and other values")
    ]
    assert sorted(str(row["last_or_surname"]) for row in town.rows("person")) == ["Bee", "Dee"]


def test_facts_and_persons_share_record_numbers(town: Town) -> None:
    town.load("Student ID,Day,Status\n1,9/4/2024,P\n", ATTENDANCE)
    town.load(PEOPLE, STUDENTS)
    assert town.rows("attendance_day")[0]["person_record"] == town.keys()["1"]
    assert {row["person_record"] for row in town.rows("person")} == set(town.keys().values())


def test_guardians_have_their_own_record_numbers(town: Town) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  guardian:
    key: [Student ID, Guardian ID]
    person: Student ID
    columns:
      guardian_person_id: {from: Guardian ID}
      first_name: {from: Name}
"""
    town.load("Student ID,Guardian ID,Name\n1,g1,Jo\n2,g1,Jo\n", crosswalk)
    rows = town.rows("guardian")
    keys = {(str(row["kind"]), str(row["key"])): row["record"] for row in town.rows("record_key")}
    assert {row["guardian_person_id"] for row in rows} == {keys["guardian", "g1"]}
    assert len(keys) == 3


def test_organization_ids_are_prefixed_by_partner(town: Town) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  organization:
    key: [School]
    columns:
      organization_id: {from: School}
      organization_name: {from: Name}
"""
    town.load("School,Name\nL1,Lincoln\n", crosswalk)
    assert town.rows("organization")[0]["organization_id"] == "school/L1"


def test_row_days_outrank_the_stated_school_year(town: Town) -> None:
    days = "Student ID,Day,Status\n1,9/4/2024,P\n1,9/4/2023,P\n"
    assert town.load(days, ATTENDANCE, school_year=2025).tables["attendance_day"].landed == 2
    with snapshot() as seen:
        assert sorted(f.school_year for f in seen.stored("attendance_day", "school")) == [2024, 2025]


def test_a_school_year_begins_in_july(town: Town) -> None:
    town.load("Student ID,Day,Status\n1,6/30/2024,P\n1,7/1/2024,P\n", ATTENDANCE)
    with snapshot() as seen:
        assert [(f.school_year, f.rows) for f in seen.stored("attendance_day", "school")] == [
            (2024, 1),
            (2025, 1),
        ]


def test_rows_without_days_take_the_stated_year(town: Town) -> None:
    town.load("School,Name\nL1,Lincoln\n", "throughway: crosswalk/1\ntables: {organization: {key: [School], columns: {"
              "organization_name: {from: Name}}}}", school_year=2025)  # fmt: skip
    with snapshot() as seen:
        assert [f.school_year for f in seen.stored("organization", "school")] == [2025]


SPELLS = """
throughway: crosswalk/1
tables:
  school_enrollment:
    key: [Student ID, School]
    person: Student ID
    columns: {school_year: {from: Year}}
"""


@pytest.mark.parametrize("other", ["2024", "2023-24", "2023-2024"])
def test_row_with_its_own_school_year_keeps_it(town: Town, other: str) -> None:
    town.load(f"Student ID,School,Year\n1,L,{other}\n2,L,\n", SPELLS, school_year=2025)
    assert sorted(str(row["school_year"]) for row in town.rows("school_enrollment")) == ["2024", "2025"]
