"""Ready for kindergarten, reads well in grade 3, on track in grade 8 mathematics: by the level that an assessment reports.

The cut is the assessment's own: its level's label says at or above, or below. A label that says neither is not counted.
"""

from datetime import date
from functools import partial

from throughway.insight.measures.measure import Cause, Measure
from throughway.insight.measures.policy import Policy
from throughway.insight.measures.sight import Sight
from throughway.insight.measures.sql import (
    Ctes,
    day,
    last_complete_year,
    like,
    school_year,
    spells,
    stays,
    texts,
    within,
    year_end,
    year_start,
)

LEVEL = (
    "assessment_result", "assessment_administration_start_date", "grade_level_when_assessed",
    "assessment_performance_level_label",
)  # fmt: skip


def _chosen(sight: Sight, policy: Policy, grade: str) -> str:
    """The rows of the assessment: its grade, and after kindergarten its subject."""
    subject = sight.column("assessment_result", "assessment_academic_subject")
    asked = {"03": policy.reading_subjects, "08": policy.math_subjects}.get(grade)
    about = f" AND {subject} IN {texts(asked)}" if asked else ""
    return f"grade_level_when_assessed = '{grade}' AND assessment_performance_level_label IS NOT NULL{about}"


def _find(grade: str, sight: Sight, policy: Policy, on: date) -> str | None:
    if not sight.shows(*LEVEL):
        return None
    taken = "assessment_administration_start_date"
    return f"""SELECT {school_year(taken)} AS class, COUNT(DISTINCT person_id) AS students FROM assessment_result
        WHERE {_chosen(sight, policy, grade)} AND {taken} <= {day(year_end(last_complete_year(on)))}
        GROUP BY {school_year(taken)}"""


def _judge(grade: str, sight: Sight, policy: Policy, year: int, on: date) -> Ctes:
    label = "assessment_performance_level_label"
    covered = sight.partners(*LEVEL)
    return {
        **spells(sight),
        **stays(year, on, grade=grade),
        "level": f"""
            SELECT person_id, MAX(CASE WHEN {like(label, policy.below)} THEN 0
                WHEN {like(label, policy.at_or_above)} THEN 1 END) AS at_or_above
            FROM assessment_result
            WHERE {_chosen(sight, policy, grade)} AND assessment_administration_start_date
              BETWEEN {day(year_start(year))} AND {day(year_end(year))}
            GROUP BY person_id""",
        "result": f"""
            SELECT h.person_id, h.organization_id, h.partner,
              CASE WHEN v.at_or_above = 1 THEN 'reached' WHEN v.at_or_above = 0 THEN 'lost' ELSE 'not seen' END AS outcome,
              CASE WHEN v.at_or_above IS NOT NULL THEN NULL
                   WHEN {within('h.partner', covered)} THEN '{Cause.NO_RECORD}'
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM home AS h LEFT JOIN level AS v ON v.person_id = h.person_id""",
    }  # fmt: skip


def _measure(
    id: str,
    grade: str,
    *,
    name: str,
    short: str,
    lost: str,
    definition: str,
    group: str,
    start: str,
    window: str,
    moves: int,
) -> Measure:
    return Measure(
        id=id, name=name, short=short, lost=lost, definition=definition, group=group, start=start, window=window,
        causes=(Cause.NO_AGREEMENT, Cause.NO_RECORD), find_class=partial(_find, grade),
        due=lambda year, policy: year_end(year), judge=partial(_judge, grade), optional=True,
        level=0 if grade == "KG" else int(grade), spring=grade == "KG", moves=moves,
    )  # fmt: skip


READINESS = _measure(
    "readiness", "KG", name="Are ready for kindergarten", short="ready", lost="before kindergarten",
    definition="At or above the cut of the assessment at the start of kindergarten, of those assessed.",
    group="kindergartners", start="Start kindergarten", window="the year of kindergarten", moves=1,
)  # fmt: skip
READING = _measure(
    "reading", "03", name="Read well in grade 3", short="reading", lost="before grade 3 reading",
    definition="Proficient on the State's reading test in grade 3, of those tested.", group="third graders",
    start="Start grade 3", window="the school year of grade 3", moves=4,
)  # fmt: skip
MATH = _measure(
    "math", "08", name="Are on track in grade 8 math", short="math", lost="before grade 8 math",
    definition="Proficient on the State's mathematics test in grade 8, of those tested.", group="eighth graders",
    start="Start grade 8", window="the school year of grade 8", moves=5,
)  # fmt: skip
