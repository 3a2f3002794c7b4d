"""The status of an agreement in words: its tag, what it waits for, its urgency, the steps of its life, and its parties, approvals,
signatures and certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.approvals import CAPACITY_WORDS
from throughway.agreements.labels import day, listed, partner_labels, roles_in_words
from throughway.agreements.signatures import OPERATORS_WORD, given_of, on_operators_word
from throughway.agreements.states import OPEN, OVER, TEXT_ACTS, AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import capital, counted

ENDS_SOON = 90  # days


@dataclass(frozen=True)
class Tag:
    """`kind`: one of the style sheet's ok, wait, warn, stop, tip, past."""

    kind: str
    words: str


TAGS: Mapping[AgreementState, Tag] = {
    AgreementState.DRAFT: Tag("tip", "draft"),
    AgreementState.REVIEW: Tag("tip", "under review"),
    AgreementState.NEGOTIATION: Tag("wait", "in negotiation"),
    AgreementState.APPROVAL: Tag("wait", "waits for approvals"),
    AgreementState.APPROVED: Tag("wait", "approved, to be signed"),
    AgreementState.PARTLY_SIGNED: Tag("wait", "waits for signatures"),
    AgreementState.SIGNED: Tag("wait", "signed, not yet in effect"),
    AgreementState.NOT_YET_EFFECTIVE: Tag("wait", "begins later"),
    AgreementState.ACTIVE: Tag("ok", "in effect"),
    AgreementState.SUSPENDED: Tag("warn", "suspended"),
    AgreementState.EXPIRED: Tag("past", "expired"),
    AgreementState.TERMINATED: Tag("past", "ended"),
    AgreementState.AMENDED: Tag("past", "replaced by a later text"),
    AgreementState.WINDING_DOWN: Tag("warn", "winding down"),
    AgreementState.DESTROYED: Tag("past", "destroyed, to be closed"),
    AgreementState.CLOSED: Tag("past", "closed"),
}


def must_be_cured(blocking: int) -> str:
    return f"{counted(blocking, 'thing')} must be cured before anyone can sign."


def tag(found: AgreementStatus, blocking: int, lacking: Sequence[str], on: date) -> Tag:
    """`lacking`: why a tier above it is not in effect."""
    if found.state in OPEN and blocking:
        return Tag("stop", "stopped at review")
    if found.in_effect and lacking:
        return Tag("stop", "held by the agreement above it")
    if found.in_effect and _days_left(found, on) <= ENDS_SOON:
        return Tag("warn", "in effect, ends soon")
    return TAGS[found.state]


def waiting_on(
    found: AgreementStatus, blocking: int, lacking: Sequence[str], names: Mapping[str, str], on: date
) -> str:
    """What prevents the agreement from being in effect, or soon will; empty when nothing does."""
    terms = found.document.terms
    if found.state in OPEN and blocking:
        return must_be_cured(blocking)
    if found.state in (AgreementState.DRAFT, AgreementState.APPROVED, AgreementState.PARTLY_SIGNED):
        return f"{listed(partner_labels(found.waits_for, names))} must still sign."
    if found.state is AgreementState.APPROVAL:
        return f"{listed(_missing(found, names))} must still approve."
    if found.state is AgreementState.SIGNED:
        if on < terms.effective:
            return f"Every party has signed. It can take effect on {day(terms.effective)}."
        return "Every party has signed. A data steward or privacy officer of a party puts it into effect."
    if found.state is AgreementState.SUSPENDED:
        return (
            f"Suspended by {listed(partner_labels(found.suspended_by, names))}; nothing is shared under it."
        )
    if found.in_effect and lacking:
        return "The agreement above it is not in effect, so nothing is shared under it."
    if found.in_effect and (left := _days_left(found, on)) <= ENDS_SOON:
        return "Today is its last day." if left == 0 else f"It ends in {counted(left, 'day')}."
    if found.state is AgreementState.NOT_YET_EFFECTIVE:
        return f"It takes effect on {day(terms.effective)}."
    if found.state is AgreementState.WINDING_DOWN:
        certifying = f"{listed(partner_labels(found.uncertified, names))} must still certify what happened to the records."
        return certifying if found.uncertified else "What is stored here must still be destroyed."
    return HELD.get(found.state, "")


HELD: Mapping[AgreementState, str] = {
    AgreementState.REVIEW: "It is checked against the law before the other parties are asked.",
    AgreementState.NEGOTIATION: "Its parties are settling the text.",
    AgreementState.DESTROYED: "Everything is destroyed and certified. It can be closed.",
}


def _missing(found: AgreementStatus, names: Mapping[str, str]) -> list[str]:
    """Riverbend Schools (data steward, board)"""
    capacities_of: dict[str, list[str]] = {}
    for need in found.missing:
        capacities_of.setdefault(need.partner, []).append(CAPACITY_WORDS[need.capacity])
    return [
        f"{names.get(partner, partner)} ({', '.join(capacities)})"
        for partner, capacities in capacities_of.items()
    ]


def urgency(
    found: AgreementStatus, blocking: int, lacking: Sequence[str], reader_may_act: bool, on: date
) -> int:
    """Sort key, most urgent first: waiting for the reader, stopped, waiting for others, ending soon, the rest."""
    if found.state in OVER | {AgreementState.EXPIRED}:
        return 3 if reader_may_act else 6
    if reader_may_act:
        return 0
    if found.state is AgreementState.SUSPENDED or lacking or (blocking and found.state in OPEN):
        return 1
    if found.state in OPEN:
        return 2
    if found.in_effect and _days_left(found, on) <= ENDS_SOON:
        return 3
    return 4 if found.in_effect else 5


def _days_left(found: AgreementStatus, on: date) -> int:
    return (found.document.terms.expires - on).days


@dataclass(frozen=True)
class PartyStatusRow:
    """One partner, a short text about it, and its tag (`kind` as in `Tag`). `notes`: further sentences; `paper`: the fingerprint of a
    signed paper."""

    name: str
    words: str
    kind: str
    tag: str
    notes: tuple[str, ...] = ()
    paper: str = ""


def parties(found: AgreementStatus, names: Mapping[str, str]) -> list[PartyStatusRow]:
    """Present and former parties, if any joined, is leaving, left or abstains; otherwise empty, because the text itself names them."""
    joined = {one.partner for one in found.joined}
    leaving, left = dict(found.leaving), dict(found.left)
    rows = []
    for partner in dict.fromkeys((*found.signed_text.partners, *joined)):
        roles = {role for p in found.document.parties if p.partner == partner for role in p.roles}
        tag = ("ok", "party")
        if partner in left:
            tag = ("past", f"left on {day(left[partner])}")
        elif partner in leaving:
            tag = ("warn", f"leaves on {day(leaving[partner])}")
        elif partner in found.abstaining:
            tag = ("wait", "abstains: its records stay out")
        elif partner in joined:
            tag = ("ok", "joined")
        rows.append(PartyStatusRow(names.get(partner, partner), roles_in_words(roles) if roles else "", *tag))
    changed = bool(joined or leaving or left or found.abstaining)
    return rows if changed else []


def approvals(
    found: AgreementStatus, done: Sequence[LifecycleEvent], names: Mapping[str, str]
) -> list[PartyStatusRow]:
    """Each approval given since the text was settled, and each that is missing."""
    events = {
        (d.partner, d.details.get("capacity")): d
        for d in done
        if d.act is AgreementAct.APPROVE and d.version == found.version
    }
    given = [(need, events.get((need.partner, need.capacity.value))) for need in found.approved]
    given_rows = [
        (need, "ok", day(event.day) if event else "approved", _vouched(event) if event else ())
        for need, event in given
    ]
    missing = [(need, "wait", "asked", ()) for need in found.missing]
    return [
        PartyStatusRow(
            names.get(need.partner, need.partner), CAPACITY_WORDS[need.capacity], kind, words, notes
        )
        for need, kind, words, notes in (*given_rows, *missing)
    ]


def _vouched(event: LifecycleEvent) -> tuple[str, ...]:
    """A note where only the operator vouches for the act."""
    return (f"{capital(OPERATORS_WORD)}.",) if on_operators_word(event.details, event.by) else ()


def signatures(
    found: AgreementStatus, done: Sequence[LifecycleEvent], names: Mapping[str, str]
) -> list[PartyStatusRow]:
    """Each party with who signed exactly this text for it, in which office and by what authority, the day, and how the signer was identified."""
    signed = {given.partner: given for given in given_of(done, found.version)}
    rows = []
    for partner in found.document.partners:
        name = names.get(partner, partner)
        if given := signed.get(partner):
            notes = tuple(f"{capital(phrase)}." for phrase in given.known)
            office = ", ".join(filter(None, (given.title, given.authority)))
            words = f"{given.signer}: {office}" if given.signer and office else given.signer or office
            rows.append(PartyStatusRow(name, words, "ok", given.day, notes, given.paper))
        elif partner in found.waits_for:
            rows.append(PartyStatusRow(name, "", "wait", "not signed"))
        else:
            rows.append(PartyStatusRow(name, "", "past", "need not sign"))
    return rows


def certificates(
    found: AgreementStatus, done: Sequence[LifecycleEvent], names: Mapping[str, str]
) -> list[PartyStatusRow]:
    """Once it has ended: who has certified what happened to the records, who has still to, and what is stored here."""
    if found.state in OPEN or (found.state not in OVER and not found.certified):
        return []
    events = {d.partner: d for d in done if d.act is AgreementAct.CERTIFY}
    rows = [
        PartyStatusRow(names.get(p, p), "", "ok", day(events[p].day), _vouched(events[p]))
        for p in found.certified
    ]
    rows += [
        PartyStatusRow(names.get(p, p), "", "wait", "asked") for p in found.uncertified if found.state in OVER
    ]
    if not (found.certified or found.uncertified):
        return []
    here = [day(d.day) for d in done if d.act is AgreementAct.DESTROY]
    stored = ("ok", here[0]) if here else ("wait", "not yet")
    return [*rows, PartyStatusRow("What is stored here", "", *stored)]


ENDED = OVER | {AgreementState.EXPIRED}
GONE = frozenset({AgreementState.DESTROYED, AgreementState.CLOSED})


@dataclass(frozen=True)
class TimelineStep:
    """`state`: done, now or next."""

    state: str
    title: str
    when: str


Said = tuple[str, bool, str]  # what, whether it is done, and a short text about when


def steps(
    found: AgreementStatus, events: Sequence[LifecycleEvent], blocking: int, names: Mapping[str, str]
) -> list[TimelineStep]:
    """The steps of one text. `blocking`: how many findings block it."""
    own = [event for event in events if event.version == found.version]
    was_active = any(event.act is AgreementAct.ACTIVATE for event in own)
    ended = found.state in ENDED
    stages = [
        *_written(found, own, blocking),
        *(_agreed(found, own) if found.full else ()),
        _signing_step(found, own),
    ]
    if ended and not was_active:  # it never took effect, and nothing follows
        return [TimelineStep("done", *one) for one in _ended_early(stages, own)]
    stages.append(
        ("In effect", was_active and (found.in_effect or ended), _in_effect_words(found, names, was_active))
    )
    stages += _end(found, events, ended)
    reached = next((n for n, (_, done, _) in enumerate(stages) if not done), len(stages))
    # Where nothing is due before its last day, no step is marked as waiting.
    waits = not found.in_effect
    return [
        TimelineStep("done" if n < reached else "now" if n == reached and waits else "next", title, when)
        for n, (title, _, when) in enumerate(stages)
    ]


def _written(found: AgreementStatus, own: Sequence[LifecycleEvent], blocking: int) -> list[Said]:
    added = next((d.day for d in own if d.act in TEXT_ACTS), None)
    signatures = [d.day for d in own if d.act is AgreementAct.SIGN]
    # A text entered with its paper signatures was drafted before it was added here.
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


def _signing_step(found: AgreementStatus, own: Sequence[LifecycleEvent]) -> Said:
    signatures = [d.day for d in own if d.act is AgreementAct.SIGN]
    have, waiting = len(found.signed_by), len(found.waits_for)
    is_signed = bool(have) and not waiting
    return (
        "Signed",
        is_signed,
        day(max(signatures)) if is_signed and signatures else f"{have} of {have + waiting}",
    )


def _in_effect_words(found: AgreementStatus, names: Mapping[str, str], was_active: bool) -> str:
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


def _ended_early(stages: Sequence[Said], own: Sequence[LifecycleEvent]) -> list[tuple[str, str]]:
    done = [(title, when) for title, is_done, when in stages if is_done]
    return [*done, ("Ended", _day_of(own, AgreementAct.TERMINATE) or "before it took effect")]


def _day_of(events: Sequence[LifecycleEvent], act: AgreementAct) -> str:
    return next((day(d.day) for d in events if d.act is act), "")
