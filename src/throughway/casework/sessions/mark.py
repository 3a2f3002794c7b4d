"""A student's mark in one session, and what happens to a mark that is sent while others mark the same session."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from throughway.core.prose import counted, day, listed
from throughway.core.refusals import Refused

TABLE = "session_attendance"
LATEST = timedelta(days=1)  # a roster that was left open overnight is still saved, for its own day
EARLIEST = timedelta(days=366)  # marks of an earlier day are corrected for a year
RECENTLY = timedelta(days=180)  # a feed that brought attendance of a program since then goes on
MOST = 200  # students of one roster
NAMES = ("first_name", "last_or_surname", "preferred_first_name", "preferred_last_or_surname")  # of a roster


class Mark(StrEnum):
    """The codes of `session_attendance.session_mark`, in the order of the form."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


MARK_WORDS: Mapping[Mark, str] = {Mark.PRESENT: "Present", Mark.LATE: "Late", Mark.ABSENT: "Absent"}


@dataclass(frozen=True)
class SentMark:
    """A mark as a roster sends it. `based_on`: the version that the sender had before them, 0 where there was none."""

    mark: Mark
    based_on: int


@dataclass(frozen=True)
class StandingMark:
    """The version of a mark that stands, and the day on which it was written."""

    mark: Mark
    version: int
    author: str
    on: date | None = None


class MarkEffect(StrEnum):
    """What a sent mark does."""

    WRITE = "write"
    SAME = "same"  # it stands already: a roster that is sent twice is one
    DIFFERS = "differs"  # somebody else marked it meanwhile: nothing is overwritten, and the sender is told


def effect(sent: SentMark, stands: StandingMark | None, *, by: str) -> MarkEffect:
    """What the mark sent by the user with this address does to the one that stands."""
    if stands is None:
        return MarkEffect.WRITE
    if stands.mark == sent.mark:
        return MarkEffect.SAME
    return MarkEffect.WRITE if stands.version == sent.based_on or stands.author == by else MarkEffect.DIFFERS


@dataclass(frozen=True)
class SavedRoster:
    """What became of a roster that was sent. `marked`: how many students have each mark now, of those who were sent; `differ`: by
    student, the mark that somebody else made meanwhile and that stands; `refused`: about how many the sender may no longer type."""

    marked: Mapping[Mark, int]
    differ: Mapping[int, StandingMark]
    refused: int = 0

    @property
    def sentence(self) -> str:
        counts = [f"{n} {MARK_WORDS[mark].lower()}" for mark in Mark if (n := self.marked.get(mark, 0))]
        said = f"Saved: {listed(counts)}." if counts else "Nothing was saved."
        if self.refused:
            said += f" {counted(self.refused, 'student')} left out: no longer on your roster today."
        if self.differ:
            n = len(self.differ)
            said += (
                f" Somebody marked {counted(n, 'student')} differently while you were marking. Look at "
                f"{'this one' if n == 1 else 'these'}, then save again to keep yours."
            )
        return said


def is_earlier(on: date, today: date) -> bool:
    """Whether marks of that day can be corrected, and none can be added."""
    return today - EARLIEST <= on < today - LATEST


def check_day(on: date, today: date) -> None:
    """Refused (usage) for a day to come, and for one of which marks are no longer corrected."""
    if not today - EARLIEST <= on <= today:
        raise Refused(
            f"This roster is of {day(on)}, and only today’s is saved here, or a mark of the last year corrected; open today’s session.",
            code="usage",
        )


def check_was_marked(on: date, marked: int) -> None:
    """Refused (usage) where an earlier day has no mark to correct."""
    if not marked:
        raise Refused(
            f"This roster is of {day(on)}, and only today’s can be saved here: nobody was marked on that day, so there is nothing to correct.",
            code="usage",
        )


def check_not_fed(last: date | None, today: date) -> None:
    """Refused (fed) where a feed brings the program's attendance: it is not typed a second time."""
    if is_fed(last, today) and last is not None:
        raise Refused(
            f"Attendance of this program comes from its own system, last for {day(last)}, so it is not typed here; record it there.",
            code="fed",
        )


def is_fed(last: date | None, today: date) -> bool:
    return last is not None and today - last <= RECENTLY


@dataclass(frozen=True)
class RosterLine:
    """One student of a roster. `person`: the id that queries show; `said`: the mark in the form; `stands`: the one that is saved;
    `walk_in`: noted at the door, and then found in the records; `differs`: who marked otherwise while this roster was open, and how."""

    person: int
    name: str
    said: Mark
    stands: StandingMark | None = None
    walk_in: bool = False
    differs: str = ""

    @property
    def based_on(self) -> int:
        return self.stands.version if self.stands else 0


def roster_lines(
    people: Iterable[Mapping[str, Any]],
    marks: Iterable[Mapping[str, Any]],
    *,
    sent: Mapping[int, SentMark] | None = None,
    reader: str = "",
) -> list[RosterLine]:
    """The roster by first name, from rows of `person` and `session_attendance`; everybody begins as present. `sent`: what a form that
    was not saved says; `reader`: the address of the user who sent it."""
    names: dict[int, str] = {}
    for row in people:
        person = int(row["person_id"])
        names[person] = max(names.get(person, ""), full_name(row), key=len)  # of several records the fullest
    standing = standing_marks(marks)
    found = []
    for person, name in names.items():
        stands, walk_in = standing.get(person, (None, False))
        said = stands.mark if stands else Mark.PRESENT
        differs = ""
        if sent and person in sent:
            said = sent[person].mark
            if stands is not None and effect(sent[person], stands, by=reader) is MarkEffect.DIFFERS:
                differs = f"{MARK_WORDS[stands.mark]}, by {stands.author}"
        found.append(RosterLine(person, name or "A student whose name is not shown", said, stands, walk_in, differs))  # fmt: skip
    return sorted(found, key=lambda line: (line.name.casefold(), line.person))


def standing_marks(rows: Iterable[Mapping[str, Any]]) -> dict[int, tuple[StandingMark, bool]]:
    """By student, the mark that stands in rows of one session, and whether the student was a walk-in."""
    found: dict[int, tuple[StandingMark, bool]] = {}
    for row in sorted(rows, key=lambda row: int(row["version"] or 0)):
        if row["session_mark"] in set(Mark):
            at = row.get("recorded_at")
            written = at.date() if isinstance(at, datetime) else None
            mark = StandingMark(Mark(row["session_mark"]), int(row["version"]), str(row["author"] or ""), written)  # fmt: skip
            found[int(row["person_id"])] = (mark, bool(row.get("walk_in_name")))
    return found


def full_name(row: Mapping[str, Any]) -> str:
    """The name that the student uses, then the family name, as far as they are shown."""
    first = row.get("preferred_first_name") or row.get("first_name") or ""
    last = row.get("preferred_last_or_surname") or row.get("last_or_surname") or ""
    return f"{first} {last}".strip()


def counts(lines: Sequence[RosterLine]) -> dict[Mark, int]:
    return {mark: sum(line.said is mark for line in lines) for mark in Mark}
