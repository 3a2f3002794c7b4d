"""Texts of an agreement: the first, a revision during preparation, and an amendment or renewal of the one in effect."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from django.db import IntegrityError, transaction

from throughway.agreements import permissions
from throughway.agreements.actions.common import check_state, locked, record_event
from throughway.agreements.diff.access_impact import beyond_consent
from throughway.agreements.document import AgreementDocument, canonical, read_document, version_of
from throughway.agreements.models import AgreementVersion
from throughway.agreements.selectors import author_of, lifecycle_of, today
from throughway.agreements.states import OPEN, OVER, AgreementAct
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor


def add(*, text: str, by: Actor, agreed: bool = False) -> AgreementStatus:
    """Adds a text: the first of its id, or a revision, which every party must then sign again. `agreed`: every party has accepted the
    changes.

    Adding the same text again changes nothing and says so. While an amendment is in preparation, the text replaces it. Refused once
    the agreement was activated and no amendment is in preparation.
    """
    permissions.check_can_add(by)
    document = _read(text)
    with _one_at_a_time(document.id), transaction.atomic():
        if not _is_there(document.id):
            return _put(AgreementAct.ADD, document, text, by)
        found = locked(document.id)
        before = found.prepared
        permissions.check_can_replace(by, before, author_of(document.id), agreed=agreed)
        if version_of(document) == before.version:
            unchanged = f"{document.id} was already added with exactly these terms; nothing was changed."
            return replace(before, reason=unchanged)
        if found.pending is None:
            _check_may_change(before)
        else:
            _check_amends(found, document, by)
        return _put(AgreementAct.ADD, document, text, by)


def amend(*, id: str, text: str, by: Actor) -> AgreementStatus:
    """Adds a later text of the agreement. The present text stays in effect until the later one is activated."""
    permissions.check_can_add(by)
    document = _read(text)
    if document.id != id:
        raise Refused(
            f"The text names another agreement than {id}; an amendment keeps the id of what it amends.",
            code="other_id",
        )
    return _later(AgreementAct.AMEND, id, document, text, by)


def renew(*, id: str, until: date | None = None, by: Actor) -> AgreementStatus:
    """An amendment that changes only the last day: to `until`, by default extending the agreement by its present duration."""
    permissions.check_can_add(by)
    now = lifecycle_of(id, today()).current
    terms = now.signed_text.terms
    last = until or _once_more(terms.effective, terms.expires)
    if last <= terms.expires:
        raise Refused(f"{id} runs until {terms.expires}; a renewal needs a later last day.", code="not_later")
    values = json.loads(canonical(now.signed_text))
    values["terms"]["expires"] = last.isoformat()
    text = json.dumps(values, indent=2, ensure_ascii=False)
    return _later(AgreementAct.RENEW, id, _read(text), text, by)


def _later(act: AgreementAct, id: str, document: AgreementDocument, text: str, by: Actor) -> AgreementStatus:
    with _one_at_a_time(id), transaction.atomic():
        found = locked(id)
        if found.current.state in OPEN:
            raise Refused(
                f"{id} was never in effect; change its text with `throughway agreement add`.",
                code="never_active",
            )
        check_state(found.current, act)
        if found.pending is not None:
            raise Refused(
                f"Another amendment of {id} is already prepared; `throughway agreement add` replaces its text.",
                code="already_amending",
            )
        _check_amends(found, document, by)
        return _put(act, document, text, by)


def _put(act: AgreementAct, document: AgreementDocument, text: str, by: Actor) -> AgreementStatus:
    version = version_of(document)
    newest = AgreementVersion.objects.filter(agreement=document.id).order_by("number").last()
    AgreementVersion.objects.create(
        agreement=document.id, version=version, number=newest.number + 1 if newest else 1, text=text,
        added_at=datetime.now(UTC), added_by=by.email,
    )  # fmt: skip
    record_event(act, document.id, version, by)
    return lifecycle_of(document.id, today()).prepared


def _read(text: str) -> AgreementDocument:
    document, faults = read_document(text)
    if document is None:
        more = f" ({len(faults) - 1} more: see `throughway agreement review`)" if len(faults) > 1 else ""
        raise Refused(f"The document cannot be added: {faults[0].message}{more}", code="blocked",
                      citations=[fault.citation for fault in faults if fault.citation])  # fmt: skip
    if not document.parties:  # nobody could sign, change or remove it
        raise Refused("The document cannot be added: parties is empty; list those who agree, each with its roles.",
                      code="blocked", citations=["agreement/1"])  # fmt: skip
    return document


def _is_there(id: str) -> bool:
    return AgreementVersion.objects.filter(agreement=id).exists()


def _check_may_change(found: AgreementStatus) -> None:
    id = found.document.id
    if found.state in OVER:
        raise Refused(f"{found.reason} Give the new text an id of its own.", code="is_terminated")
    if found.state not in OPEN:
        raise Refused(
            f"{id} was activated, so its text is final; change it with `throughway agreement amend`, which "
            f"adds a later text, or give the changed text an id of its own.",
            code="amend",
        )


def _check_amends(found: AgreementLifecycle, document: AgreementDocument, by: Actor) -> None:
    """Checks for an amendment: added by a party or the operator, new, and including all who joined."""
    id, now = document.id, found.current
    if not by.is_operator and by.partner not in now.document.partners:
        raise Refused(
            f"{by.partner} is not a party to {id}, so its people may not amend it.", code="not_allowed"
        )
    if version_of(document) in found.activated:
        raise Refused(
            f"Exactly this text of {id} was in effect before, so the signatures of the two could not be "
            f"told apart; give it another first day.",
            code="unchanged",
        )
    for joined in now.joined:
        if joined.partner not in document.partners and joined.model not in document.partners:
            raise Refused(
                f"{joined.partner} joined {id}, but the amended text does not name it; name it among the "
                f"parties.",
                code="joined_left_out",
            )
    _check_within_consents(found, document)


def _check_within_consents(found: AgreementLifecycle, document: AgreementDocument) -> None:
    """A consent covers one purpose of an agreement, so nothing may be added to a purpose for which families consented to less."""
    kept = [text for text in found.texts if text.version in found.activated]
    more = beyond_consent([text.document for text in kept], document)
    if more:
        purpose, discloser, recipient, element = more[0]
        others = f", and {len(more) - 1} more like it," if len(more) > 1 else ""
        raise Refused(
            f"Families of {discloser} consented to {purpose} without {element} for {recipient}{others} as the later text shows "
            "it; give the added elements a new purpose with its own id, so that families are asked to "
            "consent to it.",
            code="beyond_consent",
            citations=["34 CFR 99.30(b)"],
        )


def _once_more(first: date, last: date) -> date:
    """The new last day after the same duration: in whole years where possible, otherwise in days."""
    year = min(last.year + (round((last - first).days / 365.25) or 1), date.max.year)
    try:
        return last.replace(year=year)
    except ValueError:  # February 29
        return last.replace(year=year, day=28)


class _one_at_a_time:
    """Refuses the second of two concurrent additions of the first text of an id, or of an amendment."""

    def __init__(self, id: str) -> None:
        self.id = id

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, IntegrityError):
            raise Refused(
                f"Someone else added a text of {self.id} at the same time; read it, then try again.",
                code="changed",
            ) from error
