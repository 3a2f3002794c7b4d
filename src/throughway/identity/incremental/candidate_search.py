"""One description of a person held against all known records: who it may be, how likely, and by what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from throughway.identity.incremental.incoming_records import IncomingRecords, candidates
from throughway.identity.incremental.index import LinkageIndex
from throughway.identity.incremental.learned_weights import Weights
from throughway.identity.linkage.candidate_pairs import (
    CandidatePairs,
    Integers,
    compare_these,
    record_numbers,
)
from throughway.identity.linkage.match_weights import Floats, records_in

NUMBER = 0  # of the description among records; no record has it
LIKELY = 0.01  # a candidate below it is not shown


@dataclass(frozen=True, eq=False)
class ComparedCandidates:
    """Records held against the description, the likeliest first: bits for being the same, and on which rungs they stand."""

    record: Integers
    weight: Floats
    pairs: CandidatePairs


def nearest(
    index: LinkageIndex, batch: IncomingRecords, weights: Weights, sources: Sequence[str]
) -> ComparedCandidates:
    """The known records of these sources that share a key with the description. `batch` holds the description alone."""
    left, right, rows = candidates(index, batch)
    wanted = np.isin(rows["source"].to_numpy(zero_copy_only=False).astype(str), list(sources))[right]
    return against(rows, left[wanted], right[wanted], weights)


def against(rows: pa.Table, left: Integers, right: Integers, weights: Weights) -> ComparedCandidates:
    """Rows (`right`) held against the description (`left`), which is of no source; nobody of its household is known."""
    pairs = compare_these(rows, left, right)
    sources = ["", *sorted({name for name in rows["source"].unique().to_pylist() if name})]
    records = replace(records_in(rows, sources), home=None)
    alone = weights.alone(pairs, records, sources) + weights.usually
    weighed = weights.among(pairs, alone, records)
    weight = np.where(weighed.never, np.minimum(weighed.weight, 0.0), weighed.weight)
    order = np.argsort(-weight, kind="stable")
    number = record_numbers(rows)[right]
    return ComparedCandidates(
        number[order], weight[order], CandidatePairs(left[order], right[order], pairs.rungs[order])
    )


def probabilities(weight: Floats, person: Integers) -> dict[int, float]:
    """How likely each person is the one described, by its best record: the others rival it, and it may be nobody."""
    best: dict[int, float] = {}
    for bits, each in zip(weight.tolist(), person.tolist(), strict=True):
        best[each] = max(bits, best.get(each, bits))
    odds = {each: 2.0 ** min(max(bits, -60.0), 60.0) for each, bits in best.items()}
    whole = 1.0 + sum(odds.values())
    return {each: value / whole for each, value in odds.items()}
