"""What a reader may do with an agreement today."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from throughway.agreements import permissions
from throughway.agreements.approvals import Capacity
from throughway.agreements.states import OPEN, AgreementAct, AgreementState, may
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.partners import Actor, Role

# What is done with the text that is being prepared; all else with the one in effect.
PREPARES = frozenset(
    {
        AgreementAct.SUBMIT,
        AgreementAct.OFFER,
        AgreementAct.AGREE,
        AgreementAct.APPROVE,
        AgreementAct.OBJECT,
        AgreementAct.SIGN,
        AgreementAct.ACTIVATE,
    }
)
AFTERWARDS = frozenset({AgreementAct.WIND_DOWN, AgreementAct.CERTIFY, AgreementAct.CLOSE})
ONWARD = frozenset(
    {
        AgreementAct.SUBMIT,
        AgreementAct.OFFER,
        AgreementAct.AGREE,
        AgreementAct.APPROVE,
        AgreementAct.SIGN,
        AgreementAct.ACTIVATE,
        AgreementAct.RESUME,
        *AFTERWARDS,
    }
)


@dataclass(frozen=True)
class ActContext:
    """What hangs on more than one text's standing. `author`: whose people began the text that is prepared. `held`: the roles
    that people of the reader's partner hold. `full`: the community asks for the long way. `activated`: some text of it was
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
    document, terms = found.document, found.document.terms
    is_party = actor.partner in document.partners
    certifies = actor.partner in found.uncertified and permissions.can_certify(actor, found)
    possible = {
        AgreementAct.SUBMIT: setting.full
        and not found.signed_by
        and _prepares(actor, found, AgreementAct.SUBMIT, setting),
        AgreementAct.OFFER: not blocking and _prepares(actor, found, AgreementAct.OFFER, setting),
        AgreementAct.AGREE: not blocking and _prepares(actor, found, AgreementAct.AGREE, setting),
        AgreementAct.APPROVE: not blocking and bool(approvable(actor, found, setting.held)),
        AgreementAct.SIGN: not blocking
        and actor.partner not in found.signed_by
        and not (setting.full and found.state is AgreementState.DRAFT)
        and permissions.can_sign(actor, document),
        AgreementAct.ACTIVATE: not blocking
        and terms.effective <= on <= terms.expires
        and permissions.can_activate(actor, document),
        AgreementAct.RESUME: permissions.can_resume(actor, document, found.suspended_by),
        AgreementAct.CERTIFY: certifies
        and (found.state is AgreementState.WINDING_DOWN or actor.partner in dict(found.left)),
        AgreementAct.WIND_DOWN: setting.activated
        and permissions.can_end(actor, found, AgreementAct.WIND_DOWN),
        AgreementAct.CLOSE: (found.state is AgreementState.DESTROYED or not setting.activated)
        and permissions.can_end(actor, found, AgreementAct.CLOSE),
        AgreementAct.OBJECT: permissions.can_object(actor, document),
        AgreementAct.RENEW: is_party and not setting.amending and permissions.can_add(actor),
        AgreementAct.AMEND: is_party and not setting.amending and permissions.can_add(actor),
        AgreementAct.SUSPEND: actor.partner not in found.suspended_by
        and permissions.can_suspend(actor, document),
        AgreementAct.TERMINATE: permissions.can_terminate(actor, document),
    }
    allowed = [act for act, can in possible.items() if can and may(found.state, act)]
    if found.state is AgreementState.DRAFT and not setting.full and not found.signed_by:
        allowed += (
            [AgreementAct.SUBMIT] if _prepares(actor, found, AgreementAct.SUBMIT, setting) else []
        )  # the long way, chosen
    return tuple(allowed)


def open_to(
    actor: Actor, life: AgreementLifecycle, blocking: int, on: date, setting: ActContext
) -> tuple[AgreementAct, ...]:
    """What the reader may do with the agreement today: with a later text first, then with the one in effect."""
    if life.pending is None:
        return acts(actor, life.current, blocking, on, setting)
    later = acts(actor, life.pending, blocking, on, setting)
    now = acts(actor, life.current, 0, on, setting)
    return (*(act for act in later if act in PREPARES), *(act for act in now if act not in PREPARES))


def text_of(act: AgreementAct, life: AgreementLifecycle) -> AgreementStatus:
    """The text that the act is about."""
    return life.prepared if act in PREPARES else life.current


def approvable(actor: Actor, found: AgreementStatus, held: Collection[str]) -> list[Capacity]:
    """The capacities in which the text waits for the reader's approval."""
    return [
        need.capacity
        for need in found.missing
        if need.partner == actor.partner
        and permissions.can_approve(actor, found.document, need.capacity, held)
    ]


def moves_on(act: AgreementAct) -> bool:
    """Whether the act brings the agreement nearer to being in effect or, after its end, closed: the next step of who may
    do it."""
    return act in ONWARD


def waits_for(
    actor: Actor, found: AgreementStatus, blocking: int, on: date, setting: ActContext = NO_CONTEXT
) -> bool:
    """Whether the text waits for the reader, on its way to effect or back to it."""
    return any(moves_on(act) and act not in AFTERWARDS - {AgreementAct.CERTIFY} for act in acts(actor, found, blocking, on, setting)
               if not (act is AgreementAct.SUBMIT and not setting.full))  # fmt: skip


def _prepares(actor: Actor, found: AgreementStatus, act: AgreementAct, setting: ActContext) -> bool:
    return found.state in OPEN and permissions.can_prepare(actor, found.document, act, setting.author)
