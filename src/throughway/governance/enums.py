"""The closed lists of words of governance, each with how a person says it."""

from collections.abc import Mapping
from enum import StrEnum


class BodyKind(StrEnum):
    STEERING = "steering"
    COUNCIL = "council"
    BOARD = "board"  # of one partner; its decisions bind that partner alone


class MotionKind(StrEnum):
    """What a body can be asked to decide."""

    APPROVE = "approve"  # the exact text of an agreement
    GRANT = "grant"  # a data request
    ADMIT = "admit"  # a further partner to an open agreement
    OTHER = "other"


class VotingRule(StrEnum):
    """How votes make a decision."""

    UNANIMOUS = "unanimous"  # of those who do not abstain
    MAJORITY = "majority"  # of the votes cast
    TWO_THIRDS = "two_thirds"  # of the votes cast


class VoteChoice(StrEnum):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class MotionResult(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NO_QUORUM = "no_quorum"  # nothing was decided


BODY_KINDS: Mapping[BodyKind, str] = {
    BodyKind.STEERING: "Steering committee",
    BodyKind.COUNCIL: "Data governance council",
    BodyKind.BOARD: "Board of one partner",
}
MOTION_KINDS: Mapping[MotionKind, str] = {
    MotionKind.APPROVE: "Approve the text of an agreement",
    MotionKind.GRANT: "Grant or refuse a data request",
    MotionKind.ADMIT: "Admit a partner to an open agreement",
    MotionKind.OTHER: "Anything else",
}
MOTION_LABELS: Mapping[MotionKind, str] = {  # of one motion
    MotionKind.APPROVE: "The text of an agreement",
    MotionKind.GRANT: "A data request",
    MotionKind.ADMIT: "A further partner",
    MotionKind.OTHER: "A motion",
}
RULES: Mapping[VotingRule, str] = {
    VotingRule.UNANIMOUS: "Unanimous, save abstentions: one no stops it",
    VotingRule.MAJORITY: "Majority of the votes cast: more yes than no",
    VotingRule.TWO_THIRDS: "Two thirds of the votes cast",
}
CHOICES: Mapping[VoteChoice, str] = {
    VoteChoice.YES: "Yes",
    VoteChoice.NO: "No",
    VoteChoice.ABSTAIN: "Abstain",
}
RESULTS: Mapping[MotionResult, tuple[str, str]] = {  # the kind of tag, and its words
    MotionResult.PASSED: ("ok", "passed"),
    MotionResult.FAILED: ("stop", "not passed"),
    MotionResult.NO_QUORUM: ("warn", "no quorum"),
}
