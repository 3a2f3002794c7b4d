"""Who may enter, change and confirm entries of the directory."""

from throughway.core.refusals import Refused
from throughway.partners.actor import Actor, Role
from throughway.partners.kinds import PartnerKind

KEEPERS = frozenset({Role.PROGRAM_MANAGER, Role.DATA_STEWARD, Role.PRIVACY_OFFICER, Role.LEADER})


def may_keep_entries(actor: Actor, own: PartnerKind | None, partner: str) -> bool:
    """Whether the actor may change the partner's entries: its own keepers, the backbone's, and the operator. `own`: the kind of the
    actor's partner."""
    if actor.is_operator:
        return True
    return actor.role in KEEPERS and (own == PartnerKind.BACKBONE or actor.partner == partner)


def check_can_keep_entries(actor: Actor, own: PartnerKind | None, partner: str) -> None:
    if not may_keep_entries(actor, own, partner):
        raise Refused(
            f"Only a program manager, data steward, privacy officer or leader of {partner} or of the backbone can change its entries in "
            "the directory; ask one of them.",
            code="not_allowed",
        )
