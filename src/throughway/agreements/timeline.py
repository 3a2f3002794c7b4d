"""The steps of an agreement's life, from the draft to the last certificate: done, where it is now, and to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.labels import called, day, listed
from throughway.agreements.lifecycle import OPEN, OVER, Act, Standing, State
from throughway.agreements.status_summary import Deed
from throughway.core.prose import counted

ENDED = OVER | {State.EXPIRED}
GONE = frozenset({State.DESTROYED, State.CLOSED})


@dataclass(frozen=True)
class Step:
    """`state`: done, now or next."""

    state: str
    title: str
    when: str


Said = tuple[str, bool, str]  # what, whether it is done, and a word about when


def steps(found: Standing, deeds: Sequence[Deed], blocking: int, names: Mapping[str, str]) -> list[Step]:
    """Of one text. `blocking`: how many findings block it."""
    own = [deed for deed in deeds if deed.version == found.version]
    was_active = any(deed.act is Act.ACTIVATE for deed in own)
    ended = found.state in ENDED
    said = [
        *_written(found, own, blocking),
        *(_agreed(found, own) if found.full else ()),
        _signed(found, own),
    ]
    if ended and not was_active:  # it never took effect, and nothing follows
        return [Step("done", *one) for one in _ended_early(said, own)]
    said.append(
        ("In effect", was_active and (found.in_effect or ended), _in_effect(found, names, was_active))
    )
    said += _end(found, deeds, ended)
    reached = next((n for n, (_, done, _) in enumerate(said) if not done), len(said))
    # Where nothing is to be done before its last day, no step is marked as waiting.
    waits = not found.in_effect
    return [
        Step("done" if n < reached else "now" if n == reached and waits else "next", title, when)
        for n, (title, _, when) in enumerate(said)
    ]


def _written(found: Standing, own: Sequence[Deed], blocking: int) -> list[Said]:
    added = next((d.day for d in own if d.act in (Act.ADD, Act.AMEND, Act.RENEW)), None)
    signatures = [d.day for d in own if d.act is Act.SIGN]
    # One that came with its paper signatures was drafted before it was added here.
    here = added is not None and all(added <= signed_on for signed_on in signatures)
    stopped = found.state in OPEN and blocking > 0
    reviewed = not stopped and found.state is not State.REVIEW
    cure = f"{blocking} to cure" if stopped else "nothing to cure"
    return [("Drafted", True, day(added) if added and here else "on paper"), ("Reviewed", reviewed, cure)]


def _agreed(found: Standing, own: Sequence[Deed]) -> list[Said]:
    settled = found.state not in (State.REVIEW, State.NEGOTIATION)
    agreed = [d.day for d in own if d.act is Act.AGREE]
    given = [d.day for d in own if d.act is Act.APPROVE]
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


def _signed(found: Standing, own: Sequence[Deed]) -> Said:
    signatures = [d.day for d in own if d.act is Act.SIGN]
    have, waiting = len(found.signed_by), len(found.waits_for)
    is_signed = bool(have) and not waiting
    return (
        "Signed",
        is_signed,
        day(max(signatures)) if is_signed and signatures else f"{have} of {have + waiting}",
    )


def _in_effect(found: Standing, names: Mapping[str, str], was_active: bool) -> str:
    if found.state is State.SUSPENDED:
        return f"suspended by {listed(called(found.suspended_by, names))}"
    return f"{'since' if was_active else 'from'} {day(found.document.terms.effective)}"


def _end(found: Standing, deeds: Sequence[Deed], ended: bool) -> list[Said]:
    closed = [d.day for d in deeds if d.act is Act.TERMINATE]
    last = [d.day for d in deeds if d.act in (Act.DESTROY, Act.CERTIFY)]
    gone = found.state in GONE and bool(last)
    within = f"within {counted(found.document.terms.destruction.within_days, 'day')}"
    return [
        (
            "Ended" if ended else "Ends",
            ended,
            day(closed[-1] if closed and ended else found.document.terms.expires),
        ),
        ("Data destroyed", gone, day(max(last)) if gone else within),
        *([("Closed", found.state is State.CLOSED, _day_of(deeds, Act.CLOSE))] if gone else []),
    ]


def _ended_early(said: Sequence[Said], own: Sequence[Deed]) -> list[tuple[str, str]]:
    done = [(title, when) for title, is_done, when in said if is_done]
    return [*done, ("Ended", _day_of(own, Act.TERMINATE) or "before it took effect")]


def _day_of(deeds: Sequence[Deed], act: Act) -> str:
    return next((day(d.day) for d in deeds if d.act is act), "")
