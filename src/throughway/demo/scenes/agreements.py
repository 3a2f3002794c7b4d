"""Brings Riverbend's agreements to their states by authorized users: signed, in effect, ended, renewed, negotiated, drafted."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from throughway.agreements import actions
from throughway.agreements.document import document_values, read_document
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.selectors import one, reviewed
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import day as day_text
from throughway.demo.feeds import LOADS
from throughway.demo.feeds.surveys import INCIDENTS
from throughway.demo.feeds.surveys import VOTES as BALLOTS
from throughway.demo.loading import load_one
from throughway.demo.partners import (
    ACTIVATORS,
    BACKBONE,
    BRIGHT,
    COLLEGE_ACCESS,
    LAKESIDE,
    LEADERS,
    OFFICER,
    PAGES,
    PARTNERS,
    PRESIDENT,
    REGISTRAR,
    RIVERBEND,
    STEWARD,
    Say,
    email,
)
from throughway.demo.scenes.governing import board_approves
from throughway.destruction.actions.orders import destroy
from throughway.identity.actions.linking import link
from throughway.negotiation.actions import accept, comment, propose, refuse
from throughway.negotiation.drafting.actions import begin
from throughway.paper import PaperHeading, PaperSignature, SignatureBlock, typeset
from throughway.partners.actor import OPERATOR
from throughway.partners.selectors import actor
from throughway.partners.signatories.actions import agree_to_signatory, register_signatory
from throughway.partners.signatories.signatory import AuthorityKind
from throughway.vocabulary.school_calendar import school_year_of

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


# All others are in effect. `end_two` puts the last two into effect, and ends them.
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
# Who began it; the operator added all others.
AUTHORS = {"summer-bridge-attendance": LEADERS[COLLEGE_ACCESS], "tutoring-progress": LEADERS[PAGES]}
MISSING = {"tutoring-study-license": PAGES}  # who has not signed yet
LOST_LAPTOP = (
    "A laptop with transcripts was lost; suspended until Next Step shows that its devices are encrypted."
)
FLOOD_OVER = "The water has gone down and the families are housed, so the emergency is over (34 CFR 99.36)."


def sign_all(folder: Path, today: date, say: Say) -> None:
    """Adds every document of the folder, and signs and activates it according to its fate; a blocking finding prevents that."""
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
    document, _ = read_document(text)
    assert document is not None
    return document.id


def _prepare(text: str, fate: Fate) -> None:
    """Takes the full process as the author: offered, and settled if it waits for approvals."""
    id = _id_of(text)
    author = actor(AUTHORS[id])
    actions.add(text=text, by=author)
    actions.submit(id=id, by=author)
    actions.offer(id=id, by=author)
    if fate is Fate.APPROVAL:
        actions.agree(id=id, by=author)


def _draft(name: str, text: str, say: Say) -> None:
    """Reports the review of a draft; a readable draft is added, an unreadable one stays a file."""
    blocking = [finding for finding in reviewed(text) if finding.blocks]
    say(f"  {name} is blocked by {len(blocking)} findings; the first: {blocking[0].message}")
    if not any(finding.id.startswith("D") for finding in blocking):
        actions.add(text=text, by=OPERATOR)


def _sign(found: AgreementStatus, today: date) -> None:
    """Each party signs in turn, some weeks before the first day: on paper if that was before today, else on the site."""
    document, names = found.document, {partner.id: partner.name for partner in PARTNERS}
    days = {
        partner: min(today, document.terms.effective - timedelta(days=40 - 3 * position))
        for position, partner in enumerate(document.partners)
        if MISSING.get(document.id) != partner
    }
    offices = {party.partner: party.signatory for party in document.parties if party.signatory}
    given = [
        PaperSignature(names[partner], offices[partner].title, offices[partner].authority, f"Signed by hand on {day_text(day)}.")
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
    if fate in {Fate.WAITING, Fate.SIGNED} | ENDS:
        return
    activator = next(a for address in ACTIVATORS if (a := actor(address)).partner in parties)
    actions.activate(id=id, by=activator, on=effective)
    if fate is Fate.SUSPENDED:
        actions.suspend(id=id, by=actor(email("superintendent", LAKESIDE)), reason=LOST_LAPTOP)
    elif fate is Fate.ENDED:
        actions.terminate(id=id, by=actor(OFFICER), reason=FLOOD_OVER)


PILOT, VOTES = "restorative-circles", "book-votes"
PILOT_OVER = "The pilot has shown what it was to show; from now on the schools' own staff lead the circles."
CHOSEN = "The books of the next year are chosen."


def end_two(folder: Path, say: Say) -> None:
    """Activates two small agreements, loads their records and ends them: the data stored under them is destroyed. One is closed; for the
    other one recipient must still certify."""
    for id, name, address, reason in (
        (PILOT, INCIDENTS, OFFICER, PILOT_OVER),
        (VOTES, BALLOTS, STEWARD, CHOSEN),
    ):
        actions.activate(id=id, by=actor(address), on=one(id).document.terms.effective)
        [feed] = [feed for feed in LOADS if feed[1] == name]
        load_one(folder, *feed, say)
        _end(id, address, reason, say)
    link(full=False, by=OPERATOR)  # the linkage state was destroyed with the records, and look-ups need it
    actions.close(id=VOTES, by=actor(STEWARD))
    say(f"  {VOTES} is closed; {PILOT} waits for the certificate of one recipient")


def _end(id: str, address: str, reason: str, say: Say) -> None:
    """Ended by one party; destroyed and certified by the backbone, which housed the records and read them."""
    steward = actor(STEWARD)
    actions.terminate(id=id, by=actor(address), reason=reason)
    actions.wind_down(id=id, by=actor(address))
    certificate = destroy(agreement=id, by=steward)
    say(f"  {id} has ended; what was stored under it is destroyed, certificate {certificate.id}")
    actions.certify(
        id=id, by=steward, copies="One workbook of counts, without students; no copy of a record was made.",
        method="Deleted, and the disk's free space overwritten (NIST SP 800-88 purge).",
    )  # fmt: skip


NEGOTIATED = "summer-bridge-attendance"
NEXT_STEP, FORWARD = LEADERS[COLLEGE_ACCESS], LEADERS[BACKBONE]
NOTES = {
    "element": "service_received.service_notes", "from": ["next-step"], "purposes": ["bridge-to-fall"],
    "necessity": "Counselors would know what was talked about",
}  # fmt: skip
HOURS = {
    "element": "service_received.service_quantity", "from": ["next-step"], "purposes": ["bridge-to-fall"],
    "necessity": "Who came for an hour and who came for the day need different help in fall",
}  # fmt: skip


def negotiate(say: Say) -> None:
    """`summer-bridge-attendance`: one proposal accepted, one refused, two open."""
    taken = _propose("terms.destruction.within_days", 60, OFFICER,
                     "All our agreements say 60 days; nobody here would keep a list of summer longer.")  # fmt: skip
    for address in (REGISTRAR, FORWARD, NEXT_STEP):
        accept(proposal=taken, by=actor(address))
    _refuse_one()
    first = _propose("terms.breach_notice_hours", 24, REGISTRAR,
                     "Our board asks for 24 hours since a laptop was lost in spring.")  # fmt: skip
    accept(proposal=first, by=actor(OFFICER))
    second = _propose("schedule", HOURS, OFFICER,
                      "A counselor who sees days alone takes a short visit for a whole one.")  # fmt: skip
    _talk(second)
    say(f"  {NEGOTIATED}: one proposal taken, one refused, two open")


def _refuse_one() -> None:
    asked = _propose("schedule", NOTES, REGISTRAR, "Then our counselors need not ask the student again.")
    refuse(
        proposal=asked, by=actor(NEXT_STEP),
        why="Advisers write notes for themselves, and students were told so. Days and hours tell what a school needs.",
    )  # fmt: skip


def _talk(proposal: int) -> None:
    for address, text in (
        (NEXT_STEP, "We note hours only since last summer. For earlier years this would be empty."),
        (OFFICER, "The records in scope are those of the coming summer, so that does no harm."),
        (STEWARD, "Hours come in with the sessions that we already load; nothing new has to be sent."),
    ):
        comment(id=NEGOTIATED, proposal=proposal, text=text, by=actor(address))


def _propose(path: str, value: Any, address: str, why: str) -> int:
    version = one(NEGOTIATED).version
    return propose(id=NEGOTIATED, version=version, path=path, value=value, why=why, by=actor(address)).number


RENEWED, AMENDED = "foster-care-education", "district-transfers"
ATTENDANCE = {
    "element": "attendance_day.*", "purposes": ["enrollment-transfer"],
    "necessity": "A student who missed much in the old school is looked after from the first day",
}  # fmt: skip


def change_two(today: date, say: Say) -> None:
    """One agreement in effect was renewed; an amendment of another waits for its last signature."""
    _renew(date(school_year_of(today) + 1, 6, 30))
    _amend()
    say(f"  {RENEWED} was renewed; an amendment of {AMENDED} waits for one signature")


def _renew(until: date) -> None:
    parties = actions.renew(id=RENEWED, until=until, by=actor(OFFICER)).document.partners
    for partner in parties:
        actions.sign(id=RENEWED, by=actor(LEADERS[partner]))
    actions.activate(id=RENEWED, by=actor(OFFICER))


def _amend() -> None:
    """Attendance follows a student too, and each district may leave with notice. Riverbend Schools has still to sign."""
    values: dict[str, Any] = document_values(one(AMENDED).signed_text)
    values["schedule"] = [*values["schedule"], ATTENDANCE]
    values["terms"] = values["terms"] | {"exit_notice_days": 30}
    actions.amend(id=AMENDED, text=as_yaml(values), by=actor(REGISTRAR))
    for address in (LEADERS[LAKESIDE], LEADERS[BACKBONE]):
        actions.sign(id=AMENDED, by=actor(address))


APPROVED = "tutoring-progress"
# Where nobody has the role, the leader approves instead.
APPROVALS = (
    (LEADERS[PAGES], "steward"),
    (LEADERS[PAGES], "privacy_officer"),
    (STEWARD, "steward"),
    (LEADERS[BACKBONE], "privacy_officer"),
    (LEADERS[RIVERBEND], "steward"),
)


def approve(today: date, say: Say) -> None:
    """`tutoring-progress` is settled and approved by all but one: the privacy officer of Riverbend Schools."""
    for address, capacity in APPROVALS:
        actions.approve(id=APPROVED, capacity=capacity, by=actor(address))
    held = today - timedelta(days=6)
    reading = "Reading levels for the tutors of students whose families agreed"
    board_approves(APPROVED, reading, held=held, today=today)
    # Riverbend Schools signs the amendment next, and its board is here.
    board_approves(AMENDED, "Attendance follows a student who changes district", held=held, today=today)
    [missing] = one(APPROVED).missing
    say(f"  {APPROVED} is approved by all but the {missing.capacity.replace('_', ' ')} of {missing.partner}")


def register_who_signs(say: Say) -> None:
    """Riverbend Schools registers its superintendent: the privacy officer asks, and the president of the board agrees."""
    register_signatory(
        email=LEADERS[RIVERBEND], name="Dana Diaz", office="Superintendent", authority="Board policy 1450", kind=AuthorityKind.BOARD_VOTE,
        by=actor(OFFICER),
    )  # fmt: skip
    found = agree_to_signatory(email=LEADERS[RIVERBEND], by=actor(PRESIDENT))
    say(f"  {found.partner} registers who signs for it: its {found.office.lower()}, after its board's vote")


DRAFTED = "after-school-services"


def begin_a_draft(today: date, say: Say) -> None:
    """The privacy officer of Riverbend Schools has begun an agreement on services and data, and has not finished it."""
    year = school_year_of(today)
    [homework, _] = one("riverbend-casework").document.services
    begun = begin(
        chosen="youth-collaborative", id=DRAFTED, by=actor(OFFICER),
        title="After-school programs at four schools, and the records that help to run them",
        parties={"school": [RIVERBEND], "collaborative": [BRIGHT], "keeper": [BACKBONE]},
        effective=date(year, 7, 1), expires=date(year + 2, 6, 30),
        answers={"notice": f"Annual notice {year - 1} section 3", "program": homework.program, "seats": homework.seats},
    )  # fmt: skip
    say(f"  {DRAFTED} is a draft of Riverbend Schools, half finished (draft {begun.number})")
