"""Decides who is who once records came or changed: the full run's own decision, with the weights that it learned, over all pairs.

The pairs of known records are remembered, so only the pairs of records that came are compared. Pairs too faint to be remembered
matter in one place: where records are joined through others, a faint pair of theirs speaks against it. Those are compared again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa

from throughway.identity.incremental.incoming_records import (
    among,
    batch_of,
    remembered,
    seen_with_housemates,
    with_known_frequencies,
)
from throughway.identity.incremental.index import Layer, LinkageIndex, RememberedPairs
from throughway.identity.incremental.linkage_state import LinkageState
from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers, compare_these
from throughway.identity.linkage.clustering import decide
from throughway.identity.linkage.match_weights import WeighingInputs, records_in
from throughway.identity.linkage.pair_join import pairs_within
from throughway.identity.linkage.resolution import Scored, rulings_by_row, scored_pairs
from throughway.store.record_numbers import NOBODY, less

COLUMNS = ["person_record", "source", "first_share", "surname_share", "street"]
PersonsOf = Callable[[Integers], Integers]  # the person of each record, its own number where it has none
Ruled = tuple[Sequence[Sequence[int]], Sequence[Mapping[int, int]]]  # together, apart: of records by number


@dataclass(frozen=True, eq=False)
class RecordChanges:
    """`rows`: the records that came or changed, as `standardization` makes them. `touched`: their numbers, and of those that can be
    seen no more. `concerned`: of all others to be decided about, whole persons of today. Both rising."""

    rows: pa.Table
    touched: Integers
    concerned: Integers


@dataclass(frozen=True, eq=False)
class IncrementalDecision:
    """`groups`: the records of each person who holds a concerned record, or is no longer who it was.
    `scored`, `review`: as of a full run, of all known records. `source_of`: the partner of each of these."""

    groups: Sequence[Sequence[int]]
    scored: Scored
    review: tuple[tuple[int, int], ...]
    source_of: Mapping[int, str]


def update_state(
    known: LinkageState, came: RecordChanges, persons_of: PersonsOf, rulings: Ruled
) -> tuple[IncrementalDecision, LinkageState]:
    """Who is who, and what is known then. `persons_of`: by the links in force."""
    rows = came.rows.cast(known.index.layers[0].rows.schema)
    batch = with_known_frequencies(known.index, batch_of(rows, known.salt, known.rules, came.touched))
    batch = seen_with_housemates(known.index, batch, known.salt, known.rules)
    sources = sorted({*known.sources, *rows["source"].to_pylist()})
    found = remembered(known.index, batch, known.weights, sources)
    layer = Layer(batch.rows, batch.keys, batch.asking, found, batch.touched)
    later = replace(known, index=LinkageIndex([*known.index.layers, layer]))
    concerned = np.union1d(came.concerned, batch.touched)
    return _decide(later, sources, rulings, persons_of, concerned), later


def _decide(
    known: LinkageState, sources: Sequence[str], rulings: Ruled, persons_of: PersonsOf, concerned: Integers
) -> IncrementalDecision:
    index, numbers = known.index, known.index.records
    records = records_in(index.rows(index.places_of(numbers), COLUMNS), sources)
    pairs = _all_pairs(known, records, sources, rulings[0])
    weighed = known.weights.weigh(pairs, records, sources)
    doubled = known.weights.doubles(sources)
    decision = decide(pairs, weighed, records.source, rulings_by_row(numbers, *rulings), doubled)
    return IncrementalDecision(
        _groups(numbers, decision.person, persons_of(numbers), concerned),
        scored_pairs(numbers, pairs, weighed, records.source),
        tuple((int(numbers[left]), int(numbers[right])) for left, right in decision.review),
        {n: sources[at] for n, at in zip(numbers.tolist(), records.source.tolist(), strict=True)},
    )


def _groups(numbers: Integers, person: Integers, was: Integers, concerned: Integers) -> list[list[int]]:
    """The records of each person (`person` now, `was` before) who holds a concerned one or is no longer exactly who it was."""
    both = np.unique(np.stack([was, person]), axis=1)
    changed = np.isin(was, _several(both[0])) | np.isin(person, _several(both[1]))
    wanted = np.isin(person, person[changed | np.isin(numbers, concerned)])
    order = np.argsort(person[wanted], kind="stable")
    cuts = np.flatnonzero(np.diff(person[wanted][order])) + 1
    return [group.tolist() for group in np.split(numbers[wanted][order], cuts)] if wanted.any() else []


def _several(named: Integers) -> Integers:
    each, many = np.unique(named, return_counts=True)
    return each[many > 1]


def _all_pairs(
    known: LinkageState, records: WeighingInputs, sources: Sequence[str], together: Sequence[Sequence[int]]
) -> CandidatePairs:
    """The remembered pairs by row of the known records, with the faint ones of records that others, or people (`together`), join."""
    index, numbers = known.index, known.index.records
    pairs = _by_row(index.pairs, numbers)
    joining = known.weights.alone(pairs, records, sources) > 0
    said = [(one, other) for ruled in together for one, other in pairwise(ruled)]
    ruled = np.array(said, np.int64).reshape(-1, 2)
    ruled = np.searchsorted(numbers, ruled[np.isin(ruled, numbers).all(axis=1)])
    one, other = unseen(
        len(numbers), pairs,
        np.concatenate([pairs.left[joining], ruled[:, 0]]), np.concatenate([pairs.right[joining], ruled[:, 1]]),
    )  # fmt: skip
    if not len(one):
        return pairs
    rows = np.union1d(one, other)
    table = index.rows(index.places_of(numbers[rows]), index.layers[0].rows.column_names)
    found = _sharing_a_key(known, table, np.searchsorted(rows, one), np.searchsorted(rows, other))
    return _in_order(
        np.concatenate([pairs.left, rows[found.left]]),
        np.concatenate([pairs.right, rows[found.right]]),
        np.concatenate([pairs.rungs, found.rungs]),
    )


def _sharing_a_key(known: LinkageState, rows: pa.Table, left: Integers, right: Integers) -> CandidatePairs:
    """Those of the pairs of rows (by place, the lower first) that share a key, compared."""
    one, other = among(batch_of(rows, known.salt, known.rules, NOBODY))
    wanted = np.isin(left * rows.num_rows + right, one * rows.num_rows + other)
    return compare_these(rows, left[wanted], right[wanted])


def _by_row(kept: RememberedPairs, numbers: Integers) -> CandidatePairs:
    return _in_order(np.searchsorted(numbers, kept.one), np.searchsorted(numbers, kept.other), kept.rungs)


def _in_order(left: Integers, right: Integers, rungs: np.ndarray) -> CandidatePairs:
    """One order, whichever record came first."""
    order = np.lexsort((right, left))
    return CandidatePairs(left[order], right[order], rungs[order])


def unseen(size: int, pairs: CandidatePairs, one: Integers, other: Integers) -> tuple[Integers, Integers]:
    """Every two of `size` rows that are tied by `one` and `other`, over other rows too, and make no remembered pair."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ties = coo_array((np.ones(len(one), np.bool_), (one, other)), (size, size))
    _, group = connected_components(ties, directed=False)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0])
    tied = pairs_within(order, starts, np.diff(np.r_[starts, size]), size)
    missing = less(tied, pairs.left * size + pairs.right)
    return missing // size, missing % size


def former_companions(records: Integers, left: Mapping[int, int], links: Mapping[str, Integers]) -> Integers:
    """Who is linked now (`links`: `record` beside `person`) to the persons that returning ones of these records had when they left.

    A returning record finds its person again only where it is decided about both: without them it would join them unseen."""
    persons = [left[record] for record in records.tolist() if record in left]
    return links["record"][np.isin(links["person"], persons)]
