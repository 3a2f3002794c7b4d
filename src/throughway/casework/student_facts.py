"""What a purpose shows of one student, as plain facts, from which the pages are made.

Rows come from the gate: a column that is not granted is absent, and so is a table that is not granted or has no row of the student. So
nothing in this module may say what is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from throughway.supports.student import parsed_day
from throughway.vocabulary import element as element_of
from throughway.vocabulary.codes import codes_of
from throughway.vocabulary.participation import ParticipationStatus, standing

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]

ABSENT = ("ExcusedAbsence", "UnexcusedAbsence")
PRESENT = ("Present", "Tardy", "EarlyDeparture")
DAILY = ("DailyAttendance", None, "")
ATTENDED = frozenset({"present", "late"})  # codes of session_attendance.session_mark
HALF_A_DAY = 0.5  # a day counts as missed when at least this share is missed


@dataclass(frozen=True)
class Support:
    """One program or service: `sessions` that are known, `end` None while it continues."""

    name: str
    partner: str
    start: date
    end: date | None
    sessions: int = 0
    last: date | None = None
    why_ended: str = ""


@dataclass(frozen=True)
class LoadedReferral:
    """From one partner to another, with its outcome."""

    sent: date
    to: str
    status: str
    outcome: str
    closed: date | None

    @property
    def waits(self) -> bool:
        return self.closed is None and self.status in ("sent", "")


@dataclass(frozen=True)
class AssessmentResult:
    """One sitting of one test: `result` is every level and score reported for it, unchanged, or why there is none."""

    on: date | None
    test: str
    subject: str
    result: str


@dataclass(frozen=True)
class CourseMark:
    """One mark: `when` is the marking period, as far as it is shown."""

    course: str
    when: str
    mark: str


def rows_of(tables: Tables, name: str) -> Sequence[Row]:
    return tables.get(name, ())


def places_of(tables: Tables) -> dict[str, str]:
    """Names of schools, providers and programs by id, where the purpose shows them."""
    found = {}
    for table, id, name in (("organization", "organization_id", "organization_name"),
                            ("program", "program_identifier", "program_name")):  # fmt: skip
        for row in rows_of(tables, table):
            if row.get(id) and row.get(name):
                found[str(row[id])] = str(row[name])
    return found


def school_days(tables: Tables, since: date) -> dict[date, bool]:
    """Each school day with a mark since then, and whether it was missed; the largest absence of a day counts."""
    found: dict[date, bool] = {}
    for row in rows_of(tables, "attendance_day"):
        on, status = parsed_day(row.get("attendance_event_date")), row.get("attendance_status")
        if on is None or on < since or row.get("attendance_event_type") not in DAILY:
            continue
        share = row.get("attendance_event_duration_day")
        missed = status in ABSENT and (share is None or float(share) >= HALF_A_DAY)
        if status in ABSENT or status in PRESENT:
            found[on] = found.get(on, False) or missed
    return dict(sorted(found.items()))


def supports_of(tables: Tables, names: Mapping[str, str], partners: Mapping[str, str]) -> list[Support]:
    """Programs the student took part in and services received, oldest first: one for each program, or kind of service.

    `names`: names of programs and organizations by id, where they are shown; `partners`: names of partners by id.
    """
    found: dict[tuple[str, date], Support] = {}
    sessions = _sessions(tables)
    for row in rows_of(tables, "program_participation"):
        start = parsed_day(row.get("program_participation_start_date"))
        status = row.get("program_participation_status")
        if start is None or standing(status, start) is not ParticipationStatus.TOOK_PART:
            continue
        program = str(row.get("program_identifier") or "")
        end = parsed_day(row.get("program_participation_exit_date"))
        days = [d for d in sessions.get(program, ()) if start <= d and (end is None or d <= end)]
        found[program, start] = Support(
            named(program, names, "A program"), partner_of(row, program, partners), start, end,
            len(days), max(days, default=None), words(str(row.get("exit_reason") or "")) if end else "",
        )  # fmt: skip
    joined = {program for program, _ in found}
    for key, days in sessions.items():
        if key not in joined and days:
            row = {"organization_id": key.partition("|")[2]}
            name = key.partition("|")[0]
            found[key, days[0]] = Support(
                named(name, names, "A service"),
                partner_of(row, name, partners),
                days[0],
                days[-1],
                len(days),
                days[-1],
            )
    return sorted(found.values(), key=lambda support: (support.start, support.name))


def _sessions(tables: Tables) -> dict[str, list[date]]:
    """Days of service and of attendance in a program, sent by a feed or marked in a session, by program; without one, by kind of service and provider."""
    found: dict[str, list[date]] = {}
    for row in rows_of(tables, "service_received"):
        on = parsed_day(row.get("service_date")) or parsed_day(row.get("service_entry_date"))
        if on is not None:
            found.setdefault(_whose(row), []).append(on)
    for row in rows_of(tables, "attendance_day"):
        on = parsed_day(row.get("attendance_event_date"))
        program = row.get("program_id") or row.get("organization_id")
        if (
            on
            and row.get("attendance_event_type") not in DAILY
            and program
            and row.get("attendance_status") in PRESENT
        ):
            found.setdefault(str(program), []).append(on)
    for row in rows_of(tables, "session_attendance"):
        on, program = parsed_day(row.get("session_date")), row.get("program_identifier")
        came = not row.get("superseded") and row.get("session_mark") in ATTENDED
        if (
            on and program and came and on not in found.get(str(program), ())
        ):  # a feed may bring the same session
            found.setdefault(str(program), []).append(on)
    return {key: sorted(days) for key, days in found.items()}


def _whose(row: Row) -> str:
    program = row.get("program_identifier")
    if program:
        return str(program)
    return f"{row.get('student_support_service_type') or ''}|{row.get('organization_id') or ''}"


def referrals_of(
    tables: Tables, names: Mapping[str, str], partners: Mapping[str, str]
) -> list[LoadedReferral]:
    found = []
    for row in rows_of(tables, "referral"):
        sent = parsed_day(row.get("referral_date"))
        to = str(row.get("receiving_organization_id") or "")
        if sent is not None:
            found.append(
                LoadedReferral(
                    sent, names.get(to) or partners.get(to.partition("/")[0]) or "another partner",
                    str(row.get("referral_status") or ""), str(row.get("referral_outcome") or ""),
                    parsed_day(row.get("referral_closed_date")),
                )
            )  # fmt: skip
    return sorted(found, key=lambda referral: referral.sent)


def stay_of(tables: Tables) -> Row | None:
    """The student's latest enrollment in a school; None where none is shown. Independent of the order of rows."""
    return max(
        rows_of(tables, "school_enrollment"),
        key=lambda row: (
            parsed_day(row.get("enrollment_entry_date")) or date.min,
            str(row.get("organization_id") or ""),
            str(row.get("entry_grade_level") or ""),
        ),
        default=None,
    )


def last_mark(tables: Tables, today: date) -> tuple[date, str] | None:
    """The student's last day of school with a mark, of any year, and the school's id ("" where it is not shown)."""
    return max(
        (
            (on, str(row.get("organization_id") or ""))
            for row in rows_of(tables, "attendance_day")
            if (on := parsed_day(row.get("attendance_event_date"))) is not None
            and on <= today
            and row.get("attendance_event_type") in DAILY
            and row.get("attendance_status") in (*ABSENT, *PRESENT)
        ),
        default=None,
    )


def results_of(tables: Tables) -> list[AssessmentResult]:
    """Every test result that is shown, newest first; rows of one sitting are joined."""
    found: dict[tuple[date | None, str, str], dict[str, None]] = {}
    levels_first = sorted(
        rows_of(tables, "assessment_result"),
        key=lambda row: not row.get("assessment_performance_level_label"),
    )
    for row in levels_first:
        test = str(row.get("assessment_title") or row.get("assessment_identifier") or "A test")
        part = str(row.get("assessment_subtest_identifier") or "")
        subject = label_of("assessment_result.assessment_academic_subject", row)
        on = parsed_day(row.get("assessment_administration_start_date"))
        shown = found.setdefault((on, f"{test}, {part}" if part else test, subject), {})
        level, score = row.get("assessment_performance_level_label"), row.get("assessment_result_score_value")
        if level:
            shown[str(level)] = None
        if score is not None and score != "":
            metric = label_of("assessment_result.assessment_score_metric_type", row)
            shown[f"{metric} {score}".strip() if metric else str(score)] = None
        if not level and score in (None, "") and row.get("reason_not_tested"):
            shown[f"Not tested: {words(str(row['reason_not_tested'])).lower()}"] = None
    return sorted(
        (AssessmentResult(*key, "; ".join(shown) or "no result reported") for key, shown in found.items()),
        key=lambda r: (-(r.on or date.min).toordinal(), r.test, r.subject),
    )


def marks_of(tables: Tables) -> list[CourseMark]:
    """Every mark that is shown, by course and marking period."""
    found = [
        CourseMark(
            str(row.get("course_title") or row.get("course_identifier") or "A course"),
            str(row.get("marking_period_name") or ""),
            str(
                row.get("student_course_section_grade_earned")
                or row.get("numeric_grade_earned")
                or "none reported"
            ),
        )
        for row in rows_of(tables, "course_grade")
    ]
    return sorted(found, key=lambda m: (m.course, m.when, m.mark))


def label_of(element: str, row: Row) -> str:
    """The label of the code in the row; the code itself where it is a word; empty for a bare number."""
    value = str(row.get(element.partition(".")[2]) or "")
    known = codes_of(element_of(element)) or {}
    return known.get(value, "" if value.isdigit() else value)


def named(id: str, names: Mapping[str, str], otherwise: str) -> str:
    """The name of a program or organization; otherwise made from its id (`partner/homework-club` is Homework club)."""
    return names.get(id) or words(id.rpartition("/")[2]) or otherwise


def partner_of(row: Row, program: str, partners: Mapping[str, str]) -> str:
    """The partner that gave the row, if an id in it shows that."""
    for id in (program, str(row.get("organization_id") or ""), str(row.get("program_id") or "")):
        if id.partition("/")[0] in partners:
            return partners[id.partition("/")[0]]
    return ""


def words(code: str) -> str:
    """`homework-club` and `HomeworkClub` as readable words: Homework club. Empty for a bare number."""
    spaced = "".join(
        f" {c}" if c.isupper() and i and code[i - 1].islower() else c for i, c in enumerate(code)
    )
    text = " ".join(spaced.replace("-", " ").replace("_", " ").split())
    return "" if text.isdigit() else text.capitalize() if text else ""
