"""A reader's list of students: the question behind it, its lines, and who left it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from unicodedata import combining, normalize

from throughway.agreements.grant import Grant
from throughway.casework.next_step import KINDS
from throughway.casework.student_facts import ABSENT, DAILY, PRESENT, Row, Tables
from throughway.casework.student_summary import PARTS, StudentSummary
from throughway.casework.student_tasks.task import TaskState
from throughway.core.prose import counted, day
from throughway.partners.caseload import Assigned
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
# Typed tables, for pages that show their rows of many students.
TYPED: Mapping[str, tuple[str, ...]] = {
    "task": (
        "entry_id",
        "version",
        "task_kind",
        "task_due",
        "task_owner",
        "task_state",
        "task_text",
        "author",
        "author_partner",
    ),
    "referral_event": (
        "entry_id",
        "version",
        "referral_state",
        "event_date",
        "due_date",
        "support_id",
        "sending_partner",
        "receiving_partner",
        "author_partner",
    ),
}
# What a typed table must show for its rows to be judged, and which of its rows are asked for.
JUDGED_BY: Mapping[str, tuple[frozenset[str], str]] = {
    "task": (frozenset({"task_state", "task_due", "superseded"}), f" AND task_state = '{TaskState.OPEN}'"),
    "referral_event": (frozenset({"entry_id", "referral_state", "superseded"}), ""),
}
OF_TABLE, ID = "of_table", "person_id"


def question(grants: Iterable[Grant], on: date, *, few: bool = False, steps: Collection[int] = ()) -> str:
    """A SELECT of `of_table`, `person_id` and the columns asked for as text; empty where the purpose shows no name, since students
    could not be distinguished.

    `few`: it is asked about a few students, by their record numbers; otherwise of everyone whom the purpose shows. `steps`: the
    students whose open tasks and referrals are asked for too; of a few, all of them.
    """
    shown: dict[str, set[str]] = {}
    for grant in grants:
        shown.setdefault(grant.table, set()).update(
            name for name, transform in grant.columns.items() if transform.name != "suppress"
        )
    names = [name for name in PARTS if name in shown.get("person", ())]
    if not names:
        return ""
    order = ", ".join(f"max({name})" for name in reversed(names))
    whom = f"person_id IN (SELECT person_id FROM person GROUP BY person_id ORDER BY {order}, person_id LIMIT {MOST})"
    asked = {table: names for table, names in ASKED.items() if table in shown}
    if steps:
        asked |= {
            table: TYPED[table]
            for table, (needed, _) in JUDGED_BY.items()
            if needed <= shown.get(table, set())
        }
    columns = list(dict.fromkeys(name for names in asked.values() for name in names))
    with_steps = f"person_id IN ({', '.join(str(int(id)) for id in sorted(steps))})"
    return " UNION ALL ".join(
        _part(t, asked[t], columns, shown[t], "" if few else with_steps if t in TYPED else whom, on)
        for t in asked
    )


def _part(
    table: str, asked: Collection[str], columns: Sequence[str], shown: Collection[str], whom: str, on: date
) -> str:
    of_person = TABLES[table].of_person
    cells = [
        f"CAST({name} AS VARCHAR) AS {name}"
        if name in shown and name in asked
        else f"CAST(NULL AS VARCHAR) AS {name}"
        for name in columns
    ]
    person = "person_id" if of_person else "CAST(NULL AS BIGINT) AS person_id"
    marks = _marks(shown, on) if table == "attendance_day" else ""
    if table in JUDGED_BY:
        marks = f" AND NOT superseded{JUDGED_BY[table][1]}"
    where = f" WHERE {whom or 'TRUE'}{marks}" if of_person else ""
    return f"SELECT '{table}' AS {OF_TABLE}, {person}, {', '.join(cells)} FROM {table}{where}"


def _marks(shown: Collection[str], on: date) -> str:
    """From attendance, the absences of this school year, and each student's last mark in any year."""
    if not {"attendance_event_date", "attendance_status"} <= set(shown):
        return " AND FALSE"
    # With the table's name, since an unqualified name in QUALIFY means the selected text.
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
    """The answer as each student's tables, in the form that the student's page uses; tables of schools are shared by all."""
    common: dict[str, list[Row]] = {}
    found: dict[int, dict[str, list[Row]]] = {}
    for cells in rows:
        row = dict(zip(columns, cells, strict=True))
        table, person = str(row[OF_TABLE]), row[ID]
        held = common if person is None else found.setdefault(int(str(person)), {})
        held.setdefault(table, []).append({name: row[name] for name in {**ASKED, **TYPED}[table]})
    return {person: {**common, **tables} for person, tables in found.items() if "person" in tables}


HIDDEN = "hidden"
CHIPS = {
    "": "All",
    "talk": "Missed many days lately",
    HIDDEN: "Attendance came in and is not shown",
    "lapsing": "Consent ends soon",
    "ask": "Ask the family",
}


def narrowed(students: Iterable[StudentSummary], *, chip: str = "", words: str = "") -> list[StudentSummary]:
    """Students under a chip whose name or school contains each of the words, in any order, ignoring accents."""
    wanted = [fold(word) for word in words.split()]
    return [
        s
        for s in students
        if (chip != "talk" or s.attendance.talk)
        and (chip != HIDDEN or s.attendance.hidden_by)
        and (chip != "lapsing" or s.lapsing)
        and (chip != "ask" or s.consents.to_ask)
        and all(word in fold(f"{s.name} {s.who.where}") for word in wanted)
    ]


def in_order(students: Iterable[StudentSummary]) -> list[StudentSummary]:
    """Students with a next step first, by its subject and day; among the rest those whose records came in and are not shown; then by name."""
    return sorted(students, key=lambda s: (*_urgency(s), fold(s.name), s.person))


# Whose records came in and are not shown may be missing school: before those whose family is to be asked.
IN_ORDER = (*KINDS[:-1], HIDDEN, KINDS[-1], "")


def _urgency(student: StudentSummary) -> tuple[int, date]:
    kind = student.next.kind if student.next else ""
    if student.attendance.hidden_by and kind in (KINDS[-1], ""):
        kind = HIDDEN
    return IN_ORDER.index(kind), (student.next.due if student.next else None) or date.max


def counts(students: Sequence[StudentSummary]) -> dict[str, int]:
    return {chip: len(narrowed(students, chip=chip)) for chip in CHIPS}


def fold(text: str) -> str:
    return "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))


LATELY = timedelta(days=60)


def departures(assigned: Iterable[Assigned], today: date) -> list[str]:
    """Sentences about students who left a reader's list in the last sixty days, newest first: "2 students left your list on 7 November
    2026; it no longer opens their pages." Assignments withdrawn before they began are left out."""
    every = list(assigned)
    now = {(a.partner, a.record) for a in every if a.on(today)}
    gone: dict[tuple[str, int], date] = {}
    for a in every:
        student = (a.partner, a.record)
        if student not in now and a.last is not None and a.first <= a.last < today:
            gone[student] = max(gone.get(student, date.min), a.last + timedelta(days=1))
    days = Counter(since for since in gone.values() if today - since <= LATELY)
    return [
        f"{'One student' if n == 1 else counted(n, 'student')} left your list on {day(since)}; "
        f"it no longer opens {'that page' if n == 1 else 'their pages'}."
        for since, n in sorted(days.items(), reverse=True)
    ]
