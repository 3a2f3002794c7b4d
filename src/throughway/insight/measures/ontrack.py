"""On track in grade 9: enough credits and hardly a failed semester in a core subject, in the first year of high school."""

from datetime import date

from throughway.insight.measures.measure import Cause, Measure
from throughway.insight.measures.policy import Policy
from throughway.insight.measures.sight import Sight
from throughway.insight.measures.sql import (
    ENROLLED,
    Ctes,
    day,
    last_complete_year,
    like,
    shown_by,
    spells,
    texts,
    year_end,
    year_start,
)
from throughway.prose import counted

MARKS = ("course_grade", "number_of_credits_earned", "student_course_section_grade_earned")


def find_class(sight: Sight, policy: Policy, on: date) -> str | None:
    """The school years, over by that day, with students in grade 9."""
    if not sight.shows(*MARKS):
        return None
    parts = ", ".join(f"{name} AS ({body})" for name, body in spells(sight).items())
    return f"""WITH {parts} SELECT year AS class, COUNT(DISTINCT person_id) AS students FROM spell
        WHERE grade = '09' AND year <= {last_complete_year(on)} GROUP BY year"""


def judge(sight: Sight, policy: Policy, year: int, on: date) -> Ctes:
    covered = sight.partners(*MARKS)
    t = "course_grade"
    attempted = sight.column(t, "number_of_credits_attempted", "DOUBLE")
    graded = sight.column(t, "grade_level_when_course_taken")
    summer = f"COALESCE({sight.column(t, 'marking_period_name')}, '') NOT ILIKE '%summer%'"
    return {
        **spells(sight),
        "first": """
            SELECT person_id, MIN(year) AS year FROM spell WHERE grade IN ('09', '10', '11', '12') GROUP BY person_id""",
        "ninth": f"""
            SELECT person_id, organization_id, partner FROM (
              SELECT s.person_id, s.organization_id, s.partner,
                ROW_NUMBER() OVER (PARTITION BY s.person_id ORDER BY s.start DESC, s.organization_id) AS place
              FROM spell AS s JOIN first AS f ON f.person_id = s.person_id AND f.year = s.year
              WHERE s.grade = '09' AND s.year = {year}) AS placed
            WHERE place = 1""",
        "marked": f"""
            SELECT person_id, COUNT(number_of_credits_earned) AS credited, SUM(number_of_credits_earned) AS credits,
              SUM(CASE WHEN NOT ({_failed(sight, policy)} AND {_core(sight, policy)}) THEN 0
                       WHEN {attempted} >= {2 * policy.semester_credits} THEN 2 ELSE 1 END) AS failures
            FROM course_grade
            WHERE ({graded} = '09' OR ({graded} IS NULL
                AND valid_from BETWEEN {day(year_start(year))} AND {day(year_end(year))}))
              AND {'TRUE' if policy.summer_counts else summer}
            GROUP BY person_id""",
        "result": f"""
            SELECT n.person_id, n.organization_id, n.partner,
              CASE WHEN COALESCE(m.credited, 0) = 0 THEN 'not seen'
                   WHEN m.credits >= {policy.credits} AND m.failures <= {policy.core_failures} THEN 'reached'
                   ELSE 'lost' END AS outcome,
              CASE WHEN COALESCE(m.credited, 0) > 0 THEN NULL
                   WHEN {shown_by('n.partner', covered)} THEN '{Cause.NO_RECORD}'
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM ninth AS n LEFT JOIN marked AS m ON m.person_id = n.person_id""",
    }  # fmt: skip


def _failed(sight: Sight, policy: Policy) -> str:
    """The mark is an F, or a number below passing where no letter is given."""
    number = sight.column("course_grade", "numeric_grade_earned", "DOUBLE")
    letter = "student_course_section_grade_earned"
    return f"COALESCE({letter} IN {texts(policy.failing)}, {number} < {policy.failing_below}, FALSE)"


def _core(sight: Sight, policy: Policy) -> str:
    """English, mathematics, science or social science: by SCED code, else by the words of the title."""
    sced = sight.column("course_grade", "school_courses_for_the_exchange_of_data_course_code")
    title = sight.column("course_grade", "course_title")
    by_code = like(sced, (f"{start}%" for start in policy.core_sced))
    return f"COALESCE({by_code}, {like(title, (f'%{word}%' for word in policy.core_words))}, FALSE)"


ON_TRACK = Measure(
    id="on-track",
    name="Are on track in grade 9",
    short="grade 9",
    lost="on the way through grade 9",
    definition=lambda policy: (
        f"In the first year of high school: at least {policy.credits:g} credits and at most "
        f"{counted(policy.core_failures, 'semester F')} in English, mathematics, science or social science. "
        f"Summer courses {'count' if policy.summer_counts else 'do not count'}."
    ),
    group="first-time ninth graders",
    start="Start grade 9",
    window=lambda policy: "the first year of high school",
    sign=True,
    causes=(Cause.NO_AGREEMENT, Cause.NO_RECORD),
    find_class=find_class,
    due=lambda year, policy: year_end(year),
    judge=judge,
    needs=((ENROLLED,), (MARKS,)),
)
