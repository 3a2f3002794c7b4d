"""The records that came or changed, as they are compared, and the known ones that share enough with them to be compared.

Their names are as common, and their birth dates as much a housemate's, as among all known records.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.incremental.index import KEPT_ABOVE, LinkageIndex, RememberedPairs
from throughway.identity.incremental.learned_weights import Weights
from throughway.identity.linkage.blocking import MOST_OF_KEY, Hashes
from throughway.identity.linkage.candidate_pairs import Integers, compare_these, record_numbers
from throughway.identity.linkage.match_weights import records_in
from throughway.identity.linkage.pair_join import spread
from throughway.identity.linkage.prepared_statements import keys_of
from throughway.identity.linkage.standardization import born_alike
from throughway.identity.linkage.word_lists import SHRINK

NAMES = (("first", "first_share"), ("surname", "surname_share"))


@dataclass(frozen=True, eq=False)
class IncomingRecords:
    """The records that came or changed: `rows` as they are compared, `unique_id` from 0, and their keys, sorted, with the
    `unique_id` of each. `touched`: their numbers, and of those that can be seen no more; sorted."""

    rows: pa.Table
    keys: Hashes
    asking: Integers
    touched: Integers

    @property
    def records(self) -> Integers:
        return record_numbers(self.rows)


def batch_of(rows: pa.Table, salt: int, rules: Sequence[Sequence[str]], touched: Integers) -> IncomingRecords:
    """Takes the rows (see `standardization`) for a batch."""
    numbered = rows.set_column(
        rows.schema.get_field_index("unique_id"), "unique_id", pa.array(np.arange(rows.num_rows), pa.int64())
    )
    keys, asking = keys_of(numbered, salt, rules)
    return IncomingRecords(numbered, keys, asking, touched)


def candidates(index: LinkageIndex, batch: IncomingRecords) -> tuple[Integers, Integers, pa.Table]:
    """Pairs worth comparing, by place in the table that is given too: the batch's rows, then known ones that share a key."""
    who, place = index.candidates(batch.keys, batch.asking)
    fresh = ~np.isin(index.record[place], batch.touched)
    who, place = who[fresh], place[fresh]
    places, at = np.unique(place, return_inverse=True)
    rows = batch.rows
    if len(places):
        beside = index.rows(places, rows.column_names).cast(rows.schema)
        rows = pa.concat_tables([with_nearby_frequencies(rows, beside), beside])
    one, other = among(batch)
    return (
        np.concatenate([who, one]),
        np.concatenate([at.astype(np.int64) + batch.rows.num_rows, other]),
        rows,
    )


def with_nearby_frequencies(rows: pa.Table, beside: pa.Table) -> pa.Table:
    """The rows, their names as common as those of the known rows beside them say: a few rows know nothing of that."""
    for name, share in NAMES:
        told = pc.coalesce(_shares(rows, beside, name, share), pa.scalar(np.nan))
        rows = _with(rows, share, told)
    return _with_usual(rows, beside)


def with_known_frequencies(index: LinkageIndex, batch: IncomingRecords) -> IncomingRecords:
    """The batch with its names as common as all known rows say, as it is kept and compared later. A name that nobody bore is as
    rare as the batch makes it among all."""
    rows = batch.rows
    for name, share in NAMES:
        beside = index.named(name, rows[name])
        own = len(rows) - rows[name].null_count + SHRINK
        new = pc.multiply(rows[share], own / (own + len(index.records)))
        rows = _with(rows, share, pc.coalesce(_shares(rows, beside, name, share), new))
        if name == "first":
            rows = _with_usual(rows, beside)
    return replace(batch, rows=rows)


def _shares(rows: pa.Table, beside: pa.Table, name: str, share: str) -> pa.ChunkedArray:
    """How common the name of each row is, by the rows beside; null where none of them bears it."""
    kept = beside.select([name, share]).group_by(name).aggregate([(share, "max")])
    return kept[f"{share}_max"].take(pc.index_in(rows[name], kept[name].combine_chunks()))


def _with_usual(rows: pa.Table, beside: pa.Table) -> pa.Table:
    usual = beside.filter(beside["usual"])["first"].combine_chunks()
    return _with(rows, "usual", pc.or_(rows["usual"], pc.is_in(rows["first"], usual)))


def _with(rows: pa.Table, column: str, told: pa.ChunkedArray) -> pa.Table:
    at = rows.schema.get_field_index(column)
    return rows.set_column(at, column, told.cast(rows.schema.field(at).type))


def among(batch: IncomingRecords) -> tuple[Integers, Integers]:
    """Pairs of the batch's own rows that share a key, by `unique_id`."""
    low = np.searchsorted(batch.keys, batch.keys, "left")
    high = np.searchsorted(batch.keys, batch.keys, "right")
    before = np.arange(len(batch.keys)) - low  # so many before it have the same key
    many = np.where(high - low <= MOST_OF_KEY, before, 0)
    one, other = batch.asking[spread(low, many)], np.repeat(batch.asking, many)
    size = max(batch.rows.num_rows, 1)
    both = np.unique((np.minimum(one, other) * size + np.maximum(one, other))[one != other])
    return both // size, both % size


def remembered(
    index: LinkageIndex, batch: IncomingRecords, weights: Weights, sources: Sequence[str]
) -> RememberedPairs:
    """The batch's pairs that say something, compared."""
    left, right, rows = candidates(index, batch)
    pairs = compare_these(rows, left, right)
    number = record_numbers(rows)
    told = weights.alone(pairs, records_in(rows, sources), sources) > KEPT_ABOVE
    one, other = number[left[told]], number[right[told]]
    return RememberedPairs(np.minimum(one, other), np.maximum(one, other), pairs.rungs[told])


def seen_with_housemates(
    index: LinkageIndex, batch: IncomingRecords, salt: int, rules: Sequence[Sequence[str]]
) -> IncomingRecords:
    """The batch, told as `standardization` would among all records, with the known ones for whom that turns: those come anew."""
    lived = index.rows(index.places_of(batch.touched), ["street"])["street"]
    live = batch.rows["street"].cast(lived.type)
    mates = index.at_home_with(pa.chunked_array([*lived.chunks, *live.chunks], lived.type))
    mates = mates[~np.isin(mates, batch.touched)]
    known = index.rows(index.places_of(mates), batch.rows.column_names).cast(batch.rows.schema)
    every = pa.concat_tables([batch.rows, known])
    alike = born_alike(every)
    fresh = len(batch.rows)
    turned = alike[fresh:] != known["born_alike"].to_numpy(zero_copy_only=False)
    at = every.schema.get_field_index("born_alike")
    told = every.set_column(at, "born_alike", pa.array(alike))
    if not turned.any():
        return IncomingRecords(told.slice(0, fresh), batch.keys, batch.asking, batch.touched)
    again = told.filter(pa.array(np.r_[np.ones(fresh, np.bool_), turned]))
    return batch_of(again, salt, rules, np.union1d(batch.touched, mates[turned]))
