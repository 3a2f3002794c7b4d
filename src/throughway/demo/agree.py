"""Riverbend's agreements are brought to their states, each by the acts of those who may: signed, in effect, ended."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from throughway.agreements.status import AgreementStatus
from throughway.core.prose import day as said
from throughway.demo.cast import (
    ACTIVATORS,
    COLLEGE_ACCESS,
    LAKESIDE,
    LEADERS,
    OFFICER,
    PAGES,
    PARTNERS,
    email,
)
from throughway.paper import PaperHeading, PaperSignature, SignatureBlock, typeset
from throughway.partners.actor import OPERATOR

Say = Callable[[str], None]

DRAFT = "draft-"  # how the file of a paper begins that is not ready to be signed


class Fate(StrEnum):
    """What has happened to an agreement by the day of the demonstration."""

    IN_EFFECT = "is in effect"
    WAITING = "waits for one signature"
    SIGNED = "is signed by all, and not yet in effect"
    EXPIRED = "has run out"
    SUSPENDED = "is suspended by one discloser"
    ENDED = "was ended"
    NEGOTIATION = "is being negotiated"
    APPROVAL = "is settled, and waits for approvals"
    WINDING_DOWN = "is being wound down"
    CLOSED = "is closed"


# All others are in effect. The last two are put into effect, and end, in `scenes/ending.py`.
FATES = {
    "tutoring-study-license": Fate.WAITING,
    "referral-outcomes": Fate.SIGNED,
    "college-aid": Fate.SIGNED,  # its first day is still to come
    "bus-routes": Fate.EXPIRED,
    "next-step-advising": Fate.SUSPENDED,
    "river-flood": Fate.ENDED,
    "summer-bridge-attendance": Fate.NEGOTIATION,
    "tutoring-progress": Fate.APPROVAL,
    "restorative-circles": Fate.WINDING_DOWN,
    "book-votes": Fate.CLOSED,
}
ENDS = {Fate.WINDING_DOWN, Fate.CLOSED}
PREPARED = {Fate.NEGOTIATION, Fate.APPROVAL}
# Whose people began it; the operator brought all others along.
AUTHORS = {"summer-bridge-attendance": LEADERS[COLLEGE_ACCESS], "tutoring-progress": LEADERS[PAGES]}
MISSING = {"tutoring-study-license": PAGES}  # who has not signed yet
LOST_LAPTOP = (
    "A laptop with transcripts was lost; suspended until Next Step shows that its devices are encrypted."
)
FLOOD_OVER = "The water has gone down and the families are housed, so the emergency is over (34 CFR 99.36)."


def agree(folder: Path, today: date, say: Say) -> None:
    """Adds every paper of the folder, and lets it be signed, which a blocking finding forbids, and put into effect as its
    fate is."""
    from throughway.agreements import actions

    for paper in sorted((folder / "agreements").glob("*.yaml")):
        text = paper.read_text(encoding="utf-8")
        if paper.name.startswith(DRAFT):
            _draft(paper.stem, text, say)
            continue
        fate = FATES.get(_id_of(text), Fate.IN_EFFECT)
        if fate in PREPARED:
            _prepare(text, fate)
        else:
            added = actions.add(text=text, by=OPERATOR)
            document = added.document
            _sign(added, today)
            _follow(document.id, fate, document.partners, document.terms.effective)
        say(f"  {_id_of(text)} {fate if fate not in ENDS else Fate.SIGNED}")


def _id_of(text: str) -> str:
    from throughway.agreements.document import read_document

    document, _ = read_document(text)
    assert document is not None
    return document.id


def _prepare(text: str, fate: Fate) -> None:
    """The long way, by its author: offered, and settled where it waits for approvals."""
    from throughway.agreements import actions
    from throughway.partners.selectors import actor

    id = _id_of(text)
    author = actor(AUTHORS[id])
    actions.add(text=text, by=author)
    actions.submit(id=id, by=author)
    actions.offer(id=id, by=author)
    if fate is Fate.APPROVAL:
        actions.agree(id=id, by=author)


def _draft(name: str, text: str, say: Say) -> None:
    """What the review says of a draft; one that can be read is added, the other stays a file."""
    from throughway.agreements import actions
    from throughway.agreements.selectors import reviewed

    blocking = [finding for finding in reviewed(text) if finding.blocks]
    say(f"  {name} is blocked by {len(blocking)} findings; the first: {blocking[0].message}")
    if not any(finding.id.startswith("D") for finding in blocking):
        actions.add(text=text, by=OPERATOR)


def _sign(found: AgreementStatus, today: date) -> None:
    """Each party in its turn, some weeks before the first day: on one paper where that was before today, else by the operator's
    word."""
    from throughway.agreements import actions
    from throughway.partners.selectors import actor

    document, names = found.document, {partner.id: partner.name for partner in PARTNERS}
    days = {
        partner: min(today, document.terms.effective - timedelta(days=40 - 3 * position))
        for position, partner in enumerate(document.partners)
        if MISSING.get(document.id) != partner
    }
    offices = {party.partner: party.signatory for party in document.parties if party.signatory}
    given = [
        PaperSignature(names[partner], offices[partner].title, offices[partner].authority, f"Signed by hand on {said(day)}.")
        for partner, day in days.items()
        if day < today
    ]  # fmt: skip
    statement = f"Each party signs this text and no other: SHA-256 {found.version}."
    block = SignatureBlock(tuple(given), statement=statement)
    paper = typeset(
        title=document.title, blocks=(PaperHeading("Signatures"), block), fingerprint=found.version
    )
    for partner, day in days.items():
        if day < today:
            title = offices[partner].title
            actions.sign_on_paper(
                id=document.id, by=OPERATOR, party=partner, paper=paper, signer=f"the {title} of {names[partner]}", title=title,
                on=day,
            )  # fmt: skip
        else:
            actions.sign(id=document.id, by=actor(LEADERS[partner]))


def _follow(id: str, fate: Fate, parties: Sequence[str], effective: date) -> None:
    from throughway.agreements import actions
    from throughway.partners.selectors import actor

    if fate in {Fate.WAITING, Fate.SIGNED} | ENDS:
        return
    activator = next(a for address in ACTIVATORS if (a := actor(address)).partner in parties)
    actions.activate(id=id, by=activator, on=effective)
    if fate is Fate.SUSPENDED:
        actions.suspend(id=id, by=actor(email("superintendent", LAKESIDE)), reason=LOST_LAPTOP)
    elif fate is Fate.ENDED:
        actions.terminate(id=id, by=actor(OFFICER), reason=FLOOD_OVER)
