"""Decides anew about a few records and all whom they touch, and about nobody else.

The decision is the full run's own, over fewer records: those that came, the persons with whom they may be one, and around
these a margin of records that rival them. When somebody of the margin would change, what surrounds them is taken in too.

A pair weighs by itself, by what the household of its two addresses says, and by its rivals (readers teach about those). So to
weigh the pairs of some records as a full run would, their housemates are needed too, and whoever rivals them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers, compare_these
from throughway.identity.linkage.comparisons import Truths
from throughway.identity.linkage.decision import UNSURE, LinkageDecision, Rulings, decide
from throughway.identity.linkage.match_weights import Floats, Rivals, Weighed, WeighingInputs, records_in
from throughway.identity.linkage.resolution import Scored
from throughway.identity.state.incoming_records import (
    IncomingRecords,
    among,
    batch_of,
    remembered,
    seen_with_housemates,
    with_known_frequencies,
)
from throughway.identity.state.index import Layer, LinkageIndex, RememberedPairs
from throughway.identity.state.learned_weights import Weights
from throughway.identity.state.linkage_state import LinkageState
from throughway.store.number_sets import NOBODY

TELLS = -1.0  # bits; a pair below it neither joins nor rivals by more than a third
COLUMNS = ["person_record", "source", "first_share", "surname_share", "street"]

# Rows of records, and which pairs of them are wanted (by place): those that share a key, on their rungs.
Compare = Callable[[pa.Table, Integers, Integers], CandidatePairs]


@dataclass(frozen=True, eq=False)
class View:
    """Some records (numbers, rising), what weighing needs of them, and their pairs by place among them, weighed."""

    numbers: Integers
    records: WeighingInputs
    pairs: CandidatePairs
    weighed: Weighed


class Neighbourhood:
    """What is needed of records to decide about them: of known ones from the index, of the batch from its rows."""

    def __init__(
        self,
        index: LinkageIndex,
        batch: IncomingRecords,
        weights: Weights,
        sources: Sequence[str],
        found: RememberedPairs,
        compare: Compare | None = None,
    ) -> None:
        self.index, self.batch, self.weights, self.sources = index, batch, weights, list(sources)
        self.found, self.compare = found, compare
        self.fresh = batch.touched

    def pairs_of(self, records: Integers) -> RememberedPairs:
        """All remembered pairs with one of these records, the batch's own too, in one order whoever came first."""
        stored = self.index.pairs.kept
        at = self.index.pairs.of(records)
        old = RememberedPairs(stored.one[at], stored.other[at], stored.rungs[at]).without(self.fresh)
        new = np.isin(self.found.one, records) | np.isin(self.found.other, records)
        return _together(
            old, RememberedPairs(self.found.one[new], self.found.other[new], self.found.rungs[new])
        )

    def rows(self, records: Integers, columns: Sequence[str]) -> pa.Table:
        """Those of the records that are there, sorted."""
        old = self.index.places_of(records[~np.isin(records, self.fresh)])
        new = np.flatnonzero(np.isin(self.batch.records, records))
        held = self.index.rows(old, columns)
        rows = pa.concat_tables([self.batch.rows.select(columns).take(pa.array(new)).cast(held.schema), held])
        return rows.take(pa.array(np.argsort(rows["person_record"].to_numpy(), kind="stable")))

    def known(self, records: Integers) -> tuple[Integers, WeighingInputs]:
        """Those of the records that are there, sorted, with what weighing needs of them."""
        rows = self.rows(records, COLUMNS)
        return rows["person_record"].to_numpy().astype(np.int64), records_in(rows, self.sources)

    def partner_of(self, groups: Sequence[Sequence[int]]) -> dict[int, str]:
        """Whose each of these records is."""
        numbers, records = self.known(np.unique(np.concatenate([NOBODY, *map(as_numbers, groups)])))
        return {n: self.sources[at] for n, at in zip(numbers.tolist(), records.source.tolist(), strict=True)}

    def alone(self, kept: RememberedPairs) -> Floats:
        """Bits of each of the pairs by itself."""
        numbers, records = self.known(np.unique(np.concatenate([kept.one, kept.other])))
        return self.weights.alone(as_pairs(kept, numbers), records, self.sources)

    def beside(self, records: Integers) -> Integers:
        """All who make a pair with one of these records that tells something."""
        pairs = self.pairs_of(records)
        heavy = self.alone(pairs) > TELLS if len(pairs) else np.empty(0, np.bool_)
        return np.concatenate([pairs.one[heavy], pairs.other[heavy]])

    def housemates(self, records: Integers) -> Integers:
        """All who are at an address of one of these records."""
        streets = self.rows(records, ["person_record", "street"])["street"]
        known = self.index.at_home_with(streets)
        here = pc.is_in(self.batch.rows["street"], pc.drop_null(streets.unique())).to_numpy()
        return np.concatenate([known[~np.isin(known, self.fresh)], self.batch.records[here]])

    def view(self, records: Integers, together: Sequence[Sequence[int]] = ()) -> View:
        """These records with their pairs, weighed among all that their weights depend on. `together`: who is one person because
        people said so."""
        mates = np.union1d(records, self.housemates(records))
        numbers, wide = self.known(np.union1d(mates, self.beside(mates)))
        kept = self._complete(_inside(self.pairs_of(mates), numbers), records, together)
        pairs = as_pairs(kept, numbers)
        weighed = self.weights.weigh(pairs, wide, self.sources)
        return _narrow(View(numbers, wide, pairs, weighed), records)

    def _complete(
        self, kept: RememberedPairs, records: Integers, together: Sequence[Sequence[int]]
    ) -> RememberedPairs:
        """With the pairs that are too faint to be remembered, of records that others join: such a pair speaks against it."""
        if self.compare is None or not len(kept):
            return kept
        joining = self.alone(kept) > 0
        said = [(one, other) for ruled in together for one, other in pairwise(ruled)]
        ruled = np.array(said, np.int64).reshape(-1, 2)
        one, other = unseen(
            records, kept,
            np.concatenate([kept.one[joining], ruled[:, 0]]), np.concatenate([kept.other[joining], ruled[:, 1]]),
        )  # fmt: skip
        if not len(one):
            return kept
        numbers = np.union1d(one, other)
        rows = self.rows(numbers, self.batch.rows.column_names)
        found = self.compare(rows, np.searchsorted(numbers, one), np.searchsorted(numbers, other))
        faint = RememberedPairs(numbers[found.left], numbers[found.right], found.rungs)
        return _together(kept, faint)


def as_numbers(records: Sequence[int]) -> Integers:
    return np.array(records, dtype=np.int64)


def as_pairs(kept: RememberedPairs, numbers: Integers) -> CandidatePairs:
    return CandidatePairs(
        np.searchsorted(numbers, kept.one), np.searchsorted(numbers, kept.other), kept.rungs
    )


def _together(one: RememberedPairs, other: RememberedPairs) -> RememberedPairs:
    left, right = np.concatenate([one.one, other.one]), np.concatenate([one.other, other.other])
    order = np.lexsort((right, left))
    return RememberedPairs(left[order], right[order], np.concatenate([one.rungs, other.rungs])[order])


def _inside(kept: RememberedPairs, numbers: Integers) -> RememberedPairs:
    inside = np.isin(kept.one, numbers) & np.isin(kept.other, numbers)
    return RememberedPairs(kept.one[inside], kept.other[inside], kept.rungs[inside])


def unseen(
    records: Integers, kept: RememberedPairs, one: Integers, other: Integers
) -> tuple[Integers, Integers]:
    """Every two of the records (rising) that are tied by `one` and `other`, over others too, and make no remembered pair."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    inside = np.isin(one, records) & np.isin(other, records)
    ties = np.searchsorted(records, one[inside]), np.searchsorted(records, other[inside])
    size = len(records)
    _, tied = connected_components(
        coo_array((np.ones(len(ties[0]), np.bool_), ties), (size, size)), directed=False
    )
    left, right = two_of_a_group(tied)
    remembered = np.searchsorted(records, kept.one) * size + np.searchsorted(records, kept.other)
    missing = ~np.isin(left * size + right, remembered)
    return records[left[missing]], records[right[missing]]


def two_of_a_group(group: Integers) -> tuple[Integers, Integers]:
    """Every two places of one group, the lower first."""
    order = np.argsort(group, kind="stable")
    grouped = group[order]
    lows, highs, apart = [NOBODY], [NOBODY], 1
    while apart < len(order) and (alike := grouped[apart:] == grouped[:-apart]).any():
        lows.append(order[:-apart][alike])
        highs.append(order[apart:][alike])
        apart += 1
    return np.concatenate(lows), np.concatenate(highs)


def _narrow(view: View, records: Integers) -> View:
    """These of the records alone."""
    wanted = np.isin(view.numbers, records)
    place = np.cumsum(wanted) - 1
    inner = wanted[view.pairs.left] & wanted[view.pairs.right]
    pairs = CandidatePairs(
        place[view.pairs.left[inner]], place[view.pairs.right[inner]], view.pairs.rungs[inner]
    )
    told, whose = view.weighed, view.records
    home = None if whose.home is None else whose.home[wanted]
    return View(
        view.numbers[wanted],
        WeighingInputs(whose.source[wanted], whose.first_share[wanted], whose.surname_share[wanted], home),
        pairs,
        replace(told, weight=told.weight[inner], never=told.never[inner], alone=None),
    )


ROUNDS = 6
Ruled = tuple[Sequence[Sequence[int]], Sequence[Mapping[int, int]]]  # together, apart: of records by number


class LinksInForce(Protocol):
    """The links in force."""

    def together(self, records: Integers) -> Integers:
        """These records and all of the same persons, sorted."""

    def persons_of(self, records: Integers) -> Integers:
        """The person of each; its own number where it has none."""


@dataclass(frozen=True, eq=False)
class NearbyDecision:
    """`groups`: the records that were decided, person by person. `found`: the batch's pairs to remember. `scored`, `review`:
    as of a full run, of these records."""

    groups: Sequence[Sequence[int]]
    found: RememberedPairs
    scored: Scored
    review: tuple[tuple[int, int], ...]


def decide_near(
    around: Neighbourhood, stirred: Integers, held: LinksInForce, rulings: Ruled
) -> NearbyDecision:
    """Decides about the batch, the persons whom it may touch, and those of `stirred` records."""
    found = around.found
    reached = NOBODY
    if len(found):
        speaking = around.alone(found) > TELLS
        reached = np.concatenate([found.one[speaking], found.other[speaking]])
    seeds = np.unique(np.concatenate([around.fresh, stirred, reached]))
    free = held.together(np.union1d(seeds, housemates_to_reconsider(around, seeds)))
    for turn in range(ROUNDS):
        whole = held.together(np.union1d(free, around.beside(free)))
        view, decision = _decided(around, whole, rulings)
        margin = ~np.isin(view.numbers, free)
        changed = _changed(view.numbers, decision.person, held.persons_of(view.numbers), margin)
        if not len(changed) or turn + 1 == ROUNDS:
            break
        free = np.union1d(free, held.together(changed))
    return _told(view, decision, found)


def housemates_to_reconsider(around: Neighbourhood, seeds: Integers) -> Integers:
    """Housemates of these records, as they live and as they lived, whose own pairs are so open that the household's word may turn
    them: a linked pair more or fewer of the same two addresses."""
    most = max((max(map(abs, (*worth.one, *worth.two))) for worth in around.weights.homes), default=0.0)
    if not most:
        return NOBODY
    moved = around.index.rows(around.index.places_of(around.fresh), ["street"])["street"]
    before = around.index.at_home_with(moved)
    mates = np.union1d(around.housemates(seeds), before[~np.isin(before, around.fresh)])
    view = around.view(mates)
    posterior = Rivals(view.pairs.left, view.pairs.right, view.records.source).posterior(
        view.weighed.weight, ~view.weighed.never
    )
    sway = 2 * most + np.log2(UNSURE[1] / UNSURE[0])
    turned = np.abs(np.log2(np.clip(posterior, 1e-12, 1 - 1e-12) / np.clip(1 - posterior, 1e-12, 1))) < sway
    at = np.concatenate([view.pairs.left[turned], view.pairs.right[turned]])
    return np.unique(view.numbers[at])


def _decided(around: Neighbourhood, whole: Integers, rulings: Ruled) -> tuple[View, LinkageDecision]:
    view = around.view(whole, rulings[0])
    at = {number: row for row, number in enumerate(view.numbers.tolist())}
    here = Rulings(
        [[at[n] for n in ruled if n in at] for ruled in rulings[0] if any(n in at for n in ruled)],
        [
            {at[n]: side for n, side in ruled.items() if n in at}
            for ruled in rulings[1]
            if any(n in at for n in ruled)
        ],
    )
    doubled = around.weights.doubles(around.sources)
    return view, decide(view.pairs, view.weighed, view.records.source, here, doubled)


def _changed(numbers: Integers, person: Integers, was: Integers, margin: Truths) -> Integers:
    """Records of the margin whose person is no longer exactly who it was: `person` now, `was` before."""
    both = np.unique(np.stack([was, person]), axis=1)
    torn = _several(both[0])
    joined = _several(both[1])
    return numbers[margin & (np.isin(was, torn) | np.isin(person, joined))]


def _several(named: Integers) -> Integers:
    each, many = np.unique(named, return_counts=True)
    return each[many > 1]


def _told(view: View, decision: LinkageDecision, found: RememberedPairs) -> NearbyDecision:
    numbers, pairs, weighed = view.numbers, view.pairs, view.weighed
    order = np.argsort(decision.person, kind="stable")
    cuts = np.flatnonzero(np.diff(decision.person[order])) + 1
    posterior = Rivals(pairs.left, pairs.right, view.records.source).posterior(weighed.weight, ~weighed.never)
    return NearbyDecision(
        [group.tolist() for group in np.split(numbers[order], cuts)] if len(numbers) else [],
        found,
        Scored(numbers[pairs.left], numbers[pairs.right], weighed.weight, posterior, pairs.rungs),
        tuple((int(numbers[left]), int(numbers[right])) for left, right in decision.review),
    )


@dataclass(frozen=True, eq=False)
class RecordChanges:
    """`rows`: the records that came or changed, as `preparing` makes them. `touched`: their numbers, and of those that can be seen
    no more. `stirred`: of those about whom people ruled since. Both rising."""

    rows: pa.Table
    touched: Integers
    stirred: Integers


def update_state(
    known: LinkageState, came: RecordChanges, held: LinksInForce, rulings: Ruled
) -> tuple[NearbyDecision, LinkageState, dict[int, str]]:
    """Who is who, what is known then, and whose each record is that was decided about."""
    rows = came.rows.cast(known.index.layers[0].rows.schema)
    batch = with_known_frequencies(known.index, batch_of(rows, known.salt, known.rules, came.touched))
    batch = seen_with_housemates(known.index, batch, known.salt, known.rules)
    sources = sorted({*known.sources, *rows["source"].to_pylist()})
    found = remembered(known.index, batch, known.weights, sources)
    compare = _comparing(known.salt, known.rules)
    around = Neighbourhood(known.index, batch, known.weights, sources, found, compare)
    near = decide_near(around, np.union1d(came.stirred, batch.touched), held, rulings)
    layer = Layer(batch.rows, batch.keys, batch.asking, found, batch.touched)
    later = replace(known, index=LinkageIndex([*known.index.layers, layer]))
    return near, later, around.partner_of(near.groups)


def former_companions(records: Integers, left: Mapping[int, int], links: Mapping[str, Integers]) -> Integers:
    """Who is linked now (`links`: `record` beside `person`) to the persons that returning ones of these records had when they left.

    A returning record finds its person again only where it is decided about both: without them it would join them unseen."""
    persons = [left[record] for record in records.tolist() if record in left]
    return links["record"][np.isin(links["person"], persons)]


def _comparing(salt: int, rules: Sequence[Sequence[str]]) -> Compare:
    def compare(rows: pa.Table, left: Integers, right: Integers) -> CandidatePairs:
        """The pairs of rows (by place, the lower first) that share a key, on their rungs."""
        one, other = among(batch_of(rows, salt, rules, NOBODY))
        wanted = np.isin(left * rows.num_rows + right, one * rows.num_rows + other)
        return compare_these(rows, left[wanted], right[wanted])

    return compare
