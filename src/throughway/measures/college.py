"""Enrolls in college, among graduates; and completes college, among entrants.

A record covers a limited period. So a graduate counts as lost before college only if a clearinghouse search covers the sixteen months,
or if the first enrollment is later than that; a search in June says nothing about the fall. A search without a result is not proof of
non-enrollment: such a graduate is "not seen", for lack of a match, unless the community decides otherwise (`none_reported_is_lost`)
and the report says so.
"""

from datetime import date

from throughway.core.prose import percent
from throughway.measures.graduation import classes, cohort, judged
from throughway.measures.measure import Cause, Measure
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import ENROLLED, Ctes, VisibleData, day, partner_of, within

COLLEGE = ("postsecondary_enrollment", "entry_date_into_postsecondary")
AWARD = ("credential", "academic_award_date")


def find_enrolled(visible: VisibleData, policy: MeasurePolicy, on: date) -> Ctes | None:
    return classes(visible) if visible.shows(*COLLEGE) else None


def find_completed(visible: VisibleData, policy: MeasurePolicy, on: date) -> Ctes | None:
    if not (visible.shows(*COLLEGE) and visible.shows(*AWARD)):
        return None
    return {
        **entrants(visible, policy),
        "classes": "SELECT class, COUNT(*) AS students FROM entering GROUP BY class",
    }


def enrollment_due(year: int, policy: MeasurePolicy) -> date:
    """The last day of the months in which a graduate of that year may enroll."""
    years, month, of_month = policy.college_until
    return date(year + years, month, of_month)


def completion_due(year: int, policy: MeasurePolicy) -> date:
    return date(year + policy.completion_years, *policy.summer_ends)


def judge_enrollment(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    return {**_enrolled(visible, policy, year), "result": "SELECT * FROM enrollment"}


def judge_completion(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    """Among those who first entered a college in that year: who has a college award within the years of the policy.

    A student without one is lost where the records extend past that time: by a search, by the records of the college entered, or by a
    later award.
    """
    covered = visible.partners(*AWARD)
    end = completion_due(year, policy)
    known = f"({within('e.partner', covered)} OR e.partner IS NULL)"
    past = "(s.person_id IS NOT NULL OR c.college IS NOT NULL OR l.person_id IS NOT NULL)"
    return {
        **entrants(visible, policy),
        "entrant": f"SELECT person_id, organization_id, partner, college FROM entering WHERE class = {year}",
        "award": f"""
            SELECT DISTINCT person_id FROM credential
            WHERE academic_award_date BETWEEN {day(date(year, *policy.college_from))} AND {day(end)}""",
        "later_award": f"SELECT DISTINCT person_id FROM credential WHERE academic_award_date > {day(end)}",
        "searched": f"""
            SELECT DISTINCT person_id FROM postsecondary_enrollment
            WHERE {search_covers(visible, date(year, *policy.fall_from), end)}""",
        "reporting": reporting(visible, end),
        "result": _waiting() if on < end else f"""
            SELECT e.person_id, e.organization_id, e.partner,
              CASE WHEN a.person_id IS NOT NULL THEN 'reached' WHEN {known} AND {past} THEN 'lost' ELSE 'not seen' END AS outcome,
              CASE WHEN a.person_id IS NOT NULL OR ({known} AND {past}) THEN NULL
                   WHEN {known} THEN '{Cause.ENDS_EARLY}' ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM entrant AS e LEFT JOIN award AS a ON a.person_id = e.person_id
            LEFT JOIN later_award AS l ON l.person_id = e.person_id
            LEFT JOIN searched AS s ON s.person_id = e.person_id
            LEFT JOIN reporting AS c ON c.college = e.college""",
    }  # fmt: skip


def _waiting() -> str:
    return f"""SELECT person_id, organization_id, partner, 'not seen' AS outcome, '{Cause.NOT_YET_DUE}' AS cause
        FROM entrant"""


def search_covers(visible: VisibleData, first: date, last: date) -> str:
    """SQL: whether a row's search covers these days, whether or not it found the student. A search whose days are not shown covers
    nothing."""
    starts = visible.column("postsecondary_enrollment", "search_date", "DATE")
    ends = visible.column("postsecondary_enrollment", "search_end_date", "DATE")
    return f"COALESCE({starts} <= {day(first)} AND {ends} >= {day(last)}, FALSE)"


def reporting(visible: VisibleData, until: date) -> str:
    """Colleges whose own records, not a clearinghouse's, extend to that day: by a term or an award of any student."""
    at, awarded_at = (
        visible.column(table, "organization_id") for table in ("postsecondary_enrollment", "credential")
    )
    found = visible.column("postsecondary_enrollment", "record_found", "BOOLEAN")
    searched = visible.column("postsecondary_enrollment", "search_date", "DATE")
    return f"""
        SELECT e.college FROM (
          SELECT {at} AS college, MAX(entry_date_into_postsecondary) AS latest FROM postsecondary_enrollment
          WHERE {found} IS NULL AND {searched} IS NULL AND {at} IS NOT NULL GROUP BY {at}) AS e
        LEFT JOIN (SELECT {awarded_at} AS college, MAX(academic_award_date) AS latest FROM credential GROUP BY {awarded_at}) AS a
          ON a.college = e.college
        WHERE GREATEST(e.latest, COALESCE(a.latest, e.latest)) >= {day(until)}"""


def entrants(visible: VisibleData, policy: MeasurePolicy) -> Ctes:
    """`entering`: each student's first entry into a college, by class; dual enrollment in high school is not an entry."""
    month, of_month = policy.entering_from
    before = f"EXTRACT(month FROM entry) * 100 + EXTRACT(day FROM entry) < {100 * month + of_month}"
    started = f"EXTRACT(year FROM entry) - CASE WHEN {before} THEN 1 ELSE 0 END"
    college = partner_of("e.organization_id", visible.partners("postsecondary_enrollment"))
    organization = visible.column("postsecondary_enrollment", "organization_id")
    return {
        **cohort(visible),
        "entry": f"""
            SELECT person_id, entry_date_into_postsecondary AS entry, {organization} AS organization_id
            FROM postsecondary_enrollment WHERE entry_date_into_postsecondary IS NOT NULL""",
        "placed_entry": f"""
            SELECT e.person_id, e.organization_id, CAST({started} AS INTEGER) AS class,
              ROW_NUMBER() OVER (PARTITION BY e.person_id ORDER BY e.entry, e.organization_id) AS place
            FROM entry AS e LEFT JOIN cohort AS c ON c.person_id = e.person_id
            WHERE c.class IS NULL OR {started} >= c.class""",
        "entering": f"""
            SELECT e.person_id, COALESCE(l.organization_id, e.organization_id) AS organization_id,
              COALESCE(l.partner, {college}) AS partner, e.organization_id AS college, e.class
            FROM placed_entry AS e LEFT JOIN latest AS l ON l.person_id = e.person_id
            WHERE e.place = 1""",
    }  # fmt: skip


def join_enrollment(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    """Among students who started high school with the class and have no diploma: who enrolled in college anyway."""
    return {
        **_enrolled(visible, policy, year),
        "result": """
            SELECT m.person_id, m.organization_id, m.partner, 'reached' AS outcome, CAST(NULL AS VARCHAR) AS cause
            FROM member AS m JOIN college AS c ON c.person_id = m.person_id
            WHERE NOT m.graduated AND c.in_time = 1""",
    }


def _enrolled(visible: VisibleData, policy: MeasurePolicy, year: int) -> Ctes:
    """`enrollment`: the result for the graduates of one class."""
    covered = visible.partners(*COLLEGE)
    found = visible.column("postsecondary_enrollment", "record_found", "BOOLEAN")
    closes = enrollment_due(year, policy)
    first, last = day(date(year, *policy.college_from)), day(closes)
    covers = search_covers(visible, date(year, *policy.fall_from), closes)
    unreported = "'lost'" if policy.none_reported_is_lost else "'not seen'"
    known = f"COALESCE({found}, TRUE)"
    return {
        **judged(visible, policy, year),
        # `found`: the clearinghouse or a college has a record of the student. `late`: the records extend past the sixteen months.
        "college": f"""
            SELECT person_id, MAX(CASE WHEN {known} THEN 1 ELSE 0 END) AS found,
              MAX(CASE WHEN {known} AND entry_date_into_postsecondary BETWEEN {first} AND {last} THEN 1 ELSE 0 END) AS in_time,
              MAX(CASE WHEN {covers} OR {known} AND entry_date_into_postsecondary > {last}
                  THEN 1 ELSE 0 END) AS late
            FROM postsecondary_enrollment GROUP BY person_id""",
        "matched": f"""
            SELECT g.person_id, g.organization_id, g.partner, c.late,
              CASE WHEN c.in_time = 1 THEN 'reached' WHEN COALESCE(c.late, 0) = 0 THEN 'not seen'
                   WHEN c.found = 1 THEN 'lost' ELSE {unreported} END AS outcome
            FROM graduation AS g LEFT JOIN college AS c ON c.person_id = g.person_id
            WHERE g.outcome = 'reached'""",
        "enrollment": f"""
            SELECT person_id, organization_id, partner, outcome,
              CASE WHEN outcome <> 'not seen' THEN NULL
                   WHEN late = 0 THEN '{Cause.ENDS_EARLY}'
                   WHEN {within('partner', covered)} THEN '{Cause.NO_MATCH}'
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM matched""",
    }  # fmt: skip


def months(policy: MeasurePolicy) -> int:
    """The window after a diploma in June."""
    years, month, _ = policy.college_until
    return 12 * years + month - 6


# Key: whether "none reported" counts as lost.
NONE_REPORTED = {
    False: "A graduate without a record at the clearinghouse is not seen.",
    True: "By decision of the community, a graduate without a record in a clearinghouse search that covers that time counts as "
    "not enrolled, although some colleges do not report to a clearinghouse.",
}

ENROLLMENT = Measure(
    id="enrollment",
    name="Enroll in college",
    short="enter",
    lost="before college",
    definition=lambda policy: (
        f"Graduates who enrolled in a college within {months(policy)} months of the diploma, as a share of all graduates. "
        f"{NONE_REPORTED[policy.none_reported_is_lost]}"
    ),
    group="graduates",
    causes=(Cause.NO_AGREEMENT, Cause.NO_MATCH, Cause.ENDS_EARLY),
    find_class=find_enrolled,
    due=enrollment_due,
    judge=judge_enrollment,
    needs=((ENROLLED,), (COLLEGE,)),
    moves=4,
    linked=True,
    window=lambda policy: f"{months(policy)} months after the diploma",
    joined=join_enrollment,
)
COMPLETION = Measure(
    id="completion",
    name="Complete a credential",
    short="finish",
    lost="before a credential",
    definition=lambda policy: (
        f"Students who earned a college credential within {policy.completion_years} years, as a share of those who entered a college. "
        f"That is {percent(policy.completion_years / 4)} of the normal time for a four-year degree, and "
        f"{percent(policy.completion_years / 2)} for a two-year degree. A student without a credential counts as lost if the records "
        "extend past that time."
    ),
    group="those who entered college",
    moves=4,
    linked=True,
    window=lambda policy: f"{policy.completion_years} years after entering",
    starts_in=1,
    causes=(Cause.NO_AGREEMENT, Cause.ENDS_EARLY),
    find_class=find_completed,
    due=completion_due,
    judge=judge_completion,
    needs=((COLLEGE,), (AWARD,)),
    may_wait=True,
)
