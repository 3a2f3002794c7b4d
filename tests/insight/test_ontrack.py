"""On track in grade 9: at least five credits and at most one semester F in a core subject."""

from dataclasses import replace
from datetime import date

import pytest

from tests.insight.door import FakeDoor, everything, measured, outcomes
from tests.insight.schooling import grade, spell
from throughway.insight.measures import POLICY, Cause, decided
from throughway.insight.measures.ontrack import ON_TRACK


@pytest.fixture
def door():
    return FakeDoor()


def judged(door, *marks, policy=POLICY):
    door.put("school_enrollment", spell(1))
    door.put("course_grade", *marks)
    return outcomes(measured(door, ON_TRACK, policy=policy))


def passed(count):
    return [grade(1) for _ in range(count)]


def test_five_credits_and_no_failure(door):
    assert judged(door, *passed(10)) == {"reached": 1}


def test_four_and_a_half_credits_are_too_few(door):
    assert judged(door, *passed(9)) == {"lost": 1}


def test_one_failed_semester_of_a_core_subject_is_borne(door):
    assert judged(door, *passed(10), grade(1, credits=0.0, letter="F", sced="02052")) == {"reached": 1}


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
def test_what_counts_as_failed_semesters_of_core_subjects(door, failures, outcome):
    failed = [grade(1, **({"credits": 0.0, "letter": "F"} | f)) for f in failures]
    assert judged(door, *passed(10), *failed) == {outcome: 1}


@pytest.mark.parametrize(
    ("mark", "outcome"),
    [({"letter": "f "}, "lost"), ({"letter": "a-"}, "reached"), ({"letter": "55"}, "lost"), ({"letter": None}, "reached"),
     ({"letter": "U", "numeric_grade_earned": 40.0}, "lost")],
)  # fmt: skip
def test_a_mark_is_read_by_its_letter_else_by_its_number(door, mark, outcome):
    assert judged(door, *passed(10), *[grade(1, credits=0.0, **mark)] * 2) == {outcome: 1}


def test_a_mark_of_a_core_course_that_no_list_knows_is_not_taken_for_passed(door):
    door.put("school_enrollment", spell(1))
    door.put(
        "course_grade",
        *passed(10),
        grade(1, letter="NC"),
        grade(1, letter="U"),
        grade(1, letter="S", sced="05154"),
    )
    found = measured(door, ON_TRACK)
    assert (found.counts, found.why_unseen) == ((), Cause.NOT_DECIDED)
    assert found.cure == (
        "Nobody has said whether “NC” and “U” in core courses of grade 9 (2025–26) means failed: add each to failing or to passing "
        "under [measures] in throughway.toml."
    )
    decision = decided({"failing": ["F", "nc"], "passing": [*POLICY.passing, "U"]})
    assert outcomes(measured(door, ON_TRACK, policy=decision)) == {"reached": 1}


def test_summer_credits_are_a_switch(door):
    summer = grade(1, marking_period_name="Summer 2026")
    assert judged(door, *passed(9), summer) == {"reached": 1}
    assert outcomes(measured(door, ON_TRACK, policy=replace(POLICY, summer_counts=False))) == {"lost": 1}


def test_a_student_without_marks_is_not_lost(door):
    assert judged(door) == {"cannot be computed": 1}


def test_who_repeats_grade_nine_is_not_counted_again(door):
    door.put("school_enrollment", spell(2, year=2025), spell(2, year=2026))
    assert judged(door, *passed(10)) == {"reached": 1}


def test_the_class_is_of_a_year_that_is_over(door):
    door.put("school_enrollment", spell(3, year=2027))
    judged(door, *passed(10))
    assert measured(door, ON_TRACK, on=date(2026, 11, 1)).klass == 2026


def test_without_an_agreement_on_marks(door):
    judged(door, *passed(10))
    sight = everything("north", without=("course_grade.number_of_credits_earned",))
    assert measured(door, ON_TRACK, sight=sight).why_unseen == "no agreement"
