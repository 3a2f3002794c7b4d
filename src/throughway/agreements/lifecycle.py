"""The life of an agreement: its states, the acts that change them, and how it stands on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughway.agreements.document import AgreementDocument


class State(StrEnum):
    DRAFT = "draft"  # no party has signed this version
    PARTLY_SIGNED = "partly_signed"
    SIGNED = "signed"  # by every party, not activated
    NOT_YET_EFFECTIVE = "not_yet_effective"  # activated, read on a day before its first
    ACTIVE = "active"
    SUSPENDED = "suspended"  # by one discloser at least
    EXPIRED = "expired"  # the day after `expires` and later
    TERMINATED = "terminated"


class Act(StrEnum):
    """What changes a state: people, and two that the calendar does."""

    ADD = "add"  # a text: the first, or a changed one, to be signed anew
    SIGN = "sign"
    ACTIVATE = "activate"
    SUSPEND = "suspend"
    RESUME = "resume"
    TERMINATE = "terminate"
    BEGIN = "begin"
    EXPIRE = "expire"


# Before activation: the text may still change, and then those sign anew who have not signed exactly that text.
OPEN = frozenset({State.DRAFT, State.PARTLY_SIGNED, State.SIGNED})

S, A = State, Act
TRANSITIONS: Mapping[tuple[State, Act], frozenset[State]] = {
    (S.DRAFT, A.ADD): OPEN,
    (S.DRAFT, A.SIGN): frozenset({S.PARTLY_SIGNED, S.SIGNED}),
    (S.DRAFT, A.TERMINATE): frozenset({S.TERMINATED}),
    (S.PARTLY_SIGNED, A.ADD): OPEN,
    (S.PARTLY_SIGNED, A.SIGN): frozenset({S.PARTLY_SIGNED, S.SIGNED}),
    (S.PARTLY_SIGNED, A.TERMINATE): frozenset({S.TERMINATED}),
    (S.SIGNED, A.ADD): OPEN,
    (S.SIGNED, A.ACTIVATE): frozenset({S.ACTIVE}),
    (S.SIGNED, A.TERMINATE): frozenset({S.TERMINATED}),
    (S.NOT_YET_EFFECTIVE, A.BEGIN): frozenset({S.ACTIVE}),
    (S.ACTIVE, A.SUSPEND): frozenset({S.SUSPENDED}),
    (S.ACTIVE, A.EXPIRE): frozenset({S.EXPIRED}),
    (S.ACTIVE, A.TERMINATE): frozenset({S.TERMINATED}),
    (S.SUSPENDED, A.SUSPEND): frozenset({S.SUSPENDED}),
    (S.SUSPENDED, A.RESUME): frozenset({S.SUSPENDED, S.ACTIVE}),
    (S.SUSPENDED, A.EXPIRE): frozenset({S.EXPIRED}),
    (S.SUSPENDED, A.TERMINATE): frozenset({S.TERMINATED}),
    (S.EXPIRED, A.TERMINATE): frozenset({S.TERMINATED}),
}


def may(state: State, act: Act) -> bool:
    """Whether an agreement in this state allows the act at all."""
    return (state, act) in TRANSITIONS


@dataclass(frozen=True)
class Event:
    """One act, as the record keeps it. `partner` is that of the one who acted, None for the operator."""

    act: Act
    day: date
    version: str
    partner: str | None


@dataclass(frozen=True)
class Standing:
    """How one agreement stands on one day; `reason` is a sentence that names the agreement and the day."""

    document: AgreementDocument
    version: str
    state: State
    reason: str
    signed_by: tuple[str, ...] = ()
    suspended_by: tuple[str, ...] = ()

    @property
    def in_effect(self) -> bool:
        return self.state is State.ACTIVE


def standing(document: AgreementDocument, version: str, events: Iterable[Event], on: date) -> Standing:
    """How the agreement stands at the end of the day `on`.

    Signatures and the activation count from whenever they were given, since an agreement holds from the day that its
    text names; a suspension and an end count from their own day on.
    """
    own = [event for event in events if event.version == version]
    signed = tuple(p for p in document.partners if any(e.act is Act.SIGN and e.partner == p for e in own))
    suspended = _suspended_by(own, on)
    ended = next((e.day for e in own if e.act is Act.TERMINATE and e.day <= on), None)
    state, reason = _state(document, own, on, signed=signed, suspended=suspended, ended=ended)
    return Standing(document, version, state, reason, signed, suspended)


def _suspended_by(events: Iterable[Event], on: date) -> tuple[str, ...]:
    suspended: dict[str, None] = {}
    for event in events:
        if event.partner is None or event.day > on:
            continue
        if event.act is Act.SUSPEND:
            suspended[event.partner] = None
        elif event.act is Act.RESUME:
            suspended.pop(event.partner, None)
    return tuple(suspended)


def _state(
    document: AgreementDocument,
    events: Iterable[Event],
    on: date,
    *,
    signed: tuple[str, ...],
    suspended: tuple[str, ...],
    ended: date | None,
) -> tuple[State, str]:
    name, terms = document.id, document.terms
    if ended is not None:
        return State.TERMINATED, f"{name} was terminated on {ended}."
    if not any(event.act is Act.ACTIVATE for event in events):
        waiting = [partner for partner in document.partners if partner not in signed]
        if not signed:
            return State.DRAFT, f"{name} is a draft on {on}: no party has signed it."
        if waiting:
            return (
                State.PARTLY_SIGNED,
                f"{name} is not in effect on {on}: {_names(waiting)} must still sign it.",
            )
        return (
            State.SIGNED,
            f"{name} is not in effect on {on}: every party has signed, and nobody has activated it.",
        )
    if on > terms.expires:
        return State.EXPIRED, f"{name} expired on {terms.expires}, its last day; {on} is later."
    if on < terms.effective:
        return State.NOT_YET_EFFECTIVE, f"{name} takes effect on {terms.effective}; {on} is earlier."
    if suspended:
        return State.SUSPENDED, f"{name} is suspended on {on} by {_names(suspended)}."
    return State.ACTIVE, f"{name} is in effect on {on}, until {terms.expires}."


def _names(partners: Iterable[str]) -> str:
    *first, last = partners
    return f"{', '.join(first)} and {last}" if first else last
