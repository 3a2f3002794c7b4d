"""Who may act on an agreement.

Who signs for a partner is in `signing_authority.py`. A data steward or privacy officer of a party activates, terminates and orders
destruction; of three parties or more, one alone leaves instead. Any discloser may suspend on its own, and only that discloser lifts its
suspension. The operator keeps the register of agreements, but cannot bind a partner.

Example: the leader of a district that is not a party may not sign; the district's data steward may not either.
"""

from collections.abc import Callable, Collection

from throughway.agreements.acts import ACTS, BINDING
from throughway.agreements.approvals import EXERCISED_BY, Capacity
from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.agreements.states import AgreementAct, AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.core.refusals import Refused
from throughway.partners import Actor, Role
from throughway.partners.permissions import SIGNERS

IN_FORCE = frozenset({AgreementState.ACTIVE, AgreementState.SUSPENDED})
AUTHORS_ACTS = (AgreementAct.SUBMIT, AgreementAct.OFFER, AgreementAct.AGREE)


def check_can_do(actor: Actor, act: AgreementAct, found: AgreementStatus, author: str | None = None) -> None:
    """Those whom the table of acts names, of a party. In addition: only the author's partner submits, offers and settles (`author`;
    any party where the operator added the text), any discloser may suspend on its own, and only that discloser lifts its suspension."""
    parties = found.ever_parties if ACTS[act].former_parties else found.document.partners
    _check_among(actor, act, parties, found.document.id, ACTS[act].roles)
    if act in AUTHORS_ACTS:
        _check_author(actor, act, found.document, author)
    elif act is AgreementAct.SUSPEND:
        _check_discloser(actor, found.document)
    elif act is AgreementAct.RESUME:
        _check_suspended(actor, found)
    elif act is AgreementAct.TERMINATE:
        _check_may_end(actor, found)


def can_do(actor: Actor, act: AgreementAct, found: AgreementStatus, author: str | None = None) -> bool:
    return _allowed(lambda: check_can_do(actor, act, found, author))


def check_can_add(actor: Actor) -> None:
    """The operator, who keeps the register; of a partner's people, those who sign for it or keep its data."""
    if not actor.is_operator and actor.role not in BINDING:
        raise _refused(f"Only {_roles(BINDING)}, or the operator of the folder, may add an agreement.")


def check_can_replace(
    actor: Actor, found: AgreementStatus, author: str | None, *, agreed: bool = False
) -> None:
    """To replace a text in preparation: a party, its author, or the operator. In the full process only the author, where that is a
    party; the others propose changes, and any of them may add what all have accepted (`agreed`).

    Everyone else is told only that the id is taken.
    """
    id = found.document.id
    if actor.is_operator or (actor.partner == author and author is not None):
        return
    if actor.partner not in found.ever_parties:
        raise Refused(
            f"An agreement with the id {id} already exists; give this one another short name.", code="taken"
        )
    if found.full and author in found.document.partners and not agreed:
        raise _refused(
            f"{author} drafted {id}, so only its people may change the text; propose the change to them."
        )


def check_can_sign_on_paper(actor: Actor, found: AgreementStatus, party: str) -> None:
    """People of the party in a role that may sign may enter its signed paper (`signing_authority.check_may_sign` says who of them); the operator may
    for any party, and is named with it."""
    id = found.document.id
    if party not in found.document.partners:
        raise _refused(f"{party} is not a party to {id}, so no paper can be signed for it.")
    if actor.is_operator:
        return
    check_can_do(actor, AgreementAct.SIGN, found)
    if actor.partner != party:
        raise _refused(
            f"The signed paper of {party} is entered by its own people, or by the operator of the folder."
        )


def check_can_order_destruction(actor: Actor, document: AgreementDocument) -> None:
    act = AgreementAct.DESTROY
    _check_among(actor, act, document.partners, document.id, ACTS[act].roles)


def check_can_approve(
    actor: Actor, document: AgreementDocument, capacity: Capacity, held: Collection[str]
) -> None:
    """Those with the capacity's role at their partner; its leader where nobody has it (`held`: the roles of its people)."""
    role = EXERCISED_BY[capacity]
    roles = {role} if role in held else {role, Role.LEADER}
    _check_among(actor, AgreementAct.APPROVE, document.partners, document.id, roles)


def check_can_join(actor: Actor, document: AgreementDocument) -> None:
    """One in a role that may sign for their own partner, which is not a party yet."""
    if actor.partner is None:
        raise _refused(
            f"The operator of the folder cannot join; {_roles(SIGNERS)} of a partner does (--as EMAIL)."
        )
    if actor.partner in document.partners:
        raise _refused(f"{actor.partner} is already a party to {document.id}.")
    if actor.role not in SIGNERS:
        raise _refused(
            f"Your role {actor.role} may not join {document.id}; ask {_roles(SIGNERS)} of {actor.partner}."
        )


def check_can_record_abstention(actor: Actor, found: AgreementStatus, partner: str) -> None:
    """A partner's own people who may bind it or keep its data; or the operator, after a vote."""
    if actor.is_operator:
        return
    check_can_do(actor, AgreementAct.ABSTAIN, found)
    if actor.partner != partner:
        raise _refused(
            f"Only a partner's own people may record that it abstains from {found.document.id}, or a vote."
        )


def can_add(actor: Actor) -> bool:
    return _allowed(lambda: check_can_add(actor))


def can_order_destruction(actor: Actor, document: AgreementDocument) -> bool:
    return _allowed(lambda: check_can_order_destruction(actor, document))


def can_approve(actor: Actor, document: AgreementDocument, capacity: Capacity, held: Collection[str]) -> bool:
    return _allowed(lambda: check_can_approve(actor, document, capacity, held))


def _check_among(
    actor: Actor, act: AgreementAct, parties: Collection[str], id: str, roles: Collection[Role]
) -> None:
    verb = ACTS[act].verb
    if actor.partner is None:
        raise _refused(
            f"The operator of the folder may not {verb} {id}; {_roles(roles)} of a party does (--as EMAIL)."
        )
    if actor.partner not in parties:
        raise _refused(f"{actor.partner} is not a party to {id}, so its people may not {verb} it.")
    if actor.role not in roles:
        raise _refused(f"Your role {actor.role} may not {verb} {id}; ask {_roles(roles)} of {actor.partner}.")


def _check_author(actor: Actor, act: AgreementAct, document: AgreementDocument, author: str | None) -> None:
    if author in document.partners and actor.partner != author:
        raise _refused(
            f"{author} drafted {document.id}, so its people {ACTS[act].verb} it; propose changes, or object when it is "
            "settled."
        )


def _check_discloser(actor: Actor, document: AgreementDocument) -> None:
    if actor.partner not in document.parties_with(PartyRole.DISCLOSER):
        raise _refused(
            f"Only a discloser may suspend {document.id}; {actor.partner} gives no records under it."
        )


def _check_suspended(actor: Actor, found: AgreementStatus) -> None:
    if actor.partner not in found.suspended_by:
        who = " and ".join(sorted(found.suspended_by))
        raise _refused(
            f"Only the discloser that suspended {found.document.id} may lift its suspension: {who}."
            if who
            else f"{found.document.id} is not suspended, so there is nothing to lift."
        )


def _check_may_end(actor: Actor, found: AgreementStatus) -> None:
    """Of two parties, either ends it. Of more, one alone leaves, unless the text names it among those who may end it for all; an agreement
    that binds nobody, not yet or no longer, any party ends."""
    document, leaving = found.document, dict(found.leaving)
    stay = [partner for partner in document.partners if partner not in leaving]
    if found.state not in IN_FORCE or actor.partner in document.terms.ended_by:
        return
    if actor.partner in leaving and len(document.partners) > 2:
        raise _refused(
            f"{actor.partner} has given notice and leaves {document.id} on {leaving[actor.partner]}."
        )
    if len(stay) > 2:
        raise _refused(
            f"{document.id} has {len(stay)} parties, so one of them does not end it for the others: leave it instead, with its notice "
            f"(`throughway agreement leave {document.id}`, or “Leave it” on its page). All together end it by a later text with an earlier "
            "last day, which each signs."
        )


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
