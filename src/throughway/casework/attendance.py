"""A student's attendance: who sends it, the last day of the data, and recent days missed.

The list, the student's page, the print sheet and the home page all use these rules.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from throughway.casework.hidden_records import attendance_hidden
from throughway.casework.student_facts import Tables, last_mark, rows_of, school_days, stay_of
from throughway.core.prose import counted, day
from throughway.gate.hidden_rows import HiddenRows
from throughway.intake.feed_gaps import overdue
from throughway.supports.student import parsed_day
from throughway.vocabulary.school_calendar import school_year_of, year_start

A_WEEK = timedelta(weeks=1)
LATELY = 28  # days
LONGEST_GAP = timedelta(days=21)  # between two marks: a winter break; a longer gap is missing data


@dataclass(frozen=True)
class AttendanceWeek:
    """The Monday; days missed; `known` where any day of the week is marked."""

    start: date
    missed: int
    known: bool


@dataclass(frozen=True)
class AttendanceYear:
    """The weeks from the first mark to today. `marks_presence`: days present are marked too, so that a week without a mark is a week
    without school or without data; otherwise only absences are sent. `last_known`: the last day of the data. `whole`: presence is
    marked, and there is no gap of three weeks up to that day."""

    weeks: tuple[AttendanceWeek, ...]
    missed: int
    lately: int
    before: int
    marks_presence: bool
    last_known: date | None
    today: date
    first: date | None = None
    whole: bool = False

    @property
    def late(self) -> bool:
        """Whether the last two weeks or more have no data."""
        return self.last_known is not None and (self.today - self.last_known).days >= 14


def year_of(days: Mapping[date, bool], today: date, through: date | None = None) -> AttendanceYear:
    """`days`: each day with a mark, and whether it was missed. `through`: the last day of the data, where known to be later than the
    last mark. `lately` counts the four weeks up to it, `before` the four weeks before those."""
    known = {d: missed for d, missed in days.items() if d <= today}
    if not known:
        return AttendanceYear((), 0, 0, 0, False, None, today)
    first, last = min(known), max(max(known), through or date.min)
    weeks = []
    start = monday(first)
    while start <= monday(today):
        held = [known[d] for d in (start + timedelta(days=n) for n in range(7)) if d in known]
        weeks.append(AttendanceWeek(start, sum(held), bool(held)))
        start += A_WEEK
    missed = sum(known.values())
    marks_presence = missed * 2 <= len(known)
    marked = sorted({*known, last})
    gaps = (after - before for before, after in pairwise(marked))
    return AttendanceYear(
        tuple(weeks), missed, lately(known, last), lately(known, last - timedelta(days=LATELY)), marks_presence, last, today,
        first, marks_presence and all(gap <= LONGEST_GAP for gap in gaps),
    )  # fmt: skip


def lately(days: Mapping[date, bool], last: date) -> int:
    """Days missed in the four weeks up to a day."""
    return _missed(days, last - timedelta(days=LATELY - 1), last)


def _missed(days: Mapping[date, bool], first: date, last: date) -> int:
    return sum(missed for d, missed in days.items() if first <= d <= last)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def by_month(days: Mapping[date, bool]) -> list[tuple[date, int]]:
    """Days missed by month, from the first month with a mark to the last, months without a mark left out."""
    found: dict[date, int] = {}
    for d, missed in sorted(days.items()):
        first = d.replace(day=1)
        found[first] = found.get(first, 0) + missed
    return list(found.items())


CLUSTER = 5  # days missed within four weeks that call for a talk
RECENT = 45  # days since the last day of the data; older data are not current

Feeds = Mapping[str, date | None]


@dataclass(frozen=True)
class AttendanceStatus:
    """`partner`: id of the partner that sends it, "" where unknown. `through`: the last day of its data on this student, None where there
    are none for this school year. `last`: the last day of any year that has a mark, or that the partner's data cover without one. `missed`:
    days of this school year; `lately`: those in the four weeks up to `through`. `sent`: the last day of all that the partner sent.
    `hidden_by`: the partner that sent attendance of this year which an agreement does not show, because the cell `empty` is empty."""

    partner: str
    through: date | None
    last: date | None
    missed: int
    lately: int
    today: date
    sent: date | None = None
    hidden_by: str = ""
    empty: str = ""

    @property
    def recent(self) -> bool:
        return self.through is not None and (self.today - self.through).days <= RECENT

    @property
    def talk(self) -> bool:
        """Whether enough days were missed lately for a talk."""
        return self.recent and self.lately >= CLUSTER

    def words(self, partners: Mapping[str, str]) -> str:
        """One sentence with the last day of the data; empty where no attendance is shown. What came in and is not shown is never told as
        not sent. `partners`: names by id, read only where there is no last day, or where something is hidden."""
        shown = ""
        if self.through is not None:
            missed = f"Missed {counted(self.lately, 'day')}" if self.lately else "No absence"
            shown = f"{missed} in the four weeks to {day(self.through)}"
        if self.hidden_by:
            more = f"{partners.get(self.hidden_by, self.hidden_by)} sent {'more' if shown else 'attendance of this year'}"
            hidden = f"{more}, which you are not shown, because {self.empty} is empty"
            return f"{shown}; {hidden}" if shown else hidden
        if shown:
            return shown
        name = partners.get(self.partner, "") if self.partner else ""
        if self.last is None:
            return f"No attendance from {name} that you may see" if name else ""
        if name and self.sent is not None and overdue(self.last, self.sent):
            return f"No attendance since {day(self.last)} that you may see; {name} sends it up to {day(self.sent)}"
        return f"No attendance{f' from {name}' if name else ''} since {day(self.last)}"


def attendance_of(
    tables: Tables, feeds: Feeds, today: date, hidden: Collection[HiddenRows] = ()
) -> AttendanceStatus:
    """`feeds`: partners whose attendance may be shown for this student, each with the last day of its records. `hidden`: what came in
    and is not shown.

    A day without an absence is known only for a student whom the partner's records of this year cover: one with a mark in this year,
    or with an enrollment that lasts into it. Of earlier years it is known up to the end of an enrollment, since a partner that sends
    absences alone sent no later mark of a student who missed nothing.
    """
    begins = year_start(school_year_of(today))
    days = {d: missed for d, missed in school_days(tables, begins).items() if d <= today}
    stay, mark = stay_of(tables), last_mark(tables, today)
    partner = _sender(str((stay or {}).get("organization_id") or ""), mark[1] if mark else "", feeds)
    last = mark[0] if mark else None
    through = last if last is not None and last >= begins else None
    sent, until = feeds.get(partner), _attends_until(tables, partner, begins, today)
    if sent is not None and sent >= begins and (until or through):
        through = max(through or begins, min(sent, until or sent))
    if through is None and last is not None and sent is not None:
        last = _covered_until(tables, partner, sent, last)
    missed = sum(days.values())
    return AttendanceStatus(
        partner, through, last, missed, lately(days, through) if through else 0, today, sent, *attendance_hidden(hidden)
    )  # fmt: skip


def _sender(school: str, marked_at: str, feeds: Feeds) -> str:
    """The partner of the student's school, otherwise that of the last mark; ids of schools are written `partner/key`."""
    for id in (school, marked_at):
        if (partner := id.partition("/")[0]) in feeds:
            return partner
    return ""


def _covered_until(tables: Tables, partner: str, sent: date, least: date) -> date:
    """The last day of the partner's data on which the student was enrolled in one of its schools, and `least` where that is later."""
    found = least
    for row in rows_of(tables, "school_enrollment"):
        entry = parsed_day(row.get("enrollment_entry_date"))
        until = min(sent, parsed_day(row.get("enrollment_exit_date")) or sent)
        school = str(row.get("organization_id") or "")
        if school.partition("/")[0] == partner and entry is not None and entry <= until:
            found = max(found, until)
    return found


def _attends_until(tables: Tables, partner: str, begins: date, today: date) -> date | None:
    """The last day of the enrollments in the partner's schools that extend into this school year; None where there is none."""
    found = None
    for row in rows_of(tables, "school_enrollment"):
        entry = parsed_day(row.get("enrollment_entry_date"))
        left = parsed_day(row.get("enrollment_exit_date")) or date.max
        school = str(row.get("organization_id") or "")
        if school.partition("/")[0] == partner and entry is not None and entry <= today and left >= begins:
            found = max(left, found or left)
    return found
