"""Which students and which days: the population's conditions, records, the terms' days, and the method of a project."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, Tier
from throughway.agreements.legal_review.context import ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, blocking, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.agreements.population_condition import BadCondition, parse_condition, values_of_codes
from throughway.core.prose import listed
from throughway.core.refusals import did_you_mean
from throughway.vocabulary import TABLES, codes_of, no_code
from throughway.vocabulary.school_calendar import year_start


def population(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """`on` is a table of persons, `where` a condition on its columns, with existing codes."""
    for position, entry in enumerate(document.population):
        path = f"population[{position}]"
        table = TABLES.get(entry.on)
        if table is None or not table.of_person:
            of_person = [name for name, known in TABLES.items() if known.of_person]
            yield blocking("D9", f"{path}.on",
                           f"{entry.on} is not a table about students; "
                           + did_you_mean(entry.on, of_person, f"choose one of {', '.join(of_person)}."))  # fmt: skip
            continue
        try:
            condition = parse_condition(entry.where, entry.on)
        except BadCondition as problem:
            yield blocking("D9", f"{path}.where", f"{path}.where {problem}.")
            continue
        for element, code in values_of_codes(condition, table):
            codes = codes_of(element)
            if codes and code not in codes:
                yield warning("D9", f"{path}.where", f"{no_code(element, code)}. No student has it.")


GRADES_SAID = re.compile(
    r"\bgrades?\s+((?:\d{1,2}|k)(?:(?:\s*(?:,|and|to|through|-|–|or)\s*)+\d{1,2})*)", re.I
)
GRADES_HELD = re.compile(r"'(\d{2}|KG)'")
YEARS_SAID = re.compile(r"\b(20\d\d)\b")


def stated_scope(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """S2: the stated scope of a study is only text; `population` enforces grades and `records` enforces days, here or in a wider
    tier."""
    texts = [document, *context.above(document)]
    for use in uses(document, Basis.STUDY):
        scope = str(use.details.get("scope", ""))
        wanted, first = _grades_of(scope), min(map(int, YEARS_SAID.findall(scope)), default=None)
        apart = []
        for discloser in use.disclosers if wanted else ():
            admitted = [grades for text in texts if (grades := _held(text, discloser))]
            if not admitted or not frozenset.intersection(*admitted) <= wanted:
                shown = f"admits {', '.join(sorted(admitted[0]))}" if admitted else "names no grades"
                apart.append(f"grades {', '.join(sorted(wanted))}, and population {shown} of {discloser}")
                break
        since = max((text.records.from_ for text in texts if text.records.from_), default=None)
        if first and (since is None or since < year_start(first)):
            apart.append(f"{first}, and records {f'begin on {since}' if since else 'have no first day'}")
        if apart:
            yield warning("S2", use.at("scope"), f"The scope says {'; and '.join(apart)}. Words alone do "
                f"not limit rows: make population and records match the scope.")  # fmt: skip


def _grades_of(text: str) -> frozenset[str]:
    """`grades 6 to 8` as 06, 07, 08."""
    found: set[int] = set()
    for part in GRADES_SAID.findall(text):
        numbers = [0 if each.lower() == "k" else int(each) for each in re.findall(r"\d+|k", part, re.I)]
        spans = re.search(r"to|through|-|–", part)
        found |= {*range(min(numbers), max(numbers) + 1)} if spans else {*numbers}
    return frozenset("KG" if grade == 0 else f"{grade:02}" for grade in found)


def _held(document: AgreementDocument, discloser: str) -> frozenset[str]:
    """The grades that a discloser's population names; empty where it names none."""
    entries = [e for e in document.population if e.from_ is None or discloser in e.from_]
    return frozenset(
        grade for e in entries if "grade_level" in e.where for grade in GRADES_HELD.findall(e.where)
    )


def days(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """First days are before last days."""
    terms, records = document.terms, document.records
    if terms.expires < terms.effective:
        yield blocking("D10", "terms.expires",
                       f"The agreement ends on {terms.expires}, before it takes effect on "
                       f"{terms.effective}; correct one of the days.")  # fmt: skip
    if records.from_ and records.to and records.to < records.from_:
        yield blocking("D10", "records.to",
                       f"Records are in scope until {records.to}, before they begin on {records.from_}; "
                       f"correct one of the days.")  # fmt: skip


def project(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A use license states its project's method; the review board's approval lasts at least as long."""
    if document.project is None:
        if document.tier is Tier.DUL:
            yield warning("P11", "project",
                          "A use license is for one project; describe the project in project.method, and "
                          "give the review board's number if it has one.")  # fmt: skip
        return
    irb = document.project.irb
    if irb is None or document.tier is not Tier.DUL:
        return
    try:
        until = date.fromisoformat(irb.expires)
    except ValueError:
        yield warning("P11", "project.irb.expires",
                      "The end of the review board's approval is not a date; write it as 2028-06-30.")  # fmt: skip
        return
    if until < document.terms.expires:
        yield warning("P11", "project.irb.expires",
                      f"The review board's approval ends on {until}, before the license does; renew it in time.")  # fmt: skip


@dataclass(frozen=True)
class MethodRequirement:
    """A word in a method, and the elements of which one must be scheduled when it occurs; the first is the suggested one."""

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


def method_is_scheduled(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """P11: the license schedules each element that the method mentions, except those that it only publishes."""
    if document.project is None or not document.schedule:
        return
    text = document.project.method.partition("Published:")[0]
    scheduled = {element.path for line in document.schedule for element in elements_of(line)}
    lacking = [
        need for need in NEEDS if re.search(rf"\b({need.word})\b", text, re.I) and not _has(scheduled, need)
    ]
    if lacking:
        called = listed(need.called for need in lacking)
        cure = listed(need.elements[0] for need in lacking)
        yield warning("P11", "schedule", f"The method needs {called}, and no line schedules {'it' if len(lacking) == 1 else 'them'}; add {cure}, or "
                      "change project.method.")  # fmt: skip


def _has(scheduled: Collection[str], need: MethodRequirement) -> bool:
    return any(fnmatchcase(path, wanted) for path in scheduled for wanted in need.elements)
