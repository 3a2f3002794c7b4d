"""Measures of the way from kindergarten to a living wage, in their order; two of them are signs on the way."""

from throughway.measures.assessments import MATH, READINESS, READING
from throughway.measures.attendance import ATTENDANCE
from throughway.measures.college import COMPLETION, ENROLLMENT
from throughway.measures.graduation import GRADUATION
from throughway.measures.living_wage import EMPLOYMENT
from throughway.measures.measure import (
    Cause,
    Measure,
    MeasuredClass,
    MilestoneArrival,
    MilestoneOutcome,
    MilestoneStep,
    OutcomeCount,
)
from throughway.measures.ontrack import ON_TRACK
from throughway.measures.policy import POLICY, MeasurePolicy, decided
from throughway.measures.visible_data import VisibleData

MILESTONES = (
    READINESS, READING, MATH, ATTENDANCE, ON_TRACK, GRADUATION, ENROLLMENT, COMPLETION, EMPLOYMENT,
)  # fmt: skip

__all__ = [
    "MILESTONES",
    "POLICY",
    "Cause",
    "Measure",
    "MeasurePolicy",
    "MeasuredClass",
    "MilestoneArrival",
    "MilestoneOutcome",
    "MilestoneStep",
    "OutcomeCount",
    "VisibleData",
    "decided",
]  # fmt: skip
