"""Bodies, seats, meetings, motions, votes and decisions as plain values, and the rule that turns votes into a result.

An abstention counts for the quorum and not for the result: it never stops a motion, and never carries one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class BodyKind(StrEnum):
    STEERING = "steering"
    COUNCIL = "council"
    BOARD = "board"  # of one partner; its decisions bind only that partner


class MotionKind(StrEnum):
    """What a body can be asked to decide."""

    APPROVE = "approve"  # the exact text of an agreement
    GRANT = "grant"  # a data request
    ADMIT = "admit"  # a further partner to an open agreement
    OTHER = "other"


class VotingRule(StrEnum):
    """How votes make a decision."""

    UNANIMOUS = "unanimous"  # of those who do not abstain
    MAJORITY = "majority"  # of the votes cast
    TWO_THIRDS = "two_thirds"  # of the votes cast


class VoteChoice(StrEnum):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class MotionResult(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NO_QUORUM = "no_quorum"  # nothing was decided


BODY_KINDS: Mapping[BodyKind, str] = {
    BodyKind.STEERING: "Steering committee",
    BodyKind.COUNCIL: "Data governance council",
    BodyKind.BOARD: "Board of one partner",
}
MOTION_KINDS: Mapping[MotionKind, str] = {
    MotionKind.APPROVE: "Approve the text of an agreement",
    MotionKind.GRANT: "Grant or refuse a data request",
    MotionKind.ADMIT: "Admit a partner to an open agreement",
    MotionKind.OTHER: "Anything else",
}
MOTION_LABELS: Mapping[MotionKind, str] = {  # of one motion
    MotionKind.APPROVE: "The text of an agreement",
    MotionKind.GRANT: "A data request",
    MotionKind.ADMIT: "A further partner",
    MotionKind.OTHER: "A motion",
}
RULES: Mapping[VotingRule, str] = {
    VotingRule.UNANIMOUS: "Unanimous except for abstentions: one no stops it",
    VotingRule.MAJORITY: "Majority of the votes cast: more yes than no",
    VotingRule.TWO_THIRDS: "Two thirds of the votes cast",
}
CHOICES: Mapping[VoteChoice, str] = {
    VoteChoice.YES: "Yes",
    VoteChoice.NO: "No",
    VoteChoice.ABSTAIN: "Abstain",
}
RESULTS: Mapping[MotionResult, tuple[str, str]] = {  # the kind of tag, and its words
    MotionResult.PASSED: ("ok", "passed"),
    MotionResult.FAILED: ("stop", "not passed"),
    MotionResult.NO_QUORUM: ("warn", "no quorum"),
}


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
            return MotionResult.FAILED, f"It must be unanimous, but {_voted(no)} against it."
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


@dataclass(frozen=True)
class Body:
    """One body that decides. `partner`: whose board it is; None for a body of the community."""

    id: str
    name: str
    kind: BodyKind
    charter: str
    decides: tuple[MotionKind, ...]
    rule: VotingRule
    quorum: int
    partner: str | None = None

    @property
    def kind_words(self) -> str:
        return BODY_KINDS[self.kind]

    @property
    def rule_words(self) -> str:
        return RULES[self.rule]

    @property
    def decides_words(self) -> list[str]:
        return [MOTION_KINDS[kind] for kind in self.decides]

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id, "name": self.name, "kind": str(self.kind), "partner": self.partner, "rule": str(self.rule),
            "quorum": self.quorum, "decides": [str(kind) for kind in self.decides],
        }  # fmt: skip


@dataclass(frozen=True)
class Seat:
    """A partner's seat in a body, held by a user from a day to a day (None: until further notice)."""

    number: int
    body: str
    partner: str
    holder: str
    office: str
    first: date
    last: date | None
    chair: bool

    def on(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Meeting:
    """`place`: where it is held, or `remote`. `present`: numbers of seats."""

    number: int
    body: str
    day: date
    place: str
    note: str
    present: frozenset[int]
    minutes: str


@dataclass(frozen=True)
class CountedVote:
    """The counted vote of one seat."""

    seat: int
    partner: str
    choice: VoteChoice
    why: str

    @property
    def words(self) -> str:
        return CHOICES[self.choice]


@dataclass(frozen=True)
class Motion:
    """What a body is asked. `agreement` and `version`: the exact text; `request`: a data request's number."""

    number: int
    body: str
    meeting: int | None
    kind: MotionKind
    title: str
    text: str
    agreement: str
    version: str
    partner: str
    request: int | None
    moved_on: date
    moved_by: str
    due: date
    is_open: bool
    votes: tuple[CountedVote, ...] = ()

    @property
    def kind_words(self) -> str:
        return MOTION_LABELS[self.kind]

    def vote_of(self, seat: int) -> VoteChoice | None:
        return next((cast.choice for cast in self.votes if cast.seat == seat), None)


@dataclass(frozen=True)
class DecisionEffect:
    """What came of a decision, or why it has not been carried out yet."""

    day: date
    done: bool
    words: str
    by: str


@dataclass(frozen=True)
class GovernanceDecision:
    """One line of the log. `body` is None where the backbone's desk decided alone. `votes`: who voted, by partner and
    office, and how; `share`: whose data stay out."""

    number: int
    day: date
    body: str | None
    body_name: str
    motion: int | None
    kind: MotionKind
    title: str
    result: MotionResult
    reason: str
    citations: tuple[str, ...]
    votes: tuple[Mapping[str, str], ...]
    minutes: str
    agreement: str
    request: int | None
    partner: str
    by: str
    followed: tuple[DecisionEffect, ...] = ()

    @property
    def tag(self) -> tuple[str, str]:
        if self.body is None:
            return RESULTS[self.result][0], "refused"
        return RESULTS[self.result]

    @property
    def abstained(self) -> tuple[str, ...]:
        """Partners that abstained: the decision does not open their data."""
        return tuple(
            dict.fromkeys(vote["partner"] for vote in self.votes if vote["choice"] == VoteChoice.ABSTAIN)
        )

    @property
    def waits(self) -> bool:
        """Whether something that follows from it has not been done."""
        return bool(self.followed) and not self.followed[-1].done

    def to_json(self) -> dict[str, object]:
        return {
            "number": self.number, "day": self.day.isoformat(), "body": self.body, "kind": str(self.kind), "title": self.title,
            "result": str(self.result), "reason": self.reason, "citations": list(self.citations),
            "votes": [dict(vote) for vote in self.votes], "minutes": self.minutes, "agreement": self.agreement or None,
            "request": self.request, "partner": self.partner or None,
            "followed": [{"day": f.day.isoformat(), "done": f.done, "what": f.words} for f in self.followed],
        }  # fmt: skip
