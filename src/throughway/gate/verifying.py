"""Reads the whole ledger and holds it against its seals: entries as they lie, leaves in their order, both once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from django.db import connection

from throughway.gate.leaf import columns_sql, digest
from throughway.gate.models import LedgerEntry, LedgerLeaf
from throughway.gate.sealing import heads as signed_heads
from throughway.gate.signing import Head, public, signing_key
from throughway.gate.timekeeping import set_back
from throughway.gate.verification import Fault, GrowingTree, LeafRow, Pairs, Verdict, fault_of_heads, first
from throughway.store.reading import here

AT_ONCE = 2_000


def verify(head: Mapping[str, object] | None = None) -> Verdict:
    """Holds every sealed entry against its leaf, and the tree against its signed heads and the one that was kept.

    Without a kept head it cannot see that the end was cut off together with its heads. Seals nothing. Refused when `head`
    is no head.
    """
    kept = Head.read(head) if head is not None else None
    signing = signing_key(here().keys)
    heads = [Head(*row) for row in signed_heads().values_list("size", "root", "at", "key", "signature")]
    fault = fault_of_heads(heads, key=public(signing) if signing else None, kept=kept)
    fault = fault or _fault_of_rows(heads, kept)
    found = LedgerEntry.objects.count(), LedgerLeaf.objects.count()
    if fault:
        return Verdict(*found, ok=False, first_bad=fault.where, problem=fault.problem)
    return Verdict(*found, ok=True)


def notes() -> list[str]:
    """What is odd in the ledger although it holds, one sentence each."""
    count, first = set_back(_moments())
    if not count:
        return []
    entries = "1 entry says" if count == 1 else f"{count:,} entries say"
    return [
        f"{entries} a moment before that of an entry which was sealed before, the first is {first}: the computer's clock was set "
        "back meanwhile. The order of the seals holds; of these entries the moments may be wrong."
    ]


def _moments() -> Iterator[tuple[str, datetime]]:
    """Every sealed entry's moment, in the order of the seals; one that cannot be read is told by its seal."""
    sql = "SELECT l.entry, e.at FROM gate_ledgerleaf l JOIN gate_ledgerentry e ON e.id = l.entry ORDER BY l.position"
    for lot in _rows(sql):
        for id, at in lot:
            try:
                yield id, at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)
            except (TypeError, ValueError):
                continue


def _fault_of_rows(heads: Sequence[Head], kept: Head | None) -> Fault | None:
    tree, pairs = GrowingTree(heads, kept), Pairs()
    for leaves, digests in zip_longest(_leaves(heads), _digests()):
        pairs.take(digests or {}, leaves or ())
        tree.grow(leaves or ())
    return first(tree.fault_at_the_end(), pairs.fault_at_the_end()) or pairs.unreadable()


def _leaves(heads: Sequence[Head]) -> Iterator[Sequence[LeafRow]]:
    """Every leaf that stood when the heads were read, in order."""
    # A sealing that ends meanwhile brings leaves that no head in `heads` speaks of: they are not looked at.
    sealed = heads[-1].size if heads else 0
    beyond = LedgerLeaf.objects.filter(position__gte=sealed).exists()
    only = ""
    if not beyond or signed_heads().filter(size__gt=sealed).exists():
        only = f"WHERE position < {sealed}"
    return _rows(f"SELECT position, entry, hash FROM gate_ledgerleaf {only} ORDER BY position")


def _digests() -> Iterator[Mapping[str, str]]:
    """Every entry's hash as it stands, as the entries lie in the database."""
    for lot in _rows(f"SELECT {columns_sql(connection.vendor, 'e')} FROM gate_ledgerentry e"):
        yield {
            bytes(id).decode(errors="replace"): digest(bytes(said), bytes(students), bytes(sha256))
            for id, said, students, sha256 in lot
        }


def _rows(sql: str) -> Iterator[Sequence[Any]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while lot := cursor.fetchmany(AT_ONCE):
            yield lot
