"""One student in short: identity, attendance, next steps. The list, the page, the print sheet, the search and the home page all use
it, so that they agree."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from throughway.casework.attendance import AttendanceStatus, Feeds, attendance_of
from throughway.casework.consent_banner import Consents
from throughway.casework.next_step import NextStep, lapses, steps
from throughway.casework.referrals.referral import TABLE as REFERRAL
from throughway.casework.referrals.referral import ReferralLine, referral_lines
from throughway.casework.student_facts import (
    LoadedReferral,
    Row,
    Tables,
    named,
    places_of,
    referrals_of,
    rows_of,
    stay_of,
)
from throughway.casework.student_tasks.task import TABLE as TASK
from throughway.casework.student_tasks.task import ShownTask, tasks_of
from throughway.core.prose import day, school_year
from throughway.gate.hidden_rows import HiddenRows
from throughway.supports.student import parsed_day
from throughway.vocabulary.school_calendar import school_year_of

GRADES = {"KG": "Kindergarten", "PK": "Pre-kindergarten", "PS": "Postsecondary", "UG": "Ungraded"}
PARTS = ("first_name", "preferred_first_name", "last_or_surname", "preferred_last_or_surname")


@dataclass(frozen=True)
class StudentIdentity:
    """`name` is empty where no name is granted; `where`: grade and school, with the school year where it is not this one."""

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
    called, family = name_parts(tables)
    return StudentIdentity(
        f"{called} {family}".strip(),
        called or "this student",
        _grade_and_school(tables, names, partners, today),
        _age(tables, today),
    )


def name_parts(tables: Tables) -> tuple[str, str]:
    """The first name that the student uses, and the family name."""
    first, preferred, last, preferred_last = _name(tables)
    return preferred or first, preferred_last or last


def _name(tables: Tables) -> tuple[str, ...]:
    """Among partners' rows about the person, the most complete name; among several, the most frequent, then the longest, since typing
    errors drop letters more often than they add them. Independent of the order of rows."""
    rows = [tuple(str(row.get(part) or "") for part in PARTS) for row in rows_of(tables, "person")]
    counts = Counter(rows)
    return min(
        counts,
        key=lambda row: (row.count(""), -counts[row], -len("".join(row)), row),
        default=("",) * len(PARTS),
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
        parsed_day(stay.get("enrollment_exit_date")),
    )
    if grade and year is not None and year != school_year_of(today):
        grade = f"{grade} in {school_year(year)}"
    if school and left is not None and left < today and not (grade and _ends_the_year(left, year)):
        school = f"{school} until {day(left)}"
    return ", ".join(part for part in (grade, school) if part)


def _year(stay: Row) -> int | None:
    """The school year of the grade, by its ending year."""
    stated = str(stay.get("school_year") or "")
    entry = parsed_day(stay.get("enrollment_entry_date"))
    return int(stated) if stated.isdigit() else school_year_of(entry) if entry else None


def _ends_the_year(left: date, year: int | None) -> bool:
    """Whether the last day is an end of school year, so that the enrollment record ended but not the student's time at the school."""
    return (left.year, left.month) in ((year, 5), (year, 6), (year, 7))


def _age(tables: Tables, today: date) -> str:
    """The age, or the year of birth where only that is granted."""
    born = max(
        (value for row in rows_of(tables, "person") if (value := row.get("birthdate")) is not None),
        key=str,
        default=None,
    )
    on = parsed_day(born)
    if on is not None:
        return f"age {today.year - on.year - ((today.month, today.day) < (on.month, on.day))}"
    text = str(born or "")
    return f"born {text[:4]}" if text[:4].isdigit() else ""


@dataclass(frozen=True)
class StudentSummary:
    """One student in short. `attendance_text`: the attendance in one sentence; empty where none is shown. `hidden`: records of this school
    year that came in and are not shown, because of an empty cell; `steps`: all that is to be done, the first first; `tasks`: those that the
    rows have, closed ones too; `referred`: referrals made on the site."""

    person: int
    who: StudentIdentity
    attendance: AttendanceStatus
    attendance_text: str
    referrals: list[LoadedReferral]
    consents: Consents
    steps: Sequence[NextStep]
    today: date
    hidden: Collection[HiddenRows] = ()
    tasks: Sequence[ShownTask] = ()
    referred: Sequence[ReferralLine] = ()

    @property
    def next(self) -> NextStep | None:
        """The first of what is to be done."""
        return next(iter(self.steps), None)

    def step(self, kind: str) -> NextStep | None:
        """The first step of that subject."""
        return next((each for each in self.steps if each.kind == kind), None)

    @property
    def name(self) -> str:
        return self.who.shown

    @property
    def lapsing(self) -> bool:
        return lapses(self.consents, self.today)

    @property
    def consent(self) -> tuple[str, str]:
        """A tag's kind and its text."""
        if not self.consents.asked:
            return "past", "no consent needed"
        if self.consents.given:
            until = f"until {day(self.consents.until)}" if self.consents.until else ""
            return ("wait" if self.lapsing else "ok"), f"family allows {until}".strip()
        if self.consents.refused:
            return "stop", "family said no"
        return ("wait", "consent has ended") if self.consents.ended else ("tip", "family not asked")


def summarize(
    person: int, tables: Tables, *, feeds: Feeds, consents: Consents, partners: Mapping[str, str], today: date,
    hidden: Collection[HiddenRows] = (), reader: str | None = None, supports: Mapping[str, str] = MappingProxyType({}),
) -> StudentSummary:  # fmt: skip
    """`feeds`, `hidden`: see `attendance_of`; `partners`: their names by id; `reader`: the reader's partner; `supports`: names of the
    directory's entries by number."""
    places = places_of(tables)
    who = identify_student(tables, places, partners, today)
    attendance = attendance_of(tables, feeds, today, hidden)
    referrals = referrals_of(tables, places, partners)
    tasks = tasks_of(rows_of(tables, TASK), names=partners, reader=reader)
    referred = referral_lines(rows_of(tables, REFERRAL), names=partners, supports=supports, reader=reader)
    to_do = steps(attendance, referrals, consents, today, who.first, tasks=tasks, referred=referred)
    return StudentSummary(
        person,
        who,
        attendance,
        attendance.words(partners),
        referrals,
        consents,
        to_do,
        today,
        hidden,
        tasks,
        referred,
    )
