"""The end of an agreement: suspend and resume, terminate, wind down, certify, close."""

from dataclasses import replace
from datetime import date

from django.db import transaction

from throughway.agreements import permissions
from throughway.agreements.actions.common import check_state, locked, past_day, record
from throughway.agreements.selectors import one
from throughway.agreements.states import AgreementAct, AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor


@transaction.atomic
def suspend(*, id: str, by: Actor, reason: str = "") -> AgreementStatus:
    """Closes the agreement at once, for the discloser that acts; Refused when it is not in effect."""
    found = locked(id).current
    permissions.check_can_do(by, AgreementAct.SUSPEND, found)
    if by.partner in found.suspended_by:
        return replace(found, reason=f"{by.partner} had already suspended {id}; nothing was changed.")
    check_state(found, AgreementAct.SUSPEND)
    record(AgreementAct.SUSPEND, found, by, why=reason)
    return one(id)


@transaction.atomic
def resume(*, id: str, by: Actor) -> AgreementStatus:
    """Lifts the suspension of the actor's own partner; the agreement is in effect again when no other suspends it."""
    found = locked(id).current
    permissions.check_can_do(by, AgreementAct.RESUME, found)
    check_state(found, AgreementAct.RESUME)
    record(AgreementAct.RESUME, found, by)
    return one(id)


@transaction.atomic
def terminate(*, id: str, by: Actor, reason: str = "") -> AgreementStatus:
    """Ends the agreement permanently, from today on, together with any amendment in preparation."""
    found = locked(id).current
    permissions.check_can_do(by, AgreementAct.TERMINATE, found)
    check_state(found, AgreementAct.TERMINATE)
    record(AgreementAct.TERMINATE, found, by, why=reason)
    return one(id)


@transaction.atomic
def wind_down(*, id: str, by: Actor) -> AgreementStatus:
    """Begins the wind-down of an ended agreement: each recipient certifies what happened to its copies."""
    life = locked(id)
    found = life.current
    permissions.check_can_do(by, AgreementAct.WIND_DOWN, found)
    check_state(found, AgreementAct.WIND_DOWN)
    if not life.activated:
        raise Refused(
            f"{id} never took effect, so nothing was received under it; close it.", code="never_active"
        )
    record(AgreementAct.WIND_DOWN, found, by)
    return one(id)


@transaction.atomic
def certify(
    *, id: str, by: Actor, copies: str, method: str, on: date | None = None, exceptions: str = "", subcontractors: str = ""
) -> AgreementStatus:  # fmt: skip
    """The actor's partner certifies that what it received under the agreement has been destroyed or returned.

    `copies`: what it held, with derived copies. `subcontractors`: what its contractors held. `method`: how each was destroyed or
    returned. `on`: the day on which the last one was. `exceptions`: what is kept, and by what right.
    """
    found = locked(id).current
    permissions.check_can_do(by, AgreementAct.CERTIFY, found)
    check_state(found, AgreementAct.CERTIFY)
    if by.partner in found.certified:
        raise Refused(f"{by.partner} has already certified this for {id}.", code="already_certified")
    if found.state is not AgreementState.WINDING_DOWN and by.partner not in dict(found.left):
        raise Refused(
            f"{by.partner} still receives records under {id}; it certifies after it has left.",
            code="is_party",
        )
    if by.partner not in found.uncertified:
        raise Refused(
            f"{by.partner} received nothing under {id}, so it has nothing to certify.", code="not_needed"
        )
    if on is not None and on < found.document.terms.effective:
        raise Refused(
            f"{id} begins on {found.document.terms.effective}, so the records received under it cannot have "
            f"been destroyed on {on}.",
            code="too_early",
        )
    for answer, what in (
        (copies, "which copies there were"),
        (method, "how they were destroyed or returned"),
    ):
        if not answer.strip():
            raise Refused(
                f"A certificate must say {what}; state it, even if there were none.", code="incomplete"
            )
    record(AgreementAct.CERTIFY, found, by, day=past_day(on), details={
        "copies": copies, "method": method, "exceptions": exceptions, "subcontractors": subcontractors,
    })  # fmt: skip
    return one(id)


@transaction.atomic
def destroyed(*, id: str, by: Actor, certificate: str) -> AgreementStatus:
    """Records that what the platform held under the agreement has been destroyed; `certificate`: the id of its certificate. Repeating
    it with the same certificate changes nothing."""
    found = locked(id).current
    permissions.check_can_do(by, AgreementAct.DESTROY, found)
    if found.certificate and found.certificate == certificate:
        return replace(found, reason=f"The destruction under {id} is already recorded; nothing was changed.")
    check_state(found, AgreementAct.DESTROY)
    if found.certificate:
        raise Refused(
            f"The destruction under {id} is already recorded, by another certificate.",
            code="already_destroyed",
        )
    record(AgreementAct.DESTROY, found, by, details={"certificate": certificate})
    return one(id)


@transaction.atomic
def close(*, id: str, by: Actor) -> AgreementStatus:
    """Closes an agreement after its wind-down; one that never took effect closes once terminated."""
    life = locked(id)
    found = life.current
    permissions.check_can_do(by, AgreementAct.CLOSE, found)
    if found.state is AgreementState.WINDING_DOWN:
        _say_what_is_left(found)
    check_state(found, AgreementAct.CLOSE)
    if found.state is AgreementState.TERMINATED and life.activated:
        raise Refused(
            f"{id} was in effect, so the records received under it must be destroyed first; begin to wind "
            f"it down.",
            code="is_terminated",
        )
    record(AgreementAct.CLOSE, found, by)
    return one(id)


def _say_what_is_left(found: AgreementStatus) -> None:
    id, left = found.document.id, list(found.uncertified)
    if left:
        raise Refused(
            f"{id} cannot be closed yet: {', '.join(left)} must still certify what happened to the records "
            f"received.",
            code="uncertified",
        )
    raise Refused(
        f"{id} cannot be closed yet: what the platform holds under it must be destroyed first.",
        code="undestroyed",
    )
