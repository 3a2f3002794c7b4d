"""What votes come to, by a body's rule of decision.

An abstention is a vote for the quorum and none for the result: it never stops a motion, and never carries one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from throughway.governance.enums import MotionResult, VoteChoice, VotingRule


@dataclass(frozen=True)
class VoteOutcome:
    """`took_part`: seats that voted or were present; `reason` says in a sentence why it came out so."""

    result: MotionResult
    yes: int
    no: int
    abstained: int
    took_part: int
    reason: str


def outcome(
    rule: VotingRule, quorum: int, votes: Mapping[int, VoteChoice], present: Collection[int] = frozenset()
) -> VoteOutcome:
    """`votes`: by the number of the seat, one each; `present`: seats that were at the meeting, voting or not."""
    yes, no, abstained = (sum(v is choice for v in votes.values()) for choice in VoteChoice)
    took_part = len({*votes, *present})
    result, reason = _result(rule, quorum, yes=yes, no=no, took_part=took_part)
    return VoteOutcome(result, yes, no, abstained, took_part, reason)


def _result(rule: VotingRule, quorum: int, *, yes: int, no: int, took_part: int) -> tuple[MotionResult, str]:
    if took_part < quorum:
        return MotionResult.NO_QUORUM, f"{took_part} of the {quorum} seats that must take part did."
    if not yes:
        return MotionResult.FAILED, "Nobody voted for it."
    if rule is VotingRule.UNANIMOUS:
        if no:
            return MotionResult.FAILED, f"It must be unanimous, and {_voted(no)} against it."
        return MotionResult.PASSED, "All who did not abstain voted for it."
    if rule is VotingRule.TWO_THIRDS:
        if 3 * yes < 2 * (yes + no):
            return MotionResult.FAILED, f"{yes} of {yes + no} votes are less than two thirds."
        return MotionResult.PASSED, f"{yes} of {yes + no} votes are two thirds or more."
    if yes > no:
        return MotionResult.PASSED, f"{yes} for it, {no} against it."
    return MotionResult.FAILED, f"{yes} for it, {no} against it: {'a tie' if yes == no else 'no majority'}."


def _voted(number: int) -> str:
    return "one voted" if number == 1 else f"{number} voted"
