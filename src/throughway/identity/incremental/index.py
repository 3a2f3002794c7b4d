"""The records that linkage knows, in memory: as they are compared, by blocking key, and the pairs that speak for something.

It is written as a base by a full run, and a layer by each later one. A record's row in a later layer stands for the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.blocking import CROWDED, MOST_IN_CROWDS, MOST_OF_KEY, Hashes
from throughway.identity.linkage.candidate_pairs import Integers, record_numbers
from throughway.identity.linkage.comparisons import Rungs
from throughway.identity.linkage.pair_join import spread
from throughway.store.record_numbers import NOBODY

KEPT_ABOVE = -6.0  # bits; pairs below it neither join nor rival


@dataclass(frozen=True, eq=False)
class RememberedPairs:
    """Pairs worth remembering, by record numbers, on their rungs."""

    one: Integers
    other: Integers
    rungs: Rungs

    def __len__(self) -> int:
        return len(self.one)

    def without(self, records: Integers) -> "RememberedPairs":
        stays = ~(np.isin(self.one, records) | np.isin(self.other, records))
        return RememberedPairs(self.one[stays], self.other[stays], self.rungs[stays])


@dataclass(frozen=True, eq=False)
class Layer:
    """What one run added: `rows` as they are compared (one a record), `keys` sorted with the place of the row that has each,
    `gone` records whose earlier rows and pairs are no longer so."""

    rows: pa.Table
    keys: Hashes
    places: Integers
    pairs: RememberedPairs
    gone: Integers


@dataclass(frozen=True, eq=False)
class LinkageIndex:
    """All layers, oldest first; places count through all of them."""

    layers: Sequence[Layer]

    @cached_property
    def starts(self) -> Integers:
        return np.cumsum([0, *(layer.rows.num_rows for layer in self.layers)]).astype(np.int64)

    @cached_property
    def record(self) -> Integers:
        """The record number of each place."""
        return np.concatenate([NOBODY, *(record_numbers(layer.rows) for layer in self.layers)])

    @cached_property
    def alive(self) -> npt.NDArray[np.bool_]:
        """Whether the row of each place still stands."""
        alive = np.ones(len(self.record), np.bool_)
        for at, layer in enumerate(self.layers[1:], start=1):
            if len(layer.gone):
                before = slice(0, int(self.starts[at]))
                alive[before] &= ~np.isin(self.record[before], layer.gone)
        return alive

    @cached_property
    def _by_record(self) -> tuple[Integers, Integers]:
        places = np.flatnonzero(self.alive)
        order = np.argsort(self.record[places], kind="stable")
        return self.record[places][order], places[order]

    @property
    def records(self) -> Integers:
        """The records that are known, sorted."""
        return self._by_record[0]

    def places_of(self, records: Integers) -> Integers:
        """The places of those of the records that are known, in their order."""
        known, places = self._by_record
        if not len(known):
            return NOBODY
        at = np.minimum(np.searchsorted(known, records), len(known) - 1)
        found: Integers = places[at[known[at] == records]]
        return found

    def rows(self, places: Integers, columns: Sequence[str]) -> pa.Table:
        """These columns of the rows at these places, in this order."""
        held = [each.rows.select(columns) for each in self.layers]
        if len(held) == 1:
            return held[0].take(pa.array(places))
        layer = np.searchsorted(self.starts, places, side="right") - 1
        order = np.argsort(layer, kind="stable")
        parts = [
            held[each].take(pa.array(places[order][layer[order] == each] - self.starts[each]))
            for each in np.unique(layer).tolist()
        ]
        together = pa.concat_tables(parts) if parts else held[0].slice(0, 0)
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return together.take(pa.array(back))

    def named(self, column: str, wanted: pa.ChunkedArray) -> pa.Table:
        """`column` of all rows that have one of these values, with how common and how usual they are."""
        share = f"{column}_share"
        values = pc.drop_null(pc.unique(wanted))
        found = []
        for layer in self.layers:
            rows = layer.rows.select(dict.fromkeys([column, share, "usual", "first"]))
            found.append(rows.filter(pc.is_in(rows[column], values)))
        return pa.concat_tables(found)

    def at_home_with(self, streets: pa.ChunkedArray) -> Integers:
        """The records at these addresses, sorted."""
        values = pc.drop_null(pc.unique(streets))
        found = [NOBODY]
        for at, layer in enumerate(self.layers):
            there = np.flatnonzero(pc.is_in(layer.rows["street"], values).to_numpy(zero_copy_only=False))
            found.append(there + self.starts[at])
        places = np.concatenate(found)
        return np.unique(self.record[places[self.alive[places]]])

    @property
    def most_of_key(self) -> int:
        """Records of one key, as of a full run over so many, beyond which it tells nothing."""
        return MOST_IN_CROWDS if len(self.record) > CROWDED else MOST_OF_KEY

    def candidates(self, keys: Hashes, asking: Integers) -> tuple[Integers, Integers]:
        """For each asking row (its number beside each of its keys) the places that share a key with it, each once."""
        lows = [np.searchsorted(layer.keys, keys, "left") for layer in self.layers]
        many = [
            np.searchsorted(layer.keys, keys, "right") - low
            for layer, low in zip(self.layers, lows, strict=True)
        ]
        tells = sum(many) <= self.most_of_key
        asks, found = [NOBODY], [NOBODY]
        for at, layer in enumerate(self.layers):
            told = (many[at] > 0) & tells
            asks.append(np.repeat(asking[told], many[at][told]))
            found.append(layer.places[spread(lows[at][told], many[at][told])] + self.starts[at])
        place = np.concatenate(found)
        both = np.unique(np.concatenate(asks) * max(len(self.record), 1) + place)
        who, place = both // max(len(self.record), 1), both % max(len(self.record), 1)
        stands = self.alive[place] if len(place) else np.empty(0, np.bool_)
        return who[stands], place[stands]

    @cached_property
    def pairs(self) -> RememberedPairs:
        """The pairs that still stand."""
        kept = [self.layers[0].pairs]
        for layer in self.layers[1:]:
            kept = [each.without(layer.gone) if len(layer.gone) else each for each in kept] + [layer.pairs]
        return RememberedPairs(
            np.concatenate([each.one for each in kept]),
            np.concatenate([each.other for each in kept]),
            np.concatenate([each.rungs for each in kept]),
        )
