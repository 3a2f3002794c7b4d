"""The hand-over to a discloser when the platform can no longer link a ledger entry to its student (34 CFR 99.32(a)): the
disclosures of its students whose data is destroyed, under its own keys, and their families' decisions. It is sealed under a key of
its own until the discloser collects it, so that nobody can read it in the folder meanwhile.
"""

import gzip
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import transaction

from throughway.consent.selectors.decisions import consents
from throughway.consent.selectors.rights import signers
from throughway.core.personal_data import Gone, typed_rows
from throughway.core.refusals import Refused
from throughway.destruction.models import PART, Destruction, HandOver
from throughway.ledger.entry_search import of_records
from throughway.ledger.models import LedgerEntry
from throughway.partners.actor import CUSTODIANS, Actor
from throughway.store import durable_files
from throughway.store.actions.record_keys import record_numbers
from throughway.store.keyring import KEY_BYTES
from throughway.store.record_numbers import both, unpack
from throughway.store.selectors import current_community

TypedRows = Mapping[str, Sequence[Mapping[str, object]]]  # by table
DAYS = 90  # until it is collected
NONCE_BYTES = 12
AT_ONCE = 250  # entries read together


def folder_of(id: str) -> Path:
    return current_community().data / "certificates" / id


def make(order: Destruction, gone: Gone) -> None:
    """Seals what each discloser receives about these students; repeating it replaces it. What its people typed is returned at an
    agreement's or a partner's end; what goes because it concerns one student goes for good."""
    typed = typed_rows(gone) if order.kind in ("agreement", PART, "partner") else {}
    for partner in sorted({*gone.records, *typed}):
        numbers = gone.records.get(partner, frozenset())
        if numbers or partner in typed:
            _make(order, partner, numbers, typed.get(partner, {}))


def _make(order: Destruction, partner: str, numbers: frozenset[int], typed: TypedRows) -> None:
    every = record_numbers(partner)
    keys = {number: key for key, number in every.items() if number in numbers}
    entries = of_records(sorted(keys)) if keys else []
    decisions = [c for c in consents(partner=partner) if c.record in keys]
    if not entries and not decisions and not typed:
        return
    names, students = signers(partner), _students([e["id"] for e in entries], keys)
    document = {
        "throughway": "hand-over/1",
        "destruction": order.id,
        "discloser": partner,
        "entries": [{**e, "students": students.get(e["id"], [])} for e in entries],
        "decisions": [
            {
                "student": keys[c.record], "agreement": c.agreement, "purpose": c.purpose, "decision": c.decision,
                "signer": names.get((c.record, c.holder), ""), "relation": c.relation, "signed_on": c.signed_on,
                "expires": c.expires, "method": c.method, "language": c.language, "notice_version": c.notice_version,
            }
            for c in decisions
        ],
        "typed": _typed(typed, {number: key for key, number in every.items()}),
    }  # fmt: skip
    plain = gzip.compress(json.dumps(document, default=str, ensure_ascii=False).encode(), mtime=0)
    key, nonce = AESGCM.generate_key(8 * KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, plain, _name(order.id, partner).encode())
    for folder in (folder_of(order.id), _keys()):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable_files.write(_keys() / _name(order.id, partner), key)
    durable_files.write(folder_of(order.id) / _name(order.id, partner), sealed)
    HandOver.objects.update_or_create(
        destruction=order,
        partner=partner,
        defaults={
            "file": _name(order.id, partner),
            "sha256": hashlib.sha256(sealed).hexdigest(),
            "entries": len(entries),
            "until": date.today() + timedelta(days=DAYS),
        },
    )


def _typed(typed: TypedRows, keys: Mapping[int, str]) -> dict[str, list[dict[str, object]]]:
    """The typed rows by table, each with the discloser's own key of the student."""
    return {
        table: [
            {"student": keys.get(int(str(row["person_record"])), "")}
            | {name: value for name, value in row.items() if name not in ("record", "person_record")}
            for row in rows
        ]
        for table, rows in typed.items()
    }


def _students(entries: Sequence[str], keys: Mapping[int, str]) -> dict[str, list[str]]:
    """By entry, the discloser's own keys of those of these students whom it concerns."""
    own = np.array(sorted(keys), dtype=np.int64)
    found: dict[str, list[str]] = {}
    for at in range(0, len(entries), AT_ONCE):
        sets = LedgerEntry.objects.filter(id__in=entries[at : at + AT_ONCE]).values_list("id", "students")
        for id, packed in sets.iterator():
            try:
                found[id] = [keys[n] for n in both(own, unpack(bytes(packed))).tolist()]
            except ValueError:  # a set that was made unreadable; `ledger verify` names its entry
                found[id] = []
    return found


def _name(id: str, partner: str) -> str:
    return f"{id}-{partner}.handover"


def _keys() -> Path:
    return current_community().keys / ".handovers"


def collect(*, id: str, by: Actor) -> bytes:
    """What the actor's partner receives, as JSON; available until `collected` confirms the receipt."""
    found = _own(id, by)
    path, key = folder_of(id) / found.file, _keys() / found.file
    try:
        sealed = path.read_bytes()
        return gzip.decompress(
            AESGCM(key.read_bytes()).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], found.file.encode())
        )
    except (FileNotFoundError, InvalidTag):
        raise Refused(
            f"The hand-over for {found.partner} is no longer here; it was kept until {found.until}.",
            code="collected",
        ) from None


def collected(*, id: str, by: Actor) -> None:
    """Confirms the receipt: the key is destroyed and the file removed."""
    found = _own(id, by)
    _remove(found)
    with transaction.atomic():
        HandOver.objects.filter(pk=found.pk, collected_at=None).update(
            collected_at=datetime.now(UTC), collected_by=by.email
        )


def clear(on: date) -> int:
    """Removes what nobody collected in time; returns how many."""
    late = [
        h for h in HandOver.objects.filter(collected_at=None, until__lt=on) if (_keys() / h.file).exists()
    ]
    for found in late:
        _remove(found)
    return len(late)


def _remove(found: HandOver) -> None:
    for path in (_keys() / found.file, folder_of(found.destruction_id) / found.file):
        durable_files.shred(path)
        if path.parent.is_dir():
            durable_files.fsync_path(path.parent)


def _own(id: str, by: Actor) -> HandOver:
    found = HandOver.objects.filter(destruction=id.strip().upper(), partner=by.partner or "").first()
    if found is None or by.role not in CUSTODIANS:
        raise Refused(
            "You have nothing to collect from a destruction with that id; only a leader, privacy officer or data steward of the"
            " discloser can collect it.",
            code="unknown_destruction",
        )
    return found
