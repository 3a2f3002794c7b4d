"""How one student stands: who it is, the attendance, what comes next. The list, the page, the print sheet, the search and the
home all take it from here, so that they cannot disagree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from throughway.casework import facts
from throughway.casework.attendance import AttendanceStatus, Feeds, attendance_of
from throughway.casework.consent_banner import Consents
from throughway.casework.next_step import NextStep, next_step
from throughway.casework.student_identity import StudentIdentity, identify_student


@dataclass(frozen=True)
class Summary:
    who: StudentIdentity
    attendance: AttendanceStatus
    referrals: list[facts.Referral]
    next: NextStep | None


def summary_of(
    tables: facts.Tables, *, feeds: Feeds, consents: Consents, partners: Mapping[str, str], today: date
) -> Summary:
    """`feeds`: see `attendance_of`; `partners`: their names by id."""
    places = facts.places_of(tables)
    person, attendance = (
        identify_student(tables, places, partners, today),
        attendance_of(tables, feeds, today),
    )
    referrals = facts.referrals(tables, places, partners)
    return Summary(
        person, attendance, referrals, next_step(attendance, referrals, consents, today, person.first)
    )
