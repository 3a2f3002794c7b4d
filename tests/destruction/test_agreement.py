"""An agreement's data are destroyed: what another authorises by itself stays, all else is gone from every file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.destruction import papers
from tests.destruction.papers import BORN, load, paper, people, person, rows, sign
from tests.kept import kept
from throughway.consent.models import ConsentEvent
from throughway.core.refusals import Refused
from throughway.destruction.actions import holds, orders
from throughway.families.actions import inspections
from throughway.store import Community
from throughway.store.selectors import snapshot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@kept
def town(community: Community) -> Community:
    people()
    return community


def held(table: str, partner: str = "school") -> list[dict[str, object]]:
    with snapshot() as stored:
        files = stored.stored(table, partner)
        if files and files[0].sealed:
            found = stored.sealed(table, partner).to_pylist()
        else:
            found = [row for path in stored.files(table, partner) for row in pq.read_table(path).to_pylist()]
    return [{k: v for k, v in row.items() if v is not None} for row in found]


def files_with(community: Community, text: str) -> list[str]:
    """Files of the folder that hold the text: as bytes, or in a column of a Parquet file."""
    found = []
    for path in community.root.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            if text.encode() in raw:
                found.append(str(path))
            elif path.suffix == ".parquet":
                with duckdb.connect() as engine:
                    told = engine.execute(f"SELECT * FROM read_parquet('{path}')").fetchall()
                if any(text in str(value) for row in told for value in row):
                    found.append(str(path))
    return found


ALL = ["element: person.*", "element: attendance_day.*", "element: school_enrollment.*"]


def test_sole_agreement_destroys_everything(town: Community, tmp_path: Path) -> None:
    sign(paper("one", ALL), "one")
    load(tmp_path, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"}))
    assert len(held("attendance_day")) == 4
    papers.end("one")
    made = orders.destroy(agreement="one", by=person("steward", "backbone"))
    assert made.destroyed["rows"] == {
        "attendance_day": 4,
        "person": 2,
        "record_key": 2,
        "school_enrollment": 2,
    }
    for table in ("person", "attendance_day", "school_enrollment", "record_key"):
        assert held(table) == []
    assert files_with(town, "SENTINEL-00") == files_with(town, "Family-SENTINEL") == []
    assert not list(town.vault.glob("*"))
    assert not list(town.store.glob("*.parquet"))
    assert [p.name for p in town.keys.iterdir() if (p / "key").exists()] == []
    document = json.loads(Path(made.path).read_text())
    assert document["certificate"]["scan"]["values"] == 2
    assert not document["certificate"]["scan"]["found"]
    again = orders.destroy(agreement="one", by=person("officer", "school"))
    assert again.to_json() == made.to_json()


def test_another_agreement_keeps_what_it_authorises(town: Community, tmp_path: Path) -> None:
    sign(paper("one", ALL), "one")
    six = "[{where: \"entry_grade_level = '06'\", on: school_enrollment, when: ever}]"
    sign(
        paper(
            "two",
            ["element: attendance_day.attendance_event_date", "element: person.birthdate, transform: year"],
            population=six,
        ),
        "two",
    )
    load(tmp_path, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"}))
    papers.end("one")
    made = orders.destroy(agreement="one", by=person("steward", "backbone"))
    assert made.destroyed["rows"] == {
        "attendance_day": 2,
        "person": 1,
        "record_key": 1,
        "school_enrollment": 1,
    }
    assert [key["key"] for key in held("record_key")] == ["SENTINEL-001"]
    (student,) = held("person")
    assert "last_or_surname" not in student
    assert str(student["birthdate"]) == f"{BORN}-01-01"
    assert all("attendance_status" not in day for day in held("attendance_day"))
    assert len(held("attendance_day")) == 2
    assert files_with(town, "SENTINEL-002") == []
    assert files_with(town, "Family-") == []


def test_agreement_in_effect_is_refused(town: Community, tmp_path: Path) -> None:
    sign(paper("one", ALL), "one")
    with pytest.raises(Refused, match="terminate it first"):
        orders.destroy(agreement="one", by=person("steward", "backbone"))
    papers.end("one")
    for who in (person("worker", "backbone"), person("leader", "school")):
        with pytest.raises(Refused):
            orders.destroy(agreement="one", by=who)


def test_destruction_waits_for_a_hold(town: Community, tmp_path: Path) -> None:
    sign(paper("one", ALL), "one")
    load(tmp_path, rows({"SENTINEL-001": "06"}))
    papers.end("one")
    found = holds.hold(
        kind="agreement", subject="one", notice="2026-CV-17", why="A subpoena", by=person("leader", "school")
    )
    with pytest.raises(Refused, match="2026-CV-17"):
        orders.destroy(agreement="one", by=person("steward", "backbone"))
    holds.lift(code=found.code, why="Quashed", by=person("officer", "school"))
    orders.destroy(agreement="one", by=person("steward", "backbone"))


def test_hold_on_a_person_concerns_only_their_records(town: Community, tmp_path: Path) -> None:
    six = "[{where: \"entry_grade_level = '06'\", on: school_enrollment, when: ever}]"
    sign(paper("one", ALL, population=six), "one")
    sign(paper("two", ALL), "two")
    sign(paper("three", ["element: person.birthdate"]), "three")
    load(tmp_path, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"}))
    officer = person("officer", "school")
    asked = {"who": "Pat", "relation": "parent", "identified": "ID", "received": papers.TODAY, "by": officer}
    seven = inspections.ask_to_inspect(student="SENTINEL-002", **asked)
    papers.end("three")
    orders.destroy(agreement="three", by=officer)  # all of it stays by the others
    papers.end("two")
    with pytest.raises(Refused, match=seven.code):
        orders.destroy(agreement="two", by=officer)
    inspections.answer(code=seven.code, how="withdrawn", on=papers.TODAY, by=officer)
    six_ = inspections.ask_to_inspect(student="SENTINEL-001", **asked)
    assert orders.destroy(agreement="two", by=officer).destroyed["rows"]["person"] == 1  # of the other alone
    papers.end("one")
    with pytest.raises(Refused, match=six_.code):
        orders.destroy(agreement="one", by=officer)
    inspections.answer(code=six_.code, how="withdrawn", on=papers.TODAY, by=officer)
    assert orders.destroy(agreement="one", by=officer).destroyed["rows"]["person"] == 1


def test_hold_on_a_person_covers_their_decisions(town: Community, tmp_path: Path) -> None:
    sign(paper("one", ALL), "one")
    sign(paper("two", ALL), "two")
    load(tmp_path, rows({"SENTINEL-001": "06"}))
    (number,) = [int(str(row["record"])) for row in held("record_key")]
    now = datetime.now(UTC)
    ConsentEvent.objects.create(
        code="AAAA2222", partner="school", record=number, agreement="two", purpose="*", decision="yes", holder=1,
        relation="parent", right_checked=True, signed_on=now.date(), at=now, by="x",
    )  # fmt: skip
    officer = person("officer", "school")
    asked = inspections.ask_to_inspect(
        student="SENTINEL-001",
        who="Pat",
        relation="parent",
        identified="ID",
        received=papers.TODAY,
        by=officer,
    )
    papers.end("two")
    with pytest.raises(Refused, match=asked.code):
        orders.destroy(agreement="two", by=officer)
