"""A stretch of the ledger, read once: its entries hashed and paired with its leaves, and of the leaves what their tree needs.

Entries are read as they lie in the database and leaves by their places, each in blocks; a stretch has as large a part of the one
as of the other, so that nearly all pairs are found within it. What is not, whoever asked for the stretches pairs at the end.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple

from throughway.ledger.leaf import columns_sql, digests
from throughway.ledger.leaf_pairing import LeafPairing, LeafRow
from throughway.ledger.merkle_tree import SIZE, node_over

BLOCK = {"sqlite": 2_048, "postgresql": 256}  # rows' numbers of one block of entries; pages of one
PLACES = 2_048  # of one block of leaves: a power of two, so that a whole block is one node of the tree
STRETCH = 20  # blocks of one stretch, about
WITHIN = {
    "sqlite": "e.rowid >= {0} AND e.rowid < {1}",
    "postgresql": "e.ctid >= '({0},0)'::tid AND e.ctid < '({1},0)'::tid",
}
Read = Callable[[str], Iterable[tuple[Any, ...]]]
# Leaves in their order: the first place, how many, and their hashes, or of a whole block the node above them. Where their places
# do not follow each other, or one is no hash, the rows themselves.
Leaves = tuple[int, int, bytes] | list[LeafRow]


class SegmentReading(NamedTuple):
    """What a stretch holds: its leaves; the entries and leaves that found no partner; the lowest place of a leaf that its entry
    no longer has, with that entry's id."""

    leaves: list[Leaves]
    digests: dict[str, str]
    alone: list[LeafRow]
    fault: tuple[int, str] | None


@dataclass(frozen=True)
class LedgerExtent:
    """How far the ledger reaches: blocks of entries; leaves that were sealed; `beyond`: later leaves are looked at too; `due`: the
    numbers of leaves, ascending, at which the tree is held against a head."""

    vendor: str
    blocks: int
    sealed: int
    beyond: bool
    due: Sequence[int]

    @property
    def leaf_blocks(self) -> int:
        return max(1, -(-self.sealed // PLACES))

    def stretches(self, processes: int) -> int:
        """How many stretches to make of it, as many for each of these processes."""
        return processes * max(1, -(-max(self.blocks, self.leaf_blocks) // (STRETCH * processes)))


def read_segment(read: Read, extent: LedgerExtent, which: int, of: int) -> SegmentReading:
    """The stretch of that number, from 0, of so many equal ones."""
    pairs, kept = LeafPairing(), list[Leaves]()
    for block, places in zip_longest(_part(extent.blocks, which, of), _part(extent.leaf_blocks, which, of)):
        made = {} if block is None else digests(read(entries_sql(extent.vendor, block)))
        rows = [] if places is None else list(read(leaves_sql(extent, places)))
        pairs.take(made, rows)
        if rows:
            kept.append(_in_few_bytes(rows, extent.due))
    fault = (pairs.fault.position, pairs.fault.where) if pairs.fault else None
    return SegmentReading(kept, pairs.digests, list(pairs.leaves.values()), fault)


def entries_sql(vendor: str, block: int) -> str:
    """What makes the leaves of one block of entries."""
    size = BLOCK[vendor]
    within = WITHIN[vendor].format(block * size, (block + 1) * size)
    return f"SELECT {columns_sql(vendor, 'e')} FROM gate_ledgerentry e WHERE {within}"


def leaves_sql(extent: LedgerExtent, block: int) -> str:
    """One block of leaves in their order; the first and the last also with what was put before the one and after the other."""
    within = [] if block == 0 else [f"position >= {block * PLACES}"]
    if block < extent.leaf_blocks - 1:
        within.append(f"position < {(block + 1) * PLACES}")
    elif not extent.beyond:
        within.append(f"position < {extent.sealed}")
    only = f"WHERE {' AND '.join(within)}" if within else ""
    return f"SELECT position, entry, hash FROM gate_ledgerleaf {only} ORDER BY position"


def _part(blocks: int, which: int, of: int) -> range:
    return range(blocks * which // of, blocks * (which + 1) // of)


def _in_few_bytes(rows: list[LeafRow], due: Sequence[int]) -> Leaves:
    start, many = rows[0][0], len(rows)
    if (hashes := _hashes(rows)) is None:
        return rows
    # Where a head is due within the block, its tree must be grown step by step.
    within = bisect_right(due, start + many - 1) - bisect_right(due, start)
    if many == PLACES and start % PLACES == 0 and not within:
        return start, many, node_over(hashes)
    return start, many, hashes


def _hashes(rows: Sequence[LeafRow]) -> bytes | None:
    """All hashes one after the other; None where the rows must be looked at one by one."""
    places, _, texts = zip(*rows, strict=True)
    # Places come in their order and none twice.
    if (
        {*map(type, places)} != {int}
        or places[-1] - places[0] != len(rows) - 1
        or {*map(type, texts)} != {str}
    ):
        return None
    try:
        joined = bytes.fromhex("".join(texts))
    except ValueError:
        return None
    return joined if {*map(len, texts)} == {2 * SIZE} and len(joined) == SIZE * len(rows) else None
