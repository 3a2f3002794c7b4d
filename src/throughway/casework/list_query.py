"""The one question behind a list of students: the rows that a line of the list is made of.

Each table gives its rows under one heading, so that one entry of the ledger stands for all of them and a list is made of the
same facts as a student's page. Nothing is asked that the purpose does not show.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from throughway.agreements.grant import Grant
from throughway.casework.facts import ABSENT, DAILY, PRESENT, Row, Tables
from throughway.casework.student_identity import PARTS
from throughway.vocabulary import TABLES
from throughway.vocabulary.school_calendar import school_year_of, year_start

MOST = 2_000  # students of one list
ASKED: Mapping[str, tuple[str, ...]] = {
    "person": PARTS,
    "school_enrollment": (
        "organization_id",
        "school_year",
        "enrollment_entry_date",
        "enrollment_exit_date",
        "entry_grade_level",
    ),
    "organization": ("organization_id", "organization_name"),
    "attendance_day": (
        "organization_id",
        "attendance_event_date",
        "attendance_status",
        "attendance_event_type",
        "attendance_event_duration_day",
    ),
    "referral": (
        "receiving_organization_id",
        "referral_date",
        "referral_status",
        "referral_outcome",
        "referral_closed_date",
    ),
}
COLUMNS = tuple(dict.fromkeys(name for names in ASKED.values() for name in names))
OF_TABLE, ID = "of_table", "person_id"


def question(grants: Iterable[Grant], on: date, ids: Collection[int] | None = None) -> str:
    """A SELECT of `of_table`, `person_id` and COLUMNS as text; empty where the purpose shows no name, since then nobody can
    be told apart.

    `ids`: of these students alone, so that the gate need not look at all others; None: of whomever the purpose shows.
    """
    shown: dict[str, set[str]] = {}
    for grant in grants:
        shown.setdefault(grant.table, set()).update(
            name for name, transform in grant.columns.items() if transform.name != "suppress"
        )
    names = [name for name in PARTS if name in shown.get("person", ())]
    if not names:
        return ""
    if ids is None:
        order = ", ".join(f"max({name})" for name in reversed(names))
        whom = f"person_id IN (SELECT person_id FROM person GROUP BY person_id ORDER BY {order}, person_id LIMIT {MOST})"
    else:
        whom = f"person_id IN ({', '.join(str(int(id)) for id in sorted(ids))})" if ids else "FALSE"
    return " UNION ALL ".join(_part(t, shown[t], whom, on) for t in ASKED if t in shown)


def _part(table: str, shown: Collection[str], whom: str, on: date) -> str:
    of_person = TABLES[table].of_person
    columns = [
        f"CAST({name} AS VARCHAR) AS {name}"
        if name in shown and name in ASKED[table]
        else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in COLUMNS
    ]
    person = "person_id" if of_person else "CAST(NULL AS BIGINT) AS person_id"
    marks = _marks(shown, on) if table == "attendance_day" else ""
    where = f" WHERE {whom}{marks}" if of_person else ""
    return f"SELECT '{table}' AS {OF_TABLE}, {person}, {', '.join(columns)} FROM {table}{where}"


def _marks(shown: Collection[str], on: date) -> str:
    """Of attendance the absences of this school year, and each student's last mark, of whatever year."""
    if not {"attendance_event_date", "attendance_status"} <= set(shown):
        return " AND FALSE"
    # With the table's name, since by itself a name in QUALIFY means the text that is selected under it.
    day, status, kind, school = (
        f"attendance_day.{name}"
        for name in ("attendance_event_date", "attendance_status", "attendance_event_type", "organization_id")
    )
    daily = (
        f" AND coalesce({kind}, '{DAILY[0]}') IN ({_texts(DAILY)})"
        if "attendance_event_type" in shown
        else ""
    )
    order = f"{day} DESC" + (f", {school} DESC NULLS LAST" if "organization_id" in shown else "")
    return (
        f" AND {day} <= DATE '{on}' AND {status} IN ({_texts((*ABSENT, *PRESENT))}){daily}"
        f" QUALIFY ({day} >= DATE '{year_start(school_year_of(on))}' AND {status} IN ({_texts(ABSENT)}))"
        f" OR row_number() OVER (PARTITION BY attendance_day.person_id ORDER BY {order}) = 1"
    )


def _texts(words: Iterable[str | None]) -> str:
    return ", ".join(f"'{word}'" for word in words if word is not None)


def tables_of(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[int, Tables]:
    """The answer as each student's tables, of the shape that a student's page is made of; those of schools go to everybody."""
    common: dict[str, list[Row]] = {}
    found: dict[int, dict[str, list[Row]]] = {}
    for cells in rows:
        row = dict(zip(columns, cells, strict=True))
        table, person = str(row[OF_TABLE]), row[ID]
        held = common if person is None else found.setdefault(int(str(person)), {})
        held.setdefault(table, []).append({name: row[name] for name in ASKED[table]})
    return {person: {**common, **tables} for person, tables in found.items() if "person" in tables}
