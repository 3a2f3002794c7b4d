"""The states of a release, the acts that change them, and which act leads from which state to which."""

from collections.abc import Mapping
from enum import StrEnum


class ReleaseState(StrEnum):
    WAITING = "waiting"  # the partners whose records it counts look at it, and nobody else does
    HELD = "held"  # by the objection of one of them
    PUBLIC = "public"
    WITHDRAWN = "withdrawn"  # its figures are shown to nobody, and still count in every audit


class ReleaseAct(StrEnum):
    """What changes a state: people, and one that the calendar does."""

    AGREE = "agree"  # a partner does not need the rest of the days
    OBJECT = "object"
    TAKE_BACK = "take_back"  # a partner takes its objection back
    ANSWER = "answer"  # the publisher answers the objections, and the review begins anew
    WITHDRAW = "withdraw"
    APPEAR = "appear"  # the last day of the review has passed


S, A = ReleaseState, ReleaseAct
TRANSITIONS: Mapping[tuple[ReleaseState, ReleaseAct], frozenset[ReleaseState]] = {
    (S.WAITING, A.AGREE): frozenset({S.WAITING, S.PUBLIC}),
    (S.WAITING, A.OBJECT): frozenset({S.HELD}),
    (S.WAITING, A.APPEAR): frozenset({S.PUBLIC}),
    (S.WAITING, A.WITHDRAW): frozenset({S.WITHDRAWN}),
    (S.HELD, A.AGREE): frozenset({S.HELD, S.WAITING, S.PUBLIC}),
    (S.HELD, A.OBJECT): frozenset({S.HELD}),
    (S.HELD, A.TAKE_BACK): frozenset({S.HELD, S.WAITING, S.PUBLIC}),
    (S.HELD, A.ANSWER): frozenset({S.WAITING}),
    (S.HELD, A.WITHDRAW): frozenset({S.WITHDRAWN}),
    (S.PUBLIC, A.WITHDRAW): frozenset({S.WITHDRAWN}),
}


def may(state: ReleaseState, act: ReleaseAct) -> bool:
    """Whether a release in this state allows the act at all."""
    return (state, act) in TRANSITIONS
