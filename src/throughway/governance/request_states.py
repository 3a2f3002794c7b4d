"""The life of a data request: its states, who moves it on, and by when. One table decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

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
    CHANGE = "change"  # what is asked
    RETURN = "return"  # to the asker, with what is missing
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
# Calendar days from the day on which a state began to the day by which its step is due.
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
    """The day by which the step of a state is due; None once it has ended."""
    days = DUE.get(state)
    return None if days is None else since + timedelta(days=days)


@dataclass(frozen=True)
class Turn:
    """Whose turn it is with a request: whom it waits for (partners' ids), and a sentence."""

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
    """`missing`: what the asker must still add, empty when nothing is said; `unanswered`: disclosers yet to answer."""
    desk, waiting = tuple(backbone), tuple(unanswered)
    said = {p: names.get(p, p) for p in (*desk, *waiting, asker)}
    people = listed(said[p] for p in desk) or "the backbone"
    if state is S.RECEIVED and missing:
        return Turn((asker,), f"{said[asker]} must add: {missing}")
    if state is S.RECEIVED:
        return Turn(desk, f"{people} looks whether it is complete.")
    if state is S.COMPLETE:
        return Turn(desk, f"{people} sends it to those whose records it asks for.")
    if state is S.WITH_DISCLOSERS and waiting:
        return Turn(waiting, f"{listed(said[p] for p in waiting)} must still answer for their own records.")
    if state is S.WITH_DISCLOSERS:
        return Turn(desk, f"All have answered. {people} puts it to the vote or refuses it.")
    if state is S.TO_VOTE:
        return Turn((), "The vote is open.")
    return Turn((), "")
