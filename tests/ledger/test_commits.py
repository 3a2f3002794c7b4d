"""The ledger with transactions that really commit: writers beside each other, one sealer, and migrations."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from tests.ledger.test_ledger import READER, entry
from tests.town import Town
from throughway.ledger import recording, sealing
from throughway.ledger.actions import verification
from throughway.ledger.models import LedgerEntry, LedgerHead
from throughway.ledger.triggers import missing_triggers
from throughway.partners.triggers import append_only

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


@pytest.mark.parametrize("turn", [1, 2])
def test_flushed_tables_keep_their_triggers(turn: int) -> None:
    assert LedgerEntry.objects.count() == 0
    assert missing_triggers(connection) == []
    with transaction.atomic():
        recording.append(entry())
    assert verification.verify().sealed == 1


def test_an_entry_of_a_broken_transaction_is_not_there() -> None:
    def append_and_break() -> None:
        with transaction.atomic():
            recording.append(entry())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        append_and_break()
    assert verification.verify().entries == 0


def test_what_cannot_be_sealed_now_stands_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_seal", lambda *_: 1 / 0)
    with transaction.atomic():
        recording.append(entry())
    monkeypatch.undo()
    assert (verification.verify().entries, verification.verify().sealed) == (1, 0)
    assert sealing.seal(by=READER) == 1


def test_a_rebuilt_table_has_its_triggers_after_migrate() -> None:
    with connection.schema_editor() as editor:
        field = LedgerEntry._meta.get_field("basis")
        editor.alter_field(LedgerEntry, field, field, strict=True)
        if connection.vendor == "sqlite":
            editor._remake_table(LedgerEntry)
    assert bool(missing_triggers(connection)) == (connection.vendor == "sqlite")
    call_command("migrate", "gate", verbosity=0)
    assert missing_triggers(connection) == []


def test_the_tables_of_every_room_have_theirs_after_migrate() -> None:
    rooms = list(append_only())
    for kept in rooms:
        kept.drop(connection)
    assert all(kept.missing(connection) for kept in rooms)
    call_command("migrate", verbosity=0)
    assert [name for kept in rooms for name in kept.missing(connection)] == []


def test_many_writers_beside_each_other_are_all_sealed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the suite's SQLite database is in memory; processes on one in a file are tested below")
    monkeypatch.setattr(sealing, "SEAL_EVERY", sealing.SEAL_EVERY * 0)

    def write(_: int) -> None:
        try:
            for _ in range(5):
                with transaction.atomic():
                    recording.append(entry())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(8)))
    sealing.seal(by=READER)
    verdict = verification.verify()
    assert (verdict.entries, verdict.sealed, verdict.ok) == (40, 40, True)
    assert LedgerHead.objects.count() > 1


WRITER = """
import sys, django
django.setup()
from datetime import timedelta
from django.db import connection, transaction
from throughway.ledger import recording; from throughway.ledger import sealing
from tests.ledger.test_ledger import READER, entry
sealing.SEAL_EVERY = timedelta(0)
for _ in range(10):
    with transaction.atomic():
        print(recording.append(entry()), flush=True)
"""


def test_processes_on_one_file_are_all_sealed_once(tmp_path: Path) -> None:
    """Real processes on the SQLite file of one community, and one that is killed among them."""
    town = Town(tmp_path)
    town.found()

    def run(code: str) -> str:
        with town.python(code) as process:
            said = process.communicate()[0]
        assert process.returncode == 0
        return said

    told = run(
        "from django.db import connection as d; print(d.cursor().execute('PRAGMA synchronous').fetchone()[0])"
    )
    assert told == "2\n"  # FULL: what is committed outlives the loss of power
    writers = [town.python(WRITER) for _ in range(3)]
    killed = writers.pop()
    killed.stdout.readline()
    killed.kill()
    killed.communicate()
    written = {id for writer in writers for id in writer.communicate()[0].split()}
    assert [writer.returncode for writer in writers] == [0, 0]
    told = run(
        "import json; from throughway.ledger.sealing import seal; from throughway.partners import OPERATOR\n"
        "from throughway.ledger.actions.verification import verify\n"
        "seal(by=OPERATOR); print(json.dumps(verify().to_json()))"
    )
    verdict = json.loads(told)
    assert verdict["ok"] is True
    assert verdict["entries"] == verdict["sealed"] >= 20 == len(written)
