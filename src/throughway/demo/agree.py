"""Riverbend's agreements are brought to their states, each by the acts of those who may: signed, in effect, ended."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

from throughway.demo.cast import ACTIVATORS, LAKESIDE, OFFICER, PAGES, PEOPLE, email
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


# All others are in effect.
FATES = {
    "tutoring-study-license": Fate.WAITING,
    "referral-outcomes": Fate.SIGNED,
    "college-aid": Fate.SIGNED,  # its first day is still to come
    "bus-routes": Fate.EXPIRED,
    "next-step-advising": Fate.SUSPENDED,
    "river-flood": Fate.ENDED,
}
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
        document = actions.add(text=text, by=OPERATOR).document
        fate = FATES.get(document.id, Fate.IN_EFFECT)
        _sign(document.id, document.partners, document.terms.effective, today)
        _follow(document.id, fate, document.partners, document.terms.effective)
        say(f"  {document.id} {fate}")


def _draft(name: str, text: str, say: Say) -> None:
    """What the review says of a draft; one that can be read is added, the other stays a file."""
    from throughway.agreements import actions
    from throughway.agreements.reading import reviewed

    blocking = [finding for finding in reviewed(text) if finding.blocks]
    say(f"  {name} is blocked by {len(blocking)} findings; the first: {blocking[0].message}")
    if not any(finding.id.startswith("D") for finding in blocking):
        actions.add(text=text, by=OPERATOR)


def _sign(id: str, parties: Sequence[str], effective: date, today: date) -> None:
    """Each party in its turn, some weeks before the first day."""
    from throughway.agreements import actions
    from throughway.partners.reading import actor

    leaders = {person.partner: person.email for person in PEOPLE if person.role == "leader"}
    for position, partner in enumerate(parties):
        day = min(today, effective - timedelta(days=40 - 3 * position))
        if MISSING.get(id) != partner:
            actions.sign(id=id, by=actor(leaders[partner]), on=day)


def _follow(id: str, fate: Fate, parties: Sequence[str], effective: date) -> None:
    from throughway.agreements import actions
    from throughway.partners.reading import actor

    if fate in (Fate.WAITING, Fate.SIGNED):
        return
    activator = next(a for address in ACTIVATORS if (a := actor(address)).partner in parties)
    actions.activate(id=id, by=activator, on=effective)
    if fate is Fate.SUSPENDED:
        actions.suspend(id=id, by=actor(email("superintendent", LAKESIDE)), reason=LOST_LAPTOP)
    elif fate is Fate.ENDED:
        actions.terminate(id=id, by=actor(OFFICER), reason=FLOOD_OVER)
