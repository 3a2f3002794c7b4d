"""Data requests: made, checked, answered by each discloser, put to the vote, or refused with a reason."""

from collections.abc import Collection
from datetime import UTC, date, datetime

from django.db import transaction

from throughway.agreements import selectors as agreements
from throughway.agreements.agreement_list import may_see
from throughway.core.refusals import Refused
from throughway.governance import permissions, selectors
from throughway.governance.actions.motions import put
from throughway.governance.actions.transaction import (
    locked_body,
    locked_request,
    record,
    required_text,
    short_text,
)
from throughway.governance.bodies import Motion, MotionKind, MotionResult
from throughway.governance.data_request import (
    STATES,
    TRANSITIONS,
    DataRequest,
    DiscloserAnswerKind,
    RequestAct,
    RequestedData,
    RequestState,
    may,
    request_to_json,
)
from throughway.governance.models import BodyMotion, DataRequestRow, DiscloserAnswer, LoggedDecision
from throughway.partners import Actor
from throughway.partners.selectors import own_kind, partners
from throughway.vocabulary import TABLES

DESK = "The backbone"


@transaction.atomic
def request_data(*, wanted: RequestedData, by: Actor) -> DataRequest:
    """Makes a request; Refused when it is invalid. Missing legal requirements are findings and do not prevent a request."""
    permissions.check_can_ask(by)
    _check(wanted, by)
    today = date.today()
    row = DataRequestRow.objects.create(
        asker=by.email, partner=by.partner or "", role=by.role, wanted=request_to_json(wanted), state=RequestState.RECEIVED,
        asked_on=today, since=today,
    )  # fmt: skip
    record("request", f"request:{row.pk}", by)
    return selectors.request(row.pk)


@transaction.atomic
def change_request(*, number: int, wanted: RequestedData, by: Actor) -> DataRequest:
    """Changes a request before it is taken as complete; only people of the partner that made it."""
    row = _to(number, RequestAct.CHANGE)
    _check_own(row, by)
    permissions.check_can_ask(by)
    _check(wanted, by)
    row.wanted, row.missing, row.since = request_to_json(wanted), "", date.today()
    return _saved(row, RequestAct.CHANGE, by)


@transaction.atomic
def return_request(*, number: int, missing: str, by: Actor) -> DataRequest:
    """Returns it to the asker, with what is missing."""
    permissions.check_runs_desk(by, own_kind(by))
    row = _to(number, RequestAct.RETURN)
    row.missing = required_text(missing, "what the request lacks")
    return _saved(row, RequestAct.RETURN, by, missing=row.missing)


@transaction.atomic
def accept_request(*, number: int, by: Actor) -> DataRequest:
    """Takes it as complete."""
    permissions.check_runs_desk(by, own_kind(by))
    row = _to(number, RequestAct.ACCEPT)
    row.missing = ""
    return _saved(row, RequestAct.ACCEPT, by)


@transaction.atomic
def forward_request(*, number: int, by: Actor) -> DataRequest:
    """Sends it to the disclosers whose records it requests."""
    permissions.check_runs_desk(by, own_kind(by))
    return _saved(_to(number, RequestAct.FORWARD), RequestAct.FORWARD, by)


@transaction.atomic
def answer_request(*, number: int, answer: str, reason: str = "", by: Actor) -> DataRequest:
    """Answers for the actor's own partner; a second answer replaces the first until the vote. A no needs its reason."""
    row = _to(number, RequestAct.ANSWER)
    permissions.check_can_answer(by, selectors.request(number).wanted.of)
    if answer not in set(DiscloserAnswerKind):
        raise Refused("Choose yes, no or abstain.", code="unknown_word")
    given = (
        required_text(reason, "reason") if answer == DiscloserAnswerKind.NO else short_text(reason, "reason")
    )
    DiscloserAnswer.objects.create(
        request=row, partner=by.partner or "", answer=answer, reason=given, day=date.today(), at=datetime.now(UTC), by=by.email
    )  # fmt: skip
    record("answer", f"request:{number}", by, answer=answer)
    return selectors.request(number)


@transaction.atomic
def put_to_vote(
    *, number: int, body: str, meeting: int | None = None, due: date | None = None, by: Actor
) -> Motion:
    """Submits it to a body that decides on requests, once every discloser has answered and at least one agreed."""
    permissions.check_runs_desk(by, own_kind(by))
    row = _to(number, RequestAct.PUT)
    request = selectors.request(number)
    if request.unanswered:
        raise Refused(f"{', '.join(request.unanswered)} must still answer.", code="unanswered")
    if not request.giving:
        raise Refused("Nobody gives records for this, so there is nothing to vote on; refuse it with its reason.", code="nothing")  # fmt: skip
    found = locked_body(body)
    if found.partner:
        raise Refused("A board decides for its partner alone; choose a body of the community.", code="not_its_matter")  # fmt: skip
    text = f"{request.wanted.question} Records of {', '.join(request.giving)}."
    motion = put(
        found, MotionKind.GRANT, by, title=f"Data request {number}: {request.wanted.title}"[:300], text=text[:2000], meeting=meeting,
        request=number, due=due,
    )  # fmt: skip
    _saved(row, RequestAct.PUT, by, motion=motion.number)
    return motion


@transaction.atomic
def refuse_request(*, number: int, reason: str, citations: Collection[str] = (), by: Actor) -> DataRequest:
    """Refuses it without a vote, with the reason and the rules that forbid it. The decision log records it."""
    permissions.check_runs_desk(by, own_kind(by))
    row = _to(number, RequestAct.REFUSE)
    if row.state == RequestState.TO_VOTE:
        raise Refused("It is now before a body; the vote decides.", code="to_vote")
    row.reason, row.citations = required_text(reason, "reason of the refusal"), list(dict.fromkeys(citations))
    LoggedDecision.objects.create(
        day=date.today(), body_name=DESK, kind=MotionKind.GRANT, title=row.wanted["title"], result=MotionResult.FAILED,
        reason=row.reason, citations=row.citations, request=row.pk, at=datetime.now(UTC), by=by.email,
    )  # fmt: skip
    return _saved(row, RequestAct.REFUSE, by, citations=row.citations)


@transaction.atomic
def withdraw_request(*, number: int, by: Actor) -> DataRequest:
    """Withdraws it; only people of the partner that made it. An open vote ends without a decision."""
    row = _to(number, RequestAct.WITHDRAW)
    _check_own(row, by)
    permissions.check_can_ask(by)
    BodyMotion.objects.filter(request=row, is_open=True).update(is_open=False)
    return _saved(row, RequestAct.WITHDRAW, by)


def _to(number: int, act: RequestAct) -> DataRequestRow:
    """The request, locked; Refused when its state does not allow the act."""
    row = locked_request(number)
    if not may(RequestState(row.state), act):
        _, words = STATES[RequestState(row.state)]
        raise Refused(f"The request is now {words}, so this cannot be done; reload the page.", code=f"is_{row.state}")  # fmt: skip
    return row


def _saved(row: DataRequestRow, act: RequestAct, by: Actor, **details: object) -> DataRequest:
    before, row.state = row.state, TRANSITIONS[RequestState(row.state), act].value
    if row.state != before:
        row.since = date.today()
    row.save()
    record(act.value, f"request:{row.pk}", by, **details)
    return selectors.request(row.pk)


def _check_own(row: DataRequestRow, by: Actor) -> None:
    if by.partner != row.partner:
        raise permissions.not_allowed("Only people of the partner that made the request may do this.")


def _check(wanted: RequestedData, by: Actor) -> None:
    """Refused when a part of it is unknown. An agreement that the asker may not see answers like one that does not exist."""
    register = partners()
    for text, what in ((wanted.title, "title"), (wanted.question, "question")):
        required_text(text, what)
    for text in (wanted.why, wanted.method, wanted.publication, *wanted.necessity.values()):
        short_text(text, "text")
    for element in wanted.elements:
        if not _is_known(element):
            raise Refused("One of the elements is not in the vocabulary; choose from the list.", code="unknown_element")  # fmt: skip
    if not wanted.elements or not wanted.of:
        raise Refused("Choose what is asked for, and whose records.", code="missing")
    if not set(wanted.of) <= register.keys():
        raise Refused("One of the partners is not in the register.", code="unknown_partner")
    if wanted.until <= date.today():
        raise Refused("The last day of the project must be in the future.", code="bad_days")
    known = {s.document.id: s.document for s in agreements.agreement_statuses(date.today())}
    for id in wanted.under:
        if id not in known or not may_see(by, known[id], register):
            raise Refused("One of the agreements is not there; choose from the list.", code="unknown_agreement")  # fmt: skip


def _is_known(element: str) -> bool:
    table, _, name = element.partition(".")
    return table in TABLES and (name == "*" or name in TABLES[table].elements)
