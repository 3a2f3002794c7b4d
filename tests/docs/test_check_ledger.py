"""The manual's script, which imports nothing of ours, finds what is true true and what was changed changed."""

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.ledger.test_ledger import entry, filled, in_order
from throughway.core.refusals import Refused
from throughway.ledger import recording, sealing
from throughway.ledger.actions.verification import prove_entry, prove_growth
from throughway.ledger.sealing import seal
from throughway.ledger.signed_heads import SignedHead, signing_key
from throughway.partners.actions import add_partner
from throughway.partners.actor import OPERATOR, Actor
from throughway.store.selectors import current_community

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("community")]

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "check" / "check_ledger.py"
OFFICER = Actor("privacy@north-district.example", "north-district", "privacy_officer")


@pytest.fixture(autouse=True)
def _partner() -> None:
    add_partner(id="north-district", name="North District", kind="lea", by=OPERATOR)


def judged(folder: Path, proof: dict[str, Any], own: object = None) -> tuple[int, str]:
    """The script's exit code and what it says."""
    files: list[object] = []
    for name, document in (("proof", proof), ("own", own)):
        if isinstance(document, str):  # a key
            files.append(document)
        elif document is not None:
            files.append(folder / f"{name}.json")
            files[-1].write_text(json.dumps(document), encoding="utf-8")
    # -I: nothing of this project is on its path by accident.
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *map(str, files)], capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_script_imports_nothing_of_ours() -> None:
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for step in ast.walk(tree)
        for name in ([a.name for a in step.names] if isinstance(step, ast.Import) else [getattr(step, "module", "") or ""])
        if isinstance(step, ast.Import | ast.ImportFrom)
    }  # fmt: skip
    assert imported == {"json", "sys", "hashlib", "cryptography"}


@pytest.mark.parametrize(("count", "place"), [(1, 0), (2, 1), (7, 0), (7, 4), (7, 6), (8, 3)])
def test_an_entry_is_proved(tmp_path: Path, count: int, place: int) -> None:
    filled(count)
    id = in_order()[place]
    proof = prove_entry(id, by=OFFICER)
    code, said = judged(tmp_path, proof, proof["head"])
    assert (code, said.split("\n")[:2]) == (0, ["It holds.", id])


@pytest.mark.parametrize(("before", "after", "place"), [(3, 4, 5), (3, 4, 1), (4, 0, 2), (1, 1, 1)])
def test_entry_is_tied_to_a_kept_head(tmp_path: Path, before: int, after: int, place: int) -> None:
    filled(before)
    kept = sealing.head()
    for _ in range(after):
        recording.append(entry())
    seal(by=OPERATOR)
    proof = prove_entry(in_order()[place], by=OFFICER, kept=kept)
    assert judged(tmp_path, proof, kept)[1].startswith("It holds.")
    loose = {name: value for name, value in proof.items() if name not in ("kept", "growth")}
    assert judged(tmp_path, loose, kept["key"])[0] == 0
    assert judged(tmp_path, loose, "0" * 64)[0] == 1
    assert ("Nothing ties this entry" in judged(tmp_path, loose, kept)[1]) == (after > 0)


def test_other_ledger_with_the_same_key_is_found(tmp_path: Path) -> None:
    """Whoever holds the key can seal other entries; only what was kept outside tells."""
    filled(4)
    proof = prove_entry(in_order()[2], by=OFFICER, kept=sealing.head())
    signing = signing_key(current_community().keys)
    assert signing
    for size in (2, 4):
        other = SignedHead.signed(
            size=size, root=bytes(32), at="2026-11-01T00:00:00+00:00", signing=signing
        ).to_json()
        assert "does not begin with what the kept head sealed" in judged(tmp_path, proof, other)[1]


def test_a_proof_signed_with_a_fresh_key_does_not_hold(tmp_path: Path) -> None:
    """Anybody can make a ledger of their own and sign it; only a head or a key that was kept tells whose it is."""
    filled(1)
    kept = sealing.head()
    fresh = Ed25519PrivateKey.generate()
    for proof in (prove_entry(in_order()[0], by=OFFICER, kept=kept), prove_growth(kept, by=OPERATOR)):
        for name in {"kept", "head"} & {*proof}:
            root, size = bytes.fromhex(proof[name]["root"]), proof[name]["size"]
            proof[name] = SignedHead.signed(size=size, root=root, at=kept["at"], signing=fresh).to_json()
        code, said = judged(tmp_path, proof)
        assert (code, "It holds" in said) == (1, False)
        assert "signed by a key you have not named" in said
        assert "another key" in judged(tmp_path, proof, kept)[1]


def test_changed_entry_and_forged_head_are_found(tmp_path: Path) -> None:
    filled(7)
    proof = prove_entry(in_order()[4], by=OFFICER)
    changes: list[tuple[tuple[str, ...], object]] = [
        (("lines",), proof["lines"].replace("casework", "research")),
        (("position",), 5),
        (("path",), proof["path"][:-1]),
        (("head", "size"), 8),
        (("head", "root"), "0" * 64),
    ]
    for (first, *rest), value in changes:
        forged = copy.deepcopy(proof)
        place = forged[first] if rest else forged
        place[rest[0] if rest else first] = value
        assert judged(tmp_path, forged)[0] == 1, first


def test_damaged_file_gets_a_sentence(tmp_path: Path) -> None:
    filled(3)
    proof = prove_entry(in_order()[1], by=OFFICER)
    headless = {name: value for name, value in proof["head"].items() if name != "size"}
    for given in (
        (proof, headless),
        (proof, 7),
        ({"path": []}, None),
        ([], None),
        (proof | {"path": ["zz"]}, None),
    ):
        code, said = judged(tmp_path, *given)
        assert (code, said.count("\n")) == (1, 1)
        assert "cut short" in said
    for typed in ("0" * 63, str(tmp_path / "haed.json"), str(tmp_path)):
        code, said = judged(tmp_path, proof, typed)
        assert (code, said.count("\n")) == (1, 1)
        assert "There is no file" in said
        assert "a key has 64 hexadecimal digits" in said
    (tmp_path / "short.json").write_text(json.dumps(proof)[:90], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(tmp_path / "short.json")], capture_output=True, text=True
    )
    assert "cut short" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("before", "after"), [(1, 1), (1, 6), (4, 3), (5, 0), (6, 5)])
def test_growth_is_proved(tmp_path: Path, before: int, after: int) -> None:
    filled(before)
    kept = sealing.head()
    for _ in range(after):
        recording.append(entry())
    proof = prove_growth(kept, by=OPERATOR)
    assert proof["head"]["size"] == before + after
    assert judged(tmp_path, proof, kept)[0] == 0
    other = {**kept, "root": "0" * 64}
    assert judged(tmp_path, proof, other)[0] == 1
    assert judged(tmp_path, {name: value for name, value in proof.items() if name != "kept"})[0] == 1


def test_hidden_entry_is_unknown() -> None:
    filled(3)
    add_partner(id="elsewhere", name="Elsewhere", kind="cbo", by=OPERATOR)
    stranger = Actor("privacy@elsewhere.example", "elsewhere", "privacy_officer")
    for id in (in_order()[0], "none"):
        with pytest.raises(Refused, match="no entry with that id that you may see"):
            prove_entry(id, by=stranger)
