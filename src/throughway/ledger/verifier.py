"""Reads the whole ledger once and compares it with its seals: each leaf in order beside its entry, then the entries without a leaf."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from throughway.ledger.clock_setbacks import clock_is_behind, set_back, wrong_until
from throughway.ledger.keyed_digests import is_ours
from throughway.ledger.leaf import columns_sql, digests, id_in
from throughway.ledger.models import LedgerEntry, LedgerLeaf
from throughway.ledger.sealing import heads as signed_heads
from throughway.ledger.signed_heads import SignedHead, public, signing_key
from throughway.ledger.verification_rules import (
    LedgerFault,
    SealedEntries,
    VerificationResult,
    fault_of_heads,
)
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
    """Holds every sealed entry against its leaf, and the tree against its signed heads and the one that was kept.

    Without a kept head it cannot see that the end was cut off together with its heads. Seals nothing. Refused when `head`
    is no head.
    """
    kept = SignedHead.read(head) if head is not None else None
    signing = signing_key(current_community().keys)
    heads = [SignedHead(*row) for row in signed_heads().values_list("size", "root", "at", "key", "signature")]
    fault = fault_of_heads(heads, key=public(signing) if signing else None, kept=kept)
    fault = fault or _fault_of_rows(heads, kept)
    found = LedgerEntry.objects.count(), LedgerLeaf.objects.count()
    if fault:
        return VerificationResult(*found, ok=False, first_bad=fault.where, problem=fault.problem)
    return VerificationResult(*found, ok=True)


def doubtful_moments() -> tuple[str, list[str]]:
    """The first entry whose moment cannot be right although its seal holds, and what is doubtful, one sentence each; both empty
    where nothing is. What `throughway.toml` says of a wrong clock is known, and no longer doubtful."""
    known = wrong_until(current_community().settings)
    count, first = set_back(_moments(), known)
    sentences = []
    if count:
        entries = "1 entry says" if count == 1 else f"{count:,} entries say"
        sentences.append(
            f"{entries} a moment before that of an entry which was sealed before, the first is {first}: the computer's clock was "
            "set back meanwhile. The order of the seals holds; of these entries the moments may be wrong."
        )
    to_come = min(
        ((at, id) for id, at in _moments() if clock_is_behind(at, datetime.now(UTC), known)), default=None
    )
    if to_come:
        sentences.append(
            f"The entry {to_come[1]} says a moment that is still to come: the computer's clock ran ahead when it was written, or is "
            "behind now."
        )
    return first or (to_come[1] if to_come else ""), sentences


def _moments() -> Iterator[tuple[str, datetime]]:
    """Every sealed entry's moment, in the order of the seals; one that cannot be read is told by its seal."""
    sql = "SELECT l.entry, e.at FROM gate_ledgerleaf l JOIN gate_ledgerentry e ON e.id = l.entry ORDER BY l.position"
    for lot in _rows(sql):
        for id, at in lot:
            try:
                moment = at if isinstance(at, datetime) else datetime.fromisoformat(at)
                yield id, moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            except (TypeError, ValueError):
                continue


def _fault_of_rows(heads: Sequence[SignedHead], kept: SignedHead | None) -> LedgerFault | None:
    sealed = SealedEntries(heads, kept, _entry_at)
    for lot in _rows(LEAVES_SQL.format(columns=columns_sql(connection.vendor, "e"))):
        sealed.take([row[:3] for row in lot], digests(row[4:] for row in lot if row[3]))
        if sealed.broken:
            break
    return sealed.fault(_leaves(sealed.sealed)) or _fault_of_unsealed()


def _leaves(sealed: int) -> int:
    """How many leaves there are, without those that a sealing added after the heads were read."""
    leaves = LedgerLeaf.objects.count()
    return sealed if signed_heads().filter(size__gt=sealed).exists() else leaves


def _fault_of_unsealed() -> LedgerFault | None:
    """An entry without a leaf whose set of students was changed, or that something else than this program wrote."""
    unreadable, forged, keys = set[str](), set[str](), current_community().keys
    for lot in _rows(UNSEALED_SQL.format(columns=columns_sql(connection.vendor, "e"))):
        unreadable |= {id for id, digest in digests(row[1:] for row in lot).items() if not digest}
        forged |= {id_in(lines) for mac, lines, *_ in lot if not is_ours(bytes(lines), mac, keys)}
    if unreadable:
        return LedgerFault(min(unreadable), "An entry that is not sealed yet can no longer be read.")
    if forged:
        return LedgerFault(
            min(forged),
            "An entry that is not sealed does not carry the mark of this community's key: it was not written by Throughway, "
            "and is never sealed.",
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
