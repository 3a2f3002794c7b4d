"""Who may load a partner's files, and whose loads a user sees."""

from collections.abc import Iterable

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.core.refusals import Refused
from throughway.partners import Actor, Role


def check_can_load(actor: Actor, partner: str, in_effect: Iterable[AgreementDocument]) -> None:
    """The operator, the partner's own users, and the data stewards of a party that houses its records load its files."""
    if not can_load(actor, partner, in_effect):
        raise Refused(
            f"Only {partner}'s own users, a data steward of a partner that houses its records, or the "
            f"operator may load its files.",
            code="not_allowed",
        )


def can_load(actor: Actor, partner: str, in_effect: Iterable[AgreementDocument]) -> bool:
    if actor.is_operator or actor.partner == partner:
        return True
    return actor.role == Role.DATA_STEWARD and any(
        partner in document.parties_with(PartyRole.DISCLOSER)
        and actor.partner in document.parties_with(PartyRole.STEWARD)
        for document in in_effect
    )


def may_look(actor: Actor) -> bool:
    """A data steward looks on the site at a file that they may load, and saves a crosswalk for it."""
    return actor.role == Role.DATA_STEWARD and bool(actor.partner)


def sees_all_loads(actor: Actor, in_effect: Iterable[AgreementDocument]) -> bool:
    """`in_effect`: the documents of the agreements in effect. Without one, only the partner's own users see its loads."""
    return actor.is_operator or (
        actor.role == Role.DATA_STEWARD
        and any(actor.partner in document.parties_with(PartyRole.STEWARD) for document in in_effect)
    )


def sees_loads_of(actor: Actor, partner: str, in_effect: Iterable[AgreementDocument]) -> bool:
    return actor.partner == partner or sees_all_loads(actor, in_effect)
