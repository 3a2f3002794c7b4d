"""Matching: what fits, what does not and why, in which order; and that what the reader does not see changes nothing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.measures.eligibility import FACTS, FactKind, condition
from throughway.measures.needs import Need, NeedRules, RankBy, named, shipped
from throughway.measures.policy import POLICY
from throughway.supports.entry import SupportEntry, SupportStatement, WayHome, WeeklySession
from throughway.supports.matching import Fit, SupportMatch, SupportMatches, match
from throughway.supports.student import VisibleStudent, visible_student

ON = date(2026, 11, 20)
TEN = frozenset({10.0})
THIRD = VisibleStudent({"grade": frozenset({"03"}), "reads_below": frozenset({"Yes"})}, frozenset({"spa"}))


def rule(line: str) -> Any:
    return condition(line, where="")


def entry(
    name: str = "Page by Page", number: int = 1, confirmed: int | None = 10, **said: Any
) -> SupportEntry:
    day = None if confirmed is None else ON - timedelta(days=confirmed)
    return SupportEntry(
        number, str(number), "pages", "Page by Page", SupportStatement(name, **said), day, None, ON
    )


def one(student: VisibleStudent, *needs: Need, **said: Any) -> SupportMatch:
    found = match([entry(**said)], student, shipped(), on=ON, named=needs)
    return (*found.fits, *found.not_now, *found.does_not)[0]


def test_the_reasons_are_words() -> None:
    found = one(
        THIRD, category="tutoring", lowest_grade="02", highest_grade="03", languages=("eng", "spa"), seats_open=2,
        sessions=(WeeklySession("TU"),), way_home=WayHome.BUS, transport="at 17:40", cost=Decimal("0.00"), rules=(rule("reads_below is Yes"),),
        who="Third graders",
    )  # fmt: skip
    assert found.fit is Fit.FITS
    assert found.answers == ("reads below the State standard",)
    assert found.reasons == (
        "fits grade 3", "meets the rule on reading below the State standard: yes", "Tuesdays", "speaks Spanish", "two seats free",
        "the way home: a bus takes students home; at 17:40", "free of charge",
    )  # fmt: skip
    assert found.notes == ("the program says: Third graders",)
    assert found.ask == found.against == ()


TABLE: list[tuple[dict[str, Any], dict[str, Any], Fit, str]] = [
    # what the program says, what is seen of the student, the answer, and a part of its words
    ({"lowest_grade": "02", "highest_grade": "04"}, {"grade": {"03"}}, Fit.FITS, "fits grade 3"),
    ({"lowest_grade": "04"}, {"grade": {"03"}}, Fit.DOES_NOT, "serves grade 4 and up; the student is in grade 3"),
    ({"highest_grade": "KG"}, {"grade": {"PK"}}, Fit.FITS, "fits prekindergarten"),
    ({"lowest_grade": "02"}, {}, Fit.FITS, "Which grade is the student in? It serves grade 2 and up."),
    ({"lowest_grade": "02"}, {"grade": {"UG"}}, Fit.FITS, "Which grade"),
    ({"lowest_grade": "02"}, {"grade": {"01", "02"}}, Fit.FITS, "Which grade"),
    ({"minimum_age": 7, "maximum_age": 10}, {"age": {10.0}}, Fit.FITS, "fits age 10"),
    ({"minimum_age": 7, "maximum_age": 10}, {"age": {10.0, 11.0}}, Fit.FITS, "How old is the student?"),
    ({"minimum_age": 7, "maximum_age": 10}, {"age": {11.0, 12.0}}, Fit.DOES_NOT, "serves ages 7 to 10; the student is 11 or 12"),
    ({"minimum_age": 0, "maximum_age": 10}, {"age": {3.0}}, Fit.FITS, "fits age 3"),
    ({"rules": (rule("days_missed at least 10"),)}, {"days_missed": {12.0}}, Fit.FITS, "meets the rule on days of school missed"),
    ({"rules": (rule("days_missed at least 10"),)}, {"days_missed": {2.0}}, Fit.DOES_NOT, "the record says otherwise"),
    ({"rules": (rule("days_missed at least 10"),)}, {}, Fit.FITS, "How often did the student miss school"),
    ({"rules": (rule("income is low"),)}, {"income": {"low"}}, Fit.FITS, "limit on income"),
    ({"rules": (rule("income is low"), rule("grade is 05"))}, {"grade": {"03"}}, Fit.DOES_NOT, "needs grade: Fifth grade"),
    ({"seats_open": 0}, {}, Fit.NOT_NOW, "no seat is free"),
    ({"seats_open": 0, "waiting": 3}, {}, Fit.NOT_NOW, "a few students wait"),
    ({"seats_open": 0, "waiting": 12}, {}, Fit.NOT_NOW, "12 students wait"),
    ({"ends": ON - timedelta(days=1)}, {}, Fit.NOT_NOW, "its season ended on 19 November 2026"),
    ({"ends": ON}, {}, Fit.FITS, "ask the program whether a seat is free"),
    ({"seats_open": 0, "lowest_grade": "05"}, {"grade": {"03"}}, Fit.DOES_NOT, "serves grade 5 and up"),
]  # fmt: skip


@pytest.mark.parametrize(("says", "sees", "fit", "words"), TABLE)
def test_truth_table(says: dict[str, Any], sees: dict[str, set[Any]], fit: Fit, words: str) -> None:
    found = one(VisibleStudent({name: frozenset(values) for name, values in sees.items()}), **says)
    assert found.fit is fit
    assert any(words in said for said in (*found.reasons, *found.ask, *found.notes, *found.against)), found


BEHIND = {"reads_below": {"Yes"}, "math_below": {"Yes"}}


@pytest.mark.parametrize(
    ("sees", "subjects", "answers", "note"),
    [
        ({"math_below": {"Yes"}}, ("reading",), 0, "helps with reading, not with mathematics"),
        ({"math_below": {"Yes"}}, ("mathematics", "reading"), 1, ""),
        ({"math_below": {"Yes"}}, ("any",), 1, ""),
        ({"math_below": {"Yes"}}, (), 1, "ask the program whether it helps with mathematics"),
        ({"reads_below": {"Yes"}}, ("reading",), 1, ""),
        (BEHIND, ("reading",), 1, "helps with reading, not with mathematics"),
        (BEHIND, (), 2, "ask the program whether it helps with reading and mathematics"),
        ({"courses_failed": {2.0}}, ("reading",), 1, ""),
    ],
)  # fmt: skip
def test_a_need_in_one_subject_is_answered_by_who_helps_with_it(
    sees: dict[str, set[Any]], subjects: tuple[str, ...], answers: int, note: str
) -> None:
    student = VisibleStudent({name: frozenset(values) for name, values in sees.items()})
    found = one(student, category="tutoring", subjects=subjects)
    assert len(found.answers) == answers
    about = [words for words in found.notes if "helps with" in words]
    assert about == ([note] if note else [])
    assert any(words.startswith("helps with") for words in found.reasons) is bool(subjects)


def test_who_takes_part_already_is_not_offered_it_again() -> None:
    student = replace(THIRD, programs=frozenset({"pages/tutoring"}))
    assert one(student, program="pages/tutoring").against == ("the student takes part already",)
    assert one(student, program="").fit is Fit.FITS


@pytest.mark.parametrize(
    ("says", "student", "offered"),
    [
        ({"seats_open": 0}, THIRD, True),
        ({"seats_open": 2}, THIRD, False),
        ({"seats_open": 0, "ends": ON - timedelta(days=1)}, THIRD, False),
        (
            {"seats_open": 0, "program": "pages/tutoring"},
            replace(THIRD, programs=frozenset({"pages/tutoring"})),
            False,
        ),
        ({"seats_open": 0, "lowest_grade": "05"}, THIRD, False),
    ],
)
def test_the_waiting_list_is_offered_where_nothing_but_a_seat_is_missing(
    says: dict[str, Any], student: VisibleStudent, offered: bool
) -> None:
    assert one(student, **says).waiting_list is offered


def test_a_season_that_has_ended_offers_no_seat() -> None:
    ended = one(THIRD, seats_open=6, ends=ON - timedelta(days=1))
    assert not any("free" in words for words in ended.reasons if "seat" in words)


def test_unconfirmed_and_closed_supports_are_not_offered() -> None:
    here = [entry(number=n, confirmed=ago) for n, ago in enumerate((0, 120, 121, None))]
    here.append(replace(entry(number=9), closed=ON))
    found = match(here, THIRD, shipped(), on=ON)
    assert [each.entry.number for each in found.fits] == [0, 1]
    assert found.unconfirmed == 2


def names(found: SupportMatches) -> list[str]:
    return [each.entry.said.name for each in found.fits]


HOME = replace(THIRD, home=(41.80, -71.40))
BETTER: dict[RankBy, tuple[dict[str, Any], dict[str, Any]]] = {
    # a support that comes before another, the other in all else alike
    RankBy.NEED: ({"category": "tutoring"}, {"category": "arts"}),
    RankBy.FIRST: ({"first": (rule("grade is 03"),)}, {"first": (rule("grade is 04"),)}),
    RankBy.CERTAIN: ({}, {"rules": (rule("income is low"),)}),
    RankBy.LANGUAGE: ({"languages": ("spa",)}, {"languages": ("por",)}),
    RankBy.SEATS: ({"seats_open": 1}, {}),
    RankBy.DISTANCE: ({"latitude": 41.81, "longitude": -71.4}, {"latitude": 41.9, "longitude": -71.4}),
}


@pytest.mark.parametrize("by", RankBy)
def test_each_word_of_the_order_ranks(by: RankBy) -> None:
    better, worse = BETTER[by]
    here = [entry("A", 1, **worse), entry("B", 2, **better)]
    assert names(match(here, HOME, replace(shipped(), order=(by,)), on=ON)) == ["B", "A"]
    assert names(match(here, HOME, replace(shipped(), order=()), on=ON)) == ["A", "B"]


def test_a_need_that_a_person_names_comes_first() -> None:
    here = [entry("Art", 1, category="arts"), entry("Help", 2, category="tutoring")]
    assert names(match(here, THIRD, shipped(), on=ON)) == ["Help", "Art"]
    found = match(here, VisibleStudent(), shipped(), on=ON, named=named(["arts"]))
    assert names(found) == ["Art", "Help"]
    assert found.fits[0].answers == ("you look for arts",)


def test_distance_is_told_only_from_stored_coordinates() -> None:
    near = one(HOME, latitude=41.8145, longitude=-71.4)
    assert "1.0 miles from home in a straight line" in near.reasons
    for student, place in ((THIRD, {"latitude": 41.8, "longitude": -71.4}), (HOME, {"street": "1 Main St"})):
        assert not any("miles" in words for words in one(student, **place).reasons)


# Rows of one student by table, each value from a few that matter to rules, ranks and reasons.
ROWS: dict[str, dict[str, list[Any]]] = {
    "school_enrollment": {"enrollment_entry_date": [date(2026, 9, 1)], "entry_grade_level": ["03", "04", "09"], "organization_id": ["oak/1", "oak/2"]},
    "person": {"birthdate": [date(2017, 1, 5), 2010], "sex": ["Female", "Male"], "country_of_birth_code": ["US", "HT"]},
    "person_language": {"iso_639_2_language_code": ["spa", "eng", "hat"]},
    "person_race": {"race": ["White", "Asian"]},
    "person_status": {
        "english_learner_status": ["Yes", "No"], "idea_indicator": ["Yes", "No"], "section_504_status": ["Yes", "No"],
        "homelessness_status": ["Yes", "No"], "foster_care_status": ["Yes", "No"],
    },
    "attendance_day": {
        "attendance_event_date": [date(2026, 10, day) for day in range(1, 15)], "attendance_status": ["UnexcusedAbsence", "Present"],
        "attendance_event_type": ["DailyAttendance"],
    },
    "person_contact": {"latitude": [41.8, 41.9], "longitude": [-71.4]},
    "course_grade": {"student_course_section_grade_earned": ["F", "A"], "grade_level_when_course_taken": ["03", "09"], "course_title": ["Art", "Math"]},
    "program_participation": {
        "program_identifier": ["pages/tutoring"], "program_participation_start_date": [date(2026, 9, 8)], "program_participation_status": ["Active", "WaitingList"],
    },
}  # fmt: skip
COLUMNS = [(table, column) for table, columns in ROWS.items() for column in columns]
LINES = [
    "grade is 03 or 04", "age at least 9", "school is oak/1", "days_missed at least 3", "courses_failed at least 1", "homeless is Yes",
    "foster is Yes", "english_learner is Yes", "home_language is spa", "birth_country is HT", "race is Asian", "sex is Female",
    "disability is Yes", "section_504 is Yes", "income is low",
]  # fmt: skip
SUPPORTS = [
    entry(f"S{n}", n, category=category, rules=(rule(line),), first=(rule(LINES[-1 - n]),), languages=languages, program="pages/tutoring" if n % 3 == 0 else "",
          lowest_grade="04" if n % 4 == 0 else "", minimum_age=9 if n % 5 == 0 else None, latitude=41.8, longitude=-71.4, seats_open=n % 2)
    for n, (line, category, languages) in enumerate(zip(LINES, ["tutoring", "mentoring", "arts"] * 5, [("spa",), ("por",), ()] * 5, strict=True))
]  # fmt: skip
RECORD = st.fixed_dictionaries(
    {table: st.lists(st.fixed_dictionaries({c: st.sampled_from(v) for c, v in columns.items()}), min_size=1, max_size=4) for table, columns in ROWS.items()}
)  # fmt: skip
EAGER = NeedRules(
    tuple(
        Need(f"n{n}", f"need {n}", (rule(line),), ("tutoring" if n % 2 else "mentoring",))
        for n, line in enumerate(LINES)
    ),
    tuple(RankBy),
)


def shown(
    record: dict[str, list[dict[str, Any]]], seen: set[tuple[str, str]]
) -> dict[str, list[dict[str, Any]]]:
    """What a gate that grants those columns hands out: other columns are absent, and so are tables without one."""
    return {
        table: [{column: value for column, value in row.items() if (table, column) in seen} for row in rows]
        for table, rows in record.items()
        if any((table, column) in seen for column in ROWS[table])
    }


@given(one=RECORD, other=RECORD, seen=st.sets(st.sampled_from(COLUMNS)))
def test_two_students_who_differ_only_in_what_is_not_seen_get_the_same_answer(
    one: dict[str, Any], other: dict[str, Any], seen: set[tuple[str, str]]
) -> None:
    """The second student is the first in everything that is seen, and anybody in the rest."""
    twin = {
        table: [
            {c: row[c] if (table, c) in seen else other[table][n % len(other[table])][c] for c in columns}
            for n, row in enumerate(one[table])
        ]
        for table, columns in ROWS.items()
    }
    answers = [
        match(SUPPORTS, visible_student(shown(record, seen), policy=POLICY, today=ON), EAGER, on=ON)
        for record in (one, twin)
    ]
    assert answers[0] == answers[1]


@given(record=RECORD, seen=st.sets(st.sampled_from(COLUMNS)))
def test_a_rule_on_what_is_not_seen_asks_and_never_decides(
    record: dict[str, Any], seen: set[tuple[str, str]]
) -> None:
    student = visible_student(shown(record, seen), policy=POLICY, today=ON)
    for name, fact in FACTS.items():
        if fact.kind is not FactKind.ASKED and not {tuple(path.split(".")) for path in fact.elements} & seen:
            assert name not in student.facts
    found = match(SUPPORTS, student, EAGER, on=ON)
    for each in (*found.fits, *found.not_now, *found.does_not):
        [line] = each.entry.said.rules
        if line.fact not in student.facts:
            assert any(line.of.ask in question for question in each.ask)
            assert not any(line.words in words for words in (*each.reasons, *each.against))


@given(record=RECORD)
def test_a_record_that_is_not_seen_leaves_every_rank_to_the_directory(record: dict[str, Any]) -> None:
    nothing = match(SUPPORTS, visible_student(shown(record, set()), policy=POLICY, today=ON), EAGER, on=ON)
    assert nothing == match(SUPPORTS, VisibleStudent(), EAGER, on=ON)
    assert nothing.needs == ()
