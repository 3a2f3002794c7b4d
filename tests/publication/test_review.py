"""Where a release stands on a day, act by act; the table of transitions; and who sees it and may act on it."""

from datetime import date

import pytest

from throughway.core.refusals import Refused
from throughway.partners import OPERATOR, Actor
from throughway.publication.permissions import (
    Publisher,
    can_answer,
    can_review,
    can_withdraw,
    check_can_answer,
    check_can_review,
    check_can_withdraw,
    sees,
    sees_figures,
)
from throughway.publication.states import (
    TRANSITIONS,
    DatedReleaseAct,
    ReleaseAct,
    ReleaseState,
    may,
    notice,
    standing,
)

NORTH, HARBOR, HUB = "north", "harbor", "hub"


def on(day: int) -> date:
    """A day of March; the release is registered on the first and reviewed for ten days."""
    return date(2026, 3, day)


def stands(
    day: int,
    *events: tuple[ReleaseAct, str, int],
    days: int = 10,
    disclosers=(NORTH, HARBOR),
    two_people=False,
):
    told = [DatedReleaseAct(act, partner, on(at), "Because") for act, partner, at in events]
    return standing(
        registered=on(1),
        review_days=days,
        disclosers=disclosers,
        events=told,
        on=on(day),
        two_people=two_people,
    )


AGREE, OBJECT, BACK, ANSWER, WITHDRAW = (
    ReleaseAct.AGREE,
    ReleaseAct.OBJECT,
    ReleaseAct.TAKE_BACK,
    ReleaseAct.ANSWER,
    ReleaseAct.WITHDRAW,
)
CASES = [
    # day, what was done, where it stands, public on
    (1, [], ReleaseState.WAITING, 11),
    (10, [], ReleaseState.WAITING, 11),
    (11, [], ReleaseState.PUBLIC, 11),
    (3, [(AGREE, NORTH, 2)], ReleaseState.WAITING, 11),
    (3, [(AGREE, NORTH, 2), (AGREE, HARBOR, 3)], ReleaseState.PUBLIC, 3),
    (20, [(AGREE, NORTH, 2)], ReleaseState.PUBLIC, 11),
    (20, [(OBJECT, NORTH, 5)], ReleaseState.HELD, None),
    (20, [(AGREE, NORTH, 2), (OBJECT, NORTH, 5), (AGREE, HARBOR, 6)], ReleaseState.HELD, None),
    (20, [(OBJECT, NORTH, 5), (BACK, NORTH, 15)], ReleaseState.PUBLIC, 15),
    (8, [(OBJECT, NORTH, 5), (BACK, NORTH, 7)], ReleaseState.WAITING, 11),
    (20, [(OBJECT, NORTH, 5), (OBJECT, HARBOR, 6), (BACK, NORTH, 7)], ReleaseState.HELD, None),
    (9, [(OBJECT, NORTH, 5), (AGREE, HARBOR, 6), (AGREE, NORTH, 8)], ReleaseState.PUBLIC, 8),
    (20, [(OBJECT, NORTH, 5), (ANSWER, HUB, 15)], ReleaseState.WAITING, 25),
    (25, [(OBJECT, NORTH, 5), (ANSWER, HUB, 15)], ReleaseState.PUBLIC, 25),
    (25, [(OBJECT, NORTH, 5), (ANSWER, HUB, 15), (OBJECT, NORTH, 20)], ReleaseState.HELD, None),
    (5, [(WITHDRAW, HUB, 4)], ReleaseState.WITHDRAWN, None),
    (
        20,
        [(WITHDRAW, HUB, 4)],
        ReleaseState.WITHDRAWN,
        None,
    ),  # the calendar does not publish what was withdrawn
    (20, [(WITHDRAW, HUB, 12)], ReleaseState.WITHDRAWN, 11),
]


@pytest.mark.parametrize(("day", "events", "state", "public_on"), CASES)
def test_where_a_release_stands(day, events, state, public_on) -> None:
    found = stands(day, *events)
    assert (found.state, found.public_on) == (state, on(public_on) if public_on else None)
    assert found.appeared == (state is ReleaseState.WITHDRAWN and public_on is not None)


def test_without_days_of_review_it_is_public_at_once() -> None:
    assert stands(1, days=0).state is ReleaseState.PUBLIC


def test_a_release_without_disclosers_waits_for_its_day() -> None:
    assert stands(2, disclosers=()).state is ReleaseState.WAITING


@pytest.mark.parametrize(
    ("day", "days", "events", "state", "public_on"),
    [
        # Whatever the days, nothing is public before a second person agrees.
        (1, 0, [], ReleaseState.WAITING, None),
        (30, 10, [], ReleaseState.WAITING, None),
        (1, 0, [(AGREE, NORTH, 1)], ReleaseState.PUBLIC, 1),
        (5, 0, [(AGREE, NORTH, 4)], ReleaseState.PUBLIC, 4),
        # The days of review still count.
        (5, 10, [(AGREE, NORTH, 4)], ReleaseState.WAITING, 11),
        (11, 10, [(AGREE, NORTH, 4)], ReleaseState.PUBLIC, 11),
        (20, 10, [(AGREE, NORTH, 15)], ReleaseState.PUBLIC, 15),
        (5, 10, [(AGREE, NORTH, 4), (AGREE, HARBOR, 5)], ReleaseState.PUBLIC, 5),
        # An objection by the same partner takes its agreement back.
        (30, 10, [(AGREE, NORTH, 4), (OBJECT, NORTH, 5)], ReleaseState.HELD, None),
        (30, 10, [(AGREE, NORTH, 4), (OBJECT, NORTH, 5), (BACK, NORTH, 6)], ReleaseState.WAITING, None),
        (30, 10, [(OBJECT, NORTH, 5), (ANSWER, HUB, 6)], ReleaseState.WAITING, None),
        (30, 10, [(OBJECT, NORTH, 5), (ANSWER, HUB, 6), (AGREE, HARBOR, 7)], ReleaseState.PUBLIC, 16),
        (30, 10, [(AGREE, NORTH, 4), (OBJECT, HARBOR, 5)], ReleaseState.HELD, None),
        (30, 0, [(WITHDRAW, HUB, 2)], ReleaseState.WITHDRAWN, None),
    ],
)
def test_where_a_release_of_two_people_stands(day, days, events, state, public_on) -> None:
    found = stands(day, *events, days=days, two_people=True)
    assert (found.state, found.public_on) == (state, on(public_on) if public_on else None)
    assert found.appeared == (state is ReleaseState.WITHDRAWN and public_on is not None)
    if state is ReleaseState.WAITING and public_on is None:
        assert found.needs_approval
        assert notice(found).startswith("Not public: a second person must agree")


ACTS = {AGREE: NORTH, OBJECT: NORTH, BACK: NORTH, ANSWER: HUB, WITHDRAW: HUB}
BEFORE = {
    ReleaseState.WAITING: [],
    ReleaseState.HELD: [(OBJECT, NORTH, 2)],
    ReleaseState.PUBLIC: [(AGREE, NORTH, 2), (AGREE, HARBOR, 2)],
}


@pytest.mark.parametrize("state", ReleaseState)
@pytest.mark.parametrize("act", ACTS)
def test_every_act_leads_where_the_table_says(state: ReleaseState, act: ReleaseAct) -> None:
    if not may(state, act):
        assert (state, act) not in TRANSITIONS
        return
    assert stands(3, *BEFORE[state], (act, ACTS[act], 3)).state in TRANSITIONS[state, act]


def test_every_state_but_the_last_has_a_way_on() -> None:
    assert {state for state, _ in TRANSITIONS} == set(ReleaseState) - {ReleaseState.WITHDRAWN}


def test_what_stands_above_a_release_that_is_not_public() -> None:
    assert notice(stands(11)) == ""
    assert "Not public before 11 March 2026" in notice(stands(2))
    assert "because a partner objects" in notice(stands(20, (OBJECT, NORTH, 5)))
    assert notice(stands(20, (WITHDRAW, HUB, 4))).startswith("Withdrawn on 4 March 2026: Because.")


MADE = Actor("eva@hub.example", HUB, "evaluator")
PUBLISHER = Publisher(MADE.email, HUB)
PEOPLE = [
    # who, sees it waiting, reviews, answers, withdraws
    (OPERATOR, True, False, False, True),
    (MADE, True, False, True, True),
    (Actor("x@hub.example", HUB, "evaluator"), True, False, False, False),
    (Actor("o@hub.example", HUB, "privacy_officer"), True, False, True, True),
    (Actor("d@hub.example", HUB, "data_steward"), True, False, True, True),
    (Actor("l@north.example", NORTH, "leader"), True, True, False, False),
    (Actor("d@north.example", NORTH, "data_steward"), True, True, False, False),
    (Actor("w@north.example", NORTH, "case_worker"), True, False, False, False),
    (Actor("l@far.example", "far", "leader"), False, False, False, False),
]


@pytest.mark.parametrize(("who", "looks", "reviews", "answers", "withdraws"), PEOPLE)
def test_who_sees_a_release_that_waits_and_who_acts_on_it(who, looks, reviews, answers, withdraws) -> None:
    waiting, held, public = stands(2), stands(20, (OBJECT, NORTH, 5)), stands(11)
    gone, never = stands(20, (WITHDRAW, HUB, 12)), stands(20, (WITHDRAW, HUB, 4))
    for found in (waiting, held):
        assert sees(who, found, PUBLISHER) == sees_figures(who, found, PUBLISHER) == looks
    assert sees(who, public, PUBLISHER)
    assert sees_figures(who, public, PUBLISHER)
    assert sees(who, gone, PUBLISHER)
    assert sees(who, never, PUBLISHER) == looks
    assert not sees_figures(who, gone, PUBLISHER)
    assert not sees_figures(who, never, PUBLISHER)
    for yes, can, check in (
        (reviews, can_review(who, [NORTH, HARBOR]), lambda: check_can_review(who, [NORTH, HARBOR])),
        (answers, can_answer(who, PUBLISHER), lambda: check_can_answer(who, PUBLISHER)),
        (withdraws, can_withdraw(who, PUBLISHER), lambda: check_can_withdraw(who, PUBLISHER)),
    ):
        assert can == yes
        if yes:
            check()
        else:
            with pytest.raises(Refused):
                check()


def test_what_the_operator_published_is_nobodys_partners() -> None:
    by_operator = Publisher(OPERATOR.email, "")
    assert not can_withdraw(Actor("l@north.example", NORTH, "leader"), by_operator)
    assert can_withdraw(OPERATOR, by_operator)
