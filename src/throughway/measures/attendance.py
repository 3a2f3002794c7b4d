"""Attends school: not chronically absent.

Absence is a share of the days on which a student should have been present. Three sources, in this order, for each student and school:
the school's calendar; the marked days, where presence is marked too; a summary with days enrolled. Where a school marks only absences
and has no calendar, the result is "cannot be computed", never 100% present.

Where a school's marks end well before its calendar does, the missing days are not absences: its students are not decided yet.
"""

from datetime import date

from throughway.core.prose import counted, percent
from throughway.measures.measure import Cause, Measure
from throughway.measures.policy import MeasurePolicy
from throughway.measures.sql import (
    ENROLLED,
    Ctes,
    VisibleData,
    day,
    in_year,
    last_complete_year,
    school_year,
    shown_by,
    spells,
    stays,
    texts,
    year_end,
)

MARKS = ("attendance_day", "attendance_event_date", "attendance_status", "organization_id")
SUMMARY = ("attendance_summary", "period_start_date", "number_of_days_absent", "organization_id")


def find_class(visible: VisibleData, policy: MeasurePolicy, on: date) -> Ctes | None:
    """The school years with attendance records that had ended by that day."""
    last = day(year_end(last_complete_year(on)))
    parts = [
        f"SELECT {school_year(column)} AS class FROM {table} WHERE {column} <= {last}"
        for table, column, *rest in (MARKS, SUMMARY)
        if visible.shows(table, column, *rest)
    ]
    listed = " UNION ALL ".join(parts)
    return (
        {"classes": f"SELECT class, COUNT(*) AS students FROM ({listed}) AS years GROUP BY class"}
        if parts
        else None
    )


def days_missed(
    visible: VisibleData, policy: MeasurePolicy, year: int, on: date, *, since: date | None = None
) -> Ctes:
    """`person_days`: each student's days of school in a school year, from the day `since` on, and how many of them were missed;
    `cut_short`: the schools whose marks end too early."""
    return {
        **spells(visible),
        **(stays(year, on) if since is None else _stays_since(year, on, since)),
        **_marks(visible, policy, year, since),
        **_summary(visible, year, since),
        **_calendar(visible, policy, year),
        # For each student in each school: days enrolled, and days missed.
        "reckoned": """
            SELECT s.person_id, s.organization_id,
              COALESCE(c.days, p.days, t.days) AS days,
              CASE WHEN c.days IS NOT NULL THEN COALESCE(m.missed, 0)
                   WHEN p.days IS NOT NULL THEN p.missed ELSE t.missed END AS missed
            FROM (SELECT DISTINCT person_id, organization_id FROM stay) AS s
            LEFT JOIN by_calendar AS c ON c.person_id = s.person_id AND c.organization_id = s.organization_id
            LEFT JOIN missing AS m ON m.person_id = s.person_id AND m.organization_id = s.organization_id
            LEFT JOIN by_presence AS p ON p.person_id = s.person_id AND p.organization_id = s.organization_id
            LEFT JOIN summary AS t ON t.person_id = s.person_id AND t.organization_id = s.organization_id""",
        "person_days": """
            SELECT person_id, SUM(days) AS days, SUM(missed) AS missed FROM reckoned GROUP BY person_id""",
    }  # fmt: skip


def _stays_since(year: int, on: date, since: date) -> Ctes:
    """`stay` and `home`, from the day `since` on."""
    found = stays(year, on)
    return {
        "whole_stay": found["stay"],
        "stay": f"""
            SELECT person_id, organization_id, partner, grade, CASE WHEN start > {day(since)} THEN start ELSE {day(since)} END AS start, finish
            FROM whole_stay WHERE finish >= {day(since)}""",
        "home": found["home"],
    }


def judge(visible: VisibleData, policy: MeasurePolicy, year: int, on: date) -> Ctes:
    covered = {*visible.partners(*MARKS), *visible.partners(*SUMMARY)}
    return {
        **days_missed(visible, policy, year, on),
        "result": f"""
            SELECT h.person_id, h.organization_id, h.partner,
              CASE WHEN d.days IS NULL OR c.organization_id IS NOT NULL THEN 'not seen'
                   WHEN d.missed >= {policy.chronic_share} * d.days THEN 'lost' ELSE 'reached' END AS outcome,
              CASE WHEN c.organization_id IS NOT NULL THEN '{Cause.ENDS_EARLY}'
                   WHEN d.days IS NOT NULL THEN NULL
                   WHEN {shown_by('h.partner', covered)} THEN '{Cause.NO_RECORD}'
                   ELSE '{Cause.NO_AGREEMENT}' END AS cause
            FROM home AS h LEFT JOIN person_days AS d ON d.person_id = h.person_id
            LEFT JOIN cut_short AS c ON c.organization_id = h.organization_id
            WHERE d.days IS NULL OR d.days >= {policy.days_enrolled}""",
    }  # fmt: skip


def _marks(visible: VisibleData, policy: MeasurePolicy, year: int, since: date | None) -> Ctes:
    """`mark`: one row for each student, school and day; `missing`: days missed; `by_presence`: days marked."""
    if not visible.shows(*MARKS):
        nobody = "SELECT CAST(NULL AS BIGINT) AS person_id, CAST(NULL AS VARCHAR) AS organization_id"
        return {
            "mark": f"{nobody}, CAST(NULL AS DATE) AS day, 0.0 AS missed, 0 AS there WHERE FALSE",
            "marking": "SELECT CAST(NULL AS VARCHAR) AS organization_id, FALSE AS presence, CAST(NULL AS DATE) AS until WHERE FALSE",
            "missing": f"{nobody}, 0 AS missed WHERE FALSE",
            "by_presence": f"{nobody}, 0 AS days, 0 AS missed WHERE FALSE",
        }
    share = visible.column("attendance_day", "attendance_event_duration_day", "DOUBLE")
    kind = visible.column("attendance_day", "attendance_event_type")
    absent, present = texts(policy.absent), texts(policy.present)
    missed = f"missed >= {policy.missed_share_of_day}"
    return {
        "mark": f"""
            SELECT person_id, organization_id, attendance_event_date AS day,
              MAX(CASE WHEN attendance_status IN {absent} THEN COALESCE({share}, 1.0) ELSE 0.0 END) AS missed,
              MAX(CASE WHEN attendance_status IN {present} THEN 1 ELSE 0 END) AS there
            FROM attendance_day
            WHERE {in_year("attendance_event_date", year)}{_since("attendance_event_date", since)}
              AND COALESCE({kind}, 'DailyAttendance') = 'DailyAttendance'
            GROUP BY person_id, organization_id, attendance_event_date""",
        "marking": f"""
            SELECT organization_id, SUM(there) >= {policy.presence_share} * COUNT(*) AS presence, MAX(day) AS until
            FROM mark GROUP BY organization_id""",
        "missing": f"""
            SELECT k.person_id, k.organization_id, COUNT(DISTINCT k.day) AS missed
            FROM mark AS k JOIN stay AS s ON s.person_id = k.person_id AND s.organization_id = k.organization_id
              AND k.day BETWEEN s.start AND s.finish
            WHERE {missed} GROUP BY k.person_id, k.organization_id""",
        "by_presence": f"""
            SELECT k.person_id, k.organization_id, COUNT(*) AS days,
              SUM(CASE WHEN {missed} THEN 1 ELSE 0 END) AS missed
            FROM mark AS k JOIN marking AS g ON g.organization_id = k.organization_id
            WHERE g.presence GROUP BY k.person_id, k.organization_id""",
    }


def _calendar(visible: VisibleData, policy: MeasurePolicy, year: int) -> Ctes:
    """`by_calendar`: the school days of each enrollment, in schools that mark attendance and have a complete calendar; `cut_short`:
    those whose marks end too early."""
    if not visible.shows("calendar_day", "calendar_event_date", "calendar_event_type", "organization_id"):
        empty = "SELECT CAST(NULL AS BIGINT) AS person_id, CAST(NULL AS VARCHAR) AS organization_id, 0 AS days WHERE FALSE"
        return {
            "by_calendar": empty,
            "cut_short": "SELECT CAST(NULL AS VARCHAR) AS organization_id WHERE FALSE",
        }
    return {
        "school_day": f"""
            SELECT DISTINCT organization_id, calendar_event_date AS day FROM calendar_day
            WHERE calendar_event_type = 'InstructionalDay'
              AND {in_year("calendar_event_date", year)}""",
        "whole": f"""
            SELECT organization_id FROM school_day GROUP BY organization_id HAVING COUNT(*) >= {policy.calendar_days}""",
        "by_calendar": """
            SELECT s.person_id, s.organization_id, COUNT(DISTINCT d.day) AS days
            FROM stay AS s JOIN whole AS w ON w.organization_id = s.organization_id
            JOIN marking AS g ON g.organization_id = s.organization_id
            JOIN school_day AS d ON d.organization_id = s.organization_id AND d.day BETWEEN s.start AND s.finish
            GROUP BY s.person_id, s.organization_id""",
        "cut_short": f"""
            SELECT d.organization_id FROM school_day AS d JOIN whole AS w ON w.organization_id = d.organization_id
            JOIN marking AS g ON g.organization_id = d.organization_id
            WHERE d.day > g.until GROUP BY d.organization_id HAVING COUNT(*) > {policy.unmarked_days}""",
    }


def _since(column: str, since: date | None) -> str:
    return "" if since is None else f" AND {column} >= {day(since)}"


def _summary(visible: VisibleData, year: int, since: date | None) -> Ctes:
    """`summary`: days enrolled and days absent, as a partner reports them."""
    if not visible.shows(*SUMMARY):
        return {
            "summary": "SELECT CAST(NULL AS BIGINT) AS person_id, CAST(NULL AS VARCHAR) AS organization_id, "
            "0.0 AS days, 0.0 AS missed WHERE FALSE"
        }
    enrolled = visible.column("attendance_summary", "days_enrolled", "DOUBLE")
    there = visible.column("attendance_summary", "number_of_days_in_attendance", "DOUBLE")
    return {
        "summary": f"""
            SELECT person_id, organization_id, SUM(COALESCE({enrolled}, {there} + number_of_days_absent)) AS days,
              SUM(number_of_days_absent) AS missed
            FROM attendance_summary
            WHERE {in_year("period_start_date", year)}{_since("period_start_date", since)}
            GROUP BY person_id, organization_id"""
    }


ATTENDANCE = Measure(
    id="attendance",
    name="Attend school regularly",
    short="attend",
    lost="to chronic absence",
    definition=lambda policy: (
        f"Students enrolled at least {policy.days_enrolled} days who missed less than {percent(policy.chronic_share)} of them. A day "
        f"counts as missed if a student missed at least {percent(policy.missed_share_of_day)} of it. A school whose marks end more than "
        f"{counted(policy.unmarked_days, 'school day')} before its calendar ends is not decided yet."
    ),
    group="students enrolled",
    window=lambda policy: "one school year",
    sign=True,
    causes=(Cause.NO_AGREEMENT, Cause.NO_RECORD, Cause.ENDS_EARLY),
    find_class=find_class,
    due=lambda year, policy: year_end(year),
    judge=judge,
    needs=((ENROLLED,), (MARKS, SUMMARY)),
)
