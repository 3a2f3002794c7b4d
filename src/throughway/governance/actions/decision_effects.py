"""What follows from a decision: an approval, an abstainer's records kept out, a license drafted or a refusal.

A decision stands whatever becomes of it. What cannot be done at once is told beside it, and done later (`carry_out`).
"""

from datetime import UTC, date, datetime

from django.db import transaction

from throughway.agreements import actions as agreements
from throughway.agreements.enums import PartyRole
from throughway.agreements.labels import day, listed, partner_labels
from throughway.agreements.selectors import one, pending_amendment
from throughway.core.refusals import Refused
from throughway.governance import permissions, selectors
from throughway.governance.actions.common import check_governs, locked_request, record
from throughway.governance.actions.license_drafts import draft_license
from throughway.governance.bodies import Body, GovernanceDecision
from throughway.governance.enums import MotionKind, MotionResult
from throughway.governance.models import DecisionFollowed, LoggedDecision
from throughway.governance.request_states import TRANSITIONS, RequestAct, RequestState
from throughway.partners import OPERATOR, Actor
from throughway.partners.selectors import own_kind, partner_names


def apply_decision(row: LoggedDecision, body: Body, by: Actor) -> None:
    """Does what the decision asks, within the caller's transaction, and writes what came of it."""
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
    """Does what a decision asks and what could not be done when it was made; Refused when it still cannot be."""
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
    """What the decision asks, done; in a sentence, empty where nothing follows. Refused when it cannot be done."""
    if found.kind is MotionKind.GRANT:
        return _grant(found, by)
    if found.result is not MotionResult.PASSED:
        return ""
    if found.kind is MotionKind.APPROVE:
        return _approve(found, body, version, by)
    if found.kind is MotionKind.ADMIT:
        return f"{partner_names().get(found.partner, found.partner)} may sign “{one(found.agreement).document.title}” and join it."
    return ""


def _approve(found: GovernanceDecision, body: Body, version: str, by: Actor) -> str:
    standing = pending_amendment(found.agreement) or one(found.agreement)
    if standing.version != version:
        raise Refused(
            f"The text of “{standing.document.title}” changed since it was moved, so the approval counts for nothing; move the new text.",
            code="changed",
        )
    if body.partner:
        if by.partner != body.partner:
            raise permissions.not_allowed(f"Somebody of {body.partner} records what its board approved.")
        agreements.approve(
            id=found.agreement,
            capacity="board",
            by=by,
            minutes=found.minutes,
            decision=reference(found),
            version=version,
        )
        return f"The board’s approval of “{standing.document.title}” is on record."
    givers = standing.document.parties_with(PartyRole.DISCLOSER)
    out = [partner for partner in found.abstained if partner in givers]
    # Keeping records out only narrows, so it never waits for the abstainer's own people.
    for partner in out:
        if partner not in standing.abstaining:
            agreements.abstain(id=found.agreement, partner=partner, decision=reference(found), by=OPERATOR)
    kept = f" Records of {listed(partner_labels(out, partner_names()))} stay out of it." if out else ""
    return f"{body.name} approved the text of “{standing.document.title}”.{kept}"


def reference(found: GovernanceDecision) -> str:
    """How an agreement's history names a decision."""
    return f"decision {found.number} of {found.body_name}, {day(found.day)}"


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
    """Moves a request to what was decided. It is refused also where all who would give abstained."""
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
        act, reason = RequestAct.REFUSE, "It passed, and all whose records it asked for abstained, so there is nothing to give."  # fmt: skip
    asked.state, asked.since = TRANSITIONS[RequestState(asked.state), act], row.day
    asked.reason = reason if act is not RequestAct.LAPSE else ""
    asked.save(update_fields=["state", "since", "reason"])
