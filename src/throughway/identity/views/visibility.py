"""Who looks at single persons and pairs: the desk of the partner that keeps all records."""

from datetime import date

from django.http import Http404

from throughway.agreements.enums import PurposeKind
from throughway.agreements.selectors import agreement_statuses
from throughway.gate.available_purposes import OpenPurpose, openings
from throughway.ledger.visibility import sight
from throughway.partners.actor import Actor


def check_keeps_all(actor: Actor) -> None:
    """Only the desk of a steward looks at single persons; for all others the page is not there."""
    if not sight(actor).everything:
        raise Http404


def linkage_openings(actor: Actor) -> list[OpenPurpose]:
    """The linkage purposes that are meant for this reader, each once."""
    return list({each.purpose: each for each in every_opening(actor)}.values())


def every_opening(actor: Actor) -> list[OpenPurpose]:
    """The same, once for each agreement and interest that states it."""
    return openings(agreement_statuses(date.today()), actor, [PurposeKind.LINKAGE])
