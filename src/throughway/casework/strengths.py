"""What goes well, said before anything else. Each sentence is a fact with its day; nothing is praised on partial data.

Test results are no strengths here: which label means that a standard was reached, no word of it can tell. The page lists all
of them instead.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from throughway.casework.attendance import AttendanceStatus
from throughway.casework.facts import Support
from throughway.casework.school_weeks import AttendanceYear
from throughway.core.prose import counted, day

MOST = 4
REGULAR = 8  # sessions from which on coming is worth a word
OF_LATE = timedelta(days=60)


def strengths(
    year: AttendanceYear, attendance: AttendanceStatus, supports: Sequence[Support], today: date
) -> list[str]:
    return [*_attends(year, attendance), *_comes(supports, today)][:MOST]


def _attends(year: AttendanceYear, attendance: AttendanceStatus) -> Iterator[str]:
    """Nothing of old data, of data with a gap, or where absence alone is sent: a day without a mark is no proof of presence."""
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
            continue  # what the student came to long ago, or of which no file came lately, says nothing of now
        if s.sessions >= REGULAR:
            yield f"Came to {s.name} {s.sessions} times, last on {day(s.last)}"
        elif s.end is None and (today - s.start).days >= 180:
            yield f"In {s.name} since {s.start:%B %Y}, last there on {day(s.last)}"
