"""Who sees a release that is not public, and who may act on it.

A release in review is seen by the people of the partners whose records it counts, by those of the publishing partner, and by the
operator. A leader, privacy officer or data steward agrees or objects for a discloser, and answers or withdraws for the publisher; so
may the user who published it, and the operator may withdraw too. The figures of a withdrawn release are shown to nobody.

Example: the case workers of a district whose records are counted see a release in review; its leader may object; the leader of a
district that gave no records gets 404.
"""

from collections.abc import Collection
from dataclasses import dataclass

from throughway.agreements.acts import BINDING
from throughway.core.refusals import Refused
from throughway.partners import Actor
from throughway.partners.actor import OFFICERS
from throughway.publication.states import ReleaseState, ReleaseStatus


@dataclass(frozen=True)
class Publisher:
    """Who published a release."""

    email: str
    partner: str


def sees(actor: Actor, found: ReleaseStatus, publisher: Publisher) -> bool:
    """Whether the reader may know that the release exists."""
    return found.is_public or found.appeared or _concerned(actor, found.disclosers, publisher)


def sees_figures(actor: Actor, found: ReleaseStatus, publisher: Publisher) -> bool:
    if found.state is ReleaseState.WITHDRAWN:
        return False
    return found.is_public or _concerned(actor, found.disclosers, publisher)


def check_can_review(actor: Actor, disclosers: Collection[str]) -> None:
    """Agree, object, withdraw an objection: only for one's own partner, and only where its records are counted."""
    if not can_review(actor, disclosers):
        raise Refused(
            "Only a leader, privacy officer or data steward of a partner whose records a release counts can agree or object.",
            code="not_allowed",
        )


def check_can_answer(actor: Actor, publisher: Publisher) -> None:
    if not can_answer(actor, publisher):
        raise Refused(
            "Only the publisher of a release, or a leader, privacy officer or data steward of the same partner, can answer "
            "objections.",
            code="not_allowed",
        )


def check_can_withdraw(actor: Actor, publisher: Publisher) -> None:
    if not can_withdraw(actor, publisher):
        raise Refused(
            "Only the publisher of a release, a leader, privacy officer or data steward of the same partner, or "
            "the operator of the folder can withdraw it.",
            code="not_allowed",
        )


def check_keeps_outside_tables(actor: Actor) -> None:
    """Add or remove a table that somebody else has published."""
    if not (actor.is_operator or actor.role in OFFICERS):
        raise Refused(
            "Only a data steward, a privacy officer or the operator of the folder can keep the tables from outside.",
            code="not_allowed",
        )


def can_review(actor: Actor, disclosers: Collection[str]) -> bool:
    return actor.partner in disclosers and actor.role in BINDING


def can_answer(actor: Actor, publisher: Publisher) -> bool:
    return _publishes(actor, publisher)


def can_withdraw(actor: Actor, publisher: Publisher) -> bool:
    return actor.is_operator or _publishes(actor, publisher)


def _publishes(actor: Actor, publisher: Publisher) -> bool:
    return actor.email == publisher.email or (actor.partner == publisher.partner and actor.role in BINDING)


def _concerned(actor: Actor, disclosers: Collection[str], publisher: Publisher) -> bool:
    return actor.is_operator or actor.partner in {*disclosers, publisher.partner}
