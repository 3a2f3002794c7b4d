"""The life of a request: one table, from which nothing is out of reach and in which nothing is stuck."""

from datetime import date, timedelta

import pytest

from throughway.governance.data_request import (
    DUE,
    ENDED,
    STATES,
    TRANSITIONS,
    DiscloserAnswerKind,
    RequestAct,
    RequestState,
    due,
    may,
    turn,
)

NAMES = {"oak": "Oak Schools", "elm": "Elm Schools", "back": "Forward", "lab": "Reading Lab"}


def test_every_state_is_reachable_and_ends() -> None:
    assert {*TRANSITIONS.values()} == set(RequestState)
    assert {state for state, _ in TRANSITIONS} == set(RequestState) - ENDED
    assert {act for _, act in TRANSITIONS} == set(RequestAct)
    for state in set(RequestState) - ENDED:
        assert may(state, RequestAct.REFUSE) or may(state, RequestAct.WITHDRAW)
    assert STATES.keys() == set(RequestState)


def test_only_a_vote_grants() -> None:
    assert [state for (state, _), to in TRANSITIONS.items() if to is RequestState.GRANTED] == [
        RequestState.TO_VOTE
    ]


@pytest.mark.parametrize("state", RequestState)
def test_each_open_state_has_a_due_day(state: RequestState) -> None:
    day = date(2026, 9, 1)
    assert due(state, day) == (None if state in ENDED else day + timedelta(days=DUE[state]))


@pytest.mark.parametrize(
    ("state", "missing", "unanswered", "waits_for", "words"),
    [
        (RequestState.RECEIVED, "", (), ("back",), "Forward checks whether it is complete."),
        (RequestState.RECEIVED, "the method.", (), ("lab",), "Reading Lab must add: the method."),
        (RequestState.COMPLETE, "", ("oak",), ("back",), "Forward sends it to those whose records it asks for."),
        (RequestState.WITH_DISCLOSERS, "", ("oak", "elm"), ("oak", "elm"),
         "Oak Schools and Elm Schools must still answer for their own records."),
        (RequestState.WITH_DISCLOSERS, "", (), ("back",), "All have answered. Forward puts it to the vote or refuses it."),
        (RequestState.TO_VOTE, "", (), (), "The vote is open."),
        (RequestState.GRANTED, "", (), (), ""),
    ],
)  # fmt: skip
def test_whom_a_request_waits_for(
    state: RequestState, missing: str, unanswered: tuple[str, ...], waits_for: tuple[str, ...], words: str
) -> None:
    found = turn(state, backbone=["back"], asker="lab", missing=missing, unanswered=unanswered, names=NAMES)
    assert (found.waits_for, found.words) == (waits_for, words)


def test_answers_are_yes_no_or_abstain() -> None:
    assert [str(answer) for answer in DiscloserAnswerKind] == ["yes", "no", "abstain"]
