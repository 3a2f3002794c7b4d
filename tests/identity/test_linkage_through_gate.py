"""Linkage through the real gate and the real store, recorded like any other reader's."""

from datetime import date
from pathlib import Path

import pytest

from tests.gate import making
from throughway.core.refusals import Refused
from throughway.gate.actions import enter, person_links
from throughway.identity.actions.evaluation import evaluate
from throughway.identity.actions.linking import link
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.store import Community

pytestmark = pytest.mark.django_db


@pytest.fixture
def stocked(community: Community) -> None:
    making.register()
    making.in_effect(making.sharing())
    making.people()


@pytest.mark.usefixtures("stocked")
def test_records_of_two_partners_become_persons(tmp_path: Path) -> None:
    linked = link(by=OPERATOR)
    assert (linked.records, linked.persons, linked.new_persons) == (5, 4, 4)
    links = links_now()
    assert links[11] == links[21]
    entry = LedgerEntry.objects.latest("id")
    assert entry.purpose == "matching"
    assert link(by=OPERATOR).new_persons == 0
    assert links_now() == links
    truth = tmp_path / "persons.csv"
    truth.write_text("partner,record_key,person\nnorth,n-11,a\nharbor,h-21,a\nnorth,n-12,b\nharbor,h-22,c\n")
    assert evaluate(truth=truth, by=OPERATOR)["pairwise"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


@pytest.mark.usefixtures("stocked")
def test_links_are_seen_under_the_purposes_they_serve() -> None:
    link(by=OPERATOR)
    access = enter(actor=making.reader("evaluator@hub.example"), purpose="planning", on=date.today())
    seen = access.query(
        "SELECT DISTINCT a.person_id FROM attendance_day a JOIN service_received s ON a.person_id = s.person_id"
    )
    assert [row[0] for row in seen.rows] == [links_now()[11]]


def test_without_an_agreement_nothing_is_linked(community: Community) -> None:
    with pytest.raises(Refused) as refused:
        link(by=OPERATOR)
    assert refused.value.code == "no_linkage_purpose"


def links_now() -> dict[int, int]:
    links = person_links()
    return dict(zip(links["record"].to_pylist(), links["person"].to_pylist(), strict=True))
