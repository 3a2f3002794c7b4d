"""Runs of linkage: what is landed, counted, told and undone. The gate is a stand-in with the same few verbs."""

import datetime
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.db import transaction

from throughway.agreements.transforms import Transform
from throughway.core.refusals import Refused
from throughway.gate.actions import LandedChanges
from throughway.identity.actions import evaluation, granted_records, linking, name_samples
from throughway.identity.actions import person_history as undoing
from throughway.identity.actions import run_record as landing
from throughway.identity.actions.evaluation import evaluate
from throughway.identity.actions.linking import link
from throughway.identity.actions.person_history import undo
from throughway.identity.models import IdentityEvent, IdentityRun, Person
from throughway.identity.person_ids import HIGHEST, LOWEST, PersonEventKind
from throughway.identity.selectors import events
from throughway.partners import OPERATOR
from throughway.partners.actions import add_partner

pytestmark = pytest.mark.django_db

DAY = datetime.date(2012, 3, 4)


class Gate:
    """Holds tables by purpose, and the links that were landed."""

    def __init__(self) -> None:
        self.purposes: dict[str, dict[str, list[dict[str, Any]]]] = {"match": {"person": []}}
        self.links: dict[int, int] = {}
        self.landed = 0
        self.keys: dict[str, dict[str, int]] = {}

    def linkage_purposes(self, on: datetime.date) -> list[str]:
        return sorted(self.purposes)

    def enter(self, *, actor: Any, purpose: str) -> "GovernedAccess":
        return GovernedAccess(self.purposes[purpose])

    def person_links(self) -> pa.Table:
        return pa.table({"record": list(self.links), "person": list(self.links.values())})

    def land_linkage_state(self, *, links: pa.Table | None, within: Callable[[], None], **_: Any) -> None:
        with transaction.atomic():
            within()
        if links is not None:
            self.links = dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))
            self.landed += 1

    def linkage_state_ids(self) -> tuple[str, ...]:
        return ()

    def sealed_linkage_state(self) -> tuple[tuple[str, ...], list[pa.Table]]:
        return (), []

    def granted_records(self, access: Any, tables: Any) -> list[Any]:
        return []

    def landed_since(self, *_: Any) -> LandedChanges:
        return LandedChanges({}, {}, np.empty(0, np.int64), lost=False)

    def linking_turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def record_numbers(self, partner: str) -> Mapping[str, int]:
        return self.keys[partner]

    def hold(self, *rows: tuple[int, str, str, str, datetime.date | None]) -> None:
        self.purposes["match"]["person"] = [
            dict(
                zip(
                    ("person_record", "partner", "first_name", "last_or_surname", "birthdate"),
                    row,
                    strict=True,
                )
            )
            for row in rows
        ]


@dataclass(frozen=True)
class Granted:
    """The two fields of a grant that linkage asks for."""

    table: str
    columns: Mapping[str, Transform]


class GovernedAccess:
    purpose = "match"

    def __init__(self, tables: dict[str, list[dict[str, Any]]]) -> None:
        self.tables = {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}
        self.grants = [
            Granted(name, dict.fromkeys(table.column_names, Transform()))
            for name, table in self.tables.items()
        ]

    def table(self, sql: str) -> tuple[pa.Table, str]:
        columns, _, name = sql.removeprefix("SELECT ").partition(" FROM ")
        held = self.tables[name]
        return held.select([c for c in columns.split(", ") if c in held.column_names]), f"disclosure-{name}"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    stand_in = Gate()
    for module in (granted_records, landing, evaluation, linking, undoing):
        monkeypatch.setattr(module, "gate", stand_in)
    monkeypatch.setattr(name_samples, "numbers_by_partner", dict)
    for reading in (granted_records, linking):
        monkeypatch.setattr(reading, "linkage_purposes", stand_in.linkage_purposes)
    return stand_in


OTTILIE = (1, "school", "Ottilie", "Tarrow", DAY), (2, "club", "Ottilie", "Tarrow", DAY)
JACOB = (3, "school", "Jacob", "Vandermolen", DAY)


def test_first_run_and_a_second_on_unchanged_data(gate: Gate) -> None:
    gate.hold(*OTTILIE, JACOB)
    first = link(by=OPERATOR)
    assert (first.records, first.persons, first.new_persons, first.merged, first.split, first.for_review) == (
        3,
        2,
        2,
        0,
        0,
        0,
    )
    assert list(first.to_json()) == [
        "records",
        "persons",
        "new_persons",
        "merged",
        "split",
        "for_review",
        "seconds",
        "compared",
        "decided",
        "ruled",
        "why_full",
        "taught",
        "noticed",
        "names_alone",
    ]
    assert gate.links[1] == gate.links[2] != gate.links[3]
    assert all(LOWEST <= person < HIGHEST for person in gate.links.values())
    before = dict(gate.links)
    second = link(by=OPERATOR, full=True)
    assert (second.records, second.persons, second.new_persons) == (3, 2, 0)
    assert (gate.links, gate.landed) == (before, 1)
    assert Person.objects.count() == 2
    assert list(IdentityRun.objects.values_list("full", flat=True)) == [True, True]
    assert IdentityRun.objects.latest("id").disclosures == ["disclosure-person"]
    assert IdentityEvent.objects.count() == 0


def test_merge_is_recorded_and_undone_for_good(gate: Gate) -> None:
    gate.hold(OTTILIE[0], (2, "club", "Ottilie", "Vandermolen", None))
    link(by=OPERATOR)
    apart = dict(gate.links)
    assert apart[1] != apart[2]
    gate.hold(*OTTILIE)
    assert link(by=OPERATOR).merged == 1
    assert gate.links[1] == gate.links[2]
    assert Person.objects.filter(retired=True).count() == 1
    event = IdentityEvent.objects.get(kind=PersonEventKind.MERGED)
    undo(event=event.pk, by=OPERATOR)
    assert gate.links == apart
    assert not Person.objects.filter(retired=True).exists()
    again = link(by=OPERATOR)
    assert (again.merged, again.persons) == (0, 2)
    assert gate.links == apart
    with pytest.raises(Refused, match="was already undone"):
        undo(event=event.pk, by=OPERATOR)


def test_split_is_recorded_and_undone_for_good(gate: Gate) -> None:
    gate.hold(*OTTILIE)
    link(by=OPERATOR)
    before = dict(gate.links)
    gate.hold(OTTILIE[0], (2, "club", "Jacob", "Vandermolen", DAY.replace(year=2009)))
    parted = link(by=OPERATOR)
    assert (parted.split, parted.new_persons) == (1, 1)
    undo(event=IdentityEvent.objects.get(kind=PersonEventKind.SPLIT).pk, by=OPERATOR)
    assert gate.links == before
    assert link(by=OPERATOR).split == 0
    assert gate.links == before
    assert [event["kind"] for event in events(before[1])] == ["undone", "split"]


def test_returning_persons_get_their_id_back(gate: Gate) -> None:
    gate.hold(*OTTILIE, JACOB)
    link(by=OPERATOR)
    before = dict(gate.links)
    gate.hold(*OTTILIE)
    link(by=OPERATOR)
    assert 3 not in gate.links
    assert Person.objects.get(id=before[3]).retired
    gate.hold(*OTTILIE, JACOB)
    assert link(by=OPERATOR).new_persons == 0
    assert gate.links == before
    assert not Person.objects.get(id=before[3]).retired


def test_several_purposes_are_read_together(gate: Gate) -> None:
    gate.hold(OTTILIE[0])
    club = {
        "person_record": 2,
        "partner": "club",
        "last_or_surname": "Tarrow",
        "first_name": "Ottilie",
        "sex": "Female",
    }
    gate.purposes["match-club"] = {
        "person": [club],
        "person_contact": [{"person_record": 2, "partner": "club", "telephone_number": "555 010 2000"}],
    }
    assert link(by=OPERATOR).persons == 1
    assert len(IdentityRun.objects.get().disclosures) == 3


def test_only_unchanged_columns_are_read(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate.hold(*OTTILIE)
    asked: list[str] = []
    access = gate.enter(actor=OPERATOR, purpose="match")
    blurred = [
        Granted(
            "person",
            {"first_name": Transform(), "birthdate": Transform("year"), "city_of_birth": Transform()},
        )
    ]
    monkeypatch.setattr(access, "grants", blurred)
    monkeypatch.setattr(
        access, "table", lambda sql: (asked.append(sql), GovernedAccess.table(access, sql))[1]
    )
    monkeypatch.setattr(gate, "enter", lambda **_: access)
    link(by=OPERATOR)
    assert asked == ["SELECT person_record, partner, first_name, source_system, own_number FROM person"]


def test_nothing_to_read_is_a_refusal(gate: Gate) -> None:
    gate.purposes = {"match": {}}
    with pytest.raises(Refused, match="shows the table person"):
        link(by=OPERATOR)
    gate.purposes = {}
    assert not gate.links
    with pytest.raises(Refused, match="purpose of kind linkage"):
        link(by=OPERATOR)


def test_only_merges_and_splits_are_undone(gate: Gate) -> None:
    with pytest.raises(Refused, match="not a merge or split"):
        undo(event=99, by=OPERATOR)


def test_evaluation_judges_what_is_loaded(gate: Gate, tmp_path: Path) -> None:
    for partner in ("school", "club"):
        add_partner(id=partner, name=partner, kind="lea", by=OPERATOR)
    gate.hold(*OTTILIE, JACOB)
    gate.keys = {"school": {"s1": 1, "s3": 3}, "club": {"c2": 2}}
    link(by=OPERATOR)
    truth = tmp_path / "persons.csv"
    truth.write_text(
        "partner,record_key,person\nschool,s1,p1\nclub,c2,p1\nschool,s3,p2\nclub,c9,p2\nelsewhere,x,p9\n",
        encoding="utf-8-sig",
    )
    perfect = {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert evaluate(truth=truth, by=OPERATOR) == {
        "pairwise": perfect,
        "clusters": perfect,
        "judged": 3,
        "not_loaded": 2,
    }


def test_wrong_truth_file_is_refused(gate: Gate, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("partner,key\n")
    for path in (wrong, tmp_path / "absent.csv"):
        with pytest.raises(Refused, match="partner, record_key, person"):
            evaluate(truth=path, by=OPERATOR)


ONES = [("Ottilie", "Tarrow"), ("Jacob", "Vandermolen"), ("Marisol", "Quill"), ("Wendell", "Brannock"), ("Ximena", "Ashgrove"), ("Barnaby", "Larkmoor")]  # fmt: skip


def _pupils(
    partner: str, first: int, names: list[tuple[str, str]]
) -> list[tuple[int, str, str, str, datetime.date]]:
    return [
        (first + n, partner, f, s, DAY.replace(day=1 + n, month=1 + n % 11)) for n, (f, s) in enumerate(names)
    ]


def test_a_run_that_finds_nobody_twice_says_what_to_do(gate: Gate) -> None:
    nothing = landing.LinkageRunReport(
        0, 0, 0, 0, 0, 0, 0.1, why_full="there is no earlier run to continue from"
    )
    assert nothing.sentence == "No record can be compared yet: load a file of each partner, then link again."
    same = landing.LinkageRunReport(260, 250, 0, 0, 0, 2, 0.1)
    assert same.sentence.endswith("No record came or changed since the last run, so none was compared.")
    gate.hold(*_pupils("school", 1, ONES))
    alone = link(by=OPERATOR)
    assert (alone.records, alone.persons) == (6, 6)
    assert any(
        "All records are of school" in said and "load the files of the other partners" in said
        for said in alone.noticed
    )
    gate.hold(
        *_pupils("school", 1, ONES[:3]),
        *_pupils("club", 21, [("Thaddeus", "Pinehurst"), ("Ignacia", "Montebello")]),
    )
    apart = link(by=OPERATOR)
    assert [said for said in apart.noticed if "(2 records of club and 3 records of school)" in said]
    gate.hold(*_pupils("school", 1, ONES), *_pupils("club", 21, ONES))
    assert not [said for said in link(by=OPERATOR).noticed if "recognized" in said]


def test_two_files_of_one_partner_with_other_numbers_are_told(gate: Gate) -> None:
    """Both lists of the school have the same students, under numbers of their own."""
    many = [(f"{f}{end}", f"{s}{end}") for f, s in ONES for end in ("", "ette", "ino", "wold")]
    gate.hold(*_pupils("school", 1, many), *_pupils("school", 101, many), *_pupils("club", 201, many))
    [told] = [said for said in link(by=OPERATOR).noticed if "under another number" in said]
    assert told.startswith("48 of 48 records of school")
    gate.hold(*_pupils("school", 1, many), *_pupils("club", 201, many))
    noticed = link(by=OPERATOR).noticed
    assert not [said for said in noticed if "under another number" in said]
    assert [
        said
        for said in noticed
        if said.startswith("club and school have the same 24 students. If one file came in for both")
    ]
    gate.hold(*_pupils("school", 1, many), *_pupils("club", 201, many[:20]))
    assert not [said for said in link(by=OPERATOR).noticed if "have the same" in said]
