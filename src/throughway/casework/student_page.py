"""What the page of one student shows: everything in the template comes from here."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from throughway.agreements.enums import Reach
from throughway.agreements.grant import Grant
from throughway.agreements.labels import course_words
from throughway.casework.attendance import AttendanceStatus, AttendanceYear, Feeds, by_month, year_of
from throughway.casework.consent_banner import Banner, Consents, banner, signed_words
from throughway.casework.contact_notes.note import TABLE, notes_of
from throughway.casework.hidden_records import HiddenNotice, hidden_notices
from throughway.casework.needs.need import TABLE as NEED
from throughway.casework.needs.need import ShownNeed, needs_of
from throughway.casework.next_step import NextStep
from throughway.casework.student_facts import (
    DAILY,
    AssessmentResult,
    CourseMark,
    LoadedReferral,
    Support,
    marks_of,
    places_of,
    results_of,
    rows_of,
    school_days,
    supports_of,
)
from throughway.casework.student_summary import StudentSummary
from throughway.casework.student_tasks.task import ShownTask
from throughway.casework.timeline import TimelineEvent, timeline_events
from throughway.casework.year_chart import YearChart, year_chart
from throughway.consent.answer_history import AnswerLine
from throughway.consent.contested_parts import StatementFields
from throughway.core.prose import counted, day, listed
from throughway.gate.available_purposes import OpenPurpose
from throughway.gate.hidden_rows import HiddenRows
from throughway.ledger.entry_presenter import role_words
from throughway.partners.caseload import Assigned
from throughway.training.validity import Completed
from throughway.vocabulary.school_calendar import school_year_of, year_start


@dataclass(frozen=True)
class StudentRecord:
    """`tables`: rows by table; tables without rows are left out. `grants`: all of the purpose; `shown`: those of tables with rows.
    `feeds`: see `attendance_of`. `assigned`: the caseload's line, if any. `statements`: the family's statements on contested parts.
    `orders`: by partner whose records are shown, or the reader's own, the first day of orders that limit an adult's access to the
    student (34 CFR 99.4). `answers`: what the family was asked and answered, newest first. `reader`: the reader's partner; `types`: the
    typed tables of which the reader may type rows under the purpose; `team` asks for the addresses of the reader's team who work with the
    student. `hidden`: records of this school year that came in and are not shown."""

    person: int
    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    grants: Sequence[Grant]
    openings: Sequence[OpenPurpose]
    shown: Sequence[Grant]
    feeds: Feeds
    consents: Consents
    assigned: Assigned | None
    statements: Sequence[StatementFields] = ()
    orders: Mapping[str, date] = field(default_factory=dict)
    answers: Sequence[AnswerLine] = ()
    reader: str | None = None
    types: frozenset[str] = frozenset()
    team: Callable[[], Sequence[str]] = tuple
    hidden: Collection[HiddenRows] = ()


TALKS = ("attendance", "referral")  # next steps that are a talk
MOST = 4
REGULAR = 8  # number of sessions from which attendance in a program is mentioned
OF_LATE = timedelta(days=60)


def strengths(
    year: AttendanceYear, attendance: AttendanceStatus, supports: Sequence[Support], today: date
) -> list[str]:
    return [*_attends(year, attendance), *_comes(supports, today)][:MOST]


def _attends(year: AttendanceYear, attendance: AttendanceStatus) -> Iterator[str]:
    """False for old data, data with a gap, and where only absences are sent: a day without a mark is not proof of presence."""
    if not year.whole or not attendance.recent or year.first is None or year.last_known is None:
        return
    to = day(year.last_known)
    if year.missed == 0:
        yield f"No day missed from {day(year.first)} to {to}"
    elif year.lately == 0:
        yield f"No day missed in the four weeks to {to}"
    elif year.before - year.lately >= 2:
        yield f"Missed {counted(year.lately, 'day')} in the four weeks to {to}, {year.before} in the four before"


def _comes(supports: Sequence[Support], today: date) -> Iterator[str]:
    for s in sorted(supports, key=lambda support: -support.sessions):
        if s.last is None or today - s.last > OF_LATE:
            continue  # old sessions, or sessions not updated lately, say nothing about the present
        if s.sessions >= REGULAR:
            yield f"Came to {s.name} {s.sessions} times, last on {day(s.last)}"
        elif s.end is None and (today - s.start).days >= 180:
            yield f"In {s.name} since {s.start:%B %Y}, last attended on {day(s.last)}"


AT_FIRST = 8  # events shown at first; the rest on request


@dataclass(frozen=True)
class AccessReason:
    """One reason for access: its name, and the facts."""

    name: str
    text: str
    agreement: str = ""


@dataclass(frozen=True)
class StudentPage:
    """The contents of one student's page. `sent_by`: the partner that sends the attendance. `tasks` and `needs`: closed ones too."""

    student: StudentSummary
    sent_by: str
    banner: Banner
    year: AttendanceYear
    chart: YearChart | None
    months: Sequence[tuple[date, int]]
    supports: Sequence[Support]
    strengths: Sequence[str]
    results: Sequence[AssessmentResult]
    marks: Sequence[CourseMark]
    events: Sequence[TimelineEvent]
    earlier: Sequence[TimelineEvent]
    why: Sequence[AccessReason]
    waiting: Sequence[LoadedReferral]
    shows_referrals: bool
    types_notes: bool
    tasks: Sequence[ShownTask] = ()
    needs: Sequence[ShownNeed] = ()
    next: NextStep | None = None
    today: date = date.min
    hidden: Sequence[HiddenNotice] = ()

    @property
    def open_tasks(self) -> list[tuple[ShownTask, tuple[str, str]]]:
        """The open tasks, each with the kind and the words of the tag that says how much time is left."""
        return [(task, task.tag(self.today)) for task in self.tasks if task.is_open]

    @property
    def closed_tasks(self) -> list[ShownTask]:
        return [task for task in self.tasks if not task.is_open]

    @property
    def open_needs(self) -> list[ShownNeed]:
        return [need for need in self.needs if need.is_open]

    @property
    def closed_needs(self) -> list[ShownNeed]:
        return [need for need in self.needs if not need.is_open]


def page_of(
    record: StudentRecord, student: StudentSummary, *, names: Mapping[str, str], completed: Sequence[Completed], role: str, today: date
) -> StudentPage:  # fmt: skip
    """`student`: the same student in short; `names`: partners' names by id."""
    tables, places = record.tables, places_of(record.tables)
    days = school_days(tables, year_start(school_year_of(today)))
    year = year_of(days, today, student.attendance.through)
    supports = supports_of(tables, places, names)
    school = listed(sorted({names.get(g.discloser, "") for g in record.shown if g.table == "attendance_day"
                              and g.discloser in _schools(record)}))  # fmt: skip
    notes = notes_of(rows_of(tables, TABLE), names=names, reader=record.reader)
    events = timeline_events(school_days(tables, today - timedelta(days=730)), supports, student.referrals, tables, notes,
                             [(line.shown, line.support) for line in student.referred],
                   names=places, partners=names, school=school, today=today)  # fmt: skip
    needs = needs_of(rows_of(tables, NEED), names=names, reader=record.reader)
    return StudentPage(
        student=student,
        sent_by=names.get(student.attendance.partner, "") if student.attendance.through else "",
        banner=banner(record.grants, record.consents),
        year=year,
        chart=year_chart(year, supports),
        months=by_month({d: missed for d, missed in days.items() if d <= today}),
        supports=supports,
        strengths=strengths(year, student.attendance, supports, today),
        results=results_of(tables),
        marks=marks_of(tables),
        events=events[:AT_FIRST],
        earlier=events[AT_FIRST:],
        why=_why(record, names, completed, role, today),
        waiting=[r for r in student.referrals if r.waits],
        shows_referrals="referral" in tables,
        types_notes=TABLE in record.types,
        tasks=student.tasks,
        needs=needs,
        next=_to_its_form(student.next, record),
        today=today,
        hidden=hidden_notices(record.hidden, names),
    )


def _to_its_form(step: NextStep | None, record: StudentRecord) -> NextStep | None:
    """A talk leads to the form that notes it, where the reader may type notes."""
    if step is not None and step.kind in TALKS and TABLE in record.types:
        return replace(step, button="Note the contact", href="#contact")
    return step


def _schools(record: StudentRecord) -> set[str]:
    """Partners whose schools sent attendance."""
    return {
        str(row.get("organization_id") or "").partition("/")[0]
        for row in rows_of(record.tables, "attendance_day")
        if row.get("attendance_event_type") in DAILY
    }


def _why(
    record: StudentRecord, names: Mapping[str, str], completed: Sequence[Completed], role: str, today: date
) -> list[AccessReason]:
    found = []
    for opening in {o.agreement: o for o in record.openings}.values():
        givers = listed(
            names.get(d, d)
            for d in sorted(
                {d for o in record.openings if o.agreement == opening.agreement for d in o.disclosers}
            )
        )
        found.append(
            AccessReason(
                "Agreement",
                f"{opening.title}. Records of {givers}, until {day(opening.expires)}",
                opening.agreement,
            )
        )
    found.append(AccessReason("Your role", _reach(record, role)))
    signed = dict.fromkeys(signed_words(d) for d in record.consents.given.values())
    found += [AccessReason("Consent", words) for words in signed]
    asked = {course for o in record.openings for course in o.training}
    found += [
        AccessReason("Training", f"{course_words(c.course)}, good until {day(c.until)}")
        for c in completed
        if c.course in asked and c.valid(today)
    ]
    return found


def _reach(record: StudentRecord, role: str) -> str:
    reaches = {o.reach for o in record.openings}
    if record.assigned is not None:
        return (
            f"{role_words(role)}. This student has been on your caseload since {day(record.assigned.first)}"
        )
    if reaches - {Reach.CASELOAD} == {Reach.SITE}:
        return f"{role_words(role)}. This student is at a school or in a program of yours today"
    if Reach.ROSTER in reaches:
        return f"{role_words(role)}. Your organization serves this student today"
    return f"{role_words(role)}. The agreement lets you read about every student in its scope"
