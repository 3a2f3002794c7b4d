"""A program's group in the small community: harbor's Reading Circle, whose attendance is typed, and its Chess Club, which is fed."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.casework.town import PERSON, TODAY, WORKER
from tests.gate import making
from tests.kept import kept
from throughway.gate.actions import land_person_links
from throughway.partners import OPERATOR
from throughway.partners import actions as partners

CIRCLE, CHESS = "harbor/reading-circle", "harbor/chess"
COLLEAGUE = "colleague@harbor.example"
NAMES = {
    21: ("Ada", "One"),
    22: ("Dot", "Two"),
    23: ("Eve", "Three"),
    24: ("Flo", "Four"),
    25: ("Gus", "Five"),
}
# Records of harbor: their first and last day in the program, and their status. 25 comes to the chess club alone.
STAYS: Sequence[tuple[int, str, int, int | None, str]] = (
    (21, CIRCLE, 60, None, "Active"),
    (22, CIRCLE, 60, None, ""),
    (23, CIRCLE, 60, 1, "Exited"),
    (24, CIRCLE, 60, None, "WaitingList"),
    (25, CHESS, 60, None, "Active"),
)
WRITES = [
    {
        "table": table,
        "purposes": ["groups"],
        "by": ["harbor"],
        "necessity": "Who was there is kept nowhere else.",
    }
    for table in ("session_attendance", "walk_in")
]
GUARDIAN = "person_relationship_to_learner_contact_restrictions_description"


def settle_groups(
    change: Callable[[dict[str, Any]], None] = lambda document: None, writes: Sequence[object] = WRITES
) -> None:
    """Harbor reads and types its own groups; 11 of north and 21 of harbor are one person."""
    document = making.sharing()
    document["purposes"] += [
        making.purpose("groups", "casework", "identified", **{"from": ["harbor"]}, recipients=["harbor"],
                       **{**making.OWN_PROMISE, "reach": "roster", "roles": ["case_worker"]}),
    ]  # fmt: skip
    for linkage in document["purposes"]:
        if linkage["kind"] == "linkage":
            linkage["serves"] += ["groups"]
    own = {"from": ["harbor"]}
    document["schedule"] += [
        making.line("person.last_or_surname", "groups", **own),
        making.line("person.first_name", "groups", **own),
        making.line("program_participation.*", "groups", **own),
        making.line("program.*", "groups", **own),
        making.line("guardian.*", "groups", **own),
    ]
    document["writes"] = [*writes]
    change(document)
    making.register()
    making.in_effect(document)
    making.people()
    land_person_links(links=pa.table({"record": [11, 21], "person": [PERSON, PERSON]}), by=OPERATOR)
    partners.add_user(email=COLLEAGUE, partner="harbor", role="case_worker", by=OPERATOR)
    making.land("person", "harbor", [
        {"person_record": r, "record": 200 + r, "first_name": first, "last_or_surname": last, "source_record_id": f"h-{r}"}
        for r, (first, last) in NAMES.items() if r > 22
    ] + [{"person_record": r, "record": 300 + r, "first_name": NAMES[r][0], "last_or_surname": NAMES[r][1]} for r in (21, 22)],
        "sharing-2026")  # fmt: skip
    making.land("record_key", "harbor", [
        {"kind": "person", "key": f"h-{r}", "record": r} for r in NAMES if r > 22
    ], "sharing-2026")  # fmt: skip
    making.land("program_participation", "harbor", [
        {"person_record": r, "record": 100 + r, "program_identifier": program, "program_participation_start_date": ago(first),
         "program_participation_exit_date": None if last is None else ago(last), "program_participation_status": status or None}
        for r, program, first, last, status in STAYS
    ])  # fmt: skip
    making.land("program", "harbor", [
        {"record": 1, "program_identifier": CIRCLE, "program_name": "Reading Circle"},
        {"record": 2, "program_identifier": CHESS, "program_name": "Chess Club"},
    ])  # fmt: skip
    making.land("attendance_day", "harbor", [
        {"person_record": 25, "record": 900, "attendance_event_date": ago(3), "attendance_event_type": "ProgramAttendance",
         "attendance_status": "Present", "program_id": CHESS}
    ])  # fmt: skip


@pytest.fixture
@kept
def groups(transactional_db: None, community: object) -> None:
    """The community of `settle_groups`, built once in a process."""
    settle_groups()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


__all__ = ["CHESS", "CIRCLE", "COLLEAGUE", "PERSON", "TODAY", "WORKER", "groups", "settle_groups"]
