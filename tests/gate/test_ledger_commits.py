"""The ledger with transactions that really commit: writers beside each other, one sealer, and migrations."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from throughway.gate import recording
from throughway.gate.models import LedgerEntry, LedgerHead
from throughway.gate.triggers import missing_triggers

from tests.gate.test_ledger import READER, entry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


@pytest.mark.parametrize("turn", [1, 2])
def test_tables_are_flushed_between_tests_and_their_triggers_stand(turn: int) -> None:
    assert LedgerEntry.objects.count() == 0
    assert missing_triggers(connection) == []
    with transaction.atomic():
        recording.append(entry())
    assert recording.verify().sealed == 1


def test_an_entry_of_a_broken_transaction_is_not_there() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        recording.append(entry())
        raise RuntimeError
    assert recording.verify().entries == 0


def test_what_cannot_be_sealed_now_stands_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_seal", lambda *_: 1 / 0)
    with transaction.atomic():
        recording.append(entry())
    monkeypatch.undo()
    assert (recording.verify().entries, recording.verify().sealed) == (1, 0)
    assert recording.seal(by=READER) == 1


def test_a_rebuilt_table_has_its_triggers_after_migrate() -> None:
    with connection.schema_editor() as editor:
        field = LedgerEntry._meta.get_field("basis")
        editor.alter_field(LedgerEntry, field, field, strict=True)
        if connection.vendor == "sqlite":
            editor._remake_table(LedgerEntry)
    assert bool(missing_triggers(connection)) == (connection.vendor == "sqlite")
    call_command("migrate", "gate", verbosity=0)
    assert missing_triggers(connection) == []


def test_many_writers_beside_each_other_are_all_sealed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "SEAL_EVERY", recording.SEAL_EVERY * 0)

    def write(_: int) -> None:
        try:
            for _ in range(5):
                with transaction.atomic():
                    recording.append(entry())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(8)))
    recording.seal(by=READER)
    verdict = recording.verify()
    assert (verdict.entries, verdict.sealed, verdict.ok) == (40, 40, True)
    assert LedgerHead.objects.count() > 1
