"""Riverbend's simulated lives as tables of the vocabulary, without names, feeds or linkage: so that studies of many seeds take seconds."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from tests.insight.fake_access import FakeAccess, everything
from throughway.demo.assessments import INSTRUMENTS, STATE, SUBJECTS, identifier
from throughway.demo.attendance_and_marks import CORE, COURSES, EXCUSED, PRESENT, TARDY, UNEXCUSED
from throughway.demo.programs import CAREER_START, PROGRAMS
from throughway.demo.roster import DISTRICTS
from throughway.demo.town import Town, live
from throughway.evidence.effect import JudgedEffect, judged
from throughway.evidence.plain_table import table_of
from throughway.evidence.registered_study import StudyDocument, parsed_document
from throughway.evidence.student_rows import StudentRows, StudyRows
from throughway.measures.policy import POLICY

TODAY = date(2026, 11, 25)
SUBJECT_CODES = {"Reading": "13373", "Mathematics": "01166", "Readiness": "13376"}
PARTNERS = (*DISTRICTS, *{p.partition("/")[0] for p in PROGRAMS}, "falls-college")
EVERYBODY = everything(*PARTNERS, without=("postsecondary_enrollment", "credential"))
WITH_COLLEGE = everything(*PARTNERS, without=("credential",))


def _days(values: np.ndarray) -> pa.Array:
    return pa.array(values.astype("datetime64[D]"), mask=np.isnat(values))


def _put(access: FakeAccess, table: str, columns: Mapping[str, Any]) -> None:
    access.base.register("rows", pa.table(dict(columns)))
    access.base.execute(f"INSERT INTO {table} BY NAME SELECT * FROM rows")


@cache
def town_of(students: int, seed: int) -> Town:
    return live(students, seed, TODAY)


@cache
def access_to(
    students: int, seed: int, *, marks: bool = False, attendance: bool = False, college: bool = False
) -> FakeAccess:
    """The records of one Riverbend. `marks`, `attendance`: these too, which are many; `college`: who graduated and went on."""
    town, access = town_of(students, seed), FakeAccess()
    access.on = TODAY
    spells, people = town.spells, town.people
    place = np.char.add(np.array(DISTRICTS)[spells.district].astype(str), "/")
    school = np.char.add(place, spells.school.astype(str))
    grade = np.where(spells.grade == 0, "KG", np.char.zfill(spells.grade.astype(str), 2))
    _put(access, "school_enrollment", {
        "person_id": spells.student + 1, "organization_id": school, "school_year": spells.year.astype(str),
        "enrollment_entry_date": _days(spells.start), "enrollment_exit_date": _days(spells.end), "entry_grade_level": grade,
        **({"exit_or_withdrawal_type": np.where(spells.exit == "graduated", POLICY.graduated_exits[0], "")} if college else {}),
    })  # fmt: skip
    _put(
        access,
        "person",
        {"person_id": np.arange(people.size) + 1, "sex": np.where(people.sex == "M", "Male", "Female")},
    )
    _put(access, "person_status", {
        "person_id": np.arange(people.size) + 1,
        "english_learner_status": np.where(people.english_learner, "Yes", "No"),
        "economic_disadvantage_status": np.where(people.low_income, "Yes", "No"),
        "idea_indicator": np.where(people.disability != "", "Yes", "No"),
    })  # fmt: skip
    scores = town.scores
    _put(access, "assessment_result", {
        "person_id": scores.student + 1,
        "assessment_identifier": [identifier(*each) for each in zip(scores.instrument, scores.subject, scores.grade, strict=True)],
        "assessment_title": np.array(INSTRUMENTS)[scores.instrument],
        "assessment_academic_subject": [SUBJECT_CODES[SUBJECTS[each]] for each in scores.subject],
        "assessment_administration_start_date": _days(scores.day),
        "grade_level_when_assessed": np.where(scores.grade == 0, "KG", np.char.zfill(scores.grade.astype(str), 2)),
        "score_number": scores.value.astype(float),
    })  # fmt: skip
    assert STATE in scores.instrument
    stays, lots = town.participation, town.lottery
    away = np.flatnonzero(~lots.came)
    unset = np.full(len(away), np.datetime64("NaT"))
    _put(access, "program_participation", {
        "person_id": np.concatenate([stays.student, lots.student[away]]) + 1,
        "program_identifier": np.array(PROGRAMS)[np.concatenate([stays.program, np.full(len(away), CAREER_START)])],
        "program_participation_start_date": _days(np.concatenate([stays.start, unset])),
        "program_participation_exit_date": _days(np.concatenate([stays.end, unset])),
        "program_participation_status": np.concatenate([
            np.where(stays.exit == "", "Active", "Exited"), np.where(lots.won[away], "Declined", "Applied"),
        ]),
        "school_year": np.concatenate([stays.year, lots.year[away]]).astype(str),
    })  # fmt: skip
    if marks:
        _marks(access, town, school, grade)
    if attendance:
        _attendance(access, town, school)
    if college:
        _college(access, town)
    return access


def _college(access: FakeAccess, town: Town) -> None:
    """A clearinghouse's search for every graduate, from the diploma to today."""
    diplomas, terms = town.college.diplomas, town.college.terms
    since = dict(zip(diplomas.student.tolist(), diplomas.day.astype("datetime64[D]"), strict=True))
    entered = np.isin(terms.student, diplomas.student) & (terms.start <= town.known)
    nowhere = np.setdiff1d(diplomas.student, terms.student[entered])
    who = np.concatenate([terms.student[entered], nowhere])
    _put(access, "postsecondary_enrollment", {
        "person_id": who + 1, "record_found": np.arange(len(who)) < entered.sum(),
        "entry_date_into_postsecondary": _days(np.concatenate([terms.start[entered], np.full(len(nowhere), np.datetime64("NaT"))])),
        "search_date": _days(np.array([since[student] for student in who.tolist()])),
        "search_end_date": _days(np.full(len(who), np.datetime64(TODAY))),
    })  # fmt: skip


def _marks(access: FakeAccess, town: Town, school: np.ndarray, grade: np.ndarray) -> None:
    found, spells = town.marks, town.spells
    passed = found.letter != "F"
    _put(access, "course_grade", {
        "person_id": spells.student[found.spell] + 1, "organization_id": school[found.spell],
        "course_title": np.array([title.format(grade="") for title, _ in COURSES])[found.course],
        "school_courses_for_the_exchange_of_data_course_code": np.array([code for _, code in COURSES])[found.course],
        "marking_period_name": np.char.add("Semester ", found.semester.astype(str)),
        "grade_level_when_course_taken": grade[found.spell], "student_course_section_grade_earned": found.letter,
        "number_of_credits_attempted": np.full(len(found.spell), 0.5), "number_of_credits_earned": np.where(passed, 0.5, 0.0),
    })  # fmt: skip
    assert CORE == 4


def _attendance(access: FakeAccess, town: Town, school: np.ndarray) -> None:
    """A summary of each student and month."""
    for year in town.years:
        found = town.attendance(year)
        months = found.days.astype("datetime64[M]")
        for month in np.unique(months):
            status = found.status[:, months == month]
            there = np.isin(status, (PRESENT, TARDY, EXCUSED, UNEXCUSED)).sum(axis=1)
            missed = np.isin(status, (EXCUSED, UNEXCUSED)).sum(axis=1)
            rows = there > 0
            _put(access, "attendance_summary", {
                "person_id": town.spells.student[found.spell][rows] + 1, "organization_id": school[found.spell][rows],
                "period_start_date": _days(np.full(rows.sum(), month.astype("datetime64[D]"))),
                "number_of_days_absent": missed[rows].astype(float), "days_enrolled": there[rows].astype(float),
            })  # fmt: skip


# The studies of the manual: each row of truth/effects.csv that has a design.
READERS = {"outcome": "reading", "who": {"grades": ["03"]}, "baseline": "reading_before",
           "covariates": ["sex", "english_learner", "low_income", "disability"]}  # fmt: skip
ATTENDERS = {
    "outcome": "attendance",
    "baseline": "attendance_before",
    "covariates": ["grade", "sex", "english_learner", "low_income", "disability"],
}
STUDIES: Mapping[str, Mapping[str, Any]] = {
    "tutoring": {"program": "page-by-page/tutoring", **READERS},
    "homework club": {"program": "bright-futures/homework-club", **READERS,
                      "covariates": ["sex", "english_learner", "low_income", "disability", "other_help"]},
    "late gym": {"program": "bright-futures/late-gym", **ATTENDERS, "who": {"grades": ["06", "07", "08", "09", "10", "11"]},
                 "smallest_effect": {"value": 1.0, "scale": "raw"}},
    "mentoring": {"program": "long-walk-mentors/mentoring", **ATTENDERS, "who": {"grades": ["06", "07", "08", "09"]},
                  "smallest_effect": {"value": 1.0, "scale": "raw"}},
    "mentoring on track": {"program": "long-walk-mentors/mentoring", "outcome": "on_track", "who": {"grades": ["09"]},
                           "covariates": ["math_before", "sex", "english_learner", "low_income", "disability"], "smallest_effect": {"value": 0.05, "scale": "raw"}},
    "career start": {"program": "bright-futures/career-start", "outcome": "on_track", "who": {"grades": ["09"]}, "design": "lottery",
                     "covariates": [], "smallest_effect": {"value": 0.05, "scale": "raw"}},
    "art studio": {"program": "bright-futures/art-studio", **ATTENDERS, "who": {"grades": ["01", "02", "03", "04", "05", "06", "07", "08"]},
                   "smallest_effect": {"value": 1.0, "scale": "raw"}},
    "chess club": {"program": "bright-futures/chess-club", **ATTENDERS, "who": {"grades": ["03", "04", "05", "06", "07", "08", "09", "10"]},
                   "smallest_effect": {"value": 1.0, "scale": "raw"}},
    "garden crew": {"program": "bright-futures/garden-crew", **ATTENDERS, "who": {"grades": ["04", "05", "06", "07", "08", "09"]},
                    "smallest_effect": {"value": 1.0, "scale": "raw"}},
    "summer bridge": {"program": "next-step/summer-bridge", "outcome": "college", "who": {"grades": ["12"]}, "season": "summer_after",
                      "school_years": [2023, 2024, 2025], "covariates": ["sex", "english_learner", "low_income", "disability"],
                      "smallest_effect": {"value": 0.05, "scale": "raw"}},
}  # fmt: skip


def document(name: str, **changes: Any) -> StudyDocument:
    """The study of that name."""
    usual = {
        "throughway": "study/1", "title": f"Does {name} help?", "purpose": "program-studies", "design": "matched",
        "school_years": [2023, 2024, 2025, 2026], "smallest_effect": {"value": 0.1},
    }  # fmt: skip
    return parsed_document({**usual, **STUDIES[name], **changes})


def rows_of(name: str, students: int, seed: int, **changes: Any) -> tuple[StudyDocument, StudyRows]:
    asked = document(name, **changes)
    return asked, rows_for(asked, students, seed)


def rows_for(asked: StudyDocument, students: int, seed: int) -> StudyRows:
    college = asked.outcome == "college"
    access = access_to(
        students,
        seed,
        marks=asked.outcome == "on_track",
        attendance=asked.outcome == "attendance",
        college=college,
    )
    return StudentRows(access, WITH_COLLEGE if college else EVERYBODY, POLICY, asked, TODAY).rows()


def result(name: str, students: int, seed: int, **changes: Any) -> JudgedEffect:
    """What the study finds. NoEstimate where the data cannot answer."""
    asked, rows = rows_of(name, students, seed, **changes)
    study = rows.study_of(asked)
    return judged(table_of(rows.frame, study), study)
