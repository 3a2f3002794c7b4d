"""Enters what landed of a partner into its register of data systems."""

from throughway.core.refusals import Refused
from throughway.intake.stored_elements.selectors import landed
from throughway.partners import Actor
from throughway.partners.permissions import check_can_keep_systems
from throughway.partners.selectors import known, own_kind
from throughway.partners.systems.actions import Entered, enter_loaded


def register_landed(*, partner: str, by: Actor) -> Entered:
    """The system "As loaded here" of the partner, entered or refreshed. Refused when nothing of it has landed."""
    known(partner)
    check_can_keep_systems(by, own_kind(by), partner)
    holdings = landed(partner)
    if not holdings:
        raise Refused(
            f"Nothing of {partner} has landed yet; load a file first, or enter its systems by hand.",
            code="nothing_landed",
        )
    return enter_loaded(partner=partner, holdings=holdings, by=by)
