"""Ready for kindergarten, reading in grade 3, grade 8 mathematics: by a table of what the levels of each test mean."""

from dataclasses import replace
from datetime import date

import pytest

from tests.insight.fake_access import FakeAccess, everything, measured, outcomes
from tests.insight.schooling import spell
from throughway.insight.milestone_queries import MilestoneQueries
from throughway.measures.assessments import MATH, READINESS, READING
from throughway.measures.measure import Cause
from throughway.measures.policy import POLICY
from throughway.measures.proficiency import combined, parsed

HEAD = "test,subject,grade,label,cut_score,metric,reached,source\n"
OURS = """State Test,,,Proficient,,,yes,State
State Test,,,Basic,,,no,State
State Test,,,Absent,,,not counted,State
Inventory,,KG,Ready,,,yes,State
Inventory,,KG,Emerging,,,no,State
Practice Test,,,,,,not counted,The district does not report it
Scaled Test,,03,,400,03479,yes,State
Scaled Test,,08,,500,03479,yes,State
"""


def policy(lines=OURS):
    return replace(POLICY, levels=combined(parsed(HEAD + lines), POLICY.levels))


def result(
    person,
    label=None,
    *,
    test="State Test",
    grade="03",
    subject="13373",
    on=date(2026, 4, 20),
    score=None,
    **more,
):
    return {
        "person_id": person, "grade_level_when_assessed": grade, "assessment_academic_subject": subject,
        "assessment_identifier": test, "assessment_performance_level_label": label,
        "assessment_administration_start_date": on, "score_number": score, **more,
    }  # fmt: skip


def reading(*results, lines=OURS, students=None, measure=READING, grade="03", visible=None):
    """What becomes of the third graders who have these results."""
    access = FakeAccess()
    students = students or len({row["person_id"] for row in results})
    access.put("school_enrollment", *(spell(n + 1, grade=grade) for n in range(students)))
    access.put("assessment_result", *results)
    return measured(access, measure, policy=policy(lines), visible=visible)


@pytest.mark.parametrize(
    ("test", "label", "outcome"),
    [
        ("Smarter Balanced", "Standard Met", "reached"),
        ("Smarter Balanced", "Standard Nearly Met", "lost"),
        ("Georgia Milestones", "Beginning Learner", "lost"),
        ("Georgia Milestones", "Developing Learner", "lost"),
        ("Georgia Milestones", "Proficient Learner", "reached"),
        ("MCAS", "Needs Improvement", "lost"),
        ("State Test", " PROFICIENT ", "reached"),
        ("state test", "Absent", "cannot be computed"),
    ],
)  # fmt: skip
def test_a_label_means_what_its_test_says(test, label, outcome):
    held = result(1, "Proficient"), result(2, label, test=test)
    found = outcomes(reading(*held))
    assert found == ({"reached": 2} if outcome == "reached" else {"reached": 1, outcome: 1})


@pytest.mark.parametrize(
    ("test", "label"),
    [
        ("State Test", "Not proficient"),
        ("State Test", "Pass"),
        ("Another Test", "Proficient"),
        ("Another Test", "Level 4"),
    ],
)
def test_a_label_that_no_line_knows_is_not_guessed(test, label):
    """The milestone is refused, by test and label, and says nothing of how many have it."""
    found = reading(result(1, "Proficient"), result(2, label, test=test))
    assert (found.class_year, found.counts, found.why_unseen) == (None, (), Cause.NOT_DECIDED)
    assert found.cure == (
        f"No line of the proficiency table covers “{label}” of “{test}” (2025-26): add one for each to proficiency.csv in "
        "the community’s folder, with reached yes, no or not counted, and its source."
    )


def test_every_unread_label_is_named_once():
    found = reading(*(result(n, label) for n, label in enumerate(["Pass", "Fail", "Pass", "Basic"], 1)))
    assert "“Fail” and “Pass” of “State Test” (2025-26)" in found.cure


def test_a_column_that_holds_no_levels_is_not_printed():
    """A name that came into the column by mistake stands in no report."""
    found = reading(*(result(n, f"Learner {n}") for n in range(1, 15)))
    assert (
        "“State Test”, whose results have more than 12 different levels (is the right column mapped?)"
        in found.cure
    )
    assert "Learner" not in found.cure


def test_unread_labels_of_other_years_and_subjects_do_not_matter():
    found = reading(
        result(1, "Proficient"), result(1, "Pass", on=date(2025, 4, 20)), result(1, "Pass", subject="01166"),
        result(1, "Pass", assessment_subtest_identifier="Vocabulary"),
    )  # fmt: skip
    assert outcomes(found) == {"reached": 1}


def test_a_title_serves_as_well_as_an_identifier():
    found = reading(result(1, "Proficient", test="ST-2026-R3", assessment_title="State Test"))
    assert outcomes(found) == {"reached": 1}


def test_a_test_that_is_left_out_makes_no_class():
    late = result(1, "Below", test="Practice Test", on=date(2026, 9, 20))
    found = reading(result(1, "Proficient"), result(1, "Below", test="Practice Test"), late)
    assert (found.class_year, outcomes(found)) == (2026, {"reached": 1})


@pytest.mark.parametrize(
    ("score", "metric", "outcome"),
    [(400.0, "03479", "reached"), (399.5, "03479", "lost"), (99.0, "03476", "cannot be computed")],
)
def test_a_cut_score_is_of_its_metric(score, metric, outcome):
    beside = result(2, "Proficient")
    row = result(1, test="Scaled Test", score=score, assessment_score_metric_type=metric)
    found = outcomes(reading(row, beside))
    assert found == ({"reached": 2} if outcome == "reached" else {"reached": 1, outcome: 1})


def test_a_cut_score_is_of_its_grade():
    row = result(
        1, test="Scaled Test", score=450.0, assessment_score_metric_type="03479", grade="08", subject="01166"
    )
    assert outcomes(reading(row, measure=MATH, grade="08")) == {"lost": 1}


def test_scores_without_a_metric_do_not_meet_a_cut_with_one():
    found = reading(result(1, test="Scaled Test", score=450.0))
    assert "the scores of “Scaled Test”, which come without a level or a metric (2025-26)" in found.cure


def test_a_cut_score_needs_a_metric_where_there_are_several():
    lines = "Scaled Test,,,,400,,yes,State\n"
    one = result(1, test="Scaled Test", score=450.0, assessment_score_metric_type="03479")
    other = result(1, test="Scaled Test", score=88.0, assessment_score_metric_type="03476")
    assert outcomes(reading(one, lines=lines)) == {"reached": 1}
    assert reading(one, other, lines=lines).cure == (
        "The cut score of “Scaled Test” in proficiency.csv has no metric, and the test has scores in several: add the metric of the cut score."
    )


def test_only_reading_counts_and_who_was_not_tested_is_not_lost():
    access = FakeAccess()
    access.put("school_enrollment", spell(1, grade="03"), spell(2, grade="03"), spell(3, grade="04"))
    access.put("assessment_result", result(1, "Proficient"), result(2, "Basic", subject="01166"))
    assert outcomes(measured(access, READING, policy=policy())) == {"reached": 1, "cannot be computed": 1}


def test_readiness_is_judged_in_kindergarten():
    of = {"grade": "KG", "subject": None, "test": "Inventory"}
    found = reading(result(1, "Ready", **of), result(2, "Emerging", **of), measure=READINESS, grade="KG")
    assert outcomes(found) == {"reached": 1, "lost": 1}


def test_where_nobody_assesses_it_is_left_out():
    assert measured(FakeAccess(), READING) is None


@pytest.mark.parametrize(
    "hidden", ["assessment_result.assessment_identifier", "assessment_result.grade_level_when_assessed"]
)
def test_what_a_test_is_called_and_its_grade_must_be_shown(hidden):
    without = (hidden, "assessment_result.assessment_title")
    assert reading(result(1, "Proficient"), visible=everything("north", without=without)) is None


def test_the_steps_around_a_refused_milestone_stay():
    """Its neighbor is measured on its own class, not on a class of which nothing is known."""
    access = FakeAccess()
    access.put("school_enrollment", spell(1, grade="03"), spell(2, grade="08"))
    access.put(
        "assessment_result", result(1, "Pass"), result(2, "Proficient", grade="08", subject="01166"),
        result(2, "Pass", on=date(2021, 4, 20)),
    )  # fmt: skip
    queries = MilestoneQueries(access, everything("north"), policy(), date(2026, 11, 1))
    refused, math = queries.milestones([READING, MATH])
    assert (refused.why_unseen, outcomes(math)) == (Cause.NOT_DECIDED, {"reached": 1})
    assert [(p.measure.id, p.after) for p in queries.steps([refused, math])] == [
        ("reading", None),
        ("math", None),
    ]


def test_questions_about_many_tests_stay_under_the_limit():
    """The gate reads no question of more than 20,000 characters."""
    lines = "".join(
        f"State Test of the Year {n} in Reading,,,{label},,,yes,State\n"
        for n in range(40)
        for label in ("Met", "Above")
    )
    access = FakeAccess()
    for n in range(40):
        access.put("school_enrollment", spell(n, grade="03"), spell(100 + n, grade="08"))
        access.put("assessment_result", result(n, "Met", test=f"State Test of the Year {n} in Reading"))
        access.put(
            "assessment_result",
            result(
                100 + n, "Met", test=f"State Test of the Year {n} in Reading", grade="08", subject="01166"
            ),
        )
        access.put(
            "assessment_result",
            result(100 + n, "Met", test=f"State Test of the Year {n} in Reading", on=date(2021, 4, 2)),
        )
    queries = MilestoneQueries(access, everything("north"), policy(lines), date(2026, 11, 1))
    assert [outcomes(found) for found in queries.milestones([READING, MATH])] == [
        {"reached": 40},
        {"reached": 40},
    ]
    assert max(map(len, access.asked)) < 20_000
