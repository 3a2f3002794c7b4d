"""What matching knows of one student: facts of the rows that the gate has shown to the reader, and nothing else.

A column that is not granted is absent, and so is a table that is not granted, not consented to, or without a row. So what is not there is
unknown, never false.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from throughway.measures.eligibility import FACTS, Facts
from throughway.measures.policy import MeasurePolicy
from throughway.measures.proficiency import folded, reached
from throughway.vocabulary.participation import MEANINGS, ParticipationStatus, standing
from throughway.vocabulary.school_calendar import school_year_of, year_start

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
DAILY = ("DailyAttendance", None, "")
MISSED = ("ExcusedAbsence", "UnexcusedAbsence")
HALF_A_DAY = 0.5  # a day counts as missed when at least this share is missed
FAILED = ("F", "E", "NP")  # marks that pass no course
OF_STATUS = {
    "homeless": "homelessness_status", "foster": "foster_care_status", "english_learner": "english_learner_status",
    "disability": "idea_indicator", "section_504": "section_504_status",
}  # fmt: skip


@dataclass(frozen=True)
class VisibleStudent:
    """`facts`: see `eligibility.Facts`. `languages`: ISO 639-2 codes. `home`: latitude and longitude. `programs`: identifiers of the
    programs that the student takes part in today."""

    facts: Facts = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    home: tuple[float, float] | None = None
    programs: frozenset[str] = frozenset()


def visible_student(tables: Tables, *, policy: MeasurePolicy, today: date) -> VisibleStudent:
    """The facts of the rows that one purpose shows of one student."""
    facts: dict[str, frozenset[str] | frozenset[float]] = {}
    for name, values in _facts(tables, policy, today):
        if values:
            facts[name] = values
    languages = frozenset(
        str(code) for row in tables.get("person_language", ()) if (code := row.get("iso_639_2_language_code"))
    )
    return VisibleStudent(facts, languages, _home(tables), frozenset(_programs(tables, today)))


def _facts(
    tables: Tables, policy: MeasurePolicy, today: date
) -> Iterator[tuple[str, frozenset[str] | frozenset[float]]]:
    stays = _stays(tables, today)
    grades = _texts(stays, "entry_grade_level")
    yield "grade", grades
    yield "school", _texts(stays, "organization_id")
    yield "age", _ages(tables, today)
    yield "days_missed", _days_missed(tables, today)
    for name, subjects in (("reads_below", policy.reading_subjects), ("math_below", policy.math_subjects)):
        yield name, _below(name, tables, policy, subjects, today)
    yield "courses_failed", _failed(tables, grades)
    statuses = [row for row in tables.get("person_status", ()) if _in_force(row, today)]
    for name, column in OF_STATUS.items():
        yield name, _texts(statuses, column)
    yield "home_language", _texts(tables.get("person_language", ()), "iso_639_2_language_code")
    yield "birth_country", _texts(tables.get("person", ()), "country_of_birth_code")
    yield "race", _texts(tables.get("person_race", ()), "race")
    yield "sex", _texts(tables.get("person", ()), "sex")


def _texts(rows: Iterable[Row], column: str) -> frozenset[str]:
    return frozenset(str(row[column]) for row in rows if row.get(column) not in (None, ""))


def parsed_day(value: object) -> date | None:
    """The date in a cell, which is text where disclosers' grants show it differently; None where it has none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _in_force(row: Row, today: date) -> bool:
    first, last = parsed_day(row.get("valid_from")), parsed_day(row.get("valid_to"))
    return (first is None or first <= today) and (last is None or last >= today)


def _stays(tables: Tables, today: date) -> list[Row]:
    """The enrollments that last today. An enrollment of an earlier school year says nothing about this year's grade."""
    begins = year_start(school_year_of(today))
    found = []
    for row in tables.get("school_enrollment", ()):
        first, last = (
            parsed_day(row.get("enrollment_entry_date")),
            parsed_day(row.get("enrollment_exit_date")),
        )
        if first is not None and begins <= first <= today and (last is None or last >= today):
            found.append(row)
    return found


def _ages(tables: Tables, today: date) -> frozenset[float]:
    """Every age that the birth dates allow; of a year alone, two. Records that agree narrow it."""
    found: frozenset[float] = frozenset()
    for row in tables.get("person", ()):
        ages = frozenset(_ages_of(row.get("birthdate"), today))
        if ages:
            found = (found & ages or found | ages) if found else ages
    return found


def _ages_of(value: object, today: date) -> list[float]:
    text = str(value or "")
    if text.isdigit() and len(text) == 4:
        return [float(age) for age in (today.year - int(text) - 1, today.year - int(text)) if age >= 0]
    born = parsed_day(value) if value else None
    if born is None or born > today:
        return []
    return [float(today.year - born.year - ((today.month, today.day) < (born.month, born.day)))]


def _days_missed(tables: Tables, today: date) -> frozenset[float]:
    """Distinct days missed since the school year began; unknown without any mark of this year."""
    begins = year_start(school_year_of(today))
    marked, missed = False, set()
    for row in tables.get("attendance_day", ()):
        on = parsed_day(row.get("attendance_event_date"))
        if (
            on is None
            or not begins <= on <= today
            or row.get("attendance_event_type") not in DAILY
            or not row.get("attendance_status")
        ):
            continue
        marked = True
        share = row.get("attendance_event_duration_day")
        if row["attendance_status"] in MISSED and (share is None or float(share) >= HALF_A_DAY):
            missed.add(on)
    return frozenset({float(len(missed))}) if marked else frozenset()


def _below(
    fact: str, tables: Tables, policy: MeasurePolicy, subjects: Sequence[str], today: date
) -> frozenset[str]:
    """Whether the latest result in these subjects that a standard decides is below it."""
    decided: dict[date, set[bool]] = {}
    lasts = FACTS[fact].newest_days
    for row in tables.get("assessment_result", ()):
        on = parsed_day(row.get("assessment_administration_start_date"))
        subject = str(row.get("assessment_academic_subject") or "")
        if on is None or not 0 <= (today - on).days <= lasts or subject not in subjects:
            continue
        names = {folded(row.get(column)) for column in ("assessment_identifier", "assessment_title")} - {""}
        met = reached(
            policy.levels, tests=names, subject=subject, grade=str(row.get("grade_level_when_assessed") or ""),
            label=folded(row.get("assessment_performance_level_label")), score=_number(row.get("assessment_result_score_value")),
            metric=str(row.get("assessment_score_metric_type") or ""),
        )  # fmt: skip
        if met is not None:
            decided.setdefault(on, set()).add(met)
    if not decided:
        return frozenset()
    return frozenset("No" if met else "Yes" for met in decided[max(decided)])


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _failed(tables: Tables, grades: frozenset[str]) -> frozenset[float]:
    """Courses of the student's grade of today with a mark that fails them: marks have no day, so those of other grades are old."""
    of_today = [
        row for row in tables.get("course_grade", ())
        if row.get("student_course_section_grade_earned") and str(row.get("grade_level_when_course_taken")) in grades
    ]  # fmt: skip
    failed = {
        str(row.get("course_title") or row.get("course_identifier") or "")
        for row in of_today
        if str(row["student_course_section_grade_earned"]).upper() in FAILED
    }
    return frozenset({float(len(failed))}) if of_today else frozenset()


def _home(tables: Tables) -> tuple[float, float] | None:
    """The stored coordinates of the student's home; none where the records differ."""
    points = {
        (float(row["latitude"]), float(row["longitude"]))
        for row in tables.get("person_contact", ())
        if row.get("latitude") is not None and row.get("longitude") is not None
    }
    return points.pop() if len(points) == 1 else None


def _programs(tables: Tables, today: date) -> Iterator[str]:
    """Programs that the student takes part in today."""
    for row in tables.get("program_participation", ()):
        first, last = (parsed_day(row.get(f"program_participation_{end}_date")) for end in ("start", "exit"))
        status = row.get("program_participation_status")
        took_part = standing(status, first) is ParticipationStatus.TOOK_PART
        goes_on = (
            last >= today if last else MEANINGS[status or ""].goes_on if (status or "") in MEANINGS else False
        )
        if took_part and goes_on and first is not None and first <= today and row.get("program_identifier"):
            yield str(row["program_identifier"])
