"""Where the rows of `session_attendance` and `walk_in` are, and what stands of one session, for who writes it."""

from collections.abc import Collection
from datetime import date

from throughway.casework.sessions.mark import TABLE as MARK_TABLE
from throughway.casework.sessions.models import SessionMark, WalkInName
from throughway.casework.sessions.walk_in import TABLE as WALK_IN_TABLE
from throughway.casework.typed_entries.selectors import EntryTable

MARKS = EntryTable(
    table=MARK_TABLE,
    model=SessionMark,
    columns={
        "program_identifier": "program",
        "session_date": "on",
        "session_mark": "mark",
        "session_hours": "hours",
        "walk_in_name": "walk_in_name",
    },
    sealed=frozenset({"walk_in_name"}),
    noun="mark",
    counted="versions of marks of attendance",
)
WALK_INS = EntryTable(
    table=WALK_IN_TABLE,
    model=WalkInName,
    columns={
        "program_identifier": "program",
        "session_date": "on",
        "walk_in_name": "name",
        "walk_in_closed": "closed",
    },
    sealed=frozenset({"walk_in_name"}),
    noun="name",
    counted="versions of names of walk-ins",
)


def newest_marks(partner: str, records: Collection[int], program: str, on: date) -> dict[int, SessionMark]:
    """By record, the version of the mark that stands in this session."""
    rows = SessionMark.objects.filter(
        partner=partner, record__in=sorted(records), program=program, on=on
    ).order_by("version")
    return {row.record: row for row in rows}


def marked_days(partner: str, program: str, before: date, most: int = 12) -> list[date]:
    """The last days before that one on which the program's people marked anybody."""
    days = SessionMark.objects.filter(partner=partner, program=program, on__lt=before).values_list(
        "on", flat=True
    )
    return list(days.distinct().order_by("-on")[:most])


def marked_since(partner: str, since: date) -> dict[str, set[date]]:
    """By program, the days since that one on which its people marked anybody."""
    found: dict[str, set[date]] = {}
    for program, on in (
        SessionMark.objects.filter(partner=partner, on__gte=since).values_list("program", "on").distinct()
    ):
        found.setdefault(program, set()).add(on)
    return found


def marked_records(partner: str, program: str, on: date) -> list[int]:
    """The records of the partner with a mark in this session: some are of walk-ins, who are not on the program's list."""
    numbers = SessionMark.objects.filter(partner=partner, program=program, on=on).values_list(
        "record", flat=True
    )
    return sorted(set(numbers))
