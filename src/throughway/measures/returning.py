"""Stays in college, stops out, comes back, and completes after coming back.

Who has some college, no credential and no term in twelve months has stopped out: three terms in a row, summer among them (National
Student Clearinghouse, *Some College, No Credential*). Ages are not asked: only entries after high school count, so that everyone here
is an adult. A student is judged only where the records extend past the year: by a clearinghouse search, by the records of the college
attended last, or by a later term or award. Somebody who moved to a college that reports to nobody here looks stopped out.
"""

from datetime import date, timedelta
from functools import partial

from throughway.core.prose import counted
from throughway.measures.college import AWARD, COLLEGE, entrants, find_completed, reporting, search_covers
from throughway.measures.measure import Cause, Measure
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import Ctes, VisibleData, day, within, year_end, year_start

Span = tuple[date, date]  # first and last day
MOST_YEARS = 20
STOPPED_FOR = 2  # school years after the entering one: the first by whose end a student can have been out for twelve months


def second_fall(year: int, policy: MeasurePolicy) -> Span:
    """The fall after the entering year: its first and last day for a term to begin."""
    _, month, of_month = policy.college_until
    return date(year + 1, *policy.fall_begins), date(year + 1, month, of_month)


def find_adults(
    visible: VisibleData, policy: MeasurePolicy, on: date, *, after: int = STOPPED_FOR
) -> Ctes | None:
    """The last school years, each with how many students had entered by so many years before."""
    if not (visible.shows(*COLLEGE) and visible.shows(*AWARD)):
        return None
    years = " UNION ALL ".join(f"SELECT {year} AS class" for year in range(on.year - MOST_YEARS, on.year + 1))
    return {
        **entrants(visible, policy),
        "ends_in": years,
        "classes": f"""SELECT y.class, COUNT(*) AS students FROM ends_in AS y JOIN entering AS e ON e.class <= y.class - {after}
        GROUP BY y.class""",
    }


def judge_persistence(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    """Among those who first entered a college in that year: who began a term in the fall after, or had a credential by then."""
    first, last = second_fall(year, policy)
    return {
        **entrants(visible, policy),
        "member": f"SELECT person_id, organization_id, partner, college FROM entering WHERE class = {year}",
        **_followed(visible, (first, last), awarded=(date(year, *policy.entering_from), last), search_from=date(year + 1, *policy.fall_from)),
    }  # fmt: skip


def _followed(visible: VisibleData, term: Span | None, *, awarded: Span | None, search_from: date) -> Ctes:
    """`result` of the `member`s: reached by a term that begins in one span, or by an award in the other."""
    last = max(span[1] for span in (term, awarded) if span)
    began = f"BETWEEN {day(term[0])} AND {day(term[1])}" if term else "IS NULL AND FALSE"
    given = f"BETWEEN {day(awarded[0])} AND {day(awarded[1])}" if awarded else "IS NULL AND FALSE"
    covered = within("m.partner", visible.partners(*COLLEGE))
    return {
        "term": f"""
            SELECT person_id, MAX(CASE WHEN entry_date_into_postsecondary {began} THEN 1 ELSE 0 END) AS in_time,
              MAX(CASE WHEN entry_date_into_postsecondary > {day(last)} THEN 1 ELSE 0 END) AS later,
              MAX(CASE WHEN {search_covers(visible, search_from, last)} THEN 1 ELSE 0 END) AS searched
            FROM postsecondary_enrollment GROUP BY person_id""",
        "award": f"""
            SELECT person_id, MAX(CASE WHEN academic_award_date {given} THEN 1 ELSE 0 END) AS in_time,
              MAX(CASE WHEN academic_award_date > {day(last)} THEN 1 ELSE 0 END) AS later
            FROM credential WHERE academic_award_date IS NOT NULL GROUP BY person_id""",
        "reporting": reporting(visible, last),
        "seen": """
            SELECT m.person_id, m.organization_id, m.partner, m.college,
              COALESCE(t.in_time, 0) = 1 OR COALESCE(a.in_time, 0) = 1 AS reached,
              COALESCE(t.searched, 0) = 1 OR COALESCE(t.later, 0) = 1 OR COALESCE(a.later, 0) = 1 OR c.college IS NOT NULL AS past
            FROM member AS m LEFT JOIN term AS t ON t.person_id = m.person_id
            LEFT JOIN award AS a ON a.person_id = m.person_id LEFT JOIN reporting AS c ON c.college = m.college""",
        "result": f"""
            SELECT m.person_id, m.organization_id, m.partner,
              CASE WHEN reached THEN 'reached' WHEN past THEN 'lost' ELSE 'not seen' END AS outcome,
              CASE WHEN reached OR past THEN NULL
                   WHEN {covered} OR m.partner IS NULL THEN '{Cause.ENDS_EARLY}' ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM seen AS m""",
    }  # fmt: skip


def _adults(visible: VisibleData, policy: MeasurePolicy, year: int) -> Ctes:
    """`member`: who had entered a college in time to have been out for the whole school year `year`, with the college attended last
    before its end; and what became of each: with a credential or a term of that year, stopped out, or not seen."""
    last = year_end(year)
    return {
        **entrants(visible, policy),
        "last_term": f"""
            SELECT person_id, college FROM (
              SELECT person_id, organization_id AS college,
                ROW_NUMBER() OVER (PARTITION BY person_id ORDER BY entry DESC, organization_id) AS place
              FROM entry WHERE entry <= {day(last)}) AS placed
            WHERE place = 1""",
        "member": f"""
            SELECT e.person_id, e.organization_id, e.partner, l.college
            FROM entering AS e JOIN last_term AS l ON l.person_id = e.person_id WHERE e.class <= {year - STOPPED_FOR}""",
        **_followed(visible, (year_start(year), last), awarded=(date(1900, 1, 1), last), search_from=year_start(year)),
    }  # fmt: skip


def judge_stopping(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    return _adults(visible, policy, year)


def judge_return(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    """Among those who had stopped out by the end of the school year before: who began a term in this one."""
    start, end = year_start(year), year_end(year)
    return {
        **_stopped_out(visible, policy, year - 1),
        **_followed(visible, (start, end), awarded=None, search_from=start),
    }


def judge_finish(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    """Among those who came back in that school year: who has a credential within the years of the policy."""
    back = _renamed(judge_return(visible, policy, year, on), "_of_return")
    end = finish_due(year, policy)
    return {
        **back,
        "member": """
            SELECT person_id, organization_id, partner, college FROM seen_of_return AS m WHERE reached""",
        **_followed(visible, None, awarded=(year_start(year), end), search_from=year_start(year)),
    }


def _stopped_out(visible: VisibleData, policy: MeasurePolicy, year: int) -> Ctes:
    """`member`: those who had stopped out by the end of that school year, with the college attended last."""
    return {
        **_renamed(_adults(visible, policy, year), "_before"),
        "member": """
            SELECT person_id, organization_id, partner, college FROM seen_before AS m WHERE past AND NOT reached""",
    }


FOLLOWED = ("member", "term", "award", "reporting", "seen", "result")


def _renamed(ctes: Ctes, ending: str) -> Ctes:
    """The CTEs with an ending on the names of those that a later step makes again."""
    found: Ctes = {}
    for name, body in ctes.items():
        for each in FOLLOWED:
            for word in (f"FROM {each} AS", f"JOIN {each} AS"):
                body = body.replace(word, f"{word.split()[0]} {each}{ending} AS")
        found[f"{name}{ending}" if name in FOLLOWED else name] = body
    return found


def persistence_due(year: int, policy: MeasurePolicy) -> date:
    return second_fall(year, policy)[1] + timedelta(days=1)


def year_due(year: int, policy: MeasurePolicy) -> date:
    return year_end(year) + timedelta(days=1)


def finish_due(year: int, policy: MeasurePolicy) -> date:
    return date(year + policy.return_years, *policy.summer_ends)


NEEDS = ((COLLEGE,), (AWARD,))
CAUSES = (Cause.NO_AGREEMENT, Cause.ENDS_EARLY)
OUT = "some college, no credential, and no term in the twelve months before"
PERSISTENCE = Measure(
    id="persistence",
    name="Stay in college to the second fall",
    short="stay",
    lost="before the second year of college",
    definition=lambda policy: (
        "Students who began a term at any college in the fall after the year in which they entered, or had a credential by then, as a "
        "share of those who entered."
    ),
    group="those who entered college",
    causes=CAUSES,
    find_class=find_completed,
    due=persistence_due,
    judge=judge_persistence,
    window=lambda policy: "the fall after the year of entering",
    starts_in=1,
    needs=NEEDS,
    moves=4,
    linked=True,
)
STAYING = Measure(
    id="some-college",
    name="Are in college or have a credential",
    short="in college",
    lost="with some college and no credential",
    definition=lambda policy: (
        "Of those who entered college two school years before or earlier: who has a credential, or began a term in the twelve months up to "
        "June 30. All others who are seen have some college and no credential: no term in three terms in a row, summer among them "
        "(National Student Clearinghouse)."
    ),
    group="those who had entered college two years before or earlier",
    causes=CAUSES,
    find_class=find_adults,
    due=year_due,
    judge=judge_stopping,
    window=lambda policy: "June 30 of that school year",
    needs=NEEDS,
    moves=4,
    linked=True,
)
RETURN = Measure(
    id="return",
    name="Come back to college",
    short="return",
    lost="while still away from college",
    definition=lambda policy: (
        f"Adults who began a term in that school year, as a share of those with {OUT} (National Student Clearinghouse)."
    ),
    group="adults with some college and no credential",
    causes=CAUSES,
    find_class=partial(find_adults, after=STOPPED_FOR + 1),
    due=year_due,
    judge=judge_return,
    window=lambda policy: "the school year after stopping out",
    needs=NEEDS,
    moves=4,
    linked=True,
)
FINISH = Measure(
    id="return-credential",
    name="Complete a credential after coming back",
    short="finish",
    lost="after coming back",
    definition=lambda policy: (
        f"Adults with a college credential within {counted(policy.return_years, 'year')} after the school year in which they came back, as a "
        "share of those who came back. What they earn is not followed person by person: wages are shown as the State’s counts alone, under "
        "“Earn a living wage”."
    ),
    group="adults who came back to college",
    causes=CAUSES,
    find_class=partial(find_adults, after=STOPPED_FOR + 1),
    due=finish_due,
    judge=judge_finish,
    window=lambda policy: f"{counted(policy.return_years, 'year')} after coming back",
    needs=NEEDS,
    moves=4,
    linked=True,
)
ADULTS = (PERSISTENCE, STAYING, RETURN, FINISH)
