"""Follows students from one milestone to the next: among those who reached the first, who reached the second in time.

Each step follows its own class, from the year in which the first milestone was due to the year in which the second is. A student
enrolled in that year but not at the milestone is late, and so lost; a student no longer enrolled is not seen.
"""

from datetime import date

from throughway.measures.measure import Cause, Measure, MilestoneArrival
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import Ctes, VisibleData, query, texts


def years_between(earlier: Measure, later: Measure) -> int | None:
    """School years from one milestone to the next; None where grades do not determine it."""
    return None if earlier.level is None or later.level is None else later.level - earlier.level


def judge(
    earlier: Measure, later: Measure, visible: VisibleData, policy: MeasurePolicy, year: int, on: date
) -> Ctes:
    """`result` for everyone who is due at the later milestone in `year`, and for those who had reached the earlier one and are not in
    that class: with `came`, how each came to it (see Came)."""
    since = year - (years_between(earlier, later) or 0)
    parts = dict(later.judge(visible, policy, year, on))
    there = parts.pop("result")
    begun = query(
        dict(earlier.judge(visible, policy, since, on)),
        "SELECT person_id, organization_id, partner FROM result WHERE outcome = 'reached'",
    )
    return {
        **parts,
        "there": there,
        "begun": begun,
        "enrolled": f"""
            SELECT DISTINCT person_id FROM spell
            WHERE year = {year} AND NOT COALESCE(exit IN {texts(policy.documented_exits)}, FALSE)""",
        "result": f"""
            SELECT t.person_id, t.organization_id, t.partner, t.outcome, t.cause,
              CASE WHEN b.person_id IS NULL THEN '{MilestoneArrival.BESIDES}' ELSE '{MilestoneArrival.BEFORE}' END AS came
            FROM there AS t LEFT JOIN begun AS b ON b.person_id = t.person_id
            UNION ALL
            SELECT b.person_id, b.organization_id, b.partner,
              CASE WHEN e.person_id IS NOT NULL THEN 'lost' ELSE 'not seen' END AS outcome,
              CASE WHEN e.person_id IS NOT NULL THEN NULL ELSE '{Cause.NO_RECORD}' END AS cause,
              '{MilestoneArrival.LATE}' AS came
            FROM begun AS b LEFT JOIN there AS t ON t.person_id = b.person_id
            LEFT JOIN enrolled AS e ON e.person_id = b.person_id
            WHERE t.person_id IS NULL""",
    }
