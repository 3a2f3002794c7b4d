"""Enrolls in college, and completes: of those who graduate, and of those who enroll.

A clearinghouse that found no record has none reported, which is not "not enrolled": such a graduate is not seen, for want of
a match.
"""

from datetime import date

from throughway.insight.measures.graduation import classes, judged
from throughway.insight.measures.measure import Cause, Measure
from throughway.insight.measures.policy import Policy
from throughway.insight.measures.sight import Sight
from throughway.insight.measures.sql import Ctes, day, within

COLLEGE = ("postsecondary_enrollment", "entry_date_into_postsecondary")
AWARD = ("credential", "academic_award_date")


def find_enrolled(sight: Sight, policy: Policy, on: date) -> str | None:
    return classes(sight) if sight.shows(*COLLEGE) else None


def find_completed(sight: Sight, policy: Policy, on: date) -> str | None:
    return classes(sight) if sight.shows(*COLLEGE) and sight.shows(*AWARD) else None


def enrollment_due(year: int, policy: Policy) -> date:
    """Sixteen months after a diploma in June of that year."""
    years, month, of_month = policy.college_until
    return date(year + years, month, of_month)


def completion_due(year: int, policy: Policy) -> date:
    return date(year + policy.completion_years, *policy.summer_ends)


def judge_enrollment(sight: Sight, policy: Policy, year: int, on: date) -> Ctes:
    return {**_enrolled(sight, policy, year), "result": "SELECT * FROM enrollment"}


def judge_completion(sight: Sight, policy: Policy, year: int, on: date) -> Ctes:
    """Of those who enrolled: who holds a college award within 150% of the normal time."""
    covered = sight.partners(*AWARD)
    end = completion_due(year, policy)
    return {
        **_enrolled(sight, policy, year),
        "entrant": "SELECT person_id, organization_id, partner FROM enrollment WHERE outcome = 'reached'",
        "award": f"""
            SELECT DISTINCT person_id FROM credential
            WHERE academic_award_date BETWEEN {day(date(year, *policy.college_from))} AND {day(end)}""",
        "result": _waiting() if on < end else f"""
            SELECT e.person_id, e.organization_id, e.partner,
              CASE WHEN a.person_id IS NOT NULL THEN 'reached'
                   WHEN {within('e.partner', covered)} THEN 'lost' ELSE 'not seen' END AS outcome,
              CASE WHEN a.person_id IS NOT NULL OR {within('e.partner', covered)} THEN NULL
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM entrant AS e LEFT JOIN award AS a ON a.person_id = e.person_id""",
    }  # fmt: skip


def _waiting() -> str:
    return f"""SELECT person_id, organization_id, partner, 'not seen' AS outcome, '{Cause.NOT_YET_DUE}' AS cause
        FROM entrant"""


def _enrolled(sight: Sight, policy: Policy, year: int) -> Ctes:
    """`enrollment`: the result for the graduates of one class."""
    covered = sight.partners(*COLLEGE)
    found = sight.column("postsecondary_enrollment", "record_found", "BOOLEAN")
    first, last = day(date(year, *policy.college_from)), day(enrollment_due(year, policy))
    unreported = "'lost'" if policy.none_reported_is_lost else "'not seen'"
    return {
        **judged(sight, policy, year),
        "college": f"""
            SELECT person_id, MAX(CASE WHEN COALESCE({found}, TRUE) THEN 1 ELSE 0 END) AS found,
              MAX(CASE WHEN COALESCE({found}, TRUE) AND entry_date_into_postsecondary BETWEEN {first} AND {last}
                  THEN 1 ELSE 0 END) AS in_time
            FROM postsecondary_enrollment GROUP BY person_id""",
        "matched": f"""
            SELECT g.person_id, g.organization_id, g.partner,
              CASE WHEN c.in_time = 1 THEN 'reached' WHEN c.found = 1 THEN 'lost'
                   WHEN c.found = 0 THEN {unreported} ELSE 'not seen' END AS outcome
            FROM graduation AS g LEFT JOIN college AS c ON c.person_id = g.person_id
            WHERE g.outcome = 'reached'""",
        "enrollment": f"""
            SELECT person_id, organization_id, partner, outcome,
              CASE WHEN outcome <> 'not seen' THEN NULL
                   WHEN {within('partner', covered)} THEN '{Cause.NO_MATCH}'
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM matched""",
    }  # fmt: skip


ENROLLMENT = Measure(
    id="enrollment",
    name="Enroll in college",
    short="enroll",
    lost="before college",
    definition="Enrolled in a college within 16 months of the diploma, of those who graduated.",
    group="graduates",
    causes=(Cause.NO_AGREEMENT, Cause.NO_MATCH),
    find_class=find_enrolled,
    due=enrollment_due,
    judge=judge_enrollment,
)
COMPLETION = Measure(
    id="completion",
    name="Complete a credential",
    short="complete",
    lost="before a credential",
    definition="A college credential within six years of the diploma, of those who enrolled.",
    group="those who enrolled",
    causes=(Cause.NO_AGREEMENT,),
    find_class=find_completed,
    due=completion_due,
    judge=judge_completion,
    may_wait=True,
)
