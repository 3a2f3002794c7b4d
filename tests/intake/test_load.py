"""A CSV comes in end to end."""

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
