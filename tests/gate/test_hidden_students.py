"""At the load the steward hears how many students a rule of an agreement leaves out because a cell is empty."""

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from tests.gate import making
from tests.site.people import client_of
from throughway.agreements.selectors import agreement_statuses
from throughway.cli.root import main
from throughway.gate.actions import empty_cells
from throughway.gate.actions.data_freshness import out_of_sight
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.store import Community
from throughway.vocabulary.school_calendar import school_year_of, year_start

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = date.today()
BEGINS = year_start(school_year_of(TODAY))
RULE = "entry_grade_level IN ('06', '07')"
TABLES = ("school_enrollment", "attendance_day", "assessment_result", "program_participation")
DESK = "desk@north.example"


def sharing(**more: Any) -> dict[str, Any]:
    """Two agreements of north: one shows grades 6 and 7, as of the day of the fact; the other everybody."""
    document = making.sharing(**more)
    document["schedule"] += [
        making.line(f"{table}.*", "planning", "counting", **{"from": ["north"]})
        for table in TABLES
        if table != "attendance_day"
    ]
    return document


def agree() -> None:
    making.register()
    partners.add_user(email=DESK, partner="north", role="data_steward", by=OPERATOR)
    rule = {"from": ["north"], "where": RULE, "on": "school_enrollment", "when": "fact"}
    making.in_effect(sharing(id="some-2026", title="Grades 6 and 7", population=[rule]))
    making.in_effect(sharing())


def seen() -> dict[tuple[str, str], tuple[int, tuple[str, ...]]]:
    return {
        (each.agreement, each.element): (each.students, each.tables)
        for each in out_of_sight(agreement_statuses(TODAY), ["north"], (), TODAY)[0]
    }


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize("few", [empty_cells.FEW, 3])
def test_each_student_with_an_empty_cell_and_a_record_of_this_year_is_counted(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a count student by student. The same whether the learners are named one by one or not."""
    monkeypatch.setattr(empty_cells, "FEW", few)
    agree()
    assert seen() == {}
    chance = Random(7)
    grades = {n: chance.choice(["06", "07", "11", None, None]) for n in range(1, 41)}
    days = {n: chance.choice([BEGINS, TODAY, BEGINS - timedelta(days=40), None]) for n in grades}
    making.land("school_enrollment", "north", [
        {"person_record": n, "record": n, "enrollment_entry_date": BEGINS, "entry_grade_level": grade} for n, grade in grades.items() if n % 3
    ])  # fmt: skip
    making.land("attendance_day", "north", [
        {"person_record": n, "record": n, "attendance_event_date": on, "attendance_event_type": "DailyAttendance",
         "attendance_status": "Present"} for n, on in days.items() if on
    ])  # fmt: skip
    without = {n for n, grade in grades.items() if grade is None and n % 3}
    absent = {n for n in without if days[n] in (BEGINS, TODAY)}
    assert len(without) > len(absent) > 3
    assert seen() == {
        ("some-2026", "school_enrollment.entry_grade_level"): (
            len(without),
            ("attendance_day", "school_enrollment"),
        )
    }
    # A row that says the grade of the same days shows them again.
    filled = min(absent)
    making.land("school_enrollment", "north", [
        {"person_record": filled, "record": 900 + filled, "enrollment_entry_date": BEGINS, "entry_grade_level": "06"}])  # fmt: skip
    assert seen()["some-2026", "school_enrollment.entry_grade_level"][0] == len(without) - 1


@pytest.mark.usefixtures("community")
@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("attendance_day", {"attendance_event_date": TODAY, "attendance_status": "UnexcusedAbsence"}),
        ("assessment_result", {"assessment_administration_start_date": TODAY}),
        ("program_participation", {"program_participation_start_date": TODAY}),
    ],
)
def test_grades_supports_and_absence_are_named(table: str, row: dict[str, Any]) -> None:
    agree()
    making.land(
        "school_enrollment", "north", [{"person_record": 11, "record": 1, "enrollment_entry_date": BEGINS}]
    )
    making.land(table, "north", [{"person_record": 11, "record": 2, **row}])
    making.land(table, "harbor", [{"person_record": 21, "record": 3, **row}])
    assert seen() == {
        ("some-2026", "school_enrollment.entry_grade_level"): (1, tuple(sorted((table, "school_enrollment"))))
    }
    assert (
        out_of_sight(agreement_statuses(TODAY), ["harbor"], (), TODAY)[0] == []
    )  # the rule is for north's records


CROSSWALK = """
throughway: crosswalk/1
tables:
  school_enrollment:
    key: [Student ID, Entry]
    person: Student ID
    columns:
      enrollment_entry_date: {from: Entry, date: ["%Y-%m-%d"]}
      entry_grade_level: {from: Grade}
"""


def test_the_command_and_the_page_after_the_load_say_it(community: Community, tmp_path: Path) -> None:
    agree()
    mapped, file = tmp_path / "spells.yaml", tmp_path / "spells.csv"
    mapped.write_text(CROSSWALK, encoding="utf-8")
    first = f"{BEGINS:%Y-%m-%d}"
    file.write_text(f"Student ID,Entry,Grade\n1,{first},\n2,{first},\n3,{first},07\n", encoding="utf-8")
    call = [
        "--community",
        str(community.root),
        "load",
        str(file),
        "--partner",
        "north",
        "--format",
        "csv",
        "--crosswalk",
        str(mapped),
    ]
    done = CliRunner().invoke(main, [*call, "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["not_shown"] == [
        {"agreement": "some-2026", "rule": RULE, "element": "school_enrollment.entry_grade_level", "tables": ["school_enrollment"], "students": 2}
    ]  # fmt: skip
    plain = CliRunner().invoke(main, call)
    sentence = "2 students have records of this school year that “Grades 6 and 7” does not show"
    assert f"Not shown: {sentence}." in plain.stdout
    page = client_of(DESK).get(f"/loads/{found['batch']}/").content.decode()
    assert "Loaded, and not shown" not in page  # a newer load says it
    newest = client_of(DESK).get("/loads/").content.decode().split('href="/loads/2')[1].split('"')[0]
    page = client_of(DESK).get(f"/loads/2{newest}").content.decode()
    assert sentence in page
    assert "entry grade level is 06 or 07, and “entry grade level” of these students is empty" in page
    file.write_text(f"Student ID,Entry,Grade\n1,{first},06\n2,{first},06\n3,{first},07\n", encoding="utf-8")
    assert json.loads(CliRunner().invoke(main, [*call, "--json"]).stdout)["not_shown"] == []
