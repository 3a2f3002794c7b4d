"""A file that is not plausible beside what its partner sent before stops until somebody says why; an ordinary one needs nothing more."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.intake.conftest import Town
from tests.intake.papers import ATTENDANCE, in_effect
from throughway.cli import main
from throughway.core.refusals import Refused
from throughway.intake.models import IntakeBatch
from throughway.store.models import StoredFile

STUDENTS = """
throughway: crosswalk/1
tables:
  person:
    key: [Student ID]
    columns:
      first_name: {from: First}
      last_or_surname: {from: Last}
      birthdate: {from: DOB, date: "%Y-%m-%d"}
"""
SUMMARY = """
throughway: crosswalk/1
tables:
  attendance_summary:
    key: [Student ID]
    person: Student ID
    by_year: true
    columns:
      number_of_days_absent: {from: Absent}
      number_of_days_in_attendance: {from: Present}
"""
KEYED_BY_SCHOOL = SUMMARY.replace("key: [Student ID]", "key: [Student ID, School]").replace(
    "      number_of_days_absent", "      organization_id: {from: School}\n      number_of_days_absent"
)
KEYED_BY_TERM = SUMMARY.replace("key: [Student ID]", "key: [Student ID, Term]")
GRADES = """
throughway: crosswalk/1
tables:
  school_enrollment:
    key: [ID]
    person: ID
    by_year: true
    columns:
      entry_grade_level: {from: Grade, map: {"7": "07", "8": "08", "9": "09"}}
      organization_id: {from: School}
"""
SCORES = """
throughway: crosswalk/1
tables:
  assessment_result:
    key: [ID, Test]
    person: ID
    by_year: true
    columns:
      assessment_title: {from: Test}
      assessment_result_score_value: {from: Score}
"""


def students(first: int = 0, count: int = 30, last: str = "Alder") -> str:
    return "Student ID,First,Last,DOB\n" + "".join(
        f"S{n},Ana,{last}{'abcdefghij'[n % 10]},2015-01-{n % 28 + 1:02}\n"
        for n in range(first, first + count)
    )


def summary(month: int, school: str = "") -> str:
    rows = (f"S{n},{(n * 7 + month) % 11},{150 + month * 3 + n % 5}" for n in range(30))
    head, tail = ("School,", f"{school},") if school else ("", "")
    return f"{head}Student ID,Absent,Present\n" + "".join(f"{tail}{row}\n" for row in rows)


def grades(grade: int, first: int = 0, count: int = 30, school: str = "OAK") -> str:
    return "ID,Grade,School\n" + "".join(
        f"S{n},{grade + n % 2},{school}{n % 3}\n" for n in range(first, first + count)
    )


def scores(test: str) -> str:
    return "ID,Test,Score\n" + "".join(f"S{n},{test},{n * 3 % 50}\n" for n in range(30))


def attendance(day: str) -> str:
    return "Student ID,Day,Status\n" + "".join(f"S{n},{day},{'PPA'[n % 3]}\n" for n in range(30))


def agree(town: Town) -> None:
    tables = ("person", "attendance_summary", "attendance_day", "school_enrollment", "assessment_result")
    town.agree(in_effect([f"element: {table}.*" for table in tables]))


def another_partner_s_file(town: Town) -> None:
    town.load(students(), STUDENTS)
    town.load(students(first=500, count=60), STUDENTS)


def the_wrong_year(town: Town) -> None:
    town.load(grades(7), GRADES, school_year=2026)
    town.load(grades(7), GRADES, school_year=2025)


def an_older_file(town: Town) -> None:
    for last in ("Alder", "Birch", "Alder"):
        town.load(students(last=last), STUDENTS)


def another_key(town: Town) -> None:
    town.load(summary(1, school="OAK"), KEYED_BY_SCHOOL, school_year=2026)
    town.load(summary(2), SUMMARY, school_year=2026)


def other_words_in_the_key(town: Town) -> None:
    for term in ("Q1", "Quarter 1"):
        text = summary(1).replace("Student ID,", "Term,Student ID,").replace("\nS", f"\n{term},S")
        town.load(text, KEYED_BY_TERM, school_year=2026)


STOPPED: dict[str, tuple[Callable[[Town], None], str]] = {
    "students": (another_partner_s_file, "60 of 60 students are in none of the earlier files of school"),
    "school_year": (the_wrong_year, "30 of 30 rows are, but for the year, those that are stored for 2025-26: perhaps 2024-25 is the wrong"),
    "older": (an_older_file, "30 of 30 changed rows would go back to what an earlier file said"),
    "key": (another_key, "until now there was one row for each student, organization and school year; this file has one row for each student "
            "and school year. 30 students would have rows of both kinds for the same time. If the new way is right, 30 earlier rows"),
    "second_row": (other_words_in_the_key, "30 students would have a second row for the same period, where there was one"),
}  # fmt: skip


@pytest.mark.parametrize("rule", STOPPED)
def test_what_is_surely_wrong_stops(rule: str, town: Town) -> None:
    agree(town)
    send, says = STOPPED[rule]
    with pytest.raises(Refused) as refused:
        send(town)
    assert refused.value.code == "implausible"
    assert says in refused.value.message
    last = IntakeBatch.objects.latest("at")
    assert [each["rule"] for each in last.findings if each["stops"]] == [rule]
    assert not StoredFile.objects.filter(batch=last.id).exists()


@pytest.mark.parametrize("rule", STOPPED)
def test_a_reason_lets_it_pass_and_is_kept(rule: str, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    agree(town)
    load = town.load
    monkeypatch.setattr(town, "load", lambda *a, **named: load(*a, **named, right="We asked the school."))
    STOPPED[rule][0](town)
    last = IntakeBatch.objects.latest("at")
    assert (last.refusal, last.accepted) == ("", "We asked the school.")
    assert rule in [each["rule"] for each in last.findings]


def the_next_month(town: Town) -> None:
    for month in (1, 2, 3):
        town.load(summary(month), SUMMARY, school_year=2026)


def the_next_year(town: Town) -> None:
    town.load(students(), STUDENTS)
    town.load(grades(7), GRADES, school_year=2025)
    town.load(students(first=5), STUDENTS)
    town.load(grades(8, first=5), GRADES, school_year=2026)


def one_grade_and_the_next(town: Town) -> None:
    for grade in (7, 8):
        town.load(grades(grade).replace(f",{grade + 1},", f",{grade},"), GRADES, school_year=2018 + grade)


def another_test(town: Town) -> None:
    town.load(scores("Reading"), SCORES, school_year=2026)
    town.load(scores("Mathematics"), SCORES, school_year=2026)


def day_after_day(town: Town) -> None:
    for day in ("2025-10-01", "2025-10-02", "2025-10-03"):
        town.load(attendance(day), ATTENDANCE)


def the_same_file(town: Town) -> None:
    for _ in range(2):
        town.load(students(), STUDENTS)
        town.load(grades(7), GRADES, school_year=2026)


def a_first_file(town: Town) -> None:
    town.load(students(count=10), STUDENTS)
    town.load(students(first=100, count=400), STUDENTS)  # ten known students say nothing


def a_correction(town: Town) -> None:
    town.load(students(), STUDENTS)
    town.load(students(last="Birch"), STUDENTS)


def new_students_of_known_schools(town: Town) -> None:
    town.load(grades(7), GRADES, school_year=2026)
    town.load(grades(7, first=300), GRADES, school_year=2026)


@pytest.mark.parametrize(
    "ordinary",
    [
        the_next_month,
        the_next_year,
        one_grade_and_the_next,
        another_test,
        day_after_day,
        the_same_file,
        a_first_file,
        a_correction,
    ],
)
def test_an_ordinary_file_needs_nothing_more(ordinary: Callable[[Town], None], town: Town) -> None:
    agree(town)
    ordinary(town)
    found = [each for batch in IntakeBatch.objects.all() for each in batch.findings]
    assert not [each for each in found if each["stops"] or each["rule"] == "codes"]


def test_what_is_odd_is_told_and_loaded(town: Town) -> None:
    agree(town)
    new_students_of_known_schools(town)
    [finding] = IntakeBatch.objects.latest("at").findings
    assert (finding["rule"], finding["stops"], finding["rows"]) == ("students", False, 30)


def test_schools_and_codes_that_no_earlier_row_has_are_told(town: Town) -> None:
    agree(town)
    town.load(grades(7), GRADES, school_year=2025)
    told = town.load(grades(8, school="ELM"), GRADES, school_year=2026)
    assert [(each.rule, each.stops, each.rows) for each in told.findings] == [("codes", False, 30)]
    assert (
        "Enrollment: 30 of 30 rows have an organization that no earlier row of school has"
        in told.findings[0].sentence
    )
    town.load(attendance("2025-10-01"), ATTENDANCE)
    other = ATTENDANCE.replace("P: Present", "P: Tardy").replace("A: UnexcusedAbsence", "A: ExcusedAbsence")
    assert other.count("Tardy") == other.count(": ExcusedAbsence") == 1
    told = town.load(attendance("2025-10-02"), other)
    assert [(each.rule, each.table, each.rows) for each in told.findings] == [("codes", "attendance_day", 30)]
    assert (
        "30 of 30 rows have a code of attendance status that no earlier row of school has"
        in told.findings[0].sentence
    )


def test_a_few_new_codes_are_ordinary(town: Town) -> None:
    """Four students of five at a school that is new to the file: the bound, from both sides."""
    agree(town)
    town.load(grades(7), GRADES, school_year=2025)
    for new, told in ((24, []), (25, ["codes"])):
        mixed = (
            grades(8, count=30 - new)
            + grades(8, first=30 - new, count=new, school=f"ELM {new}").partition("\n")[2]
        )
        assert [each.rule for each in town.load(mixed, GRADES, school_year=2026 + len(told)).findings] == told


def test_a_shorter_file_and_the_name_of_another_partner_are_told(town: Town) -> None:
    agree(town)
    town.load(students(), STUDENTS)
    loaded = town.load(students(count=9), STUDENTS)
    assert [each.rule for each in loaded.findings] == ["size"]
    assert "9 rows came, and 30 in the last file with such rows" in loaded.findings[0].sentence
    loaded = town.load(students(), STUDENTS, name="club-students.csv")
    assert [each.rule for each in loaded.findings] == ["partner"]


def test_a_new_column_is_told_once(town: Town) -> None:
    agree(town)
    town.load(students(), STUDENTS)
    wider = "".join(f"{line},7\n" for line in students().splitlines()).replace("DOB,7", "DOB,Bus")
    told = town.load(wider, STUDENTS)
    assert [(each.rule, each.stops) for each in told.findings] == [("new_columns", False)]
    assert "1 column came that the last such file did not have" in told.findings[0].sentence
    assert town.load(wider, STUDENTS).findings == []


def test_only_the_partner_s_own_records_are_compared(town: Town) -> None:
    """The same children at another partner are no evidence of anything, or a load would tell who is known elsewhere."""
    agree(town)
    town.load(students(), STUDENTS)
    standing = in_effect(["element: person.*"])
    town.agree(standing)
    loaded = town.load(students(), STUDENTS, partner="school")
    assert loaded.findings == []


def checked(town: Town, text: str, crosswalk: str, *more: str, exit: int) -> dict[str, object]:
    path, mapped = town.folder / "export.csv", town.folder / "crosswalk.yaml"
    path.write_text(text)
    mapped.write_text(crosswalk)
    words = [
        "--community",
        str(town.community.root),
        "load",
        str(path),
        "--partner",
        "school",
        "--format",
        "csv",
        "--crosswalk",
        str(mapped),
        *more,
        "--check",
        "--json",
    ]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == exit, done.output
    return dict(json.loads(done.output))


def stored(town: Town) -> object:
    files = sorted(str(path) for path in Path(town.community.data).rglob("*.parquet"))
    return files, IntakeBatch.objects.count(), StoredFile.objects.count(), town.rows("person"), town.keys()


def test_a_check_lands_nothing_and_says_what_the_load_says(town: Town) -> None:
    agree(town)
    town.load(students(), STUDENTS)
    before = stored(town)
    right = checked(town, students(last="Birch"), STUDENTS, exit=0)
    assert right["findings"] == []
    assert right["tables"]["person"]["changed"] == 30  # type: ignore[index]
    wrong = checked(town, students(first=500), STUDENTS, exit=1)
    [finding] = wrong["findings"]  # type: ignore[misc]
    assert (finding["id"], finding["severity"], finding["rows"]) == ("students", "blocking", 30)
    assert stored(town) == before
    with pytest.raises(Refused) as refused:
        town.load(students(first=500), STUDENTS)
    assert finding["message"] in refused.value.message


def test_a_heading_without_rows_is_said_in_a_sentence(town: Town) -> None:
    agree(town)
    path, mapped = town.folder / "export.csv", town.folder / "crosswalk.yaml"
    path.write_text("Student ID,First,Last,DOB\n")
    mapped.write_text(STUDENTS)
    words = [
        "--community",
        str(town.community.root),
        "load",
        str(path),
        "--partner",
        "school",
        "--format",
        "csv",
        "--crosswalk",
        str(mapped),
    ]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "The file holds no record; nothing changed." in done.output
