"""Every write to agreements: add, sign, activate, suspend, resume, terminate. Each leaves one event beside it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from django.db import transaction

from throughway.agreements import permissions
from throughway.agreements.document import AgreementDocument, read_document, version_of
from throughway.agreements.lifecycle import OPEN, Act, Standing, State, may
from throughway.agreements.models import AgreementEvent, AgreementVersion
from throughway.agreements.reading import findings, one
from throughway.agreements.words import PartyRole
from throughway.partners import Actor
from throughway.refusals import Refused
from throughway.store.actions import cover

RECORD_KEYS = (
    "record_key"  # the store's table of a partner's own keys; every reading of its learners needs it
)


@transaction.atomic
def add(*, text: str, by: Actor) -> Standing:
    """Adds a text: the first of its id, or a changed one, which every party must then sign anew.

    The same text again changes nothing and says so. Refused once the agreement was activated.
    """
    permissions.check_can_add(by)
    document, faults = read_document(text)
    if document is None:
        more = f" ({len(faults) - 1} more: see `throughway agreement review`)" if len(faults) > 1 else ""
        raise Refused(f"The document cannot be added: {faults[0].message}{more}", code="blocked",
                      citations=[fault.citation for fault in faults if fault.citation])  # fmt: skip
    version = version_of(document)
    texts = list(
        AgreementVersion.objects.select_for_update().filter(agreement=document.id).order_by("number")
    )
    if texts and texts[-1].version == version:
        unchanged = f"{document.id} with exactly these terms was already there; nothing was changed."
        return replace(one(document.id), reason=unchanged)
    if texts:
        _check_may_change(one(document.id))
    number = texts[-1].number + 1 if texts else 1
    AgreementVersion.objects.update_or_create(
        agreement=document.id,
        version=version,
        defaults={"number": number, "text": text, "added_at": datetime.now(UTC), "added_by": by.email},
    )
    return _done(Act.ADD, document, version, by)


@transaction.atomic
def sign(*, id: str, by: Actor, on: date | None = None, version: str | None = None) -> Standing:
    """Signs the current text for the actor's own partner; Refused while a finding blocks.

    `version`: the text that the signer read; Refused when another is current by now.
    `on`: the day on which it was signed on paper, for an agreement that a community brings with it (else today).
    """
    found = _locked(id)
    permissions.check_can_sign(by, found.document)
    if by.partner in found.signed_by and found.state is not State.TERMINATED:
        return replace(found, reason=f"{by.partner} had already signed {id}; nothing was changed.")
    if version is not None and version != found.version:
        raise Refused(
            f"The text of {id} changed while you read it; read the new one before you sign.", code="changed"
        )
    _check_state(found, Act.SIGN)
    _check_nothing_blocks(id)
    return _done(Act.SIGN, found.document, found.version, by, day=_past_day(on))


def activate(*, id: str, by: Actor, on: date | None = None) -> Standing:
    """Puts the agreement into effect: every party has signed, nothing blocks, and its first day has come.

    Its key is then given the sealed files that its disclosers have already sent. Once more on an agreement in effect
    changes nothing, save that it finishes this when it was interrupted.

    `on`: the day on which it took effect, for one that was in force before the community kept its agreements here; it
    may have run out since.
    """
    day = _past_day(on)
    with transaction.atomic():
        found = _locked(id)
        permissions.check_can_activate(by, found.document)
        if found.in_effect:
            standing = replace(found, reason=f"{id} was already in effect; nothing was changed.")
        else:
            _check_may_begin(found, day)
            standing = _done(Act.ACTIVATE, found.document, found.version, by, day=day)
    if not standing.in_effect:
        return standing
    # After the commit: a load under way may need the database to finish, and the next one sees the agreement in effect.
    document = standing.document
    tables = {line.table for line in document.schedule} | {entry.on for entry in document.population}
    givers = document.parties_with(PartyRole.DISCLOSER)
    cover(agreement=id, partners=givers, tables=tables | {RECORD_KEYS}, by=by)
    return standing


@transaction.atomic
def suspend(*, id: str, by: Actor, reason: str = "") -> Standing:
    """Closes the agreement at once, for the discloser that acts; Refused when it is not in effect."""
    found = _locked(id)
    permissions.check_can_suspend(by, found.document)
    if by.partner in found.suspended_by:
        return replace(found, reason=f"{by.partner} had already suspended {id}; nothing was changed.")
    _check_state(found, Act.SUSPEND)
    return _done(Act.SUSPEND, found.document, found.version, by, why=reason)


@transaction.atomic
def resume(*, id: str, by: Actor) -> Standing:
    """Lifts the suspension of the actor's own partner; the agreement is in effect again when no other suspends it."""
    found = _locked(id)
    permissions.check_can_resume(by, found.document, found.suspended_by)
    _check_state(found, Act.RESUME)
    return _done(Act.RESUME, found.document, found.version, by)


@transaction.atomic
def terminate(*, id: str, by: Actor, reason: str = "") -> Standing:
    """Ends the agreement for good, from today on."""
    found = _locked(id)
    permissions.check_can_terminate(by, found.document)
    _check_state(found, Act.TERMINATE)
    return _done(Act.TERMINATE, found.document, found.version, by, why=reason)


def _locked(id: str) -> Standing:
    """The agreement as it stands today, with its rows held until this transaction ends."""
    list(AgreementVersion.objects.select_for_update().filter(agreement=id))
    return one(id)


def _done(
    act: Act,
    document: AgreementDocument,
    version: str,
    by: Actor,
    *,
    why: str = "",
    day: date | None = None,
) -> Standing:
    AgreementEvent.objects.create(
        agreement=document.id, version=version, what=act.value, why=why, by=by.email, partner=by.partner,
        role=by.role, at=datetime.now(UTC), day=day or date.today(),
    )  # fmt: skip
    return one(document.id)


def _past_day(on: date | None) -> date:
    today = date.today()
    if on is not None and on > today:
        raise Refused(f"{on} is still to come; give a day that has been, or leave it out.", code="too_early")
    return on or today


def _check_state(found: Standing, act: Act) -> None:
    if not may(found.state, act):
        raise Refused(
            f"One cannot {act} this agreement as it stands: {found.reason}", code=f"is_{found.state}"
        )


def _check_may_begin(found: Standing, today: date) -> None:
    id, terms = found.document.id, found.document.terms
    _check_state(found, Act.ACTIVATE)
    _check_nothing_blocks(id)
    if today < terms.effective:
        raise Refused(f"{id} takes effect on {terms.effective}; activate it on that day.", code="too_early")
    if today > terms.expires:
        raise Refused(
            f"{id} expired on {terms.expires}; sign a new agreement with later days.", code="expired"
        )


def _check_may_change(found: Standing) -> None:
    if found.state is State.TERMINATED:
        raise Refused(f"{found.reason} Give the new text an id of its own.", code="is_terminated")
    if found.state not in OPEN:
        raise Refused(
            f"{found.document.id} was activated, and its text stands; terminate it and give the changed text an id "
            "of its own, which every party signs.",
            code="amend",
        )


def _check_nothing_blocks(id: str) -> None:
    blocking = [finding for finding in findings(id) if finding.blocks]
    if blocking:
        first = blocking[0]
        more = f" {len(blocking) - 1} more: see the review." if len(blocking) > 1 else ""
        raise Refused(
            f"{id} cannot be signed or activated as it is: {first.id} at {first.element}: {first.message}{more}",
            code="blocked",
            citations=list(dict.fromkeys(finding.citation for finding in blocking if finding.citation)),
        )
