"""New or changed records, and a description of a person who is looked up, compared with the known records.

A few records do not show how common a name is, or whether a birth date is also a housemate's: both are taken from the known records.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.incremental.learned_weights import Weights
from throughway.identity.incremental.linkage_state import KEPT_ABOVE, KnownRecords, RememberedPairs
from throughway.identity.linkage.blocking import MOST_OF_KEY, Hashes, spread
from throughway.identity.linkage.candidate_pairs import (
    CandidatePairs,
    Integers,
    compare_these,
    record_numbers,
)
from throughway.identity.linkage.match_weights import Floats, records_in
from throughway.identity.linkage.prepared_statements import keys_of
from throughway.identity.linkage.standardization import born_alike
from throughway.identity.linkage.word_lists import SHRINK

NAMES = (("first", "first_share"), ("surname", "surname_share"))
DESCRIPTION = 0  # the number of a description among records; no record has it


@dataclass(frozen=True, eq=False)
class IncomingRecords:
    """`rows`: the new or changed records as they are compared, `unique_id` from 0. `keys`: their blocking keys, sorted, with the
    `unique_id` of each in `owners`. `touched`: their numbers, and those of records that can no longer be seen; rising."""

    rows: pa.Table
    keys: Hashes
    owners: Integers
    touched: Integers


def incoming(rows: pa.Table, salt: int, rules: Sequence[Sequence[str]], touched: Integers) -> IncomingRecords:
    """The rows (see `standardization`) with their blocking keys."""
    numbered = _with(rows, "unique_id", pa.chunked_array([np.arange(rows.num_rows)]))
    return IncomingRecords(numbered, *keys_of(numbered, salt, rules), touched)


def candidates(known: KnownRecords, batch: IncomingRecords) -> tuple[Integers, Integers, pa.Table]:
    """The pairs worth comparing, as places in a table of the batch's rows followed by the known rows that share a key with them."""
    new, place = known.sharing_keys(batch.keys, batch.owners)
    current = ~np.isin(known.numbers[place], batch.touched)
    new, place = new[current], place[current]
    places, at = np.unique(place, return_inverse=True)
    rows = batch.rows
    if len(places):
        others = known.take(places, rows.column_names).cast(rows.schema)
        rows = pa.concat_tables([with_nearby_frequencies(rows, others), others])
    one, other = pairs_within_batch(batch)
    right = at.astype(np.int64) + batch.rows.num_rows
    return np.concatenate([new, one]), np.concatenate([right, other]), rows


def pairs_within_batch(batch: IncomingRecords) -> tuple[Integers, Integers]:
    """The pairs of the batch's own rows that share a key, by `unique_id`, the lower first."""
    low = np.searchsorted(batch.keys, batch.keys, "left")
    high = np.searchsorted(batch.keys, batch.keys, "right")
    earlier = np.where(high - low <= MOST_OF_KEY, np.arange(len(batch.keys)) - low, 0)
    one, other = batch.owners[spread(low, earlier)], np.repeat(batch.owners, earlier)
    size = max(batch.rows.num_rows, 1)
    both = np.unique((np.minimum(one, other) * size + np.maximum(one, other))[one != other])
    return both // size, both % size


def with_nearby_frequencies(rows: pa.Table, others: pa.Table) -> pa.Table:
    """The rows with the frequencies of their names among the other rows; a name that none of them has gets an unknown frequency."""
    for name, share in NAMES:
        rows = _with(rows, share, pc.coalesce(_shares(rows, others, name, share), pa.scalar(np.nan)))
    return _with_usual_names(rows, others)


def with_known_frequencies(known: KnownRecords, batch: IncomingRecords) -> IncomingRecords:
    """The batch with the frequencies of its names among all known rows. A new name has its frequency in the batch, spread over all records."""
    rows = batch.rows
    for name, share in NAMES:
        columns = known.rows.select(dict.fromkeys([name, share, "usual", "first"]))
        others = columns.filter(pc.is_in(columns[name], pc.drop_null(pc.unique(rows[name]))))
        own = len(rows) - rows[name].null_count + SHRINK
        new = pc.multiply(rows[share], own / (own + known.rows.num_rows))
        rows = _with(rows, share, pc.coalesce(_shares(rows, others, name, share), new))
        if name == "first":
            rows = _with_usual_names(rows, others)
    return replace(batch, rows=rows)


def _shares(rows: pa.Table, others: pa.Table, name: str, share: str) -> pa.ChunkedArray:
    """The frequency of each row's name among the other rows; null if none of them has it."""
    found = others.select([name, share]).group_by(name).aggregate([(share, "max")])
    return found[f"{share}_max"].take(pc.index_in(rows[name], found[name].combine_chunks()))


def _with_usual_names(rows: pa.Table, others: pa.Table) -> pa.Table:
    usual = others.filter(others["usual"])["first"].combine_chunks()
    return _with(rows, "usual", pc.or_(rows["usual"], pc.is_in(rows["first"], usual)))


def _with(rows: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    at = rows.schema.get_field_index(column)
    return rows.set_column(at, column, values.cast(rows.schema.field(at).type))


def with_housemates(
    known: KnownRecords, batch: IncomingRecords, salt: int, rules: Sequence[Sequence[str]]
) -> IncomingRecords:
    """The batch with `born_alike` as it is among all records, and with the known records for which that changes."""
    lived = known.take(known.places_of(batch.touched), ["street"])["street"]
    lives = batch.rows["street"].cast(lived.type)
    housemates = known.living_at(pa.chunked_array([*lived.chunks, *lives.chunks], lived.type))
    housemates = housemates[~np.isin(housemates, batch.touched)]
    others = known.take(known.places_of(housemates), batch.rows.column_names).cast(batch.rows.schema)
    together = pa.concat_tables([batch.rows, others])
    alike = born_alike(together)
    new = len(batch.rows)
    changed = alike[new:] != others["born_alike"].to_numpy(zero_copy_only=False)
    together = _with(together, "born_alike", pa.chunked_array([alike]))
    if not changed.any():
        return replace(batch, rows=together.slice(0, new))
    again = together.filter(pa.array(np.r_[np.ones(new, np.bool_), changed]))
    return incoming(again, salt, rules, np.union1d(batch.touched, housemates[changed]))


def likely_pairs(
    known: KnownRecords, batch: IncomingRecords, weights: Weights, sources: Sequence[str]
) -> RememberedPairs:
    """The batch's pairs above KEPT_ABOVE, compared."""
    left, right, rows = candidates(known, batch)
    pairs = compare_these(rows, left, right)
    number = record_numbers(rows)
    likely = weights.alone(pairs, records_in(rows, sources), sources) > KEPT_ABOVE
    one, other = number[left[likely]], number[right[likely]]
    return RememberedPairs(np.minimum(one, other), np.maximum(one, other), pairs.rungs[likely])


@dataclass(frozen=True, eq=False)
class ComparedCandidates:
    """Records compared with a description, the likeliest first: record numbers, bits for being the same person, and the levels."""

    record: Integers
    weight: Floats
    pairs: CandidatePairs


def nearest(
    known: KnownRecords, description: IncomingRecords, weights: Weights, sources: Sequence[str]
) -> ComparedCandidates:
    """The known records of these sources that share a key with a description."""
    left, right, rows = candidates(known, description)
    wanted = np.isin(rows["source"].to_numpy(zero_copy_only=False).astype(str), list(sources))[right]
    return compare_with_description(rows, left[wanted], right[wanted], weights)


def compare_with_description(
    rows: pa.Table, left: Integers, right: Integers, weights: Weights
) -> ComparedCandidates:
    """The rows at `right` compared with the description at `left`, which is of no source and no known household."""
    pairs = compare_these(rows, left, right)
    sources = ["", *sorted({name for name in rows["source"].unique().to_pylist() if name})]
    records = replace(records_in(rows, sources), home=None)
    alone = weights.alone(pairs, records, sources) + weights.usually
    weighed = weights.among(pairs, alone, records)
    weight = np.where(weighed.never, np.minimum(weighed.weight, 0.0), weighed.weight)
    order = np.argsort(-weight, kind="stable")
    ordered = CandidatePairs(left[order], right[order], pairs.rungs[order])
    return ComparedCandidates(record_numbers(rows)[right][order], weight[order], ordered)


def probabilities(weight: Floats, person: Integers) -> dict[int, float]:
    """The probability that each person is the described one, by its best record. The persons compete, and it may be none of them."""
    best: dict[int, float] = {}
    for bits, each in zip(weight.tolist(), person.tolist(), strict=True):
        best[each] = max(bits, best.get(each, bits))
    odds = {each: 2.0 ** min(max(bits, -60.0), 60.0) for each, bits in best.items()}
    total = 1.0 + sum(odds.values())
    return {each: value / total for each, value in odds.items()}
