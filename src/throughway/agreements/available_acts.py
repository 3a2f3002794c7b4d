"""What a reader may do with an agreement today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from throughway.agreements import permissions
from throughway.agreements.acts import ACTS
from throughway.agreements.approvals import Capacity
from throughway.agreements.states import AgreementAct, AgreementState, may
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.partners import Actor, Role


@dataclass(frozen=True)
class ActContext:
    """What decides, beyond the status of one text, what a reader may do. `author`: whose people began the text that is
    prepared. `held`: the roles that people of the reader's partner hold. `full`: the community asks for the long way. `activated`: some text of it was
    in effect. `amending`: a later text is being prepared."""

    author: str | None = None
    held: Collection[str] = frozenset(Role)
    full: bool = False
    activated: bool = True
    amending: bool = False


NO_CONTEXT = ActContext()


def acts(
    actor: Actor, found: AgreementStatus, blocking: int, on: date, setting: ActContext = NO_CONTEXT
) -> tuple[AgreementAct, ...]:
    """What the reader may do with one text today, the act that moves it on first."""
    allowed = [
        act
        for act, row in ACTS.items()
        if row.button
        and may(found.state, act)
        and not (row.unblocked and blocking)
        and _may_do(actor, act, found, setting)
        and _is_time(actor, act, found, on, setting)
    ]
    # Where the community does not ask for the long way, submitting is a choice and not the next step.
    if AgreementAct.SUBMIT in allowed and not setting.full:
        allowed.remove(AgreementAct.SUBMIT)
        allowed.append(AgreementAct.SUBMIT)
    return tuple(allowed)


def _may_do(actor: Actor, act: AgreementAct, found: AgreementStatus, setting: ActContext) -> bool:
    if act is AgreementAct.APPROVE:
        return bool(approvable(actor, found, setting.held))
    return permissions.can_do(actor, act, found, setting.author)


def _is_time(actor: Actor, act: AgreementAct, found: AgreementStatus, on: date, setting: ActContext) -> bool:
    """What must be so for the act beyond the state of the text and the permission of the reader."""
    terms = found.document.terms
    match act:
        case AgreementAct.SUBMIT:
            return not found.signed_by
        case AgreementAct.SIGN:
            is_draft = found.state is AgreementState.DRAFT
            return actor.partner not in found.signed_by and not (setting.full and is_draft)
        case AgreementAct.ACTIVATE:
            return terms.effective <= on <= terms.expires
        case AgreementAct.CERTIFY:
            has_left = actor.partner in dict(found.left)
            return actor.partner in found.uncertified and (
                found.state is AgreementState.WINDING_DOWN or has_left
            )
        case AgreementAct.WIND_DOWN:
            return setting.activated
        case AgreementAct.CLOSE:
            return found.state is AgreementState.DESTROYED or not setting.activated
        case AgreementAct.RENEW | AgreementAct.AMEND:
            return not setting.amending
        case AgreementAct.SUSPEND:
            return actor.partner not in found.suspended_by
    return True


def open_to(
    actor: Actor, life: AgreementLifecycle, blocking: int, on: date, setting: ActContext
) -> tuple[AgreementAct, ...]:
    """What the reader may do with the agreement today: with a later text first, then with the one in effect."""
    if life.pending is None:
        return acts(actor, life.current, blocking, on, setting)
    later = acts(actor, life.pending, blocking, on, setting)
    now = acts(actor, life.current, 0, on, setting)
    return (*(act for act in later if ACTS[act].prepares), *(act for act in now if not ACTS[act].prepares))


def text_of(act: AgreementAct, life: AgreementLifecycle) -> AgreementStatus:
    """The text that the act is about."""
    return life.prepared if ACTS[act].prepares else life.current


def approvable(actor: Actor, found: AgreementStatus, held: Collection[str]) -> list[Capacity]:
    """The capacities in which the text waits for the reader's approval."""
    return [
        need.capacity
        for need in found.missing
        if need.partner == actor.partner
        and permissions.can_approve(actor, found.document, need.capacity, held)
    ]


def waits_for(
    actor: Actor, found: AgreementStatus, blocking: int, on: date, setting: ActContext = NO_CONTEXT
) -> bool:
    """Whether the text waits for the reader, on its way to effect or back to it."""
    return any(
        ACTS[act].moves_on
        and act not in (AgreementAct.WIND_DOWN, AgreementAct.CLOSE)
        and (act is not AgreementAct.SUBMIT or setting.full)
        for act in acts(actor, found, blocking, on, setting)
    )
