"""The certificate proves itself to one who has nothing of ours, and an older copy of the data is told for what it is."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from pypdf import PdfReader

from tests.destruction.papers import end, load, paper, people, person, rows, sign
from tests.destruction.test_agreement import ALL, held
from throughway.core.refusals import Refused
from throughway.destruction.actions import orders
from throughway.destruction.certificate import Certificate, message
from throughway.destruction.models import Destruction
from throughway.ledger.signed_heads import public, signing_key
from throughway.store import Community
from throughway.store.actions.maintenance import check
from throughway.store.models import LIVE, StoredFile, StoreVersion
from throughway.store.vault import Vault

pytestmark = pytest.mark.django_db(transaction=True)
SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "check" / "check_certificate.py"


@pytest.fixture
def old(community: Community, tmp_path: Path) -> Path:
    """A copy of the data folder as it was before everything of it was destroyed."""
    people("leader", "steward", "officer", "evaluator")
    sign(paper("one", ALL), "one")
    load(tmp_path, rows({"SENTINEL-001": "06", "SENTINEL-002": "07"}))
    shutil.copytree(community.data, tmp_path / "old")
    return tmp_path / "old"


def destroyed() -> Certificate:
    end("one")
    return orders.destroy(agreement="one", by=person("steward", "backbone"))


def checked(*words: object) -> str:
    """What the script says, in a process that cannot import Throughway."""
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout or done.stderr


def test_check_script_is_independent(community: Community, old: Path, tmp_path: Path) -> None:
    assert "throughway" not in SCRIPT.read_text().split('"""')[2].lower()
    made = destroyed()
    key = public(signing_key(community.keys))
    assert checked(made.path, community.root, key).startswith("It holds.")
    document = json.loads(Path(made.path).read_text())
    document["certificate"]["destroyed"]["rows"]["person"] = 1
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(document))
    assert "signature" in checked(forged)
    shutil.copytree(old / "vault", community.vault, dirs_exist_ok=True)
    assert "was to be destroyed" in checked(made.path, community.root)
    other = tmp_path / "head.json"
    other.write_text(json.dumps({"key": "00" * 32}))
    assert "another key" in checked(made.path, other)
    assert "another key" in checked(made.path, "00" * 32)


def test_a_certificate_signed_with_a_fresh_key_does_not_hold(old: Path, tmp_path: Path) -> None:
    """Anybody can sign one with a key of their own; only a head or a key that was kept tells whose it is."""
    body = json.loads(Path(destroyed().path).read_text())["certificate"]
    fresh = Ed25519PrivateKey.generate()
    document = {"certificate": body, "key": public(fresh), "signature": fresh.sign(message(body)).hex()}
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(document))
    done = subprocess.run([sys.executable, "-I", SCRIPT, forged], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "signed by a key you have not named" in done.stderr
    assert "It holds" not in done.stdout


def test_mistyped_certificate_is_refused(community: Community, old: Path, tmp_path: Path) -> None:
    paper, key = destroyed().path, public(signing_key(community.keys))
    head, short, other = (tmp_path / name for name in ("head.json", "short.json", "other.json"))
    head.write_text(json.dumps({"key": key}))
    short.write_text(Path(paper).read_text()[:90])
    other.write_text("[]")
    assert checked(paper, head).startswith("It holds.")
    wrong = [
        ((), "give a certificate"),
        ((tmp_path / "none.json",), "none.json"),
        ((tmp_path,), "correct it"),
        ((paper, key[:-1]), "64 hexadecimal digits"),
        ((paper, tmp_path / "haed.json"), "There is no file"),
        ((paper, short), "cut short"),
        ((paper, other), "a head that you kept"),
        ((short, key), "cut short"),
        ((head, key), "give a certificate"),
        ((key, head), "give a certificate"),
    ]
    for given, said in wrong:
        told = checked(*given)
        assert (told.count("\n"), said in told, "Traceback" in told) == (1, True, False), (given, told)


def test_the_paper_says_the_same(old: Path) -> None:
    made = destroyed()
    text = "\n".join(page.extract_text() for page in PdfReader(Path(made.path).with_suffix(".pdf")).pages)
    assert made.id in text
    assert "SENTINEL" not in text
    assert "Certificate of destruction under one" in text


def test_an_old_copy_does_not_open(community: Community, old: Path) -> None:
    rows_before = {f.id: f for f in StoredFile.objects.filter(state=LIVE)}
    destroyed()
    # The archive of last year comes back: its files, and its manifest that calls them live.
    shutil.copytree(old / "vault", community.vault, dirs_exist_ok=True)
    shutil.copytree(old / "store", community.store, dirs_exist_ok=True)
    for row in rows_before.values():
        row.save()
    Destruction.objects.all().delete()
    StoreVersion.objects.update(token="restored")
    vault = Vault(community)
    sealed = [f for f in rows_before.values() if f.sealed]
    assert sealed
    for file in sealed:
        with pytest.raises(Refused, match="No agreement's key opens"):
            vault.open(vault.path(file.id))
    for table in ("person", "attendance_day", "record_key"):
        assert held(table) == []  # no reader is given what was destroyed
    assert any("older copy of the data was restored" in problem for problem in check())
    with pytest.raises(Refused, match="was destroyed"):
        vault.keyring.wrap("one", [("f" * 32, b"0" * 32)])
    # Ordered again, the copy's own bytes go too.
    made = orders.destroy(agreement="one", by=person("steward", "backbone"))
    assert made.body["destroyed"]["files"] >= len(rows_before)
    assert check() == []
    assert not list(community.vault.glob("*"))
    assert not list(community.store.glob("*.parquet"))


def test_the_database_holds_nothing(community: Community, old: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's files are looked into here; PostgreSQL's horizon is told in the certificate")
    made = destroyed()
    assert {h["where"] for h in made.body["horizons"]} >= {"backups of data/", "backups of keys/"}


def test_postgresql_log_is_named_with_its_horizon(old: Path) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("of PostgreSQL alone")
    assert any("pg_wal" in h["where"] for h in destroyed().body["horizons"])
