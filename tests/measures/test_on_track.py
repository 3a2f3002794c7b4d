"""On track in grade 9: at least five credits and at most one semester F in a core subject."""

from dataclasses import replace
from datetime import date

import pytest

from tests.insight.fake_access import FakeAccess, everything, measured, outcomes
from tests.insight.schooling import grade, spell
from throughway.measures.measure import Cause
from throughway.measures.on_track import ON_TRACK
from throughway.measures.policy import POLICY, decided


@pytest.fixture
def access():
    """A district in which student 100 has marks of the whole year, and is on track."""
    access = FakeAccess()
    access.put("school_enrollment", spell(100))
    access.put("course_grade", *(grade(100) for _ in range(12)))
    return access


def judged(access, *marks, policy=POLICY):
    """What becomes of student 1."""
    access.put("school_enrollment", spell(1))
    access.put("course_grade", *marks)
    return besides(measured(access, ON_TRACK, policy=policy))


def besides(found):
    """The outcomes but for student 100's."""
    told = outcomes(found)
    told["reached"] -= 1
    return {outcome: students for outcome, students in told.items() if students}


def passed(count):
    return [grade(1) for _ in range(count)]


def test_five_credits_and_no_failure(access):
    assert judged(access, *passed(10)) == {"reached": 1}


def test_four_and_a_half_credits_are_too_few(access):
    assert judged(access, *passed(9)) == {"lost": 1}


def test_one_failed_semester_of_a_core_subject_is_borne(access):
    assert judged(access, *passed(10), grade(1, credits=0.0, letter="F", sced="02052")) == {"reached": 1}


@pytest.mark.parametrize(
    ("failures", "outcome"),
    [
        ([{"sced": "02052"}, {"sced": "04051"}], "lost"),
        ([{"sced": "08001"}, {"sced": "05154"}], "reached"),
        ([{"sced": "02052", "attempted": 1.0}], "lost"),
        ([{"sced": None, "title": "World History"}, {"sced": None, "title": "Algebra I"}], "lost"),
        ([{"sced": None, "title": "Pottery"}, {"sced": None, "title": "Weights"}], "reached"),
        ([{"sced": "02052", "letter": None, "numeric_grade_earned": 59.0}, {"sced": "03051"}], "lost"),
    ],
)
def test_what_counts_as_failed_semesters_of_core_subjects(access, failures, outcome):
    failed = [grade(1, **({"credits": 0.0, "letter": "F"} | f)) for f in failures]
    assert judged(access, *passed(10), *failed) == {outcome: 1}


@pytest.mark.parametrize(
    ("mark", "outcome"),
    [({"letter": "f "}, "lost"), ({"letter": "a-"}, "reached"), ({"letter": "55"}, "lost"), ({"letter": None}, "reached"),
     ({"letter": "U", "numeric_grade_earned": 40.0}, "lost")],
)  # fmt: skip
def test_a_mark_is_read_by_its_letter_else_by_its_number(access, mark, outcome):
    assert judged(access, *passed(10), *[grade(1, credits=0.0, **mark)] * 2) == {outcome: 1}


def test_unknown_marks_of_core_courses_are_not_taken_as_passed(access):
    access.put("school_enrollment", spell(1))
    access.put(
        "course_grade",
        *passed(10),
        grade(1, letter="NC"),
        grade(1, letter="U"),
        grade(1, letter="S", sced="05154"),
    )
    found = measured(access, ON_TRACK)
    assert (found.counts, found.why_unseen) == ((), Cause.NOT_DECIDED)
    assert found.cure == (
        "It is not decided whether “NC” and “U” in core courses of grade 9 (2025-26) means failed: add each to failing or to passing "
        "under [measures] in throughway.toml."
    )
    decision = decided({"failing": ["F", "nc"], "passing": [*POLICY.passing, "U"]})
    assert besides(measured(access, ON_TRACK, policy=decision)) == {"reached": 1}


def test_summer_credits_are_a_switch(access):
    summer = grade(1, marking_period_name="Summer 2026")
    assert judged(access, *passed(9), summer) == {"reached": 1}
    assert besides(measured(access, ON_TRACK, policy=replace(POLICY, summer_counts=False))) == {"lost": 1}


@pytest.mark.parametrize(
    ("counts", "on", "class_year"),
    [(True, date(2026, 8, 30), 2025), (True, date(2026, 8, 31), 2026), (False, date(2026, 7, 1), 2026)],
)
def test_a_class_waits_for_its_summer_where_summer_courses_count(access, counts, on, class_year):
    access.put("school_enrollment", spell(1), spell(2, year=2025))
    access.put("course_grade", *passed(10))
    assert (
        measured(access, ON_TRACK, on=on, policy=replace(POLICY, summer_counts=counts)).class_year
        == class_year
    )


def test_marks_of_one_semester_alone_decide_nothing():
    """Six courses of half a credit: nobody can have five credits yet."""
    access = FakeAccess()
    access.put("school_enrollment", spell(1), spell(2), spell(3), spell(4))
    access.put("course_grade", *(grade(p, marking_period_name="S1") for p in (1, 2, 3) for _ in range(6)))
    assert outcomes(measured(access, ON_TRACK)) == {"records end early": 3, "cannot be computed": 1}
    second = [grade(p, marking_period_name="S2", attempted=None) for p in (1, 2) for _ in range(6)]
    access.put("course_grade", *second)
    assert outcomes(measured(access, ON_TRACK)) == {"reached": 2, "lost": 1, "cannot be computed": 1}


def test_districts_marks_are_judged_separately(access):
    access.put("school_enrollment", spell(1), spell(2, partner="south"), spell(3, partner="south"))
    access.put("course_grade", *passed(6), *(grade(p) for p in (2, 3) for _ in range(6)))
    assert besides(measured(access, ON_TRACK)) == {"lost": 1, "records end early": 2}


def test_a_student_without_marks_is_not_lost(access):
    assert judged(access) == {"cannot be computed": 1}


def test_who_repeats_grade_nine_is_not_counted_again(access):
    access.put("school_enrollment", spell(2, year=2025), spell(2, year=2026))
    assert judged(access, *passed(10)) == {"reached": 1}


def test_the_class_is_of_a_year_that_is_over(access):
    access.put("school_enrollment", spell(3, year=2027))
    judged(access, *passed(10))
    assert measured(access, ON_TRACK, on=date(2026, 11, 1)).class_year == 2026


def test_without_an_agreement_on_marks(access):
    judged(access, *passed(10))
    visible = everything("north", without=("course_grade.number_of_credits_earned",))
    assert measured(access, ON_TRACK, visible=visible).why_unseen == "no agreement"
