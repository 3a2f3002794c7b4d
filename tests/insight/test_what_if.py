"""What if seats or hours moved: refused in a sentence where it cannot be said, and computed from published figures alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughway.core.refusals import Refused
from throughway.insight.reach.figures import ProgramReach
from throughway.insight.reach.tables import GroupReach, ReachYear
from throughway.insight.reach.what_if import what_if

GROUPS = {"sex": (GroupReach("Female", 200, 30), GroupReach("Male", 200, None))}
GYM = ProgramReach(
    "harbor/gym", "Gym, Harbor", "Gym", "harbor", "", "grades 6 to 11", (), "", 50, 400.0, 20_000.0, 25.0,
    ReachYear(2027, {"took part": 40, "waiting": None}), None,
)  # fmt: skip
CLUB = ProgramReach(
    "harbor/club", "Club, Harbor", "Club", "harbor", "", "grades 2 to 8", (), "", 60, 600.0, 36_000.0, 60.0,
    ReachYear(2027, {"took part": 58, "waiting": 12}),
    ReachYear(2026, {"took part": 50}, could=400, says_who_could=True, groups=GROUPS),
)  # fmt: skip
FREE = {"harbor/gym": 4, "harbor/club": 0}


def ask(programs=(GYM, CLUB), free=FREE, giving="harbor/gym", gaining="harbor/club", seats=None, hours=None):
    return what_if(list(programs), free, giving=giving, gaining=gaining, seats=seats, hours=hours)


def test_seats_that_move_are_filled_by_those_who_wait_and_free_seats_go_first():
    found = ask(seats=10)
    assert (found.less, found.more, found.lose, found.reached, found.dollars) == (
        10,
        10,
        (6, 6),
        (10, 10),
        2_000.0,
    )
    assert [(each.name, each.as_now, each.as_eligible) for each in found.groups] == [
        ("Female", 6, 5),
        ("Male", None, 5),
    ]
    assert (
        "New seats of Club go first to those who wait (12 this year), then to others who are eligible."
        in found.assumptions
    )


def test_hours_become_seats_by_what_a_seat_takes_in_each_program():
    """Half an hour a seat in the gym, one in the club: five hours are ten seats less, and five more."""
    found = ask(hours=5.0)
    assert (found.less, found.more) == (10, 5)
    assert found.assumptions[1] == (
        "5 hours a week are 10.00 seats of Gym (25 hours for 50 seats), so it loses 10; and 5.00 seats of Club (60 hours for 60 seats), so it "
        "gains 5."
    )
    assert (ask(hours=5.2).less, ask(hours=5.2).more) == (11, 5)  # a part of a seat is lost, and not gained


@pytest.mark.parametrize(
    ("already_free", "reached"), [(0, (10, 10)), (None, (10, 10)), (3, (9, 10)), (12, (0, 10)), (20, (0, 10))]
)
def test_where_seats_are_free_already_only_those_who_wait_beyond_them_are_sure_to_be_reached(
    already_free, reached
):
    """Twelve wait for the club."""
    found = ask(free={"harbor/gym": 4, "harbor/club": already_free}, seats=10)
    assert found.reached == reached
    assert any("already" in sentence for sentence in found.assumptions) is bool(already_free)


@pytest.mark.parametrize(
    ("waiting", "whole", "reached"),
    [
        (None, None, (0, 10)),
        ("0–14", None, (0, 10)),
        (4, None, (4, 10)),
        (4, ReachYear(2026, {"took part": 50}, could=53), (7, 10)),
        (4, ReachYear(2026, {"took part": "45–60"}, could=400), (10, 10)),
        (4, ReachYear(2026, {"took part": None}, could=400), (4, 10)),
    ],
)
def test_what_is_withheld_or_a_range_makes_the_answer_a_range(waiting, whole, reached):
    club = replace(CLUB, this_year=ReachYear(2027, {"waiting": waiting}), whole_year=whole)
    assert ask((GYM, club), seats=10).reached == reached


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seats": 10, "gaining": "harbor/gym"}, "two different programs"),
        ({"seats": 10, "gaining": "north/tutoring"}, "of your own organization"),
        ({"seats": 10, "hours": 2.0}, "either a number of seats or"),
        ({}, "either a number of seats or"),
        ({"seats": 0}, "from 1 to 100,000"),
        ({"seats": -3}, "from 1 to 100,000"),
        ({"seats": 51}, "Gym has 50 seats; move no more"),
        ({"hours": 26.0}, "Gym has 25 staff hours a week"),
        ({"hours": float("nan")}, "number of hours a week"),
        ({"hours": 0.5}, "make no whole seat in Club"),
    ],
)
def test_a_question_that_has_no_answer_is_refused_in_a_sentence(changes, said):
    with pytest.raises(Refused, match=said) as refused:
        ask(**changes)
    assert refused.value.code == "what_if"


def test_a_program_without_seats_or_hours_is_refused_by_name():
    with pytest.raises(Refused, match="Gym states no number of seats"):
        ask((replace(GYM, seats=None), CLUB), seats=3)
    with pytest.raises(Refused, match="Club states no staff hours"):
        ask((GYM, replace(CLUB, staff_hours=None)), hours=3.0)


def test_free_seats_that_are_not_stated_are_not_taken_as_none():
    found = ask(free={}, seats=10)
    assert found.lose == (0, 10)
    assert any("does not state how many of its seats are free" in sentence for sentence in found.assumptions)


SHOWN = st.one_of(st.none(), st.integers(10, 300), st.builds(lambda low, more: f"{low}–{low + more}", st.integers(0, 40), st.integers(11, 40)))  # fmt: skip


@given(SHOWN, SHOWN, SHOWN, st.integers(1, 50), st.one_of(st.none(), st.integers(0, 80)))
@settings(max_examples=60, deadline=None)
def test_the_answer_stays_within_what_is_moved(waiting, took_part, could, seats, free):
    club = replace(
        CLUB, this_year=ReachYear(2027, {"waiting": waiting}), whole_year=ReachYear(2026, {"took part": took_part}, could=could)
    )  # fmt: skip
    found = ask((GYM, club), free={"harbor/gym": free}, seats=seats)
    assert 0 <= found.reached[0] <= found.reached[1] == seats
    assert 0 <= found.lose[0] <= found.lose[1] <= seats
