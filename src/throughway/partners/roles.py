"""The roles of a user, with the labels and descriptions that pages show."""

from collections.abc import Mapping
from enum import StrEnum


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
        return TITLES[self]

    @property
    def duty(self) -> str:
        """What the role may do, in one sentence."""
        return DUTIES[self]


OFFICERS = frozenset(
    {Role.DATA_STEWARD, Role.PRIVACY_OFFICER}
)  # keep registers, answer families, order destruction
# Custodians of their partner's records (34 CFR 99.32(c)): they also read the ledger about it and answer for it.
CUSTODIANS = OFFICERS | {Role.LEADER}

TITLES: Mapping[Role, str] = {
    Role.DATA_STEWARD: "Data steward",
    Role.PRIVACY_OFFICER: "Privacy officer",
    Role.CASE_WORKER: "Case worker",
    Role.PROGRAM_MANAGER: "Program manager",
    Role.EVALUATOR: "Evaluator",
    Role.LEADER: "Leader",
}
DUTIES: Mapping[Role, str] = {
    Role.DATA_STEWARD: "Brings in the partners’ files, settles who is who, and keeps partners and users.",
    Role.PRIVACY_OFFICER: "Reviews and signs agreements, watches the ledger, and keeps partners and users.",
    Role.CASE_WORKER: "Opens the pages of the students on their own caseload, where an agreement and the family allow it.",
    Role.PROGRAM_MANAGER: "Opens the pages of the students of their program, where an agreement allows it.",
    Role.EVALUATOR: "Asks what an evaluation agreement allows, and publishes protected figures.",
    Role.LEADER: "Signs agreements and reads published figures; opens no student’s page.",
}
