"""College: who enrolls after the diploma, and who completes; and whom the clearinghouse does not know."""

from dataclasses import replace
from datetime import date

import pytest

from tests.insight.fake_access import FakeAccess, everything, measured, outcomes
from tests.insight.schooling import diploma, spell
from throughway.core.refusals import Refused
from throughway.measures.college import COMPLETION, ENROLLMENT
from throughway.measures.policy import POLICY, decided

ON = date(2026, 11, 1)


@pytest.fixture
def access():
    """Graduates 1 to 5 of the class of 2025, and one who did not graduate."""
    access = FakeAccess()
    for person in range(1, 7):
        access.put("school_enrollment", spell(person, year=2025, grade="12"))
    access.put("credential", *(diploma(person, date(2025, 6, 10)) for person in range(1, 6)))
    return access


DIPLOMA = date(2025, 6, 10)


def enrolled(person, entry, found=True, since=DIPLOMA, until=ON):
    """A row of the clearinghouse's report on a search from one day to another."""
    return {
        "person_id": person,
        "entry_date_into_postsecondary": entry,
        "record_found": found,
        "search_date": since,
        "search_end_date": until,
    }


def of_college(person, entry, college="falls/college"):
    """A row of a college's own file, which nobody searched for."""
    return {"person_id": person, "entry_date_into_postsecondary": entry, "organization_id": college}


def test_within_sixteen_months_and_of_graduates_alone(access):
    access.put("postsecondary_enrollment", enrolled(1, date(2025, 8, 24)), enrolled(2, date(2026, 10, 31)),
             enrolled(3, date(2026, 11, 1)), enrolled(6, date(2025, 8, 24)), enrolled(4, None, found=False))  # fmt: skip
    assert outcomes(measured(access, ENROLLMENT, on=ON)) == {"reached": 2, "lost": 1, "no match": 2}


def test_dual_enrollment_in_high_school_is_not_enrolling_after_it(access):
    access.put("postsecondary_enrollment", enrolled(1, date(2024, 8, 24)))
    assert outcomes(measured(access, ENROLLMENT, on=ON)) == {"lost": 1, "no match": 4}


def test_none_reported_is_lost_only_by_decision(access):
    access.put("postsecondary_enrollment", *(enrolled(p, None, found=False) for p in range(1, 4)))
    assert outcomes(measured(access, ENROLLMENT, on=ON)) == {"no match": 5}
    decided = replace(POLICY, none_reported_is_lost=True)
    assert outcomes(measured(access, ENROLLMENT, on=ON, policy=decided)) == {"lost": 3, "no match": 2}


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (DIPLOMA, date(2025, 6, 24)), (DIPLOMA, date(2025, 12, 1)), (DIPLOMA, date(2026, 10, 30)), (DIPLOMA, None),
        (date(2026, 1, 15), ON), (None, ON), (None, None),
    ],
)  # fmt: skip
def test_a_search_that_ends_early_loses_nobody(access, since, until):
    access.put(
        "postsecondary_enrollment",
        *(enrolled(p, None, found=False, since=since, until=until) for p in range(1, 4)),
        enrolled(4, date(2024, 8, 24), since=since, until=until),  # classes in high school
    )
    decided = replace(POLICY, none_reported_is_lost=True)
    assert outcomes(measured(access, ENROLLMENT, on=ON, policy=decided)) == {
        "records end early": 4,
        "no match": 1,
    }
    access.put(
        "postsecondary_enrollment",
        *(enrolled(p, None, found=False, until=date(2026, 10, 31)) for p in range(1, 4)),
    )
    assert outcomes(measured(access, ENROLLMENT, on=ON, policy=decided)) == {
        "lost": 3, "records end early": 1, "no match": 1,
    }  # fmt: skip


@pytest.mark.parametrize("hidden", ["search_date", "search_end_date"])
def test_nobody_is_lost_by_a_search_whose_days_are_not_shown(access, hidden):
    access.put("postsecondary_enrollment", *(enrolled(p, None, found=False) for p in range(1, 4)))
    decided = replace(POLICY, none_reported_is_lost=True)
    visible = everything("north", "south", without=(f"postsecondary_enrollment.{hidden}",))
    assert outcomes(measured(access, ENROLLMENT, on=ON, policy=decided, visible=visible)) == {
        "records end early": 3, "no match": 2,
    }  # fmt: skip


def test_college_entry_after_sixteen_months_is_late(access):
    access.put("postsecondary_enrollment", of_college(1, date(2027, 1, 16)), of_college(2, date(2024, 8, 26)))
    assert outcomes(measured(access, ENROLLMENT, on=ON)) == {"lost": 1, "records end early": 1, "no match": 3}


def test_a_community_decides_in_its_settings():
    policy = decided({"none_reported_is_lost": True, "living_wage": 9_800})
    assert (policy.none_reported_is_lost, policy.living_wage) == (True, 9_800)


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"living_wages": 9_800}, "living_wages in .measures. of throughway.toml is not a setting"),
        ({"living_wage": "much"}, "living_wage in .measures. of throughway.toml must be a number"),
        ({"none_reported_is_lost": 1}, "must be true or false"),
        ({"quarters_worked": True}, "must be a whole number"),
    ],
)
def test_a_decision_that_is_none_is_refused(settings, wrong):
    with pytest.raises(Refused, match=wrong):
        decided(settings)


def test_the_class_is_judged_once_sixteen_months_are_over(access):
    access.put("postsecondary_enrollment", enrolled(1, date(2025, 8, 24)))
    assert measured(access, ENROLLMENT, on=date(2026, 10, 31)).class_year == 2025
    assert measured(access, ENROLLMENT, on=date(2026, 10, 30)).why_unseen == "not yet due"


def test_completion_within_six_years_of_those_who_enrolled(access):
    searched = date(2031, 9, 15)
    access.put(
        "postsecondary_enrollment", *(enrolled(p, date(2025, 8, 24), until=searched) for p in range(1, 4))
    )
    access.put("credential", {"person_id": 1, "academic_award_date": date(2031, 8, 31)},
             {"person_id": 2, "academic_award_date": date(2031, 9, 1)},
             {"person_id": 5, "academic_award_date": date(2028, 5, 1)})  # fmt: skip
    assert outcomes(measured(access, COMPLETION, on=date(2031, 9, 30))) == {"reached": 1, "lost": 2}


def test_records_that_end_early_lose_nobody_before_a_credential(access):
    """1 was searched in time; 2 and 3 too early, and 3 has an award later than six years; 4 and 5 are known by their college."""
    entry = date(2025, 8, 24)
    access.put("postsecondary_enrollment", enrolled(1, entry, until=date(2031, 8, 31)),
             enrolled(2, entry, until=date(2030, 11, 1)), enrolled(3, entry, until=date(2030, 11, 1)),
             of_college(4, entry), of_college(5, entry, "state/university"))  # fmt: skip
    access.put("credential", {"person_id": 3, "academic_award_date": date(2033, 5, 20)})
    on = date(2031, 9, 30)
    assert outcomes(measured(access, COMPLETION, on=on)) == {"lost": 2, "records end early": 3}
    # The records of one of the two colleges go on: by a student of a later year.
    access.put("postsecondary_enrollment", of_college(6, date(2031, 8, 31)))
    assert outcomes(measured(access, COMPLETION, on=on)) == {"lost": 3, "records end early": 2}
    # What the clearinghouse returned of others at the second college says nothing of this one.
    access.put("postsecondary_enrollment",
             {**enrolled(7, date(2031, 8, 31)), "organization_id": "state/university"})  # fmt: skip
    assert outcomes(measured(access, COMPLETION, on=on)) == {"lost": 3, "records end early": 2}


def test_a_class_that_is_not_due_waits_and_is_not_lost(access):
    access.put("postsecondary_enrollment", *(enrolled(p, date(2025, 8, 24)) for p in range(1, 4)))
    told = measured(access, COMPLETION, on=ON)
    assert told.waits
    assert outcomes(told) == {"not yet due": 3}


def test_without_an_agreement_on_college_records(access):
    visible = everything("north", without=("postsecondary_enrollment",))
    assert measured(access, ENROLLMENT, on=ON, visible=visible).why_unseen == "no agreement"
    assert measured(access, COMPLETION, on=ON, visible=visible).why_unseen == "no agreement"


def test_graduates_without_college_records_are_not_seen(access):
    access.put("school_enrollment", spell(9, year=2025, grade="12", partner="south"))
    access.put("credential", diploma(9, date(2025, 6, 10)))
    access.put("postsecondary_enrollment", enrolled(1, date(2025, 8, 24)))
    visible = everything("north", "south")
    tables = dict(visible.tables)
    tables["postsecondary_enrollment"] = {"north": tables["postsecondary_enrollment"]["north"]}
    told = outcomes(measured(access, ENROLLMENT, on=ON, visible=type(visible)(tables)))
    assert told == {"reached": 1, "no match": 4, "no agreement": 1}


def test_measures_carry_numerator_and_denominator(access):
    access.put("postsecondary_enrollment", enrolled(1, date(2025, 8, 24)), enrolled(2, date(2027, 1, 1)))
    told = measured(access, ENROLLMENT, on=ON)
    assert (told.numerator, told.denominator, told.on) == (1, 2, ON)
