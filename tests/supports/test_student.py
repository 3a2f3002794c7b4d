"""Facts of the rows that are shown: what is read of each table, and that nothing is made of what is absent."""

from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.measures.policy import POLICY
from throughway.measures.proficiency import AT, BELOW, about, folded, parsed, reached, verdict
from throughway.supports.student import VisibleStudent, visible_student

ON = date(2026, 11, 20)


def facts(**tables: Any) -> dict[str, Any]:
    return dict(visible_student(tables, policy=POLICY, today=ON).facts)


def test_nothing_seen_is_nothing_known() -> None:
    assert visible_student({}, policy=POLICY, today=ON) == VisibleStudent()


STAY = {"enrollment_entry_date": date(2026, 9, 1), "entry_grade_level": "03", "organization_id": "oak/1"}


@pytest.mark.parametrize(
    ("rows", "grade"),
    [
        ([STAY], {"03"}),
        ([STAY | {"enrollment_entry_date": "2026-09-01"}], {"03"}),
        ([STAY | {"enrollment_entry_date": date(2025, 9, 1)}], None),  # last year's grade
        ([STAY | {"enrollment_exit_date": date(2026, 10, 1)}], None),
        ([STAY | {"enrollment_entry_date": date(2027, 1, 1)}], None),
        ([STAY, STAY | {"entry_grade_level": "04"}], {"03", "04"}),
        ([{"enrollment_entry_date": date(2026, 9, 1)}], None),
    ],
)
def test_grade_of_this_year(rows: list[dict[str, Any]], grade: set[str] | None) -> None:
    assert facts(school_enrollment=rows).get("grade") == (frozenset(grade) if grade else None)


@pytest.mark.parametrize(
    ("births", "ages"),
    [
        ([date(2016, 11, 20)], {10.0}),
        ([date(2016, 11, 21)], {9.0}),
        (["2016-11-20"], {10.0}),
        ([2016], {9.0, 10.0}),
        (["2016"], {9.0, 10.0}),
        ([2016, date(2016, 12, 1)], {9.0}),
        ([date(2016, 1, 1), date(2015, 1, 1)], {10.0, 11.0}),  # the records differ
        ([None], None),
        (["**"], None),
        ([date(2030, 1, 1)], None),
    ],
)
def test_age_by_the_day_or_the_year(births: list[Any], ages: set[float] | None) -> None:
    found = facts(person=[{"birthdate": birth} for birth in births]).get("age")
    assert found == (frozenset(ages) if ages else None)


def mark(day: int, status: str = "UnexcusedAbsence", **more: Any) -> dict[str, Any]:
    return {
        "attendance_event_date": date(2026, 10, day),
        "attendance_event_type": "DailyAttendance",
        "attendance_status": status,
    } | more


@pytest.mark.parametrize(
    ("rows", "missed"),
    [
        ([mark(1), mark(1), mark(2)], 2.0),
        ([mark(1, "Present")], 0.0),
        ([mark(1, attendance_event_duration_day=0.25)], 0.0),
        ([mark(1, attendance_event_type="ProgramAttendance")], None),
        ([mark(1, attendance_event_date=date(2026, 6, 1))], None),
        ([mark(1, attendance_event_date=date(2026, 12, 1))], None),
        ([{"attendance_event_date": date(2026, 10, 1)}], None),  # the status is not shown
    ],
)
def test_days_missed_this_year(rows: list[dict[str, Any]], missed: float | None) -> None:
    assert facts(attendance_day=rows).get("days_missed") == (None if missed is None else frozenset({missed}))


def result(on: date, label: str, subject: str = "13373") -> dict[str, Any]:
    return {
        "assessment_administration_start_date": on, "assessment_title": "SBAC", "assessment_academic_subject": subject,
        "assessment_performance_level_label": label,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "below"),
    [
        ([result(date(2026, 5, 1), "Standard Not Met")], {"Yes"}),
        ([result(date(2025, 5, 1), "Standard Not Met"), result(date(2026, 5, 1), "Standard Met")], {"No"}),
        ([result(date(2026, 5, 1), "Quite good")], None),  # no line decides it
        ([result(date(2022, 5, 1), "Standard Not Met")], None),  # too old
        ([result(date(2026, 5, 1), "Standard Not Met", "01166")], None),  # mathematics
        ([result(date(2026, 5, 1), "Standard Not Met") | {"assessment_academic_subject": None}], None),
    ],
)
def test_reading_below_the_standard(rows: list[dict[str, Any]], below: set[str] | None) -> None:
    assert facts(assessment_result=rows).get("reads_below") == (frozenset(below) if below else None)


def test_courses_failed_are_of_todays_grade() -> None:
    rows = [
        {
            "course_title": title,
            "student_course_section_grade_earned": earned,
            "grade_level_when_course_taken": grade,
        }
        for title, earned, grade in (
            ("Art", "F", "03"),
            ("Art", "F", "03"),
            ("Math", "A", "03"),
            ("Gym", "F", "02"),
        )
    ]
    assert facts(school_enrollment=[STAY], course_grade=rows)["courses_failed"] == frozenset({1.0})
    assert "courses_failed" not in facts(course_grade=rows)  # the grade of today is not seen


def test_statuses_in_force_and_programs_of_today() -> None:
    rows = [
        {"english_learner_status": "Yes", "valid_from": date(2020, 9, 1), "valid_to": date(2026, 6, 1)},
        {
            "english_learner_status": "No",
            "valid_from": date(2026, 6, 2),
            "valid_to": None,
            "idea_indicator": None,
        },
    ]
    found = facts(person_status=rows)
    assert found["english_learner"] == frozenset({"No"})
    assert "disability" not in found
    stays = [
        {"program_identifier": id, "program_participation_start_date": date(2026, 9, 1), "program_participation_status": status, "program_participation_exit_date": end}
        for id, status, end in (("a", "Active", None), ("b", "WaitingList", None), ("c", "Active", date(2026, 10, 1)), ("d", "Exited", None))
    ]  # fmt: skip
    assert visible_student({"program_participation": stays}, policy=POLICY, today=ON).programs == frozenset(
        {"a"}
    )


def test_home_only_where_the_records_agree() -> None:
    point = {"latitude": 41.8, "longitude": -71.4}
    student = visible_student({"person_contact": [point, point]}, policy=POLICY, today=ON)
    assert student.home == (41.8, -71.4)
    assert (
        visible_student(
            {"person_contact": [point, {"latitude": 42.0, "longitude": -71.0}]}, policy=POLICY, today=ON
        ).home
        is None
    )


LEVELS = parsed(
    "test,subject,grade,label,cut_score,metric,reached,source\n"
    "T,,,Good,,,yes,x\nT,,,Bad,,,no,x\nT,13373,03,Good,,,no,x\nU,,,,50,,yes,x\nU,01166,,,70,,yes,x\nV,,,Good,,,not counted,x\nV,,,,30,,yes,x\n"
)


@given(
    test=st.sampled_from(["t", "u", "v", "w"]), subject=st.sampled_from(["13373", "01166", ""]), grade=st.sampled_from(["03", "04", ""]),
    label=st.sampled_from(["good", "bad", ""]), score=st.none() | st.sampled_from([20.0, 40.0, 60.0, 80.0]),
)  # fmt: skip
def test_one_result_is_judged_as_reports_judge_it(
    test: str, subject: str, grade: str, label: str, score: float | None
) -> None:
    """The SQL of the reports is the judge."""
    sql = f"SELECT {verdict(about(LEVELS, grade=grade))} FROM (SELECT ? AS test, ? AS subject, nullif(?, '') AS label, ?::DOUBLE AS score, NULL::VARCHAR AS metric)"
    [(expected,)] = duckdb.execute(sql, [test, subject, label, score]).fetchall()
    found = reached(
        LEVELS, tests={folded(test)}, subject=subject, grade=grade, label=label, score=score, metric=""
    )
    assert found == {AT: True, BELOW: False}.get(expected)
