"""Measures of the way from kindergarten to a living wage, in their order; two of them are signs on the way."""

from throughway.insight.measures.attendance import ATTENDANCE
from throughway.insight.measures.college import COMPLETION, ENROLLMENT
from throughway.insight.measures.early import MATH, READINESS, READING
from throughway.insight.measures.graduation import GRADUATION
from throughway.insight.measures.measure import Came, Cause, Count, Measure, Measured, Outcome, Passage
from throughway.insight.measures.ontrack import ON_TRACK
from throughway.insight.measures.policy import POLICY, Policy, decided
from throughway.insight.measures.sight import Sight
from throughway.insight.measures.work import EMPLOYMENT

MILESTONES = (
    READINESS, READING, MATH, ATTENDANCE, ON_TRACK, GRADUATION, ENROLLMENT, COMPLETION, EMPLOYMENT,
)  # fmt: skip

__all__ = [
    "MILESTONES", "POLICY", "Came", "Cause", "Count", "Measure", "Measured", "Outcome", "Passage", "Policy", "Sight",
    "decided",
]  # fmt: skip
