"""A partner's records, and one person's, are destroyed."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.destruction.papers import end, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL, files_with, held
from tests.kept import kept
from throughway.consent.models import ConsentEvent
from throughway.core.refusals import Refused
from throughway.destruction.actions import hand_over, holds, orders
from throughway.destruction.models import HandOver
from throughway.destruction.selectors import due, one, to_collect
from throughway.gate.actions import enter
from throughway.identity.actions import linking
from throughway.identity.models import Person
from throughway.partners import OPERATOR
from throughway.partners.models import CaseloadEvent
from throughway.store import Community, engine, schemas
from throughway.store.actions import landing
from throughway.store.actions.maintenance import check
from throughway.store.selectors import snapshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@kept
def town(community: Community, tmp_path: Path) -> Community:
    """Two schools, whose records are linked under one agreement; one student goes to both."""
    people()
    sign(paper("one", ALL, linkage=True), "one")
    load(tmp_path, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"}))
    load(tmp_path, rows({"SENTINEL-001": "06", "CLUB-00001": "07"}), partner="club")
    linking.link(by=OPERATOR)
    return community


def ids() -> dict[str, int]:
    links = {row["record"]: row["person"] for row in held("person_link", "")}
    return {str(row["key"]): int(str(links[row["record"]])) for row in held("record_key")}


def test_one_person(town: Community) -> None:
    number = ids()["SENTINEL-001"]
    access = enter(actor=person("evaluator", "backbone"), purpose="use-one")
    access.query("SELECT person_id, attendance_status FROM attendance_day")
    made = orders.destroy(
        person=number, why="Asked under 34 CFR 300.624", asked_by="A parent", by=person("officer", "school")
    )
    assert made.destroyed["rows"] == {
        "attendance_day": 2,
        "person": 1,
        "person_known": 10,  # what linkage kept between its runs, of everybody
        "person_link": 1,
        "record_key": 1,
        "school_enrollment": 1,
    }
    assert [row["key"] for row in held("record_key")] == ["SENTINEL-002"]
    # The club's own record of the same person is the club's to destroy.
    assert "SENTINEL-001" in [row["key"] for row in held("record_key", "club")]
    assert len(held("attendance_day")) == 2
    assert made.body["ordered"]["asked_by"] == "A parent"
    assert orders.destroy(person=number, by=person("officer", "school")).id == made.id
    assert check() == []
    assert access.query("SELECT count(*) AS n FROM attendance_day").rows == [(6,)]


def test_a_person_of_both_by_the_steward(town: Community) -> None:
    number = ids()["SENTINEL-001"]
    enter(actor=person("evaluator", "backbone"), purpose="use-one").query("SELECT person_id FROM person")
    made = orders.destroy(person=number, by=person("steward", "backbone"))
    assert files_with(town, "SENTINEL-001") == files_with(town, "Family-SENTINEL-001") == []
    assert made.destroyed["rows"]["record_key"] == 2
    assert Person.objects.get(id=number).retired
    # Each discloser collects the disclosures of its own student; then nothing of it is left here.
    assert {h.partner for h in to_collect(destruction=made.id)} == {"school", "club"}
    given = json.loads(hand_over.collect(id=made.id, by=person("officer", "school")))
    assert {e["outcome"] for e in given["entries"]} == {"released"}
    assert all(e["students"] == ["SENTINEL-001"] for e in given["entries"])
    hand_over.collected(id=made.id, by=person("officer", "school"))
    with pytest.raises(Refused, match="no longer here"):
        hand_over.collect(id=made.id, by=person("officer", "school"))
    with pytest.raises(Refused, match="nothing to collect"):
        hand_over.collect(id=made.id, by=person("evaluator", "backbone"))


def test_who_may_not(town: Community) -> None:
    number = ids()["SENTINEL-002"]
    for who in (person("worker", "school"), person("leader", "school"), OPERATOR):
        with pytest.raises(Refused, match="data steward or privacy officer"):
            orders.destroy(person=number, by=who)
    with pytest.raises(Refused, match="keeps no record"):
        orders.destroy(person=number, by=person("officer", "club"))
    with pytest.raises(Refused, match="Only people of"):
        orders.destroy(partner="school", by=person("officer", "club"))


def test_a_partner_that_leaves(town: Community) -> None:
    kept = orders.destroy(partner="club", by=person("officer", "club"))
    assert kept.destroyed["rows"].keys() == {"person_known"}  # linkage makes it anew
    assert any("Authorized by one:" in each["why"] for each in kept.kept)
    end("one")
    made = orders.destroy(partner="club", by=person("officer", "club"))
    assert made.destroyed["rows"]["person"] == 2
    assert files_with(town, "CLUB-00001") == []
    assert len(held("person")) == 2
    assert {row["record"] for row in held("person_link", "")} == {row["record"] for row in held("record_key")}
    done = one(made.id)
    assert done is not None
    assert done.finished_at


def test_a_hold_on_a_person_keeps_what_is_left_of_the_agreement(town: Community) -> None:
    """The records of the person at every partner, and that they are one person's."""
    number = ids()["SENTINEL-001"]
    officer, steward = person("officer", "school"), person("steward", "backbone")
    found = holds.hold(kind="person", subject=str(number), notice="Docket 9", why="A hearing", by=officer)
    end("one")
    for again in range(2):
        if not again:
            assert orders.destroy(agreement="one", by=steward).destroyed["rows"]["person"] == 2
        with pytest.raises(Refused, match="Some of these records must be kept for now") as refused:
            orders.destroy(agreement="one", by=steward)
        assert "Docket 9" not in refused.value.message
        assert ids() == {"SENTINEL-001": number}
        assert [row["key"] for row in held("record_key", "club")] == ["SENTINEL-001"]
    with pytest.raises(Refused, match="Docket 9"):
        orders.destroy(person=number, by=officer)
    holds.lift(code=found.code, why="Quashed", by=officer)
    orders.destroy(agreement="one", by=steward)
    assert ids() == {}
    assert held("record_key", "club") == held("person_link", "") == []


def test_registers_forget(town: Community, tmp_path: Path) -> None:
    number = next(int(str(r["record"])) for r in held("record_key") if r["key"] == "SENTINEL-001")
    now = datetime.now(UTC)
    CaseloadEvent.objects.create(
        email="worker@school.example", partner="school", record=number, first=now.date(), at=now, by="x"
    )
    ConsentEvent.objects.create(
        code="AAAA2222", partner="school", record=number, agreement="one", purpose="*", decision="yes", holder=1,
        relation="parent", right_checked=True, signed_on=now.date(), at=now, by="x",
    )  # fmt: skip
    end("one")
    made = orders.destroy(agreement="one", by=person("steward", "backbone"))
    assert not CaseloadEvent.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert made.destroyed["registers"]["decisions of families"] == 1
    assert {h.partner for h in to_collect(destruction=made.id)} == {"school", "club"}
    given = json.loads(hand_over.collect(id=made.id, by=person("officer", "school")))
    assert given["decisions"][0]["student"] == "SENTINEL-001"
    assert not list(town.quarantine.glob("*.csv"))
    assert files_with(town, "SENTINEL-001") == []


def test_what_nobody_collects_is_removed(town: Community) -> None:
    enter(actor=person("evaluator", "backbone"), purpose="use-one").query("SELECT person_id FROM person")
    made = orders.destroy(person=ids()["SENTINEL-002"], by=person("officer", "school"))
    HandOver.objects.update(until=date.today() - timedelta(days=1))
    assert any(made.id in sentence for sentence in due(date.today()))
    orders.destroy(person=ids()["SENTINEL-001"], by=person("officer", "school"))
    assert not list(town.data.glob(f"certificates/{made.id}/*.handover"))
    with pytest.raises(Refused, match="no longer here"):
        hand_over.collect(id=made.id, by=person("officer", "school"))


def test_rows_of_others_keep_their_values_and_their_order(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, record = (
        ids()["SENTINEL-002"],
        next(r["record"] for r in held("record_key") if r["key"] == "SENTINEL-002"),
    )
    monkeypatch.setattr(engine, "ROW_GROUP", 2048)
    columns = ", ".join(
        f"CAST({OWN.get(n, 'NULL').format(record)} AS {kind}) AS {n}"
        for n, kind in schemas.file_columns("attendance_day")
    )
    with landing.staging() as folder, engine.DuckDBEngine() as duckdb:
        path = folder / "many.parquet"
        duckdb.write(
            f"SELECT {columns} FROM range(60) a(s), range(180) b(d)",
            path,
            order_by=("person_record", "record"),
        )
        file = landing.NewFile("attendance_day", "school", 2030, path=path)
        (old,) = landing.land(batch="many", files=[file], by=OPERATOR)
    before = pq.read_table(town.store / f"{old}.parquet")
    orders.destroy(person=number, by=person("officer", "school"))
    with snapshot() as stored:
        (new,) = (f.path for f in stored.stored("attendance_day", "school") if f.school_year == 2030)
    assert pq.read_table(new).equals(before.filter(pc.not_equal(before["person_record"], record)))
    assert before.num_rows - pq.read_metadata(new).num_rows == 180
    assert check() == []


# Attendance of sixty fictional learners; the test's learner is in the middle.
OWN = {
    "person_record": "CASE WHEN s = 30 THEN {} WHEN s < 30 THEN s - 100 ELSE 90000 + s END",
    "attendance_event_date": "DATE '2025-08-25' + d::INTEGER",
    "attendance_status": "md5(s || '-' || d)",
    "record": "100000 + s * 180 + d",
    "batch_id": "'many'",
}
