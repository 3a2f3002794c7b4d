"""The students whom a purpose shows, one line each: who, in which school and grade, as far as it is granted.

One question and so one entry of the ledger: each granted table of the three gives its rows under one heading.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from throughway.agreements.grant import Grant
from throughway.vocabulary import TABLES

# Of each table the columns that a line is made of.
ASKED: Mapping[str, tuple[str, ...]] = {
    "person": ("first_name", "last_or_surname"),
    "school_enrollment": (
        "organization_id",
        "entry_grade_level",
        "enrollment_entry_date",
        "enrollment_exit_date",
    ),
    "organization": ("organization_id", "organization_name"),
}
COLUMNS = tuple(dict.fromkeys(name for names in ASKED.values() for name in names))


@dataclass(frozen=True)
class ListedStudent:
    """`person` is the id that queries show; what is not granted, or not known, is empty."""

    person: int
    first_name: str = ""
    last_name: str = ""
    school: str = ""
    grade: str = ""


def question(grants: Iterable[Grant]) -> str:
    """The SQL for all lines; empty where the grants show no student."""
    shown: dict[str, set[str]] = {}
    for grant in grants:
        shown.setdefault(grant.table, set()).update(grant.columns)
    asked = [table for table in ASKED if table in shown]
    if not any(TABLES[table].of_person for table in asked):
        # Neither names nor schools are granted: whoever has a row at all.
        return " UNION ".join(_part(table, set()) for table in sorted(shown) if TABLES[table].of_person)
    return " UNION ALL ".join(_part(table, shown[table]) for table in asked)


def _part(table: str, shown: set[str]) -> str:
    person = "person_id" if TABLES[table].of_person else "NULL"
    of_table = ASKED.get(table, ())
    columns = [
        f"CAST({name} AS VARCHAR) AS {name}" if name in shown and name in of_table else f"NULL AS {name}"
        for name in COLUMNS
    ]
    return f"SELECT '{table}' AS of_table, {person} AS person, {', '.join(columns)} FROM {table}"


def lines(columns: Sequence[str], rows: Iterable[Sequence[object]], on: date) -> list[ListedStudent]:
    """A line for each person, by last and first name. Of several spells the one of the day, else the latest."""
    cells = [dict(zip(columns, row, strict=True)) for row in rows]
    schools = {c["organization_id"]: c["organization_name"] for c in cells if c["of_table"] == "organization"}
    found: dict[int, ListedStudent] = {}
    spells: dict[int, tuple[bool, str]] = {}
    for cell in cells:
        if cell["person"] is None:
            continue
        person = int(str(cell["person"]))
        line = found.get(person, ListedStudent(person))
        if cell["of_table"] == "person":
            line = replace(
                line,
                first_name=line.first_name or _text(cell["first_name"]),
                last_name=line.last_name or _text(cell["last_or_surname"]),
            )
        elif cell["of_table"] == "school_enrollment":
            place = _place(cell, on)
            if person not in spells or place > spells[person]:
                spells[person] = place
                school = _text(schools.get(cell["organization_id"]) or cell["organization_id"])
                line = replace(line, school=school, grade=_text(cell["entry_grade_level"]))
        found[person] = line
    return sorted(found.values(), key=lambda s: (s.last_name.casefold(), s.first_name.casefold(), s.person))


def _place(cell: Mapping[str, object], on: date) -> tuple[bool, str]:
    """Sorts spells: those of the day last, then by the day on which they began."""
    first, last = _text(cell["enrollment_entry_date"]), _text(cell["enrollment_exit_date"])
    return (first or str(date.min)) <= str(on) <= (last or str(date.max)), first


def _text(value: object) -> str:
    return "" if value is None else str(value)
