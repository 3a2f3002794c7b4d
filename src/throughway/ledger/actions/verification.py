"""Verifies the ledger against its seals, hands out its newest head, and proves that an entry is in it or that it only grew."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from throughway.core.refusals import Refused
from throughway.ledger import sealing
from throughway.ledger.hmac_digests import is_ours
from throughway.ledger.leaf_encoding import columns_sql, content_sql, digests, id_in
from throughway.ledger.merkle_tree import consistency_proof, inclusion_proof, root_of
from throughway.ledger.models import LedgerEntry, LedgerLeaf
from throughway.ledger.selectors import entry as seen_entry
from throughway.ledger.signed_heads import SignedHead
from throughway.ledger.signing_keys import key_changes, may_have_signed, trusted_keys
from throughway.ledger.verification_rules import (
    LeafRow,
    LedgerFault,
    VerificationResult,
    clock_is_behind,
    fault_of_heads,
    fault_of_leaves,
    set_back,
)
from throughway.ledger.visibility import rows_shown, sight
from throughway.partners.actor import Actor
from throughway.store.selectors import current_community

AT_ONCE = 2_000
LEAVES_SQL = (
    "SELECT l.position, l.entry, l.hash, e.id IS NOT NULL, {columns} "
    "FROM gate_ledgerleaf l LEFT JOIN gate_ledgerentry e ON e.id = l.entry ORDER BY l.position"
)
UNSEALED_SQL = (
    "SELECT e.mac, {columns} FROM gate_ledgerentry e "
    "WHERE NOT EXISTS (SELECT 1 FROM gate_ledgerleaf l WHERE l.entry = e.id)"
)


def verify(head: Mapping[str, object] | None = None) -> VerificationResult:
    """Compares every sealed entry with its leaf, and the tree with its signed heads and with a head that a partner kept.

    Without a kept head it cannot detect that the newest entries were removed together with their heads. Seals nothing. Refused when
    `head` is not a valid head.
    """
    kept = SignedHead.read(head) if head is not None else None
    heads = [
        SignedHead(*row) for row in sealing.heads().values_list("size", "root", "at", "key", "signature")
    ]
    fault = fault_of_heads(heads, trusted=trusted_keys(current_community().keys), kept=kept)
    fault = fault or fault_of_leaves(
        _sealed_entries(),
        heads,
        kept,
        entry_at=_entry_at,
        sealed_since=lambda: sealing.heads().filter(size__gt=heads[-1].size if heads else 0).exists(),
    )
    fault = fault or _fault_of_unsealed()
    found = LedgerEntry.objects.count(), LedgerLeaf.objects.count()
    if fault:
        return VerificationResult(*found, ok=False, first_bad=fault.where, problem=fault.problem)
    return VerificationResult(*found, ok=True)


def doubtful_moments() -> tuple[str, list[str]]:
    """The first entry whose time cannot be right although its seal is valid, and a sentence for each such problem; both empty where
    there is none. A wrong clock that `throughway.toml` declares is not reported."""
    known = current_community().settings.clock.ledger_wrong_until
    count, first = set_back(_moments(), known)
    sentences = []
    if count:
        entries = "1 entry says" if count == 1 else f"{count:,} entries say"
        sentences.append(
            f"{entries} an earlier time than an entry sealed before it; the first is {first}. The "
            f"computer's clock was set back. The order of the entries is certain, but the times of these "
            f"entries may be wrong."
        )
    to_come = min(
        ((at, id) for id, at in _moments() if clock_is_behind(at, datetime.now(UTC), known)), default=None
    )
    if to_come:
        sentences.append(
            f"The entry {to_come[1]} has a time in the future: the computer's clock was ahead when it was "
            f"written, or is behind now."
        )
    return first or (to_come[1] if to_come else ""), sentences


def _moments() -> Iterator[tuple[str, datetime]]:
    """Every sealed entry's time, in the order of the seals. An unreadable time is skipped; the seal check reports it."""
    sql = "SELECT l.entry, e.at FROM gate_ledgerleaf l JOIN gate_ledgerentry e ON e.id = l.entry ORDER BY l.position"
    for lot in _rows(sql):
        for id, at in lot:
            try:
                moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
                yield id, moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            except (TypeError, ValueError):
                continue


def _sealed_entries() -> Iterator[LeafRow]:
    """Each leaf in order, with the hash of its entry as stored now."""
    for lot in _rows(LEAVES_SQL.format(columns=columns_sql(connection.vendor, "e"))):
        found = digests(row[4:] for row in lot if row[3])
        yield from ((position, entry, leaf, found.get(entry)) for position, entry, leaf, *_ in lot)


def _fault_of_unsealed() -> LedgerFault | None:
    """The fault of an unsealed entry: its set of students was changed, or this program did not write it."""
    unreadable, forged, keys = set[str](), set[str](), current_community().keys
    for lot in _rows(UNSEALED_SQL.format(columns=columns_sql(connection.vendor, "e"))):
        unreadable |= {id for id, digest in digests(row[1:] for row in lot).items() if not digest}
        forged |= {id_in(lines) for mac, lines, *_ in lot if not is_ours(bytes(lines), mac, keys)}
    if unreadable:
        return LedgerFault(min(unreadable), "An entry that is not sealed yet can no longer be read.")
    if forged:
        return LedgerFault(
            min(forged),
            "An unsealed entry does not carry the mark of this community's key: Throughway did not write "
            "it, and it will not be sealed.",
        )
    return None


def _entry_at(place: int) -> str:
    return (
        LedgerLeaf.objects.filter(position=place).values_list("entry", flat=True).first() or f"place {place}"
    )


def _rows(sql: str) -> Iterator[Sequence[Any]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while lot := cursor.fetchmany(AT_ONCE):
            yield lot


def newest_head(by: Actor) -> Mapping[str, Any]:
    """The signed head, for a partner to keep."""
    sealing.seal(by=by)
    return sealing.head()


def verified(kept: Mapping[str, Any] | None, by: Actor) -> tuple[dict[str, Any], str]:
    """The result, and a sentence on what is wrong. A ledger that fails is not sealed, because sealing would hide the evidence.

    An entry with a doubtful time counts as bad although its seal is valid; `notes` say why.
    """
    if verify(kept).ok:
        sealing.seal(by=by)
    verdict = verify(kept)
    doubtful, notes = doubtful_moments() if verdict.ok else ("", [])
    document = {
        "entries": verdict.entries,
        "sealed": verdict.sealed,
        "ok": verdict.ok and not doubtful,
        "first_bad": verdict.first_bad or doubtful or None,
        "notes": notes,
    }
    return document, verdict.problem or ("Its time is uncertain" if doubtful else "")


def prove_entry(id: str, *, by: Actor, kept: Mapping[str, object] | None = None) -> dict[str, Any]:
    """An entry that this reader may see, with the newest signed head and the path of hashes between the two (RFC 6962, 2.1.1). Refused
    as unknown when there is none, or the reader may not see it. With a kept head also `growth`, the hashes that connect it to the
    newest head; without them the entry could be in another ledger signed with the same key. Refused then as `prove_growth`.

    `lines` are the lines of which the leaf is the hash. They contain the digest of the students, not the students, and the e-mail
    address of the reader, which pages show only to the reader's partner and the steward: the proof needs it.
    """
    old = SignedHead.read(kept) if kept is not None else None
    if seen_entry(sight(by), id) is None:
        raise Refused("The ledger has no entry with that id that you may see.", code="unknown_entry")
    if _tells_counted_rows(id):
        raise Refused(
            "An earlier version wrote into this entry how many rows its figures counted, and its proof would tell it. Prove with a kept "
            "head, `throughway ledger prove --head`, that no entry was changed.",
            code="tells_counted_rows",
        )
    sealing.seal(by=by)
    head = sealing.head()
    leaves = _leaf_hashes(int(str(head["size"])))
    position = LedgerLeaf.objects.filter(entry=id).values_list("position", flat=True).first()
    if position is None or position >= len(leaves):
        raise Refused(
            "That entry could not be sealed, so there is nothing to prove; `throughway ledger verify` says what is wrong with it.",
            code="not_sealed",
        )
    return {
        "lines": _lines(id),
        "position": position,
        "path": [step.hex() for step in inclusion_proof(leaves, position)],
        **({"kept": old.to_json(), "growth": _since(old, head, leaves)} if old else {}),
        **_keys_before(head),
        "head": head,
    }


def _tells_counted_rows(id: str) -> bool:
    entry = LedgerEntry.objects.defer("students").get(id=id)
    return entry.rows is not None and rows_shown(entry) is None


def prove_growth(kept: Mapping[str, object], *, by: Actor) -> dict[str, Any]:
    """The newest signed head, and the hashes that show that its ledger begins with all of the kept head's entries (RFC 6962, 2.1.2).
    Refused when `kept` is not a valid head, or the ledger is shorter."""
    old = SignedHead.read(kept)
    sealing.seal(by=by)
    head = sealing.head()
    path = _since(old, head, _leaf_hashes(int(str(head["size"]))))
    return {"kept": old.to_json(), "path": path, **_keys_before(head), "head": head}


def _keys_before(head: Mapping[str, object]) -> dict[str, object]:
    """The statements by which each earlier key handed over to the next, up to the key of this head; nothing where it is the first."""
    chain = key_changes(current_community().keys)
    last = max((i for i, change in enumerate(chain) if change.new == head["key"]), default=-1)
    return {"keys": [change.to_json() for change in chain[: last + 1]]} if last >= 0 else {}


def _since(old: SignedHead, head: Mapping[str, object], leaves: list[bytes]) -> list[str]:
    """The hashes from one head to a later one, over these leaves."""
    if not 0 < old.size <= len(leaves):
        raise Refused(
            f"The ledger holds {len(leaves)} sealed entries, and the head speaks of {old.size}: entries "
            f"were cut off at the end, or the head belongs to another ledger.",
            code="cut_off",
        )
    if not may_have_signed(old.key, old.size, trusted_keys(current_community().keys)):
        raise Refused(
            "That head was signed with a key other than this community's sealing key; it is the head of "
            "another community, or was signed with a key that had been replaced.",
            code="other_ledger",
        )
    if root_of(leaves[: old.size]).hex() != old.root:
        raise Refused(
            f"The first {old.size} entries do not match the head: the ledger was changed since then, and "
            f"there is nothing to prove.",
            code="other_ledger",
        )
    return [step.hex() for step in consistency_proof(leaves, old.size)]


def _leaf_hashes(size: int) -> list[bytes]:
    hashes = LedgerLeaf.objects.filter(position__lt=size).order_by("position").values_list("hash", flat=True)
    return [bytes.fromhex(leaf) for leaf in hashes.iterator()]


def _lines(id: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {content_sql(connection.vendor, 'e')} FROM gate_ledgerentry e WHERE e.id = %s", [id]
        )
        return bytes(cursor.fetchone()[0]).decode()
