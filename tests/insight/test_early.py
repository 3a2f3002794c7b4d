"""Ready for kindergarten and reading in grade 3, by the label of the level."""

from datetime import date

import pytest

from tests.insight.door import FakeDoor, measured, outcomes
from tests.insight.schooling import spell
from throughway.insight.measures.early import READINESS, READING


def result(person, label, *, grade="03", subject="13373", on=date(2026, 4, 20)):
    return {
        "person_id": person, "grade_level_when_assessed": grade, "assessment_academic_subject": subject,
        "assessment_performance_level_label": label, "assessment_administration_start_date": on,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("label", "outcome"),
    [
        ("Proficient", "reached"), ("Meets expectations", "reached"), ("Level 4", "reached"),
        ("Not proficient", "lost"), ("Partially meets", "lost"), ("Below Basic", "lost"), ("Level 1", "lost"),
        ("Lexile 500", "cannot be computed"),
    ],
)  # fmt: skip
def test_levels_by_their_labels(label, outcome):
    door = FakeDoor()
    door.put("school_enrollment", spell(1, grade="03"))
    door.put("assessment_result", result(1, label))
    assert outcomes(measured(door, READING)) == {outcome: 1}


def test_only_reading_counts_and_who_was_not_tested_is_not_lost():
    door = FakeDoor()
    door.put("school_enrollment", spell(1, grade="03"), spell(2, grade="03"), spell(3, grade="04"))
    door.put("assessment_result", result(1, "Proficient"), result(2, "Not proficient", subject="01166"))
    assert outcomes(measured(door, READING)) == {"reached": 1, "cannot be computed": 1}


def test_readiness_is_judged_in_kindergarten():
    door = FakeDoor()
    door.put("school_enrollment", spell(1, grade="KG"), spell(2, grade="KG"))
    door.put("assessment_result", result(1, "Ready", grade="KG", subject=None),
             result(2, "Not ready", grade="KG", subject=None))  # fmt: skip
    assert outcomes(measured(door, READINESS)) == {"reached": 1, "lost": 1}


def test_where_nobody_assesses_it_is_left_out():
    assert measured(FakeDoor(), READING) is None
