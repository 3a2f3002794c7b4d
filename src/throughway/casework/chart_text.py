"""The picture of a student's year in one sentence or two, for those who do not see it."""

from collections.abc import Sequence
from datetime import date

from throughway.casework.facts import Support
from throughway.casework.school_weeks import AttendanceYear
from throughway.core.prose import day


def label(year: AttendanceYear, supports: Sequence[Support]) -> str:
    parts = []
    if year.weeks and year.last_known is not None:
        parts.append(
            f"Attendance by week since {year.weeks[0].start:%B}: {days(year.missed)} missed, {year.lately} of them in the"
            f" four weeks to {day(year.last_known)}."
        )
        if year.late:
            what = "Nothing" if year.marks_presence else "No absence"
            parts.append(f"{what} is sent after {day(year.last_known)}.")
    parts += [f"{s.name} from {_month(s.start)}{_until(s)}." for s in supports]
    return " ".join(parts)


def days(n: int) -> str:
    return "no day" if n == 0 else "1 day" if n == 1 else f"{n} days"


def _until(support: Support) -> str:
    return f" to {_month(support.end)}, ended" if support.end else ", no end reported"


def _month(day: date) -> str:
    return f"{day:%B %Y}"
