"""Who can write to the database, and to nothing else, cannot put an entry into the ledger."""

import hmac
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from tests.ledger.test_ledger import READER, entry, filled, forge, in_order, leaf_hashes
from tests.ledger.test_misuse import OFFICER
from throughway.core.refusals import Refused
from throughway.gate.actions.backups import back_up
from throughway.gate.actions.integrity_check import check
from throughway.ledger import recording, sealing
from throughway.ledger.actions import verification
from throughway.ledger.actions.verification import prove_entry, verified
from throughway.ledger.hmac_digests import ENTRY_KEY, has_key
from throughway.ledger.models import LedgerEntry
from throughway.partners.actor import OPERATOR
from throughway.store import Community

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("community")]

OTHERS = ", ".join(
    f'"{field.column}"' for field in LedgerEntry._meta.concrete_fields if field.column not in ("id", "mac")
)


def copied(id: str, mac: str) -> str:
    """Puts a copy of an entry under another id straight into the database, with that MAC."""
    copy = "0" * 8 + id[8:]
    forge(
        f"INSERT INTO gate_ledgerentry (id, mac, {OTHERS}) SELECT %s, %s, {OTHERS} FROM gate_ledgerentry WHERE id = %s",
        copy, mac, id,
    )  # fmt: skip
    return copy


def mac_of(id: str) -> str:
    return LedgerEntry.objects.values_list("mac", flat=True).get(id=id)


@pytest.mark.parametrize("mac", ["", "ab" * 32, "é", "of another entry", "by a key of their own"])
def test_an_entry_put_into_the_database_alone_is_never_sealed(mac: str) -> None:
    first, *_ = filled(3)
    if mac == "of another entry":
        mac = mac_of(first)
    elif mac == "by a key of their own":
        mac = hmac.new(b"", sealing_lines(first), "sha256").hexdigest()
    forged = copied(first, mac)
    assert sealing.seal(by=READER) == 0
    later = recording.append(entry())
    assert sealing.seal(by=READER) == 1
    assert in_order()[-1] == later
    verdict = verification.verify()
    assert (verdict.ok, verdict.first_bad) == (False, forged)
    assert "Throughway did not write it" in verdict.problem
    document, _ = verified(None, OPERATOR)
    assert (document["ok"], document["first_bad"], document["sealed"]) == (False, forged, 4)
    assert forged in " ".join(check())
    with pytest.raises(Refused, match="could not be sealed"):
        prove_entry(forged, by=OFFICER)


def sealing_lines(id: str) -> bytes:
    from throughway.ledger.leaf_encoding import content_sql

    with connection.cursor() as cursor:
        lines = content_sql(connection.vendor, "e")
        cursor.execute(f"SELECT {lines} FROM gate_ledgerentry e WHERE e.id = %s", [id])
        return bytes(cursor.fetchone()[0])


@pytest.mark.parametrize(
    "change", ["purpose = 'research'", "way = 'api'", "at = '2020-01-01 00:00:00.000000'"]
)
def test_an_entry_changed_before_it_is_sealed_is_never_sealed(change: str) -> None:
    filled(2)
    id = recording.append(entry())
    forge(f"UPDATE gate_ledgerentry SET {change} WHERE id = %s", id)
    assert sealing.seal(by=READER) == 0
    assert verification.verify().first_bad == id


def test_the_mac_is_no_part_of_what_is_sealed() -> None:
    """The leaves, heads and proofs of entries written before hold as they did."""
    ids = filled(3)
    before = leaf_hashes(*ids)
    forge("UPDATE gate_ledgerentry SET mac = ''")
    assert leaf_hashes(*ids) == before
    assert verification.verify().ok


class TestAnOlderFolder:
    @pytest.fixture
    def old(self, community: Community) -> str:
        """Two sealed entries and an unsealed one of a folder that knew no MAC."""
        filled(2)
        id = recording.append(entry())
        forge("UPDATE gate_ledgerentry SET mac = ''")
        (community.keys / ENTRY_KEY).unlink()
        return id

    def test_what_was_not_sealed_at_the_upgrade_is_sealed_by_it_once(self, old: str) -> None:
        call_command("migrate", verbosity=0)
        assert in_order()[-1] == old
        assert verified(None, OPERATOR)[0]["ok"]
        forged = copied(old, "")
        call_command("migrate", verbosity=0)
        assert verification.verify().first_bad == forged

    def test_a_new_folder_has_its_key_before_its_first_entry(self, community: Community) -> None:
        call_command("migrate", verbosity=0)
        key = community.keys / ENTRY_KEY
        assert (key.stat().st_size, key.stat().st_mode & 0o777) == (32, 0o600)


def test_no_entry_is_written_where_the_key_of_earlier_ones_is_missing(community: Community) -> None:
    filled(1)
    key = (community.keys / ENTRY_KEY).read_bytes()
    (community.keys / ENTRY_KEY).unlink()
    with pytest.raises(Refused, match=r"key is missing.*restore it from the backup of the keys"):
        recording.append(entry())
    assert not (community.keys / ENTRY_KEY).exists()
    (community.keys / ENTRY_KEY).write_bytes(key)
    recording.append(entry())
    assert verification.verify().ok


@pytest.mark.django_db(transaction=True)
def test_a_backup_without_the_key_of_entries_is_not_whole(community: Community, tmp_path: Path) -> None:
    def problems(name: str) -> str:
        kept = tmp_path / name
        kept.mkdir()
        return " ".join(back_up(data=kept / "d", keys=kept / "k", by=OPERATOR).problems)

    assert problems("empty") == ""
    filled(1)
    assert ENTRY_KEY not in problems("whole")
    (community.keys / ENTRY_KEY).unlink()
    assert "ledger-entries.key is missing" in problems("lost")
    assert not (community.keys / ENTRY_KEY).exists()


def test_a_key_that_another_process_has_just_made_is_not_missing(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both find no key; the other makes it and commits the first entry before this one looks for entries."""
    filled(1)
    answers = iter([False])
    monkeypatch.setattr(recording, "has_key", lambda *of: next(answers, has_key(*of)))
    recording.append(entry())
    assert verification.verify().ok


@pytest.mark.parametrize("damaged", [b"", b"x" * 31])
def test_no_entry_is_written_under_a_damaged_key(community: Community, damaged: bytes) -> None:
    filled(1)
    (community.keys / ENTRY_KEY).write_bytes(damaged)
    with pytest.raises(Refused, match="key is damaged"):
        recording.append(entry())
    assert (community.keys / ENTRY_KEY).read_bytes() == damaged
    assert "ledger-entries.key is damaged" in " ".join(check())
