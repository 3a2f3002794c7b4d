"""What votes come to: every rule, with abstentions, a tie, a quorum that is not met, and nobody."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from throughway.governance.bodies import MotionResult, VoteChoice, VotingRule, outcome

U, M, T = VotingRule.UNANIMOUS, VotingRule.MAJORITY, VotingRule.TWO_THIRDS
P, F, Q = MotionResult.PASSED, MotionResult.FAILED, MotionResult.NO_QUORUM
LETTERS = {"y": VoteChoice.YES, "n": VoteChoice.NO, "a": VoteChoice.ABSTAIN}


def votes(letters: str) -> dict[int, VoteChoice]:
    return {place: LETTERS[letter] for place, letter in enumerate(letters)}


@pytest.mark.parametrize(
    ("rule", "quorum", "cast", "present", "expected"),
    [
        (U, 2, "yyy", (), P),
        (U, 2, "yya", (), P),  # an abstention never stops it
        (U, 2, "yaa", (), P),
        (U, 2, "aaa", (), F),  # and never carries it
        (U, 2, "yyn", (), F),
        (U, 2, "nnn", (), F),
        (U, 3, "yy", (), Q),
        (U, 3, "ya", (7,), P),  # one who is there and silent counts for the quorum
        (U, 3, "yy", (0, 1), Q),  # and nobody counts twice
        (U, 1, "", (), Q),
        (U, 1, "", (3,), F),  # nobody votes
        (M, 2, "yyn", (), P),
        (M, 2, "yn", (), F),  # a tie
        (M, 2, "yna", (), F),
        (M, 2, "yaa", (), P),
        (M, 4, "yyn", (), Q),
        (M, 4, "yyna", (), P),  # an abstention counts for the quorum
        (M, 2, "nna", (), F),
        (M, 1, "", (), Q),
        (T, 3, "yyn", (), P),  # exactly two thirds
        (T, 3, "yyyynn", (), P),
        (T, 3, "yyynn", (), F),
        (T, 3, "yn", (), Q),
        (T, 2, "yn", (), F),
        (T, 2, "ya", (), P),
        (T, 2, "aa", (), F),
    ],
)
def test_result_by_rule(
    rule: VotingRule, quorum: int, cast: str, present: tuple[int, ...], expected: MotionResult
) -> None:
    assert outcome(rule, quorum, votes(cast), present).result is expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(VotingRule),
    st.integers(1, 6),
    st.dictionaries(st.integers(0, 9), st.sampled_from(VoteChoice), max_size=7),
    st.frozensets(st.integers(0, 9)),
)
def test_properties_of_every_vote(
    rule: VotingRule, quorum: int, cast: dict[int, VoteChoice], present: frozenset[int]
) -> None:
    found = outcome(rule, quorum, cast, present)
    assert found.yes + found.no + found.abstained == len(cast)
    assert found.reason.endswith(".")
    if found.result is MotionResult.PASSED:
        assert found.yes > found.no
        assert found.took_part >= quorum
        more = {**cast, 99: VoteChoice.YES}
        assert (
            outcome(rule, quorum, more, present).result is MotionResult.PASSED
        )  # one more yes never stops it
        apart = {**cast, 99: VoteChoice.ABSTAIN}
        assert outcome(rule, quorum, apart, present).result is MotionResult.PASSED
    if found.result is MotionResult.FAILED:
        assert outcome(rule, quorum, {**cast, 99: VoteChoice.NO}, present).result is MotionResult.FAILED
