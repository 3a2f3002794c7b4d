"""Motions: moved, voted on seat by seat, closed once by the body's rule, and carried out.

A decision is final. What cannot be carried out at once is recorded with it, and done later (`carry_out`).
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from throughway.agreements import actions as agreements
from throughway.agreements import selectors as texts
from throughway.agreements.agreement_list import may_see_status
from throughway.agreements.approvals import Capacity, Needed
from throughway.agreements.document_yaml import as_yaml
from throughway.agreements.enums import PartyRole, Tier
from throughway.agreements.labels import listed, partner_labels
from throughway.agreements.states import AgreementAct, may
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.governance import permissions, selectors
from throughway.governance.actions.transaction import (
    check_governs,
    locked_body,
    locked_motion,
    locked_request,
    record,
    required_text,
    short_text,
)
from throughway.governance.bodies import (
    Body,
    GovernanceDecision,
    Motion,
    MotionKind,
    MotionResult,
    Seat,
    VoteChoice,
    VoteOutcome,
    outcome,
)
from throughway.governance.data_request import TRANSITIONS, DataRequest, RequestAct, RequestState
from throughway.governance.license_draft import license_of
from throughway.governance.models import BodyMeeting, BodyMotion, DecisionFollowed, LoggedDecision, SeatVote
from throughway.governance.permissions import may_govern, not_allowed
from throughway.partners import OPERATOR, Actor
from throughway.partners.selectors import known, own_kind, partner_names, partners

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
    """Puts a motion before a body; only those who hold a seat there, or govern it. A data request is put to the vote instead.

    One about an agreement is about exactly the text that is current now. Refused for what the body does not decide.
    """
    found = locked_body(body)
    seats = selectors.in_office(date.today(), body)
    if not may_govern(by, own_kind(by), found, seats) and all(s.holder != by.email for s in seats):
        raise not_allowed(
            f"Only someone who holds a seat in {found.name}, or governs it, may make a motion there."
        )
    if kind not in set(MotionKind):
        raise Refused(
            f"{kind!r} is not a kind of motion; choose {', '.join(MotionKind)}.", code="unknown_word"
        )
    if kind == MotionKind.GRANT:
        raise Refused("Put a data request to the vote on its own page.", code="from_its_page")
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
    """Writes the motion, within the caller's transaction; the caller has checked who may."""
    if kind not in body.decides:
        raise Refused(f"{body.name} does not decide this; its charter names what it does.", code="not_its_matter")  # fmt: skip
    held_on = _day_of(meeting, body.id)
    last = due or held_on or date.today() + timedelta(days=DAYS_TO_VOTE)
    if last < date.today():
        raise Refused("The last day to vote has passed; give a later one.", code="bad_days")
    row = BodyMotion.objects.create(
        body_id=body.id, meeting_id=meeting, kind=kind, title=required_text(title, "title of the motion"),
        text=short_text(text, "text of the motion"), agreement=agreement, version=version, partner=partner, request_id=request,
        moved_on=date.today(), moved_by=by.email, due=last,
    )  # fmt: skip
    record("move", f"body:{body.id}", by, motion=row.pk, kind=kind)
    return selectors.motion_of(row, ())


@transaction.atomic
def vote(*, number: int, choice: str, why: str = "", by: Actor) -> Motion:
    """Votes for the seat that the actor holds; a second vote replaces the first until the motion is closed."""
    if choice not in set(VoteChoice):
        raise Refused("Choose yes, no or abstain.", code="unknown_word")
    row = locked_motion(number)
    mine = [s for s in selectors.in_office(date.today(), row.body_id) if s.holder == by.email]
    if not mine:
        raise not_allowed("You hold no seat in this body today, so you have no vote here.")
    _check_open(row)
    reason = short_text(why, "reason")
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
    """Closes a motion, once: the result by the body's rule, one line of the log, and its consequences.

    Votes count for seats that are held today. Without a quorum nothing is decided.
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
        minutes=short_text(minutes, "reference of the minutes") or (meeting.minutes if meeting else ""),
        agreement=row.agreement, version=row.version, request=row.request_id, partner=row.partner,
        at=datetime.now(UTC), by=by.email,
    )  # fmt: skip
    record("close_vote", f"motion:{number}", by, decision=written.pk, result=result.result)
    apply_decision(written, body, by)
    return selectors.decision(written.pk)


def _told(seat: Seat, choice: VoteChoice, why: str) -> dict[str, str]:
    return {"partner": seat.partner, "office": seat.office, "choice": choice.value, "why": why}


def _reason(result: VoteOutcome, words: str) -> str:
    return " ".join(filter(None, (result.reason, short_text(words, "reason"))))


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
    visible = may_see_status(by, texts.one(agreement), partners())
    if not visible:
        raise Refused(
            f"No agreement has the id {agreement}; see `throughway agreement list`.", code="unknown_agreement"
        )
    found = texts.pending_amendment(agreement) or texts.one(agreement)
    if body.partner and body.partner not in found.document.partners and not _may_join(body.partner, found):
        raise Refused(f"{body.partner} is not a party to that agreement, so its board has nothing to "
            f"approve.", code="no_party")  # fmt: skip
    return found.version


def _may_join(partner: str, found: AgreementStatus) -> bool:
    return may(found.state, AgreementAct.JOIN) and known(partner).kind in found.signed_text.joinder.open_to


def _check_may_be_admitted(agreement: str, partner: str) -> None:
    document = texts.one(agreement).document
    if known(partner).kind not in document.joinder.open_to or document.tier is Tier.DUL:
        raise Refused(
            "That agreement is not open to partners of this kind; its own text says who may join.",
            code="not_open",
        )
    if partner in document.partners:
        raise Refused(f"{partner} is a party already.", code="party")


def apply_decision(row: LoggedDecision, body: Body, by: Actor) -> None:
    """Carries the decision out, within the caller's transaction, and records the result."""
    if row.request is not None:
        _settle_request(row)
    try:
        with transaction.atomic():
            words = _do(selectors.decision(row.pk), body, row.version, by)
    except Refused as refused:
        _write(row.pk, False, f"Not done yet: {refused.message}", by)
    else:
        if words:
            _write(row.pk, True, words, by)


@transaction.atomic
def carry_out(*, number: int, by: Actor) -> GovernanceDecision:
    """Carries out a decision that could not be carried out when it was made; Refused when it still cannot be."""
    row = LoggedDecision.objects.select_for_update().filter(pk=number).first()
    if row is None or not row.body:
        raise Refused("No decision has that number; see the decision log.", code="unknown_decision")
    body = selectors.body(row.body)
    check_governs(by, body)
    found = selectors.decision(number)
    if not found.waits:
        raise Refused("Everything that this decision asks has been done.", code="done")
    words = _do(found, body, row.version, by)
    _write(number, True, words or "Done.", by)
    return selectors.decision(number)


def _write(decision: int, done: bool, words: str, by: Actor) -> None:
    now = datetime.now(UTC)
    DecisionFollowed.objects.create(
        decision=decision, day=date.today(), done=done, words=words, at=now, by=by.email
    )
    record("follow", f"decision:{decision}", by, done=done)


def _do(found: GovernanceDecision, body: Body, version: str, by: Actor) -> str:
    """Carries out the decision and returns a sentence about it, empty where nothing follows. Refused when it cannot be done."""
    if found.kind is MotionKind.GRANT:
        return _grant(found, by)
    if found.result is not MotionResult.PASSED:
        return ""
    if found.kind is MotionKind.APPROVE:
        return _approve(found, body, version, by)
    if found.kind is MotionKind.ADMIT:
        return f"{partner_names().get(found.partner, found.partner)} may sign “{texts.one(found.agreement).document.title}” and join it."
    return ""


def _approve(found: GovernanceDecision, body: Body, version: str, by: Actor) -> str:
    standing = texts.pending_amendment(found.agreement) or texts.one(found.agreement)
    if standing.version != version:
        raise Refused(
            f"The text of “{standing.document.title}” changed after the motion was made, so the approval "
            f"has no effect; make a motion on the new text.",
            code="changed",
        )
    if body.partner and not _waits_for_board(standing, body.partner):
        names = partner_names()
        return f"“{standing.document.title}” may be signed for {names.get(body.partner, body.partner)}."
    if body.partner:
        if by.partner != body.partner:
            raise permissions.not_allowed(f"Somebody of {body.partner} records what its board approved.")
        agreements.approve(
            id=found.agreement,
            capacity="board",
            by=by,
            minutes=found.minutes,
            decision=selectors.reference(found),
            version=version,
        )
        return f"The board’s approval of “{standing.document.title}” is on record."
    givers = standing.document.parties_with(PartyRole.DISCLOSER)
    out = [partner for partner in found.abstained if partner in givers]
    # Keeping records out only narrows, so it never waits for the abstainer's own people.
    for partner in out:
        if partner not in standing.abstaining:
            agreements.abstain(
                id=found.agreement, partner=partner, decision=selectors.reference(found), by=OPERATOR
            )
    kept = f" Records of {listed(partner_labels(out, partner_names()))} stay out of it." if out else ""
    return f"{body.name} approved the text of “{standing.document.title}”.{kept}"


def _waits_for_board(standing: AgreementStatus, partner: str) -> bool:
    """Whether the full process waits for the board's approval; in the short one its vote lets the text be signed."""
    return Needed(partner, Capacity.BOARD) in standing.missing


def _grant(found: GovernanceDecision, by: Actor) -> str:
    assert found.request is not None
    request = selectors.request(found.request)
    if found.result is MotionResult.NO_QUORUM:
        return "Nothing was decided; the request can be put to the vote again."
    if request.state is not RequestState.GRANTED:
        return "The request was refused."
    permissions.check_runs_desk(by, own_kind(by))
    id = draft_license(request, without=found.abstained, by=by)
    row = locked_request(request.number)
    row.license = id
    row.save(update_fields=["license"])
    record("draft_license", f"request:{request.number}", by, license=id)
    return "A data use license was drafted from the request; its parties read and sign it."


def _settle_request(row: LoggedDecision) -> None:
    """Applies the decision to a data request. It is also refused where every discloser abstained."""
    asked = locked_request(row.request or 0)
    if asked.state != RequestState.TO_VOTE:
        return
    found = selectors.decision(row.pk)
    giving = [p for p in selectors.request(asked.pk).giving if p not in found.abstained]
    act = {MotionResult.PASSED: RequestAct.GRANT, MotionResult.FAILED: RequestAct.REFUSE, MotionResult.NO_QUORUM: RequestAct.LAPSE}[
        found.result
    ]  # fmt: skip
    reason = found.reason
    if act is RequestAct.GRANT and not giving:
        act, reason = RequestAct.REFUSE, "It passed, but every partner whose records it asked for abstained, so there is nothing to give."  # fmt: skip
    asked.state, asked.since = TRANSITIONS[RequestState(asked.state), act], row.day
    asked.reason = reason if act is not RequestAct.LAPSE else ""
    asked.save(update_fields=["state", "since", "reason"])


def draft_license(request: DataRequest, *, without: Collection[str], by: Actor) -> str:
    """Adds the draft, in which the partners `without` give nothing, and gives its id."""
    giving = tuple(p for p in request.giving if p not in without)
    if not giving:
        raise Refused(
            "No partner is left whose records may be used, so nothing can be drafted.", code="nothing"
        )
    today = date.today()
    known = {found.document.id: found.document for found in texts.agreement_statuses(today)}
    above = [known[id] for id in request.wanted.under if id in known]
    values = license_of(request.number, request.partner, request.wanted, giving, above, today)
    agreements.add(text=as_yaml(values), by=by)
    return str(values["id"])
