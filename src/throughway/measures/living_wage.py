"""Earns a living wage: among students with a college credential, by the wages that employers report each quarter.

A student without reported wages is "not seen", never lost: the self-employed, and those who work in another State, are not in these
records. Nobody is lost before the wages of the last quarter have been loaded.
"""

from calendar import month_name
from datetime import date

from throughway.core.prose import counted
from throughway.measures.graduation import cohort
from throughway.measures.measure import Cause, Measure
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import Ctes, VisibleData, day, partner_of

WAGES = ("employment", "employment_record_reference_period_start_date", "quarterly_earnings")
AWARD = ("credential", "academic_award_date")


def find_class(visible: VisibleData, policy: MeasurePolicy, on: date) -> Ctes | None:
    if not (visible.shows(*WAGES) and visible.shows(*AWARD)):
        return None
    return {
        **_holders(visible, policy),
        "classes": "SELECT class, COUNT(*) AS students FROM holding GROUP BY class",
    }


def due(year: int, policy: MeasurePolicy) -> date:
    """When the wages of the follow-up year are expected."""
    return date(year + 1, *policy.wages_come_in)


def judge(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    first = day(date(year, *policy.follow_up_from))
    last = day(date(year + 1, *policy.follow_up_from))
    quarter = "employment_record_reference_period_start_date"
    month, _ = policy.follow_up_from
    last_quarter = day(date(year + (month > 3), (month - 4) % 12 + 1, 1))
    return {
        **_holders(visible, policy),
        "quarter": f"""
            SELECT person_id, {quarter} AS start, SUM(quarterly_earnings) AS earned FROM employment
            WHERE {quarter} >= {first} AND {quarter} < {last} AND quarterly_earnings IS NOT NULL
            GROUP BY person_id, {quarter}""",
        "worked": f"""
            SELECT person_id, SUM(CASE WHEN earned >= {policy.living_wage} THEN 1 ELSE 0 END) AS well_paid
            FROM quarter GROUP BY person_id""",
        "come_in": f"SELECT COALESCE(MAX({quarter}) >= {last_quarter}, FALSE) AS all_quarters FROM employment",
        "result": f"""
            SELECT h.person_id, h.organization_id, h.partner,
              CASE WHEN w.well_paid >= {policy.quarters_worked} THEN 'reached'
                   WHEN w.person_id IS NOT NULL AND c.all_quarters THEN 'lost' ELSE 'not seen' END AS outcome,
              CASE WHEN w.well_paid >= {policy.quarters_worked} OR w.person_id IS NOT NULL AND c.all_quarters THEN NULL
                   WHEN w.person_id IS NOT NULL THEN '{Cause.ENDS_EARLY}' ELSE '{Cause.NO_MATCH}' END AS cause
            FROM holding AS h CROSS JOIN come_in AS c LEFT JOIN worked AS w ON w.person_id = h.person_id
            WHERE h.class = {year}""",
    }


def _holders(visible: VisibleData, policy: MeasurePolicy) -> Ctes:
    """`holding`: each student's first college award, by the year that ends with the summer in which it was given."""
    month, _ = policy.summer_ends
    awarded = f"EXTRACT(year FROM award) + CASE WHEN EXTRACT(month FROM award) > {month} THEN 1 ELSE 0 END"
    organization = visible.column("credential", "organization_id")
    college = partner_of("a.organization_id", visible.partners("credential"))
    return {
        **cohort(visible),
        "awarded": f"""
            SELECT person_id, award, organization_id FROM (
              SELECT person_id, academic_award_date AS award, {organization} AS organization_id,
                ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY academic_award_date) AS place
              FROM credential WHERE academic_award_date IS NOT NULL) AS placed
            WHERE place = 1""",
        "holding": f"""
            SELECT a.person_id, COALESCE(l.organization_id, a.organization_id) AS organization_id,
              COALESCE(l.partner, {college}) AS partner, CAST({awarded} AS INTEGER) AS class
            FROM awarded AS a LEFT JOIN latest AS l ON l.person_id = a.person_id""",
    }


EMPLOYMENT = Measure(
    id="employment",
    name="Earn a living wage",
    short="wage",
    lost="before a living wage",
    definition=lambda policy: (
        f"Students with a living wage, ${policy.living_wage:,.0f} or more, in at least {counted(policy.quarters_worked, 'quarter')} of the "
        f"year that begins in the {month_name[policy.follow_up_from[0]]} after a college credential, as a share of those with reported wages."
    ),
    group="those with a credential",
    causes=(Cause.NO_MATCH, Cause.ENDS_EARLY),
    find_class=find_class,
    due=due,
    judge=judge,
    needs=((AWARD,), (WAGES,)),
    moves=4,
    linked=True,
    window=lambda policy: "the year after the credential",
    optional=True,
)
