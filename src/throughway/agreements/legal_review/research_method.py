"""Whether the schedule of a license has what the method of its project needs (P11)."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from throughway.agreements.document import AgreementDocument
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.core.prose import listed


@dataclass(frozen=True)
class MethodRequirement:
    """A word of a method, and the elements of which one must be scheduled where the word stands; the first is what to add."""

    word: str  # a regular expression
    called: str
    elements: tuple[str, ...]


NEEDS = (
    MethodRequirement(r"(?<!course )(?<!letter )grades?(?! point)", "the grade of a student",
         ("school_enrollment.entry_grade_level", "assessment_result.grade_level_when_assessed")),
    MethodRequirement(r"(?<!high )(?<!middle )(?<!elementary )(?<!after-)(?<!after )schools?(?! (year|meal|day|staff|system|district))", "the school",
         ("school_enrollment.organization_id", "*.organization_id")),
    MethodRequirement(r"scores?|test results?|assessments?|proficien\w+", "a score",
         ("assessment_result.assessment_result_score_value", "assessment_result.assessment_performance_level_label")),
    MethodRequirement(r"(earlier|prior|previous|before|last year's) (\w+ )?(scores?|tests?|results?)", "when a score was reached",
         ("assessment_result.assessment_administration_start_date", "*_date", "*.school_year")),
    MethodRequirement(r"attendance|absen\w+|truan\w+", "attendance", ("attendance_day.attendance_status", "attendance_summary.*")),
    MethodRequirement(r"report cards?|course grades?|gpa|grade point average|course marks?|credits", "a grade in a course",
         ("course_grade.numeric_grade_earned", "course_grade.*")),
    MethodRequirement(r"took part|participat\w+|tutored|enrolled in the program|were served|dos(e|age)", "who took part",
         ("program_participation.program_identifier", "program_participation.*", "service_received.*")),
    MethodRequirement(r"hours of|how (often|much)|dos(e|age)", "how much help there was", ("service_received.service_quantity",)),
    MethodRequirement(r"race|racial|ethnic\w*", "race", ("person_race.*",)),
    MethodRequirement(r"sex|gender|girls|boys", "sex", ("person.sex",)),
    MethodRequirement(r"ages?|birth ?dates?", "age", ("person.birthdate",)),
    MethodRequirement(r"low[- ]income|poverty|econom\w+ disadvantaged?|school meals|free lunch", "low income",
         ("person_status.economic_disadvantage_status", "person_status.eligibility_status_for_school_food_service_programs")),
    MethodRequirement(r"english learners?|multilingual", "who learns English", ("person_status.english_learner_status",)),
    MethodRequirement(r"disabilit\w+|special education|ieps?", "disability", ("person_status.idea_indicator", "person_status.*disability*", "person_status.*iep*")),
    MethodRequirement(r"homeless\w*", "homelessness", ("person_status.homelessness_status",)),
    MethodRequirement(r"suspen\w+|disciplin\w+|behaviou?rs?|incidents?", "behavior", ("disciplinary_action.*", "behavior_incident.*")),
    MethodRequirement(r"graduat\w+|diplomas?", "graduation", ("credential.high_school_diploma_type", "school_enrollment.exit_or_withdrawal_type", "credential.*")),
    MethodRequirement(r"colleges?|postsecondary", "college", ("postsecondary_enrollment.*", "credential.*")),
    MethodRequirement(r"wages?|earnings|employ\w+", "work", ("employment.*",)),
    MethodRequirement(r"surveys?|questionnaires?", "answers to a survey", ("survey_response.*",)),
)  # fmt: skip


def method(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """P11: what the method speaks of is among the elements that the license schedules; what it publishes is no need."""
    if document.project is None or not document.schedule:
        return
    said = document.project.method.partition("Published:")[0]
    scheduled = {element.path for line in document.schedule for element in elements_of(line)}
    lacking = [
        need for need in NEEDS if re.search(rf"\b({need.word})\b", said, re.I) and not _has(scheduled, need)
    ]
    if lacking:
        called = listed(need.called for need in lacking)
        cure = listed(need.elements[0] for need in lacking)
        yield warning("P11", "schedule", f"The method needs {called}, and no line schedules {'it' if len(lacking) == 1 else 'them'}; add {cure}, or "
                      "change project.method.")  # fmt: skip


def _has(scheduled: Collection[str], need: MethodRequirement) -> bool:
    return any(fnmatchcase(path, wanted) for path in scheduled for wanted in need.elements)
