"""Who may register a study, answer for a program, and record what was decided because of a finding.

An evaluator, data steward, privacy officer or leader registers studies, and takes back those of the own partner. A program's own partner replies to its finding. A leader, data
steward or privacy officer of the backbone or of the program's partner records decisions; their owner, or one of these, says what came
of them.
"""

from throughway.core.refusals import Refused
from throughway.partners import Actor, PartnerKind, Role

REGISTRARS = frozenset({Role.EVALUATOR, Role.DATA_STEWARD, Role.PRIVACY_OFFICER, Role.LEADER})
REPLIERS = frozenset({Role.LEADER, Role.PROGRAM_MANAGER, Role.PRIVACY_OFFICER, Role.DATA_STEWARD})
DECIDERS = frozenset({Role.LEADER, Role.DATA_STEWARD, Role.PRIVACY_OFFICER})


def may_register(actor: Actor) -> bool:
    return not actor.is_operator and actor.role in REGISTRARS


def check_can_register(actor: Actor) -> None:
    if not may_register(actor):
        raise _not_allowed(
            "Only an evaluator, data steward, privacy officer or leader registers a study; name one with --as."
        )


def may_take_back(actor: Actor, partner: str) -> bool:
    """`partner`: the one that registered the study."""
    return may_register(actor) and actor.partner == partner


def check_can_take_back(actor: Actor, partner: str) -> None:
    if not may_take_back(actor, partner):
        raise _not_allowed(
            "Only an evaluator, data steward, privacy officer or leader of the partner that registered a study takes it back."
        )


def may_reply(actor: Actor, program_partner: str) -> bool:
    return actor.partner == program_partner and actor.role in REPLIERS


def check_can_reply(actor: Actor, program_partner: str) -> None:
    if not may_reply(actor, program_partner):
        raise _not_allowed(
            "Only a leader, program manager, privacy officer or data steward of the program’s own partner replies to its finding."
        )


def may_decide(actor: Actor, own: PartnerKind | None, program_partner: str) -> bool:
    """`own`: the kind of the actor's partner."""
    return actor.role in DECIDERS and (own is PartnerKind.BACKBONE or actor.partner == program_partner)


def check_can_decide(actor: Actor, own: PartnerKind | None, program_partner: str) -> None:
    if not may_decide(actor, own, program_partner):
        raise _not_allowed(
            "Only a leader, data steward or privacy officer of the backbone or of the program’s partner records what was decided."
        )


def may_follow_up(actor: Actor, own: PartnerKind | None, program_partner: str, owner: str) -> bool:
    return not actor.is_operator and (actor.email == owner or may_decide(actor, own, program_partner))


def check_can_follow_up(actor: Actor, own: PartnerKind | None, program_partner: str, owner: str) -> None:
    if not may_follow_up(actor, own, program_partner, owner):
        raise _not_allowed("Only its owner, or who may record decisions, says what came of a decision.")


def _not_allowed(message: str) -> Refused:
    return Refused(message, code="not_allowed")
