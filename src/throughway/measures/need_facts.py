"""Rules of need for all students of a school year at once: SQL that says of each student whether a rule is met, over the same facts that
the page of one student shows (`supports/student.py`).

A query has one row for each student about whom the records say something: `met` is 1 where every value meets the rule (of a list, such as
languages: one), `might` where any does. A student without a row is not known, and neither is one whose values differ.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from throughway.measures import assessments
from throughway.measures.eligibility import EligibilityRule, FactKind
from throughway.measures.policy import MeasurePolicy
from throughway.measures.proficiency import AT, LEFT_OUT, ProficiencyLevel, about
from throughway.measures.sql import (
    ENROLLED,
    Ctes,
    VisibleData,
    day,
    in_year,
    query,
    spells,
    stays,
    texts,
    year_end,
)

MISSED = ("ExcusedAbsence", "UnexcusedAbsence")
HALF_A_DAY = 0.5  # a day counts as missed when at least this share is missed
FAILED = ("F", "E", "NP")  # marks that pass no course
GRADES = ("KG", *(f"{grade:02d}" for grade in range(1, 13)))
STATUSES: Mapping[str, str] = {
    "homeless": "homelessness_status", "foster": "foster_care_status", "english_learner": "english_learner_status",
    "disability": "idea_indicator", "section_504": "section_504_status",
}  # fmt: skip
PLAIN: Mapping[str, tuple[str, str]] = {
    "home_language": ("person_language", "iso_639_2_language_code"),
    "race": ("person_race", "race"),
    "sex": ("person", "sex"),
    "birth_country": ("person", "country_of_birth_code"),
}
OF_STAYS: Mapping[str, str] = {"grade": "grade", "school": "organization_id"}
BY_TESTS = ("reads_below", "math_below")


def as_of(year: int, on: date) -> date:
    """The day whose records a school year's needs are judged by: its last day, or the day of counting."""
    return min(year_end(year), on)


def rule_sql(
    rule: EligibilityRule, visible: VisibleData, policy: MeasurePolicy, year: int, on: date
) -> list[str] | None:
    """The queries that say who meets the rule in a school year; several where each covers a grade. None where the purpose does not show
    what it is read from, or where it cannot be counted for many students at once."""
    if rule.fact in BY_TESTS:
        return _of_tests(rule, visible, policy, year, on)
    values = _values(rule.fact, visible, year, on)
    if values is None:
        return None
    ctes, select = values
    least = "MAX" if rule.of.kind is FactKind.LIST else "MIN"
    return [
        query(
            ctes,
            f"""SELECT person_id, {least}({_met(rule)}) AS met, MAX({_met(rule)}) AS might
                FROM ({select}) AS facts WHERE value IS NOT NULL GROUP BY person_id""",
        )
    ]


def _met(rule: EligibilityRule) -> str:
    """SQL: 1 where a value meets the rule, else 0."""
    bounds = [f"value IN {texts(rule.values)}"] if rule.values else []
    bounds += [f"value >= {rule.at_least}"] if rule.at_least is not None else []
    bounds += [f"value <= {rule.at_most}"] if rule.at_most is not None else []
    return f"CASE WHEN {' AND '.join(bounds)} THEN 1 ELSE 0 END"


def _values(fact: str, visible: VisibleData, year: int, on: date) -> tuple[Ctes, str] | None:
    """The values of a fact, one row for each: person_id, value."""
    last = as_of(year, on)
    if fact == "days_missed":
        return _days_missed(visible, year, last)
    if fact == "courses_failed":
        return _courses_failed(visible, year, last)
    if fact in OF_STAYS:
        if not visible.shows(*ENROLLED):
            return None
        return {
            **spells(visible),
            **stays(year, last),
        }, f"SELECT person_id, {OF_STAYS[fact]} AS value FROM home"
    if fact in STATUSES:
        column = STATUSES[fact]
        if not visible.shows("person_status", column):
            return None
        holds = f"COALESCE(valid_from, {day(last)}) <= {day(last)} AND COALESCE(valid_to, {day(last)}) >= {day(last)}"
        return {}, f"SELECT person_id, {column} AS value FROM person_status WHERE {holds}"
    if fact in PLAIN and visible.shows(*PLAIN[fact]):
        table, column = PLAIN[fact]
        return {}, f"SELECT person_id, {column} AS value FROM {table}"
    return None


def _days_missed(visible: VisibleData, year: int, last: date) -> tuple[Ctes, str] | None:
    if not visible.shows("attendance_day", "attendance_event_date", "attendance_status"):
        return None
    kind = visible.column("attendance_day", "attendance_event_type")
    share = visible.column("attendance_day", "attendance_event_duration_day", "DOUBLE")
    missed = f"attendance_status IN {texts(MISSED)} AND COALESCE({share}, 1.0) >= {HALF_A_DAY}"
    return (
        {},
        f"""
        SELECT person_id, COUNT(DISTINCT CASE WHEN {missed} THEN attendance_event_date END) AS value FROM attendance_day
        WHERE {in_year("attendance_event_date", year)} AND attendance_event_date <= {day(last)}
          AND COALESCE(NULLIF({kind}, ''), 'DailyAttendance') = 'DailyAttendance' AND attendance_status IS NOT NULL
        GROUP BY person_id""",
    )


def _courses_failed(visible: VisibleData, year: int, last: date) -> tuple[Ctes, str] | None:
    """Marks have no day, so they are those of the grade in which the student was."""
    marks = ("course_grade", "student_course_section_grade_earned", "grade_level_when_course_taken")
    if not visible.shows(*marks) or not visible.shows(*ENROLLED):
        return None
    course = f"COALESCE({visible.column(marks[0], 'course_title')}, {visible.column(marks[0], 'course_identifier')}, '')"
    return (
        {**spells(visible), **stays(year, last)},
        f"""
        SELECT c.person_id, COUNT(DISTINCT CASE WHEN UPPER(c.mark) IN {texts(FAILED)} THEN c.course END) AS value
        FROM (SELECT person_id, {marks[1]} AS mark, {marks[2]} AS grade, {course} AS course FROM course_grade
              WHERE {marks[1]} IS NOT NULL) AS c
        JOIN (SELECT DISTINCT person_id, grade FROM stay) AS h ON h.person_id = c.person_id AND h.grade = c.grade
        GROUP BY c.person_id""",
    )


def _of_tests(
    rule: EligibilityRule, visible: VisibleData, policy: MeasurePolicy, year: int, on: date
) -> list[str] | None:
    """A query for all grades in which the same standards decide, of the latest result that one decides; `taken`: its day."""
    if not assessments.covered(visible):
        return None
    last = as_of(year, on)
    subjects = policy.reading_subjects if rule.fact == "reads_below" else policy.math_subjects
    alike: dict[tuple[ProficiencyLevel, ...], list[str]] = {}
    for grade in GRADES:
        alike.setdefault(about(policy.levels, grade=grade, subjects=subjects), []).append(grade)
    return [
        f"""SELECT person_id, MIN({_met(rule)}) AS met, MAX({_met(rule)}) AS might, MAX(taken) AS taken FROM (
              SELECT person_id, taken, MAX(taken) OVER (PARTITION BY person_id) AS latest,
                CASE WHEN verdict = {AT} THEN 'No' ELSE 'Yes' END AS value
              FROM ({assessments.results(visible, levels, grades, subjects)}) AS results
              WHERE verdict > {LEFT_OUT} AND taken <= {day(last)} AND taken >= {day(last - timedelta(rule.of.newest_days))}) AS decided
            WHERE taken = latest GROUP BY person_id"""
        for levels, grades in alike.items()
        if levels
    ]
