"""Steps: who is followed from one milestone to the next, who joins, who is late and who is seen no more."""

from datetime import date

import pytest

from tests.insight.community import entered, wages
from tests.insight.fake_access import FakeAccess, everything, measured, outcomes
from tests.insight.schooling import assessed, begun, diploma, spell
from throughway.insight.milestone_queries import MilestoneQueries
from throughway.measures.assessments import MATH, READINESS, READING
from throughway.measures.college import COMPLETION, ENROLLMENT
from throughway.measures.graduation import GRADUATION
from throughway.measures.living_wage import EMPLOYMENT
from throughway.measures.measure import MilestoneOutcome
from throughway.measures.policy import POLICY

ON = date(2026, 11, 25)


def put_step(access, person, *, before=None, grade_now="03", after=None):
    """Kindergarten in 2022-23 with `before` as its result; 2025-26 in `grade_now` with `after`. None: not there, not tested."""
    if before is not None:
        access.put("school_enrollment", spell(person, year=2023, grade="KG"))
        access.put("assessment_result", assessed(person, 0, 2023, before))
    if grade_now is not None:
        access.put("school_enrollment", spell(person, year=2026, grade=grade_now))
    if after is not None:
        access.put("assessment_result", assessed(person, 3, 2026, after))


@pytest.fixture
def reading():
    access = FakeAccess()
    fates = {
        "goes on": {"before": True, "after": True}, "is lost": {"before": True, "after": False},
        "is not tested": {"before": True}, "repeats": {"before": True, "grade_now": "02"},
        "has left": {"before": True, "grade_now": None}, "joins": {"before": False, "after": True},
        "comes later": {"after": True}, "misses both": {"before": False, "after": False},
    }  # fmt: skip
    for person, fate in enumerate(fates.values(), start=1):
        put_step(access, person, **fate)
    queries = MilestoneQueries(access, everything("north"), POLICY, ON)
    found = list(queries.milestones([READINESS, READING]))
    (step,) = queries.steps(found)
    return found[1], step


def test_a_step_follows_students_from_the_milestone_before(reading):
    _, step = reading
    assert (step.after, step.since) == (READINESS, 2023)
    assert step.measured.students() == 5
    assert {o: step.measured.students(o) for o in MilestoneOutcome} == {
        "reached": 1,
        "lost": 2,
        "not seen": 2,
    }


def test_repeaters_are_late_and_leavers_are_not_seen(reading):
    milestone, step = reading
    assert step.measured.students(MilestoneOutcome.LOST) == 1 + 1  # the test, and the grade repeated
    assert outcomes(step.measured)["cannot be computed"] == 1 + 1  # not tested, and gone
    assert milestone.students() == 6  # neither is of the class that is due


def test_students_reach_a_milestone_by_a_step_or_join(reading):
    milestone, step = reading
    assert step.joined == 2
    assert (
        milestone.students(MilestoneOutcome.REACHED)
        == step.measured.students(MilestoneOutcome.REACHED) + step.joined
    )


def test_a_class_that_cannot_be_followed_starts_itself():
    access = FakeAccess()
    for person in range(1, 11):
        access.put("school_enrollment", spell(person, year=2026, grade="03"))
        access.put("assessment_result", assessed(person, 3, 2026, person > 4))
        access.put("school_enrollment", spell(100 + person, year=2026, grade="KG"))
        access.put("assessment_result", assessed(100 + person, 0, 2026, True))
    queries = MilestoneQueries(access, everything("north"), POLICY, ON)
    (step,) = queries.steps(list(queries.milestones([READINESS, READING])))
    assert step.after is None
    assert step.joined is None
    assert step.measured.students() == 10


def test_a_documented_transfer_is_not_late():
    access = FakeAccess()
    for person, exit in ((1, None), (2, "01908")):
        access.put("school_enrollment", spell(person, year=2022, grade="08"))
        access.put("assessment_result", assessed(person, 8, 2022, True))
        left = {"exit_or_withdrawal_type": exit} if exit else {}
        access.put(
            "school_enrollment", spell(person, year=2026, grade="12", cohort_graduation_year="2026", **left)
        )
    access.put("credential", diploma(1, date(2026, 6, 1)))
    access.put("school_enrollment", *begun(2027))
    queries = MilestoneQueries(access, everything("north"), POLICY, ON)
    *_, step = queries.steps(list(queries.milestones([MATH, GRADUATION])))
    assert {o: step.measured.students(o) for o in MilestoneOutcome} == {
        "reached": 1,
        "lost": 0,
        "not seen": 1,
    }


def test_math_is_judged_in_grade_8_and_by_mathematics_alone():
    access = FakeAccess()
    for person, (grade, subject, well) in enumerate(
        [(8, "01166", True), (8, "01166", False), (8, "13373", True), (3, "01166", True)], start=1
    ):
        access.put("school_enrollment", spell(person, year=2026, grade=f"{grade:02d}"))
        access.put(
            "assessment_result",
            assessed(person, grade, 2026, well) | {"assessment_academic_subject": subject},
        )
    assert outcomes(measured(access, MATH, on=ON)) == {"reached": 1, "lost": 1, "cannot be computed": 1}


def test_college_without_a_diploma_joins():
    access = FakeAccess()
    for person in range(1, 6):
        access.put("school_enrollment", spell(person, year=2025, grade="12"))
        access.put("postsecondary_enrollment", entered(person, date(2025, 9, 1)))
    access.put("credential", *(diploma(person, date(2025, 6, 10)) for person in range(1, 4)))
    queries = MilestoneQueries(access, everything("north"), POLICY, ON)
    steps = list(queries.steps(list(queries.milestones([GRADUATION, ENROLLMENT]))))
    assert (steps[1].measured.students(), steps[1].joined) == (3, 2)


def test_completion_leaves_out_dual_enrollment():
    access = FakeAccess()
    for person in range(1, 5):
        access.put("postsecondary_enrollment", entered(person, date(2020, 9, 1)))
    access.put(
        "school_enrollment", spell(4, year=2021, grade="11")
    )  # still in high school: enters in 2022 or later
    access.put("credential", {"person_id": 1, "academic_award_date": date(2026, 8, 31)},
             {"person_id": 2, "academic_award_date": date(2026, 9, 1)})  # fmt: skip
    found = measured(access, COMPLETION, on=ON)
    assert found.class_year == 2020
    assert outcomes(found) == {"reached": 1, "lost": 2}


def test_a_living_wage_in_two_quarters_of_the_year_after_the_credential():
    access = FakeAccess()
    quarters = [date(2024, 10, 1), date(2025, 1, 1), date(2025, 4, 1)]
    for person in range(1, 6):
        access.put("credential", {"person_id": person, "academic_award_date": date(2024, 5, 20)})
    enough = POLICY.living_wage
    access.put("employment", *(wages(1, q, enough) for q in quarters[:2]), *(wages(2, q, enough) for q in quarters[:1]),
             *(wages(3, q, enough - 1) for q in quarters), *(wages(4, q, enough / 2) for q in (*quarters, *quarters)),
             wages(5, date(2024, 7, 1), enough), wages(5, date(2025, 10, 1), enough))  # fmt: skip
    found = measured(access, EMPLOYMENT, on=date(2026, 1, 1))
    assert found.class_year == 2024
    assert outcomes(found) == {"reached": 2, "lost": 2, "no match": 1}  # 4 has two jobs; 5 none in that year
    assert measured(access, EMPLOYMENT, on=date(2025, 12, 30)).why_unseen == "not yet due"


def test_nobody_is_lost_before_all_quarters_of_wages_are_in():
    access = FakeAccess()
    for person in (1, 2):
        access.put("credential", {"person_id": person, "academic_award_date": date(2024, 5, 20)})
    enough, on = POLICY.living_wage, date(2026, 1, 1)
    access.put("employment", *(wages(1, q, enough) for q in (date(2024, 10, 1), date(2025, 1, 1))),
             wages(2, date(2025, 4, 1), enough))  # fmt: skip
    assert outcomes(measured(access, EMPLOYMENT, on=on)) == {"reached": 1, "records end early": 1}
    access.put("employment", wages(7, date(2025, 7, 1), 1.0))
    assert outcomes(measured(access, EMPLOYMENT, on=on)) == {"reached": 1, "lost": 1}


def test_groups_of_the_statuses_and_of_changes_of_school():
    access = FakeAccess()
    for person in range(1, 6):
        access.put("school_enrollment", spell(person, year=2026, grade="03"))
        access.put("assessment_result", assessed(person, 3, 2026, True))
    access.put("person_status",
             {"person_id": 1, "economic_disadvantage_status": "Yes"},
             {"person_id": 2, "eligibility_status_for_school_food_service_programs": "ReducedPrice", "idea_indicator": "Yes"},
             {"person_id": 3, "foster_care_status": "Yes", "valid_from": date(2024, 1, 1), "valid_to": date(2024, 6, 1)},
             {"person_id": 4, "economic_disadvantage_status": "Yes", "valid_from": date(2026, 9, 1)})  # fmt: skip
    access.put("school_enrollment", spell(5, year=2024, grade="01", school="a"), spell(5, year=2024, grade="01", school="b"),
             spell(4, year=2024, grade="01", school="a"), spell(4, year=2025, grade="02", school="b"))  # fmt: skip
    told = {}
    for count in measured(access, READING, on=ON, visible=everything("north")).counts:
        for kind in ("low income", "disability", "foster care", "school mover"):
            told[count.groups[kind]] = told.get(count.groups[kind], 0) + count.students
    assert told["Families with low income"] == 2
    assert told["Students with disabilities"] == 1
    assert told["Students who were in foster care"] == 1
    assert told["Students who changed schools"] == 1
