"""Linkage keys through the real gate: persons of partners who show no names, and only where the agreement grants the key."""

from datetime import date

import pytest

from tests.gate import making
from throughway.gate.actions import enter, person_links
from throughway.identity.actions.linking import link
from throughway.partners import OPERATOR
from throughway.store import Community

pytestmark = pytest.mark.django_db

KEYS = {11: "9f31c5a2d07be864", 21: "9f31c5a2d07be864", 12: "17c4e0b95ad2638f", 22: "e5068f4bd1a7392c"}
SHOWN = ("attendance_day.*", "service_received.*")


def _stocked(*granted: str) -> None:
    """Two partners whose linkage is granted only these elements."""
    making.register()
    whole = making.sharing()["schedule"]
    shown = [line for line in whole if line["element"] in SHOWN]
    lines = [making.line(element, "matching") for element in granted]
    making.in_effect(making.sharing(schedule=[*shown, *lines]))
    making.people()
    for partner, first in (("north", "1"), ("harbor", "2")):
        making.land("person_identifier", partner, [
            {"person_record": record, "person_identifier": key, "person_identification_system": "LinkageKey"}
            for record, key in KEYS.items() if str(record).startswith(first)
        ], "sharing-2026")  # fmt: skip


def _links() -> dict[int, int]:
    links = person_links()
    return dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))


def test_one_linkage_key_is_one_person(community: Community) -> None:
    _stocked("person.sex", "person_identifier.*")
    link(by=OPERATOR)
    links = _links()
    assert links[11] == links[21]
    assert len(set(links.values())) == 4
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning", on=date.today())
    seen = access.query(
        "SELECT DISTINCT a.person_id FROM attendance_day a JOIN service_received s ON a.person_id = s.person_id"
    )
    assert [row[0] for row in seen.rows] == [links[11]]


def test_a_linkage_key_that_is_not_granted_joins_nobody(community: Community) -> None:
    _stocked("person.sex")
    link(by=OPERATOR)
    assert len(set(_links().values())) == len(_links())
