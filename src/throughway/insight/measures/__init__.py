"""Measures of the way from kindergarten to a credential, in their order."""

from throughway.insight.measures.attendance import ATTENDANCE
from throughway.insight.measures.college import COMPLETION, ENROLLMENT
from throughway.insight.measures.early import READINESS, READING
from throughway.insight.measures.graduation import GRADUATION
from throughway.insight.measures.measure import Cause, Count, Measure, Measured, Outcome
from throughway.insight.measures.ontrack import ON_TRACK
from throughway.insight.measures.policy import POLICY, Policy
from throughway.insight.measures.sight import Sight

MILESTONES = (READINESS, READING, ATTENDANCE, ON_TRACK, GRADUATION, ENROLLMENT, COMPLETION)

__all__ = ["MILESTONES", "POLICY", "Cause", "Count", "Measure", "Measured", "Outcome", "Policy", "Sight"]
