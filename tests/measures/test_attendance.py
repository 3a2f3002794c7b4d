"""Chronic absence: missed 10% or more of the days enrolled, and never guessed where the days are not known."""

from datetime import date

import pytest

from tests.insight.fake_access import FakeAccess, everything, measured, outcomes
from tests.insight.schooling import calendar, mark, spell, weekdays
from throughway.measures.attendance import ATTENDANCE

DAYS = weekdays(date(2025, 9, 2), 100)


@pytest.fixture
def access():
    return FakeAccess()


def found(access, **options):
    return outcomes(measured(access, ATTENDANCE, **options))


def with_calendar(access, missed, days=DAYS):
    """One student for each number of days missed, in a school that marks absences alone and has a calendar."""
    access.put("calendar_day", *calendar(days))
    access.put("attendance_day", mark(999, days[-1]))  # the school's marks reach its last day
    for person, count in enumerate(missed):
        access.put("school_enrollment", spell(person))
        access.put("attendance_day", *(mark(person, day) for day in days[:count]))


def test_ten_of_a_hundred_days_is_chronic_and_nine_is_not(access):
    with_calendar(access, [9, 10, 0])
    assert found(access) == {"reached": 2, "lost": 1}


def test_a_day_counts_from_half_of_it_on(access):
    with_calendar(access, [9, 9])
    access.put("attendance_day", mark(0, DAYS[50], attendance_event_duration_day=0.5))
    access.put("attendance_day", mark(1, DAYS[50], attendance_event_duration_day=0.4))
    assert found(access) == {"reached": 1, "lost": 1}


def test_a_tardy_is_no_absence_and_a_day_is_missed_once(access):
    with_calendar(access, [9, 9])
    access.put("attendance_day", mark(0, DAYS[50], "Tardy"))
    access.put("attendance_day", mark(1, DAYS[0], "ExcusedAbsence"))
    assert found(access) == {"reached": 2}


def test_holidays_are_no_days_of_school(access):
    with_calendar(access, [9, 10])
    access.put("calendar_day", *calendar(weekdays(date(2026, 2, 2), 40), type="Holiday"))
    assert found(access) == {"reached": 1, "lost": 1}


def test_only_days_of_the_students_own_stay_count(access):
    """Ten weeks here, of which five days missed: 10%; absences outside the stay are another matter."""
    with_calendar(access, [])
    access.put("school_enrollment", spell(1, entry=DAYS[0], leave=DAYS[49]))
    access.put("attendance_day", *(mark(1, day) for day in (*DAYS[:4], *DAYS[60:70])))
    access.put("school_enrollment", spell(2, entry=DAYS[0], leave=DAYS[49]))
    access.put("attendance_day", *(mark(2, day) for day in DAYS[:5]))
    assert found(access) == {"reached": 1, "lost": 1}


def test_fewer_than_ten_days_enrolled_is_not_counted(access):
    with_calendar(access, [3])
    access.put("school_enrollment", spell(7, entry=DAYS[0], leave=DAYS[8]))
    access.put("school_enrollment", spell(8, entry=DAYS[0], leave=DAYS[9]))
    assert found(access) == {"reached": 2}


def test_absences_alone_without_a_calendar_cannot_be_computed(access):
    access.put("school_enrollment", spell(1), spell(2))
    access.put("attendance_day", mark(1, DAYS[0]))
    assert found(access) == {"cannot be computed": 2}


@pytest.mark.parametrize(
    ("last", "outcome"), [(79, {"reached": 1, "lost": 1}), (78, {"records end early": 2}), (50, {"records end early": 2})]
)  # fmt: skip
@pytest.mark.parametrize("status", ["Present", "ExcusedAbsence"])
def test_marks_that_end_in_mid_year_say_nothing_of_it(access, last, outcome, status):
    """Nobody is absent on days that were never sent: nine days missed of fifty are not nine of a hundred."""
    access.put("calendar_day", *calendar(DAYS))
    access.put("school_enrollment", spell(1), spell(2))
    access.put("attendance_day", *(mark(1, d) for d in DAYS[:9]), *(mark(2, d) for d in DAYS[:10]))
    access.put("attendance_day", mark(999, DAYS[last], status))
    assert found(access) == outcome


def test_too_short_a_calendar_cannot_serve(access):
    with_calendar(access, [1], days=DAYS[:20])
    assert found(access) == {"cannot be computed": 1}


def test_a_school_without_marks_is_not_counted_as_present(access):
    with_calendar(access, [1])
    access.put("school_enrollment", spell(5, school="other"))
    access.put("calendar_day", *calendar(DAYS, organization="north/other"))
    assert found(access) == {"reached": 1, "cannot be computed": 1}


def test_where_presence_is_marked_the_marks_are_the_days(access):
    for person, missed in ((1, 1), (2, 2)):
        access.put("school_enrollment", spell(person))
        statuses = ["UnexcusedAbsence"] * missed + ["Present"] * (20 - missed)
        access.put("attendance_day", *(mark(person, d, s) for d, s in zip(DAYS, statuses, strict=False)))
    assert found(access) == {"reached": 1, "lost": 1}


def test_a_summary_serves_where_no_days_are_marked(access):
    for person, absent in ((1, 17.0), (2, 18.0)):
        access.put("school_enrollment", spell(person))
        access.put("attendance_summary", {
            "person_id": person, "organization_id": "north/hs", "period_start_date": date(2025, 9, 2),
            "number_of_days_absent": absent, "days_enrolled": 180.0,
        })  # fmt: skip
    assert found(access) == {"reached": 1, "lost": 1}


def test_program_attendance_is_not_school_attendance(access):
    with_calendar(access, [0])
    access.put("attendance_day", *(mark(0, d, attendance_event_type="ProgramAttendance") for d in DAYS[:50]))
    access.put("attendance_day", mark(0, DAYS[0], "Tardy"))
    assert found(access) == {"reached": 1}


def test_two_schools_in_one_year_are_added_up(access):
    """Six of fifty days missed here and four of fifty there: 10 of 100."""
    access.put("calendar_day", *calendar(DAYS[:50]), *calendar(DAYS[50:], organization="south/hs"))
    access.put("school_enrollment", spell(1, leave=DAYS[49]))
    access.put("school_enrollment", spell(1, partner="south", entry=DAYS[50]))
    access.put("attendance_day", *(mark(1, d) for d in DAYS[:6]))
    access.put("attendance_day", *(mark(1, d, organization="south/hs") for d in DAYS[50:54]))
    access.put("attendance_day", mark(999, DAYS[49]), mark(999, DAYS[-1], organization="south/hs"))
    whole = measured(access, ATTENDANCE)
    assert outcomes(whole) == {"lost": 1}
    assert [c.groups["partner"] for c in whole.counts] == ["south"]


def test_the_latest_school_year_that_is_over_is_judged(access):
    with_calendar(access, [20])
    access.put("school_enrollment", spell(1, year=2027))
    access.put("attendance_day", mark(1, date(2026, 10, 1)))
    assert measured(access, ATTENDANCE, on=date(2026, 11, 1)).class_year == 2026


def test_a_partner_without_an_agreement_on_attendance_is_not_seen(access):
    with_calendar(access, [20])
    access.put("school_enrollment", spell(9, partner="south"))
    visible = everything("north", "south")
    tables = dict(visible.tables)
    for name in ("attendance_day", "attendance_summary"):
        tables[name] = {"north": tables[name]["north"]}
    assert found(access, visible=type(visible)(tables)) == {"lost": 1, "no agreement": 1}


def test_no_agreement_on_attendance_at_all(access):
    with_calendar(access, [20])
    visible = everything("north", without=("attendance_day", "attendance_summary"))
    assert measured(access, ATTENDANCE, visible=visible).why_unseen == "no agreement"


def test_attendance_works_without_summary_and_calendar(access):
    with_calendar(access, [20])
    assert found(access, visible=everything("north", without=("attendance_summary",))) == {"lost": 1}
    visible = everything("north", without=("calendar_day", "attendance_day.attendance_event_duration_day"))
    assert found(access, visible=visible) == {"cannot be computed": 1}
