"""The four-year adjusted cohort graduation rate, 20 USC 7801(25): each rule with a student in and a student out."""

from datetime import date

import pytest

from tests.insight.fake_access import FakeAccess, everything, measured, outcomes
from tests.insight.schooling import begun, diploma, spell
from throughway.measures.graduation import GRADUATION
from throughway.measures.policy import POLICY
from throughway.measures.sql import query


@pytest.fixture
def access():
    """A class of 2026 of one partner, in which student 100 graduates; its next school year has begun."""
    access = class_of_2026()
    access.put("school_enrollment", *begun(2027))
    return access


def class_of_2026():
    access = FakeAccess()
    four_years(access, 100)
    access.put("credential", diploma(100, date(2026, 6, 10)))
    return access


def four_years(access, person, *, until=12, **last):
    for grade in range(9, until):
        access.put("school_enrollment", spell(person, year=2014 + grade, grade=f"{grade:02d}"))
    access.put("school_enrollment", spell(person, year=2014 + until, grade=f"{until:02d}", **last))


def found(access, **options):
    told = measured(access, GRADUATION, **options)
    assert told.class_year == 2026
    return outcomes(told)


@pytest.mark.parametrize(
    ("on", "type", "outcome"),
    [
        (date(2026, 6, 10), "00806", "reached"),
        (date(2026, 8, 31), "00806", "reached"),  # the summer right after
        (date(2026, 9, 1), "00806", "lost"),
        (date(2025, 6, 1), "00806", "reached"),  # early
        (date(2026, 6, 10), "75000", "reached"),  # the State's alternate diploma
        (date(2026, 6, 10), "00816", "lost"),  # GED
        (date(2026, 6, 10), "00814", "lost"),  # certificate
    ],
)
def test_what_counts_as_a_regular_diploma_in_time(access, on, type, outcome):
    four_years(access, 1)
    access.put("credential", diploma(1, on, type))
    told = found(access)
    told["reached"] -= 1
    assert {k: v for k, v in told.items() if v} == {outcome: 1}


def test_an_exit_as_graduate_says_so_too(access):
    four_years(access, 1, exit_or_withdrawal_type="01921")
    assert found(access) == {"reached": 2}


@pytest.mark.parametrize(
    ("exit", "stays"),
    [
        ("01909", False),  # public school in another State
        ("01916", False),  # abroad
        ("01917", False),  # an institution
        ("73064", False),  # died
        (None, True), ("01927", True), ("01931", True), ("01922", True), ("01907", True), ("73060", True),
    ],
)  # fmt: skip
def test_only_documented_leaving_takes_a_student_out(access, exit, stays):
    four_years(access, 1, until=10, leave=date(2024, 2, 1), exit_or_withdrawal_type=exit)
    assert found(access) == ({"reached": 1, "lost": 1} if stays else {"reached": 1})


def test_who_leaves_and_comes_back_is_in(access):
    four_years(access, 1, until=10, leave=date(2024, 2, 1), exit_or_withdrawal_type="01909")
    access.put("school_enrollment", spell(1, year=2025, grade="11"))
    assert found(access) == {"reached": 1, "lost": 1}


def test_who_joins_later_is_in(access):
    access.put("school_enrollment", spell(1, year=2025, grade="11"), spell(1, year=2026, grade="12"))
    assert found(access) == {"reached": 1, "lost": 1}


def test_who_is_retained_stays_in_the_first_cohort(access):
    access.put(
        "school_enrollment",
        *(spell(1, year=y, grade=g) for y, g in ((2023, "09"), (2024, "09"), (2025, "10"))),
    )
    assert found(access) == {"reached": 1, "lost": 1}


def test_the_cohort_that_the_district_states_goes_before(access):
    access.put("school_enrollment", spell(1, year=2026, grade="11", cohort_graduation_year="2026"))
    access.put("school_enrollment", spell(2, year=2026, grade="12", cohort_year="2024"))
    assert found(access) == {"reached": 1, "lost": 1}


def test_the_class_is_judged_once_its_summer_is_over(access):
    for person in range(1, 4):
        access.put("school_enrollment", spell(person, year=2025, grade="12"))
    assert measured(access, GRADUATION, on=date(2026, 8, 30)).class_year == 2025
    assert measured(access, GRADUATION, on=date(2026, 8, 31)).class_year == 2026


def test_a_stray_record_of_a_later_class_is_no_class(access):
    for person in range(1, 30):
        four_years(access, person)
    access.put("school_enrollment", spell(99, year=2026, grade="12", cohort_graduation_year="2027"))
    assert measured(access, GRADUATION, on=date(2028, 1, 1)).class_year == 2026


SUMMER_OVER = [
    ("school_enrollment", spell(200, year=2027, grade="10")),  # of the next school year
    ("school_enrollment", spell(200, year=2027, grade="10", entry=date(2026, 8, 20))),
    ("school_enrollment", spell(200, year=2026, grade="10", leave=date(2026, 9, 3))),
    ("credential", diploma(1, date(2026, 9, 1))),  # too late for the class
]
STILL_SUMMER = [
    ("school_enrollment", spell(200, year=2026, grade="10", leave=date(2026, 8, 31))),
    ("school_enrollment", spell(200, year=2027, grade="10", entry=date(2026, 11, 2))),  # planned, not begun
    ("school_enrollment", spell(200, year=2026, grade="10", leave=date(2027, 6, 15))),
    ("school_enrollment", spell(200, year=2027, grade="10", partner="south")),  # another district's
    ("credential", diploma(1, date(2026, 8, 31), "00816")),
    (
        "credential",
        diploma(1, date(2026, 10, 1), "00816") | {"organization_id": "south/college"},
    ),  # not the district's own
]


@pytest.mark.parametrize(("table", "row"), SUMMER_OVER)
def test_a_class_is_judged_once_records_reach_past_the_summer(table, row):
    access = class_of_2026()
    four_years(access, 1)
    access.put(table, row)
    assert found(access) == {"reached": 1, "lost": 1}


@pytest.mark.parametrize(("table", "row"), STILL_SUMMER)
def test_no_class_is_judged_while_records_end_in_the_summer(table, row):
    """Who graduates in the summer is in a file that is still to come. The others wait with them, for the share would be too good."""
    access = class_of_2026()
    four_years(access, 1)
    access.put(table, row)
    assert found(access) == {"records end early": 2}


def test_districts_records_are_judged_separately(access):
    access.put("school_enrollment", *(spell(p, year=2026, grade="12", partner="south") for p in (1, 2, 3)))
    access.put("credential", diploma(1, date(2026, 6, 10)))
    four_years(access, 4)
    assert found(access) == {"reached": 1, "lost": 1, "records end early": 3}


def test_a_partner_without_diplomas_has_no_dropouts(access):
    access.put("school_enrollment", spell(1, year=2026, grade="12", partner="south"))
    assert found(access) == {"reached": 1, "cannot be computed": 1}


def test_a_partner_without_diplomas_and_exits_is_not_seen(access):
    access.put("school_enrollment", spell(1, year=2026, grade="12", partner="south"))
    visible = everything("north", "south", without=("school_enrollment.exit_or_withdrawal_type",))
    tables = dict(visible.tables) | {"credential": {"north": visible.tables["credential"]["north"]}}
    assert found(access, visible=type(visible)(tables)) == {"reached": 1, "no agreement": 1}


def test_without_any_agreement_on_it(access):
    visible = everything("north", without=("credential", "school_enrollment.exit_or_withdrawal_type"))
    assert measured(access, GRADUATION, visible=visible).why_unseen == "no agreement"


def test_a_student_has_one_row_however_many_records_reach_past_the_summer(access):
    """Without diplomas from elsewhere, the exits decide; a row for each record of a district would be billions in a large one."""
    four_years(access, 1, exit_or_withdrawal_type="01921")
    access.put("school_enrollment", *(spell(700 + n, year=2027, grade="10") for n in range(5)))
    visible = everything("north", without=["credential"])
    judged = GRADUATION.judge(visible, POLICY, 2026, date(2026, 11, 1))
    rows, _ = access.figures(query(judged, "SELECT person_id FROM result"))
    assert sorted(rows["person_id"].to_pylist()) == [1, 100]
