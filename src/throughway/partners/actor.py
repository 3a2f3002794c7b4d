"""Who acts: a user of a partner in one role, or the operator of the community folder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Actor:
    """One who acts, as rules and records see them. `partner` is None for the operator alone.

    `on_operators_word`: nobody signed in; the operator of the folder named this user on the command line.
    """

    email: str
    partner: str | None
    role: str
    on_operators_word: bool = field(default=False, compare=False)

    @property
    def is_operator(self) -> bool:
        return self.partner is None


# Whoever runs commands in the folder without saying who they are: may load, link, evaluate, check, verify, back up and
# keep the registers, and reads no student data.
OPERATOR = Actor(email="operator", partner=None, role="operator")


class Role(StrEnum):
    DATA_STEWARD = "data_steward"
    PRIVACY_OFFICER = "privacy_officer"
    CASE_WORKER = "case_worker"
    PROGRAM_MANAGER = "program_manager"
    EVALUATOR = "evaluator"
    LEADER = "leader"

    @property
    def label(self) -> str:
        """The role as a person says it."""
        return self.replace("_", " ").capitalize()

    @property
    def duty(self) -> str:
        """What the role may do, in one sentence."""
        return DUTIES[self]


# They keep registers, answer families and order destruction.
OFFICERS = frozenset({Role.DATA_STEWARD, Role.PRIVACY_OFFICER})
# Custodians of their partner's records (34 CFR 99.32(c)): they also read the ledger about it and answer for it.
CUSTODIANS = OFFICERS | {Role.LEADER}

DUTIES: Mapping[Role, str] = {
    Role.DATA_STEWARD: "Brings in the partners’ files, settles who is who, and keeps partners and users.",
    Role.PRIVACY_OFFICER: "Reviews agreements, signs where registered to, watches the ledger, and keeps partners and users.",
    Role.CASE_WORKER: "Opens the pages of the students on their own caseload, where an agreement and the family allow it.",
    Role.PROGRAM_MANAGER: "Opens the pages of the students of their program, where an agreement allows it.",
    Role.EVALUATOR: "Asks what an evaluation agreement allows, and publishes protected figures.",
    Role.LEADER: "Signs agreements and reads published figures; opens no student’s page.",
}
