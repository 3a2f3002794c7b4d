"""Reads the whole ledger and holds it against its seals: entries as they lie, leaves in their order, both once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.db import connection

from throughway.gate.digesting import BLOCK, Digests, block_sql, received
from throughway.gate.leaf import digests
from throughway.gate.models import LedgerEntry, LedgerLeaf
from throughway.gate.sealing import heads as signed_heads
from throughway.gate.signing import Head, public, signing_key
from throughway.gate.timekeeping import set_back
from throughway.gate.verification import Fault, GrowingTree, LeafRow, Pairs, Verdict, fault_of_heads, first
from throughway.store.reading import here

AT_ONCE = 2_000
BESIDE = 20  # blocks from which on it pays to hash them in processes beside each other
REACHED = frozenset({"dbname", "host", "hostaddr", "port", "user", "password", "sslmode", "options"})


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
    for leaves, made in zip_longest(_leaves(heads), _digests()):
        pairs.take(made or {}, leaves or ())
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
    """Every entry's hash as it stands, block by block as the entries lie in the database."""
    blocks, processes = _blocks(), os.cpu_count() or 1
    if blocks < BESIDE or processes < 2 or not (way := _way()):
        yield from map(_block, range(blocks))
        return
    with ExitStack() as stack:
        beside = [stack.enter_context(_process(way, n, blocks, processes)) for n in range(processes)]
        for block in range(blocks):
            # What a process could not read is read here, where it is told what is wrong.
            yield next(beside[block % processes], {}) or _block(block)


def _block(block: int) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(block_sql(connection.vendor, block))
        return digests(cursor.fetchall())


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
def _process(way: Mapping[str, Any], first: int, blocks: int, step: int) -> Iterator[Iterator[Digests]]:
    """A process that hashes each `step`-th block from the `first` on, and what it sends."""
    command = [sys.executable, "-m", "throughway.gate.digesting"]
    asked = {"vendor": connection.vendor, "way": way, "first": first, "step": step, "blocks": blocks}
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
