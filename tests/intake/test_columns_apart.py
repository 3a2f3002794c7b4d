"""Sheets that people make: names in one column, a day beside each score, headings that repeat; read by a crosswalk, and drafted."""

from pathlib import Path

import pytest

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect
from tests.intake.test_crosswalk_help import _drafted, _file
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk

NAMES = """
throughway: crosswalk/1
tables:
  person:
    key: [ID]
    columns:
      last_or_surname: {from: Student, part: last}
      first_name: {from: Student, part: first}
      middle_name: {from: Student, part: middle}
      generation_code_or_suffix: {from: Student, part: suffix}
"""
WRITTEN = {
    "Bee, Ann": ("Bee", "Ann", None, None),
    "De la Cruz, Ana María": ("De la Cruz", "Ana", "María", None),
    "Dee Jr., Cy Lee": ("Dee", "Cy", "Lee", "Jr"),
    "Eff, Gus III": ("Eff", "Gus", None, "III"),
    "Hay, Ida, IV": ("Hay", "Ida", None, "IV"),
    "Gar\u00eda,\u00a0Ana\u00a0Sol\u00a0II": (
        "Gar\u00eda",
        "Ana",
        "Sol",
        "II",
    ),  # no-break spaces, as copied from a page
    "  O'Neil ,Jo-Ann  K. L.": ("O'Neil", "Jo-Ann", "K. L.", None),
}
PARTS = ("last_or_surname", "first_name", "middle_name", "generation_code_or_suffix")
PAIRS = """
throughway: crosswalk/1
tables:
  assessment_result:
    key: [ID, season]
    person: ID
    melt:
      columns: '^(Fall|Winter|Spring) Score$'
      name: season
      value: assessment_result_score_value
      beside: {tested: '^(Fall|Winter) Date$'}
    columns:
      assessment_title: {value: Reading}
      assessment_administration_start_date: {from: tested, date: ["%m/%d/%Y"]}
"""
SHEET = (
    "ID,Fall Score,Fall Date,Winter Score,Winter Date,Spring Score\n"
    "1,40,9/2/2025,55,1/20/2026,70\n"
    "2,41,9/3/2025,,1/21/2026,\n"
    "3,42,soon,56,,71\n"
)


@pytest.fixture(autouse=True)
def agreed(town: Town) -> None:
    town.agree(in_effect(["element: person.*", "element: assessment_result.*"]))


def test_the_parts_of_a_name(town: Town) -> None:
    sheet = "ID,Student\n" + "".join(f'{n},"{name}"\n' for n, name in enumerate(WRITTEN))
    loaded = town.load(sheet, NAMES)
    assert loaded.cells_emptied == 0
    people = town.keys()
    found = {row["person_record"]: tuple(row.get(part) for part in PARTS) for row in town.rows("person")}
    assert [found[people[str(n)]] for n in range(len(WRITTEN))] == [*WRITTEN.values()]


@pytest.mark.parametrize("name", ["Ann Bee", "Bee,", ", Ann", "Bee, Ann, Cy", "Bee, Ann, Jr, Sr"])
def test_what_is_no_such_name_is_left_empty_and_listed(town: Town, name: str) -> None:
    loaded = town.load(f'ID,Student\n1,"{name}"\n', NAMES)
    assert loaded.cells_emptied == len(PARTS)
    (row,) = town.rows("person")
    assert not set(PARTS) & row.keys()
    assert {each["problem"] for each in quarantine(loaded)} == {"not a name written as Last, First"}
    assert name not in loaded.quarantine.read_text()


def test_a_day_beside_each_score(town: Town) -> None:
    loaded = town.load(SHEET, PAIRS)
    keys = {record: key for key, record in town.keys().items()}
    found = {
        (keys[int(str(row["person_record"]))], row["assessment_result_score_value"], str(row.get("assessment_administration_start_date")))
        for row in town.rows("assessment_result")
    }  # fmt: skip
    assert found == {
        ("1", "40", "2025-09-02"), ("1", "55", "2026-01-20"), ("1", "70", "None"), ("2", "41", "2025-09-03"),
        ("3", "42", "None"), ("3", "56", "None"), ("3", "71", "None"),
    }  # fmt: skip
    assert [(each["row"], each["column"]) for each in quarantine(loaded)] == [("4", "tested")]
    assert loaded.refused_columns == []
    again = town.load(SHEET.replace("55,1/20", "57,1/22"), PAIRS)
    assert (again.tables["assessment_result"].changed, again.tables["assessment_result"].unchanged) == (1, 6)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (PAIRS.replace("'^(Fall|Winter) Date$'", "'^Fall Date$'"), "one group in parentheses"),
        (PAIRS.replace("{tested:", "{season:"), "must differ"),
        (PAIRS.replace("beside:", 'date: ["%m/%d"]\n      beside:'), "do not go together"),
        (NAMES.replace("part: first", 'part: first, date: ["%d"]'), "belongs to `from`"),
        (NAMES.replace("part: first", "part: given"), "part"),
    ],
)
def test_a_wrong_crosswalk_is_refused(broken: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        Crosswalk.read(broken)


def test_two_columns_beside_the_same(town: Town) -> None:
    with pytest.raises(Refused, match="two columns beside the same"):
        town.load(SHEET.replace("Winter Date", "Fall Date"), PAIRS)


def test_a_heading_that_repeats_is_named_by_its_place(town: Town) -> None:
    sheet = "ID,Score,Score,Score\n1,10,20,30\n"
    crosswalk = """
throughway: crosswalk/1
tables:
  assessment_result:
    key: [ID]
    person: ID
    columns:
      assessment_result_score_value: {from: "Score (2)"}
"""
    loaded = town.load(sheet, crosswalk)
    assert [row["assessment_result_score_value"] for row in town.rows("assessment_result")] == ["20"]
    assert loaded.unmapped == ("Score (1)", "Score (3)")
    assert town.load(sheet, crosswalk + "ignore: [Score]\n").unmapped == ()
    with pytest.raises(Refused, match=r"as in Score \(2\)"):
        town.load(sheet, crosswalk.replace("Score (2)", "Score"))


def test_a_draft_asks_which_of_repeated_headings_is_meant(tmp_path: Path) -> None:
    rows = "".join(f"S{n:03},{400 + n},{450 + n}\n" for n in range(40))
    text = _drafted(tmp_path, _file(tmp_path, "scores.csv", f"Student ID,Score,Score\n{rows}")).read_text()
    assert text.count("# DOUBT: Score is the heading of 2 columns") == 1
    assert "Score (1)" in text


def test_the_parts_of_a_name_are_drafted(tmp_path: Path) -> None:
    rows = "".join(f'S{n:03},"Dee{n}, Cy{n} Lee","Bee{n}, Jo",{n % 9 + 1}/14/2012\n' for n in range(40))
    path = _file(tmp_path, "students.csv", f"Student ID,Student Name,Teacher Name,DOB\n{rows}")
    drafted = Crosswalk.of_file(_drafted(tmp_path, path))
    columns = drafted.tables["person"].columns
    assert {name: columns[name].part for name in PARTS} == dict(
        zip(PARTS, ("last", "first", "middle", "suffix"), strict=True)
    )
    assert {columns[name].from_ for name in PARTS} == {"Student Name"}
    assert drafted.ignore == ("Teacher Name",)


def test_a_day_beside_each_score_is_drafted(town: Town, tmp_path: Path) -> None:
    head = "Student ID,Fall Scale Score,Fall Test Date,Spring Scale Score,Spring Test Date\n"
    rows = "".join(
        f"S{n:03},{400 + n},9/{n % 28 + 1}/2025,{450 + n},4/{n % 28 + 1}/2026\n" for n in range(40)
    )
    path = _file(tmp_path, "reading.csv", head + rows)
    crosswalk = _drafted(tmp_path, path).read_text()
    town.load(path, crosswalk)
    found = town.rows("assessment_result")
    assert len(found) == 80
    assert {str(row["assessment_administration_start_date"])[:7] for row in found} == {"2025-09", "2026-04"}
