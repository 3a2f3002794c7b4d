"""A new signing key: earlier heads, proofs and certificates go on counting, and the old key signs nothing more."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.docs.test_check_ledger import OFFICER, judged
from tests.ledger.test_ledger import entry, filled, forge, in_order
from throughway.core.refusals import Refused
from throughway.destruction import certificate
from throughway.destruction.actions.certificates import apply_certificate
from throughway.ledger import recording, sealing
from throughway.ledger.actions.key_rotation import rotate_signing_key
from throughway.ledger.actions.verification import prove_entry, prove_growth, verify
from throughway.ledger.signed_heads import KEY_FILE, SignedHead, signing_key
from throughway.ledger.signing_keys import CHANGES_FILE, replace_signing_key, trusted_keys
from throughway.partners.actions import add_partner
from throughway.partners.actor import OPERATOR
from throughway.store.selectors import current_community

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("community")]


@pytest.fixture
def keys() -> Path:
    add_partner(id="north-district", name="North District", kind="lea", by=OPERATOR)
    return current_community().keys


def grow(count: int = 1) -> None:
    for _ in range(count):
        recording.append(entry())
    sealing.seal(by=OPERATOR)


def test_earlier_heads_hold_over_two_replacements(keys: Path, tmp_path: Path) -> None:
    filled(3)
    kept = [sealing.head()]
    for size in (3, 5):
        change = rotate_signing_key(by=OPERATOR)
        assert change.size == size
        grow(2)
        kept.append(sealing.head())
    assert len({head["key"] for head in kept}) == 3
    assert verify().ok
    for head in kept:
        assert verify(head).ok
        for proof in (prove_growth(head, by=OPERATOR), prove_entry(in_order()[1], by=OFFICER, kept=head)):
            assert judged(tmp_path, proof, head)[1].startswith("It holds."), head["size"]
            assert judged(tmp_path, proof, "0" * 64)[0] == 1
    # The key alone, as it was given in the beginning.
    assert judged(tmp_path, prove_entry(in_order()[4], by=OFFICER), str(kept[0]["key"]))[0] == 0


def test_what_waits_is_sealed_under_the_old_key_first(keys: Path) -> None:
    filled(2)
    old = signing_key(keys)
    recording.append(entry())
    assert rotate_signing_key(by=OPERATOR).size == 3
    assert old is not None
    assert (sealing.head()["size"], verify().sealed) == (3, 3)
    assert signing_key(keys) != old


def test_a_stolen_old_key_signs_nothing_more(keys: Path, tmp_path: Path) -> None:
    filled(3)
    stolen, kept = signing_key(keys), sealing.head()
    assert stolen is not None
    change = rotate_signing_key(by=OPERATOR)
    grow(2)
    head = sealing.head()
    root = bytes.fromhex(str(head["root"]))
    forged = SignedHead.signed(size=5, root=root, at=str(head["at"]), signing=stolen).to_json()
    assert "after that key had been replaced" in verify(forged).problem
    with pytest.raises(Refused) as refused:
        prove_growth(forged, by=OPERATOR)
    assert refused.value.code == "other_ledger"
    proof = prove_growth(kept, by=OPERATOR)
    assert judged(tmp_path, proof | {"kept": forged, "path": []}, forged)[0] == 1
    # The script follows only statements that the earlier key signed, and none about fewer entries than the kept head.
    for wrong in ({"new": change.old}, {"size": 2}, {"size": 6}, {"signature": "00" * 64}):
        assert judged(tmp_path, proof | {"keys": [proof["keys"][0] | wrong]}, kept)[0] == 1, wrong
    assert judged(tmp_path, proof | {"keys": []}, kept)[0] == 1
    # In the ledger itself.
    forge(
        "UPDATE gate_ledgerhead SET key = %s, signature = %s WHERE size = 5",
        forged["key"],
        forged["signature"],
    )
    assert verify().first_bad == "head 5"
    with pytest.raises(Refused, match="no longer matches"):
        grow()


def test_a_statement_that_another_key_signed_or_a_damaged_file_is_refused(keys: Path) -> None:
    filled(2)
    rotate_signing_key(by=OPERATOR)
    changes: list[dict[str, Any]] = json.loads((keys / CHANGES_FILE).read_bytes())
    for content in (json.dumps([changes[0] | {"size": 9}]), json.dumps([changes[0], changes[0]]), "{", "[1]"):
        (keys / CHANGES_FILE).write_text(content)
        with pytest.raises(Refused) as refused:
            trusted_keys(keys)
        assert refused.value.code == "key_damaged"
    (keys / CHANGES_FILE).unlink()
    assert verify().first_bad == "head 2"


def test_interrupted_between_statement_and_key_the_old_key_goes_on(keys: Path) -> None:
    filled(2)
    old = (keys / KEY_FILE).read_bytes()
    rotate_signing_key(by=OPERATOR)
    (keys / KEY_FILE).write_bytes(old)
    grow(2)
    assert verify().ok
    assert rotate_signing_key(by=OPERATOR).size == 4
    grow()
    assert verify().ok
    assert len(json.loads((keys / CHANGES_FILE).read_bytes())) == 1


def test_refused_for_others_for_a_broken_ledger_and_before_the_first_seal(keys: Path) -> None:
    with pytest.raises(Refused) as refused:
        rotate_signing_key(by=OPERATOR)
    assert refused.value.code == "nothing_sealed"
    filled(2)
    before = (keys / KEY_FILE).read_bytes()
    with pytest.raises(Refused) as refused:
        rotate_signing_key(by=OFFICER)
    assert refused.value.code == "not_allowed"
    forge("UPDATE gate_ledgerentry SET purpose = 'research' WHERE id = %s", in_order()[0])
    with pytest.raises(Refused) as refused:
        rotate_signing_key(by=OPERATOR)
    assert refused.value.code == "ledger_broken"
    assert (keys / KEY_FILE).read_bytes() == before


def test_certificates_of_an_earlier_key_still_apply_and_those_of_a_stranger_do_not(keys: Path) -> None:
    filled(1)
    old = signing_key(keys)
    assert old is not None
    body = {
        "throughway": certificate.FORMAT, "id": "c1", "kind": "person", "subject": "p1", "destroyed": {"listed": []},
        "ordered": {"partner": "north-district", "at": "2026-11-01T00:00:00+00:00"},
    }  # fmt: skip
    rotate_signing_key(by=OPERATOR)
    for signing in (old, signing_key(keys)):
        assert apply_certificate(document=certificate.signed(body, signing), by=OPERATOR) == "c1"
    with pytest.raises(Refused) as refused:
        apply_certificate(document=certificate.signed(body, Ed25519PrivateKey.generate()), by=OPERATOR)
    assert refused.value.code == "bad_certificate"


def test_the_old_key_is_overwritten(keys: Path, tmp_path: Path) -> None:
    filled(1)
    (same := tmp_path / "same bytes").hardlink_to(keys / KEY_FILE)
    replace_signing_key(keys, size=1, at="2026-11-01T00:00:00+00:00")
    assert set(same.read_bytes()) == {0}
    assert (keys / KEY_FILE).stat().st_mode & 0o777 == 0o600
