"""Suspending, and lifting one's own suspension."""

from dataclasses import replace

from django.db import transaction

from throughway.agreements import permissions
from throughway.agreements.actions.common import check_state, locked, record
from throughway.agreements.selectors import one
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus
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
