"""Partners join an open agreement, leave it with notice, or abstain, which excludes their records."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction

from throughway.agreements import permissions
from throughway.agreements.actions.activation import give_keys
from throughway.agreements.actions.common import check_nothing_blocks, check_state, check_text, locked, record
from throughway.agreements.actions.signing import bound, known_by, office_of
from throughway.agreements.effective_document import Joined, effective, model_for
from throughway.agreements.selectors import one, prepared_status, today
from throughway.agreements.signatures import BY_COMMAND
from throughway.agreements.signing_authority import check_may_sign
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import counted
from throughway.core.refusals import Refused
from throughway.partners import Actor
from throughway.partners.selectors import partners
from throughway.partners.signatories.selectors import signing_register


def join(
    *, id: str, by: Actor, title: str = "", authority: str = "", signer: str = "", details: Mapping[str, str] | None = None,
    version: str | None = None, how: str = BY_COMMAND,
) -> AgreementStatus:  # fmt: skip
    """The actor's partner joins an open agreement in effect by signing exactly its text; it is added wherever the first party of its
    kind is named. Refused where the resulting text has a blocking finding."""
    with transaction.atomic():
        found = locked(id).current
        permissions.check_can_join(by, found.document)
        check_text(found, version)
        signatory = check_may_sign(by, signing_register(by.partner or ""), id, today())
        signed_as = office_of(found, by, signatory, title, authority, signer)
        new = _joining(found, by, signed_as["title"], signed_as["authority"])
        check_state(found, AgreementAct.JOIN)
        check_nothing_blocks(effective(found.document, [new]), "joined")
        stands = bound(found, new.partner, signatory, by.email)
        signature_details = {"model": new.model, **signed_as, **stands, **known_by(by, how)}
        record(AgreementAct.JOIN, found, by, details={**(details or {}), **signature_details})
        standing = one(id)
    give_keys(standing.document, by, (new.partner,))  # after the commit, as on activation
    return standing


def _joining(found: AgreementStatus, by: Actor, title: str, authority: str) -> Joined:
    id, text, register = found.document.id, found.signed_text, partners()
    kind = register[by.partner or ""].kind
    if kind not in text.joinder.open_to:
        to = ", ".join(text.joinder.open_to)
        raise Refused(
            f"{id} is open to partners of kind {to}, and {by.partner} is of kind {kind}."
            if to
            else f"{id} is closed: only the parties that it names take part, and no other partner can join.",
            code="not_open",
        )
    if by.partner in text.partners:
        raise Refused(
            f"{by.partner} was a party to {id} and left; to come back, it must be named in an amendment.",
            code="has_left",
        )
    model = model_for(kind, {partner: facts.kind for partner, facts in register.items()}, text)
    if model is None:
        raise Refused(
            f"No party to {id} is of kind {kind}, so its text does not say what {by.partner} would give or "
            f"receive; amend the text first.",
            code="no_model",
        )
    if not (title.strip() and authority.strip()):
        raise Refused(
            f"State the office and the authority by which {by.partner} signs (--title, --authority).",
            code="no_authority",
        )
    return Joined(by.partner or "", model, title.strip(), authority.strip())


@transaction.atomic
def leave(*, id: str, by: Actor, on: date | None = None, reason: str = "") -> AgreementStatus:
    """The actor's partner gives notice. `on`: the first day on which it is not a party; default: the first that the notice period
    allows (`terms.exit_notice_days`, zero if absent). Until then it remains a party."""
    found = locked(id).current
    permissions.check_can_do(by, AgreementAct.LEAVE, found)
    check_state(found, AgreementAct.LEAVE)
    notice = found.document.terms.exit_notice_days or 0
    first = today() + timedelta(days=notice)
    if on is not None and on < first:
        raise Refused(
            f"{id} requires {counted(notice, 'day')} of notice, so {by.partner} may leave on {first} at the "
            f"earliest.",
            code="too_early",
        )
    if by.partner in dict(found.leaving):
        raise Refused(
            f"{by.partner} has already given notice and leaves {id} on {dict(found.leaving)[by.partner]}.",
            code="is_leaving",
        )
    if len(set(found.document.partners) - dict(found.leaving).keys()) <= 2:
        raise Refused(
            f"Without {by.partner}, no other party would be left under {id}; end the agreement instead.",
            code="last_two",
        )
    record(AgreementAct.LEAVE, found, by, why=reason, details={"out": (on or first).isoformat()})
    return one(id)


@transaction.atomic
def abstain(*, id: str, partner: str, decision: str, by: Actor) -> AgreementStatus:
    """Records that the partner abstained in a decision about the agreement (`decision`: its reference): its records are excluded."""
    found = locked(id).prepared
    permissions.check_can_record_abstention(by, found, partner)
    if partner not in found.document.partners:
        raise Refused(
            f"That partner is not a party to {id}, so it cannot abstain there.", code="unknown_party"
        )
    if partner in found.abstaining:
        raise Refused(f"The abstention of {partner} from {id} is already recorded.", code="already_abstains")
    check_state(found, AgreementAct.ABSTAIN)
    if not decision.strip():
        raise Refused("An abstention needs a reference to the decision.", code="no_decision")
    record(AgreementAct.ABSTAIN, found, by, details={"partner": partner, "decision": decision})
    return prepared_status(id)
