"""Where an agreement stands, in words: its tag, what holds it, and how urgent it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.approvals import Capacity
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.states import OPEN, OVER, AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import counted

ENDS_SOON = 90  # days


@dataclass(frozen=True)
class Tag:
    """`kind` is one of the look's: ok, wait, warn, stop, tip, past."""

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
CAPACITY_WORDS: Mapping[Capacity, str] = {
    Capacity.STEWARD: "data steward",
    Capacity.PRIVACY_OFFICER: "privacy officer",
    Capacity.COUNSEL: "counsel",
    Capacity.BOARD: "board",
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
    """What keeps it from being in effect, or soon will; empty when nothing does."""
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
        return f"Suspended by {listed(partner_labels(found.suspended_by, names))}; nothing passes under it."
    if found.in_effect and lacking:
        return "The agreement above it is not in effect, so nothing passes under it."
    if found.in_effect and (left := _days_left(found, on)) <= ENDS_SOON:
        return "Today is its last day." if left == 0 else f"It ends in {counted(left, 'day')}."
    if found.state is AgreementState.NOT_YET_EFFECTIVE:
        return f"It takes effect on {day(terms.effective)}."
    if found.state is AgreementState.WINDING_DOWN:
        certifying = f"{listed(partner_labels(found.uncertified, names))} must still certify what became of the records."
        return certifying if found.uncertified else "What is stored here must still be destroyed."
    return HELD.get(found.state, "")


HELD: Mapping[AgreementState, str] = {
    AgreementState.REVIEW: "It is held against the law before the other parties are asked.",
    AgreementState.NEGOTIATION: "Its parties are settling the text.",
    AgreementState.DESTROYED: "Everything is destroyed and certified. It can be closed.",
}


def _missing(found: AgreementStatus, names: Mapping[str, str]) -> list[str]:
    """Riverbend Schools (data steward, board)"""
    said: dict[str, list[str]] = {}
    for need in found.missing:
        said.setdefault(need.partner, []).append(CAPACITY_WORDS[need.capacity])
    return [
        f"{names.get(partner, partner)} ({', '.join(capacities)})" for partner, capacities in said.items()
    ]


def urgency(
    found: AgreementStatus, blocking: int, lacking: Sequence[str], reader_may_act: bool, on: date
) -> int:
    """Smallest first: what waits for the reader, what is stopped, what waits for others, what ends soon, the rest."""
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
