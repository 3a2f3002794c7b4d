"""What surrounds a few records: the pairs that were remembered of them, and all that their weights depend on.

A pair weighs by itself, by what the household of its two addresses says, and by its rivals (readers teach about those). So to
weigh the pairs of some records as a full run would, their housemates are needed too, and whoever rivals them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers
from throughway.identity.linkage.match_weights import Floats, Weighed, WeighingInputs
from throughway.identity.state.batch import IncomingRecords
from throughway.identity.state.index import NOBODY, LinkageIndex, RememberedPairs
from throughway.identity.state.learned_weights import Weights, records_in

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
