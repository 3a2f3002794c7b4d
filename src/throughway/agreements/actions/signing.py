"""Signing an agreement."""

from datetime import UTC, date, datetime
from hashlib import sha256

from django.db import transaction

from throughway.agreements import permissions
from throughway.agreements.actions.activation import activate_when_decided
from throughway.agreements.actions.common import (
    check_nothing_blocks,
    check_state,
    check_text,
    locked,
    past_day,
    record,
)
from throughway.agreements.models import SignedPaper
from throughway.agreements.selectors import policy, prepared_status, text_day
from throughway.agreements.signatures import BY_COMMAND, ON_PAPER, ON_SITE, account_of, check_paper
from throughway.agreements.states import AgreementAct, AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor, Role
from throughway.partners.selectors import opened


@transaction.atomic
def sign(
    *, id: str, by: Actor, on: date | None = None, version: str | None = None, title: str = "", authority: str = "",
    how: str = BY_COMMAND,
) -> AgreementStatus:  # fmt: skip
    """Signs the text for the actor's own partner; Refused while a finding blocks, when it has signed already, or without authority.

    `version`: the text that the signer read; Refused when it is no longer current. `on`: an earlier day, not before the text was added
    (default: today); earlier signatures are entered on paper (`sign_on_paper`). `title` and `authority`: the signing office and its
    authority to bind the partner; default: see `signature`. `how`: how the signer was identified.
    """
    found = locked(id).prepared
    permissions.check_can_do(by, AgreementAct.SIGN, found)
    _check_may_sign(found, by.partner or "", version)
    details = signature(found, by, title, authority) | known_by(by, how)
    day = past_day(on)
    if on is not None and on < (added := text_day(found)):
        raise Refused(
            f"The text of {id} was added here on {added}, so it cannot have been signed here on {on}; leave "
            f"the day out, or give the paper that was signed elsewhere (--paper).",
            code="before_text",
        )
    record(AgreementAct.SIGN, found, by, day=day, details=details)
    activate_when_decided(id)
    return prepared_status(id)


@transaction.atomic
def sign_on_paper(
    *, id: str, by: Actor, party: str, paper: bytes, signer: str, title: str, on: date, authority: str = "",
    version: str | None = None,
) -> AgreementStatus:  # fmt: skip
    """Enters a signature that a party's office gave on paper, with the signed paper (a PDF), which is stored under its fingerprint.

    `signer`: who signed, by name; `title`: the office; `on`: the date on the paper. The paper is taken to be of the current text
    (`version`), whose fingerprint is printed on every page of the paper to sign.
    """
    found = locked(id).prepared
    permissions.check_can_sign_on_paper(by, found, party)
    _check_may_sign(found, party, version)
    if not (signer.strip() and title.strip()):
        raise Refused("State who signed the paper and in which office (--signer, --title).", code="no_signer")
    check_paper(paper)
    acting = Actor(by.email, party, by.role)  # entered by the operator, and binding on the party
    details = signature(found, acting, title, authority) | {
        "how": ON_PAPER,
        "signer": signer,
        "paper": _kept_paper(paper, by),
    }
    record(AgreementAct.SIGN, found, acting, day=past_day(on), details=details)
    activate_when_decided(id)
    return prepared_status(id)


def _check_may_sign(found: AgreementStatus, party: str, version: str | None) -> None:
    """Checks for every signature: the text read is current, the party has not signed it, and nothing blocks it."""
    id = found.document.id
    check_text(found, version)
    if party in found.signed_by and found.state is not AgreementState.TERMINATED:
        raise Refused(
            f"{party} has already signed exactly this text of {id}; nothing was changed.",
            code="already_signed",
        )
    check_state(found, AgreementAct.SIGN)
    if found.state is AgreementState.DRAFT and policy().full:
        raise Refused(
            f"{id} is still a draft, and this community requires review, negotiation and approval before "
            f"anyone signs; submit it first.",
            code="is_draft",
        )
    check_nothing_blocks(found.signed_text)


def _kept_paper(paper: bytes, by: Actor) -> str:
    """Stores the paper once, even with several signatures, and returns its SHA-256."""
    fingerprint = sha256(paper).hexdigest()
    SignedPaper.objects.get_or_create(
        sha256=fingerprint, defaults={"content": paper, "added_at": datetime.now(UTC), "added_by": by.email}
    )
    return fingerprint


def known_by(by: Actor, how: str) -> dict[str, str]:
    """How the signer was identified and, where an account signs, how that account was opened."""
    return {"how": how} | (account_of(opened(by.email)) if how == ON_SITE else {})


def signature(found: AgreementStatus, by: Actor, title: str, authority: str) -> dict[str, str]:
    """Office and authority as the signer gives them. Where neither is given, a leader signs in the office that the text names for the
    partner, and others in their own role. The authority named in the text applies to that office only."""
    named = next(
        (p.signatory for p in found.signed_text.parties if p.partner == by.partner and p.signatory), None
    )
    own = Role(by.role).label if by.role in set(Role) else ""
    office = title.strip() or (named.title if named and by.role == Role.LEADER else own)
    bound = named.authority if named and office == named.title else ""
    signed_as = {"title": office, "authority": authority.strip() or bound}
    if not all(signed_as.values()) and found.full:
        raise Refused(
            f"The text of {found.document.id} does not state the office and the authority by which "
            f"{by.partner} signs; state both (--title, --authority).",
            code="no_authority",
        )
    return signed_as
