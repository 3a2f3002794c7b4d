"""The states of a release, the acts that change them, and its state on a day.

Under `publication_review_days` of an agreement, a release waits: it becomes public on the first day after the review, or when
every discloser agrees; an objection holds it until it is taken back or answered. Nothing has to run for that: the state
is worked out from the acts whenever it is read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from throughway.core.prose import day


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


@dataclass(frozen=True)
class DatedReleaseAct:
    """One act on a release, on a day of the community's time zone. `reason` is empty where a partner agrees or takes back."""

    act: ReleaseAct
    partner: str  # empty for the operator
    on: date
    reason: str = ""


@dataclass(frozen=True)
class ReleaseStatus:
    """`public_on`: the day on which it became public or will, if nobody objects; None where it does not become public by
    itself. `appeared`: it was public before it was withdrawn. `missing`: disclosers that have not agreed."""

    state: ReleaseState
    registered: date
    public_on: date | None
    disclosers: tuple[str, ...]
    missing: tuple[str, ...]
    objections: tuple[DatedReleaseAct, ...]
    answers: tuple[DatedReleaseAct, ...]
    withdrawn: DatedReleaseAct | None = None
    appeared: bool = False

    @property
    def is_public(self) -> bool:
        return self.state is ReleaseState.PUBLIC


def standing(
    *,
    registered: date,
    review_days: int,
    disclosers: Collection[str],
    events: Sequence[DatedReleaseAct],
    on: date,
) -> ReleaseStatus:
    """The state of a release on a day; `events` in the order in which they were done."""
    withdrawn = next((event for event in events if event.act is ReleaseAct.WITHDRAW), None)
    last = min(on, withdrawn.on) if withdrawn else on
    agreed: dict[str, date] = {}
    objections: dict[str, DatedReleaseAct] = {}
    begun = freed = (
        registered  # the day on which the review began, and the day since which no objection holds it
    )
    for event in events:
        if event.act is ReleaseAct.OBJECT:
            agreed.pop(event.partner, None)
            objections[event.partner] = event
            continue
        if event.act is ReleaseAct.AGREE:
            agreed[event.partner] = event.on
        if event.act is ReleaseAct.ANSWER:
            begun = event.on
        held = bool(objections)
        if event.act is ReleaseAct.ANSWER:
            objections.clear()
        elif event.act in (ReleaseAct.AGREE, ReleaseAct.TAKE_BACK):
            objections.pop(event.partner, None)
        if held and not objections:
            freed = event.on
    missing = tuple(sorted(set(disclosers) - agreed.keys()))
    ready = begun + timedelta(days=review_days)
    if disclosers and not missing:
        ready = min(ready, max(agreed.values()))
    public_on = None if objections else max(ready, freed)
    appeared = public_on is not None and public_on <= last
    state = ReleaseState.HELD if objections else ReleaseState.PUBLIC if appeared else ReleaseState.WAITING
    return ReleaseStatus(
        state=ReleaseState.WITHDRAWN if withdrawn else state,
        registered=registered,
        public_on=None if withdrawn and not appeared else public_on,
        disclosers=tuple(sorted(disclosers)),
        missing=missing,
        objections=tuple(objections.values()),
        answers=tuple(event for event in events if event.act is ReleaseAct.ANSWER),
        withdrawn=withdrawn,
        appeared=bool(withdrawn) and appeared,
    )


def notice(found: ReleaseStatus) -> str:
    """The notice above a release that is not public, in a sentence or two; empty where it is public."""
    if found.withdrawn:
        return f"Withdrawn on {day(found.withdrawn.on)}: {sentence(found.withdrawn.reason)} Its figures are no longer shown."
    if found.state is ReleaseState.HELD:
        return "Not public: an objection of a partner holds it. Only the partners whose records it counts see it."
    if found.public_on and not found.is_public:
        return f"Not public before {day(found.public_on)}. Only the partners whose records it counts see it."
    return ""


def sentence(reason: str) -> str:
    """What somebody wrote, closed as a sentence."""
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."
