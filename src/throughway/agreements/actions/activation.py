"""Putting an agreement into effect: at once, or, as somebody decided beforehand, as soon as every party has signed and its first day has come.

Such a decision is for one text, and is whoever's who made it. Until then anybody who may put the agreement into effect may take it back. When
the moment comes, everything is checked that `activate` checks, with the present rights of who decided.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial

from django.db import transaction

from throughway.agreements import permissions
from throughway.agreements.actions.common import (
    check_nothing_blocks,
    check_state,
    check_text,
    locked,
    past_day,
    record,
)
from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.agreements.models import DecidedActivation
from throughway.agreements.selectors import one, open_decisions, past_acts, prepared_status, today
from throughway.agreements.signatures import given_of
from throughway.agreements.states import OPEN, AgreementAct, AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor
from throughway.partners.selectors import actor
from throughway.store.actions.maintenance import cover

RECORD_KEYS = (
    "record_key"  # the store's table of a partner's record keys, which every read of its learners needs
)
CLOSED = "The account of whoever decided it is closed; put it into effect by hand."
MOVED = "Whoever decided it acts for another partner now; put it into effect by hand."


def activate(
    *, id: str, by: Actor, on: date | None = None, version: str | None = None, decided: DecidedActivation | None = None
) -> AgreementStatus:  # fmt: skip
    """Puts the agreement, or its amendment, into effect: every party has signed, nothing blocks it, and its first day has come.

    Its key is then given the sealed files that its disclosers have already sent. Repeating it on an agreement in effect changes
    nothing, except that it completes an interrupted run.

    `on`: the day on which it took effect, for an agreement in force before the community used this platform; it may have ended since.
    `decided`: the actor's decision, where it comes about by itself; refused where it was taken back meanwhile.
    """
    day = past_day(on)
    given = given_of(past_acts(id), prepared_status(id).version)
    if on is not None and given and on < (last := max(each.on for each in given)):
        raise Refused(
            f"{id} cannot take effect on {on}: its last signature is dated {last}.", code="too_early"
        )
    with transaction.atomic():
        life = locked(id)
        found = life.prepared
        permissions.check_can_do(by, AgreementAct.ACTIVATE, found)
        check_text(found, version)
        if decided is not None and decided not in open_decisions(id):
            raise Refused(f"That {id} takes effect by itself was taken back.", code="taken_back")
        if found.in_effect:
            standing = replace(found, reason=f"{id} was already in effect; nothing was changed.")
        else:
            _check_may_begin(found, day)
            details = {"decided": decided.at.date().isoformat()} if decided else None
            record(AgreementAct.ACTIVATE, found, by, day=day, details=details)
            _close(open_decisions(id), None)
            standing = one(id)
    if standing.in_effect:
        # After the commit: a load in progress may need the database to finish, and the next load sees the agreement in effect.
        give_keys(standing.document, by)
    return standing


def give_keys(document: AgreementDocument, by: Actor, partners: tuple[str, ...] | None = None) -> None:
    """Lets the agreement's key open the files that its disclosers (or `partners` among them) have already sent."""
    tables = {line.table for line in document.schedule} | {entry.on for entry in document.population}
    givers = document.parties_with(PartyRole.DISCLOSER)
    if partners is not None:
        givers = tuple(giver for giver in givers if giver in partners)
    cover(agreement=document.id, partners=givers, tables=tables | {RECORD_KEYS}, by=by)


def _check_may_begin(found: AgreementStatus, day: date) -> None:
    id, terms = found.document.id, found.document.terms
    check_state(found, AgreementAct.ACTIVATE)
    check_nothing_blocks(found.signed_text)
    if day < terms.effective:
        raise Refused(f"{id} takes effect on {terms.effective}; activate it on that day.", code="too_early")
    if day > terms.expires:
        raise Refused(
            f"{id} expired on {terms.expires}; sign a new agreement with later days.", code="expired"
        )


@transaction.atomic
def decide_activation(*, id: str, by: Actor, version: str | None = None) -> None:
    """Refused for who may not put the agreement into effect, and where the text that `by` read changed or is in effect already. A decision
    for another text is taken back by it."""
    found = locked(id).prepared
    permissions.check_can_do(by, AgreementAct.ACTIVATE, found)
    check_text(found, version)
    if found.state not in OPEN:
        raise Refused(
            f"{id} was put into effect already; nothing is left to decide.", code=f"is_{found.state}"
        )
    _close(open_decisions(id), by)
    DecidedActivation.objects.create(
        agreement=id, version=found.version, by=by.email, partner=by.partner or "", at=datetime.now(UTC)
    )
    activate_when_decided(id)


@transaction.atomic
def take_back_activation(*, id: str, by: Actor) -> None:
    permissions.check_can_do(by, AgreementAct.ACTIVATE, locked(id).prepared)
    _close(open_decisions(id), by)


def _close(rows: Iterable[DecidedActivation], by: Actor | None) -> None:
    """Those that are open still: who took one back stays named."""
    found = DecidedActivation.objects.filter(pk__in=[row.pk for row in rows], closed_at=None)
    found.update(closed_at=datetime.now(UTC), closed_by=by.email if by else "")


def activate_when_decided(id: str) -> None:
    """After this transaction, carries out what was decided of the agreement; what came before it is done whatever comes of this."""
    transaction.on_commit(partial(carry_out_decisions, id), robust=True)


def carry_out_decisions(id: str | None = None) -> None:
    """Puts into effect what was decided and can be now: of one agreement, or of all. What stops it is kept with the decision."""
    for row in open_decisions(id):
        found = prepared_status(row.agreement)
        if row.version != found.version or found.state not in OPEN:
            _close([row], None)  # another text, or put into effect by hand
        elif found.state is AgreementState.SIGNED and found.document.terms.effective <= today():
            DecidedActivation.objects.filter(pk=row.pk, closed_at=None).update(stopped=_stopped(row))


def _stopped(row: DecidedActivation) -> str:
    """Why it could not be put into effect; empty where it was."""
    try:
        by = actor(row.by)
    except Refused:
        return CLOSED
    if by.partner != row.partner:
        return MOVED
    try:
        activate(id=row.agreement, by=by, version=row.version, decided=row)
    except Refused as refused:
        return refused.message
    return ""
