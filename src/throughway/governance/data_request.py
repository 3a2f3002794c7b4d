"""A data request: what is requested and on which basis, its states and who may change them, and its steps for the page."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from throughway.agreements.enums import AccessForm, Basis
from throughway.agreements.labels import day
from throughway.core.prose import listed
from throughway.partners import Role


class RequestState(StrEnum):
    RECEIVED = "received"
    COMPLETE = "complete"
    WITH_DISCLOSERS = "with_disclosers"
    TO_VOTE = "to_vote"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestAct(StrEnum):
    CHANGE = "change"  # the content of the request
    RETURN = "return"  # with the asker, who must add what is missing
    ACCEPT = "accept"  # as complete
    FORWARD = "forward"  # to the disclosers concerned
    ANSWER = "answer"  # by one discloser
    PUT = "put"  # to the vote
    LAPSE = "lapse"  # the vote had no quorum
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class DiscloserAnswerKind(StrEnum):
    """What a discloser says about its own records."""

    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


S, A = RequestState, RequestAct
TRANSITIONS: Mapping[tuple[RequestState, RequestAct], RequestState] = {
    (S.RECEIVED, A.CHANGE): S.RECEIVED,
    (S.RECEIVED, A.RETURN): S.RECEIVED,
    (S.RECEIVED, A.ACCEPT): S.COMPLETE,
    (S.RECEIVED, A.REFUSE): S.REFUSED,
    (S.RECEIVED, A.WITHDRAW): S.WITHDRAWN,
    (S.COMPLETE, A.RETURN): S.RECEIVED,
    (S.COMPLETE, A.FORWARD): S.WITH_DISCLOSERS,
    (S.COMPLETE, A.REFUSE): S.REFUSED,
    (S.COMPLETE, A.WITHDRAW): S.WITHDRAWN,
    (S.WITH_DISCLOSERS, A.ANSWER): S.WITH_DISCLOSERS,
    (S.WITH_DISCLOSERS, A.PUT): S.TO_VOTE,
    (S.WITH_DISCLOSERS, A.REFUSE): S.REFUSED,
    (S.WITH_DISCLOSERS, A.WITHDRAW): S.WITHDRAWN,
    (S.TO_VOTE, A.LAPSE): S.WITH_DISCLOSERS,
    (S.TO_VOTE, A.GRANT): S.GRANTED,
    (S.TO_VOTE, A.REFUSE): S.REFUSED,
    (S.TO_VOTE, A.WITHDRAW): S.WITHDRAWN,
}
ENDED = frozenset({S.GRANTED, S.REFUSED, S.WITHDRAWN})
# Calendar days from the start of a state to the due date of its step.
DUE: Mapping[RequestState, int] = {S.RECEIVED: 7, S.COMPLETE: 7, S.WITH_DISCLOSERS: 21, S.TO_VOTE: 30}

# Who may ask, and who answers for a discloser.
ASKERS = frozenset({Role.LEADER, Role.EVALUATOR, Role.PRIVACY_OFFICER, Role.DATA_STEWARD})
ANSWERERS = frozenset({Role.LEADER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD})

STATES: Mapping[RequestState, tuple[str, str]] = {  # the kind of tag, and its words
    S.RECEIVED: ("tip", "received"),
    S.COMPLETE: ("wait", "complete"),
    S.WITH_DISCLOSERS: ("wait", "with those whose records it asks for"),
    S.TO_VOTE: ("wait", "put to the vote"),
    S.GRANTED: ("ok", "granted"),
    S.REFUSED: ("stop", "refused"),
    S.WITHDRAWN: ("past", "withdrawn"),
}
ANSWERS: Mapping[DiscloserAnswerKind, str] = {
    DiscloserAnswerKind.YES: "Yes, our records may be used for this",
    DiscloserAnswerKind.NO: "No",
    DiscloserAnswerKind.ABSTAIN: "We abstain: our records stay out",
}


def may(state: RequestState, act: RequestAct) -> bool:
    return (state, act) in TRANSITIONS


def due(state: RequestState, since: date) -> date | None:
    """The due date of a state's step; None once the request has ended."""
    days = DUE.get(state)
    return None if days is None else since + timedelta(days=days)


@dataclass(frozen=True)
class Turn:
    """Whom a request waits for (partners' ids), and a sentence that says so."""

    waits_for: tuple[str, ...]
    words: str


def turn(
    state: RequestState,
    *,
    backbone: Iterable[str],
    asker: str,
    missing: str,
    unanswered: Iterable[str],
    names: Mapping[str, str],
) -> Turn:
    """`missing`: what the asker must still add, empty when nothing; `unanswered`: disclosers yet to answer."""
    desk, waiting = tuple(backbone), tuple(unanswered)
    called = {p: names.get(p, p) for p in (*desk, *waiting, asker)}
    people = listed(called[p] for p in desk) or "the backbone"
    if state is S.RECEIVED and missing:
        return Turn((asker,), f"{called[asker]} must add: {missing}")
    if state is S.RECEIVED:
        return Turn(desk, f"{people} checks whether it is complete.")
    if state is S.COMPLETE:
        return Turn(desk, f"{people} sends it to those whose records it asks for.")
    if state is S.WITH_DISCLOSERS and waiting:
        return Turn(waiting, f"{listed(called[p] for p in waiting)} must still answer for their own records.")
    if state is S.WITH_DISCLOSERS:
        return Turn(desk, f"All have answered. {people} puts it to the vote or refuses it.")
    if state is S.TO_VOTE:
        return Turn((), "The vote is open.")
    return Turn((), "")


@dataclass(frozen=True)
class RequestedData:
    """What is requested. Elements are `table.column` or `table.*`; `necessity` says by table why. `of`: partners whose
    records are asked for. `outside`: the organisation and project that the asker speaks for, where it is not its own."""

    title: str
    question: str
    why: str
    elements: tuple[str, ...]
    necessity: Mapping[str, str]
    of: tuple[str, ...]
    form: AccessForm
    under: tuple[str, ...]  # agreements
    purpose: str  # the id of a purpose of these agreements
    basis: Basis
    details: Mapping[str, str]  # of the basis, in the asker's words
    method: str
    publication: str
    irb: str
    irb_expires: date | None
    until: date
    outside: str = ""
    project: str = ""


@dataclass(frozen=True)
class DiscloserReply:
    """One discloser's answer about its records."""

    partner: str
    answer: DiscloserAnswerKind
    reason: str
    day: date

    @property
    def words(self) -> str:
        return ANSWERS[self.answer]


@dataclass(frozen=True)
class DataRequest:
    """One request. `since`: the day on which its state began; `missing`: what the desk asked the asker to add."""

    number: int
    asker: str  # e-mail
    partner: str
    role: str
    wanted: RequestedData
    state: RequestState
    asked_on: date
    since: date
    missing: str
    reason: str
    citations: tuple[str, ...]
    license: str
    answers: tuple[DiscloserReply, ...] = ()

    @property
    def tag(self) -> tuple[str, str]:
        return STATES[self.state]

    @property
    def due(self) -> date | None:
        return due(self.state, self.since)

    @property
    def unanswered(self) -> tuple[str, ...]:
        answered = {answer.partner for answer in self.answers}
        return tuple(p for p in self.wanted.of if p not in answered)

    @property
    def giving(self) -> tuple[str, ...]:
        """Disclosers that agreed."""
        answers = {a.partner: a.answer for a in self.answers}
        return tuple(p for p in self.wanted.of if answers.get(p) is DiscloserAnswerKind.YES)

    def to_json(self) -> dict[str, object]:
        return {
            "number": self.number, "title": self.wanted.title, "state": str(self.state), "partner": self.partner,
            "asked_on": self.asked_on.isoformat(), "due": self.due.isoformat() if self.due else None,
            "of": list(self.wanted.of), "waits_for": list(self.unanswered) if self.state is RequestState.WITH_DISCLOSERS else [],
            "reason": self.reason, "citations": list(self.citations), "license": self.license or None,
        }  # fmt: skip


_AS_JSON = TypeAdapter(RequestedData)


def request_to_json(wanted: RequestedData) -> dict[str, Any]:
    """A request as the database keeps it."""
    values: dict[str, Any] = _AS_JSON.dump_python(wanted, mode="json")
    return values


def request_from_json(values: Mapping[str, Any]) -> RequestedData:
    return _AS_JSON.validate_python(dict(values))


ORDER = (S.RECEIVED, S.COMPLETE, S.WITH_DISCLOSERS, S.TO_VOTE, S.GRANTED)
TITLES = {
    S.RECEIVED: "Asked",
    S.COMPLETE: "Complete",
    S.WITH_DISCLOSERS: "Answered",
    S.TO_VOTE: "Voted on",
    S.GRANTED: "Granted",
    S.REFUSED: "Refused",
    S.WITHDRAWN: "Withdrawn",
}
# The act after which each step is done.
DONE_BY = {S.RECEIVED: "request", S.COMPLETE: "accept", S.WITH_DISCLOSERS: "put"}


@dataclass(frozen=True)
class RequestTimelineStep:
    state: str
    title: str
    when: str


def progress(request: DataRequest, acts: Collection[str]) -> list[RequestTimelineStep]:
    """The steps of a request: done, in progress, to come. `acts`: those on the request so far."""
    now = request.state
    if now in (S.REFUSED, S.WITHDRAWN):
        passed = [step for step, act in DONE_BY.items() if act in acts]
        steps = [
            RequestTimelineStep("done", TITLES[step], day(request.asked_on) if step is S.RECEIVED else "")
            for step in passed
        ]
        return [*steps, RequestTimelineStep("done", TITLES[now], day(request.since))]
    # A step is being done while the state before it lasts: asked at once, complete while it is received, and so on.
    doing = {S.RECEIVED: 1, S.COMPLETE: 2, S.WITH_DISCLOSERS: 2, S.TO_VOTE: 3, S.GRANTED: 5}[now]
    due = request.due
    return [
        RequestTimelineStep(
            "done" if n < doing else "now" if n == doing else "next",
            TITLES[step],
            day(request.asked_on) if n == 0
            else f"by {day(due)}" if n == doing and due
            else day(request.since) if now is S.GRANTED and n == len(ORDER) - 1
            else "",
        )
        for n, step in enumerate(ORDER)
    ]  # fmt: skip
