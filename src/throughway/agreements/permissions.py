"""Who may act on an agreement.

A leader or privacy officer signs for their own partner. A data steward or privacy officer of a party activates,
terminates and orders destruction. Any discloser suspends alone, and only that discloser lifts its suspension. The
operator of the folder keeps the register of agreements, and binds nobody.

Example: the leader of a district that is no party may not sign; the district's data steward may not either.
"""

from collections.abc import Callable, Collection

from throughway.agreements.approvals import EXERCISED_BY, Capacity
from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor, Role
from throughway.partners.permissions import SIGNERS

STEWARDS = frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER})
BINDING = SIGNERS | STEWARDS  # those who may speak for a discloser when it suspends


def check_can_add(actor: Actor) -> None:
    """The operator keeps the register; of a partner's people, those who sign for it or keep its data."""
    if not actor.is_operator and actor.role not in BINDING:
        raise _refused(f"Only {_roles(BINDING)}, or the operator of the folder, may add an agreement.")


def check_can_replace(
    actor: Actor, found: AgreementStatus, author: str | None, *, agreed: bool = False
) -> None:
    """Another text in the place of one that is prepared: a party, whoever began it, or the operator. On the long way whoever
    began it, where that is a party; the others propose changes, and what all have agreed to (`agreed`) any of them brings in.

    To everybody else the id is taken, and nothing is told of what has it.
    """
    id = found.document.id
    if actor.is_operator or (actor.partner == author and author is not None):
        return
    if actor.partner not in found.ever_parties:
        raise Refused(f"An agreement is called {id} already; give this one another short name.", code="taken")
    if found.full and author in found.document.partners and not agreed:
        raise _refused(f"{author} drafted {id}, so its people change its text; propose the change to them.")


def check_can_sign(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "sign", SIGNERS)


def check_can_sign_on_paper(actor: Actor, document: AgreementDocument, party: str) -> None:
    """Whoever may sign for the party enters its signed paper; the operator of the folder does for any, and is named beside it."""
    if party not in document.partners:
        raise _refused(f"{party} is not a party to {document.id}, so no paper is signed for it.")
    if actor.is_operator:
        return
    check_can_sign(actor, document)
    if actor.partner != party:
        raise _refused(
            f"The signed paper of {party} is entered by its own people, or by the operator of the folder."
        )


def check_can_activate(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "activate", STEWARDS)


def check_can_terminate(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "terminate", STEWARDS)


def check_can_order_destruction(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "order destruction under", STEWARDS)


def check_can_prepare(
    actor: Actor, document: AgreementDocument, act: AgreementAct, author: str | None
) -> None:
    """Submit, offer, settle: those of the author's partner who may bind it or keep its data; of any party where the operator
    added the text."""
    verb = {AgreementAct.SUBMIT: "submit", AgreementAct.OFFER: "offer", AgreementAct.AGREE: "settle"}[act]
    _check_party(actor, document, verb, BINDING)
    if author in document.partners and actor.partner != author:
        raise _refused(
            f"{author} drafted {document.id}, so its people {verb} it; propose changes, or object when it is settled."
        )


def check_can_approve(
    actor: Actor, document: AgreementDocument, capacity: Capacity, held: Collection[str]
) -> None:
    """Those who hold the capacity's role at their partner; its leader where nobody does (`held`: the roles held there)."""
    role = EXERCISED_BY[capacity]
    stands_in = role not in held
    _check_party(actor, document, "approve", {role, Role.LEADER} if stands_in else {role})


def check_can_object(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "object to", BINDING)


def check_can_join(actor: Actor, document: AgreementDocument) -> None:
    """A leader or privacy officer signs for their own partner, which is no party yet."""
    if actor.partner is None:
        raise _refused(
            f"The operator of the folder joins nothing; {_roles(SIGNERS)} of a partner does (--as EMAIL)."
        )
    if actor.partner in document.partners:
        raise _refused(f"{actor.partner} is already a party to {document.id}.")
    if actor.role not in SIGNERS:
        raise _refused(
            f"Your role {actor.role} may not join {document.id}; ask {_roles(SIGNERS)} of {actor.partner}."
        )


def check_can_leave(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "leave", SIGNERS)


def check_can_record_abstention(actor: Actor, document: AgreementDocument, partner: str) -> None:
    """A partner's own people who may bind it or keep its data; or the operator, after a vote."""
    if actor.is_operator:
        return
    _check_party(actor, document, "record an abstention from", BINDING)
    if actor.partner != partner:
        raise _refused(
            f"That a partner abstains from {document.id} is recorded by its own people, or after a vote."
        )


def check_can_end(actor: Actor, found: AgreementStatus, act: AgreementAct) -> None:
    """Wind down, destroy, close: a data steward or privacy officer of any partner that is or was a party."""
    verb = {
        AgreementAct.WIND_DOWN: "wind down",
        AgreementAct.DESTROY: "order destruction under",
        AgreementAct.CLOSE: "close",
    }[act]
    _check_among(actor, found.ever_parties, found.document.id, verb, STEWARDS)


def check_can_certify(actor: Actor, found: AgreementStatus) -> None:
    """For one's own partner, also one that has left."""
    _check_among(actor, found.ever_parties, found.document.id, "certify for", BINDING)


def check_can_suspend(actor: Actor, document: AgreementDocument) -> None:
    """Any discloser alone."""
    _check_party(actor, document, "suspend", BINDING)
    if actor.partner not in document.parties_with(PartyRole.DISCLOSER):
        raise _refused(
            f"Only a discloser may suspend {document.id}; {actor.partner} gives no records under it."
        )


def check_can_resume(actor: Actor, document: AgreementDocument, suspended_by: Collection[str]) -> None:
    """Only the discloser that suspended."""
    _check_party(actor, document, "resume", BINDING)
    if actor.partner not in suspended_by:
        who = " and ".join(sorted(suspended_by))
        raise _refused(
            f"Only the discloser that suspended {document.id} may lift its suspension: {who}."
            if who
            else f"{document.id} is not suspended, so there is nothing to lift."
        )


def can_add(actor: Actor) -> bool:
    return _allowed(lambda: check_can_add(actor))


def can_sign(actor: Actor, document: AgreementDocument) -> bool:
    return _allowed(lambda: check_can_sign(actor, document))


def can_activate(actor: Actor, document: AgreementDocument) -> bool:
    return _allowed(lambda: check_can_activate(actor, document))


def can_terminate(actor: Actor, document: AgreementDocument) -> bool:
    return _allowed(lambda: check_can_terminate(actor, document))


def can_order_destruction(actor: Actor, document: AgreementDocument) -> bool:
    return _allowed(lambda: check_can_order_destruction(actor, document))


def can_suspend(actor: Actor, document: AgreementDocument) -> bool:
    return _allowed(lambda: check_can_suspend(actor, document))


def can_prepare(actor: Actor, document: AgreementDocument, act: AgreementAct, author: str | None) -> bool:
    return _allowed(lambda: check_can_prepare(actor, document, act, author))


def can_approve(actor: Actor, document: AgreementDocument, capacity: Capacity, held: Collection[str]) -> bool:
    return _allowed(lambda: check_can_approve(actor, document, capacity, held))


def can_object(actor: Actor, document: AgreementDocument) -> bool:
    return _allowed(lambda: check_can_object(actor, document))


def can_end(actor: Actor, found: AgreementStatus, act: AgreementAct) -> bool:
    return _allowed(lambda: check_can_end(actor, found, act))


def can_certify(actor: Actor, found: AgreementStatus) -> bool:
    return _allowed(lambda: check_can_certify(actor, found))


def can_resume(actor: Actor, document: AgreementDocument, suspended_by: Collection[str]) -> bool:
    return _allowed(lambda: check_can_resume(actor, document, suspended_by))


def _check_party(actor: Actor, document: AgreementDocument, verb: str, roles: Collection[Role]) -> None:
    _check_among(actor, document.partners, document.id, verb, roles)


def _check_among(actor: Actor, parties: Collection[str], id: str, verb: str, roles: Collection[Role]) -> None:
    if actor.partner is None:
        raise _refused(
            f"The operator of the folder may not {verb} {id}; {_roles(roles)} of a party does (--as EMAIL)."
        )
    if actor.partner not in parties:
        raise _refused(f"{actor.partner} is not a party to {id}, so its people may not {verb} it.")
    if actor.role not in roles:
        raise _refused(f"Your role {actor.role} may not {verb} {id}; ask {_roles(roles)} of {actor.partner}.")


def _roles(roles: Collection[Role]) -> str:
    *first, last = sorted(role.value.replace("_", " ") for role in roles)
    return f"a {', '.join(first)} or {last}" if first else f"a {last}"


def _refused(message: str) -> Refused:
    return Refused(message, code="not_allowed")


def _allowed(check: Callable[[], None]) -> bool:
    try:
        check()
    except Refused:
        return False
    return True
