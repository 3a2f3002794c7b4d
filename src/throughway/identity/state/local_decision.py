"""Decides anew about a few records and all whom they touch, and about nobody else.

The decision is the full run's own, over fewer records: those that came, the persons with whom they may be one, and around
these a margin of records that rival them. When somebody of the margin would change, what surrounds them is taken in too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from throughway.identity.linkage.candidate_pairs import Integers
from throughway.identity.linkage.comparisons import Truths
from throughway.identity.linkage.decision import UNSURE, LinkageDecision, Rulings, decide
from throughway.identity.linkage.match_weights import Rivals
from throughway.identity.linkage.resolution import Scored
from throughway.identity.state.index import NOBODY, RememberedPairs
from throughway.identity.state.neighborhood import TELLS, Neighbourhood, View

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
