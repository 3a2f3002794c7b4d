"""Who may keep the registers of partners and users."""

from throughway.partners.actor import Actor
from throughway.partners.roles import Role
from throughway.refusals import Refused

KEEPERS = frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER})


def check_can_keep_registers(actor: Actor) -> None:
    """The operator of the folder; of partners' people, those who answer for data. A leader may not."""
    if not actor.is_operator and actor.role not in KEEPERS:
        raise Refused(
            "Only the operator of the folder, a data steward or a privacy officer keeps the registers; ask one of them.",
            code="not_allowed",
        )
