"""The open steps of one agreement: what must be done next, by whom, since when and until when."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.agreements.approvals import EXERCISED_BY, ApprovalPolicy, Needed
from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.agreements.permissions import BINDING, STEWARDS
from throughway.agreements.states import OPEN, AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.partners import Role
from throughway.partners.open_step import OpenStep
from throughway.partners.permissions import SIGNERS

RENEWAL_NOTICE = 90  # days before the last one, where the text says nothing else
TEXTS = (AgreementAct.ADD, AgreementAct.AMEND, AgreementAct.RENEW)


@dataclass(frozen=True)
class OpenStepContext:
    """What open steps hang on beside the standing. `author`: the partner whose people began the text that is prepared.
    `held`: the roles that people of each partner hold. `blocking`: how many findings block the text that is prepared."""

    deeds: Sequence[LifecycleEvent]
    author: str | None
    policy: ApprovalPolicy
    held: Mapping[str, Collection[str]]
    blocking: int = 0


def open_steps_of(life: AgreementLifecycle, known: OpenStepContext, on: date) -> list[OpenStep]:
    if not life.prepared.document.partners:  # a text without parties waits for nobody
        return []
    steps = list(_preparing(life.prepared, known, on)) if life.prepared.state in OPEN else []
    if life.current is life.prepared or life.current.state not in OPEN:
        steps += _current(life, known, on)
    return steps


def _preparing(found: AgreementStatus, known: OpenStepContext, on: date) -> Iterator[OpenStep]:
    author = _keeper(found.document, known.author)
    began = _last(known.deeds, *TEXTS)
    if known.blocking and found.state is not AgreementState.NEGOTIATION:
        yield _step(
            "cure", "Cure what the review found", author, BINDING, began, None, found, "agreements:one"
        )
        return
    answer = timedelta(days=known.policy.days_to_answer)
    if found.state is AgreementState.DRAFT and known.policy.full:
        yield _step("submit", "Submit it to review", author, BINDING, began, None, found, AgreementAct.SUBMIT)
    elif found.state is AgreementState.REVIEW:
        since = _last(known.deeds, AgreementAct.SUBMIT, *TEXTS)
        yield _step(
            "offer", "Offer it to the other parties", author, BINDING, since, None, found, AgreementAct.OFFER
        )
    elif found.state is AgreementState.NEGOTIATION:
        since = _last(known.deeds, AgreementAct.OFFER, AgreementAct.OBJECT, *TEXTS)
        yield _step("agree", "Settle the text", author, BINDING, since, None, found, AgreementAct.AGREE)
    elif found.state is AgreementState.APPROVAL:
        since = _last(known.deeds, AgreementAct.AGREE)
        for need in found.missing:
            roles = frozenset({who_approves(need, known.held.get(need.partner, ()))})
            title = f"Approve it as {need.capacity.replace('_', ' ')}"
            yield _step(
                "approve", title, need.partner, roles, since, since + answer, found, AgreementAct.APPROVE
            )
    elif found.state is AgreementState.SIGNED:
        since = _last(known.deeds, AgreementAct.SIGN)
        terms = found.document.terms
        due = max(terms.effective, since)
        # The act has a page only on the days on which it can be done; on others the agreement's own page says what holds it.
        where = AgreementAct.ACTIVATE if terms.effective <= on <= terms.expires else "agreements:one"
        yield _step("activate", "Put it into effect", author, STEWARDS, since, due, found, where)
    else:
        since = _last(known.deeds, AgreementAct.AGREE, AgreementAct.APPROVE, *TEXTS)
        for partner in found.waits_for:
            yield _step("sign", "Sign it", partner, SIGNERS, since, since + answer, found, AgreementAct.SIGN)


def _current(life: AgreementLifecycle, known: OpenStepContext, on: date) -> Iterator[OpenStep]:
    found, terms = life.current, life.current.document.terms
    keeper = _keeper(found.document, known.author)
    after = timedelta(days=terms.destruction.within_days)
    for partner, out in (
        found.left if found.state in (AgreementState.ACTIVE, AgreementState.SUSPENDED) else ()
    ):
        if partner in found.uncertified:
            yield _certify(found, partner, out, out + after)
    if found.state is AgreementState.SUSPENDED:
        for partner in found.suspended_by:
            since = max(d.day for d in known.deeds if d.act is AgreementAct.SUSPEND and d.partner == partner)
            yield _step(
                "resume",
                "Lift the suspension, or end the agreement",
                partner,
                BINDING,
                since,
                None,
                found,
                AgreementAct.RESUME,
            )
    elif found.in_effect and life.pending is None:
        notice = terms.renewal_notice_days if terms.renewal_notice_days is not None else RENEWAL_NOTICE
        since = terms.expires - timedelta(days=notice)
        if on >= since:
            yield _step(
                "renew",
                "Renew it, or let it end",
                keeper,
                BINDING,
                since,
                terms.expires,
                found,
                AgreementAct.RENEW,
            )
    elif found.state in (
        AgreementState.EXPIRED,
        AgreementState.TERMINATED,
        AgreementState.WINDING_DOWN,
        AgreementState.DESTROYED,
    ):
        yield from _ended(life, known, keeper, after)


def _ended(
    life: AgreementLifecycle, known: OpenStepContext, keeper: str, after: timedelta
) -> Iterator[OpenStep]:
    found = life.current
    terminated = [d.day for d in known.deeds if d.act is AgreementAct.TERMINATE]
    ended = terminated[-1] if terminated else found.document.terms.expires + timedelta(days=1)
    if found.state is AgreementState.WINDING_DOWN:
        for partner in found.uncertified:
            yield _certify(found, partner, ended, ended + after)
    elif found.state is AgreementState.DESTROYED or not life.activated:
        since = _last(known.deeds, AgreementAct.DESTROY, AgreementAct.CERTIFY, AgreementAct.TERMINATE)
        yield _step("close", "Close it", keeper, STEWARDS, since, None, found, AgreementAct.CLOSE)
    else:
        yield _step(
            "wind_down", "Wind it down", keeper, STEWARDS, ended, ended + after, found, AgreementAct.WIND_DOWN
        )


def _certify(found: AgreementStatus, partner: str, since: date, due: date) -> OpenStep:
    title = "Certify what became of the records"
    return _step("certify", title, partner, BINDING, since, due, found, AgreementAct.CERTIFY)


def who_approves(need: Needed, held: Collection[str]) -> Role:
    """The role that exercises the capacity at a partner where people hold the roles `held`; the leader where nobody does."""
    role = EXERCISED_BY[need.capacity]
    return role if role in held else Role.LEADER


def _keeper(document: AgreementDocument, author: str | None) -> str:
    """Who moves an agreement on where any party may: its author, else who houses the data, else its first party."""
    if author in document.partners:
        return str(author)
    return next(iter((*document.parties_with(PartyRole.STEWARD), *document.partners)))


def _last(deeds: Sequence[LifecycleEvent], *acts: AgreementAct) -> date:
    """The day of the last such act; the first day of all where there is none."""
    return next((d.day for d in reversed(deeds) if d.act in acts), deeds[0].day if deeds else date.min)


def _step(
    kind: str, title: str, partner: str, roles: frozenset[Role], since: date, due: date | None, found: AgreementStatus,
    where: AgreementAct | str,
) -> OpenStep:  # fmt: skip
    id = found.document.id
    name, args = ("agreements:act", (id, where.value)) if isinstance(where, AgreementAct) else (where, (id,))
    return OpenStep(kind, title, partner, roles, since, due, name, args, id)
