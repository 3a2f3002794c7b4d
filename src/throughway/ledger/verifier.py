"""Reads the whole ledger, each row once, and holds it against its seals; a long one in processes beside each other."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from throughway.ledger.clock_setbacks import clock_is_behind, set_back, wrong_until
from throughway.ledger.leaf_pairing import LeafPairing, LedgerFault, changed, first
from throughway.ledger.models import LedgerEntry, LedgerLeaf
from throughway.ledger.sealing import AT_ONCE as SEALED_AT_ONCE
from throughway.ledger.sealing import entries_without_valid_mac, lots
from throughway.ledger.sealing import heads as signed_heads
from throughway.ledger.segment_worker import received
from throughway.ledger.segments import BLOCK, LedgerExtent, SegmentReading, read_segment
from throughway.ledger.signed_heads import SignedHead, public, signing_key
from throughway.ledger.verification_rules import GrowingTree, VerificationResult, fault_of_heads
from throughway.store.selectors import current_community

AT_ONCE = 2_000
BESIDE = 20  # blocks from which on it pays to hash them in processes beside each other
REACHED = frozenset({"dbname", "host", "hostaddr", "port", "user", "password", "sslmode", "options"})


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
    tree, pairs, fault = GrowingTree(heads, kept, _entry_at), LeafPairing(), None
    for found in _stretches(_extent(heads, tree.due)):
        fault = first(fault, changed(found.fault[1], found.fault[0]) if found.fault else None)
        pairs.take(found.digests, found.alone)
        for leaves in found.leaves:
            tree.grow(leaves)
    return (
        first(tree.fault_at_the_end(), fault, pairs.fault_at_the_end())
        or pairs.unreadable()
        or _forged(pairs)
    )


def _forged(pairs: LeafPairing) -> LedgerFault | None:
    """An entry that is not sealed, and that something else than this program wrote."""
    for ids in lots(iter(sorted(pairs.digests)), SEALED_AT_ONCE):
        if forged := entries_without_valid_mac(ids):
            return LedgerFault(
                min(forged),
                "An entry that is not sealed does not carry the mark of this community's key: it was not written by Throughway, "
                "and is never sealed.",
            )
    return None


def _extent(heads: Sequence[SignedHead], due: Sequence[int]) -> LedgerExtent:
    """The leaves that stood when the heads were read, and every entry."""
    # A sealing that ends meanwhile brings leaves that no head in `heads` speaks of: they are not looked at.
    sealed = heads[-1].size if heads else 0
    later = LedgerLeaf.objects.filter(position__gte=sealed).exists()
    beyond = not (later and signed_heads().filter(size__gt=sealed).exists())
    return LedgerExtent(connection.vendor, _blocks(), sealed, beyond, due)


def _entry_at(place: int) -> str:
    return (
        LedgerLeaf.objects.filter(position=place).values_list("entry", flat=True).first() or f"place {place}"
    )


def _stretches(extent: LedgerExtent) -> Iterator[SegmentReading]:
    """The whole ledger, stretch by stretch."""
    processes = os.cpu_count() or 1
    if extent.blocks < BESIDE or processes < 2 or not (way := _way()):
        of = extent.stretches(1)
        yield from (read_segment(_read, extent, which, of) for which in range(of))
        return
    of = extent.stretches(processes)
    with ExitStack() as stack:
        beside = [stack.enter_context(_process(way, extent, n, of, processes)) for n in range(processes)]
        for which in range(of):
            # What a process could not read is read here, where it is told what is wrong.
            yield next(beside[which % processes], None) or read_segment(_read, extent, which, of)


def _read(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _blocks() -> int:
    """How many blocks the entries lie in."""
    size = BLOCK[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_relation_size('gate_ledgerentry') / current_setting('block_size')::int")
        else:
            cursor.execute("SELECT coalesce(max(rowid), 0) FROM gate_ledgerentry")
        return int(cursor.fetchone()[0]) // size + 1


def _way() -> dict[str, Any]:
    """How another process reaches this database; empty where none can."""
    if connection.vendor == "postgresql":
        named = connection.get_connection_params()
        return {
            name: value for name, value in named.items() if isinstance(value, str | int) and name in REACHED
        }
    database = Path(str(connection.settings_dict["NAME"]))
    return {"database": str(database.resolve())} if database.is_file() else {}


@contextmanager
def _process(
    way: Mapping[str, Any], extent: LedgerExtent, which: int, of: int, step: int
) -> Iterator[Iterator[SegmentReading]]:
    """A process that reads each `step`-th stretch from that one on, and what it sends."""
    command = [sys.executable, "-m", "throughway.ledger.segment_worker"]
    asked = {"way": way, "extent": asdict(extent), "first": which, "of": of, "step": step}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):  # it was ended from elsewhere: then it sends nothing
            process.stdin.write(json.dumps(asked).encode())
            process.stdin.close()
        try:
            yield received(process.stdout)
        finally:
            process.kill()


def _rows(sql: str) -> Iterator[Sequence[Any]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while lot := cursor.fetchmany(AT_ONCE):
            yield lot
