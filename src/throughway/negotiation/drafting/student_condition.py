"""Which students: the common choices, grades and schools, as the condition that the document keeps, and back in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from throughway.agreements.in_words import condition_words
from throughway.agreements.population_condition import BadCondition, parse_condition
from throughway.vocabulary import TABLES, codes_of, element

GRADE = element("school_enrollment.entry_grade_level")
# The grades that schools have, in the order of a student's way.
GRADES: tuple[str, ...] = ("PK", "TK", "KG", *(f"{n:02}" for n in range(1, 13)), "UG")


def grade_choices() -> list[tuple[str, str]]:
    labels: Mapping[str, str] = codes_of(GRADE) or {}
    return [(code, labels.get(code, code)) for code in GRADES]


def condition(grades: Sequence[str], schools: Sequence[str]) -> str:
    """`entry_grade_level IN ('06', '07')`, for students in these grades, of these schools; empty for every student."""
    parts = []
    if grades:
        parts.append(f"entry_grade_level IN ({_quoted(grades)})")
    if schools:
        parts.append(f"organization_id IN ({_quoted(schools)})")
    return " AND ".join(parts)


def problem(where: str, on: str) -> str:
    """What is wrong with a condition, as a sentence; empty when it can be read."""
    if on not in TABLES or not TABLES[on].of_person:
        return "Choose a kind of record that speaks of students."
    try:
        parse_condition(where, on)
    except BadCondition as bad:
        return f"This {bad}."
    return ""


def in_words(entry: Mapping[str, Any]) -> str:
    """The condition of one entry, in words as far as that goes."""
    where = str(entry.get("where") or "")
    return " and ".join(condition_words(part) for part in where.split(" AND "))


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
