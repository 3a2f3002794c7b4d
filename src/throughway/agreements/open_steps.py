"""The open steps of one agreement: what must be done next, by whom, since when and until when."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from throughway.agreements.acts import ACTS, BINDING
from throughway.agreements.approvals import EXERCISED_BY, ApprovalPolicy, Needed
from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.agreements.late_destruction import ended_on, owed
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.states import OPEN, TEXT_ACTS, AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.core.prose import counted
from throughway.partners import Role
from throughway.partners.legal_status.status_change import StatusChange
from throughway.partners.open_step import OpenStep

RENEWAL_NOTICE = 90  # days before the last one, unless the text says otherwise


@dataclass(frozen=True)
class OpenStepContext:
    """What open steps depend on besides the status of the texts. `author`: the partner whose people started the text in preparation.
    `held`: the roles of each partner's people. `blocking`: how many findings block the text in preparation. `signers`: the addresses of those whom
    each partner registered to sign, for partners that did. `unvoted`: partners whose boards must still approve the text in preparation."""

    events: Sequence[LifecycleEvent]
    author: str | None
    policy: ApprovalPolicy
    held: Mapping[str, Collection[str]]
    blocking: int = 0
    signers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unvoted: frozenset[str] = frozenset()


def open_steps_of(life: AgreementLifecycle, known: OpenStepContext, on: date) -> list[OpenStep]:
    if not life.prepared.document.partners:  # a text without parties has no open steps
        return []
    steps = list(_preparing(life.prepared, known, on)) if life.prepared.state in OPEN else []
    if life.current is life.prepared or life.current.state not in OPEN:
        steps += _current(life, known, on)
    return steps


def status_step(id: str, change: StatusChange, findings: Sequence[ReviewFinding]) -> OpenStep:
    """For the partner whose legal statuses changed: what the review now finds in a text in effect."""
    first, more = findings[0], len(findings) - 1
    also = f" (and {counted(more, 'more finding')})" if more else ""
    return OpenStep(
        "changed_statuses",
        f"Amend it, or suspend it until then: the legal statuses of {change.partner} changed, and the review finds {first.id}, {first.citation}{also}. "
        f"{first.message}",
        change.partner, ACTS[AgreementAct.AMEND].roles, change.at.astimezone().date(), None, "agreements:one", (id,), id,
    )  # fmt: skip


def _preparing(found: AgreementStatus, known: OpenStepContext, on: date) -> Iterator[OpenStep]:
    author = _keeper(found.document, known.author)
    began = _last(known.events, *TEXT_ACTS)
    if known.blocking and found.state is not AgreementState.NEGOTIATION:
        id = found.document.id
        yield OpenStep(
            "cure", "Cure what the review found", author, BINDING, began, None, "agreements:one", (id,), id
        )
        return
    answer = timedelta(days=known.policy.days_to_answer)
    if found.state is AgreementState.DRAFT and known.policy.full:
        yield _step(AgreementAct.SUBMIT, author, began, None, found)
    elif found.state is AgreementState.REVIEW:
        since = _last(known.events, AgreementAct.SUBMIT, *TEXT_ACTS)
        yield _step(AgreementAct.OFFER, author, since, None, found)
    elif found.state is AgreementState.NEGOTIATION:
        since = _last(known.events, AgreementAct.OFFER, AgreementAct.OBJECT, *TEXT_ACTS)
        yield _step(AgreementAct.AGREE, author, since, None, found)
    elif found.state is AgreementState.APPROVAL:
        since = _last(known.events, AgreementAct.AGREE)
        for need in found.missing:
            step = _step(AgreementAct.APPROVE, need.partner, since, since + answer, found)
            yield replace(
                step,
                title=step.title.format(capacity=need.capacity.replace("_", " ")),
                roles=frozenset({who_approves(need, known.held.get(need.partner, ()))}),
            )
    elif found.state is AgreementState.SIGNED:
        since = _last(known.events, AgreementAct.SIGN)
        terms = found.document.terms
        step = _step(AgreementAct.ACTIVATE, author, since, max(terms.effective, since), found)
        # The act has a page only on days on which it is possible; on others the agreement's page says why.
        yield (
            step
            if terms.effective <= on <= terms.expires
            else replace(step, href_name="agreements:one", href_args=(found.document.id,))
        )
    else:
        since = _last(known.events, AgreementAct.AGREE, AgreementAct.APPROVE, *TEXT_ACTS)
        for partner in found.waits_for:
            yield _signing_step(partner, since, since + answer, found, known)


def _signing_step(
    partner: str, since: date, due: date, found: AgreementStatus, known: OpenStepContext
) -> OpenStep:
    """For those who may sign: whom the partner registered; otherwise its leaders."""
    step = _step(AgreementAct.SIGN, partner, since, due, found)
    signers = known.signers.get(partner)
    step = (
        replace(step, roles=frozenset({Role.LEADER}))
        if signers is None
        else replace(step, people=signers, whom="whom it registered to sign")
    )
    if partner not in known.unvoted:
        return step
    # The page of the act is not there before the vote; the agreement's own page says what is lacking.
    title = "Let the board vote on it, then sign it"
    return replace(step, title=title, href_name="agreements:one", href_args=(found.document.id,))


def _current(life: AgreementLifecycle, known: OpenStepContext, on: date) -> Iterator[OpenStep]:
    found, terms = life.current, life.current.document.terms
    keeper = _keeper(found.document, known.author)
    due = {each.partner: each.due for each in owed(found, known.events, on)}
    if found.state in (AgreementState.ACTIVE, AgreementState.SUSPENDED):
        for partner, out in found.left:
            if partner in due:
                yield _step(AgreementAct.CERTIFY, partner, out, due[partner], found)
    if found.state is AgreementState.SUSPENDED:
        for partner in found.suspended_by:
            since = max(d.day for d in known.events if d.act is AgreementAct.SUSPEND and d.partner == partner)
            yield _step(AgreementAct.RESUME, partner, since, None, found)
    elif found.in_effect and life.pending is None:
        notice = terms.renewal_notice_days if terms.renewal_notice_days is not None else RENEWAL_NOTICE
        since = terms.expires - timedelta(days=notice)
        if on >= since:
            yield _step(AgreementAct.RENEW, keeper, since, terms.expires, found)
    elif found.state in (
        AgreementState.EXPIRED,
        AgreementState.TERMINATED,
        AgreementState.WINDING_DOWN,
        AgreementState.DESTROYED,
    ):
        yield from _ended(life, known, keeper, due, on)


def _ended(
    life: AgreementLifecycle, known: OpenStepContext, keeper: str, due: Mapping[str, date], on: date
) -> Iterator[OpenStep]:
    """`due`: by when each partner must have destroyed what it holds."""
    found = life.current
    ended = ended_on(found, known.events, on)
    latest = ended + timedelta(days=found.document.terms.destruction.within_days)
    if found.state is AgreementState.WINDING_DOWN:
        left = dict(found.left)
        for partner in found.uncertified:
            yield _step(
                AgreementAct.CERTIFY, partner, left.get(partner, ended), due.get(partner, latest), found
            )
    elif found.state is AgreementState.DESTROYED or not life.activated:
        since = _last(known.events, AgreementAct.DESTROY, AgreementAct.CERTIFY, AgreementAct.TERMINATE)
        yield _step(AgreementAct.CLOSE, keeper, since, None, found)
    else:
        yield _step(AgreementAct.WIND_DOWN, keeper, ended, latest, found)


def who_approves(need: Needed, held: Collection[str]) -> Role:
    """The role that exercises the capacity at a partner with people in the roles `held`; the leader where nobody does."""
    role = EXERCISED_BY[need.capacity]
    return role if role in held else Role.LEADER


def _keeper(document: AgreementDocument, author: str | None) -> str:
    """The partner expected to act where any party may: the author, otherwise the steward, otherwise the first party."""
    if author in document.partners:
        return str(author)
    return next(iter((*document.parties_with(PartyRole.STEWARD), *document.partners)))


def _last(events: Sequence[LifecycleEvent], *acts: AgreementAct) -> date:
    """The day of the last such act; the first day of all where there is none."""
    return next((d.day for d in reversed(events) if d.act in acts), events[0].day if events else date.min)


def _step(act: AgreementAct, partner: str, since: date, due: date | None, found: AgreementStatus) -> OpenStep:
    """The act from the table, waiting for those of the partner who may do it."""
    row, id = ACTS[act], found.document.id
    return OpenStep(
        act.value, row.step, partner, row.roles, since, due, "agreements:act", (id, act.value), id
    )
