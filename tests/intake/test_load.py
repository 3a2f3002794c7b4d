"""A CSV comes in end to end."""

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import STUDENTS, in_effect
from throughway.intake.load_report import Counts
from throughway.store.actions.maintenance import check
from throughway.store.selectors import current_community

FILE = """Student ID,First,Last,DOB,Gender,Homeroom,Notes
1,Ann,Bee,1/2/2010,F,x,y
2,Cy,Dee,2010-02-30,Q,x,
,No,Key,1/2/2010,F,,
4,,Nofirst,1/2/2010,F,,
"""


def test_csv_load_reports_every_row(town: Town) -> None:
    town.agree(in_effect(["element: person.*"]))
    loaded = town.load(FILE, STUDENTS)
    assert loaded.tables == {"person": Counts(read=4, landed=2, quarantined=2)}
    assert loaded.cells_emptied == 2
    assert loaded.refused_columns == ["Notes"]
    keys = town.keys()
    assert keys.keys() == {"1", "2"}
    first = next(row for row in town.rows("person") if row["record"] == keys["1"])
    assert (first["first_name"], first["sex"], first["sex_source"]) == ("Ann", "Female", "F")
    assert str(first["birthdate"]) == "2010-01-02"
    listed = [(row["row"], row["column"]) for row in quarantine(loaded)]
    assert listed == [("3", "DOB"), ("3", "Gender"), ("4", "Student ID"), ("5", "First")]
    again = town.load(FILE, STUDENTS)
    assert again.tables == {"person": Counts(read=4, quarantined=2, unchanged=2)}
    assert town.keys() == keys


def test_next_load_removes_leftovers_of_a_killed_one(town: Town) -> None:
    town.agree(in_effect(["element: person.*"]))
    orphan = current_community().store / "0123456789abcdef0123456789abcdef.parquet"
    orphan.parent.mkdir(parents=True, exist_ok=True)
    town.load(FILE, STUDENTS)
    orphan.write_bytes(b"left by a load that was killed")
    assert check()
    town.load(FILE, STUDENTS)
    assert not orphan.exists()
    assert not check()


PADDED = """Student ID,First,Last,DOB,Gender,Homeroom,Notes
1,Ann,Bee,1/2/2010,F,x,y
Totals Hall,,,,,,
Maria de la Cruz,,,,,,
Grand total: 2,,,,,,2
Total,,,,,,2
Number of students,,,2,,,
Prepared by the office,,,,,,
* F = female,,,,,,
"""
NAMES = """
throughway: crosswalk/1
ignore: [DOB, Gender, Homeroom, Notes]
tables:
  person:
    key: [Student ID]
    columns:
      first_name: {from: First}
      last_or_surname: {from: Last}
"""
CLUB = """
  program_participation:
    key: [Student ID]
    person: Student ID
    columns:
      program_identifier: {value: Club}
"""
DAYS = """
  attendance_day:
    key: [Student ID, attendance_event_date]
    person: Student ID
    melt: {columns: '^9/.*', name: attendance_event_date, value: there, date: ["%m/%d/%Y"]}
    columns:
      attendance_event_type: {value: ProgramAttendance}
      attendance_status: {from: there, map: {"1": Present}}
"""


@pytest.mark.parametrize("irregular", [False, True])
def test_lines_of_totals_and_notes_are_no_students(town: Town, irregular: bool) -> None:
    """Whether the engine reads the file or it is read row by row. A name that serves as a key is kept."""
    town.agree(in_effect(["element: person.*", "element: program_participation.*"]))
    loaded = town.load(PADDED + "\n" * irregular, NAMES + CLUB)
    # A line that both tables would read counts once.
    assert loaded.tables == {
        "person": Counts(read=8, landed=3, quarantined=5),
        "program_participation": Counts(read=3, landed=3),
    }
    assert town.keys().keys() == {"1", "Totals Hall", "Maria de la Cruz"}
    assert {(row["problem"], row["row"]) for row in quarantine(loaded)} == {
        ("a line of totals or a note, not a student", str(n)) for n in range(5, 10)
    }


@pytest.mark.parametrize(
    "name", ['"Page, Sarah"', "Page Smith", "Lopez Ana *", "Ana Maria de la Cruz Lopez", "ana maria sofia de la cruz lopez", "Ana Maria Sofia Cruz Lopez"]
)  # fmt: skip
def test_a_name_alone_in_its_row_is_a_student(town: Town, name: str) -> None:
    """As on a sheet of a group, of whoever did not come yet."""
    town.agree(in_effect(["element: person.*"]))
    loaded = town.load(f"{PADDED}{name},,,,,,\n", NAMES)
    assert town.keys().keys() == {"1", "Totals Hall", "Maria de la Cruz", name.strip('"')}
    assert loaded.tables["person"].quarantined == 5


@pytest.mark.parametrize(
    "text", ["Page 12 of 20", "Run on 9/8/2025", "Attendance is taken every afternoon", "Note: F is female"]
)
def test_a_sentence_alone_in_its_row_is_none(town: Town, text: str) -> None:
    town.agree(in_effect(["element: person.*"]))
    assert town.load(f"{PADDED}{text},,,,,,\n", NAMES).tables["person"].quarantined == 6


def test_totals_under_a_sheet_of_days_are_no_attendance(town: Town) -> None:
    town.agree(in_effect(["element: person.*", "element: attendance_day.*"]))
    sheet = "Student ID,First,Last,DOB,Gender,9/8/2025,9/9/2025\n1,Ann,Bee,1/2/2010,F,1,1\nTotal,,,,,1,1\n"
    loaded = town.load(sheet, NAMES + DAYS)
    assert loaded.tables["attendance_day"] == Counts(read=2, landed=2)
    assert loaded.tables["person"].quarantined == 1
    assert town.keys().keys() == {"1"}
