"""The crosswalk is refused field by field, with the path of each fault."""

import re
from pathlib import Path

import pytest

from tests.intake.papers import STUDENTS
from throughway.core.refusals import Refused
from throughway.core.yaml_text import values_of
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.tabular import read_csv


def test_the_example_of_the_manual_is_read() -> None:
    crosswalk = Crosswalk.read(STUDENTS)
    assert crosswalk.tables["person"].columns["sex"].map == {"M": "Male", "F": "Female", "X": "NotSelected"}
    assert crosswalk.ignore == ("Homeroom",)
    assert crosswalk.source.null_texts == ("", "NULL", "N/A")
    assert crosswalk.code_map("person", "sex") == {"M": "Male", "F": "Female", "X": "NotSelected"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("from: First", "frm: First", "first_name.frm is not a field of a crosswalk; did you mean from"),
        ("ignore:", "ignored:", "ignored is not a field of a crosswalk; did you mean ignore"),
        (
            "tables:",
            "source: {dilimeter: x}\ntables:",
            "source.dilimeter is not a field of a crosswalk; did you mean delimiter",
        ),
        ("tables:", "source: {format: edfi-jsonll}\ntables:", "did you mean edfi-jsonl"),
        (
            "birthdate:",
            "birth_date:",
            "birth_date is not an element of the table person; did you mean birthdate",
        ),
        ("  person:", "  persons:", "tables.persons is not a table of the vocabulary; did you mean person"),
        ("first_name:", "person_id:", "name the column in `person` instead"),
        (
            "{from: First, required: true}",
            "{from: First, value: x}",
            "exactly one of from, join, value and sum",
        ),
        ("{from: First, required: true}", "{with: x, from: First}", "`with` belongs to `join`"),
        ('["%m/%d/%Y", "%Y-%m-%d"]', '["m/d/y"]', "a date format with % signs"),
        ("crosswalk/1", "crosswalk/2", "throughway must be crosswalk/1"),
        ("required: true", "required: perhaps", "required must be true or false"),
        (
            "tables:",
            "source: {format: fax}\ntables:",
            "must be one of csv, xlsx, oneroster, edfi-xml, edfi-jsonl, hmis, nsc",
        ),
        ("tables:", "source: {encoding: klingon}\ntables:", "source.encoding: encoding must be one of"),
        ("tables:", "source: {delimiter: ';;'}\ntables:", "source: delimiter must be one character"),
        ("    key: [Student ID]", "    key: [Student ID]\n    person: X", "person is not allowed there"),
        (
            "    key: [Student ID]",
            "    key: [Student ID]\n    melt: {columns: '(', name: a, value: b}",
            "not a regular expression",
        ),
        ("ignore: [Homeroom]", "tables: {}", "tables is in one section twice"),
        ("ignore: [Homeroom]", "ignore: [", "not readable as YAML or JSON at line"),
    ],
)
def test_faults_are_named_by_their_place(old: str, new: str, said: str) -> None:
    assert old in STUDENTS
    with pytest.raises(Refused, match=re.escape(said)):
        Crosswalk.read(STUDENTS.replace(old, new))


def test_invisible_delimiters_are_accepted() -> None:
    read = Crosswalk.read('source: {delimiter: "\\x1f"}\n' + STUDENTS)
    assert read.source.delimiter == "\x1f"


def test_yaml_anchors_share_a_part() -> None:
    text = STUDENTS.replace("    key: [Student ID]", "    <<: &shared {key: [Student ID], columns: {}}", 1)
    assert Crosswalk.read(text).tables["person"].key == ("Student ID",)


@pytest.mark.parametrize("text", ["just words", "- a\n- b"])
def test_invalid_documents_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="not a YAML document"):
        Crosswalk.read(text)


def test_codes_keep_their_text() -> None:
    assert values_of("{07: yes, No: 1.0, 2024-09-04: 010, 5: 1, x: null, y: true}", scalars_as_text=True) == {
        "07": "yes", "No": "1.0", "2024-09-04": "010", "5": "1", "x": None, "y": "true"
    }  # fmt: skip


def test_the_manuals_own_example() -> None:
    manual = Path(__file__).resolve().parents[2] / "docs" / "crosswalks.md"
    examples = re.findall(
        r"```yaml\n(throughway: crosswalk/1\n.*?)```", manual.read_text(encoding="utf-8"), re.S
    )
    assert examples
    for example in examples:
        assert Crosswalk.read(example).tables


def test_refused_elements_also_name_the_source_column() -> None:
    text = """
throughway: crosswalk/1
tables:
  person:
    key: [ID]
    columns:
      first_name: {from: First}
      middle_name: {from: Middle}
      preferred_first_name: {from: First}
  person_contact:
    key: [ID]
    person: ID
    columns: {address_street_number_and_name: {join: [Number, Street]}}
"""
    crosswalk = Crosswalk.read(text)
    assert crosswalk.unread(["person.middle_name", "person.preferred_first_name"]) == ["Middle"]
    assert crosswalk.unread(["person_contact.address_street_number_and_name"]) == ["Number", "Street"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "M: Male",
            "M: Mael",
            "Mael is not a code in C000255, the code set of person.sex; the nearest: Male",
        ),
        (
            "from: First,",
            "from: Frist,",
            "has no column Frist, which the crosswalk reads; did you mean First?",
        ),
        (
            "Student ID",
            "Student",
            "has no column Student, which the crosswalk reads; it has Student #: put that name in quotes",
        ),
    ],
)
def test_wrong_codes_and_columns_suggest_the_nearest(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in STUDENTS
    key = "Student #" if old == "Student ID" else "Student ID"
    file = tmp_path / "students.csv"
    file.write_text(f"{key},First,Last,DOB,Gender\n7,Ada,Alder,2012-03-14,F\n", encoding="utf-8")
    crosswalk = Crosswalk.read(STUDENTS.replace(old, new))
    with pytest.raises(Refused, match=re.escape(said)):
        read_csv(file, into=tmp_path, partner="oak", crosswalk=crosswalk, school_year=None)
