"""Who the student is, as far as the purpose shows it: name, grade, school, age, language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from throughway import prose
from throughway.casework.facts import Row, Tables, day, named, newest, of

GRADES = {"KG": "Kindergarten", "PK": "Pre-kindergarten", "PS": "Postsecondary", "UG": "Ungraded"}


@dataclass(frozen=True)
class Who:
    """`name` is empty where no name is granted; `details` is one quiet line under it."""

    name: str
    details: str
    first: str

    @property
    def shown(self) -> str:
        return self.name or "A student"


def who(tables: Tables, names: Mapping[str, str], partners: Mapping[str, str], today: date) -> Who:
    row = _fullest(tables)
    first = str(row.get("preferred_first_name") or row.get("first_name") or "")
    last = str(row.get("preferred_last_or_surname") or row.get("last_or_surname") or "")
    parts = [_grade_and_school(tables, names, partners), _age(row, today)]
    return Who(f"{first} {last}".strip(), " · ".join(p for p in parts if p), first or "this student")


def _fullest(tables: Tables) -> Row:
    """Of the partners' rows about the person, the one that says most of the name."""
    wanted = ("first_name", "last_or_surname", "preferred_first_name", "birthdate")
    rows = sorted(of(tables, "person"), key=lambda row: sum(row.get(name) is not None for name in wanted))
    return rows[-1] if rows else {}


def grade_words(code: object) -> str:
    text = str(code or "")
    return f"Grade {int(text)}" if text.isdigit() else GRADES.get(text, "")


def _grade_and_school(tables: Tables, names: Mapping[str, str], partners: Mapping[str, str]) -> str:
    stay = newest(of(tables, "school_enrollment"), "enrollment_entry_date")
    if stay is None:
        return ""
    id = str(stay.get("organization_id") or "")
    school = names.get(id) or partners.get(id.partition("/")[0]) or named(id, names, "")
    left = day(stay.get("enrollment_exit_date"))
    where = (
        f"{school} until {prose.day(left)}" if left and school and left < date.max and _over(left) else school
    )
    return ", ".join(part for part in (grade_words(stay.get("entry_grade_level")), where) if part)


def _over(left: date) -> bool:
    """A last day in June ends a school year, not a stay."""
    return left.month not in (6, 7)


def _age(row: Row, today: date) -> str:
    born = row.get("birthdate")
    if isinstance(born, int):  # the year alone is granted
        return f"born {born}"
    if isinstance(born, str) and born[:4].isdigit():
        return f"born {born[:4]}"
    on = day(born)
    if on is None:
        return ""
    return f"age {today.year - on.year - ((today.month, today.day) < (on.month, on.day))}"
