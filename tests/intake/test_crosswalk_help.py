"""A crosswalk that is drafted from a file, tried on it, and compared with the next one: what a person answers, and what it loads."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.intake.conftest import Town
from tests.intake.papers import in_effect
from throughway.cli import main
from throughway.core.refusals import Refused
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.inspection.headings import matches
from throughway.store.models import LIVE, StoredFile

ATTENDANCE = "Student,School,Date,Status\n" + "".join(
    f"L{100 + n % 7},OAK,{n % 9 + 1}/{n % 28 + 1}/2025,{'PPPPTUE'[n % 7]}\n" for n in range(63)
)


def _run(*words: str | Path, exit: int = 0) -> Any:
    done = CliRunner().invoke(main, [*map(str, words), "--json"])
    assert done.exit_code == exit, done.output
    return json.loads(done.output)


def _file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _drafted(folder: Path, path: Path) -> Path:
    return _file(folder, f"{path.stem}.yaml", _run("crosswalk", "draft", path)["crosswalk"])


def _sentences(changes: Sequence[dict[str, str]]) -> list[str]:
    return [change["sentence"] for change in changes]


def test_a_draft_loads_once_its_doubts_are_answered(town: Town, tmp_path: Path) -> None:
    town.agree(in_effect(["element: attendance_day.*"]))
    path = _file(tmp_path, "attendance.csv", ATTENDANCE)
    drafted = _run("crosswalk", "draft", path)
    assert drafted["doubts"] == 2
    text = drafted["crosswalk"]
    first = town.load(path, text)
    assert (first.tables["attendance_day"].landed, first.cells_emptied) == (63, 18)
    assert "# DOUBT: what is the code U? The nearest: UnexcusedAbsence" in text
    answered = text.replace("T: Tardy", "T: Tardy, U: UnexcusedAbsence, E: ExcusedAbsence")
    again = town.load(path, answered)
    assert (again.tables["attendance_day"].changed, again.cells_emptied) == (18, 0)
    statuses = [
        row["attendance_status"] for row in town.rows("attendance_day") if row.get("attendance_status")
    ]
    assert len(statuses) == 63


def test_what_is_doubtful_is_left_out_of_a_draft(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "oak.csv",
        "Student ID,DOB,Zorb Qwz,Name\n"
        + "".join(f"S{n},{n}/{n}/2011,{n + 30},Ana Diaz\n" for n in range(1, 12)),
    )
    text = _run("crosswalk", "draft", path)["crosswalk"]
    assert Crosswalk.read(text).tables.keys() == {"person_identifier"}
    assert "no day in the file tells whether the month or the day comes first" in text
    assert "# DOUBT: Zorb Qwz is mapped to nothing" in text
    assert "  # DOUBT: the names have no comma" in text
    assert "ignore:" not in text
    none = _file(tmp_path, "none.csv", "First Name,Gender\n" + "Ana,F\n" * 5)
    with pytest.raises(Refused, match="tables must be a section"):
        Crosswalk.read(_run("crosswalk", "draft", none)["crosswalk"])


def test_scores_days_and_durations_side_by_side(town: Town, tmp_path: Path) -> None:
    """Several scores in a row, a column for each day, and hours beside minutes."""
    town.agree(
        in_effect(
            ["element: assessment_result.*", "element: attendance_day.*", "element: service_received.*"]
        )
    )
    scores = _file(
        tmp_path,
        "tests.csv",
        "Student ID,Test Name,Test Date,Scale Score,Percentile\n"
        + "".join(f"S{n},MAP,2025-09-{n + 10},{200 + n},{n}\n" for n in range(1, 9)),
    )
    loaded = town.load(scores, _run("crosswalk", "draft", scores)["crosswalk"])
    assert loaded.tables["assessment_result"].landed == 16
    kinds = {
        (row["assessment_score_metric_type"], row["assessment_result_score_value"])
        for row in town.rows("assessment_result")
    }
    assert {("03479", "201"), ("03476", "1")} <= kinds
    days = _file(
        tmp_path,
        "attendance.csv",
        "Student ID,9/15/2025,9/16/2025,9/17/2025\n" + "".join(f"S{n},P,T,P\n" for n in range(1, 9)),
    )
    assert (
        town.load(days, _run("crosswalk", "draft", days)["crosswalk"]).tables["attendance_day"].landed == 24
    )
    hours = _file(
        tmp_path,
        "services.csv",
        "Participant ID,Service Date,Service Type,Hours,Minutes\n"
        + "".join(f"S{n},09/{n + 12}/2025,Tutoring,1,15\n" for n in range(1, 9)),
    )
    assert (
        town.load(hours, _run("crosswalk", "draft", hours)["crosswalk"]).tables["service_received"].landed
        == 8
    )
    assert {
        (row["service_quantity"], row["service_quantity_unit"]) for row in town.rows("service_received")
    } == {(75.0, "minute")}


def test_check_shows_rows_and_codes_and_no_value_of_a_student(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "oak.csv",
        "Student ID,First Name,DOB,Gender\n"
        + "".join(
            f"S90{n:03},Wilhelmina{n},{n % 12 + 1}/{n % 28 + 1}/2011,{'MFQ'[n % 3]}\n" for n in range(30)
        )
        + "S90999,Ana,2/2/2011,Unheardof\n",
    )
    crosswalk = _drafted(tmp_path, path)
    found = _run("crosswalk", "check", path, crosswalk, exit=1)
    person = next(table for table in found["tables"] if table["name"] == "person")
    assert (person["rows"], person["set_aside"], len(person["sample"])) == (31, 0, 10)
    assert [(code["code"], code["rows"]) for code in person["codes"]] == [("Q", 10)]
    assert person["codes_hidden"] == 1
    shown = json.dumps(found)
    assert not re.search(r"Wilhelmina|S90\d\d\d|Unheardof|/2011|2011-", shown)
    assert {cell["mapped"] for _, cell in _cells(person) if cell["element"] == "person.birthdate"} == {
        "9999-99-99"
    }
    text = CliRunner().invoke(main, ["crosswalk", "check", str(path), str(crosswalk)]).output
    assert not re.search(r"Wilhelmina|S90\d\d\d|Unheardof|/2011|2011-", text)
    mapped = crosswalk.read_text().replace("F: Female", "F: Female, Q: NotSelected, Unheardof: NotSelected")
    crosswalk.write_text(mapped)
    assert _run("crosswalk", "check", path, crosswalk)["ok"] is True


def _cells(table: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    return [(row["row"], cell) for row in table["sample"] for cell in row["cells"]]


def test_check_counts_keys_that_repeat_and_rows_set_aside(tmp_path: Path) -> None:
    path = _file(tmp_path, "oak.csv", "Student ID,First Name\nS1,Ana\nS1,Ana\nS2,Ben\n,Eva\n")
    crosswalk = _file(
        tmp_path,
        "oak.yaml",
        "throughway: crosswalk/1\ntables:\n  person:\n    key: [Student ID]\n    columns:\n      first_name: {from: First Name}\n",
    )
    table = _run("crosswalk", "check", path, crosswalk, exit=1)["tables"][0]
    assert (table["rows"], table["set_aside"], table["repeated_keys"]) == (4, 1, 1)


def test_a_file_of_another_layout_is_told_from_one_that_lacks_a_column(tmp_path: Path) -> None:
    drafted = _drafted(tmp_path, _file(tmp_path, "totals.csv", TOTALS))
    club = _file(tmp_path, "club.csv", "Member,Last,First,Came\nM1,Alder,Ana,9/5/2025\n")
    done = CliRunner().invoke(main, ["crosswalk", "check", str(club), str(drafted)])
    assert done.exit_code != 0
    assert "has no column Student ID" in done.output
    other = _file(tmp_path, "other.csv", "Member,Name,Came\nM1,Ana Alder,9/5/2025\n")
    done = CliRunner().invoke(main, ["crosswalk", "check", str(other), str(drafted)])
    assert "has 0 of the 3 columns that the crosswalk reads for person" in " ".join(done.output.split())
    assert "another partner's file" in " ".join(done.output.split())


def test_diff_says_what_a_new_file_changes(tmp_path: Path) -> None:
    old = _file(tmp_path, "old.csv", ATTENDANCE)
    new = _file(tmp_path, "new.csv", "Student;School;Attendance Date;Status;Homeroom\n" + "".join(
        f"L{100 + n % 7};OAK;2025-0{n % 9 + 1}-1{n % 9};{'PPPTTVV'[n % 7]};{n % 3 + 101}\n" for n in range(21)))  # fmt: skip
    found = _sentences(_run("crosswalk", "diff", old, new)["changes"])
    assert "The delimiter was a comma and is a semicolon." in found
    assert "Date seems to be called Attendance Date now." in found
    assert "Homeroom is new; it is school_enrollment.homeroom." in found or any(
        s.startswith("Homeroom is new") for s in found
    )
    assert "Status has new codes: V." in found
    assert "Status no longer has the codes E, U." in found
    assert any("21 rows, 67% fewer than 63" in sentence for sentence in found)
    crosswalk = _drafted(tmp_path, old)
    told = _sentences(_run("crosswalk", "diff", crosswalk, new)["changes"])
    assert any(
        s.startswith(
            "Date is gone, which the crosswalk reads for attendance_day.attendance_event_date. It seems to be called Attendance Date"
        )
        for s in told
    )
    assert "Status has codes that the map of attendance_day.attendance_status lacks: V." in told
    same = _run("crosswalk", "diff", crosswalk, old)
    assert _run("crosswalk", "diff", old, old) == {"same": True, "changes": []}
    assert [c["what"] for c in same["changes"]] == ["codes"]  # those that the draft left as doubts


def test_inspect_with_a_partner_says_which_agreement_lets_a_column_in(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from throughway.cli import inspect as command

    monkeypatch.setattr(command, "open_community", lambda settings: town.community)
    path = _file(tmp_path, "attendance.csv", ATTENDANCE)
    town.agree(in_effect(["element: attendance_day.attendance_event_date"]))
    columns = _run("inspect", path, "--partner", "school")["tables"][0]["columns"]
    told = CliRunner().invoke(main, ["inspect", str(path), "--partner", "school"]).output
    assert re.search(r"Student .* the key alone\n", told)
    assert f"It asks {_run('crosswalk', 'draft', path, '--partner', 'school')['doubts']} questions." in told
    let_in = {column["name"]: column["agreements"] for column in columns}
    assert let_in["Date"]
    assert not let_in["Status"]
    assert "agreements" not in _run("inspect", path)["tables"][0]["columns"][0]
    town.agree()
    assert _run("inspect", path, "--partner", "school", exit=1)["error"]["code"] == "no_agreement"
    assert _run("inspect", tmp_path / "absent.csv", exit=1)["error"]["code"] == "no_file"


MESSY = "\n;;\nStu #;STUDENT LAST NAME;Student First;Birth Dt;Gr Lvl;Bldg;Entry Dt;Days Abs;GPA\n" + "".join(
    f"{44000 + 7 * n};MUÑOZ{'ABCDEFGH'[n % 8]};ANA{'KLMNOPQR'[n // 8]};{n % 12 + 1:02}/{n % 27 + 1:02}/2013;"
    f"{n % 3 + 6}{'th' * (n % 2)};Oak {'MS' if n % 2 else 'ms'};08/24/2026;{n % 7};{n % 4}.5\n"
    for n in range(60)
)


def test_what_the_agreement_needs_decides_between_elements_of_one_heading(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a column of averages a grade may be a course's; where the agreement needs enrollments it is theirs, and the draft loads as it
    is. Without the agreement it stays a doubt."""
    from throughway.cli import inspect as command

    monkeypatch.setattr(command, "open_community", lambda settings: town.community)
    town.agree(in_effect(["element: person.*", "element: school_enrollment.*"]))
    path = tmp_path / "extract.csv"
    path.write_bytes((MESSY + "Total: 60;;;;;;;;\n").encode("cp1252"))
    alone, agreed = (
        {column["name"]: column for column in _run("inspect", path, *of)["tables"][0]["columns"]}
        for of in ([], ["--partner", "school"])
    )
    assert alone["Gr Lvl"]["doubt"]
    assert (agreed["Gr Lvl"]["element"], agreed["Gr Lvl"]["doubt"]) == (
        "school_enrollment.entry_grade_level",
        False,
    )
    assert agreed["GPA"]["doubt"]
    drafted = _run("crosswalk", "draft", path, "--partner", "school")["crosswalk"]
    assert drafted != _run("crosswalk", "draft", path)["crosswalk"]
    loaded = town.load(path, drafted)
    for table in ("person", "school_enrollment"):
        assert loaded.tables[table].landed == 60
    assert sum(each.quarantined for each in loaded.tables.values()) == 1  # the line of totals, once
    assert loaded.cells_emptied == 0
    grades = Counter(row["entry_grade_level"] for row in town.rows("school_enrollment"))
    assert grades == {"06": 20, "07": 20, "08": 20}


def test_a_column_named_in_quotes_is_no_doubt_again(tmp_path: Path) -> None:
    path = tmp_path / "club.csv"
    path.write_text(
        "Member No.,First Name,Last Name,D.O.B.,First day,Last day\n"
        + "".join(
            f"{100 + n},Ann,Alder,{n % 27 + 1:02}/{n % 12 + 1:02}/2013,07/09/2026,25/09/2026\n"
            for n in range(40)
        )
    )
    drafted = _run("crosswalk", "draft", path)["crosswalk"]
    assert drafted.count('from: "D.O.B."') == 1
    assert drafted.count("# program_identifier: {value: NAME}") == 1


TOTALS = "Student ID,Last,First,School,Lunch,Days Enrolled,Days Absent\n" + "".join(
    f"S{n},Alder{n},Ana,OAK,{'YN'[n % 2]},{170 + n % 9},{n % 12}\n" for n in range(100, 140)
)
OF_A_YEAR = ["element: attendance_summary.*", "element: person.last_or_surname"]


def test_totals_of_a_year_are_rows_of_the_year_of_their_load(town: Town, tmp_path: Path) -> None:
    town.agree(in_effect(OF_A_YEAR))
    path = _file(tmp_path, "totals.csv", TOTALS)
    text = _run("crosswalk", "draft", path)["crosswalk"]
    assert Crosswalk.read(text).tables["attendance_summary"].by_year
    with pytest.raises(Refused, match="which school year its rows of attendance_summary are of"):
        town.load(path, text)
    assert town.rows("attendance_summary") == []
    absent = sum(int(line.split(",")[-1]) for line in TOTALS.splitlines()[1:])
    first = town.load(path, text, school_year=2025).tables["attendance_summary"]
    again = town.load(path, text, school_year=2025).tables["attendance_summary"]
    assert (first.landed, again.landed, again.unchanged) == (40, 0, 40)
    corrected = town.load(TOTALS.replace(",0\n", ",5\n"), text, school_year=2025).tables["attendance_summary"]
    assert (corrected.changed, corrected.unchanged) == (TOTALS.count(",0\n"), 40 - TOTALS.count(",0\n"))
    back = "The same export, once more."
    town.load(path, text, school_year=2025, right=back)
    following = town.load(path, text, school_year=2026, right=back).tables["attendance_summary"]
    assert (following.landed, following.changed, following.unchanged) == (40, 0, 0)
    stored = town.rows("attendance_summary")
    assert (len(stored), len({row["person_record"] for row in stored})) == (80, 40)
    assert sum(float(str(row["number_of_days_absent"])) for row in stored) == 2 * absent


def test_a_total_that_says_of_the_year_is_drafted_by_year(tmp_path: Path) -> None:
    text = TOTALS.replace("Days Absent", "Days Absent (Year)")
    drafted = _run("crosswalk", "draft", _file(tmp_path, "totals.csv", text))["crosswalk"]
    totals = Crosswalk.read(re.sub(r"(?m)^  # (?!DOUBT)", "  ", drafted)).tables["attendance_summary"]
    assert totals.by_year
    assert totals.columns["number_of_days_absent"].from_ == "Days Absent (Year)"
    assert "dias" not in drafted


@pytest.mark.parametrize(
    ("born", "entered"),
    [("3/14/2012", "%m/%d/%Y"), ("14/3/2012", "%d/%m/%Y"), ("4/3/2012", ""), ("14-Mar-2012", "")],
)
def test_days_that_could_be_either_are_read_as_the_files_other_days(
    tmp_path: Path, born: str, entered: str
) -> None:
    rows = "".join(f"S{n},Alder{n},{born},9/5/2025,{5 + n % 3}\n" for n in range(30))
    path = _file(tmp_path, "enrolled.csv", f"Student ID,Last Name,Birth Date,Entry Date,Grade\n{rows}")
    text = _run("crosswalk", "draft", path)["crosswalk"]
    assert ("no day in the file tells" in text) == (not entered)
    assert (f'enrollment_entry_date: {{from: Entry Date, date: ["{entered}"]}}' in text) == bool(entered)


MARKS = "Student ID,Last Name,Course Title,Final Grade\n" + "".join(
    f"S{n},Alder{n},{course},{mark}\n"
    for n in range(100, 130)
    for course, mark in (("Algebra I", "ABC"[n % 3]), ("Choir", "A"))
)


def test_marks_without_a_year_are_of_the_year_of_their_load(town: Town, tmp_path: Path) -> None:
    """Choir is taken again next year: that file's marks stand beside this one's, each under its own year."""
    town.agree(in_effect(["element: course_grade.*", "element: person.last_or_surname"]))
    path = _file(tmp_path, "marks.csv", MARKS)
    text = re.sub(r"(?m)^  # (?!DOUBT)", "  ", _run("crosswalk", "draft", path)["crosswalk"])
    assert Crosswalk.read(text).tables["course_grade"].by_year
    with pytest.raises(Refused, match="which school year its rows of course_grade are of"):
        town.load(path, text)
    for year in (2025, 2026):
        found = town.load(path, text, school_year=year, right="Choir is taken again.").tables["course_grade"]
        assert (found.landed, found.changed, found.unchanged) == (60, 0, 0)
    again = town.load(MARKS.replace(",B\n", ",A\n"), text, school_year=2025).tables["course_grade"]
    assert (again.landed, again.changed, again.unchanged) == (10, 10, 50)
    assert len(town.rows("course_grade")) == 120
    years = set(
        StoredFile.objects.filter(table="course_grade", state=LIVE).values_list("school_year", flat=True)
    )
    assert years == {2025, 2026}


def test_of_names_that_fit_as_well_the_shortest_is_told() -> None:
    [first, *_] = matches("Semester Days Absent")
    assert (first.element, first.known_as) == ("attendance_summary.number_of_days_absent", "days abs")


def test_several_rows_of_a_student_are_not_told_apart_by_the_year(tmp_path: Path) -> None:
    lines = TOTALS.splitlines(keepends=True)
    path = _file(tmp_path, "totals.csv", "".join([*lines, *lines[1:]]))
    text = _run("crosswalk", "draft", path)["crosswalk"]
    assert "no column tells rows of attendance_summary of one student apart" in text
    assert "attendance_summary" not in Crosswalk.read(text).tables


def test_a_line_of_totals_is_no_fault_of_a_crosswalk(tmp_path: Path) -> None:
    path = _file(tmp_path, "totals.csv", TOTALS + "Total: 40,,,,,,220\n")
    crosswalk = _drafted(tmp_path, path)
    found = _run("crosswalk", "check", path, crosswalk)
    assert (found["ok"], found["by_year"]) == (True, ["attendance_summary"])
    assert {(t["rows"], t["set_aside"], t["notes"]) for t in found["tables"]} == {(41, 1, 1)}
    text = CliRunner().invoke(main, ["crosswalk", "check", str(path), str(crosswalk)]).output
    assert "1 line of totals or notes, which a load leaves out; nothing is lost." in text
    assert "Load it with --school-year" in text


def test_check_names_the_rows_that_cannot_be_read_and_stops_only_at_many(tmp_path: Path) -> None:
    """Two broken dates of forty may stay, five of forty may not, nor a column of which nothing can be read."""
    lines = [
        "Student ID,First Name,DOB,Days Absent",
        *(f"S{n},Ana,{n % 12 + 1}/20/2011,{n % 9}" for n in range(40)),
    ]

    def broken(name: str, *rows: int, old: str = "/20/", new: str = "/99/") -> Path:
        text = [line.replace(old, new) if n + 1 in rows else line for n, line in enumerate(lines)]
        return _file(tmp_path, name, "\n".join([*text, ""]))

    crosswalk = _drafted(tmp_path, broken("whole.csv"))
    found = _run("crosswalk", "check", few := broken("few.csv", 7, 31), crosswalk)
    person = next(table for table in found["tables"] if table["name"] == "person")
    assert (found["ok"], person["faulty"], person["unread"]) == (True, 2, [])
    [problem] = person["problems"]
    assert (problem["rows"], problem["first_rows"]) == (2, [7, 31])
    told = CliRunner().invoke(main, ["crosswalk", "check", str(few), str(crosswalk)])
    assert told.exit_code == 0
    assert "2 × in rows 7 and 31: DOB: not a date" in told.output
    assert "leaves their cells empty, and lists them" in told.output
    many = _run("crosswalk", "check", broken("many.csv", 3, 9, 20, 21, 41), crosswalk, exit=1)
    assert {table["name"]: table["faulty"] for table in many["tables"]}["person"] == 5
    none = broken("none.csv", *range(2, 42))
    told = CliRunner().invoke(main, ["crosswalk", "check", str(none), str(crosswalk)])
    assert told.exit_code == 1
    assert "person: nothing of DOB can be read; correct the crosswalk or the file." in told.output
    keyless = _file(tmp_path, "keyless.csv", "\n".join([*lines, ",Ben,1/20/2011,3", ""]))
    aside = _run("crosswalk", "check", keyless, crosswalk)["tables"][0]
    assert (aside["set_aside"], aside["faulty"], aside["problems"][0]["first_rows"]) == (1, 1, [42])


def test_what_is_left_out_can_be_taken_by_removing_number_signs(town: Town, tmp_path: Path) -> None:
    """Each commented table of a draft is whole, and loads."""
    town.agree(in_effect([*OF_A_YEAR, "element: person_status.economic_disadvantage_status"]))
    path = _file(tmp_path, "totals.csv", TOTALS)
    text = _run("crosswalk", "draft", path)["crosswalk"]
    assert "person_status" not in Crosswalk.read(text).tables
    taken = re.sub(r"(?m)^  # (?!DOUBT)", "  ", text)
    town.load(path, taken, school_year=2025)
    kept = Counter(row["economic_disadvantage_status"] for row in town.rows("person_status"))
    assert kept == {"Yes": 20, "No": 20}


IN_ORDER = {
    "Ana Ruiz": ("Ana", None, "Ruiz", "Ruiz"),
    "Maria Lopez Garcia": ("Maria", "Lopez", "Garcia", "Lopez Garcia"),
    "Maria Jose Lopez Garcia": ("Maria", "Jose Lopez", "Garcia", "Lopez Garcia"),
    "Juan de la Cruz": ("Juan", None, "de la Cruz", "de la Cruz"),
    "Juan de la Cruz Vega": ("Juan", "de la Cruz", "Vega", "de la Cruz Vega"),
    "Ben Alder Jr.": ("Ben", None, "Alder", "Alder"),
    "Sean O'Neil-Ash III": ("Sean", None, "O'Neil-Ash", "O'Neil-Ash"),
}


@pytest.mark.parametrize("words", [1, 2])
def test_names_without_a_comma_are_read_as_somebody_says(town: Town, tmp_path: Path, words: int) -> None:
    town.agree(in_effect(["element: person.*"]))
    rows = "".join(f"S{n},{name},{n % 9 + 13}/3/2012\n" for n, name in enumerate(IN_ORDER))
    path = _file(tmp_path, "club.csv", f"Member ID,Child,DOB\n{rows}S90,Cher,13/3/2012\n")
    text = _run("crosswalk", "draft", path)["crosswalk"]
    asked = Crosswalk.read(text).tables["person"].columns
    assert "which word begins the last name?" in text
    assert asked.keys() == {"birthdate"}
    taken = re.sub(r"(?m)^      # (?!DOUBT)", "      ", text).replace(
        "last_words: 1}", f"last_words: {words}}}"
    )
    loaded = town.load(path, taken)
    keys = town.keys()
    found = {row["record"]: row for row in town.rows("person")}
    for n, (first, middle, one, two) in enumerate(IN_ORDER.values()):
        row = found[keys[f"S{n}"]]
        assert row["last_or_surname"] == (one if words == 1 else two)
        assert row["first_name"] == first
        if words == 1:
            assert row.get("middle_name") == middle
    assert "last_or_surname" not in found[keys["S90"]]
    assert loaded.cells_emptied == 4
    assert "not a first and a last name without a comma" in loaded.quarantine.read_text()
