"""Disclosers whose rows are read as one table, over a real store: each keeps its own students, words, files and names."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.gate import making
from throughway.consent import actions as consents
from throughway.core.refusals import Refused
from throughway.gate import governed_relations
from throughway.gate.actions import enter, governed_access
from throughway.ledger.models import LedgerEntry
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.store.actions.links import land_person_links
from throughway.store.engine import DuckDBEngine
from throughway.store.record_numbers import unpack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]

GIVERS = ("north", "south-2", "9th")
DAY = date(2026, 9, 1)
ASKED = "SELECT person_id, attendance_status FROM attendance_day"


def settle(*, by_consent: bool = True) -> None:
    """Three districts, of which the last has no files yet, give attendance to hub on the same terms."""
    making.register()
    for id in GIVERS[1:]:
        partners.add_partner(id=id, name=id, kind="lea", by=OPERATOR)
        partners.add_user(email=f"officer@{id}.example", partner=id, role="privacy_officer", by=OPERATOR)
    basis = {"basis": "consent", "basis_details": {}} if by_consent else {}
    used = making.purpose(
        "planning", "operations", "identified", recipients=["hub"], **{"from": [*GIVERS], **basis}
    )
    making.in_effect(making.sharing(
        parties=[*(making.party(id, "discloser") for id in GIVERS), making.party("hub", "steward", "recipient")],
        purposes=[used, making.purpose("matching", "linkage", "identified", recipients=["hub"], **{"from": [*GIVERS]}, serves=["planning"])],
        schedule=[making.line("attendance_day.*", "planning"), making.line("organization.*", "planning"),
                  making.line("person.first_name", "planning"), making.line("person.sex", "matching")],
        custody=making.OFFICIAL,
    ))  # fmt: skip
    for partner, first in (("north", 11), ("south-2", 111)):
        learners(partner, first)


def learners(partner: str, first: int) -> None:
    of_them = range(first, first + 3)
    making.land(
        "record_key",
        partner,
        [{"kind": "person", "key": f"k-{n}", "record": n} for n in of_them],
        "sharing-2026",
    )
    making.land(
        "person", partner, [{"person_record": n, "first_name": f"N{n}"} for n in of_them], "sharing-2026"
    )
    making.land("attendance_day", partner, [
        {"person_record": n, "record": n, "attendance_event_date": DAY, "attendance_status": "Present", "organization_id": f"{partner}/s"}
        for n in of_them
    ])  # fmt: skip


def said(folder: Path, *words: tuple[str, int, str]) -> None:
    path = folder / "said.csv"
    heads = "partner,record_key,agreement,purpose,decision,signer,relation,signed_on,method,language,notice_version,expires"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([
            heads.split(","),
            *([p, f"k-{n}", "sharing-2026", "planning", yes, "Pat", "parent", date.today(), "paper", "en", "v1", ""] for p, n, yes in words),
        ])  # fmt: skip
    consents.add(path=path, by=OPERATOR)


def seen(sql: str = ASKED) -> list[tuple[object, ...]]:
    return sorted(enter(actor=making.reader("evaluator@hub.example"), purpose="planning").query(sql).rows)


def told() -> list[int]:
    """The students of the newest entry."""
    newest = LedgerEntry.objects.latest("at")
    return unpack(bytes(newest.students)).tolist()


ALL_BUT_ONE = [("north", 11, "yes"), ("north", 12, "yes"), ("south-2", 111, "yes"), ("south-2", 113, "yes")]


def test_a_discloser_without_files_gives_none_until_it_loads(tmp_path: Path) -> None:
    settle(by_consent=False)
    assert [row[0] for row in seen()] == [11, 12, 13, 111, 112, 113]
    learners("9th", 211)
    assert [row[0] for row in seen()] == [11, 12, 13, 111, 112, 113, 211, 212, 213]
    assert told() == [11, 12, 13, 111, 112, 113, 211, 212, 213]


def test_each_family_is_asked_at_its_own_school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle()
    said(tmp_path, *ALL_BUT_ONE)
    whole = seen()
    assert [row[0] for row in whole] == [11, 12, 111, 113]
    assert told() == [11, 12, 111, 113]
    with monkeypatch.context() as alone:
        alone.setattr(governed_relations, "_of_many", governed_relations._of_each)
        assert seen("SELECT person_id, attendance_status, 1 AS apart FROM attendance_day") == [
            (*row, 1) for row in whole
        ]


# The number of a record that is shown under its person's: its row is looked at, and so told, and not shown.
@pytest.mark.parametrize(
    ("person", "rows", "looked_at"),
    [(11, 1, [11]), (13, 0, []), (112, 0, [112]), (113, 1, [113]), (2**41, 2, [12, 112]), (7, 0, [])],
)
def test_a_question_about_one_student_reads_them_as_one_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, person: int, rows: int, looked_at: list[int]
) -> None:
    settle()
    said(tmp_path, *ALL_BUT_ONE, ("south-2", 112, "yes"))
    land_person_links(links=pa.table({"record": [12, 112], "person": [2**41, 2**41]}), by=OPERATOR)
    asked = f"SELECT person_id, attendance_status FROM attendance_day WHERE person_id = {person}"
    found = seen(asked)
    assert [row[0] for row in found] == [person] * rows
    assert told() == looked_at
    with monkeypatch.context() as alone:
        alone.setattr(governed_relations, "_of_many", governed_relations._of_each)
        assert seen(f"{asked} AND 1 = 1") == found
        assert told() == looked_at


def test_refusal_at_one_partner_closes_linked_records(tmp_path: Path) -> None:
    """12 and 112 are one student: a no to north is north's alone."""
    settle()
    said(tmp_path, *ALL_BUT_ONE, ("south-2", 112, "yes"))
    land_person_links(links=pa.table({"record": [12, 112], "person": [2**41, 2**41]}), by=OPERATOR)
    assert [row[0] for row in seen()] == [11, 111, 113, 2**41, 2**41]
    said(tmp_path, ("north", 12, "no"))
    assert [row[0] for row in seen()] == [11, 111, 113, 2**41]
    assert told() == [11, 111, 112, 113]


def test_a_yes_that_is_taken_back_while_a_question_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle()
    said(tmp_path, *ALL_BUT_ONE)
    run = governed_access.run

    def meanwhile(*given: Any, **more: Any) -> Any:
        found = run(*given, **more)
        said(tmp_path, ("south-2", 113, "withdrawn"))
        return found

    monkeypatch.setattr(governed_access, "run", meanwhile)
    with pytest.raises(Refused, match="no data was returned"):
        seen()
    monkeypatch.undo()
    assert [row[0] for row in seen()] == [11, 12, 111]


def test_a_school_of_one_of_them_is_called_by_its_new_name() -> None:
    settle(by_consent=False)
    for partner, name in (("north", "Elm"), ("south-2", "Ash")):
        making.land("organization", partner, [{"organization_id": f"{partner}/s", "organization_name": name}])

    def called(person: int) -> list[object]:
        record = enter(actor=making.reader("evaluator@hub.example"), purpose="planning").record_of(person)
        return sorted(record.tables["organization"]["organization_name"].to_pylist())

    assert [called(n) for n in (11, 111, 11)] == [["Elm"], ["Ash"], ["Elm"]]
    making.land("organization", "south-2", [{"organization_id": "south-2/s", "organization_name": "Oak"}])
    assert [called(n) for n in (11, 111)] == [["Elm"], ["Ash", "Oak"]]


def test_the_one_table_is_what_a_reader_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above speak of several as one: so they are."""
    settle(by_consent=False)
    asked: list[str] = []
    run = DuckDBEngine.run
    monkeypatch.setattr(
        DuckDBEngine, "run", lambda self, sql, *more: asked.append(sql) or run(self, sql, *more)
    )
    seen("SELECT count(*) FROM attendance_day")
    assert any("throughway:attendance_day:9th+north+south-2" in sql for sql in asked)
