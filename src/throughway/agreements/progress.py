"""Where an agreement stands, in words: its tag, what holds it, its steps, and what the reader may do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from throughway.agreements import permissions
from throughway.agreements.lifecycle import OPEN, Act, Standing, State, may
from throughway.agreements.naming import called, day, listed
from throughway.partners import Actor

ENDS_SOON = 90  # days


@dataclass(frozen=True)
class Tag:
    """`kind` is one of the look's: ok, wait, warn, stop, tip, past."""

    kind: str
    words: str


TAGS: Mapping[State, Tag] = {
    State.DRAFT: Tag("tip", "draft"),
    State.PARTLY_SIGNED: Tag("wait", "waits for signatures"),
    State.SIGNED: Tag("wait", "signed, not yet in effect"),
    State.NOT_YET_EFFECTIVE: Tag("wait", "begins later"),
    State.ACTIVE: Tag("ok", "in effect"),
    State.SUSPENDED: Tag("warn", "suspended"),
    State.EXPIRED: Tag("past", "expired"),
    State.TERMINATED: Tag("past", "ended"),
}


@dataclass(frozen=True)
class Step:
    """`state`: done, now or next."""

    state: str
    title: str
    when: str


@dataclass(frozen=True)
class Deed:
    """One act as the record keeps it, for those who read the history. `partner` is None for the operator. `details`: what
    the act says beside, such as the office that signed."""

    act: Act
    day: date
    version: str
    partner: str | None
    role: str
    by: str
    why: str
    details: Mapping[str, str] = field(default_factory=dict)


def must_be_cured(blocking: int) -> str:
    return f"{blocking} thing{'s' if blocking != 1 else ''} must be cured before anyone can sign."


def tag(found: Standing, blocking: int, lacking: Sequence[str], on: date) -> Tag:
    """`lacking`: why a tier above it is not in effect."""
    if found.state in OPEN and blocking:
        return Tag("stop", "stopped at review")
    if found.in_effect and lacking:
        return Tag("stop", "held by the agreement above it")
    if found.in_effect and _days_left(found, on) <= ENDS_SOON:
        return Tag("warn", "in effect, ends soon")
    return TAGS[found.state]


def held_by(
    found: Standing, blocking: int, lacking: Sequence[str], names: Mapping[str, str], on: date
) -> str:
    """What keeps it from being in effect, or soon will; empty when nothing does."""
    terms = found.document.terms
    if found.state in OPEN and blocking:
        return must_be_cured(blocking)
    if found.state in (State.DRAFT, State.PARTLY_SIGNED):
        waiting = called((p for p in found.document.partners if p not in found.signed_by), names)
        return f"{listed(waiting)} must still sign."
    if found.state is State.SIGNED:
        if on < terms.effective:
            return f"Every party has signed. It can take effect on {day(terms.effective)}."
        return "Every party has signed. A data steward or privacy officer of a party puts it into effect."
    if found.state is State.SUSPENDED:
        return f"Suspended by {listed(called(found.suspended_by, names))}; nothing passes under it."
    if found.in_effect and lacking:
        return "The agreement above it is not in effect, so nothing passes under it."
    if found.in_effect and (left := _days_left(found, on)) <= ENDS_SOON:
        return "Today is its last day." if left == 0 else f"It ends in {left} day{'s' if left != 1 else ''}."
    if found.state is State.NOT_YET_EFFECTIVE:
        return f"It takes effect on {day(terms.effective)}."
    return ""


def urgency(found: Standing, blocking: int, lacking: Sequence[str], reader_may_act: bool, on: date) -> int:
    """Smallest first: what waits for the reader, what is stopped, what waits for others, what ends soon, the rest."""
    if found.state in (State.EXPIRED, State.TERMINATED):
        return 6
    if reader_may_act:
        return 0
    if found.state is State.SUSPENDED or lacking or (blocking and found.state in OPEN):
        return 1
    if found.state in OPEN:
        return 2
    if found.in_effect and _days_left(found, on) <= ENDS_SOON:
        return 3
    return 4 if found.in_effect else 5


def steps(found: Standing, deeds: Sequence[Deed], blocking: int, names: Mapping[str, str]) -> list[Step]:
    """Drafted, reviewed, signed, in effect, ended, destroyed: done, where it is now, and to come."""
    own = [deed for deed in deeds if deed.version == found.version]
    first = {act: next((d.day for d in own if d.act is act), None) for act in Act}
    signatures = [d.day for d in own if d.act is Act.SIGN]
    added, closed = first[Act.ADD], first[Act.TERMINATE]
    # One that came with its paper signatures was drafted before it was added here.
    drafted = added is not None and all(added <= signed_on for signed_on in signatures)
    parties, signed = found.document.partners, len(found.signed_by)
    was_active = first[Act.ACTIVATE] is not None
    ended = found.state in (State.EXPIRED, State.TERMINATED)
    stopped = found.state in OPEN and blocking > 0
    all_signed = signed == len(parties)
    said = [
        ("Drafted", True, day(added) if added and drafted else "on paper"),
        ("Reviewed", not stopped, f"{blocking} to cure" if stopped else "nothing to cure"),
        (
            "Signed",
            all_signed,
            day(max(signatures)) if all_signed and signatures else f"{signed} of {len(parties)}",
        ),
        ("In effect", was_active and (found.in_effect or ended), _in_effect(found, names, was_active)),
        ("Ended" if ended else "Ends", ended, day(closed or found.document.terms.expires)),
        ("Data destroyed", False, f"within {found.document.terms.destruction.within_days} days"),
    ]
    reached = next(n for n, (_, done, _) in enumerate(said) if not done)
    # Where nothing is to be done before its last day, no step is marked as waiting.
    waits = not (found.in_effect or ended)
    return [
        Step("done" if n < reached else "now" if n == reached and waits else "next", title, when)
        for n, (title, _, when) in enumerate(said)
    ]


def _in_effect(found: Standing, names: Mapping[str, str], was_active: bool) -> str:
    if found.state is State.SUSPENDED:
        return f"suspended by {listed(called(found.suspended_by, names))}"
    return f"{'since' if was_active else 'from'} {day(found.document.terms.effective)}"


def acts(actor: Actor, found: Standing, blocking: int, on: date) -> tuple[Act, ...]:
    """What the reader may do with the agreement today, the one that moves it on first."""
    document, terms = found.document, found.document.terms
    possible = {
        Act.SIGN: not blocking
        and actor.partner not in found.signed_by
        and permissions.can_sign(actor, document),
        Act.ACTIVATE: not blocking
        and terms.effective <= on <= terms.expires
        and permissions.can_activate(actor, document),
        Act.RESUME: permissions.can_resume(actor, document, found.suspended_by),
        Act.SUSPEND: actor.partner not in found.suspended_by and permissions.can_suspend(actor, document),
        Act.TERMINATE: permissions.can_terminate(actor, document),
    }
    return tuple(act for act, can in possible.items() if can and may(found.state, act))


def moves_on(act: Act) -> bool:
    """Whether the act brings the agreement nearer to being in effect, and so is the next step of who may do it."""
    return act in (Act.SIGN, Act.ACTIVATE, Act.RESUME)


def _days_left(found: Standing, on: date) -> int:
    return (found.document.terms.expires - on).days
