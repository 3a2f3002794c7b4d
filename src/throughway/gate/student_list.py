"""The students whom a purpose shows, one line each: name, school and grade, as far as granted.

Read under one ledger entry, from whichever of the three tables are granted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from throughway.agreements.grant import Grant
from throughway.vocabulary import TABLES

# For each table, the columns that a line uses.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "person": ("first_name", "last_or_surname"),
    "school_enrollment": (
        "organization_id",
        "entry_grade_level",
        "enrollment_entry_date",
        "enrollment_exit_date",
    ),
    "organization": ("organization_id", "organization_name"),
}


@dataclass(frozen=True)
class ListedStudent:
    """`person` is the id as queries show it; a field is empty where it is not granted or not known."""

    person: int
    first_name: str = ""
    last_name: str = ""
    school: str = ""
    grade: str = ""


def questions(grants: Iterable[Grant]) -> dict[str, str]:
    """The SQL for each table that a line uses; empty where the grants show no student."""
    shown: dict[str, set[str]] = {}
    for grant in grants:
        shown.setdefault(grant.table, set()).update(grant.columns)
    read = {t: [name for name in names if name in shown[t]] for t, names in COLUMNS.items() if t in shown}
    if not any(TABLES[table].of_person for table in read):
        # Neither names nor schools are granted: list everyone who has a row.
        read = {table: [] for table in sorted(shown) if TABLES[table].of_person}
    return {table: _sql(table, names) for table, names in read.items() if names or TABLES[table].of_person}


def _sql(table: str, names: Sequence[str]) -> str:
    person = ["person_id"] if TABLES[table].of_person else []
    return f"SELECT DISTINCT {', '.join([*person, *names])} FROM {table}"


def lines(tables: Mapping[str, pa.Table], on: date) -> list[ListedStudent]:
    """A line for each person, by last and first name. Of several enrollments, the one on the day, otherwise the latest."""
    rows = {
        table: [{n: _text(v) for n, v in row.items()} for row in of.to_pylist()]
        for table, of in tables.items()
    }
    schools = {
        row.get("organization_id"): row.get("organization_name") for row in rows.pop("organization", ())
    }
    found: dict[int, ListedStudent] = {}
    spells: dict[int, tuple[bool, str]] = {}
    for table, of_table in rows.items():
        for row in of_table:
            if not row["person_id"]:
                continue
            person = int(row["person_id"])
            line = found.get(person, ListedStudent(person))
            if table == "person":
                line = replace(
                    line,
                    first_name=line.first_name or row.get("first_name", ""),
                    last_name=line.last_name or row.get("last_or_surname", ""),
                )
            elif table == "school_enrollment":
                place = _place(row, on)
                if person not in spells or place > spells[person]:
                    spells[person] = place
                    school = row.get("organization_id", "")
                    line = replace(
                        line, school=schools.get(school) or school, grade=row.get("entry_grade_level", "")
                    )
            found[person] = line
    return sorted(found.values(), key=lambda s: (s.last_name.casefold(), s.first_name.casefold(), s.person))


def _place(row: Mapping[str, str], on: date) -> tuple[bool, str]:
    """Sort key for enrollments: those that cover the day last, then by first day."""
    first, last = row.get("enrollment_entry_date", ""), row.get("enrollment_exit_date", "")
    return (first or str(date.min)) <= str(on) <= (last or str(date.max)), first


def _text(value: object) -> str:
    return "" if value is None else str(value)
