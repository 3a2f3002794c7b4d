"""Follows students from one milestone to the next: of those who reached the first, who reached the second in time.

Each step follows its own class, from the year in which the first milestone was due to the year in which the second is.
Who is enrolled in that year but not at the milestone is late, and so lost; who is enrolled no more is not seen.
"""

from datetime import date

from throughway.insight.measures.measure import Cause, Measure
from throughway.insight.measures.policy import Policy
from throughway.insight.measures.sight import Sight
from throughway.insight.measures.sql import Ctes, query, texts


def years_between(earlier: Measure, later: Measure) -> int | None:
    """School years from one milestone to the next; None where grades do not tell."""
    return None if earlier.level is None or later.level is None else later.level - earlier.level


def judge(earlier: Measure, later: Measure, sight: Sight, policy: Policy, year: int, on: date) -> Ctes:
    """`result` for those who reached the earlier milestone and are due at the later one in `year`, and, as "joined", for those
    who reached the later one alone."""
    since = year - (years_between(earlier, later) or 0)
    parts = dict(later.judge(sight, policy, year, on))
    there = parts.pop("result")
    begun = query(
        dict(earlier.judge(sight, policy, since, on)),
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
            SELECT b.person_id, COALESCE(t.organization_id, b.organization_id) AS organization_id,
              COALESCE(t.partner, b.partner) AS partner,
              CASE WHEN t.person_id IS NOT NULL THEN t.outcome
                   WHEN e.person_id IS NOT NULL THEN 'lost' ELSE 'not seen' END AS outcome,
              CASE WHEN t.person_id IS NOT NULL THEN t.cause
                   WHEN e.person_id IS NOT NULL THEN NULL ELSE '{Cause.NO_RECORD}' END AS cause
            FROM begun AS b LEFT JOIN there AS t ON t.person_id = b.person_id
            LEFT JOIN enrolled AS e ON e.person_id = b.person_id
            UNION ALL
            SELECT t.person_id, t.organization_id, t.partner, 'joined' AS outcome, CAST(NULL AS VARCHAR) AS cause
            FROM there AS t LEFT JOIN begun AS b ON b.person_id = t.person_id
            WHERE b.person_id IS NULL AND t.outcome = 'reached'""",
    }
