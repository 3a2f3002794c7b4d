"""Destruction that the signed text promised by a day, and that nobody has certified since: what is late, never about whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementStatus

ENDED = (AgreementState.EXPIRED, AgreementState.TERMINATED, AgreementState.WINDING_DOWN)


@dataclass(frozen=True)
class LateDestruction:
    """`partner`: whose copies are not certified as gone; empty for the data that this platform keeps. `due`: the last day in time."""

    partner: str
    due: date


def ended_on(found: AgreementStatus, events: Sequence[LifecycleEvent], on: date) -> date:
    """The day on which the agreement ended: its last, or that of its termination."""
    terminated = (event.day for event in events if event.act is AgreementAct.TERMINATE and event.day <= on)
    return next(terminated, min(found.document.terms.expires, on))


def late_destruction(
    found: AgreementStatus, events: Sequence[LifecycleEvent], on: date
) -> tuple[LateDestruction, ...]:
    """What is late on that day, the longest first: the data kept here, the copies of those who received it, and of those who left."""
    late = (each for each in owed(found, events, on) if each.due < on)
    return tuple(sorted(late, key=lambda each: (each.due, each.partner)))


def owed(found: AgreementStatus, events: Sequence[LifecycleEvent], on: date) -> Iterator[LateDestruction]:
    """What must be destroyed and is not certified yet, with the last day in time, whether that has passed or not."""
    within = timedelta(days=found.document.terms.destruction.within_days)
    left = dict(found.left)
    if found.state in ENDED and found.document.purposes:
        due = ended_on(found, events, on) + within
        if not found.certificate:
            yield LateDestruction("", due)
        for partner in found.uncertified:
            yield LateDestruction(partner, min(due, left[partner] + within) if partner in left else due)
    elif found.state in (AgreementState.ACTIVE, AgreementState.SUSPENDED):
        for partner in found.uncertified:
            if partner in left:
                yield LateDestruction(partner, left[partner] + within)
