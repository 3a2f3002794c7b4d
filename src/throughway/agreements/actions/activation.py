"""Putting an agreement into effect: at once, or, as somebody decided beforehand, as soon as every party has signed and its first day has come.

Such a decision is for one text, and is whoever's who made it. Until then anybody who may put the agreement into effect may take it back. When
the moment comes, everything is checked that `activate` checks, with the present rights of who decided.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date
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
from throughway.agreements.selectors import (
    OpenDecision,
    one,
    open_decisions,
    past_acts,
    prepared_status,
    today,
)
from throughway.agreements.signatures import given_of
from throughway.agreements.states import AgreementAct, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor
from throughway.partners.selectors import actor
from throughway.store.actions.maintenance import cover
from throughway.store.schemas import TEXT
from throughway.vocabulary import covered

RECORD_KEYS = (
    "record_key"  # the store's table of a partner's record keys, which every read of its learners needs
)
CLOSED = "The account of whoever decided it is closed; put it into effect by hand."
MOVED = "Whoever decided it acts for another partner now; put it into effect by hand."


def activate(
    *, id: str, by: Actor, on: date | None = None, version: str | None = None, decided: LifecycleEvent | None = None
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
        if decided is not None and decided != _decided(id):
            raise Refused(f"That {id} takes effect by itself was taken back.", code="taken_back")
        if found.in_effect:
            standing = replace(found, reason=f"{id} was already in effect; nothing was changed.")
        else:
            _check_may_begin(found, day)
            details = {"decided": decided.day.isoformat()} if decided else None
            record(AgreementAct.ACTIVATE, found, by, day=day, details=details)
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
    text = {
        line.table + TEXT for line in document.schedule if any(e.free_text for e in covered(line.element))
    }
    cover(agreement=document.id, partners=givers, tables=tables | text | {RECORD_KEYS}, by=by)


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
    """Refused for who may not put the agreement into effect, and where the text that `by` read changed or is in effect already."""
    found = locked(id).prepared
    permissions.check_can_do(by, AgreementAct.DECIDE, found)
    check_text(found, version)
    check_state(found, AgreementAct.DECIDE)
    before = _decided(id)
    if before is None or before.by != by.email:
        record(AgreementAct.DECIDE, found, by)
    activate_when_decided(id)


@transaction.atomic
def take_back_activation(*, id: str, by: Actor) -> None:
    found = locked(id).prepared
    permissions.check_can_do(by, AgreementAct.TAKE_BACK, found)
    if _decided(id) is not None:
        record(AgreementAct.TAKE_BACK, found, by)


def _decided(id: str) -> LifecycleEvent | None:
    found = open_decisions().get(id)
    return found.event if found else None


def activate_when_decided(id: str) -> None:
    """After this transaction, carries out what was decided of the agreement; what came before it is done whatever comes of this."""
    transaction.on_commit(partial(carry_out_decisions, id), robust=True)


def carry_out_decisions(id: str | None = None) -> None:
    """Puts into effect what was decided and can be now: of one agreement, or of all. `what_stops` says what keeps one from it."""
    for each, found in open_decisions().items():
        if id in (None, each) and _is_due(found.text):
            with suppress(Refused):
                activate(id=each, by=_who(found.event), version=found.event.version, decided=found.event)


def what_stops(found: OpenDecision) -> str:
    """Why a text that should have taken effect by itself cannot; empty where nothing stops it, or it is not due."""
    if _is_due(found.text):
        try:
            permissions.check_can_do(_who(found.event), AgreementAct.ACTIVATE, found.text)
            _check_may_begin(found.text, today())
        except Refused as refused:
            return refused.message
    return ""


def _is_due(text: AgreementStatus) -> bool:
    return text.state is AgreementState.SIGNED and text.document.terms.effective <= today()


def _who(decided: LifecycleEvent) -> Actor:
    """Who decided it, as they may act now. Refused where their account is closed or acts for another partner."""
    try:
        by = actor(decided.by)
    except Refused:
        raise Refused(CLOSED, code="closed") from None
    if by.partner != decided.partner:
        raise Refused(MOVED, code="moved")
    return by
