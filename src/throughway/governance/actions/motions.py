"""Motions: moved, voted on seat by seat, closed once, by the body's rule."""

from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from throughway.agreements import selectors as agreements
from throughway.agreements.agreement_list import may_see
from throughway.agreements.enums import Tier
from throughway.core.refusals import Refused
from throughway.governance import selectors
from throughway.governance.actions.common import (
    asked_for,
    check_governs,
    locked_body,
    locked_motion,
    record,
    short,
)
from throughway.governance.actions.decision_effects import apply_decision
from throughway.governance.bodies import Body, GovernanceDecision, Motion, Seat
from throughway.governance.enums import MotionKind, MotionResult, VoteChoice
from throughway.governance.models import BodyMeeting, BodyMotion, LoggedDecision, SeatVote
from throughway.governance.permissions import may_govern, not_allowed
from throughway.governance.vote_count import VoteOutcome, outcome
from throughway.partners import Actor
from throughway.partners.selectors import known, own_kind, partners

DAYS_TO_VOTE = 14
HOW_IT_ENDED = {
    MotionResult.PASSED: "it passed",
    MotionResult.FAILED: "it did not pass",
    MotionResult.NO_QUORUM: "there was no quorum",
}
WITHDRAWN = "the request was withdrawn"


@transaction.atomic
def move(
    *,
    body: str,
    kind: str,
    title: str,
    text: str = "",
    meeting: int | None = None,
    agreement: str = "",
    partner: str = "",
    due: date | None = None,
    by: Actor,
) -> Motion:
    """Puts a motion before a body: by whoever holds a seat there, or governs it. A data request is put to the vote instead.

    One about an agreement is about exactly the text that is current now. Refused for what the body does not decide.
    """
    found = locked_body(body)
    seats = selectors.in_office(date.today(), body)
    if not may_govern(by, own_kind(by), found, seats) and all(s.holder != by.email for s in seats):
        raise not_allowed(f"Only who holds a seat in {found.name}, or governs it, moves a motion there.")
    if kind not in set(MotionKind):
        raise Refused(f"{kind!r} is no motion; choose {', '.join(MotionKind)}.", code="unknown_word")
    if kind == MotionKind.GRANT:
        raise Refused("A data request comes to the vote from its own page.", code="from_its_page")
    version = _version(found, MotionKind(kind), agreement, by)
    if kind == MotionKind.ADMIT:
        _check_may_be_admitted(agreement, partner)
    return put(
        found, MotionKind(kind), by, title=title, text=text, meeting=meeting, agreement=agreement if version else "",
        version=version, partner=partner if kind == MotionKind.ADMIT else "", due=due,
    )  # fmt: skip


def put(
    body: Body,
    kind: MotionKind,
    by: Actor,
    *,
    title: str,
    text: str = "",
    meeting: int | None = None,
    agreement: str = "",
    version: str = "",
    partner: str = "",
    request: int | None = None,
    due: date | None = None,
) -> Motion:
    """Writes the motion, within the caller's transaction; who may was asked before."""
    if kind not in body.decides:
        raise Refused(f"{body.name} does not decide this; its charter names what it does.", code="not_its_matter")  # fmt: skip
    held_on = _day_of(meeting, body.id)
    last = due or held_on or date.today() + timedelta(days=DAYS_TO_VOTE)
    if last < date.today():
        raise Refused("The last day to vote is over already; give a later one.", code="bad_days")
    row = BodyMotion.objects.create(
        body_id=body.id, meeting_id=meeting, kind=kind, title=asked_for(title, "title of the motion"),
        text=short(text, "text of the motion"), agreement=agreement, version=version, partner=partner, request_id=request,
        moved_on=date.today(), moved_by=by.email, due=last,
    )  # fmt: skip
    record("move", f"body:{body.id}", by, motion=row.pk, kind=kind)
    return selectors.motion_of(row, ())


@transaction.atomic
def vote(*, number: int, choice: str, why: str = "", by: Actor) -> Motion:
    """Votes for the seat that the actor holds; once more changes the vote, until the motion is closed."""
    if choice not in set(VoteChoice):
        raise Refused("Choose yes, no or abstain.", code="unknown_word")
    row = locked_motion(number)
    mine = [s for s in selectors.in_office(date.today(), row.body_id) if s.holder == by.email]
    if not mine:
        raise not_allowed("You hold no seat in this body today, so you have no vote here.")
    _check_open(row)
    reason = short(why, "reason")
    (mine_now,) = mine[:1]
    cast = next((c for c in selectors.motion(number).votes if c.seat == mine_now.number), None)
    if cast is None or (cast.choice, cast.why) != (choice, reason):
        SeatVote.objects.create(
            motion=row, seat_id=mine_now.number, choice=choice, why=reason, at=datetime.now(UTC), by=by.email
        )
        record("vote", f"motion:{number}", by, seat=mine_now.number, choice=choice)
    return selectors.motion(number)


@transaction.atomic
def close_vote(*, number: int, reason: str = "", minutes: str = "", by: Actor) -> GovernanceDecision:
    """Closes a motion, once: the result by the body's rule, one line of the log, and what follows from it.

    Votes count whose seat is held today. Without a quorum nothing is decided.
    """
    row = locked_motion(number)
    body = selectors.body(row.body_id)
    check_governs(by, body)
    _check_open(row)
    seats = {s.number: s for s in selectors.in_office(date.today(), body.id)}
    votes = [cast for cast in selectors.motion(number).votes if cast.seat in seats]
    meeting = row.meeting
    present = set(meeting.present) & seats.keys() if meeting else set()
    result = outcome(body.rule, body.quorum, {cast.seat: cast.choice for cast in votes}, present)
    row.is_open = False
    row.save(update_fields=["is_open"])
    written = LoggedDecision.objects.create(
        day=date.today(), body=body.id, body_name=body.name, motion=row.pk, kind=row.kind, title=row.title,
        result=result.result, reason=_reason(result, reason), rule=body.rule, quorum=body.quorum,
        votes=[_told(seats[c.seat], c.choice, c.why) for c in votes],
        minutes=short(minutes, "reference of the minutes") or (meeting.minutes if meeting else ""),
        agreement=row.agreement, version=row.version, request=row.request_id, partner=row.partner,
        at=datetime.now(UTC), by=by.email,
    )  # fmt: skip
    record("close_vote", f"motion:{number}", by, decision=written.pk, result=result.result)
    apply_decision(written, body, by)
    return selectors.decision(written.pk)


def _told(seat: Seat, choice: VoteChoice, why: str) -> dict[str, str]:
    return {"partner": seat.partner, "office": seat.office, "choice": choice.value, "why": why}


def _reason(result: VoteOutcome, said: str) -> str:
    return " ".join(filter(None, (result.reason, short(said, "reason"))))


def _check_open(row: BodyMotion) -> None:
    if row.is_open:
        return
    found = LoggedDecision.objects.filter(motion=row.pk).first()
    raise Refused(
        f"The vote was closed: {HOW_IT_ENDED[MotionResult(found.result)] if found else WITHDRAWN}.",
        code="closed",
    )


def _day_of(meeting: int | None, body: str) -> date | None:
    if meeting is None:
        return None
    row = BodyMeeting.objects.filter(pk=meeting, body=body).first()
    if row is None:
        raise Refused("That meeting is not one of this body’s.", code="unknown_meeting")
    return row.day


def _version(body: Body, kind: MotionKind, agreement: str, by: Actor) -> str:
    """The hash of the text that the motion is about; empty where it is about none. One that the mover may not see is as
    unknown as one that is not there."""
    if kind not in (MotionKind.APPROVE, MotionKind.ADMIT):
        return ""
    if not agreement:
        raise Refused("Say which agreement this is about.", code="missing")
    seen = may_see(by, agreements.one(agreement).document, partners())
    if not seen:
        raise Refused(
            f"No agreement has the id {agreement}; see `throughway agreement list`.", code="unknown_agreement"
        )
    found = agreements.pending_amendment(agreement) or agreements.one(agreement)
    if body.partner and body.partner not in found.document.partners:
        raise Refused(f"{body.partner} is no party to that agreement, so its board has nothing to approve.", code="no_party")  # fmt: skip
    return found.version


def _check_may_be_admitted(agreement: str, partner: str) -> None:
    document = agreements.one(agreement).document
    if known(partner).kind not in document.joinder.open_to or document.tier is Tier.DUL:
        raise Refused(
            "That agreement is not open to partners of this kind; its own text says who may join.",
            code="not_open",
        )
    if partner in document.partners:
        raise Refused(f"{partner} is a party already.", code="party")
