"""When persons are merged, split, or that is undone, the stricter of what families said and of what restricts stays in force."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.utils import timezone

from tests.gate import making
from throughway.consent.consent_state import ConsentStatus
from throughway.gate.actions import enter, land_person_links, person_links
from throughway.gate.actions.current_row_scope import FromDatabase
from throughway.identity.actions.person_history import undo
from throughway.identity.models import IdentityEvent, Person
from throughway.identity.person_ids import LOWEST, PersonEventKind
from throughway.partners import OPERATOR
from throughway.store import Community

pytestmark = pytest.mark.django_db

ONE, OTHER, THIRD = 11, 12, 13  # records of north
P, Q, R = LOWEST + 1, LOWEST + 2, LOWEST + 3
BASES = {
    "consent": {"basis": "consent", "basis_details": {}},
    "directory": {"basis": "directory", "basis_details": {"notice": "2026", "items": ["name"]}},
}


@dataclass
class Said:
    """What families of north said: `no` is a refusal of consent and an opt-out from the directory, of these records."""

    no: set[int] = field(default_factory=set)

    def words(self, choice: object, discloser: str, on: date) -> ConsentStatus:
        yes = np.array(sorted({ONE, OTHER, THIRD} - self.no), dtype=np.int64)
        no = np.array(sorted(self.no), dtype=np.int64)
        return ConsentStatus(given=yes, refused=no, opted_out=no)


@pytest.fixture(params=list(BASES))
def said(request: pytest.FixtureRequest, community: Community, monkeypatch: pytest.MonkeyPatch) -> Said:
    making.register()
    document: dict[str, Any] = making.sharing()
    document["purposes"] = [
        p for p in document["purposes"] if (p["id"], p.get("from")) != ("planning", ["harbor"])
    ]
    for purpose in document["purposes"]:
        if purpose["id"] == "planning" and purpose["from"] == ["north"]:
            purpose |= BASES[request.param]
    document["schedule"] = [making.line("person.first_name", "planning"), making.line("person.*", "matching")]
    making.in_effect(document)
    making.people()
    found = Said()
    monkeypatch.setattr(FromDatabase, "words", lambda _, *asked: found.words(*asked))
    return found


def shown() -> set[str]:
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning")
    return {str(row[0]) for row in access.query("SELECT first_name FROM person").rows}


def now(
    links: dict[int, int], kind: PersonEventKind | None = None, before: dict[int, int] | None = None
) -> int:
    """Puts these links in force, with the event that tells of it; gives its number."""
    table = pa.table({"record": sorted(links), "person": [links[record] for record in sorted(links)]})
    land_person_links(links=table, by=OPERATOR)
    for person in set(links.values()):
        Person.objects.get_or_create(id=person, defaults={"first_seen_at": timezone.now()})
    if kind is None:
        return 0

    def held(of: dict[int, int]) -> dict[str, list[int]]:
        return {str(p): [r for r in of if of[r] == p] for p in of.values()}

    concerned = {r: p for r, p in links.items() if r in (before or {})}
    return IdentityEvent.objects.create(
        at=timezone.now(), kind=kind, persons=sorted({*links.values(), *(before or {}).values()}), before=held(before or {}),
        after=held(concerned), by="operator",
    ).pk  # fmt: skip


def test_refusal_for_one_record_holds_for_the_person(said: Said) -> None:
    apart, one = {ONE: P, OTHER: Q, THIRD: R}, {ONE: P, OTHER: P, THIRD: R}
    now(apart)
    said.no = {ONE}
    assert shown() == {"Ben", "Cyd"}
    merged = now(one, PersonEventKind.MERGED, {ONE: P, OTHER: Q})
    assert shown() == {"Cyd"}, "the stricter holds for both"
    undo(event=merged, by=OPERATOR)
    assert dict(zip(*person_links().to_pydict().values(), strict=True)) == apart
    assert shown() == {"Ben", "Cyd"}, "each is as it was"


def test_refusal_of_a_merged_person_survives_split_and_undo(said: Said) -> None:
    apart, one = {ONE: P, OTHER: Q, THIRD: R}, {ONE: P, OTHER: P, THIRD: R}
    now(one)
    assert shown() == {"Ada", "Ben", "Cyd"}
    said.no = {OTHER}
    now(one)  # what the registers say is asked again when something landed
    assert shown() == {"Cyd"}
    split = now(apart, PersonEventKind.SPLIT, {ONE: P, OTHER: P})
    assert shown() == {"Ada", "Cyd"}
    undo(event=split, by=OPERATOR)
    assert shown() == {"Cyd"}, "together again, the no holds for both again"


def test_refusals_for_both_records_hold_in_any_case(said: Said) -> None:
    said.no = {ONE, OTHER}
    for links in ({ONE: P, OTHER: Q, THIRD: R}, {ONE: P, OTHER: P, THIRD: R}, {ONE: Q, OTHER: P, THIRD: R}):
        now(links)
        assert shown() == {"Cyd"}


def test_two_refusals_close_a_person_of_three_records(said: Said) -> None:
    for no in ({ONE}, {OTHER}, {THIRD}):
        said.no = no
        now({ONE: P, OTHER: P, THIRD: P})
        assert shown() == set()
