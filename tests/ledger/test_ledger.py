"""What the ledger keeps, what it seals, and that no change to it stays unseen."""

import json
import sqlite3
import stat
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, connection, transaction

from tests.gate import making
from throughway.agreements import actions as agreements
from throughway.core.refusals import Refused
from throughway.ledger import entry_search, leaf_encoding, recording, sealing
from throughway.ledger.actions import verification
from throughway.ledger.entry import Entry
from throughway.ledger.models import LedgerEntry, LedgerHead, LedgerLeaf, LedgerSieve
from throughway.ledger.signed_heads import SignedHead, make_signing_key
from throughway.ledger.triggers import APPEND_ONLY, drop_triggers, missing_triggers, put_triggers
from throughway.partners.actor import OPERATOR, Actor
from throughway.store import Community

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("community")]

READER = Actor("worker@harbor.example", "harbor", "case_worker")
KNOWN = "harbor-2026"  # an agreement of `known`
TABLES = {
    LedgerEntry: "gate_ledgerentry", LedgerLeaf: "gate_ledgerleaf", LedgerHead: "gate_ledgerhead",
    LedgerSieve: "gate_ledgersieve",
}  # fmt: skip


def entry(**fields: object) -> Entry:
    said = {
        "outcome": "released",
        "actor": READER,
        "purpose": "casework",
        "on": date(2026, 3, 2),
        "interest": "plans support for the student",
        "basis": "consent",
        "agreements": ((KNOWN, "ab" * 32),),
        "disclosers": ("north-district",),
        "recipients": ("harbor",),
        "elements": ("person.first_name", "attendance_day.attendance_event_date"),
        "question": "0" * 64,
        "way": "page",
        "rows": 3,
        "students": np.array([7, 5, 900_000_000_000]),
    }
    return Entry(**(said | fields))  # type: ignore[arg-type]


def know() -> None:
    """Puts the reader and the agreement of `entry` into the registers."""
    making.register()
    agreements.add(text=json.dumps(making.sharing(id=KNOWN)), by=OPERATOR)


def filled(count: int, *, lots: int = 1) -> list[str]:
    """So many entries, sealed in so many sealings."""
    ids = []
    for lot in range(lots):
        ids += [recording.append(entry(rows=lot * count + n)) for n in range(count // lots)]
        sealing.seal(by=READER)
    return ids


def forge(sql: str, *values: object) -> None:
    """Changes the tables as one who holds the database can."""
    drop_triggers(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    put_triggers(connection)


def leaf_hashes(*ids: str) -> dict[str, str]:
    """The present leaf hash of each of these entries; empty if its set of students was changed."""
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        columns = leaf_encoding.columns_sql(connection.vendor, "e")
        cursor.execute(f"SELECT {columns} FROM gate_ledgerentry e WHERE e.id IN ({marks})", list(ids))
        return leaf_encoding.digests(cursor.fetchall())


def in_order() -> list[str]:
    return list(LedgerLeaf.objects.order_by("position").values_list("entry", flat=True))


# --- what is written ---


def test_an_entry_says_who_when_why_and_about_whom() -> None:
    know()
    id = recording.append(
        entry(onward=("state-agency",), reasons=("No agreement covers it.",), exempt="34 CFR 99.32(d)(2)")
    )
    [told] = entry_search.of_records([5])
    assert told["id"] == id
    assert told["actor"] == {"email": "worker@harbor.example", "partner": "harbor", "role": "case_worker"}
    assert told["agreements"] == [{"id": "harbor-2026", "version": "ab" * 32}]
    assert (told["purpose"], told["on"], told["rows"], told["students"]) == ("casework", "2026-03-02", 3, 3)
    assert told["onward"] == ["state-agency"]
    assert told["exempt"] == "34 CFR 99.32(d)(2)"
    json.dumps(told)


def test_an_entry_is_found_by_each_of_its_students_and_no_other() -> None:
    mine, other = recording.append(entry()), recording.append(entry(students=np.array([6])))
    refused = recording.append(entry(outcome="refused", rows=None, students=np.array([], dtype=np.int64)))
    assert [told["id"] for told in entry_search.of_records([900_000_000_000])] == [mine]
    assert {told["id"] for told in entry_search.of_records([5, 6])} == {mine, other}
    assert {told["id"] for told in entry_search.of_records(range(6, 400))} == {mine, other}
    assert entry_search.of_records([8, 899_999_999_999]) == entry_search.of_records([]) == []
    assert LedgerEntry.objects.get(id=refused).students_count == 0


def test_unreadable_student_set_is_still_found() -> None:
    id = recording.append(entry())
    forge("UPDATE gate_ledgerentry SET students = %s WHERE id = %s", b"\x09\x00", id)
    assert [[told["id"] for told in entry_search.of_records([n])] for n in (5, 7, 900_000_000_000)] == [
        [id]
    ] * 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("outcome", "granted"),
        ("question", "SELECT first_name FROM person"),
        ("rows", -1),
        ("elements", ("person.nickname",)),
        ("elements", ("Ann",)),
    ],
)
def test_what_could_not_be_true_is_no_entry(field: str, value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        entry(**{field: value})


def test_the_ledger_points_to_no_live_row() -> None:
    assert not [f for model in TABLES for f in model._meta.get_fields() if f.is_relation]


# --- sealing ---


def test_sealing_takes_what_is_unsealed_once_and_signs_it(community: Community) -> None:
    filled(5)
    recording.append(entry())
    before = verification.verify()
    assert (before.entries, before.sealed, before.ok) == (6, 5, True)
    assert sealing.seal(by=READER) == 1
    assert sealing.seal(by=READER) == 0
    assert verification.verify().to_json() == {
        "entries": 6,
        "sealed": 6,
        "ok": True,
        "first_bad": None,
        "problem": "",
    }
    assert [head.size for head in LedgerHead.objects.order_by("size")] == [5, 6]
    made = {key.name: stat.S_IMODE(key.stat().st_mode) for key in community.keys.iterdir()}
    assert made == {"ledger-entries.key": 0o600, "ledger-signing.key": 0o600}


def test_entries_are_sealed_as_they_are_committed(
    django_capture_on_commit_callbacks: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):  # the second comes within the second, and waits for the next
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
            recording.append(entry())
    assert (verification.verify().entries, verification.verify().sealed) == (2, 1)
    monkeypatch.setattr(sealing, "SEAL_EVERY", sealing.SEAL_EVERY * 0)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        recording.append(entry())
    assert verification.verify().sealed == 3


def test_an_empty_ledger_is_whole_and_has_no_head() -> None:
    assert verification.verify().to_json()["ok"] is True
    with pytest.raises(Refused, match="no sealed entry"):
        sealing.head()


def test_nothing_is_sealed_on_a_tree_that_does_not_hold_together() -> None:
    filled(4)
    forge("UPDATE gate_ledgerhead SET root = %s", "0" * 64)
    recording.append(entry())
    with pytest.raises(Refused, match="ledger verify"):
        sealing.seal(by=READER)


def test_another_key_never_seals_on(community: Community) -> None:
    filled(2)
    recording.append(entry())
    for key in community.keys.iterdir():
        key.unlink()
    with pytest.raises(Refused, match="ledger verify"):
        sealing.seal(by=READER)
    verdict = verification.verify()
    assert not verdict.ok
    assert "keys/" in verdict.problem


def test_a_key_put_in_place_of_the_old_never_seals_on(community: Community) -> None:
    filled(2)
    recording.append(entry())
    make_signing_key(community.keys)
    with pytest.raises(Refused, match="ledger verify"):
        sealing.seal(by=READER)
    assert verification.verify().first_bad == "head 2"


def test_a_head_signed_by_a_stranger_does_not_hold() -> None:
    filled(2)
    said = LedgerHead.objects.get()
    root = bytes.fromhex(said.root)
    strange = SignedHead.signed(size=2, root=root, at=said.at, signing=Ed25519PrivateKey.generate())
    forge("UPDATE gate_ledgerhead SET key = %s, signature = %s", strange.key, strange.signature)
    assert verification.verify().first_bad == "head 2"


def test_entries_of_one_transaction_are_sealed_by_one_sealing(
    django_capture_on_commit_callbacks: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    sealings = []
    sealed = sealing._seal
    monkeypatch.setattr(sealing, "SEAL_EVERY", sealing.SEAL_EVERY * 0)
    monkeypatch.setattr(sealing, "_seal", lambda *of: sealings.append(sealed(*of)))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        for _ in range(5):
            recording.append(entry())
    assert sealings == [5]


def test_any_script_and_any_number_of_students_verify() -> None:
    recording.append(entry(purpose="Œuvre 学校 \\ \" ' \u2028", students=np.arange(1000) * 7 + 2**40))
    recording.append(entry(reasons=({"sentence": "b", "citation": "a"},), students=np.array([2**53 - 1])))
    sealing.seal(by=READER)
    assert verification.verify().ok
    assert len(entry_search.of_records([2**40 + 7])) == 1


# --- what a change to the database looks like ---

CHANGES = {
    "outcome": "refused",
    "actor_partner": "",
    "actor_role": "leader",
    "basis": "study",
    "disclosers": "[]",
    "recipients": '["harbor", "south-district"]',
    "onward": '["state-agency"]',
    "reasons": '["An agreement covers it."]',
    "students_high": 900_000_000_001,
    "purpose": "research",
    "actor_email": "other@harbor.example",
    "interest": "",
    "on_day": "2026-03-03",
    "at": "2026-03-03 10:00:00+00:00",
    "rows": 4,
    "agreements": "[]",
    "elements": '["person.first_name"]',
    "sql_sha256": "1" * 64,
    "students": b"\x00",
    "students_sha256": "1" * 64,
    "students_count": 2,
    "students_low": 6,
    "exempt": "outside FERPA",
    "threat": "a flood",
    "way": "api",
    "question": "1" * 64,
}


def test_each_column_of_an_entry_is_sealed() -> None:
    assert {*CHANGES, "id", "mac"} == {field.column for field in LedgerEntry._meta.concrete_fields}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_entry_is_named(column: str) -> None:
    filled(8, lots=4)
    victim = in_order()[5]
    forge(f'UPDATE gate_ledgerentry SET "{column}" = %s WHERE id = %s', CHANGES[column], victim)
    verdict = verification.verify()
    assert (verdict.ok, verdict.first_bad) == (False, victim)
    assert "changed" in verdict.problem


@pytest.mark.parametrize("column", ["at", "on_day", "rows", "purpose", "students"])
def test_an_entry_made_unreadable_is_named(column: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL refuses a value that is not of the column's type")
    ids = filled(3)
    forge(f'UPDATE gate_ledgerentry SET "{column}" = CAST(%s AS TEXT) WHERE id = %s', b"\xff{", ids[1])
    verdict = verification.verify()
    assert (verdict.ok, verdict.first_bad) == (False, ids[1])


def test_an_unsealed_entry_made_unreadable_is_named() -> None:
    filled(3)
    id = recording.append(entry())
    forge("UPDATE gate_ledgerentry SET students = %s WHERE id = %s", b"\x00", id)
    assert verification.verify().first_bad == id
    assert sealing.seal(by=READER) == 0


def test_a_deleted_entry_is_named() -> None:
    filled(8, lots=4)
    victim = in_order()[2]
    forge("DELETE FROM gate_ledgerentry WHERE id = %s", victim)
    verdict = verification.verify()
    assert (verdict.ok, verdict.first_bad, verdict.entries) == (False, victim, 7)


def test_an_entry_deleted_with_its_leaf_is_missed() -> None:
    filled(8, lots=4)
    forge("DELETE FROM gate_ledgerentry WHERE id = %s", in_order()[2])
    forge("DELETE FROM gate_ledgerleaf WHERE position = 2")
    assert verification.verify().first_bad == "place 2"


def test_two_entries_that_changed_places_are_named() -> None:
    filled(4)
    first, second, *_ = in_order()
    forge("UPDATE gate_ledgerleaf SET entry = 'x' WHERE position = 0")
    forge("UPDATE gate_ledgerleaf SET entry = %s WHERE position = 1", first)
    forge("UPDATE gate_ledgerleaf SET entry = %s WHERE position = 0", second)
    assert verification.verify().first_bad == second


def test_forged_leaf_does_not_fit_the_head() -> None:
    filled(8, lots=4)
    victim = in_order()[4]
    forge("UPDATE gate_ledgerentry SET rows = 77 WHERE id = %s", victim)
    leaf = leaf_hashes(victim)[victim]
    forge("UPDATE gate_ledgerleaf SET hash = %s WHERE position = 4", leaf)
    verdict = verification.verify()
    assert (verdict.ok, verdict.first_bad) == (False, victim)
    assert "first 6" in verdict.problem


def test_a_changed_head_does_not_hold() -> None:
    filled(4, lots=2)
    forge("UPDATE gate_ledgerhead SET at = '2020-01-01T00:00:00+00:00' WHERE size = 4")
    assert verification.verify().first_bad == "head 4"


def test_leaves_without_a_head_are_not_sealed() -> None:
    filled(4, lots=2)
    forge("DELETE FROM gate_ledgerhead WHERE size = 4")
    assert verification.verify().first_bad == in_order()[2]


# What is done to a ledger of eight entries sealed two at a time, and what is reported then. Each change stays, and the next is at a
# lower place: the first fault is the one that is reported.
CHANGES_IN_TURN = {
    "DELETE FROM gate_ledgerhead WHERE size = 8": "6",
    "UPDATE gate_ledgerentry SET purpose = purpose || ' ' WHERE id = (SELECT entry FROM gate_ledgerleaf WHERE position = 5)": "5",
    "DELETE FROM gate_ledgerentry WHERE id = (SELECT entry FROM gate_ledgerleaf WHERE position = 4)": "4",
    "DELETE FROM gate_ledgerleaf WHERE position = 4": "place 4",
    "UPDATE gate_ledgerleaf SET hash = 'no hash' WHERE position = 3": "3",
    f"UPDATE gate_ledgerleaf SET hash = '{'0' * 64}' WHERE position = 2": "2",
    "UPDATE gate_ledgerleaf SET position = 9999 WHERE position = 1": "place 1",
    "UPDATE gate_ledgerleaf SET position = -1 WHERE position = 0": "place 0",
}


@pytest.mark.parametrize("at_once", [1, 3, 2_000])
def test_the_first_fault_is_reported_wherever_reading_pauses(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "AT_ONCE", at_once)
    filled(8, lots=4)
    assert verification.verify().ok
    ids = in_order()
    for change, where in CHANGES_IN_TURN.items():
        forge(change)
        assert verification.verify().first_bad == (ids[int(where)] if where.isdigit() else where), change


def test_a_sealing_while_the_ledger_is_verified_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    filled(4, lots=2)

    def sealed_meanwhile(*_: object, **__: object) -> None:
        filled(2)

    monkeypatch.setattr(verification, "fault_of_heads", sealed_meanwhile)
    assert verification.verify().ok


def cut_to(size: int) -> None:
    forge(
        "DELETE FROM gate_ledgerentry WHERE id IN (SELECT entry FROM gate_ledgerleaf WHERE position >= %s)",
        size,
    )
    forge("DELETE FROM gate_ledgerleaf WHERE position >= %s", size)
    forge("DELETE FROM gate_ledgerhead WHERE size > %s", size)


def test_only_a_kept_head_shows_that_the_end_was_cut_off() -> None:
    filled(6, lots=3)
    kept = sealing.head()
    assert verification.verify(kept).ok
    cut_to(4)
    assert verification.verify().ok
    verdict = verification.verify(kept)
    assert (verdict.ok, verdict.first_bad) == (False, "place 4")
    assert "cut off" in verdict.problem


def test_truncated_and_regrown_ledger_fails_the_kept_head() -> None:
    filled(6, lots=3)
    kept = sealing.head()
    cut_to(4)
    filled(4, lots=2)
    assert verification.verify().ok
    verdict = verification.verify(kept)
    assert (verdict.ok, verdict.first_bad) == (False, in_order()[4])


def test_a_head_kept_long_ago_still_fits() -> None:
    filled(3)
    kept = sealing.head()
    filled(6, lots=2)
    assert verification.verify(json.loads(json.dumps(kept))).ok


def test_a_kept_head_that_says_something_else_is_refused() -> None:
    filled(3)
    kept = sealing.head()
    for bent in ({}, kept | {"size": 2}, kept | {"signature": "xyz"}, kept | {"key": 5}, {"size": 3}):
        with pytest.raises(Refused):
            verification.verify(bent)


def test_a_head_of_another_key_does_not_fit(community: Community) -> None:
    filled(3)
    kept = sealing.head()
    cut_to(0)
    for key in community.keys.iterdir():
        key.unlink()
    filled(3)
    verdict = verification.verify(kept)
    assert (verdict.ok, verdict.first_bad) == (False, "head 3")


# --- append-only in the database itself ---


def refused(sql: str, *values: object) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, values)


@pytest.mark.parametrize("model", TABLES)
def test_rows_of_the_ledger_cannot_be_changed_or_deleted(model: type) -> None:
    filled(2)
    row = model.objects.first()
    for attempt in (
        row.save,
        row.delete,
        model.objects.all().delete,
        lambda: model.objects.update(**{model._meta.pk.name: row.pk}),
        lambda: model.objects.bulk_update(
            [row], [next(f.name for f in model._meta.fields if not f.primary_key)]
        ),
        lambda: model.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert verification.verify().ok


@pytest.mark.parametrize("table", TABLES.values())
def test_no_row_is_replaced_by_another(table: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    filled(2)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM pragma_table_info('{table}')")
        columns = [f'"{name}"' for (name,) in cursor.fetchall()]
    refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
    refused(f"REPLACE INTO {table} SELECT * FROM {table}")
    # Under a new key, on the hidden row number of an old row.
    new = ["'999'", *columns[1:]]
    refused(
        f"INSERT OR REPLACE INTO {table} (rowid, {', '.join(columns)}) SELECT rowid, {', '.join(new)} FROM {table} LIMIT 1"
    )


def test_no_leaf_is_replaced_by_its_entry() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    filled(2)
    refused("INSERT OR REPLACE INTO gate_ledgerleaf SELECT 99, entry, hash FROM gate_ledgerleaf LIMIT 1")


def test_no_upsert_changes_a_row() -> None:
    filled(2)
    refused(
        "INSERT INTO gate_ledgerleaf SELECT position, entry, hash FROM gate_ledgerleaf WHERE position = 0 "
        "ON CONFLICT (position) DO UPDATE SET hash = 'x'"
    )


@pytest.mark.parametrize("table", TABLES.values())
def test_no_table_is_truncated(table: str) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")
    refused(f"TRUNCATE {table} CASCADE")


def test_every_trigger_stands_and_is_put_back() -> None:
    assert missing_triggers(connection) == []
    drop_triggers(connection)
    assert len(missing_triggers(connection)) == len(APPEND_ONLY) * (3 if connection.vendor == "sqlite" else 2)
    assert set(APPEND_ONLY) >= set(TABLES.values())
    put_triggers(connection)
    put_triggers(connection)
    assert missing_triggers(connection) == []


def test_sqlite_rowid_replacement_is_guarded() -> None:
    """Why the third trigger looks at the rowid too: without it the forged row is taken."""
    plain = sqlite3.connect(":memory:")
    plain.execute("CREATE TABLE kept (id TEXT PRIMARY KEY)")
    plain.execute("INSERT INTO kept VALUES ('a')")
    plain.execute("INSERT OR REPLACE INTO kept (rowid, id) VALUES (1, 'b')")
    assert plain.execute("SELECT id FROM kept").fetchall() == [("b",)]
    plain.close()
