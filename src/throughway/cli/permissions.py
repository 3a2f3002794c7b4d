"""Who may use the commands that keep a partner's registers; the pages decide the same."""

from collections.abc import Callable

from throughway.cli.command import Settings, acting
from throughway.core.refusals import Refused
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.partners.kinds import PartnerKind


def keeps_register_of(settings: Settings) -> Callable[[str], bool]:
    """Tells of a partner whether the one who acts keeps its registers; Refused for those who keep none."""
    from throughway.partners.permissions import check_can_keep_registers, may_keep_people
    from throughway.partners.selectors import own_kind

    by = acting(settings)
    check_can_keep_registers(by)
    own = own_kind(by)
    return lambda partner: may_keep_people(by, own, partner)


def keeper(settings: Settings, what: str) -> Actor:
    """The one who acts, where it is the operator or answers for a partner's data; `what` is refused to others."""

    by = acting(settings)
    if not by.is_operator and by.role not in CUSTODIANS:
        raise Refused(
            f"{what} is for data stewards, privacy officers and leaders; ask one at your partner.",
            code="not_allowed",
        )
    return by


def of_backbone(by: Actor) -> bool:
    from throughway.partners.selectors import own_kind

    return own_kind(by) is PartnerKind.BACKBONE
