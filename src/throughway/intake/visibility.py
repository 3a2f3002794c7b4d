"""Whose loads one sees: a partner's own people their partner's, the data stewards of a party that keeps the data all."""

from collections.abc import Iterable

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole
from throughway.partners import Actor, Role


def sees_all_loads(actor: Actor, in_effect: Iterable[AgreementDocument]) -> bool:
    """`in_effect`: the documents of the agreements in effect; one without any is kept by nobody, and seen by its own."""
    return actor.is_operator or (
        actor.role == Role.DATA_STEWARD
        and any(actor.partner in document.parties_with(PartyRole.STEWARD) for document in in_effect)
    )


def sees_loads_of(actor: Actor, partner: str, in_effect: Iterable[AgreementDocument]) -> bool:
    return actor.partner == partner or sees_all_loads(actor, in_effect)
