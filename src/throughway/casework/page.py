"""One student's page, told from what was shown: everything that the template says, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from throughway.agreements.enums import Reach
from throughway.agreements.labels import course_words
from throughway.casework import facts
from throughway.casework.chart_text import label
from throughway.casework.consent_banner import Banner, banner, signed_words
from throughway.casework.next_step import NextStep
from throughway.casework.record import StudentRecord
from throughway.casework.school_weeks import AttendanceYear, by_month, year_of
from throughway.casework.strengths import strengths
from throughway.casework.student_identity import StudentIdentity
from throughway.casework.summary import summary_of
from throughway.casework.timeline import TimelineEvent, timeline_events
from throughway.casework.year_chart import Picture, picture
from throughway.core.prose import day, listed
from throughway.ledger.entry_presenter import role_words
from throughway.training.validity import Completed
from throughway.vocabulary.school_calendar import school_year_of, year_start

AT_FIRST = 8  # events in view; the rest behind a click


@dataclass(frozen=True)
class AccessReason:
    """One reason for access: what it is called, and what is so."""

    name: str
    text: str
    agreement: str = ""


@dataclass(frozen=True)
class StudentPage:
    person: int
    who: StudentIdentity
    attendance: str
    sent_by: str
    banner: Banner
    consents_asked: bool
    year: AttendanceYear
    pictures: Sequence[Picture]
    label: str
    months: Sequence[tuple[date, int]]
    supports: Sequence[facts.Support]
    strengths: Sequence[str]
    results: Sequence[facts.AssessmentResult]
    marks: Sequence[facts.CourseMark]
    events: Sequence[TimelineEvent]
    earlier: Sequence[TimelineEvent]
    next: NextStep | None
    why: Sequence[AccessReason]
    disclosure: str
    shows_attendance: bool
    waiting: Sequence[facts.Referral]
    shows_referrals: bool


def page_of(
    record: StudentRecord, *, names: Mapping[str, str], completed: Sequence[Completed], role: str, today: date
) -> StudentPage:
    """`names`: partners' names by id."""
    tables, places = record.tables, facts.places_of(record.tables)
    summary = summary_of(tables, feeds=record.feeds, consents=record.consents, partners=names, today=today)
    days = facts.school_days(tables, year_start(school_year_of(today)))
    year = year_of(days, today, summary.attendance.through)
    supports = facts.supports(tables, places, names)
    allowed = banner(record.grants, record.consents)
    school = listed(sorted({names.get(g.discloser, "") for g in record.shown if g.table == "attendance_day"
                              and g.discloser in _schools(record)}))  # fmt: skip
    events = timeline_events(facts.school_days(tables, today - timedelta(days=730)), supports, summary.referrals, tables,
                   names=places, partners=names, school=school, today=today)  # fmt: skip
    drawn = bool(year.weeks or supports)
    return StudentPage(
        person=record.person,
        who=summary.who,
        attendance=summary.attendance.words(names),
        sent_by=names.get(summary.attendance.partner, "") if summary.attendance.through else "",
        banner=allowed,
        consents_asked=record.consents.asked,
        year=year,
        pictures=[picture(year, supports, wide=wide) for wide in (True, False)] if drawn else [],
        label=label(year, supports),
        months=by_month({d: missed for d, missed in days.items() if d <= today}),
        supports=supports,
        strengths=strengths(year, summary.attendance, supports, today),
        results=facts.results(tables),
        marks=facts.marks(tables),
        events=events[:AT_FIRST],
        earlier=events[AT_FIRST:],
        next=summary.next,
        why=list(_why(record, names, completed, role, today)),
        disclosure=record.disclosure,
        shows_attendance=bool(year.weeks),
        waiting=[r for r in summary.referrals if r.waits],
        shows_referrals="referral" in tables,
    )


def _schools(record: StudentRecord) -> set[str]:
    """Partners whose organization stands in a day of school."""
    return {
        str(row.get("organization_id") or "").partition("/")[0]
        for row in facts.rows_of(record.tables, "attendance_day")
        if row.get("attendance_event_type") in facts.DAILY
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
        return f"{role_words(role)}. This student is on your caseload since {day(record.assigned.first)}"
    if Reach.ROSTER in reaches:
        return f"{role_words(role)}. Your organization serves this student today"
    return f"{role_words(role)}. The agreement lets you read about every student in its scope"
