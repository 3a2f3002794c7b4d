"""Tutors, the program to which harbor refers, keep their own records here: a group of their own, one child in it, and attendance typed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.casework.referring import READING, referring
from tests.casework.town import TODAY
from tests.gate import making
from tests.kept import kept
from throughway.partners import OPERATOR
from throughway.supports.actions import change_support
from throughway.supports.models import DirectoryEntry

GROUP = "tutors/reading"
OWN = ("person.*", "person_contact.*", "person_language.*", "program_participation.*", "program.*")


def own_records(*, linked: bool = True, shown: tuple[str, ...] = OWN) -> dict[str, Any]:
    """The agreement of tutors on its own records: its people read their group and mark who is there; linkage sees names."""
    own = {**making.OWN_PROMISE, "from": ["tutors"]}
    document: dict[str, Any] = {
        **making.sharing(),
        "id": "tutors-groups",
        "title": "Groups of tutors",
        "parties": [making.party("tutors", "discloser", "recipient"), making.party("hub", "steward", "recipient")],
        "purposes": [
            making.purpose("tutor-groups", "casework", "identified", **own, recipients=["tutors"], roles=["case_worker"],
                           reach="roster"),
            *([making.purpose("matching", "linkage", "identified", **own, recipients=["hub"], serves=["tutor-groups"])]
              if linked else []),
        ],
        "custody": [{"from": ["tutors"], **making.OWN_PROMISE}],
        "schedule": [
            *(making.line(each, "tutor-groups") for each in shown),
            *([making.line("person.*", "matching"), making.line("person.first_name", "matching")] if linked else []),
        ],
        "writes": [
            {"table": table, "purposes": ["tutor-groups"], "by": ["tutors"], "necessity": "Who was there is kept nowhere else."}
            for table in ("session_attendance", "walk_in")
        ],
    }  # fmt: skip
    return document


@pytest.fixture
@kept
def tutors_town(transactional_db: None, community: object) -> None:
    """The town of `tutoring`, built once in a process."""
    with TemporaryDirectory() as folder:
        tutoring(Path(folder))


@pytest.fixture
def tutors(tutors_town: None) -> int:
    """The same; the number of the support."""
    return DirectoryEntry.objects.get().pk


def tutoring(tmp_path: Path, **agreement: Any) -> int:
    """The town of `referring`, in which tutors also keeps records of its own; returns the number of the support."""
    support = referring(tmp_path)
    making.in_effect(own_records(**agreement))
    change_support(number=support, said=replace(READING, program=GROUP), by=OPERATOR)
    making.land("person", "tutors", [
        {"person_record": 31, "record": 31, "first_name": "Gus", "last_or_surname": "Five", "source_record_id": "t-31"}
    ], "tutors-groups")  # fmt: skip
    making.land("record_key", "tutors", [{"kind": "person", "key": "t-31", "record": 31}], "tutors-groups")
    making.land("program_participation", "tutors", [
        {"person_record": 31, "record": 310, "program_identifier": GROUP,
         "program_participation_start_date": TODAY - timedelta(days=60), "program_participation_status": "Active"}
    ])  # fmt: skip
    return support
