"""Signing and putting into effect."""

from dataclasses import replace
from datetime import date

from django.db import transaction

from throughway.agreements import permissions
from throughway.agreements.actions.doing import (
    check_nothing_blocks,
    check_state,
    check_text,
    locked,
    past_day,
    record,
)
from throughway.agreements.document import AgreementDocument
from throughway.agreements.lifecycle import Act, Standing, State
from throughway.agreements.reading import one, one_prepared, policy
from throughway.agreements.signatures import BY_COMMAND, ON_SITE, account_of
from throughway.agreements.words import PartyRole
from throughway.partners import Actor
from throughway.partners.reading import opened
from throughway.refusals import Refused
from throughway.store.actions import cover

RECORD_KEYS = (
    "record_key"  # the store's table of a partner's own keys; every reading of its learners needs it
)


@transaction.atomic
def sign(
    *, id: str, by: Actor, on: date | None = None, version: str | None = None, title: str = "", authority: str = "",
    how: str = BY_COMMAND,
) -> Standing:  # fmt: skip
    """Signs the text for the actor's own partner; Refused while a finding blocks, twice, or without authority.

    `version`: the text that the signer read; Refused when another is current by now.
    `on`: the day on which it was signed on paper, for an agreement that a community brings with it (else today).
    `title` and `authority`: the office that signs and by what it binds the partner; else as the text names them.
    `how`: by what the signer was known to be who they are.
    """
    found = locked(id).prepared
    permissions.check_can_sign(by, found.document)
    check_text(found, version)
    if by.partner in found.signed_by and found.state is not State.TERMINATED:
        raise Refused(
            f"{by.partner} has already signed exactly this text of {id}; nothing was changed.",
            code="already_signed",
        )
    check_state(found, Act.SIGN)
    if found.state is State.DRAFT and policy().full:
        raise Refused(
            f"{id} is still a draft, and this community asks for review, negotiation and approval before anyone signs; "
            "submit it first.",
            code="is_draft",
        )
    details = signature(found, by, title, authority) | known_by(by, how)
    check_nothing_blocks(found.signed_text)
    record(Act.SIGN, found, by, day=past_day(on), details=details)
    return one_prepared(id)


def known_by(by: Actor, how: str) -> dict[str, str]:
    """By what the signer was known and, where an account signs, how that account was opened."""
    return {"how": how} | (account_of(opened(by.email)) if how == ON_SITE else {})


def signature(found: Standing, by: Actor, title: str, authority: str) -> dict[str, str]:
    """Office and authority: what the signer says, else what the text names for the partner."""
    named = next(
        (p.signatory for p in found.signed_text.parties if p.partner == by.partner and p.signatory), None
    )
    said = {
        "title": title.strip() or (named.title if named else ""),
        "authority": authority.strip() or (named.authority if named else ""),
    }
    if not all(said.values()) and found.full:
        raise Refused(
            f"The text of {found.document.id} does not say by which office and authority {by.partner} signs; say both "
            "(--title, --authority).",
            code="no_authority",
        )
    return said


def activate(*, id: str, by: Actor, on: date | None = None) -> Standing:
    """Puts the agreement, or its amendment, into effect: every party has signed, nothing blocks, its first day has come.

    Its key is then given the sealed files that its disclosers have already sent. Once more on an agreement in effect
    changes nothing, save that it finishes this when it was interrupted.

    `on`: the day on which it took effect, for one that was in force before the community kept its agreements here; it
    may have run out since.
    """
    day = past_day(on)
    with transaction.atomic():
        life = locked(id)
        found = life.prepared
        permissions.check_can_activate(by, found.document)
        if found.in_effect:
            standing = replace(found, reason=f"{id} was already in effect; nothing was changed.")
        else:
            _check_may_begin(found, day)
            record(Act.ACTIVATE, found, by, day=day)
            standing = one(id)
    if standing.in_effect:
        # After the commit: a load under way may need the database to finish, and the next one sees the agreement in effect.
        give_keys(standing.document, by)
    return standing


def give_keys(document: AgreementDocument, by: Actor, partners: tuple[str, ...] | None = None) -> None:
    """Lets the agreement's key open what its disclosers (or `partners` among them) have already sent."""
    tables = {line.table for line in document.schedule} | {entry.on for entry in document.population}
    givers = document.parties_with(PartyRole.DISCLOSER)
    if partners is not None:
        givers = tuple(giver for giver in givers if giver in partners)
    cover(agreement=document.id, partners=givers, tables=tables | {RECORD_KEYS}, by=by)


def _check_may_begin(found: Standing, day: date) -> None:
    id, terms = found.document.id, found.document.terms
    check_state(found, Act.ACTIVATE)
    check_nothing_blocks(found.signed_text)
    if day < terms.effective:
        raise Refused(f"{id} takes effect on {terms.effective}; activate it on that day.", code="too_early")
    if day > terms.expires:
        raise Refused(
            f"{id} expired on {terms.expires}; sign a new agreement with later days.", code="expired"
        )
