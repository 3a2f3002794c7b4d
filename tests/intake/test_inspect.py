"""FileInspection of a file: its format, which element each column is, what is never shown, and what is refused."""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time

import openpyxl
import pytest
import yaml

from tests.intake.layouts import judged, layouts_of, table_of
from tests.intake.test_hmis import export_files
from throughway.core.refusals import Refused
from throughway.intake.contract import TableNeed
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.column_profile import date_forms, shape
from throughway.intake.inspection.element_guess import ElementGuess
from throughway.intake.inspection.headings import matches
from throughway.intake.inspection.inspection import FileInspection, inspect
from throughway.intake.inspection.known_names import known_names
from throughway.intake.inspection.melted_columns import melted_answers

HELD_BACK = Path(__file__).with_name("held_back_layouts.csv")
WRITTEN = Path(__file__).with_name("written_layouts.csv")
FIRST = ("Ana", "Ben", "Cleo", "Dmitri", "Eva")
LAST = ("Alvarez", "Baker", "Castellanos", "Diaz", "Evangelista")
HEADINGS = ("Student ID", "First Name", "Last Name", "DOB", "Gender", "Grade", "School ID", "Entry Date")


def looked_at(path: Path, folder: Path, **named: object) -> FileInspection:
    into = folder / f"into-{len(list(folder.iterdir()))}"
    into.mkdir()
    return inspect(path, into=into, **named)  # type: ignore[arg-type]


def rows(count: int = 40) -> list[list[str]]:
    return [
        [f"S{90817 + n}", FIRST[n % 5], LAST[n // 5 % 5], f"{n % 12 + 1}/{n % 28 + 1}/2011", "MF"[n % 2], f"{n % 12 + 1}", f"10{n % 3}", f"08/{n % 9 + 20}/2025"]
        for n in range(count)
    ]  # fmt: skip


def text_of(cells: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(cells)
    return out.getvalue()


def by_name(found: FileInspection) -> dict[str, ElementGuess]:
    return {column.name: column for table in found.tables for column in table.columns}


STUDENTS = {
    "Student ID": "person_identifier.person_identifier",
    "First Name": "person.first_name",
    "Last Name": "person.last_or_surname",
    "DOB": "person.birthdate",
    "Gender": "person.sex",
    "Grade": "school_enrollment.entry_grade_level",
    "School ID": "school_enrollment.organization_id",
    "Entry Date": "school_enrollment.enrollment_entry_date",
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_delimiter_and_encoding(tmp_path: Path, delimiter: str, encoding: str) -> None:
    cells = [HEADINGS, *rows()]
    cells[3][1] = "Núñez"
    path = tmp_path / "oak.csv"
    path.write_text(text_of(cells, delimiter), encoding=encoding)
    found = looked_at(path, tmp_path)
    assert (found.format, found.tables[0].rows) == ("csv", 40)
    assert {name: column.element for name, column in by_name(found).items()} == STUDENTS
    crosswalk = Crosswalk.read(found.crosswalk)
    assert crosswalk.source.delimiter == delimiter
    assert crosswalk.tables["person"].key == ("Student ID",)


def test_no_value_of_a_student_is_shown(tmp_path: Path) -> None:
    """Neither in the result nor in the drafted crosswalk; codes that only one row has are not shown either."""
    headings = [
        *HEADINGS,
        "SSN",
        "Home Phone",
        "Email",
        "Street",
        "Case Notes",
        "Exit Code",
        "Mystery",
        "Status",
    ]
    secret = [
        [*row, f"900-5{n % 10}-{4000 + n}", f"555-01{n:02}", f"{row[1]}{n}@mail.example", f"{n} Larkspur Lane", f"said that {row[1]} is sad",
         "W1" if n else "UniqueWithdrawalWord", f"Zorblatt {n}", row[2] if n % 2 else "Active"]
        for n, row in enumerate(rows())
    ]  # fmt: skip
    path = tmp_path / "oak.csv"
    path.write_text(text_of([headings, *secret]))
    found = looked_at(path, tmp_path)
    shown = json.dumps(found.to_json(), ensure_ascii=False)
    for row in secret:
        for place in (0, 1, 2, 3, 7, 8, 9, 10, 11, 12, 14):
            assert not re.search(rf"(?<![\w]){re.escape(row[place])}(?![\w])", shown), headings[place]
    assert "UniqueWithdrawalWord" not in shown
    assert "W1" in shown
    assert "Active" in shown
    columns = by_name(found)
    assert columns["Exit Code"].hidden_codes == 1
    assert columns["SSN"].identifier
    assert columns["Mystery"].identifier
    assert columns["Case Notes"].sensitive == "free text about a student"
    assert found.to_json()["tables"][0]["columns"][3]["range"] == "2011 to 2011"


@pytest.mark.parametrize(
    ("heading", "cell", "said"),
    [
        ("SocialSec", "900-5{0}-40{1}", "a Social Security number"),
        ("HH Inc", "900-5{0}-40{1}", "a Social Security number"),
        ("Special Program", "900-5{0}-40{1}", "a Social Security number"),
        ("Soc Sec No", "9005{0}40{1}", "a Social Security number"),
        ("IEP Date", "2025-09-1{0}", "a disability"),
        ("SPED Entry Date", "2025-09-1{0}", "a disability"),
        ("Refugee Status", "Y", "immigration status"),
        ("Days Suspended", "{0}", "discipline"),
        ("Gender Identity", "F", "gender identity"),
    ],
)
def test_what_is_sensitive_is_said_whatever_element_a_column_may_be(
    tmp_path: Path, heading: str, cell: str, said: str
) -> None:
    given = [[*row, cell.format(n % 10, 10 + n)] for n, row in enumerate(rows())]
    path = tmp_path / "oak.csv"
    path.write_text(text_of([[*HEADINGS, heading], *given]))
    found = by_name(looked_at(path, tmp_path))[heading]
    assert found.sensitive == said
    assert found.identifier or said != "a Social Security number"


@pytest.mark.parametrize(
    "heading", ["Gender Identity", "Identify As", "SNAP", "TANF", "DCF Involved", "System Involved", "Section 8", "Dis Code", "Risk Level",
     "Days Out", "Former Name", "Birth Name", "Housing Status"]
)  # fmt: skip
def test_what_is_no_element_of_ours_is_not_taken_for_one(tmp_path: Path, heading: str) -> None:
    """Who gets SNAP may not be certified, whom a child welfare agency knows may live at home, a gender identity is no sex, days out
    may be of a suspension, a name at birth is no last name, and who has a housing status may have a house."""
    given = [
        [*row, ("Y", "N", "01", "02")[n % (2 if heading == "Housing Status" else 4)]]
        for n, row in enumerate(rows())
    ]
    path = tmp_path / "oak.csv"
    path.write_text(text_of([[*HEADINGS, heading], *given]))
    found = by_name(looked_at(path, tmp_path))[heading]
    assert found.element is None or found.is_doubt


def test_shapes_and_orders_of_dates() -> None:
    assert [shape(text) for text in ("S90817", "O'Brien", "555-0100", "a b c d e f g")] == [
        "A99999",
        "A'A…",
        "999-9999",
        "text of several words",
    ]
    orders = {
        ("3/14/2025", "12/1/2025"): (("%m/%d/%Y",), "month first"),
        ("14/3/2025", "1/12/2025"): (("%d/%m/%Y",), "day first"),
        ("3/4/2025", "5/6/2025"): (("%m/%d/%Y",), "cannot tell"),
        ("3/14/2025", "14/3/2025"): (("%m/%d/%Y", "%d/%m/%Y"), "mixed"),
        ("2025-03-14", "2025-04-01"): (("%Y-%m-%d",), "year first"),
        ("14-Mar-25",): (("%d-%b-%y",), "day first"),
        ("3/14/2025 1:05 PM",): (("%m/%d/%Y %I:%M %p",), "month first"),
        ("2025/08/12 6:28:23 AM EST", "2025/08/13 6:28:23 PM EST"): (
            ("%Y/%m/%d %I:%M:%S %p EST",),
            "year first",
        ),
    }
    for texts, (formats, order) in orders.items():
        found = date_forms(dict.fromkeys(texts, 1))
        assert found is not None, texts
        assert (found.formats, found.order) == (formats, order), texts
    assert date_forms({"12": 1, "200": 4}) is None


def test_a_workbook_of_several_sheets_with_titles(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    roster = book.active
    assert roster is not None
    roster.title = "Roster"
    roster.append(["Oak School, fall"])
    roster.append([])
    for row in [list(HEADINGS), *rows(30)]:
        roster.append(row)
    book.create_sheet("Empty")
    days = book.create_sheet("Days")
    for row in [
        ["Student ID", "Date", "Status"],
        *[[f"S{90817 + n}", "09/14/2025", "PT"[n % 2]] for n in range(30)],
    ]:
        days.append(row)
    path = tmp_path / "oak.xlsx"
    book.save(path)
    found = looked_at(path, tmp_path)
    assert [(t.name, t.rows, t.source.header_row if t.source else 0) for t in found.tables] == [
        ("Roster", 30, 3),
        ("Days", 30, 1),
    ]
    assert "sheet: Roster" in found.crosswalk
    assert "this one is for Roster" in found.notes[0]
    only = looked_at(path, tmp_path, table="Days")
    assert {c.name: c.element for c in only.tables[0].columns}["Status"] == "attendance_day.attendance_status"
    with pytest.raises(Refused, match="no file or sheet named Other"):
        looked_at(path, tmp_path, table="Other")


def test_columns_of_fixed_positions(tmp_path: Path) -> None:
    path = tmp_path / "oak.txt"
    lines = ["STUDENTID LASTNAME    FIRSTNAME  DOB       "]
    lines += [f"{row[0]:<10}{row[2]:<12}{row[1]:<11}2011-0{n % 9 + 1}-15" for n, row in enumerate(rows(20))]
    path.write_text("\n".join(lines) + "\n")
    found = looked_at(path, tmp_path)
    assert found.format == "fixed-width"
    assert found.crosswalk == ""
    assert [c.element for c in found.tables[0].columns] == [
        "person_identifier.person_identifier", "person.last_or_surname", "person.first_name", "person.birthdate"
    ]  # fmt: skip


def test_a_file_without_headings_and_one_with_a_heading_twice(tmp_path: Path) -> None:
    bare = tmp_path / "bare.csv"
    bare.write_text(text_of(rows(20)))
    found = looked_at(bare, tmp_path)
    assert found.tables[0].source is not None
    assert found.tables[0].source.header_row == 0
    assert found.tables[0].rows == 20
    assert found.tables[0].columns[0].name == "1"
    twice = tmp_path / "twice.csv"
    twice.write_text(
        "Student ID,Date,Score,Score\n" + "".join(f"S{n},2025-09-0{n},1,2\n" for n in range(1, 9))
    )
    again = looked_at(twice, tmp_path)
    assert "columns 3 and 4" in again.tables[0].notes[0]
    assert "from: Score" not in again.crosswalk


def test_standard_formats_are_recognized_by_content(tmp_path: Path, samples: Path) -> None:
    found = looked_at(samples / "edfi/generator/Student-GrandBendHighSchool.xml", tmp_path)
    assert found.format == "edfi-xml"
    assert found.crosswalk == ""
    assert {c.element: c.confidence for c in found.tables[0].columns}["person.first_name"] == 1.0
    report = looked_at(samples / "nsc/SYNTHETIC_DETLRPT_SE.csv", tmp_path)
    assert report.format == "nsc"
    assert any(t.name == "postsecondary_enrollment" for t in report.tables)
    bundle = next((samples / "oneroster/conformance/valid").rglob("*roster*.zip"))
    assert looked_at(bundle, tmp_path).format == "oneroster"
    shelter = looked_at(_zip(tmp_path / "export.zip", export_files()), tmp_path)
    assert (shelter.format, shelter.crosswalk) == ("hmis", "")
    assert by_name(shelter)["birthdate"].element == "person.birthdate"
    assert by_name(shelter)["household_id"].sensitive == "HMIS, MV"


def test_a_zip_with_services_of_a_program_is_no_directory(tmp_path: Path) -> None:
    services = "Participant ID,Service Date,Hours\n" + "".join(f"P{n},2025-09-0{n},2\n" for n in range(1, 9))
    found = looked_at(_zip(tmp_path / "program.zip", {"services.csv": services}), tmp_path)
    assert (found.format, found.tables[0].rows) == ("csv", 8)
    directory = {f"{name}.csv": "id\n1\n" for name in ("organization", "service", "service_at_location")}
    assert looked_at(_zip(tmp_path / "directory.zip", directory), tmp_path).format == "hsds"


def test_no_text_of_a_file_ends_a_line_of_the_draft(tmp_path: Path) -> None:
    code = "X\u2028tables: {evil: 1}"
    path = tmp_path / "attendance.csv"
    path.write_text(
        "Student ID,Date,Status\n"
        + "".join(f"S{n},2025-09-{n + 10},{code if n % 2 else 'P'}\n" for n in range(12))
    )
    found = looked_at(path, tmp_path)
    assert Crosswalk.read(found.crosswalk).tables.keys() >= {"attendance_day"}
    assert "\u2028" not in found.crosswalk


def _zip(path: Path, entries: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return path


def test_bad_input_is_refused_in_a_sentence(tmp_path: Path) -> None:
    good = text_of([HEADINGS, *rows(3)])
    files: dict[str, tuple[bytes, str]] = {
        "empty.csv": (b"  \n", "empty"),
        "mixed.csv": (text_of([HEADINGS, *rows(2)]).encode() + "S9,Núñez\n".encode() + "S8,Núñez\n".encode("cp1252"), "two encodings: row 5"),
        "cut.csv": (gzip.compress(good.encode())[:40], "gzip archive; unpack it"),
        "locked.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "locked with a password"),
        "torn.zip": (b"PK\x03\x04" + b"\1" * 90, "cannot be opened"),
        "wide.csv": ((",".join(f"c{n}" for n in range(5000)) + "\n1\n").encode(), "more than 2,000 columns"),
        "picture.csv": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a picture"),
        "page.csv": (b"<html><body>students</body></html>", "a web page"),
        "entities.xml": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><InterchangeStudent>&a;</InterchangeStudent>', "document type"),
        "other.xml": (b"<?xml version='1.0'?><root/>", ""),
    }  # fmt: skip
    for name, (content, said) in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(Refused) as refused:
            looked_at(path, tmp_path)
        assert said in refused.value.message, (name, refused.value.message)
        assert "Núñez" not in refused.value.message
    for name, entries, said in (
        ("bomb.zip", {"a.csv": "0" * 300_000_000}, "too large when unpacked"),
        ("outside.zip", {"../../a.csv": good}, "leads outside"),
        ("nothing.zip", {"a.exe": "x"}, "no file that can be read"),
    ):
        with pytest.raises(Refused) as refused:
            looked_at(_zip(tmp_path / name, entries), tmp_path)
        assert said in refused.value.message


def test_formulas_are_text_and_are_never_run(tmp_path: Path) -> None:
    path = tmp_path / "oak.csv"
    path.write_text("Student ID,Notes\n" + "".join(f'S{n},=HYPERLINK("http://x";{n})\n' for n in range(9)))
    found = by_name(looked_at(path, tmp_path))["Notes"]
    assert found.sensitive
    assert not any("HYPERLINK" in each for each in found.profile.shapes)


def test_published_layouts(tmp_path: Path) -> None:
    """Layouts whose headings systems publish: at least nine of ten columns right, at most one of fifty wrong without a doubt."""
    found = judged(
        {name: rows for name, rows in layouts_of(HELD_BACK).items() if any(row["cells"] for row in rows)},
        tmp_path,
    )
    assert len(found.columns) > 300
    assert (found.right >= 0.9, found.wrong <= 0.02) == (True, True), str(found)


def test_layouts_of_samples(tmp_path: Path, samples: Path) -> None:
    """The same of sample exports, with their own cells."""
    of_samples = {
        name: rows for name, rows in layouts_of(HELD_BACK).items() if not any(row["cells"] for row in rows)
    }
    found = judged(of_samples, tmp_path, samples)
    assert len(found.columns) > 150
    assert (found.right >= 0.9, found.wrong <= 0.02) == (True, True), str(found)


def test_written_layouts(tmp_path: Path) -> None:
    """Layouts written from what is known of other systems' exports, and as people head their own sheets."""
    found = judged(layouts_of(WRITTEN), tmp_path)
    assert len(found.columns) > 700
    assert (found.right >= 0.9, found.wrong <= 0.02) == (True, True), str(found)


HEADINGS_MEAN = {
    "Child's First Name": "person.first_name",
    "Kid's First": "person.first_name",
    "Member Last": "person.last_or_surname",
    "NameofInstitution": "organization.organization_name",
    "SpEd": "person_status.idea_indicator",
    "student.personID": "person_identifier.person_identifier",
    "StudentRenaissanceID": "person_identifier.person_identifier",
    "LEA Student ID": "person_identifier.person_identifier",
    "Mother Cell": "guardian.telephone_number",
    "Emergency Phone #2": "guardian.telephone_number",
    "Match Close Date": "program_participation.program_participation_exit_date",
    "phonological_awareness_percentile": "assessment_result.assessment_result_score_value",
    "Enrlmnt Dt": "school_enrollment.enrollment_entry_date",
    "PrntGrdn Email": "guardian.electronic_mail_address",
    "Contact 2 Mobile": "guardian.telephone_number",
    "Foster Care at Program Entry": "person_status.foster_care_status",
    "Homeless students, children or youths": "person_status.homelessness_status",
    "Correo electrónico de la madre": "guardian.electronic_mail_address",
    "¿En qué grado está su hijo?": "school_enrollment.entry_grade_level",
    "Student_Engage_ID": "person_identifier.person_identifier",
    "Initial Screening Date": "assessment_result.assessment_administration_start_date",
    "District_Number": "organization.local_education_agency_identifier",
    "F1G1 CELL": "guardian.telephone_number",
    "pmdm__Contact__r.FirstName": "person.first_name",
    "M-V End": "homeless_program_participation.program_participation_exit_date",
    "5-Digit LEA/Sponsor Code assigned by the State": "organization.local_education_agency_identifier",
    "Date Student Re-entered to Receive EL Services": "program_participation.program_participation_start_date",
    "GPA": "course_grade.grade_point_average_cumulative",
    "Mil Conn": "person_status.military_connected_student_indicator",
    "LAW_ENF_NOTIF": "behavior_incident.incident_reported_to_law_enforcement_indicator",
    "ACTN_BEG_DT": "disciplinary_action.disciplinary_action_start_date",
    "Addr Ln 1": "person_contact.address_street_number_and_name",
    "courseSection.courseNumber": "course_grade.course_identifier",
    "Intake | Referred By": "referral.referral_source",
    "Title I": "",
    "# Tested": "",
    "_id": "",
    "Insurance Member ID": "",
    "Shelter Name": "",
    "Term GPA": "",
    "Case Worker": "",
    "Match Support Specialist": "",
}


@pytest.mark.parametrize("heading", HEADINGS_MEAN)
def test_what_a_heading_means(heading: str) -> None:
    assert matches(heading)[0].element == HEADINGS_MEAN[heading]


def test_known_names_are_read_in_abbreviations() -> None:
    """Every sixth known name of two words or three, each longer word cut after four letters: nearly all name the same element."""
    names = {
        words: {known.element.partition(".")[2] for known in each}
        for words, each in known_names().items()
        if all(known.element and re.fullmatch("[a-z]+( [a-z]+){1,2}", known.written) for known in each)
    }
    read = {
        " ".join(words): _elements(" ".join(word[:4] for word in known_names()[words][0].written.split()))
        & names[words]
        for words in [*names][::6]
    }
    assert len(read) > 400
    assert sum(map(bool, read.values())) > 0.9 * len(read), [
        name for name, found in read.items() if not found
    ]


def _elements(heading: str) -> set[str]:
    return {match.element.partition(".")[2] for match in matches(heading) if match.score >= 0.5}


def _columns(tmp_path: Path, more: dict[str, str], name: str = "students.csv") -> dict[str, ElementGuess]:
    """The guesses for a small file of students with more columns. `more`: what the cells of each are, as in the file of layouts."""
    cells = {"Student ID": "S{n}", "First Name": "Ana/Ben/Cleo", "Last Name": "Diaz/Baker/Evans", **more}
    path = tmp_path / name
    path.write_text(table_of(cells))
    return by_name(looked_at(path, tmp_path))


PLAIN = {
    "club.csv": {
        "Member": "C{n}", "First Name": "Ana/Ben/Cleo", "Last Name": "Diaz/Baker/Evans", "Birthdate": "2013-04-{d}",
        "Program": "Homework Club", "Started": "2026-09-05",
    },
    "oak.csv": {
        "Student ID": "S{n}", "First": "Ana/Ben/Cleo", "Last": "Diaz/Baker/Evans", "DOB": "04/{d}/2013",
        "Grade": "5/6/7", "School": "Oak Middle", "Enrolled": "08/{d}/2026",
    },
}  # fmt: skip


@pytest.mark.parametrize("file", PLAIN)
def test_plain_headings_of_a_small_file_are_no_doubts(tmp_path: Path, file: str) -> None:
    """Neither before an agreement nor with one: a heading of one word is what it says, where no other column speaks against it."""
    path = tmp_path / file
    path.write_text(table_of(PLAIN[file]))
    needs = {table: TableNeed(table, (), {each: {} for each in columns}) for table, columns in NEEDED.items()}
    for found in (by_name(looked_at(path, tmp_path)), by_name(looked_at(path, tmp_path, needs=needs))):
        assert {name: guess.confidence for name, guess in found.items() if guess.is_doubt} == {}
    table = "program_participation" if file == "club.csv" else "school_enrollment"
    day = found["Started" if file == "club.csv" else "Enrolled"]
    assert day.element in {f"{table}.program_participation_start_date", f"{table}.enrollment_entry_date"}


NEEDED = {
    "person": ("first_name", "last_or_surname", "birthdate"),
    "school_enrollment": ("entry_grade_level", "organization_id", "enrollment_entry_date"),
    "program_participation": ("program_identifier", "program_participation_start_date"),
}


def test_a_state_without_an_address_is_a_doubt(tmp_path: Path) -> None:
    """It is that of the district in files of tests, and stood in the record of the student."""
    scores = {"Test Date": "10/{d}/2025", "Scaled Score": "6{n}", "State": "OH"}
    assert _columns(tmp_path, scores)["State"].is_doubt
    homes = {"Street": "{n} Oak Street", "Zip": "44101/44102"}
    assert not _columns(tmp_path, {**scores, **homes})["State"].is_doubt


def test_the_day_and_level_of_a_subtest_are_told_by_its_score(tmp_path: Path) -> None:
    scores = {
        "ZQX Score": "6{n}",
        "ZQX Date": "10/{d}/2025",
        "ZQX Status": "Below/Above",
        "Assessment Name": "Oak Reading",
    }
    found = _columns(tmp_path, scores)
    assert found["ZQX Date"].element == "assessment_result.assessment_administration_start_date"
    assert found["ZQX Status"].element == "assessment_result.assessment_performance_level_label"
    assert not found["ZQX Date"].is_doubt
    alone = _columns(tmp_path, {"Assessment Name": "Oak Reading", "ZQX Status": "Below/Above"})["ZQX Status"]
    assert alone.is_doubt


def test_counted_columns_are_answers_scores_or_periods(tmp_path: Path) -> None:
    def elements(names: list[str], cells: str) -> set[str | None]:
        found = _columns(tmp_path, {"Student ID": "70{n}", **dict.fromkeys(names, cells)})
        assert all(found[name].is_doubt for name in names)
        return {found[name].element for name in names}

    items = ["ABC 1: Curiosity", "ABC 2: Self Control", "XY 1: Fine Motor", "XY 4: Interaction"]
    assert elements(items, "1/2/3") == {"assessment_result.assessment_result_score_value"}
    asked = ["1. I feel safe", "2. I like to come", "3. Adults listen", "4. I have a friend"]
    assert elements(asked, "Agree/Disagree") == {"survey_response.response_value"}
    assert elements(["PER_01", "PER_02"], "A/P/T") == {"attendance_day.attendance_status"}


def test_a_name_beside_a_last_name_is_the_first_and_stays_sensitive(tmp_path: Path) -> None:
    path = tmp_path / "oak.csv"
    path.write_text("Nombre del niño,Apellidos\n" + "Wren,Prado\nKofi,Vintner\nZadie,Oak\n" * 10)
    name = by_name(looked_at(path, tmp_path))["Nombre del niño"]
    assert (name.element, name.is_doubt) == ("person.first_name", True)
    assert name.sensitive


def test_a_moment_is_no_day_on_which_a_student_starts(tmp_path: Path) -> None:
    assert _columns(tmp_path, {"start": "2025-09-{d}T09:14:11"})["start"].element is None


def test_the_name_of_who_is_called_is_sensitive(tmp_path: Path) -> None:
    contact = _columns(tmp_path, {"Emergency Contact": '"Prado, Wren"/"Vintner, Kofi"'})["Emergency Contact"]
    assert (contact.element, contact.sensitive) == (None, "a name")


def test_rates_of_no_student_are_no_marks(tmp_path: Path) -> None:
    path = tmp_path / "oak.csv"
    path.write_text("School,Level 1 Pct,FRL Pct\n" + "Oak,61.5,70.1\nElm,62.5,71.1\n" * 10)
    found = by_name(looked_at(path, tmp_path))
    assert (found["Level 1 Pct"].element, found["FRL Pct"].element) == (None, None)


def test_the_location_of_an_incident_is_no_school(tmp_path: Path) -> None:
    incident = {
        "Incident ID": "9{n}",
        "Incident Date": "10/{d}/2025",
        "Location": "Yard/Hall",
        "Offense": "Fight/Theft",
    }
    found = _columns(tmp_path, incident, "incidents.csv")["Location"]
    assert found.element == "behavior_incident.incident_location"


def test_an_eligibility_of_unknown_codes_is_a_doubt(tmp_path: Path) -> None:
    """It may be one for meals or for special education."""
    codes = {"Grade": "5/6", "Student Eligibility Status": "Eligible (initial)/Exited/Pending"}
    assert _columns(tmp_path, codes)["Student Eligibility Status"].is_doubt


def test_a_start_in_a_file_of_two_subjects_is_a_doubt(tmp_path: Path) -> None:
    both = {
        "Program": "Oak Club", "Participation Status": "Active/Closed", "Start Date": "9/{d}/2025", "Service Date": "10/{d}/2025",
        "Service Type": "Tutoring/Mentoring", "Service Hours": "1/2",
    }  # fmt: skip
    assert _columns(tmp_path, both)["Start Date"].is_doubt


def test_a_key_of_each_row_is_not_the_key_of_a_test(tmp_path: Path) -> None:
    scores = {"Test Date": "10/{d}/2025", "Scaled Score": "6{n}"}
    assert _columns(tmp_path, {"AssessmentID": "9{n}", **scores})["AssessmentID"].element is None
    same = _columns(tmp_path, {"AssessmentID": "READ3/MATH3", **scores})["AssessmentID"]
    assert (same.element, same.is_doubt) == ("assessment_result.assessment_identifier", False)


def test_yes_and_no_are_no_status_of_an_enrollment(tmp_path: Path) -> None:
    enrolled = {"Grade": "3/4/5", "Entry Date": "08/{d}/2025"}
    assert _columns(tmp_path, {"Active?": "Yes/No", **enrolled})["Active?"].is_doubt


def test_the_school_of_a_student_gives_no_service(tmp_path: Path) -> None:
    """A school in a file of services is where the student goes; the organization of a service is who gives it."""
    services = {"Service Date": "10/{d}/2025", "Service Type": "Tutoring/Mentoring", "Hours": "1/2"}
    school = _columns(tmp_path, {"Youth School": "Oak/Elm", **services}, "services.csv")["Youth School"]
    assert school.element == "school_enrollment.organization_id"
    site = _columns(tmp_path, {"Site": "Oak Library/Elm Club", **services}, "services.csv")["Site"]
    assert site.element == "service_received.organization_id"


def test_what_the_cells_tell_beside_the_heading(tmp_path: Path) -> None:
    """A list as a person keeps it: no heading alone tells what its columns are."""
    path = tmp_path / "list.csv"
    kept = {"Student Name": "Diaz, Ana/Baker, Ben/Evans, Cleo", "Sch ID #": "20{n}", "Best #": "(218) 555-0{n}",
            "Mon 10/6": "P/A", "Fed Race Flgs": "NNYNN/YNNNN", "?": "x/"}  # fmt: skip
    rows = table_of(kept).splitlines()
    path.write_text("\n".join([f"#,{rows[0]}", *(f"{n},{row}" for n, row in enumerate(rows[1:], start=1))]))
    found = by_name(looked_at(path, tmp_path))
    assert {name: guess.element for name, guess in found.items() if name != "Student Name"} == {
        "#": None,
        "Sch ID #": "person_identifier.person_identifier",
        "Best #": "person_contact.telephone_number",
        "Mon 10/6": "attendance_day.attendance_status",
        "Fed Race Flgs": "person_race.race",
        "?": None,
    }
    assert {name for name, guess in found.items() if guess.is_doubt} >= {"#", "Sch ID #", "Best #"}
    assert not found["Fed Race Flgs"].codes


def test_rates_of_schools_are_no_rates_of_students(tmp_path: Path) -> None:
    path = tmp_path / "schools.csv"
    path.write_text("School Name,Low Grade,Avg Daily Attendance\n" + "Oak,6,91.3\nElm,9,94.8\n" * 15)
    found = by_name(looked_at(path, tmp_path))
    assert found["Avg Daily Attendance"].element is None
    assert found["Low Grade"].element == "organization.low_grade_level"


def test_a_case_number_is_a_doubt_whatever_is_needed(tmp_path: Path) -> None:
    """In a list of directly certified students it is the case of a family's benefits."""
    need = {"person_identifier": TableNeed("person_identifier", (), {"person_identifier": {}})}
    path = tmp_path / "certified.csv"
    path.write_text("Student ID,Case Number\n" + "".join(f"S{n},00{n + 71000}\n" for n in range(40)))
    found = by_name(looked_at(path, tmp_path, needs=need))["Case Number"]
    assert found.is_doubt or found.element is None


def test_a_column_that_is_only_like_a_known_one_shows_no_text_as_a_code(tmp_path: Path) -> None:
    """Two rows may have the same aunt: only codes of the vocabulary are shown where the heading is no known name."""
    cells = {"Relationship of who may come for her": "Wilhelmina Quist/Ottoline Vane/Aunt"}
    found = _columns(tmp_path, cells)["Relationship of who may come for her"]
    assert (found.element, found.is_doubt) == ("guardian.person_relationship_type", True)
    assert set(found.codes) == {"Aunt"}
    assert found.hidden_codes == 2


@pytest.mark.parametrize("heading", ["ab" * 50_000, "-" * 2_000 + "x", "student" * 20_000], ids=["letters", "dashes", "known words"])  # fmt: skip
def test_a_heading_without_end_is_read_in_seconds(tmp_path: Path, heading: str) -> None:
    """The first line of a file may be a picture in letters, or a rule of dashes."""
    path = tmp_path / "students.csv"
    path.write_text(text_of([["Student ID", "DOB", heading], *([each[0], each[3], "1"] for each in rows())]))
    begun = process_time()
    assert heading in by_name(looked_at(path, tmp_path))
    assert process_time() - begun < 20


@pytest.mark.parametrize(
    "odd", ["\x7f", "\x9f", "\ufffe", "\x07", "'", '"', "\\", "#", "a: b", "[a]", "^(x|y)$", "\U0001f600"]
)
def test_a_heading_with_odd_characters_leaves_the_draft_readable(tmp_path: Path, odd: str) -> None:
    asked = [f"How often {odd} do you read?", f"Do you {odd} feel safe?"]
    answers = [[each[0], f"2025-10-{n % 28 + 1:02}", *(["Agree", "Disagree"][:: 1 - n % 2 * 2])] for n, each in enumerate(rows())]  # fmt: skip
    path = tmp_path / "survey.csv"
    path.write_text(text_of([["Student ID", "Response Date", *asked], *answers]), encoding="utf-8")
    found = looked_at(path, tmp_path)
    assert Crosswalk.read(found.crosswalk).tables
    guesses = [by_name(found)[each] for each in asked]
    pattern = yaml.safe_load(melted_answers(guesses)[0])["columns"]
    assert [bool(re.search(pattern, each)) for each in asked] == [True, True]
    assert not re.search(pattern, "x" + asked[0])
