"""Decides anew about a few records and all whom they touch, and about nobody else.

The decision is the full run's own, over fewer records: those that came, the persons with whom they may be one, and around
these a margin of records that rival them. When somebody of the margin would change, what surrounds them is taken in too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.known.index import HUB, KEPT_ABOVE, Index, Kept, spread
from throughway.identity.known.keys import Hashes, keys_of
from throughway.identity.known.scoring import compare_these
from throughway.identity.known.weights import Weights, records_in
from throughway.identity.linkage.comparing import Integers, Pairs
from throughway.identity.linkage.deciding import Decision, Rulings, decide
from throughway.identity.linkage.evidence import Truths
from throughway.identity.linkage.resolving import Scored
from throughway.identity.linkage.weighing import Floats, Records, Rivals, Weighed

TELLS = -1.0  # bits; a pair below it neither joins nor rivals by more than a third
ROUNDS = 4
NOBODY: Integers = np.empty(0, np.int64)
Ruled = tuple[Sequence[Sequence[int]], Sequence[Mapping[int, int]]]  # together, apart: of records by number


class Held(Protocol):
    """The links in force."""

    def together(self, records: Integers) -> Integers:
        """These records and all of the same persons, sorted."""

    def persons_of(self, records: Integers) -> Integers:
        """The person of each; its own number where it has none."""


@dataclass(frozen=True, eq=False)
class Batch:
    """The records that came or changed: `rows` as they are compared, `unique_id` from 0, and their keys, sorted, with the
    `unique_id` of each. `touched`: their numbers, and of those that can be seen no more; sorted."""

    rows: pa.Table
    keys: Hashes
    asking: Integers
    touched: Integers

    @property
    def records(self) -> Integers:
        numbers: Integers = self.rows["person_record"].to_numpy().astype(np.int64)
        return numbers


@dataclass(frozen=True, eq=False)
class Near:
    """`groups`: the records that were decided, person by person. `found`: the batch's pairs to remember. `scored`, `review`:
    as of a full run, of these records."""

    groups: Sequence[Sequence[int]]
    found: Kept
    scored: Scored
    review: tuple[tuple[int, int], ...]


def batch_of(
    engine: duckdb.DuckDBPyConnection,
    rows: pa.Table,
    salt: int,
    rules: Sequence[Sequence[str]],
    touched: Integers,
) -> Batch:
    """Takes the rows (see `preparing`) for a batch."""
    numbered = rows.set_column(
        rows.schema.get_field_index("unique_id"), "unique_id", pa.array(np.arange(rows.num_rows), pa.int64())
    )
    engine.register("batch_rows", numbered)
    keys, asking = keys_of(engine, "batch_rows", salt, rules)
    engine.unregister("batch_rows")
    return Batch(numbered, keys, asking, touched)


def candidates(index: Index, batch: Batch) -> tuple[Integers, Integers, pa.Table]:
    """Pairs worth comparing, by place in the table that is given too: the batch's rows, then known ones that share a key."""
    who, place = index.candidates(batch.keys, batch.asking)
    fresh = ~np.isin(index.record[place], batch.touched)
    who, place = who[fresh], place[fresh]
    places, at = np.unique(place, return_inverse=True)
    rows = batch.rows
    if len(places):
        beside = index.rows(places).select(rows.column_names).cast(rows.schema)
        rows = pa.concat_tables([as_common(rows, beside), beside])
    one, other = _among(batch)
    return (
        np.concatenate([who, one]),
        np.concatenate([at.astype(np.int64) + batch.rows.num_rows, other]),
        rows,
    )


def as_common(rows: pa.Table, beside: pa.Table) -> pa.Table:
    """The rows, their names as common as those of the known rows beside them say: a few rows know nothing of that."""
    for name, share in (("first", "first_share"), ("surname", "surname_share")):
        kept = beside.select([name, share]).group_by(name).aggregate([(share, "max")])
        at = pc.index_in(rows[name], kept[name].combine_chunks())
        told = pc.coalesce(kept[f"{share}_max"].take(at), pa.scalar(np.nan))
        rows = rows.set_column(
            rows.schema.get_field_index(share), share, told.cast(rows.schema.field(share).type)
        )
    usual = beside.filter(beside["usual"])["first"].combine_chunks()
    told = pc.or_(rows["usual"], pc.is_in(rows["first"], usual))
    return rows.set_column(rows.schema.get_field_index("usual"), "usual", told)


def _among(batch: Batch) -> tuple[Integers, Integers]:
    """Pairs of the batch's own rows that share a key."""
    low = np.searchsorted(batch.keys, batch.keys, "left")
    high = np.searchsorted(batch.keys, batch.keys, "right")
    before = np.arange(len(batch.keys)) - low  # so many before it have the same key
    many = np.where(high - low <= HUB, before, 0)
    one, other = batch.asking[spread(low, many)], np.repeat(batch.asking, many)
    size = max(batch.rows.num_rows, 1)
    both = np.unique((np.minimum(one, other) * size + np.maximum(one, other))[one != other])
    return both // size, both % size


class Neighbourhood:
    """What is needed of records to decide about them: of known ones from the index, of the batch from its rows."""

    def __init__(
        self, index: Index, batch: Batch, weights: Weights, sources: Sequence[str], found: Kept
    ) -> None:
        self.index, self.batch, self.weights, self.sources = index, batch, weights, list(sources)
        self.found = found
        self.fresh = batch.touched

    def pairs_of(self, records: Integers) -> Kept:
        """All remembered pairs with one of these records, the batch's own too."""
        stored = self.index.pairs.kept
        at = self.index.pairs.of(records)
        old = Kept(stored.one[at], stored.other[at], stored.rungs[at]).without(self.fresh)
        new = np.isin(self.found.one, records) | np.isin(self.found.other, records)
        return Kept(
            np.concatenate([old.one, self.found.one[new]]),
            np.concatenate([old.other, self.found.other[new]]),
            np.concatenate([old.rungs, self.found.rungs[new]]),
        )

    def known(self, records: Integers) -> tuple[Integers, Records]:
        """Those of the records that are there, sorted, with what weighing needs of them."""
        old = self.index.places_of(records[~np.isin(records, self.fresh)])
        new = np.flatnonzero(np.isin(self.batch.records, records))
        names = ["person_record", "source", "first_share", "surname_share"]
        told = pa.concat_tables(
            [self.batch.rows.select(names).take(pa.array(new)), self.index.rows(old).select(names)]
        )
        number = told["person_record"].to_numpy().astype(np.int64)
        order = np.argsort(number, kind="stable")
        return number[order], records_in(told.take(pa.array(order)), self.sources)

    def partner_of(self, near: "Near") -> dict[int, str]:
        """Whose each record is that was decided about."""
        numbers, records = self.known(np.unique(np.concatenate([NOBODY, *map(_array, near.groups)])))
        return {n: self.sources[at] for n, at in zip(numbers.tolist(), records.source.tolist(), strict=True)}

    def weighed(self, kept: Kept) -> Floats:
        """Bits of each of the pairs."""
        numbers, records = self.known(np.unique(np.concatenate([kept.one, kept.other])))
        return self.weights.weigh(_as_pairs(kept, numbers), records, self.sources).weight


def _array(records: Sequence[int]) -> Integers:
    return np.array(records, dtype=np.int64)


def _as_pairs(kept: Kept, numbers: Integers) -> Pairs:
    return Pairs(np.searchsorted(numbers, kept.one), np.searchsorted(numbers, kept.other), kept.rungs)


def decide_near(around: Neighbourhood, stirred: Integers, held: Held, rulings: Ruled) -> Near:
    """Decides about the batch, the persons whom it may touch, and those of `stirred` records."""
    found = around.found
    reached = np.empty(0, np.int64)
    if len(found):
        speaking = around.weighed(found) > TELLS
        reached = np.concatenate([found.one[speaking], found.other[speaking]])
    free = held.together(np.unique(np.concatenate([around.fresh, stirred, reached])))
    for turn in range(ROUNDS):
        pairs = around.pairs_of(free)
        if len(pairs):
            heavy = around.weighed(pairs) > TELLS
            beside = np.concatenate([pairs.one[heavy], pairs.other[heavy]])
        else:
            beside = np.empty(0, np.int64)
        whole = held.together(np.unique(np.concatenate([free, beside])))
        numbers, records, inner, weighed, decision = _decided(around, whole, rulings)
        margin = ~np.isin(numbers, free)
        changed = _changed(numbers, decision.person, held.persons_of(numbers), margin)
        if not len(changed) or turn + 1 == ROUNDS:
            break
        free = np.union1d(free, held.together(changed))
    return _told(numbers, records, inner, weighed, decision, found)


def _decided(
    around: Neighbourhood, whole: Integers, rulings: Ruled
) -> tuple[Integers, Records, Pairs, Weighed, Decision]:
    numbers, records = around.known(whole)
    kept = around.pairs_of(numbers)
    inside = np.isin(kept.one, numbers) & np.isin(kept.other, numbers)
    pairs = _as_pairs(Kept(kept.one[inside], kept.other[inside], kept.rungs[inside]), numbers)
    weighed = around.weights.weigh(pairs, records, around.sources)
    at = {number: row for row, number in enumerate(numbers.tolist())}
    here = Rulings(
        [[at[n] for n in ruled if n in at] for ruled in rulings[0] if any(n in at for n in ruled)],
        [
            {at[n]: side for n, side in ruled.items() if n in at}
            for ruled in rulings[1]
            if any(n in at for n in ruled)
        ],
    )
    return numbers, records, pairs, weighed, decide(pairs, weighed, records.source, here)


def _changed(numbers: Integers, person: Integers, was: Integers, margin: Truths) -> Integers:
    """Records of the margin whose person is no longer exactly who it was: `person` now, `was` before."""
    both = np.unique(np.stack([was, person]), axis=1)
    torn = _several(both[0])
    joined = _several(both[1])
    return numbers[margin & (np.isin(was, torn) | np.isin(person, joined))]


def _several(named: Integers) -> Integers:
    each, many = np.unique(named, return_counts=True)
    return each[many > 1]


def _told(
    numbers: Integers, records: Records, pairs: Pairs, weighed: Weighed, decision: Decision, found: Kept
) -> Near:
    order = np.argsort(decision.person, kind="stable")
    cuts = np.flatnonzero(np.diff(decision.person[order])) + 1
    posterior = Rivals(pairs.left, pairs.right, records.source).posterior(weighed.weight, ~weighed.never)
    return Near(
        [group.tolist() for group in np.split(numbers[order], cuts)] if len(numbers) else [],
        found,
        Scored(numbers[pairs.left], numbers[pairs.right], weighed.weight, posterior, pairs.rungs),
        tuple((int(numbers[left]), int(numbers[right])) for left, right in decision.review),
    )


def remembered(
    engine: duckdb.DuckDBPyConnection, index: Index, batch: Batch, weights: Weights, sources: Sequence[str]
) -> Kept:
    """The batch's pairs that say something, compared."""
    left, right, rows = candidates(index, batch)
    pairs = compare_these(engine, rows, left, right)
    number = rows["person_record"].to_numpy().astype(np.int64)
    weight = weights.weigh(pairs, records_in(rows, sources), sources).weight
    told = weight > KEPT_ABOVE
    one, other = number[left[told]], number[right[told]]
    return Kept(np.minimum(one, other), np.maximum(one, other), pairs.rungs[told])
