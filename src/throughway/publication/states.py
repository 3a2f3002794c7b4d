"""The states of a release, the acts that change them, and its state on a day.

Under `publication_review_days` of an agreement, a release is in review: it becomes public on the first day after the review, or when
every discloser agrees; an objection holds it until it is withdrawn or answered. Under `release_approval: two_people` it is not public
before one discloser agrees, whatever the days: the publisher cannot be the one who agrees. No scheduled job is needed: the state is
computed from the acts whenever it is read.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from throughway.core.prose import day


class ReleaseState(StrEnum):
    WAITING = "waiting"  # only the partners whose records it counts can see it
    HELD = "held"  # one of them has objected
    PUBLIC = "public"
    WITHDRAWN = "withdrawn"  # its figures are shown to nobody, and still count in every audit


class ReleaseAct(StrEnum):
    """What changes a state: five acts of people, and one of the calendar."""

    AGREE = "agree"  # a partner approves before the review ends
    OBJECT = "object"
    TAKE_BACK = "take_back"  # a partner withdraws its objection
    ANSWER = "answer"  # the publisher answers the objections, and the review restarts
    WITHDRAW = "withdraw"
    APPEAR = "appear"  # the review has ended


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
    """One act on a release, on a day in the community's time zone. `reason` is empty where a partner agrees or withdraws an
    objection."""

    act: ReleaseAct
    partner: str  # empty for the operator
    on: date
    reason: str = ""


@dataclass(frozen=True)
class ReleaseStatus:
    """`public_on`: the day on which it became or will become public if nobody objects; None where no day is set. `appeared`: it was
    public before it was withdrawn. `missing`: disclosers that have not agreed. `needs_approval`: a second person must still agree, for
    one of the disclosers."""

    state: ReleaseState
    registered: date
    public_on: date | None
    disclosers: tuple[str, ...]
    missing: tuple[str, ...]
    objections: tuple[DatedReleaseAct, ...]
    answers: tuple[DatedReleaseAct, ...]
    withdrawn: DatedReleaseAct | None = None
    appeared: bool = False
    needs_approval: bool = False

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
    two_people: bool = False,
) -> ReleaseStatus:
    """The state of a release on a day; `events` in chronological order. `two_people`: it is not public before a discloser agrees."""
    withdrawn = next((event for event in events if event.act is ReleaseAct.WITHDRAW), None)
    last = min(on, withdrawn.on) if withdrawn else on
    agreed: dict[str, date] = {}
    objections: dict[str, DatedReleaseAct] = {}
    begun = freed = (
        registered  # the day on which the review began, and the day since which there is no open objection
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
    unapproved = two_people and not agreed
    if two_people and agreed:
        ready = max(ready, min(agreed.values()))
    public_on = None if objections or unapproved else max(ready, freed)
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
        needs_approval=unapproved and not withdrawn,
    )


def notice(found: ReleaseStatus) -> str:
    """The notice above a release that is not public, in one or two sentences; empty where it is public."""
    if found.withdrawn:
        return f"Withdrawn on {day(found.withdrawn.on)}: {sentence(found.withdrawn.reason)} Its figures are no longer shown."
    if found.state is ReleaseState.HELD:
        return "Not public, because a partner objects. Only the partners whose records it counts can see it."
    if found.needs_approval:
        return (
            "Not public: a second person must agree, because an agreement asks for two people. Only the partners whose records it counts "
            "can see it."
        )
    if found.public_on and not found.is_public:
        return (
            f"Not public before {day(found.public_on)}. Only the partners whose records it counts can see it."
        )
    return ""


def sentence(reason: str) -> str:
    """A user's text, ended with a period where it has none."""
    return reason if reason.endswith((".", "!", "?")) else f"{reason}."
