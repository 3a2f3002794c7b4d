"""Files as partners really send them: encodings, ragged rows, odd quotes, workbooks, and what is no export at all."""

import io
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.intake.conftest import Town, quarantine
from tests.intake.papers import STUDENTS, in_effect
from throughway.core.refusals import Refused
from throughway.intake import source_files

HEAD = "Student ID,First,Last,DOB,Gender\n"
WIDE = r"""
throughway: crosswalk/1
source: {SOURCE}
tables:
  attendance_day:
    key: [ID, attendance_event_date]
    person: ID
    melt: {columns: 'PATTERN', name: attendance_event_date, value: status, date: FORMATS}
    columns:
      attendance_status: {from: status, map: {"1": Present, "0": UnexcusedAbsence}}
ignore: [Name]
"""


def wide(pattern: str, formats: str, source: str = "format: csv") -> str:
    return WIDE.replace("SOURCE", source).replace("PATTERN", pattern).replace("FORMATS", formats)


@pytest.fixture(autouse=True)
def agreed(town: Town) -> None:
    town.agree(
        in_effect(
            [f"element: {t}.*" for t in ("person", "attendance_day", "service_received", "person_contact")]
        )
    )


def names(town: Town) -> list[str]:
    return sorted(str(row["last_or_surname"]) for row in town.rows("person"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end(town: Town, encoding: str, ends: str) -> None:
    text = (HEAD + "1,Zoé,Núñez,1/2/2010,F\n2,Al,Ng,1/2/2010,M\n").replace("\n", ends)
    crosswalk = STUDENTS.replace("tables:", f"source: {{encoding: {encoding}}}\ntables:")
    loaded = town.load(text.encode(encoding), crosswalk)
    assert loaded.tables["person"].landed == 2
    assert names(town) == ["Ng", "Núñez"]


@pytest.mark.parametrize(
    "encoding", ["iso-8859-1", "LATIN1", "windows-1252", "utf-16-le", "utf8", "UTF_16BE", "US-ASCII"]
)
def test_usual_names_of_encodings(town: Town, encoding: str) -> None:
    name = "Nunez" if encoding == "US-ASCII" else "Núñez"
    crosswalk = STUDENTS.replace("tables:", f"source: {{encoding: {encoding}}}\ntables:")
    loaded = town.load((HEAD + f"1,Zoe,{name},1/2/2010,F\n").encode(encoding), crosswalk)
    assert loaded.tables["person"].landed == 1
    assert names(town) == [name]


def test_utf_16_without_special_letters(town: Town) -> None:
    crosswalk = STUDENTS.replace("tables:", "source: {encoding: utf-16-le}\ntables:")
    assert (
        town.load((HEAD + "1,Zoe,Ng,1/2/2010,F\n").encode("utf-16-le"), crosswalk).tables["person"].landed
        == 1
    )
    assert names(town) == ["Ng"]


def test_byte_order_mark_decides_the_encoding(town: Town) -> None:
    assert (
        town.load((HEAD + "1,Zoé,Núñez,1/2/2010,F\n").encode("utf-16"), STUDENTS).tables["person"].landed == 1
    )
    assert names(town) == ["Núñez"]


def test_a_wrong_encoding_is_refused_without_the_text(town: Town) -> None:
    with pytest.raises(Refused, match="is not written in utf-8") as refusal:
        town.load((HEAD + "1,Zoé,Núñez,1/2/2010,F\n").encode("latin-1"), STUDENTS)
    assert "Zo" not in refusal.value.message
    assert town.rows("person") == []


def test_ragged_rows_blank_lines_and_quotes(town: Town) -> None:
    text = (
        HEAD
        + "1,Ann,Short\n"  # 2
        + "\n"  # 3
        + ",,,,\n"  # 4
        + '2,Bo,"Quoted, Jr.",1/2/2010,F\n'  # 5
        + "3,Cy,Long,1/2/2010,F,more\n"  # 6
        + '4,Di,"Broken"x,1/2/2010,F\n'  # 7
        + '5,Ed,"Open,1/2/2010,F\n'  # 8
        + "6,Flo,Trailing,1/2/2010,F,,\n"  # 9
        + "7,Gus, Blanks \t,1/2/2010,F\n"  # 10
    )
    loaded = town.load(text, STUDENTS)
    counts = loaded.tables["person"]
    assert (counts.read, counts.landed, counts.quarantined) == (7, 4, 3)
    assert names(town) == ["Blanks", "Quoted, Jr.", "Short", "Trailing"]
    assert [row["row"] for row in quarantine(loaded)] == ["6", "7", "8"]


def test_rows_of_only_delimiters_are_skipped(town: Town) -> None:
    counts = town.load(HEAD + "1,Ann,Bee,1/2/2010,F\n,,,,\n ,,,, \n", STUDENTS).tables["person"]
    assert (counts.read, counts.landed) == (1, 1)


def test_row_numbers_after_a_multiline_cell(town: Town) -> None:
    loaded = town.load(HEAD + '1,Ann,"Two\nlines",1/2/2010,F\n2,Bo,,1/2/2010,F\n', STUDENTS)
    assert names(town) == ["Two\nlines"]
    assert [(row["row"], row["column"]) for row in quarantine(loaded)] == [("3", "Last")]


def test_null_texts(town: Town) -> None:
    loaded = town.load(HEAD + "1,Ann,Bee,NULL,N/A\n2,Bo,Dee,-,-\n", STUDENTS)
    assert loaded.cells_emptied == 2
    dashes = STUDENTS.replace("tables:", 'source: {null_texts: ["-"]}\ntables:')
    assert town.load(HEAD + "1,Ann,Bee,-,\n2,Bo,Dee,-,-\n", dashes).cells_emptied == 0


def test_headings_below_a_title_and_absent_columns(town: Town) -> None:
    text = 'Roster,,,\n"of the\nfall",,,\nStudent ID,First,Last,Gender\n1,Ann,Bee,F\n2,,Dee,F\n'
    crosswalk = STUDENTS.replace("tables:", "source: {header_row: 3}\ntables:")
    with pytest.raises(Refused, match="has no column DOB"):
        town.load(text, crosswalk)
    loaded = town.load(text, crosswalk.replace('"%Y-%m-%d"]}', '"%Y-%m-%d"], otherwise: null}'))
    assert (loaded.tables["person"].landed, [row["row"] for row in quarantine(loaded)]) == (1, ["5"])


def test_duplicate_heading_is_refused_where_used(town: Town) -> None:
    with pytest.raises(Refused, match="2 columns with the heading Last"):
        town.load("Student ID,First,Last,Last,DOB,Gender\n1,A,B,C,,\n", STUDENTS)


@pytest.mark.parametrize(
    ("content", "format", "said"),
    [
        (b"", "csv", "is empty"),
        (b"\n \n", "csv", "is empty"),
        (b"PK\x03\x04rest", "csv", "zip archive or an Excel workbook"),
        (b"%PDF-1.7", "csv", "a PDF"),
        (b"<?xml version='1.0'?><a/>", "csv", "an XML document"),
        (b"Student ID,First\n1,\x00\x01\x02\n", "csv", "is binary"),
        (HEAD.encode(), "xlsx", "not an Excel workbook"),
        (b"PK\x03\x04rest", "xlsx", "cannot be opened"),
        (b"", "xlsx", "is empty"),
        (b"just words", "csv", "has 0 of the 5 columns"),
    ],
)
def test_other_kinds_of_files_are_refused(town: Town, content: bytes, format: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        town.load(content, STUDENTS, format=format)
    assert town.rows("person") == []


def test_a_csv_needs_a_crosswalk(town: Town) -> None:
    with pytest.raises(Refused, match="needs a crosswalk"):
        town.load(HEAD, None)


def test_a_file_of_headings_alone_reads_no_rows(town: Town) -> None:
    assert town.load(HEAD, STUDENTS).tables["person"].read == 0


def test_zip_of_tables_above_its_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tables.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("one.csv", "a\n" * 100)
    monkeypatch.setattr(source_files, "MOST_TABULAR", 199)
    with pytest.raises(Refused, match="too large when unpacked"):
        source_files.source_files(path, (".csv",), code="no_file", what=".csv file", tabular=True)
    monkeypatch.setattr(source_files, "MOST_TABULAR", 200)
    assert (
        len(source_files.source_files(path, (".csv",), code="no_file", what=".csv file", tabular=True)[0])
        == 1
    )


def test_zip_bomb_workbook_is_refused(town: Town) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (200 << 20))
    with pytest.raises(Refused, match="too large when unpacked"):
        town.load(packed.getvalue(), STUDENTS, format="xlsx")


def test_a_folder_and_a_zip_of_files_with_one_layout(town: Town, tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "a.csv").write_text(HEAD + "1,Ann,Bee,1/2/2010,F\n")
    (folder / "b.csv").write_text(HEAD + "2,Bo,Dee,x,F\n3,Cy\n")
    loaded = town.load(folder, STUDENTS)
    assert (loaded.tables["person"].landed, loaded.tables["person"].quarantined) == (2, 1)
    assert [(row["file"], row["row"]) for row in quarantine(loaded)] == [
        ("file 1.csv", "2"),
        ("file 1.csv", "3"),
    ]
    packed = tmp_path / "feed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(folder / "a.csv", "inner/a.csv")
        archive.write(folder / "b.csv", "inner/b.csv")
    assert town.load(packed, STUDENTS).tables["person"].unchanged == 2


def test_wide_attendance_blank_is_not_recorded(town: Town) -> None:
    text = "ID,Name,9/4/2024,9/5/2024\nc1,Ann,1,0\nc2,Bo,,1\n,Cy,1,\nc4,Di,x,\n"
    loaded = town.load(text, wide(r"^\d{1,2}/\d{1,2}/\d{4}$", '["%m/%d/%Y"]'))
    counts = loaded.tables["attendance_day"]
    assert (counts.read, counts.landed, counts.quarantined, loaded.cells_emptied) == (5, 4, 1, 1)
    assert [(row["row"], row["column"]) for row in quarantine(loaded)] == [("4", "ID"), ("5", "9/4/2024")]
    assert {row["attendance_event_date"] for row in town.rows("attendance_day")} == {
        date(2024, 9, 4),
        date(2024, 9, 5),
    }


def test_a_blank_cell_means_what_the_map_says(town: Town) -> None:
    crosswalk = wide(r"^\d", '["%m/%d/%Y"]').replace('"0": UnexcusedAbsence', '"": UnexcusedAbsence')
    loaded = town.load("ID,9/4/2024,9/5/2024\nc1,1,\n", crosswalk)
    assert loaded.tables["attendance_day"].landed == 2


def test_headings_without_a_year_need_the_school_year(town: Town) -> None:
    crosswalk = wide(r"^\d{1,2}/\d{1,2}$", '["%m/%d"]')
    text = "ID,9/4,2/28\nc1,1,0\n"
    with pytest.raises(Refused, match="--school-year"):
        town.load(text, crosswalk)
    town.load(text, crosswalk, school_year=2025)
    assert {row["attendance_event_date"] for row in town.rows("attendance_day")} == {
        date(2024, 9, 4),
        date(2025, 2, 28),
    }


def test_two_columns_for_one_day_are_an_error(town: Town) -> None:
    with pytest.raises(Refused, match="two columns for 2024-09-04"):
        town.load("ID,9/4/2024,09/04/2024\nc1,1,0\n", wide(r"^\d", '["%m/%d/%Y"]'))


def test_heading_without_a_day_loses_only_its_cells(town: Town) -> None:
    text = "ID,9/4/2024,13/1/2021,2/30/2021\nc1,1,0,\nc2,0,,\nc3,1,1,x\n"
    loaded = town.load(text, wide(r"^\d{1,2}/\d{1,2}/\d{4}$", '["%m/%d/%Y"]'))
    counts = loaded.tables["attendance_day"]
    assert (counts.read, counts.landed, counts.quarantined) == (6, 3, 3)
    assert [(row["row"], row["column"]) for row in quarantine(loaded)] == [
        ("2", "13/1/2021"), ("4", "13/1/2021"), ("4", "2/30/2021")
    ]  # fmt: skip
    assert {row["problem"] for row in quarantine(loaded)} == {"the heading is not a date in %m/%d/%Y"}
    assert loaded.refused_columns == []
    assert {row["attendance_event_date"] for row in town.rows("attendance_day")} == {date(2024, 9, 4)}


def test_leap_day_of_another_school_year_is_invalid(town: Town) -> None:
    loaded = town.load("ID,2/28,2/29\nc1,1,0\n", wide(r"^\d{1,2}/\d{1,2}$", '["%m/%d"]'), school_year=2025)
    assert [(row["row"], row["column"]) for row in quarantine(loaded)] == [("2", "2/29")]
    assert loaded.tables["attendance_day"].landed == 1


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def test_a_wide_workbook_with_real_dates_and_serials(town: Town) -> None:
    content = workbook(
        ["ID", "Name", datetime(2024, 9, 4), "9/5/2024", 45541],
        ["c1", "Ann", 1, 0, None],
        [None] * 5,
        ["c2", "Bo", None, 1.0, "1"],
    )
    loaded = town.load(
        content, wide(r"^\d{1,2}/\d{1,2}/\d{4}$|^\d{5}$", '["%m/%d/%Y"]', "format: xlsx"), format="xlsx"
    )
    assert loaded.tables["attendance_day"].landed == 4
    assert {row["attendance_event_date"] for row in town.rows("attendance_day")} == {
        date(2024, 9, 4), date(2024, 9, 5), date(2024, 9, 6)
    }  # fmt: skip


def test_a_workbook_of_students(town: Town) -> None:
    content = workbook(
        ["Student ID", "First", "Last", "DOB", "Gender"],
        [101, "Ann", "Bee", datetime(2010, 1, 2), "F"],
        [102.0, "Bo", "Dee", "1/2/2010", "M"],
        [103, "Cy", "Eff", 40180, "M"],
    )
    loaded = town.load(content, STUDENTS, format="xlsx")
    assert loaded.cells_emptied == 0
    assert {str(row["birthdate"]) for row in town.rows("person")} == {"2010-01-02"}
    assert town.keys().keys() == {"101", "102", "103"}


def test_a_sheet_by_name(town: Town) -> None:
    book = Workbook()
    book.create_sheet("Data").append(["Student ID", "First", "Last", "DOB", "Gender"])
    packed = io.BytesIO()
    book.save(packed)
    crosswalk = STUDENTS.replace("tables:", "source: {format: xlsx, sheet: Data}\ntables:")
    assert town.load(packed.getvalue(), crosswalk, format="xlsx").tables["person"].read == 0
    with pytest.raises(Refused, match="has no sheet Other"):
        town.load(packed.getvalue(), crosswalk.replace("Data", "Other"), format="xlsx")


def test_hours_and_minutes_of_a_week_are_one_quantity(town: Town) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  service_received:
    key: [Student ID, Week ending, Activity]
    person: Student ID
    columns:
      service_date: {from: Week ending, date: ["%m/%d/%y"]}
      service_date_precision: {value: week}
      service_quantity: {sum: [{from: Hours, times: 60}, {from: Minutes}]}
      service_quantity_unit: {value: minute}
"""
    loaded = town.load(
        "Student ID,Week ending,Activity,Hours,Minutes\n1,9/6/24,Chess,2,30\n2,9/6/24,Chess,,90\n3,9/6/24,Chess,x,1\n4,9/6/24,Chess,,\n",
        crosswalk,
    )
    assert [row["column"] for row in quarantine(loaded)] == ["Hours + Minutes"]
    assert sorted(str(row.get("service_quantity")) for row in town.rows("service_received")) == [
        "150.0",
        "90.0",
        "None",
        "None",
    ]


def test_joined_columns(town: Town) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  person_contact:
    key: [Student ID]
    person: Student ID
    columns:
      address_street_number_and_name: {join: [Number, Street], with: " "}
"""
    town.load("Student ID,Number,Street\n1,12,Elm\n2,,Oak\n3,,\n", crosswalk)
    said = [row.get("address_street_number_and_name") for row in town.rows("person_contact")]
    assert sorted(map(str, said)) == ["12 Elm", "None", "Oak"]


def test_unpivoted_cell_named_like_an_element_is_checked(town: Town) -> None:
    crosswalk = """
throughway: crosswalk/1
tables:
  attendance_day:
    key: [ID, attendance_event_date]
    person: ID
    melt: {columns: '^2024', name: attendance_event_date, value: attendance_status, date: ["%Y-%m-%d"]}
"""
    loaded = town.load("ID,2024-09-04,2024-09-05\nc1,Present,Here\n", crosswalk)
    assert (loaded.tables["attendance_day"].landed, loaded.cells_emptied) == (2, 1)
    assert [(row["row"], row["column"]) for row in quarantine(loaded)] == [("2", "2024-09-05")]


def test_bad_row_in_a_wide_file_loses_only_that_row(town: Town) -> None:
    columns, first = 1100, date(2015, 1, 1)
    days = [f"{day:%m/%d/%Y}" for day in (first + timedelta(days=n) for n in range(columns))]
    rest = ",".join("1" if n == 3 else "" for n in range(columns))
    text = f"ID,{','.join(days)}\nc1,{rest}\n,{rest}\n" + "," * columns + "\n"
    loaded = town.load(text, wide(r"^\d\d/\d\d/\d{4}$", '["%m/%d/%Y"]'))
    counts = loaded.tables["attendance_day"]
    assert (counts.read, counts.landed, counts.quarantined) == (2, 1, 1)
    assert [(row["row"], row["column"], row["problem"]) for row in quarantine(loaded)] == [
        ("3", "ID", "the key of the person is missing")
    ]


KEYED = r"""
throughway: crosswalk/1
tables:
  attendance_day:
    key: [ID, Day]
    person: ID
    columns:
      attendance_event_date: {from: Day, date: ["%m/%d/%Y"]REQUIRED}
      attendance_status: {from: Status, map: {P: Present}}
"""


@pytest.mark.parametrize("required", ["", ", required: true"])
def test_unreadable_keys_differ_from_missing_ones(town: Town, required: str) -> None:
    loaded = town.load(
        "ID,Day,Status\n1,2024-09-04,P\n1,,P\n1,9/5/2024,P\n", KEYED.replace("REQUIRED", required)
    )
    assert loaded.tables["attendance_day"].landed == 1
    told = {(row["row"], row["column"], row["problem"], row["cure"]) for row in quarantine(loaded)}
    unreadable = ("2", "Day", "not a date in %m/%d/%Y",
                  "correct the date, or add its format to attendance_day.attendance_event_date in the crosswalk")  # fmt: skip
    missing = ("3", "Day", "the key of the row is missing", "fill Day in the source")
    assert {unreadable, missing} <= told
    assert [line for line in told if line[0] == "2"] == [unreadable]


def test_future_attendance_is_set_aside(town: Town) -> None:
    later = date.today() + timedelta(days=3)
    loaded = town.load(f"ID,Day,Status\n1,{later:%m/%d/%Y},P\n1,9/5/2024,P\n", KEYED.replace("REQUIRED", ""))
    counts = loaded.tables["attendance_day"]
    assert (counts.read, counts.landed, counts.quarantined) == (2, 1, 1)
    assert [(row["row"], row["column"], row["problem"]) for row in quarantine(loaded)] == [
        ("2", "Day", "the date is in the future")
    ]


@pytest.mark.parametrize(
    ("born", "problem"),
    [("1/2/2112", "the date is in the future"), ("1/2/1812", "the birth date is before 1900")],
)
def test_impossible_birth_date_is_emptied(town: Town, born: str, problem: str) -> None:
    loaded = town.load(HEAD + f"1,Zoe,Ng,{born},F\n2,Al,Bo,1/2/2010,M\n", STUDENTS)
    assert (loaded.tables["person"].landed, loaded.cells_emptied) == (2, 1)
    assert [(row["row"], row["column"], row["problem"]) for row in quarantine(loaded)] == [
        ("2", "DOB", problem)
    ]
    assert [row["birthdate"] for row in town.rows("person") if "birthdate" in row] == [date(2010, 1, 2)]


def test_moments_in_utc_need_a_time_zone(town: Town) -> None:
    stated = KEYED.replace('"%m/%d/%Y"', '"%Y-%m-%dT%H:%M:%SZ"').replace("REQUIRED", "")
    text = "ID,Day,Status\n1,2024-09-05T02:00:00Z,P\n"
    loaded = town.load(text, stated)
    (line,) = quarantine(loaded)
    assert line["problem"].endswith("a time in UTC that falls on another day in some time zones")
    assert "source.time_zone" in line["cure"]
    town.load(text, stated.replace("tables:", "source: {time_zone: America/New_York}\ntables:"))
    assert [row["attendance_event_date"] for row in town.rows("attendance_day")] == [date(2024, 9, 4)]


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_file_with_too_many_columns_is_refused(town: Town, format: str) -> None:
    headings = ["Student ID", "First", "Last", "DOB", "Gender", *(f"Day {n}" for n in range(1_995))]
    town.load(table_of(headings, format), STUDENTS, format=format, name=f"a.{format}")
    with pytest.raises(Refused, match=r"more than 2,000 columns, .* export only the columns"):
        town.load(table_of([*headings, "Day 1995"], format), STUDENTS, format=format, name=f"a.{format}")


def table_of(headings: list[str], format: str) -> bytes:
    """A file of the headings and one student."""
    row = ["1", "Ann", "Bee", "", "F"]
    if format == "csv":
        return "\n".join([",".join(headings), ",".join(row + [""] * (len(headings) - 5)), ""]).encode()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Students")
    sheet.append(headings)
    sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
