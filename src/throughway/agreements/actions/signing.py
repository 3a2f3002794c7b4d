"""Signing an agreement. Every signature, on the site, by command or on paper, passes `signing_authority.py`."""

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
from throughway.agreements.selectors import author_of, board_vote, policy, prepared_status, text_day, today
from throughway.agreements.signatures import BY_COMMAND, ON_PAPER, ON_SITE, account_of, check_paper
from throughway.agreements.signing_authority import (
    BY_ROLE,
    REGISTERED,
    check_may_sign,
    check_voted,
    needs_vote,
    own_words,
)
from throughway.agreements.states import AgreementAct, AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor, Role
from throughway.partners.selectors import opened
from throughway.partners.signatories.selectors import signing_register
from throughway.partners.signatories.signatory import Signatory


@transaction.atomic
def sign(
    *, id: str, by: Actor, on: date | None = None, version: str | None = None, title: str = "", authority: str = "",
    signer: str = "", how: str = BY_COMMAND,
) -> AgreementStatus:  # fmt: skip
    """Signs the text for the actor's own partner; Refused while a finding blocks, when it has signed already, or without authority.

    `version`: the text that the signer read; Refused when it is no longer current. `on`: an earlier day, not before the text was added
    (default: today); earlier signatures are entered on paper (`sign_on_paper`). `title`, `authority`, `signer`: the signing office, its
    authority to bind the partner and the signer's name, of who signs by role; those of a registered signatory are as registered. `how`:
    how the signer was identified.
    """
    found = locked(id).prepared
    permissions.check_can_do(by, AgreementAct.SIGN, found)
    signatory = check_may_sign(by, signing_register(by.partner or ""), id, today())
    _check_may_sign(found, by.partner or "", version)
    details = bound(found, by.partner or "", signatory, by.email) | known_by(by, how)
    details |= office_of(found, by, signatory, title, authority, signer)
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

    `signer`: who signed, by name: where the party registered its signatories by then, one of those registered on that day, whose office and
    authority are as registered; only the operator enters a paper of before the register. `title`: the office, otherwise; `on`: the date on
    the paper. The paper is taken to be of the current text (`version`), whose fingerprint is printed on every page of the paper to sign.
    """
    found = locked(id).prepared
    permissions.check_can_sign_on_paper(by, found, party)
    register, day = signing_register(party), past_day(on)
    if not by.is_operator:
        check_may_sign(by, register, id, today())
    _check_may_sign(found, party, version)
    if not signer.strip():
        raise Refused("State who signed the paper and in which office (--signer, --title).", code="no_signer")
    signatory = register.named(signer, day)
    # For a paper of before the register only the operator vouches: else whom a board's vote binds would date a paper back.
    if signatory is None and register.since is not None and (register.since <= day or not by.is_operator):
        raise Refused(
            f"{party} had nobody of that name registered to sign on {day}; give the name as registered, or let {party} register who signed.",
            code="not_registered",
        )
    if signatory is None and not title.strip():
        raise Refused("State who signed the paper and in which office (--signer, --title).", code="no_signer")
    check_paper(paper)
    acting = Actor(by.email, party, by.role)  # entered by the operator, and binding on the party
    details = bound(found, party, signatory, signatory.email if signatory else by.email)
    details |= office_of(found, acting, signatory, title, authority, signer)
    details |= {"how": ON_PAPER, "paper": _kept_paper(paper, by)}
    record(AgreementAct.SIGN, found, acting, day=day, details=details)
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


def bound(found: AgreementStatus, partner: str, signatory: Signatory | None, signer: str) -> dict[str, str]:
    """On what the signature stands, as recorded with it: the register, or the role, and the board's vote. Refused where a board must have
    voted and has not. `signer`: the address of who signs, whose vote alone is none."""
    id = found.document.id
    vote = board_vote(partner, id, found.version, signer)
    check_voted(partner, id, signatory, vote)
    return {
        "stands": REGISTERED if signatory else BY_ROLE,
        "registered": signatory.recorded if signatory else "",
        "registered_by": signatory.by if signatory else "",
        "person": signatory.email if signatory else "",
        "vote": vote.decision if needs_vote(signatory, vote) else "",
    }


def office_of(
    found: AgreementStatus, by: Actor, signatory: Signatory | None, title: str, authority: str, signer: str
) -> dict[str, str]:
    """The office, its authority and the name: of a signatory as the partner registered them, of others as the signer gives them. Where a
    leader gives no office, it is the one that the text names, unless the text is another party's words (`own_words`)."""
    if signatory is not None:
        for given, kept in ((title, signatory.office), (authority, signatory.authority)):
            if given.strip() and given.strip() != kept:
                raise Refused(
                    f"{by.partner} registered another office or authority for whoever signs; leave --title and --authority out, or let it "
                    "register these (`throughway signatory register`).",
                    code="not_as_registered",
                )
        return {"title": signatory.office, "authority": signatory.authority, "signer": signatory.name}
    id, role = found.document.id, Role(by.role).label if by.role in set(Role) else ""
    named = own_words(found, by.partner or "", author_of(id)) if by.role == Role.LEADER else None
    office = title.strip() or (named.title if named else role)
    signed_as = {
        "title": office,
        "authority": authority.strip() or (named.authority if named and office == named.title else ""),
    }
    if not all(signed_as.values()) and found.full:
        raise Refused(
            f"State the office and the authority by which {by.partner} signs {id} (--title, --authority).",
            code="no_authority",
        )
    return signed_as | {"signer": signer.strip()}
