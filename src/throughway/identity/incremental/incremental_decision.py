"""Decides which records are one person after some are new or changed, as a full run does, over all pairs, with the weights it learned.

The pairs of known records are remembered, so only the pairs of new records are compared. Pairs too unlikely to be remembered matter in
one case: if records would be joined through others, such a pair is evidence against it. Those pairs are compared again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa

from throughway.identity.incremental.incoming_records import (
    incoming,
    likely_pairs,
    pairs_within_batch,
    with_housemates,
    with_known_frequencies,
)
from throughway.identity.incremental.linkage_state import LinkageState
from throughway.identity.linkage.blocking import pairs_within
from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers, compare_these
from throughway.identity.linkage.clustering import decide
from throughway.identity.linkage.match_weights import WeighingInputs, records_in
from throughway.identity.linkage.names_alone import NamePairs, NamesAlone, Two, name_pairs
from throughway.identity.linkage.own_numbers import own_numbers
from throughway.identity.linkage.resolution import Scored, numbered_pairs, rulings_by_row, scored_pairs
from throughway.store.record_numbers import NOBODY, less

PersonsOf = Callable[[Integers], Integers]  # the person of each record; its own number where it has none
RulingsByNumber = tuple[Sequence[Sequence[int]], Sequence[Mapping[int, int]]]  # together, apart


@dataclass(frozen=True, eq=False)
class RecordChanges:
    """`rows`: the records that came or changed, as `standardization` prepares them. `touched`: their numbers, and those of records that
    can no longer be seen. `concerned`: all other records to decide about, whole persons of today. Both rising."""

    rows: pa.Table
    touched: Integers
    concerned: Integers


@dataclass(frozen=True, eq=False)
class IncrementalDecision:
    """`groups`: the records of each person who has a concerned record, or is no longer the same group. `scored`, `review`, `by_name`: of all
    known records, as in a full run. `source_of`: the partner of each known record."""

    groups: Sequence[Sequence[int]]
    scored: Scored
    review: tuple[tuple[int, int], ...]
    source_of: Mapping[int, str]
    by_name: tuple[tuple[int, int, Two], ...] = ()


def update_state(
    state: LinkageState,
    changes: RecordChanges,
    persons_of: PersonsOf,
    rulings: RulingsByNumber,
    names: NamesAlone | None = None,
) -> tuple[IncrementalDecision, LinkageState]:
    """Decides, and brings the state up to date. `persons_of`: by the links in force."""
    rows = changes.rows.cast(state.known.rows.schema)
    batch = with_known_frequencies(state.known, incoming(rows, state.salt, state.rules, changes.touched))
    batch = with_housemates(state.known, batch, state.salt, state.rules)
    sources = sorted({*state.sources, *rows["source"].to_pylist()})
    found = likely_pairs(state.known, batch, state.weights, sources)
    later = replace(
        state,
        known=state.known.updated(batch.touched, batch.rows, batch.keys, batch.owners, found),
        changed=np.union1d(state.changed, batch.touched),
    )
    concerned = np.union1d(changes.concerned, batch.touched)
    return _decide(later, sources, rulings, persons_of, concerned, names or NamesAlone()), later


def _decide(
    state: LinkageState,
    sources: Sequence[str],
    rulings: RulingsByNumber,
    persons_of: PersonsOf,
    concerned: Integers,
    names: NamesAlone,
) -> IncrementalDecision:
    numbers, records = state.known.numbers, records_in(state.known.rows, sources)
    by_name = name_pairs(state.known.rows, names)
    pairs = _all_pairs(state, records, sources, rulings[0], by_name)
    weighed = state.weights.weigh(pairs, records, sources)
    decision = decide(
        pairs, weighed, records.source, rulings_by_row(numbers, *rulings), state.weights.doubles(sources),
        own_numbers(state.known.rows, state.weights.lists), by_name,
    )  # fmt: skip
    return IncrementalDecision(
        _groups(numbers, decision.person, persons_of(numbers), concerned),
        scored_pairs(numbers, pairs, weighed, records.source),
        tuple((int(numbers[left]), int(numbers[right])) for left, right in decision.review),
        {n: sources[at] for n, at in zip(numbers.tolist(), records.source.tolist(), strict=True)},
        numbered_pairs(numbers, decision),
    )


def _groups(numbers: Integers, person: Integers, was: Integers, concerned: Integers) -> list[list[int]]:
    """The records of each person (`person` now, `was` before) who has a concerned record or is no longer the same group."""
    both = np.unique(np.stack([was, person]), axis=1)
    changed = np.isin(was, _repeated(both[0])) | np.isin(person, _repeated(both[1]))
    wanted = np.isin(person, person[changed | np.isin(numbers, concerned)])
    order = np.argsort(person[wanted], kind="stable")
    cuts = np.flatnonzero(np.diff(person[wanted][order])) + 1
    return [group.tolist() for group in np.split(numbers[wanted][order], cuts)] if wanted.any() else []


def _repeated(values: Integers) -> Integers:
    each, many = np.unique(values, return_counts=True)
    return each[many > 1]


def _all_pairs(
    state: LinkageState,
    records: WeighingInputs,
    sources: Sequence[str],
    together: Sequence[Sequence[int]],
    by_name: NamePairs,
) -> CandidatePairs:
    """The remembered pairs, by row, and the forgotten pairs of records that other records, people (`together`) or a name join."""
    numbers, kept = state.known.numbers, state.known.pairs
    pairs = _in_order(np.searchsorted(numbers, kept.one), np.searchsorted(numbers, kept.other), kept.rungs)
    joining = state.weights.alone(pairs, records, sources) > 0
    ruled = np.array([pair for group in together for pair in pairwise(group)], np.int64).reshape(-1, 2)
    ruled = np.searchsorted(numbers, ruled[np.isin(ruled, numbers).all(axis=1)])
    one, other = forgotten_pairs(
        len(numbers), pairs,
        np.concatenate([pairs.left[joining], ruled[:, 0], by_name.left]),
        np.concatenate([pairs.right[joining], ruled[:, 1], by_name.right]),
    )  # fmt: skip
    if not len(one):
        return pairs
    rows = np.union1d(one, other)
    found = _sharing_a_key(state, rows, np.searchsorted(rows, one), np.searchsorted(rows, other))
    return _in_order(
        np.concatenate([pairs.left, rows[found.left]]),
        np.concatenate([pairs.right, rows[found.right]]),
        np.concatenate([pairs.rungs, found.rungs]),
    )


def _sharing_a_key(state: LinkageState, rows: Integers, left: Integers, right: Integers) -> CandidatePairs:
    """Those of the pairs of rows (by place in `rows`, the lower first) that share a key, compared."""
    table = state.known.take(rows, state.known.rows.column_names)
    one, other = pairs_within_batch(incoming(table, state.salt, state.rules, NOBODY))
    wanted = np.isin(left * table.num_rows + right, one * table.num_rows + other)
    return compare_these(table, left[wanted], right[wanted])


def _in_order(left: Integers, right: Integers, rungs: np.ndarray) -> CandidatePairs:
    """The same order, whichever record came first."""
    order = np.lexsort((right, left))
    return CandidatePairs(left[order], right[order], rungs[order])


def forgotten_pairs(
    size: int, pairs: CandidatePairs, one: Integers, other: Integers
) -> tuple[Integers, Integers]:
    """Every two of `size` rows that the joins `one`-`other` connect, also through other rows, and that are no remembered pair."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    joins = coo_array((np.ones(len(one), np.bool_), (one, other)), (size, size))
    _, group = connected_components(joins, directed=False)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0])
    connected = pairs_within(order, starts, np.diff(np.r_[starts, size]), size)
    missing = less(connected, pairs.left * size + pairs.right)
    return missing // size, missing % size


def former_companions(records: Integers, left: Mapping[int, int], links: Mapping[str, Integers]) -> Integers:
    """The records linked now (`links`: `record` and `person`) to the persons that returning records had when they left.

    A returning record gets its person back, so it must be decided together with that person's records."""
    persons = [left[record] for record in records.tolist() if record in left]
    return links["record"][np.isin(links["person"], persons)]
