"""A cell that cannot be read says nothing new: what an earlier file said of it stays stored. An empty cell empties it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import ENROLLMENT, STUDENTS, in_effect
from tests.intake.test_nsc import HEAD as NSC
from tests.intake.test_oneroster import roster, write
from throughway.intake.load_report import Counts

HEAD = "Student ID,First,Last,DOB,Gender\n"
GOOD = "1,Ann,Bee,6/2/2010,F\n"
STORED = {"first_name": "Ann", "birthdate": "2010-06-02", "sex": "Female", "sex_source": "F"}


def person(town: Town) -> dict[str, str]:
    (row,) = town.rows("person")
    return {name: str(row[name]) for name in STORED if name in row}


@pytest.fixture
def agreed(town: Town) -> None:
    town.agree(in_effect(["element: person.*", "element: person_race.*"]))


@pytest.mark.usefixtures("agreed")
@pytest.mark.parametrize(("row", "cells"), [
    ("1,Ann,Bee,soon,F", [("2", "DOB")]),
    ("1,Ann,Bee,6/2/2010,Q", [("2", "Gender")]),
    ("1,Ann,Bee,6/2/2110,Q", [("2", "DOB"), ("2", "Gender")]),
])  # fmt: skip
def test_the_stored_value_stays_and_the_cell_is_listed(
    town: Town, row: str, cells: list[tuple[str, str]]
) -> None:
    town.load(HEAD + GOOD, STUDENTS)
    loaded = town.load(f"{HEAD}{row}\n", STUDENTS)
    assert person(town) == STORED
    assert loaded.tables["person"] == Counts(read=1, unchanged=1)
    assert loaded.cells_emptied == len(cells)
    assert [(found["row"], found["column"]) for found in quarantine(loaded)] == cells


@pytest.mark.usefixtures("agreed")
def test_other_cells_of_the_row_are_updated(town: Town) -> None:
    town.load(HEAD + GOOD, STUDENTS)
    loaded = town.load(HEAD + "1,Anna,Bee,soon,X\n", STUDENTS)
    assert person(town) == {**STORED, "first_name": "Anna", "sex": "NotSelected", "sex_source": "X"}
    assert loaded.tables["person"] == Counts(read=1, landed=1, changed=1)


@pytest.mark.usefixtures("agreed")
def test_empty_cells_and_null_codes_empty_the_value(town: Town) -> None:
    town.load(HEAD + GOOD, STUDENTS)
    town.load(HEAD + "1,Ann,Bee,,U\n", STUDENTS.replace("X: NotSelected", "X: NotSelected, U: null"))
    assert person(town) == {"first_name": "Ann", "sex_source": "U"}


@pytest.mark.usefixtures("agreed")
def test_an_unreadable_cell_of_a_new_row_is_left_empty(town: Town) -> None:
    town.load(HEAD + GOOD, STUDENTS)
    town.load(HEAD + "2,Cy,Dee,soon,M\n", STUDENTS)
    (row,) = [row for row in town.rows("person") if row["first_name"] == "Cy"]
    assert "birthdate" not in row


def test_unreadable_cells_keep_the_stored_scope_and_year(town: Town) -> None:
    town.agree(
        in_effect(
            ["element: school_enrollment.*"],
            population="""[{on: school_enrollment, where: "entry_grade_level IN ('06', '07')"}]""",
        )
    )
    spell = ENROLLMENT.replace("key: [Student ID, Entry]", "key: [Student ID, Spell]").replace(
        "required: true", ""
    )
    spell = spell.replace("{from: Entry, }", "{from: Entry}")
    head = "Student ID,Spell,Entry,Exit,Grade\n"
    town.load(head + "1,a,2024-08-15,,07\n", spell)
    before = town.rows("school_enrollment")
    loaded = town.load(head + "1,a,soon,,7th?\n", spell)
    assert loaded.tables["school_enrollment"] == Counts(read=1, unchanged=1)
    assert town.rows("school_enrollment") == before


def by_record(town: Town, table: str) -> list[dict[str, object]]:
    return sorted(town.rows(table), key=lambda row: str(row["record"]))


def of_oneroster(folder: Path, wrong: bool) -> Path:
    tables = roster()
    if wrong:
        for row in tables["demographics"]:
            row |= {"birthDate": "soon", "sex": "Q", "hispanicOrLatinoEthnicity": "perhaps"}
        for row in tables["users"]:
            row["grades"] = "gx" if row.get("grades") else ""
    return write(folder, tables)


def of_edfi(folder: Path, wrong: bool) -> Path:
    folder.mkdir()
    student = {"studentUniqueId": "1", "firstName": "Ann", "birthDate": "soon" if wrong else "2010-06-02"}
    sex = {
        "studentReference": {"studentUniqueId": "1"},
        "sexDescriptor": f"uri://x#{'Q' if wrong else 'Female'}",
    }
    other = {"studentUniqueId": "2", "firstName": "Bo", "birthDate": "2010-06-03"}
    (folder / "students.jsonl").write_text(f"{json.dumps(student)}\n{json.dumps(other)}\n")
    sexes = [sex, {**sex, "studentReference": {"studentUniqueId": "2"}, "sexDescriptor": "uri://x#Male"}]
    path = folder / "studentEducationOrganizationAssociations.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in sexes))
    return folder


def of_nsc(folder: Path, wrong: bool) -> Path:
    path = folder.with_suffix(".csv")
    searched = "20219999" if wrong else "20210615"
    path.write_text(
        f"{NSC}s1,,Y,{searched},1,A,20210823,20211217,F,,N,,\ns2,,Y,20210615,1,A,20210823,20211217,F,,N,,\n"
    )
    return path


@pytest.mark.parametrize(("format", "make"), [
    ("oneroster", of_oneroster), ("edfi-jsonl", of_edfi), ("nsc", of_nsc),
])  # fmt: skip
def test_standard_formats_keep_stored_values(
    town: Town, tmp_path: Path, format: str, make: Callable[[Path, bool], Path]
) -> None:
    tables = ("person", "person_race", "school_enrollment", "postsecondary_enrollment")
    town.agree(in_effect([f"element: {table}.*" for table in tables]))
    town.load(make(tmp_path / "good", False), None, format=format)
    before = {table: by_record(town, table) for table in tables}
    loaded = town.load(make(tmp_path / "wrong", True), None, format=format)
    assert {table: by_record(town, table) for table in tables} == before
    assert loaded.cells_emptied
    assert not sum(counts.landed for counts in loaded.tables.values())
