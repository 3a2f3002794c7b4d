"""The milestones from kindergarten to a living wage, in their order. Attendance and grade 9 are early signs, not steps."""

from throughway.measures.assessments import MATH, READINESS, READING
from throughway.measures.attendance import ATTENDANCE
from throughway.measures.college import COMPLETION, ENROLLMENT
from throughway.measures.graduation import GRADUATION
from throughway.measures.living_wage import EMPLOYMENT
from throughway.measures.on_track import ON_TRACK

MILESTONES = (
    READINESS, READING, MATH, ATTENDANCE, ON_TRACK, GRADUATION, ENROLLMENT, COMPLETION, EMPLOYMENT,
)  # fmt: skip
