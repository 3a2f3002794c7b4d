"""Graduates from high school: the four-year adjusted cohort graduation rate, 20 USC 7801(25) and (23).

The cohort of a year: first-time ninth graders four years before, plus those who transferred in, minus those with a documented exit. A
student who left without documentation stays in. Numerator: a regular diploma by the end of the fourth year or the following summer;
never an equivalency or a certificate. The records do not show the receiving school's confirmation, so the district's exit code is
accepted.

A district that sent its files in June has not yet sent the summer's graduates. So its class is judged only once its records extend
past the summer: by an enrollment in high school in the next school year, or by an exit or a diploma after the summer. Until then the
whole class is not decided yet: counting only students with diplomas would inflate the rate.
"""

from datetime import date, timedelta

from throughway.measures.measure import Cause, Measure
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import (
    ENROLLED,
    Ctes,
    VisibleData,
    day,
    partner_of,
    shown_by,
    spells,
    texts,
    within,
)

DIPLOMA = ("credential", "high_school_diploma_type", "diploma_or_credential_award_date")
EXIT = ("school_enrollment", "exit_or_withdrawal_type", "enrollment_exit_date")


def cohort(visible: VisibleData) -> Ctes:
    """`cohort`: for each student seen in grades 9 to 12, the year in which the class is due to graduate."""
    return {
        **spells(visible),
        "high_school": "SELECT * FROM spell WHERE grade IN ('09', '10', '11', '12')",
        "cohort": """
            SELECT person_id, COALESCE(MAX(graduation_year), MAX(cohort_year) + 3,
              MIN(year + 12 - CAST(grade AS INTEGER))) AS class
            FROM high_school GROUP BY person_id""",
        "latest": """
            SELECT person_id, organization_id, partner, finish, exit FROM (
              SELECT person_id, organization_id, partner, finish, exit,
                ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY start DESC, organization_id) AS place
              FROM high_school) AS placed
            WHERE place = 1""",
    }


def classes(visible: VisibleData) -> Ctes:
    """`classes`, by the year in which they are due to graduate."""
    return {**cohort(visible), "classes": "SELECT class, COUNT(*) AS students FROM cohort GROUP BY class"}


def find_class(visible: VisibleData, policy: MeasurePolicy, on: date) -> Ctes | None:
    return classes(visible) if visible.shows(*DIPLOMA) or visible.shows(*EXIT) else None


def due(year: int, policy: MeasurePolicy) -> date:
    """The last day of the summer after the fourth year."""
    return date(year, *policy.summer_ends)


def judged(visible: VisibleData, policy: MeasurePolicy, year: int) -> Ctes:
    """`graduation`: the result for the class of one year."""
    last = day(due(year, policy))
    covered = {*visible.partners(*DIPLOMA), *visible.partners(*EXIT)}
    return {
        **cohort(visible),
        "diploma": _diplomas(visible, policy, last),
        "member": f"""
            SELECT l.person_id, l.organization_id, l.partner, d.person_id IS NOT NULL AS graduated
            FROM cohort AS c JOIN latest AS l ON l.person_id = c.person_id
            LEFT JOIN diploma AS d ON d.person_id = c.person_id
            WHERE c.class = {year} AND (d.person_id IS NOT NULL
              OR NOT COALESCE(l.exit IN {texts(policy.documented_exits)} AND l.finish <= {last}, FALSE))""",
        # A partner without a single diploma in a whole class has not sent any: its students cannot be seen.
        "sending": "SELECT partner FROM member WHERE graduated GROUP BY partner",
        "graduation": f"""
            SELECT m.person_id, m.organization_id, m.partner,
              CASE WHEN m.graduated THEN 'reached'
                   WHEN {within('m.partner', covered)} AND s.partner IS NOT NULL THEN 'lost'
                   ELSE 'not seen' END AS outcome,
              CASE WHEN m.graduated OR ({within('m.partner', covered)} AND s.partner IS NOT NULL) THEN NULL
                   WHEN {shown_by('m.partner', covered)} THEN '{Cause.NO_RECORD}'
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM member AS m LEFT JOIN sending AS s ON s.partner = m.partner""",
    }  # fmt: skip


def judge(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    return {
        **judged(visible, policy, year),
        "past_summer": _past_summer(visible, year, due(year, policy), on),
        "result": f"""
            SELECT g.person_id, g.organization_id, g.partner,
              CASE WHEN p.partner IS NULL THEN 'not seen' ELSE g.outcome END AS outcome,
              CASE WHEN p.partner IS NULL AND g.outcome <> 'not seen' THEN '{Cause.ENDS_EARLY}' ELSE g.cause END AS cause
            FROM graduation AS g LEFT JOIN past_summer AS p ON p.partner = g.partner""",
    }


def _past_summer(visible: VisibleData, year: int, last: date, on: date) -> str:
    """The partners whose own records extend past the last day of the class's summer."""
    after = f"BETWEEN {day(last + timedelta(days=1))} AND {day(on)}"
    reaching = f"""SELECT DISTINCT partner FROM high_school
        WHERE (year > {year} AND start <= {day(on)}) OR start {after} OR finish {after}"""
    if visible.shows(*DIPLOMA):
        known = visible.shows("credential", "organization_id")
        giver = partner_of("c.organization_id", visible.partners("credential")) if known else "NULL"
        reaching += f""" UNION SELECT COALESCE({giver}, l.partner) FROM credential AS c JOIN latest AS l ON l.person_id = c.person_id
        WHERE c.diploma_or_credential_award_date {after}"""
    return reaching


def _diplomas(visible: VisibleData, policy: MeasurePolicy, last: str) -> str:
    """Students with a regular diploma by that day: by the credential, or by the exit code."""
    parts = []
    if visible.shows(*DIPLOMA):
        parts.append(f"""SELECT person_id FROM credential
            WHERE high_school_diploma_type IN {texts(policy.regular_diplomas)}
              AND diploma_or_credential_award_date <= {last}""")
    if visible.shows(*EXIT):
        parts.append(f"""SELECT person_id FROM spell
            WHERE exit IN {texts(policy.graduated_exits)} AND finish <= {last}""")
    return " UNION ".join(parts) or "SELECT CAST(NULL AS BIGINT) AS person_id WHERE FALSE"


GRADUATION = Measure(
    id="graduation",
    name="Graduate from high school",
    short="grad.",
    lost="before graduation",
    definition=lambda policy: (
        "Students with a regular diploma within four years or the summer after, as a share of those who started grade 9 together, plus "
        "those who transferred in, minus those with a documented exit. A student who left without documentation stays in the class "
        "(20 USC 7801(25)). A district’s class is not decided until its records extend past that summer."
    ),
    group="the four-year class",
    window=lambda policy: "four years and the summer after",
    starts_in=-3,
    level=12,
    moves=4,
    causes=(Cause.NO_AGREEMENT, Cause.NO_RECORD, Cause.ENDS_EARLY),
    find_class=find_class,
    due=due,
    judge=judge,
    needs=((ENROLLED,), (DIPLOMA, EXIT)),
)
