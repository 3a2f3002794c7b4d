"""The table of a referral's life against the written one, and a machine that plays it against a slow reference."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from throughway.casework.referrals.transitions import (
    MOVE_WORDS,
    OUTCOMES,
    REASONS,
    STATES,
    TRANSITIONS,
    MoveAnswer,
    MoveQuestion,
    ReferralMove,
    ReferralSide,
    ReferralState,
    checked_transition,
    due_day,
    moves_from,
    transition,
)
from throughway.core.refusals import Refused

TODAY = date(2026, 11, 29)
MANUAL = (Path(__file__).parents[2] / "docs" / "screens" / "referrals.md").read_text(encoding="utf-8")
ANSWERS = {
    MoveQuestion.WORDS: {"words": "after five"},
    MoveQuestion.REASON: {"reason": "hours"},
    MoveQuestion.OUTCOME: {"reason": "completed"},
    MoveQuestion.ON: {"on": TODAY},
    MoveQuestion.AUTHORIZATION: {"on": TODAY},
    MoveQuestion.UNTIL: {"until": TODAY + timedelta(days=30)},
    MoveQuestion.DETAILS: {},
}


def table(columns: int) -> list[list[str]]:
    """The rows of the manual's table of that many columns, without its head."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in MANUAL.splitlines()
        if line.startswith("| ")
    ]
    return [row for row in rows if len(row) == columns][1:]


def answer(asks: frozenset[MoveQuestion]) -> MoveAnswer:
    return MoveAnswer(**{name: value for question in asks for name, value in ANSWERS[question].items()})


def test_the_states_are_those_of_the_manual() -> None:
    within = {ReferralState.WAITLISTED: "the day that the receiver names"}
    stands = [
        [rule.words, rule.owner or "nobody", within.get(state, f"{rule.days} days" if rule.days else "")]
        for state, rule in STATES.items()
    ]
    assert stands == table(3)


def test_the_moves_are_those_of_the_manual() -> None:
    found: dict[tuple[str, ...], list[str]] = {}
    for each in TRANSITIONS:
        asks = ", ".join(sorted(each.asks))
        key = (MOVE_WORDS[each.move], each.by.replace("_", " "), each.end.replace("_", " "), asks)
        found.setdefault(key, []).append(each.start.replace("_", " ") if each.start else "nothing yet")
    written = {(what, who, then, asks): start.split("; ") for what, who, start, then, asks in table(5)}
    assert found == written


def test_codes_of_the_vocabulary_are_those_of_the_table() -> None:
    from throughway.vocabulary import CODE_SETS

    assert CODE_SETS["referral_state"] == {state.value: rule.words for state, rule in sorted(STATES.items())}
    assert CODE_SETS["event_kind"] == {move.value: words for move, words in sorted(MOVE_WORDS.items())}
    assert CODE_SETS["event_reason"] == dict(sorted({**REASONS, **OUTCOMES}.items()))


def test_every_state_can_be_reached_and_left_and_its_owner_has_a_move() -> None:
    reached = {each.end for each in TRANSITIONS}
    assert reached == set(ReferralState)
    for state, of in STATES.items():
        moves = [each for each in TRANSITIONS if each.start is state]
        assert bool(moves) is not of.is_final
        assert of.is_final or any(each.by is of.owner for each in moves), state
        assert of.is_final or due_day(state, MoveAnswer(until=TODAY), TODAY) is not None


@pytest.mark.parametrize("start", [None, *ReferralState])
@pytest.mark.parametrize("side", list(ReferralSide))
def test_what_is_not_in_the_table_is_refused(start: ReferralState | None, side: ReferralSide) -> None:
    for move in ReferralMove:
        found = transition(start, move, side)
        if found is None:
            with pytest.raises(Refused) as raised:
                checked_transition(start, move, side, MoveAnswer(), today=TODAY)
            assert raised.value.code == "not_now"
        else:
            assert checked_transition(start, move, side, answer(found.asks), today=TODAY) is found


@pytest.mark.parametrize(
    ("move", "start", "side", "said"),
    [
        ("decline", "sent", "receiver", {"reason": "completed"}),
        ("decline", "sent", "receiver", {"reason": "other_reason", "words": " "}),
        ("end", "started", "receiver", {"reason": "hours", "on": TODAY}),
        ("end", "started", "receiver", {"reason": "completed"}),
        ("end", "started", "receiver", {"reason": "other_outcome", "on": TODAY}),
        ("waitlist", "sent", "receiver", {}),
        ("waitlist", "sent", "receiver", {"until": TODAY}),
        ("waitlist", "sent", "receiver", {"until": TODAY + timedelta(days=401)}),
        ("try", "accepted", "receiver", {"on": TODAY + timedelta(days=1)}),
        ("try", "tried_once", "receiver", {"on": TODAY - timedelta(days=5)}),
        ("start", "accepted", "receiver", {}),
        ("ask_back", "sent", "receiver", {"words": "x" * 1001}),
        ("answer", "asked_back", "sender", {"words": "\n"}),
        ("connected", "sent", "protected_receiver", {}),
        ("not_connected", "sent", "protected_receiver", {"on": date(1999, 1, 1)}),
    ],
)
def test_an_answer_that_lacks_something_is_refused(
    move: str, start: str, side: str, said: dict[str, object]
) -> None:
    with pytest.raises(Refused) as raised:
        checked_transition(
            ReferralState(start), ReferralMove(move), ReferralSide(side), MoveAnswer(**said), today=TODAY, tried=TODAY - timedelta(days=5)
        )  # fmt: skip
    assert raised.value.code == "usage"


class Referrals(RuleBasedStateMachine):
    """Any two sides make any move at any time; the reference is the manual's table, read as text."""

    def __init__(self) -> None:
        super().__init__()
        self.state: ReferralState | None = None
        self.due: date | None = None
        self.today = TODAY
        self.tries: list[date] = []

    @rule(move=st.sampled_from(ReferralMove), side=st.sampled_from(ReferralSide), right=st.booleans())
    def makes(self, move: ReferralMove, side: ReferralSide, right: bool) -> None:
        now = self.state.replace("_", " ") if self.state else "nothing yet"
        written = [
            (then, asks)
            for what, who, start, then, asks in table(5)
            if (what, who) == (MOVE_WORDS[move], side.replace("_", " ")) and now in start.split("; ")
        ]
        said = MoveAnswer("words", "completed" if move is ReferralMove.END else "hours", self.today, self.today + timedelta(days=9)) if right else MoveAnswer()  # fmt: skip
        tried = self.tries[-1] if self.tries else None
        able = bool(written) and (right or not written[0][1].replace("details", ""))
        if move is ReferralMove.TRY and tried == self.today:
            able = False
        try:
            found = checked_transition(self.state, move, side, said, today=self.today, tried=tried)
        except Refused:
            assert not able
            return
        assert able
        assert found.end.replace("_", " ") == written[0][0]
        self.state, self.due = found.end, due_day(found.end, said, self.today)
        if move is ReferralMove.TRY:
            self.tries.append(self.today)

    @precondition(lambda self: self.state is not None and not STATES[self.state].is_final)
    @rule(data=st.data())
    def goes_on(self, data: st.DataObject) -> None:
        """So that long lives are played too."""
        assert self.state is not None
        each = data.draw(st.sampled_from([m for side in ReferralSide for m in moves_from(self.state, side)]))
        self.makes(each.move, each.by, True)

    @rule(days=st.integers(1, 20))
    def waits(self, days: int) -> None:
        self.today += timedelta(days=days)

    @invariant()
    def has_an_owner_and_a_day(self) -> None:
        if self.state is not None:
            of = STATES[self.state]
            assert of.is_final is (self.due is None) is (of.owner is None)
            assert len(set(self.tries)) == len(self.tries)
            if self.state is ReferralState.NOT_REACHED:
                assert len(self.tries) >= 3


TestReferrals = Referrals.TestCase
