"""Who the student is, as far as the purpose shows it: name, grade, school, age, language."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from throughway.casework.facts import Row, Tables, day, named, rows_of, stay_of
from throughway.core import prose
from throughway.vocabulary.school_calendar import school_year_of

GRADES = {"KG": "Kindergarten", "PK": "Pre-kindergarten", "PS": "Postsecondary", "UG": "Ungraded"}
PARTS = ("first_name", "preferred_first_name", "last_or_surname", "preferred_last_or_surname")


@dataclass(frozen=True)
class StudentIdentity:
    """`name` is empty where no name is granted; `where` says grade and school, with the school year where it is not this one."""

    name: str
    first: str
    where: str
    age: str

    @property
    def shown(self) -> str:
        return self.name or "A student"

    @property
    def details(self) -> str:
        return " · ".join(part for part in (self.where, self.age) if part)


def identify_student(
    tables: Tables, names: Mapping[str, str], partners: Mapping[str, str], today: date
) -> StudentIdentity:
    first, preferred, last, preferred_last = _name(tables)
    called = preferred or first
    return StudentIdentity(
        f"{called} {preferred_last or last}".strip(),
        called or "this student",
        _grade_and_school(tables, names, partners, today),
        _age(tables, today),
    )


def _name(tables: Tables) -> tuple[str, ...]:
    """Of the partners' rows about the person, the one that says most of the name; of several, what most of them say, then the
    longest, since a slip drops letters more often than it adds them. The order of the rows does not matter."""
    rows = [tuple(str(row.get(part) or "") for part in PARTS) for row in rows_of(tables, "person")]
    said = Counter(rows)
    return min(
        said, key=lambda row: (row.count(""), -said[row], -len("".join(row)), row), default=("",) * len(PARTS)
    )


def grade_words(code: object) -> str:
    text = str(code or "")
    return f"Grade {int(text)}" if text.isdigit() else GRADES.get(text, "")


def _grade_and_school(
    tables: Tables, names: Mapping[str, str], partners: Mapping[str, str], today: date
) -> str:
    """Grade 7, Lincoln Middle School; of an earlier year: Grade 6 in 2024-25, Hill School."""
    stay = stay_of(tables)
    if stay is None:
        return ""
    id = str(stay.get("organization_id") or "")
    school = names.get(id) or partners.get(id.partition("/")[0]) or named(id, names, "")
    grade, year, left = (
        grade_words(stay.get("entry_grade_level")),
        _year(stay),
        day(stay.get("enrollment_exit_date")),
    )
    if grade and year is not None and year != school_year_of(today):
        grade = f"{grade} in {prose.school_year(year)}"
    if school and left is not None and left < today and not (grade and _ends_the_year(left, year)):
        school = f"{school} until {prose.day(left)}"
    return ", ".join(part for part in (grade, school) if part)


def _year(stay: Row) -> int | None:
    """The school year of which the grade is told, by its ending year."""
    said = str(stay.get("school_year") or "")
    entry = day(stay.get("enrollment_entry_date"))
    return int(said) if said.isdigit() else school_year_of(entry) if entry else None


def _ends_the_year(left: date, year: int | None) -> bool:
    """Whether the last day is one on which that school year ends, and with it the spell, but not the student's time there."""
    return (left.year, left.month) in ((year, 5), (year, 6), (year, 7))


def _age(tables: Tables, today: date) -> str:
    """The age, or the year of birth where no more is granted."""
    born = max(
        (value for row in rows_of(tables, "person") if (value := row.get("birthdate")) is not None),
        key=str,
        default=None,
    )
    on = day(born)
    if on is not None:
        return f"age {today.year - on.year - ((today.month, today.day) < (on.month, on.day))}"
    text = str(born or "")
    return f"born {text[:4]}" if text[:4].isdigit() else ""
