"""What the ledger says to a clock that was set back, to heads of others, to files cut short, and to very large sets."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from tests.ledger.test_ledger import READER, cut_to, entry, filled, forge, in_order
from tests.town import Fresh, Town
from throughway.core.refusals import Refused
from throughway.gate.actions import integrity_check
from throughway.ledger import entry_search, recording, sealing
from throughway.ledger.actions import verification
from throughway.ledger.actions.verification import prove_entry, prove_growth, verified
from throughway.ledger.models import LedgerEntry, LedgerHead
from throughway.ledger.signed_heads import SignedHead
from throughway.ledger.verification_rules import set_back
from throughway.partners.actor import OPERATOR, Actor
from throughway.store import Community

OFFICER = Actor("privacy@north-district.example", "north-district", "privacy_officer")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
stored = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


class Clock(datetime):
    """A clock that a test sets."""

    at = NOON

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return cls.at


def test_moments_that_go_back_are_counted_from_the_newest() -> None:
    seconds = (0, 5, -30, 4, -10, 60, 41, 39)
    moments = [(str(n), NOON + timedelta(seconds=s)) for n, s in enumerate(seconds)]
    assert set_back(moments) == (2, "2")
    assert set_back([]) == (0, "")


class TestAClockSetBack:
    pytestmark = stored

    @pytest.fixture(autouse=True)
    def _clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Clock.at = NOON
        for module in (recording, sealing):
            monkeypatch.setattr(module, "datetime", Clock)
        monkeypatch.setattr(sealing, "SEAL_EVERY", timedelta(0))

    def write(self, at: datetime) -> str:
        Clock.at = at
        with transaction.atomic():
            return recording.append(entry())

    def test_entries_are_sealed_all_the_same_and_the_notes_say_so(self) -> None:
        self.write(NOON)
        first = self.write(NOON - timedelta(hours=5))
        self.write(NOON - timedelta(hours=4))
        verdict = verification.verify()
        assert (verdict.ok, verdict.entries, verdict.sealed) == (True, 3, 3)
        doubtful, [note] = verification.doubtful_moments()
        assert doubtful == first
        assert note.startswith("2 entries say")
        assert first in note
        assert note in integrity_check.check()
        document, _ = verified(None, OPERATOR)
        assert (document["ok"], document["first_bad"], document["notes"]) == (False, first, [note])

    def test_an_operator_who_knows_of_it_says_so_in_the_settings(self, community: Community) -> None:
        self.write(NOON)
        self.write(NOON - timedelta(hours=5))
        assert not verified(None, OPERATOR)[0]["ok"]
        with (community.root / "throughway.toml").open("a") as settings:
            settings.write(f"[clock]\nledger_wrong_until = {NOON.isoformat()}\n")
        del community.__dict__["settings"]
        assert verified(None, OPERATOR)[0]["ok"]
        self.write(NOON + timedelta(hours=1))
        later = self.write(NOON)
        assert verified(None, OPERATOR)[0]["first_bad"] == later

    def test_a_moment_still_to_come_is_in_doubt(self) -> None:
        self.write(datetime(2026, 3, 2, tzinfo=UTC))
        ahead = self.write(datetime(9999, 3, 2, tzinfo=UTC))
        document, _ = verified(None, OPERATOR)
        assert (document["ok"], document["first_bad"]) == (False, ahead)
        assert "a time in the future" in document["notes"][0]

    def test_a_clock_that_runs_on_has_no_note(self) -> None:
        for seconds in (0, 1, 3600):
            self.write(NOON + timedelta(seconds=seconds))
        assert verification.doubtful_moments() == ("", [])


class TestHeadsAndProofs:
    pytestmark = stored

    def test_a_head_of_another_community_is_named(self) -> None:
        filled(3)
        mine = LedgerHead.objects.last()
        other = SignedHead.signed(
            size=2, root=bytes.fromhex(mine.root), at=mine.at, signing=Ed25519PrivateKey.generate()
        )
        with pytest.raises(Refused, match="another community"):
            prove_growth(other.to_json(), by=OPERATOR)
        assert "a key other than" in verification.verify(other.to_json()).problem

    def test_a_ledger_that_was_changed_since_has_no_proof_of_growth(self) -> None:
        filled(6, lots=3)
        kept = sealing.head()
        cut_to(4)
        with pytest.raises(Refused, match="entries were cut off at the end"):
            prove_growth(kept, by=OPERATOR)
        filled(4, lots=2)
        with pytest.raises(Refused, match="do not match the head"):
            prove_growth(kept, by=OPERATOR)

    def test_an_entry_that_cannot_be_sealed_has_no_proof(self) -> None:
        filled(2)
        id = recording.append(entry())
        forge("UPDATE gate_ledgerentry SET students = %s WHERE id = %s", b"\x00", id)
        with pytest.raises(Refused, match="could not be sealed"):
            prove_entry(id, by=OFFICER)
        assert prove_entry(in_order()[0], by=OFFICER)["position"] == 0

    def test_an_entry_that_is_not_sealed_yet_is_sealed_first(self) -> None:
        filled(2)
        id = recording.append(entry())
        assert prove_entry(id, by=OFFICER)["position"] == 2


class TestVeryLargeSets:
    pytestmark = stored

    def test_two_million_students_are_written_sealed_and_found(self) -> None:
        numbers = np.arange(2_000_000, dtype=np.int64) * 3 + 7
        id = recording.append(entry(students=numbers))
        sealing.seal(by=READER)
        assert verification.verify().ok
        assert LedgerEntry.objects.get(id=id).students_count == 2_000_000
        assert [told["id"] for told in entry_search.of_records([7 + 3 * 1_999_999])] == [id]
        assert entry_search.of_records([8]) == []


def test_files_cut_short_are_told_in_a_sentence(tmp_path: Path, fresh_database: Fresh) -> None:
    with fresh_database() as database:
        town = Town(tmp_path / "town", database)
        town.found()
        town.told("query", "SELECT 1", "--purpose", "study", exit=1)  # is refused, and written
        head = tmp_path / "head.json"
        head.write_text(json.dumps(town.ask("ledger", "head")), encoding="utf-8")
        assert town.ask("ledger", "verify", "--head", head)["notes"] == []
        head.write_text(head.read_text(encoding="utf-8")[:60], encoding="utf-8")
        assert (
            "is not a kept head" in town.told("ledger", "verify", "--head", head, exit=1)["error"]["message"]
        )
        if database:
            return
        file = town.root / "data" / "throughway.sqlite3"
        whole = file.read_bytes()
        for part in (0.9, 0.5, 0.02):
            file.write_bytes(whole[: int(len(whole) * part)])
            for command in (("ledger", "verify"), ("check",)):
                error = town.told(*command, exit=1).get("error", {"message": "no error"})
                assert "damaged or was cut short" in error["message"], (part, command, error)
