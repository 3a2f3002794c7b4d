"""What votes come to, by a body's rule of decision.

An abstention is a vote for the quorum and none for the result: it never stops a motion, and never carries one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from throughway.governance.enums import Choice, Result, Rule


@dataclass(frozen=True)
class Outcome:
    """`took_part`: seats that voted or were present; `reason` says in a sentence why it came out so."""

    result: Result
    yes: int
    no: int
    abstained: int
    took_part: int
    reason: str


def outcome(
    rule: Rule, quorum: int, votes: Mapping[int, Choice], present: Collection[int] = frozenset()
) -> Outcome:
    """`votes`: by the number of the seat, one each; `present`: seats that were at the meeting, voting or not."""
    yes, no, abstained = (sum(v is choice for v in votes.values()) for choice in Choice)
    took_part = len({*votes, *present})
    result, reason = _result(rule, quorum, yes=yes, no=no, took_part=took_part)
    return Outcome(result, yes, no, abstained, took_part, reason)


def _result(rule: Rule, quorum: int, *, yes: int, no: int, took_part: int) -> tuple[Result, str]:
    if took_part < quorum:
        return Result.NO_QUORUM, f"{took_part} of the {quorum} seats that must take part did."
    if not yes:
        return Result.FAILED, "Nobody voted for it."
    if rule is Rule.UNANIMOUS:
        if no:
            return Result.FAILED, f"It must be unanimous, and {_voted(no)} against it."
        return Result.PASSED, "All who did not abstain voted for it."
    if rule is Rule.TWO_THIRDS:
        if 3 * yes < 2 * (yes + no):
            return Result.FAILED, f"{yes} of {yes + no} votes are less than two thirds."
        return Result.PASSED, f"{yes} of {yes + no} votes are two thirds or more."
    if yes > no:
        return Result.PASSED, f"{yes} for it, {no} against it."
    return Result.FAILED, f"{yes} for it, {no} against it: {'a tie' if yes == no else 'no majority'}."


def _voted(number: int) -> str:
    return "one voted" if number == 1 else f"{number} voted"
