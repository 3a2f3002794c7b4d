"""Who may act on an agreement.

A leader or privacy officer signs for their own partner. A data steward or privacy officer of a party activates,
terminates and orders destruction. Any discloser suspends alone, and only that discloser lifts its suspension. The
operator of the folder keeps the register of agreements, and binds nobody.

Example: the leader of a district that is no party may not sign; the district's data steward may not either.
"""

from collections.abc import Callable, Collection

from throughway.agreements.document import AgreementDocument
from throughway.agreements.words import PartyRole
from throughway.partners import Actor, Role
from throughway.refusals import Refused

SIGNERS = frozenset({Role.LEADER, Role.PRIVACY_OFFICER})
STEWARDS = frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER})
BINDING = SIGNERS | STEWARDS  # those who may speak for a discloser when it suspends


def check_can_add(actor: Actor) -> None:
    """The operator keeps the register; of a partner's people, those who sign for it or keep its data."""
    if not actor.is_operator and actor.role not in BINDING:
        raise _refused(f"Only {_roles(BINDING)}, or the operator of the folder, may add an agreement.")


def check_can_sign(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "sign", SIGNERS)


def check_can_activate(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "activate", STEWARDS)


def check_can_terminate(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "terminate", STEWARDS)


def check_can_order_destruction(actor: Actor, document: AgreementDocument) -> None:
    _check_party(actor, document, "order destruction under", STEWARDS)


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


def can_resume(actor: Actor, document: AgreementDocument, suspended_by: Collection[str]) -> bool:
    return _allowed(lambda: check_can_resume(actor, document, suspended_by))


def _check_party(actor: Actor, document: AgreementDocument, verb: str, roles: Collection[Role]) -> None:
    if actor.partner is None:
        raise _refused(
            f"The operator of the folder may not {verb} {document.id}; {_roles(roles)} of a party does (--as EMAIL)."
        )
    if actor.partner not in document.partners:
        raise _refused(f"{actor.partner} is not a party to {document.id}, so its people may not {verb} it.")
    if actor.role not in roles:
        raise _refused(
            f"Your role {actor.role} may not {verb} {document.id}; ask {_roles(roles)} of {actor.partner}."
        )


def _roles(roles: Collection[Role]) -> str:
    *first, last = sorted(role.value.replace("_", " ") for role in roles)
    return f"a {', '.join(first)} or {last}"


def _refused(message: str) -> Refused:
    return Refused(message, code="not_allowed")


def _allowed(check: Callable[[], None]) -> bool:
    try:
        check()
    except Refused:
        return False
    return True
