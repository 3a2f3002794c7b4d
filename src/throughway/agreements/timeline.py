"""The steps of an agreement's life, from the draft to the last certificate: done, where it is now, and to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.states import OPEN, OVER, TEXT_ACTS, AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import counted

ENDED = OVER | {AgreementState.EXPIRED}
GONE = frozenset({AgreementState.DESTROYED, AgreementState.CLOSED})


@dataclass(frozen=True)
class TimelineStep:
    """`state`: done, now or next."""

    state: str
    title: str
    when: str


Said = tuple[str, bool, str]  # what, whether it is done, and a word about when


def steps(
    found: AgreementStatus, events: Sequence[LifecycleEvent], blocking: int, names: Mapping[str, str]
) -> list[TimelineStep]:
    """Of one text. `blocking`: how many findings block it."""
    own = [event for event in events if event.version == found.version]
    was_active = any(event.act is AgreementAct.ACTIVATE for event in own)
    ended = found.state in ENDED
    said = [
        *_written(found, own, blocking),
        *(_agreed(found, own) if found.full else ()),
        _signed(found, own),
    ]
    if ended and not was_active:  # it never took effect, and nothing follows
        return [TimelineStep("done", *one) for one in _ended_early(said, own)]
    said.append(
        ("In effect", was_active and (found.in_effect or ended), _in_effect(found, names, was_active))
    )
    said += _end(found, events, ended)
    reached = next((n for n, (_, done, _) in enumerate(said) if not done), len(said))
    # Where nothing is to be done before its last day, no step is marked as waiting.
    waits = not found.in_effect
    return [
        TimelineStep("done" if n < reached else "now" if n == reached and waits else "next", title, when)
        for n, (title, _, when) in enumerate(said)
    ]


def _written(found: AgreementStatus, own: Sequence[LifecycleEvent], blocking: int) -> list[Said]:
    added = next((d.day for d in own if d.act in TEXT_ACTS), None)
    signatures = [d.day for d in own if d.act is AgreementAct.SIGN]
    # One that came with its paper signatures was drafted before it was added here.
    here = added is not None and all(added <= signed_on for signed_on in signatures)
    stopped = found.state in OPEN and blocking > 0
    reviewed = not stopped and found.state is not AgreementState.REVIEW
    cure = f"{blocking} to cure" if stopped else "nothing to cure"
    return [("Drafted", True, day(added) if added and here else "on paper"), ("Reviewed", reviewed, cure)]


def _agreed(found: AgreementStatus, own: Sequence[LifecycleEvent]) -> list[Said]:
    settled = found.state not in (AgreementState.REVIEW, AgreementState.NEGOTIATION)
    agreed = [d.day for d in own if d.act is AgreementAct.AGREE]
    given = [d.day for d in own if d.act is AgreementAct.APPROVE]
    approved = settled and not found.missing
    count = f"{len(found.approved)} of {len(found.approved) + len(found.missing)}"
    return [
        ("Negotiated", settled, day(agreed[-1]) if settled and agreed else "being settled"),
        (
            "Approved",
            approved,
            day(given[-1]) if approved and given else count if settled else "by each party",
        ),
    ]


def _signed(found: AgreementStatus, own: Sequence[LifecycleEvent]) -> Said:
    signatures = [d.day for d in own if d.act is AgreementAct.SIGN]
    have, waiting = len(found.signed_by), len(found.waits_for)
    is_signed = bool(have) and not waiting
    return (
        "Signed",
        is_signed,
        day(max(signatures)) if is_signed and signatures else f"{have} of {have + waiting}",
    )


def _in_effect(found: AgreementStatus, names: Mapping[str, str], was_active: bool) -> str:
    if found.state is AgreementState.SUSPENDED:
        return f"suspended by {listed(partner_labels(found.suspended_by, names))}"
    return f"{'since' if was_active else 'from'} {day(found.document.terms.effective)}"


def _end(found: AgreementStatus, events: Sequence[LifecycleEvent], ended: bool) -> list[Said]:
    closed = [d.day for d in events if d.act is AgreementAct.TERMINATE]
    last = [d.day for d in events if d.act in (AgreementAct.DESTROY, AgreementAct.CERTIFY)]
    gone = found.state in GONE and bool(last)
    within = f"within {counted(found.document.terms.destruction.within_days, 'day')}"
    return [
        (
            "Ended" if ended else "Ends",
            ended,
            day(closed[-1] if closed and ended else found.document.terms.expires),
        ),
        ("Data destroyed", gone, day(max(last)) if gone else within),
        *(
            [("Closed", found.state is AgreementState.CLOSED, _day_of(events, AgreementAct.CLOSE))]
            if gone
            else []
        ),
    ]


def _ended_early(said: Sequence[Said], own: Sequence[LifecycleEvent]) -> list[tuple[str, str]]:
    done = [(title, when) for title, is_done, when in said if is_done]
    return [*done, ("Ended", _day_of(own, AgreementAct.TERMINATE) or "before it took effect")]


def _day_of(events: Sequence[LifecycleEvent], act: AgreementAct) -> str:
    return next((day(d.day) for d in events if d.act is act), "")
