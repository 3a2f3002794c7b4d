"""What a registered study may compare: outcomes, and what was so of a student before, each with the records that it needs.

An outcome has a domain. A baseline counts for a verdict only in the outcome's own domain (What Works Clearinghouse, handbook 4.1): a
score says nothing of whether a student will pass courses, and motivation, which no record has, drives both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from throughway.core.prose import listed
from throughway.evidence.study import Better
from throughway.measures import attendance
from throughway.measures.assessments import TABLE as TESTS
from throughway.measures.assessments import WHEN
from throughway.measures.college import ENROLLMENT
from throughway.measures.measure import Measure, Source
from throughway.measures.on_track import ON_TRACK
from throughway.measures.sql import ENROLLED, VisibleData

SCORE = (TESTS, WHEN[0], "assessment_academic_subject", "assessment_result_score_value")
ATTENDED = (attendance.MARKS, attendance.SUMMARY)
PARTICIPATION = (
    "program_participation", "program_identifier", "program_participation_start_date", "program_participation_status",
)  # fmt: skip


@dataclass(frozen=True)
class StudyOutcome:
    """`needs`: for each, any of several sources is enough; `subjects`: the field of the policy that says which tests are meant;
    `measure`: the measure that decides it, where it is yes or no; `first`: the step of its query before it, whose lost students have not
    reached the outcome either, if the program came before that step; `baseline`: what says the same of an earlier time."""

    id: str
    name: str
    domain: str
    unit: str
    better: Better
    needs: Sequence[Sequence[Source]]
    baseline: str = ""
    subjects: str = ""
    measure: Measure | None = None
    first: str = ""
    elements: frozenset[str] = frozenset()  # whose reading the ledger is asked about


@dataclass(frozen=True)
class StudyCovariate:
    """What was so before the program began. `group`: the kind of `measures.groups` that says it; `years_before`: of attendance and of
    scores, how many school years; `reliability`: the share of its variance that is no noise, None where it is counted and not
    measured."""

    id: str
    name: str
    domain: str = ""
    needs: Sequence[Sequence[Source]] = ()
    group: str = ""
    subjects: str = ""
    years_before: int = 1
    reliability: float | None = None

    @property
    def unit(self) -> str:
        """Of one with a domain."""
        return OUTCOMES[self.domain].unit


def _score(id: str, name: str, subjects: str) -> StudyOutcome:
    return StudyOutcome(
        id, f"{name} score, in standard deviations of all who took the same test in the same school year", id, "standard deviations",
        Better.HIGHER, ((SCORE,),), baseline=f"{id}_before", subjects=subjects,
        elements=frozenset({"assessment_result.assessment_result_score_value", "assessment_result.assessment_performance_level_label"}),
    )  # fmt: skip


OUTCOMES = {
    each.id: each
    for each in (
        _score("reading", "Reading", "reading_subjects"),
        _score("math", "Mathematics", "math_subjects"),
        StudyOutcome(
            "attendance", "Share of school days attended after time zero, in percent", "attendance", "percentage points", Better.HIGHER,
            (ATTENDED,), baseline="attendance_before",
            elements=frozenset({"attendance_day.attendance_status", "attendance_summary.number_of_days_absent"}),
        ),
        StudyOutcome(
            "on_track", "On track in grade 9", "progress in school", "share of students", Better.HIGHER, ON_TRACK.needs, measure=ON_TRACK,
            elements=frozenset({"course_grade.student_course_section_grade_earned", "course_grade.number_of_credits_earned"}),
        ),
        StudyOutcome(
            "college", "Enrolled in college within 16 months of graduation", "access to college", "share of students", Better.HIGHER,
            ENROLLMENT.needs, measure=ENROLLMENT, first="graduation",
            elements=frozenset({"postsecondary_enrollment.entry_date_into_postsecondary"}),
        ),
    )
}  # fmt: skip
TESTED = 0.9  # of a student's score: our assumption, stated in the manual; the technical report of a test says its own
COVARIATES = {
    each.id: each
    for each in (
        StudyCovariate("reading_before", "Reading score before", "reading", ((SCORE,),), subjects="reading_subjects", reliability=TESTED),
        StudyCovariate("math_before", "Mathematics score before", "math", ((SCORE,),), subjects="math_subjects", reliability=TESTED),
        StudyCovariate(
            "reading_two_years_before", "Reading score two school years before", "reading", ((SCORE,),), subjects="reading_subjects", years_before=2
        ),
        StudyCovariate(
            "math_two_years_before", "Mathematics score two school years before", "math", ((SCORE,),), subjects="math_subjects", years_before=2
        ),
        StudyCovariate("attendance_before", "Share of days attended the school year before", "attendance", (ATTENDED,)),
        StudyCovariate(
            "attendance_two_years_before", "Share of days attended two school years before", "attendance", (ATTENDED,), years_before=2
        ),
        StudyCovariate("other_help", "In another program by time zero", needs=((PARTICIPATION,),)),
        StudyCovariate("grade", "Grade", needs=((ENROLLED,),)),
        StudyCovariate("school", "School", needs=((ENROLLED,),)),
        StudyCovariate("district", "District", needs=((ENROLLED,),)),
        StudyCovariate("sex", "Sex", group="sex"),
        StudyCovariate("race", "Race and ethnicity", group="race"),
        StudyCovariate("english_learner", "English learner", group="english learner"),
        StudyCovariate("low_income", "Family with low income", group="low income"),
        StudyCovariate("disability", "Disability on record", group="disability"),
        StudyCovariate("foster_care", "Foster care on record", group="foster care"),
    )
}  # fmt: skip
# What a comparison must adjust for beside the baseline, wherever its purpose shows it: else a study would pass by looking away.
PRESET = ("sex", "english_learner", "low_income", "disability")
EARLIER = "two_years_before"


def prior_placebo(outcome: str) -> str:
    """The outcome as it was before the baseline, which no program of this school year can have moved; empty where no record says it."""
    name = f"{OUTCOMES[outcome].domain}_{EARLIER}"
    return name if name in COVARIATES else ""


SUBGROUPS = tuple(each.id for each in COVARIATES.values() if not each.domain)
RUNNING = tuple(each.id for each in COVARIATES.values() if each.domain)
PLACEBOS = (
    *RUNNING,
    *OUTCOMES,
)  # what was so before, or an outcome of a matter that the program does not touch


def name_of(id: str) -> str:
    """The name of an outcome or of what was so before."""
    return OUTCOMES[id].name if id in OUTCOMES else COVARIATES[id].name


def lacking(needs: Sequence[Sequence[Source]], visible: VisibleData) -> str:
    """Which columns no partner shows, in words; empty where enough is shown."""
    for sources in needs:
        if not any(visible.shows(*source) for source in sources):
            return " or ".join(f"{listed(columns)} of {table}" for table, *columns in sources)
    return ""
