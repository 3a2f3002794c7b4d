"""Each student is in one group of each kind."""

from datetime import date

import pytest

from tests.insight.fake_access import FakeAccess, everything, measured
from tests.insight.schooling import grade, spell
from throughway.measures.on_track import ON_TRACK


@pytest.fixture
def access():
    access = FakeAccess()
    access.put("school_enrollment", spell(1))
    access.put("course_grade", *(grade(1) for _ in range(10)))
    return access


def group(access, kind, **options):
    (count,) = measured(access, ON_TRACK, **options).counts
    return count.groups.get(kind)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "Not recorded"),
        ([{"race": "White"}], "White"),
        ([{"race": "BlackorAfricanAmerican"}], "Black or African American"),
        ([{"race": "White"}, {"race": "Asian"}], "Two or more races"),
        ([{"race": "White"}, {"race": "White"}], "White"),
        ([{"race": "White", "hispanic_or_latino_ethnicity": True}], "Hispanic or Latino"),
        ([{"race": "White"}, {"race": "HispanicOrLatinoEthnicity"}], "Hispanic or Latino"),
        ([{"race": "DemographicRaceTwoOrMoreRaces"}], "Two or more races"),
        ([{"race": "RaceAndEthnicityUnknown"}], "Not recorded"),
    ],
)
def test_race(access, rows, expected):
    for row in rows:
        access.put("person_race", {"person_id": 1} | row)
    assert group(access, "race") == expected


@pytest.mark.parametrize(("sexes", "expected"), [
    (["Female"], "Female"), (["Male", "Male", None], "Male"), (["Female", "Male"], "Not recorded"), ([], "Not recorded"),
])  # fmt: skip
def test_sex(access, sexes, expected):
    for sex in sexes:
        access.put("person", {"person_id": 1, "sex": sex})
    assert group(access, "sex") == expected


def test_english_learner_as_of_the_end_of_the_class_year(access):
    access.put("person_status",
             {"person_id": 1, "english_learner_status": "Yes", "valid_from": date(2020, 8, 1), "valid_to": date(2026, 1, 31)},
             {"person_id": 1, "english_learner_status": "No", "valid_from": date(2026, 2, 1), "valid_to": None})  # fmt: skip
    assert group(access, "english learner") == "Not English learners"


def test_school_by_its_name_and_partner_by_its_id(access):
    access.put("organization", {"organization_id": "north/hs", "organization_name": "North High"})
    assert group(access, "school") == "North High"
    assert group(access, "partner") == "north"


def test_a_kind_that_is_not_granted_is_not_counted_by(access):
    visible = everything("north", without=("person", "person_race", "person_status", "organization"))
    (count,) = measured(access, ON_TRACK, visible=visible).counts
    assert set(count.groups) == {"partner", "school mover"}
