"""College: who enrolls after the diploma, and who completes; and whom the clearinghouse does not know."""

from dataclasses import replace
from datetime import date

import pytest

from tests.insight.door import FakeDoor, everything, measured, outcomes
from tests.insight.schooling import diploma, spell
from throughway.insight.measures import POLICY, decided, milestones
from throughway.insight.measures.college import COMPLETION, ENROLLMENT
from throughway.refusals import Refused

ON = date(2026, 11, 1)


@pytest.fixture
def door():
    """Graduates 1 to 5 of the class of 2025, and one who did not graduate."""
    door = FakeDoor()
    for person in range(1, 7):
        door.put("school_enrollment", spell(person, year=2025, grade="12"))
    door.put("credential", *(diploma(person, date(2025, 6, 10)) for person in range(1, 6)))
    return door


def enrolled(person, entry, found=True):
    return {"person_id": person, "entry_date_into_postsecondary": entry, "record_found": found}


def test_within_sixteen_months_and_of_graduates_alone(door):
    door.put("postsecondary_enrollment", enrolled(1, date(2025, 8, 24)), enrolled(2, date(2026, 10, 31)),
             enrolled(3, date(2026, 11, 1)), enrolled(6, date(2025, 8, 24)), enrolled(4, None, found=False))  # fmt: skip
    assert outcomes(measured(door, ENROLLMENT, on=ON)) == {"reached": 2, "lost": 1, "no match": 2}


def test_dual_enrollment_in_high_school_is_not_enrolling_after_it(door):
    door.put("postsecondary_enrollment", enrolled(1, date(2024, 8, 24)))
    assert outcomes(measured(door, ENROLLMENT, on=ON)) == {"lost": 1, "no match": 4}


def test_none_reported_is_not_lost_unless_the_community_decides_so(door):
    door.put("postsecondary_enrollment", *(enrolled(p, None, found=False) for p in range(1, 4)))
    assert outcomes(measured(door, ENROLLMENT, on=ON)) == {"no match": 5}
    decided = replace(POLICY, none_reported_is_lost=True)
    assert outcomes(measured(door, ENROLLMENT, on=ON, policy=decided)) == {"lost": 3, "no match": 2}


def test_a_community_decides_in_its_settings():
    policy = decided({"none_reported_is_lost": True, "living_wage": 9_800})
    assert (policy.none_reported_is_lost, policy.living_wage) == (True, 9_800)
    told = {m.id: m.definition for m in milestones(policy)}["enrollment"]
    assert "By decision of the community" in told
    assert "decision" not in {m.id: m.definition for m in milestones(POLICY)}["enrollment"]


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"living_wages": 9_800}, "living_wages in .measures. of throughway.toml is no threshold"),
        ({"living_wage": "much"}, "living_wage in .measures. of throughway.toml must be a number"),
        ({"none_reported_is_lost": 1}, "must be true or false"),
        ({"quarters_worked": True}, "must be a whole number"),
    ],
)
def test_a_decision_that_is_none_is_refused(settings, wrong):
    with pytest.raises(Refused, match=wrong):
        decided(settings)


def test_the_class_is_judged_once_sixteen_months_are_over(door):
    door.put("postsecondary_enrollment", enrolled(1, date(2025, 8, 24)))
    assert measured(door, ENROLLMENT, on=date(2026, 10, 31)).klass == 2025
    assert measured(door, ENROLLMENT, on=date(2026, 10, 30)).why_unseen == "not yet due"


def test_completion_within_six_years_of_those_who_enrolled(door):
    door.put("postsecondary_enrollment", *(enrolled(p, date(2025, 8, 24)) for p in range(1, 4)))
    door.put("credential", {"person_id": 1, "academic_award_date": date(2031, 8, 31)},
             {"person_id": 2, "academic_award_date": date(2031, 9, 1)},
             {"person_id": 5, "academic_award_date": date(2028, 5, 1)})  # fmt: skip
    assert outcomes(measured(door, COMPLETION, on=date(2031, 9, 30))) == {"reached": 1, "lost": 2}


def test_a_class_that_is_not_due_waits_and_is_not_lost(door):
    door.put("postsecondary_enrollment", *(enrolled(p, date(2025, 8, 24)) for p in range(1, 4)))
    told = measured(door, COMPLETION, on=ON)
    assert told.waits
    assert outcomes(told) == {"not yet due": 3}


def test_without_an_agreement_on_college_records(door):
    sight = everything("north", without=("postsecondary_enrollment",))
    assert measured(door, ENROLLMENT, on=ON, sight=sight).why_unseen == "no agreement"
    assert measured(door, COMPLETION, on=ON, sight=sight).why_unseen == "no agreement"


def test_graduates_of_a_partner_whose_agreement_does_not_show_college(door):
    door.put("school_enrollment", spell(9, year=2025, grade="12", partner="south"))
    door.put("credential", diploma(9, date(2025, 6, 10)))
    door.put("postsecondary_enrollment", enrolled(1, date(2025, 8, 24)))
    sight = everything("north", "south")
    tables = dict(sight.tables)
    tables["postsecondary_enrollment"] = {"north": tables["postsecondary_enrollment"]["north"]}
    told = outcomes(measured(door, ENROLLMENT, on=ON, sight=type(sight)(tables)))
    assert told == {"reached": 1, "no match": 4, "no agreement": 1}


def test_measures_carry_numerator_denominator_and_coverage(door):
    door.put("postsecondary_enrollment", enrolled(1, date(2025, 8, 24)), enrolled(2, date(2027, 1, 1)))
    told = measured(door, ENROLLMENT, on=ON)
    assert (told.numerator, told.denominator, told.coverage, told.on) == (1, 2, 0.4, ON)
