"""Who may act in governance.

For the community, a leader, data steward or privacy officer of the backbone acts; for one body, its chair too. A board belongs to
its partner: that partner's people in these roles act, and its chair; the backbone never acts for it. The operator of the folder may
found bodies, and no more: nobody without a seat votes.

Example: the backbone's leader may not seat anybody on a district's board.
"""

from collections.abc import Collection

from throughway.core.refusals import Refused
from throughway.governance.bodies import Body, Seat
from throughway.governance.data_request import ANSWERERS, ASKERS
from throughway.partners import Actor, PartnerKind, Role

GOVERNORS = frozenset({Role.LEADER, Role.DATA_STEWARD, Role.PRIVACY_OFFICER})


def may_found(actor: Actor, own: PartnerKind | None, board_of: str | None) -> bool:
    """`own`: the kind of the actor's partner; `board_of`: whose board the body is, None for the community's."""
    if actor.is_operator:
        return True
    return actor.role in GOVERNORS and _for(actor, own, board_of)


def may_govern(actor: Actor, own: PartnerKind | None, body: Body, seats: Collection[Seat]) -> bool:
    """Whether one may seat, call meetings, move and close. `seats`: those of the body in office today."""
    if actor.is_operator:
        return False
    return (actor.role in GOVERNORS and _for(actor, own, body.partner)) or any(
        seat.chair and seat.holder == actor.email and seat.body == body.id for seat in seats
    )


def may_run_desk(actor: Actor, own: PartnerKind | None) -> bool:
    """Whether one leads data requests from step to step, for the community."""
    return actor.role in GOVERNORS and own is PartnerKind.BACKBONE


def check_can_found(actor: Actor, own: PartnerKind | None, board_of: str | None) -> None:
    if not may_found(actor, own, board_of):
        whose = f"of {board_of}" if board_of else "of the backbone"
        raise not_allowed(
            f"Only a leader, data steward or privacy officer {whose} founds this body; ask one of them."
        )


def check_can_govern(actor: Actor, own: PartnerKind | None, body: Body, seats: Collection[Seat]) -> None:
    if not may_govern(actor, own, body, seats):
        whose = f"of {body.partner}" if body.partner else "of the backbone"
        raise not_allowed(
            f"Only the chair of {body.name}, or a leader, data steward or privacy officer {whose}, may do this; ask one of them."
        )


def check_runs_desk(actor: Actor, own: PartnerKind | None) -> None:
    if not may_run_desk(actor, own):
        raise not_allowed(
            "Only a leader, data steward or privacy officer of the backbone leads requests; ask one of them."
        )


def check_can_ask(actor: Actor) -> None:
    if actor.is_operator or actor.role not in ASKERS:
        raise not_allowed(
            "Only a leader, evaluator, privacy officer or data steward of a partner asks for data; ask one of yours."
        )


def check_can_answer(actor: Actor, disclosers: Collection[str]) -> None:
    if actor.partner not in disclosers:
        raise not_allowed("This request asks for no records of your partner, so there is nothing to answer.")
    if actor.role not in ANSWERERS:
        raise not_allowed(
            "Only a leader, privacy officer or data steward answers for a partner’s records; ask one of yours."
        )


def not_allowed(message: str) -> Refused:
    return Refused(message, code="not_allowed")


def _for(actor: Actor, own: PartnerKind | None, board_of: str | None) -> bool:
    return actor.partner == board_of if board_of else own is PartnerKind.BACKBONE
