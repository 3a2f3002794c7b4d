"""On track in grade 9: enough credits and at most a few failed semesters in core subjects, in the first year of high school.

Marks of one semester do not cover the year, and marks have no date. So a district's class is judged only once half of the students
with marks have attempted as many credits as the measure requires; until then it is not decided yet.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from throughway.core.prose import counted, listed, school_year
from throughway.measures.measure import Cause, Measure
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import (
    ENROLLED,
    Ctes,
    VisibleData,
    in_year,
    last_complete_year,
    like,
    shown_by,
    spells,
    texts,
    year_end,
)

MARK = "student_course_section_grade_earned"
MARKS = ("course_grade", "number_of_credits_earned", MARK)


def find_class(visible: VisibleData, policy: MeasurePolicy, on: date) -> Ctes | None:
    """The school years with students in grade 9 that had ended by that day."""
    if not visible.shows(*MARKS):
        return None
    return {
        **spells(visible),
        "classes": f"""SELECT year AS class, COUNT(DISTINCT person_id) AS students FROM spell
        WHERE grade = '09' AND year <= {last_complete_year(on)} GROUP BY year""",
    }


def due(year: int, policy: MeasurePolicy) -> date:
    """The last day of the year, or of the summer after it where summer courses count."""
    return date(year, *policy.summer_ends) if policy.summer_counts else year_end(year)


def judge(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    covered = visible.partners(*MARKS)
    attempted = visible.column("course_grade", "number_of_credits_attempted", "DOUBLE")
    return {
        **_ninth(visible, year),
        "marked": f"""
            SELECT person_id, COUNT(number_of_credits_earned) AS credited, SUM(number_of_credits_earned) AS credits,
              SUM(COALESCE({attempted}, number_of_credits_earned)) AS attempted,
              SUM(CASE WHEN NOT (COALESCE({_failed(visible, policy)}, FALSE) AND {_core(visible, policy)}) THEN 0
                       WHEN {attempted} >= {2 * policy.semester_credits} THEN 2 ELSE 1 END) AS failures
            FROM course_grade
            WHERE {_of_year(visible, policy, year)}
            GROUP BY person_id""",
        "whole_year": f"""
            SELECT COALESCE(n.partner, '') AS partner, TRUE AS in_full FROM ninth AS n JOIN marked AS m ON m.person_id = n.person_id WHERE m.credited > 0
            GROUP BY COALESCE(n.partner, '') HAVING 2 * SUM(CASE WHEN m.attempted >= {policy.credits} THEN 1 ELSE 0 END) >= COUNT(*)""",
        "result": f"""
            SELECT n.person_id, n.organization_id, n.partner,
              CASE WHEN COALESCE(m.credited, 0) = 0 OR w.in_full IS NULL THEN 'not seen'
                   WHEN m.credits >= {policy.credits} AND m.failures <= {policy.core_failures} THEN 'reached'
                   ELSE 'lost' END AS outcome,
              CASE WHEN COALESCE(m.credited, 0) > 0 AND w.in_full THEN NULL
                   WHEN COALESCE(m.credited, 0) > 0 THEN '{Cause.ENDS_EARLY}'
                   WHEN {shown_by('n.partner', covered)} THEN '{Cause.NO_RECORD}'
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM ninth AS n LEFT JOIN marked AS m ON m.person_id = n.person_id
            LEFT JOIN whole_year AS w ON w.partner = COALESCE(n.partner, '')""",
    }  # fmt: skip


def _ninth(visible: VisibleData, year: int) -> Ctes:
    """`ninth`: students in grade 9 in that year who were never in high school before."""
    return {
        **spells(visible),
        "first": """
            SELECT person_id, MIN(year) AS year FROM spell WHERE grade IN ('09', '10', '11', '12') GROUP BY person_id""",
        "ninth": f"""
            SELECT person_id, organization_id, partner FROM (
              SELECT s.person_id, s.organization_id, s.partner,
                ROW_NUMBER() OVER (PARTITION BY s.person_id ORDER BY s.start DESC, s.organization_id) AS place
              FROM spell AS s JOIN first AS f ON f.person_id = s.person_id AND f.year = s.year
              WHERE s.grade = '09' AND s.year = {year}) AS placed
            WHERE place = 1""",
    }  # fmt: skip


def _of_year(visible: VisibleData, policy: MeasurePolicy, year: int) -> str:
    """The marks that count."""
    graded = visible.column("course_grade", "grade_level_when_course_taken")
    summer = f"COALESCE({visible.column('course_grade', 'marking_period_name')}, '') NOT ILIKE '%summer%'"
    return f"""({graded} = '09' OR ({graded} IS NULL
                AND {in_year("valid_from", year)}))
              AND {"TRUE" if policy.summer_counts else summer}"""


def _failed(visible: VisibleData, policy: MeasurePolicy) -> str:
    """SQL: whether the mark means failed: by its letter, otherwise by a number below passing; NULL where neither decides."""
    letter = f"UPPER(TRIM({MARK}))"
    number = visible.column("course_grade", "numeric_grade_earned", "DOUBLE")
    return (
        f"CASE WHEN {letter} IN {texts(map(str.upper, policy.failing))} THEN TRUE "
        f"WHEN {letter} IN {texts(map(str.upper, policy.passing))} THEN FALSE "
        f"ELSE COALESCE({number}, TRY_CAST({MARK} AS DOUBLE)) < {policy.failing_below} END"
    )


def undecided(visible: VisibleData, policy: MeasurePolicy, year: int) -> Ctes:
    """The marks of core courses that are in neither list of the policy and are not numbers."""
    return {
        **_ninth(visible, year),
        "undecided": f"""SELECT DISTINCT TRIM({MARK}) AS mark FROM course_grade
            WHERE person_id IN (SELECT person_id FROM ninth) AND {_of_year(visible, policy, year)}
              AND TRIM({MARK}) <> '' AND {_core(visible, policy)} AND ({_failed(visible, policy)}) IS NULL""",
    }


# With more distinct values the column does not hold marks, and its values must not appear in a report.
MOST = 12


def why_not(marks: Sequence[Mapping[str, object]], year: int) -> str:
    """Why the marks of a class cannot be judged and what to do; empty where they can."""
    named = sorted(str(row["mark"])[:20] for row in marks)
    if not named:
        return ""
    named_marks = (
        listed(f"“{mark}”" for mark in named)
        if len(named) <= MOST
        else f"each of {len(named)} different marks"
    )
    return (
        f"It is not decided whether {named_marks} in core courses of grade 9 ({school_year(year)}) means failed: add each to "
        "failing or to passing under [measures] in throughway.toml."
    )


def _core(visible: VisibleData, policy: MeasurePolicy) -> str:
    """English, mathematics, science or social science: by SCED code, otherwise by words in the title."""
    sced = visible.column("course_grade", "school_courses_for_the_exchange_of_data_course_code")
    title = visible.column("course_grade", "course_title")
    by_code = like(sced, (f"{start}%" for start in policy.core_sced))
    return f"COALESCE({by_code}, {like(title, (f'%{word}%' for word in policy.core_words))}, FALSE)"


ON_TRACK = Measure(
    id="on-track",
    name="Are on track in grade 9",
    short="grade 9",
    lost="on the way through grade 9",
    definition=lambda policy: (
        f"Students with at least {policy.credits:g} credits and at most {counted(policy.core_failures, 'semester F')} in English, "
        "mathematics, science or social science in the first year of high school. "
        f"Summer courses {'count' if policy.summer_counts else 'do not count'}. A district’s class is not decided until half of the "
        f"students with marks have attempted {policy.credits:g} credits, because marks of one semester are not enough."
    ),
    group="first-time ninth graders",
    window=lambda policy: "the first year of high school",
    sign=True,
    causes=(Cause.NO_AGREEMENT, Cause.NO_RECORD, Cause.ENDS_EARLY),
    find_class=find_class,
    due=due,
    judge=judge,
    needs=((ENROLLED,), (MARKS,)),
    undecided=undecided,
    why_not=why_not,
)
