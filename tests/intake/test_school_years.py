"""A school year is its ending year, however a file writes it, and the stated one where a file says none."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import in_effect
from throughway.intake.load_report import Counts
from throughway.intake.value_parsing import ending_year, ending_year_sql

WRITTEN = {
    "2022": "2022", "2021-22": "2022", "2021-2022": "2022", "SY22": "2022", "sy 2022": "2022", "SY2021-22": "2022",
    "2021/22": "2022", "2021–22": "2022", "2021 - 2022": "2022", "21-22": "2022", "2022.0": "2022", "1999-00": "2000",
    "2021-23": None, "2022-21": None, "22": None, "next": None, "20222": None, "1821-22": None, "": None,
}  # fmt: skip

ENROLLMENT = """
throughway: crosswalk/1
tables:
  school_enrollment:
    key: [ID]
    person: ID
    columns:
      entry_grade_level: {from: Grade}
      school_year: {from: Year, otherwise: null}
"""


@pytest.mark.parametrize(("text", "year"), WRITTEN.items())
def test_each_way_of_writing_one(text: str, year: str | None) -> None:
    assert ending_year(text) == year


TEXTS = st.from_regex(r"(SY ?)?(\d{4}|\d{2})( ?[-/] ?(\d{4}|\d{2}))?", fullmatch=True) | st.text(max_size=6)


@given(st.sampled_from(list(WRITTEN)) | TEXTS)
def test_the_engine_reads_them_as_the_page_does(text: str) -> None:
    said = duckdb.execute(f"SELECT {ending_year_sql('t')} FROM (SELECT ? AS t)", [text]).fetchone()
    assert said == (ending_year(text),)


def years(town: Town) -> list[object]:
    return sorted(str(row.get("school_year")) for row in town.rows("school_enrollment"))


def test_a_file_s_own_years_land_as_ending_years(town: Town) -> None:
    town.agree(in_effect(["element: school_enrollment.*"]))
    text = "ID,Grade,Year\n1,07,2021-22\n2,07,2021-2022\n3,07,2022\n4,07,soon\n"
    loaded = town.load(text, ENROLLMENT)
    assert years(town) == ["2022", "2022", "2022", "None"]
    assert (loaded.tables["school_enrollment"].landed, loaded.cells_emptied) == (4, 1)
    assert [(row["row"], row["column"], row["problem"]) for row in quarantine(loaded)] == [
        ("5", "Year", "not a school year")
    ]


@pytest.mark.parametrize("column", ["{value: 2021-22}", "{from: Year, map: {this: 2021-22}}"])
def test_crosswalk_years_land_as_ending_years(town: Town, column: str) -> None:
    town.agree(in_effect(["element: school_enrollment.*"]))
    town.load("ID,Grade,Year\n1,07,this\n", ENROLLMENT.replace("{from: Year, otherwise: null}", column))
    assert years(town) == ["2022"]


@pytest.mark.parametrize(
    "mapped", [ENROLLMENT, ENROLLMENT.replace("      school_year", "      # school_year")]
)
def test_stated_year_fills_files_without_one(town: Town, mapped: str) -> None:
    town.agree(in_effect(["element: school_enrollment.*"]))
    loaded = town.load("ID,Grade\n1,07\n", mapped, school_year=2022)
    assert years(town) == ["2022"]
    assert loaded.refused_columns == []
    assert town.load("ID,Grade\n1,07\n", mapped, school_year=2022).tables["school_enrollment"].unchanged == 1


def test_a_year_that_no_agreement_needs_is_not_filled_in(town: Town) -> None:
    town.agree(in_effect(["element: school_enrollment.entry_grade_level"]))
    loaded = town.load("ID,Grade\n1,07\n", ENROLLMENT, school_year=2022)
    assert years(town) == ["None"]
    assert loaded.refused_columns in ([], ["school_enrollment.school_year", "Year"])


SPELLS = """
throughway: crosswalk/1
tables:
  school_enrollment:
    key: [ID]
    person: ID
    columns:
      entry_grade_level: {from: Grade}
      enrollment_entry_date: {from: In, date: ["%m/%d/%Y"]}
      enrollment_exit_date: {from: Out, date: ["%m/%d/%Y"]}
      school_year: {from: Year, otherwise: null}
"""
DAYS = {  # first and last day -> the year that is filled in beside a stated 2024-25
    ("8/28/2024", ""): "2025",
    ("8/28/2019", ""): "2025",  # still enrolled
    ("", ""): "2025",
    ("8/28/2022", "6/10/2023"): "2023",
    ("", "6/10/2023"): "2023",
    ("8/25/2025", ""): "2026",
    ("8/28/2024", "7/2/2025"): "2025",
}


@pytest.mark.parametrize("own", ["", "2021-22"])
@pytest.mark.parametrize(("days", "year"), DAYS.items())
def test_days_of_another_year_keep_their_year(town: Town, days: tuple[str, str], year: str, own: str) -> None:
    town.agree(in_effect(["element: school_enrollment.*"]))
    town.load(f"ID,Grade,In,Out,Year\n1,07,{days[0]},{days[1]},{own}\n2,07,,,\n", SPELLS, school_year=2025)
    assert years(town) == sorted([(own and "2022") or year, "2025"])


def test_unreadable_year_is_not_filled_with_the_stated_one(town: Town) -> None:
    town.agree(in_effect(["element: school_enrollment.*"]))
    town.load("ID,Grade,Year\n1,07,soon\n", ENROLLMENT, school_year=2022)
    assert years(town) == ["None"]


def test_stated_year_alone_brings_in_no_table(town: Town) -> None:
    town.agree(in_effect(["element: school_enrollment.school_year", "element: person.first_name"]))
    mapped = ENROLLMENT + "  person: {key: [ID], columns: {first_name: {from: Name}}}\n"
    mapped = mapped.replace("      school_year: {from: Year, otherwise: null}\n", "")
    loaded = town.load("ID,Grade,Name\n1,07,Ann\n", mapped, school_year=2022)
    assert loaded.tables["person"].landed == 1
    assert loaded.tables["school_enrollment"] == Counts(read=1, not_covered=1)
