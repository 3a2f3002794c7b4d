"""The groups of one's own organization: which meet today, and whose attendance comes from another system."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from throughway.casework.sessions.mark import is_fed
from throughway.casework.student_facts import words
from throughway.core.prose import listed
from throughway.supports.entry import WEEK, SupportEntry, WeeklySession

CODES = tuple(WEEK)


@dataclass(frozen=True)
class ProgramGroup:
    """`program`: its identifier; `hours`: of today's sessions; `meets`: today by the directory, None where the directory does not say on
    which days; `fed`: the last day for which another system sent attendance, if it still does; `days_apart`: see the function of that name."""

    program: str
    name: str
    place: str = ""
    hours: tuple[str, ...] = ()
    meets: bool | None = None
    fed: date | None = None
    days_apart: str = ""

    @property
    def when(self) -> str:
        if self.meets:
            return ", ".join(hours for hours in self.hours if hours)
        return ""


def groups(
    partner: str,
    entries: Iterable[SupportEntry],
    names: Mapping[str, str],
    last_fed: Mapping[str, date | None],
    today: date,
    held: Mapping[str, Iterable[date]] = MappingProxyType({}),
) -> list[ProgramGroup]:
    """The partner's programs, those that meet today first and those that another system records last. `names`: of programs in the partner's own records; `held`: the days of their last sessions."""
    listed = {
        entry.said.program: entry
        for entry in entries
        if entry.partner == partner and entry.said.program and not entry.closed
    }
    found = []
    for program in sorted({*listed, *names}):
        if not program.startswith(f"{partner}/"):
            continue
        entry = listed.get(program)
        last = last_fed.get(program)
        found.append(
            ProgramGroup(
                program,
                names.get(program) or (entry.said.name if entry else words(program.partition("/")[2])),
                entry.said.place if entry else "",
                _hours(entry, today),
                _meets(entry, today),
                last if is_fed(last, today) else None,
                days_apart(entry, held.get(program, ())),
            )
        )
    order = {True: 0, None: 1, False: 2}
    return sorted(found, key=lambda g: (g.fed is not None, order[g.meets], g.name.casefold()))


def days_apart(entry: SupportEntry | None, held: Iterable[date]) -> str:
    """Both, in a sentence, where the directory and the sheet of sessions name other days of the week; empty where they agree, or where one
    of them names none. A day of the week counts as held from the second time on: one session was moved, or made up for."""
    if entry is None or not entry.said.sessions:
        return ""
    times = Counter(CODES[on.weekday()] for on in set(held))
    found = [code for code in CODES if times[code] > 1]
    stated = {session.day for session in entry.said.sessions}
    if not found or set(found) == stated:
        return ""
    sheet = listed(f"{WEEK[code]}s" for code in found)
    return f"The directory says {entry.said.days_words}; attendance of the last eight weeks is of {sheet}. One of the two is to be mended."


def planned_hours(entries: Iterable[SupportEntry], program: str, on: date) -> float | None:
    """The hours of the program's sessions on that day by the directory; None where it says no hours, or names several entries that
    differ: nothing is guessed."""
    found = set()
    for entry in entries:
        if entry.said.program != program or not _meets(entry, on):
            continue
        sessions = [s for s in entry.said.sessions if s.day == CODES[on.weekday()]]
        lengths = [_length(session) for session in sessions]
        found.add(None if None in lengths else sum(each for each in lengths if each is not None))
    return found.pop() if len(found) == 1 else None


def _length(session: WeeklySession) -> float | None:
    """In hours."""
    if session.opens is None or session.closes is None or session.closes <= session.opens:
        return None
    opens, closes = (at.hour * 60 + at.minute for at in (session.opens, session.closes))
    return (closes - opens) / 60


def _meets(entry: SupportEntry | None, today: date) -> bool | None:
    if entry is None or not entry.said.sessions:
        return None
    begun = entry.said.starts is None or entry.said.starts <= today
    over = entry.said.ends is not None and entry.said.ends < today
    return begun and not over and any(s.day == CODES[today.weekday()] for s in entry.said.sessions)


def _hours(entry: SupportEntry | None, today: date) -> tuple[str, ...]:
    if entry is None:
        return ()
    return tuple(s.hours for s in entry.said.sessions if s.day == CODES[today.weekday()])
