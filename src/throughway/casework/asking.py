"""The one question behind a list of students: who, which grade and school, and the days missed lately.

Asks for nothing that the purpose does not show: a part that is not granted is left out of the question.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from throughway.agreements.grant import Grant
from throughway.agreements.transforms import Transform
from throughway.casework.facts import ABSENT
from throughway.casework.weeks import LATELY, school_year_start

MOST = 2_000  # students of one list
NAMES = ("first_name", "last_or_surname", "preferred_first_name")
PLAIN = Transform("none")


def shown(grants: Iterable[Grant]) -> Mapping[str, frozenset[str]]:
    """Table → columns that every discloser's grant shows as they are, of those that show the table at all."""
    found: dict[str, frozenset[str]] = {}
    for grant in grants:
        plain = frozenset(name for name, transform in grant.columns.items() if transform == PLAIN)
        found[grant.table] = found.get(grant.table, plain) | plain
    return found


def question(grants: Iterable[Grant], on: date, ids: Collection[int] | None = None) -> str:
    """A SELECT of person_id, first_name, last_or_surname, preferred_first_name, grade, school, school_name, missed, last_day;
    empty where the purpose does not show the table `person`, since then nobody can be told apart.

    `ids`: of these students alone, so that the gate need not look at all others; None: of whomever the purpose shows.
    """
    sees = shown(grants)
    names = [name for name in NAMES if name in sees.get("person", ())]
    if not names:
        return ""
    select = ["p.person_id", *(f"p.{name}" if name in names else f"NULL AS {name}" for name in NAMES)]
    joins: list[str] = []
    held = ", ".join(f"max({name}) AS {name}" for name in names)
    whom = f"person_id IN ({', '.join(str(int(id)) for id in sorted(ids))})" if ids else "TRUE"
    people = f"(SELECT person_id, {held} FROM person WHERE {whom} GROUP BY person_id) AS p"
    select += ["e.grade", "e.school"] if _stays(sees, joins, whom) else ["NULL AS grade", "NULL AS school"]
    select.append("o.name AS school_name" if _schools(sees, joins) else "NULL AS school_name")
    select += (
        ["a.missed", "a.last_day"]
        if _absences(sees, joins, on, whom)
        else ["NULL AS missed", "NULL AS last_day"]
    )
    return f"SELECT {', '.join(select)} FROM {people} {' '.join(joins)} ORDER BY 3, 2 LIMIT {MOST}"


def _stays(sees: Mapping[str, frozenset[str]], joins: list[str], whom: str) -> bool:
    columns = sees.get("school_enrollment", frozenset())
    if "enrollment_entry_date" not in columns:
        return False
    day = "coalesce(enrollment_entry_date, DATE '0001-01-01')"
    grade = f"arg_max(entry_grade_level, {day})" if "entry_grade_level" in columns else "NULL"
    school = f"arg_max(organization_id, {day})" if "organization_id" in columns else "NULL"
    joins.append(
        f"LEFT JOIN (SELECT person_id, {grade} AS grade, {school} AS school FROM school_enrollment WHERE {whom}"
        " GROUP BY person_id) AS e"
        " ON e.person_id = p.person_id"
    )
    return True


def _schools(sees: Mapping[str, frozenset[str]], joins: list[str]) -> bool:
    if not joins or not {"organization_id", "organization_name"} <= sees.get("organization", frozenset()):
        return False
    joins.append(
        "LEFT JOIN (SELECT organization_id, max(organization_name) AS name FROM organization GROUP BY organization_id) AS o"
        " ON o.organization_id = e.school"
    )
    return True


def _absences(sees: Mapping[str, frozenset[str]], joins: list[str], on: date, whom: str) -> bool:
    """Days missed in the four weeks up to the last day of school with a mark."""
    columns = sees.get("attendance_day", frozenset())
    if not {"attendance_event_date", "attendance_status"} <= columns:
        return False
    daily = (
        " AND coalesce(attendance_event_type, 'DailyAttendance') = 'DailyAttendance'"
        if "attendance_event_type" in columns
        else ""
    )
    since = school_year_start(on)
    marks = (
        "SELECT person_id, attendance_event_date AS day, attendance_status AS status FROM attendance_day"
        f" WHERE {whom} AND attendance_event_date BETWEEN DATE '{since}' AND DATE '{on}'{daily}"
    )
    absent = ", ".join(f"'{status}'" for status in ABSENT)
    joins.append(
        f"LEFT JOIN (SELECT m.person_id, count(DISTINCT m.day) FILTER (WHERE m.status IN ({absent})"
        f" AND m.day > l.last_day - INTERVAL {LATELY} DAY) AS missed, max(l.last_day) AS last_day"
        f" FROM ({marks}) AS m JOIN (SELECT max(day) AS last_day FROM ({marks}) AS every) AS l ON 1 = 1"
        " GROUP BY m.person_id) AS a ON a.person_id = p.person_id"
    )
    return True


def since(on: date) -> date:
    """The first day of which a student's page tells attendance."""
    return min(school_year_start(on), on - timedelta(days=1))
