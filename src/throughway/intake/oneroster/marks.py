"""Results of the gradebook: marks of a course where the line item says so, else results of one piece of work.

OneRoster has one shape for both. A line item is a mark of the course when its title, or its category's, is one of the
words listed under `course_marks` in `maps/oneroster.yaml`; anything else is an assessment of its own.
"""

from dataclasses import dataclass

from throughway.intake.edfi.records import folded
from throughway.intake.oneroster.bundle import Bundle
from throughway.intake.oneroster.layout import Codes, document, list_items
from throughway.intake.oneroster.tables import OneRosterRow
from throughway.intake.staging import StagingWriter


@dataclass(frozen=True)
class Gradebook:
    """Rows that results point to, by id."""

    items: dict[str, dict[str, str]]
    classes: dict[str, dict[str, str]]
    courses: dict[str, dict[str, str]]
    categories: dict[str, str]
    sessions: dict[str, str]


def stage_marks(bundle: Bundle, writer: StagingWriter, codes: Codes, students: set[str]) -> int:
    """Stages the results of students; gives their number."""
    if "results" not in bundle.package.modes:
        return 0
    book = Gradebook(
        items={row.id: row.cells for row in bundle.rows("lineItems")},
        classes={row.id: row.cells for row in bundle.rows("classes")},
        courses={row.id: row.cells for row in bundle.rows("courses")},
        categories={row.id: row.cells["title"] for row in bundle.rows("categories")},
        sessions={row.id: row.cells["title"] for row in bundle.rows("academicSessions")},
    )
    marks = frozenset(folded(title) for title in document()["course_marks"])
    staged = 0
    for row in bundle.rows("results"):
        if row.cells["studentSourcedId"] not in students:
            continue
        staged += 1
        item = book.items.get(row.cells["lineItemSourcedId"], {})
        titles = item.get("title", ""), book.categories.get(item.get("categorySourcedId", ""), "")
        if any(folded(title) in marks for title in titles):
            _mark(row, item, book, writer, codes)
        else:
            _assessment(row, item, writer)
    return staged


def _mark(
    row: OneRosterRow, item: dict[str, str], book: Gradebook, writer: StagingWriter, codes: Codes
) -> None:
    lesson = row.cells.get("classSourcedId", "") or item.get("classSourcedId", "")
    section = book.classes.get(lesson, {})
    course = book.courses.get(section.get("courseSourcedId", ""), {})
    session = item.get("academicSessionSourcedId", "") or item.get("gradingPeriodSourcedId", "")
    values = {
        "organization_id": section.get("schoolSourcedId", ""),
        "course_identifier": course.get("courseCode", "") or section.get("courseSourcedId", ""),
        "course_title": course.get("title", "") or section.get("title", ""),
        "course_section_identifier": lesson,
        "marking_period_name": book.sessions.get(session, ""),
        "student_course_section_grade_earned": row.cells.get("textScore", ""),
        "numeric_grade_earned": row.cells.get("score", ""),
    }
    said = row.unreadable_of("course_grade")
    said |= {element: text.strip() for element, text in values.items() if text.strip()}
    grades = list_items(section.get("grades", ""))
    if len(grades) == 1:
        codes.fill(
            said, "course_grade", "grade_level_when_course_taken", grades[0],
            file="classes.csv", row=row.number, column="grades",
        )  # fmt: skip
    person = row.cells["studentSourcedId"]
    writer.add("course_grade", file="results.csv", row=row.number, person=person, key=row.id, values=said)


def _assessment(row: OneRosterRow, item: dict[str, str], writer: StagingWriter) -> None:
    status = row.cells.get("scoreStatus", "")
    values = {
        "assessment_identifier": row.cells["lineItemSourcedId"],
        "assessment_title": item.get("title", ""),
        "assessment_administration_start_date": row.cells.get("scoreDate", ""),
        "assessment_result_score_value": row.cells.get("score", "") or row.cells.get("textScore", ""),
        "reason_not_tested": status if status in ("exempt", "not submitted") else "",
    }
    said = row.unreadable_of("assessment_result")
    said |= {element: text.strip() for element, text in values.items() if text.strip()}
    person = row.cells["studentSourcedId"]
    writer.add(
        "assessment_result", file="results.csv", row=row.number, person=person, key=row.id, values=said
    )
