"""What is counted and how: the milestones of the pipeline, each a measure, and the thresholds that they share."""

from throughway.measures.measure import (
    Cause,
    Measure,
    MeasuredClass,
    MilestoneArrival,
    MilestoneOutcome,
    MilestoneStep,
    OutcomeCount,
)
from throughway.measures.milestones import MILESTONES
from throughway.measures.policy import POLICY, MeasurePolicy, decided
from throughway.measures.sql import VisibleData

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
]
