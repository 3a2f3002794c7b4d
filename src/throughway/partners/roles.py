"""What a user does for a partner."""

from enum import StrEnum


class Role(StrEnum):
    DATA_STEWARD = "data_steward"
    PRIVACY_OFFICER = "privacy_officer"
    CASE_WORKER = "case_worker"
    PROGRAM_MANAGER = "program_manager"
    EVALUATOR = "evaluator"
    LEADER = "leader"
