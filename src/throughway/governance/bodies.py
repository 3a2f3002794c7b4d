"""Bodies, seats, meetings, motions and decisions, as other modules see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from throughway.governance.enums import (
    BODY_KINDS,
    CHOICES,
    MOTION_KINDS,
    MOTION_LABELS,
    RESULTS,
    RULES,
    BodyKind,
    MotionKind,
    MotionResult,
    VoteChoice,
    VotingRule,
)


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
    """The vote that counts for one seat."""

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
        """Partners that abstained: what the decision opens stays closed to their data."""
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
