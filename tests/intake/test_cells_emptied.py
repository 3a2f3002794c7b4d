"""Cells are counted as emptied, and listed, only where some agreement would have had them stored."""

import json
from pathlib import Path

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import STUDENTS, in_effect
from tests.intake.test_nsc import HEAD
from tests.intake.test_oneroster import roster, write

# Unknown grades, a sex or a day in each: the format, an element that is needed, and how many cells of it are emptied.
SPELL = "s1,,Y,20210615,1,A,20219923,20211217,F,,N,,\n"
CASES = [
    ("csv", "person.first_name", 0),
    ("csv", "person.sex", 1),
    ("nsc", "postsecondary_enrollment.organization_name", 0),
    ("nsc", "postsecondary_enrollment.entry_date_into_postsecondary", 1),
    ("oneroster", "school_enrollment.organization_id", 0),
    ("oneroster", "school_enrollment.entry_grade_level", 2),
    ("edfi-jsonl", "person.first_name", 0),
    ("edfi-jsonl", "person.sex", 1),
]


BESIDE = (
    "person.first_name",
    "postsecondary_enrollment.organization_name",
    "school_enrollment.organization_id",
)


def written(format: str, folder: Path) -> Path:
    path = folder / "file"
    if format == "oneroster":
        tables = roster()
        for user in tables["users"]:
            user["grades"] = "gx" if user.get("grades") else ""
        return write(path, tables)
    if format == "edfi-jsonl":
        path.mkdir()
        sex = {"studentReference": {"studentUniqueId": "1"}, "sexDescriptor": "uri://x#Odd"}
        (path / "students.jsonl").write_text(json.dumps({"studentUniqueId": "1", "firstName": "A"}) + "\n")
        (path / "studentEducationOrganizationAssociations.jsonl").write_text(json.dumps(sex) + "\n")
        return path
    head = "Student ID,First,Last,DOB,Gender\n1,A,B,,Odd\n"
    path.with_suffix(".csv").write_text(head if format == "csv" else HEAD + SPELL)
    return path.with_suffix(".csv")


@pytest.mark.parametrize(("format", "element", "emptied"), CASES)
def test_only_needed_cells_are_counted_as_emptied(
    town: Town, tmp_path: Path, format: str, element: str, emptied: int
) -> None:
    town.agree(in_effect([f"element: {name}" for name in {element, *BESIDE}]))
    loaded = town.load(written(format, tmp_path), STUDENTS if format == "csv" else None, format=format)
    assert loaded.cells_emptied == emptied
    assert len(quarantine(loaded)) >= emptied
    assert sum(1 for row in quarantine(loaded) if "no match" in row["problem"] or "not a date" in row["problem"] or
               "missing from the" in row["problem"]) == emptied  # fmt: skip
