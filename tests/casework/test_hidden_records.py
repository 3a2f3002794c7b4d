"""What came in and an agreement hides because a cell is empty: told to the reader as that, and never as not sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.casework.town import PERSON, TODAY, allow, page, settle, signed_in, works_with
from tests.gate import making
from throughway.gate.actions import enter
from throughway.partners.selectors import actor
from throughway.vocabulary.school_calendar import school_year_of, year_start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]
BEGINS = year_start(school_year_of(TODAY))
LAST_YEAR = (BEGINS - timedelta(days=300), BEGINS - timedelta(days=30))
RULE = "entry_grade_level IN ('06', '07')"
NOT_SHOWN = (
    "North sent attendance of this year, which you are not shown, because “entry grade level” is empty"
)


def of_two_grades(document: dict[str, Any]) -> None:
    document["population"] = [{"from": ["north"], "where": RULE, "on": "school_enrollment", "when": "fact"}]


def town(grades: dict[int, str | None]) -> None:
    """Everybody was in grade 6 last year; this year each is in one of these grades, as far as north sent it. The days of attendance
    of this year are those of `settle`: of 11, five were missed."""
    settle(change=of_two_grades, grades=grades)
    making.land("school_enrollment", "north", [
        {"person_record": r, "record": 500 + r, "enrollment_entry_date": LAST_YEAR[0], "enrollment_exit_date": LAST_YEAR[1],
         "entry_grade_level": "06", "organization_id": "north/1"} for r in grades
    ])  # fmt: skip
    making.land("attendance_day", "north", [
        {"person_record": r, "record": 700 + r, "attendance_event_date": LAST_YEAR[1] - timedelta(days=5),
         "attendance_event_type": "DailyAttendance", "attendance_status": "Present", "organization_id": "north/1"} for r in grades
    ])  # fmt: skip


def test_nobody_s_missing_days_are_left_out_in_silence(tmp_path: Path) -> None:
    town({11: None, 12: "07", 13: "11"})
    works_with(11, 12, 13)
    allow(tmp_path, ("n-11", "yes"), ("n-12", "yes"), ("n-13", "yes"))
    client = signed_in()
    _, listed = page(client, "/students/")
    _, shown = page(client, f"/students/{PERSON}/")
    _, home = page(client, "/")
    for text in (listed, shown):
        assert NOT_SHOWN in text
        assert "No attendance from North" not in text
    assert "One more student may be missing school" in listed
    assert "North sent records of this school year that you are not shown" in shown
    assert "entry grade level is 06 or 07" in shown
    assert "Attendance of 1 student came in and is not shown to you" in home
    _, chosen = page(client, "/students/?show=hidden")
    assert [name in chosen for name in ("Ada One", "Ben Two", "Cyd Six")] == [True, False, False]
    # Whom the rule leaves out by what the cell says is nobody's business here: neither hidden by a gap, nor not sent.
    assert "No attendance since" in listed
    assert "that you may see; North sends it up to" in listed


@dataclass(frozen=True)
class Case:
    grade: str | None
    answer: str
    ours: bool

    @property
    def hidden(self) -> bool:
        return self.grade is None and self.answer == "yes" and self.ours


def cases() -> Iterator[Case]:
    for each in product(("07", "11", None), ("yes", "no"), (True, False)):
        yield Case(*each)


@pytest.mark.parametrize("case", [*cases()], ids=str)
def test_only_an_empty_cell_hides_and_only_from_who_would_see(case: Case, tmp_path: Path) -> None:
    town({11: case.grade, 12: "07", 13: "07"})
    works_with(*([11] if case.ours else []), 12)
    allow(tmp_path, ("n-11", case.answer), ("n-12", "yes"))
    access = enter(actor=actor("worker@harbor.example"), purpose="casework")
    found = access.hidden([11, 12, 13, 21], since=BEGINS)
    assert set(found) == ({11} if case.hidden else set())
    tables = {each.table for each in found.get(11, ())}
    assert tables == ({"attendance_day", "school_enrollment"} if case.hidden else set())
