"""Who is one person: one-to-one across sources, twice in one source only on strong evidence, never by chains.

Connected components join whole households: a brother like a sister like a cousin. Here a record is joined to at most
one person of another source, the surest pairs first, and a join must be carried by all that was compared between the
two sides, not by one link.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers
from throughway.identity.linkage.comparisons import BIRTH, FIRST, MIDDLE, at_home, column, on, strong
from throughway.identity.linkage.match_weights import Floats, Rivals, Weighed

JOINED = 0.5  # the posterior counts rivals, so an even chance is the right place to decide
SURE = 0.9  # one source holding somebody twice is rare: more is asked
VOUCHES = 8.0  # bits that join a record of another source to both of a source's likely doubles
# Of a source's records: with so many doubles, one more is as usual as a person of two sources. Between the two less and less is asked,
# so that a few records more or fewer turn few of a source's doubles, and not all at once.
SELDOM, OFTEN = 0.05, 0.15
LESS_ALIKE = (
    30.0  # bits asked, where doubles are few, of two records that are not alike enough to be one entry twice
)
UNSURE = (0.1, 0.9)  # pairs in this band are for a person to look at
HARDLY, CARRIES_LITTLE = -3.0, 6.0  # a pair that hardly speaks against is outweighed sooner
CARRIES = 15.0  # bits from all other pairs that outweigh one pair that speaks against joining two sides


@dataclass(frozen=True)
class LinkageDecision:
    """`person`: for each record the number of its person, from 0. `review`: pairs that a person should look at."""

    person: Integers
    review: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Rulings:
    """What people have decided about records, by number of row: `together` sets are one person; in an `apart` mapping
    (record to side) records of different sides are not."""

    together: Sequence[Sequence[int]] = ()
    apart: Sequence[Mapping[int, int]] = ()


def decide(
    pairs: CandidatePairs,
    weighed: Weighed,
    source: Integers,
    rulings: Rulings | None = None,
    doubled: Floats | None = None,
) -> LinkageDecision:
    """Groups the records (by `source`, one entry a record) into persons. `doubled`: how many of each source's records are doubles (see
    `doubles`), where that is known already and these records are too few to tell."""
    rulings = rulings or Rulings()
    doubled = doubles(pairs, weighed, source) if doubled is None else doubled
    groups = Groups(len(source), rulings.apart)
    for together in rulings.together:
        for other in together[1:]:
            groups.join(together[0], other, ruled=True)
    within = source[pairs.left] == source[pairs.right]
    chance = 1 / (1 + np.exp2(-np.clip(weighed.weight, -60, 60)))
    twice = within & ~weighed.never & (weighed.weight >= _asked(pairs, doubled[source[pairs.left]]))
    twice |= _vouched_for(pairs, weighed, within)
    for at in _surest_first(weighed.weight, twice):
        groups.join(int(pairs.left[at]), int(pairs.right[at]))
    sides = _Sides(pairs, weighed, source, groups)
    for left, right in sides.joinable():
        a, b = groups.of(left), groups.of(right)
        if a != b and not sides.share_a_source(a, b) and sides.carried(a, b):
            groups.join(left, right)
    doubtful = within & ~weighed.never & (chance >= JOINED)
    return LinkageDecision(groups.numbered(), sides.for_review(pairs, doubtful))


def _asked(pairs: CandidatePairs, doubled: Floats) -> Floats:
    """Bits that join a pair of one source, of whose records so many are doubles. With many it is a list of entries, not of persons,
    and an even chance is enough; with few only what is alike enough is joined at all."""
    seldom = np.clip((OFTEN - doubled) / (OFTEN - SELDOM), 0.0, 1.0)
    alike = strong(pairs.rungs)
    sure, even = np.log2(SURE / (1 - SURE)), np.log2(JOINED / (1 - JOINED))
    asked: Floats = even + seldom * np.where(alike, sure - even, LESS_ALIKE)
    return np.where((seldom == 1.0) & ~alike, np.inf, asked)


def doubles(pairs: CandidatePairs, weighed: Weighed, source: Integers) -> Floats:
    """For each source: the share of its records that are surely one another."""
    sure = (
        (source[pairs.left] == source[pairs.right])
        & ~weighed.never
        & strong(pairs.rungs)
        & (weighed.weight > VOUCHES)
    )
    twice = np.unique(np.concatenate([pairs.left[sure], pairs.right[sure]]))
    sizes = np.bincount(source, minlength=1)
    share: Floats = np.bincount(source[twice], minlength=len(sizes)) / np.maximum(sizes, 1)
    return share


def _vouched_for(
    pairs: CandidatePairs, weighed: Weighed, within: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Likely doubles of one source that both are like one record of another source: without it neither would be joined."""
    likely = (
        within
        & ~weighed.never
        & (weighed.weight > 0)
        & on(pairs.rungs, FIRST, "same", "formal", "misspelled")
    )
    likely &= on(pairs.rungs, BIRTH, "same", "day and month swapped", "one digit") | (
        (pairs.rungs[:, column(BIRTH)] < 0) & ~at_home(pairs.rungs)  # at one home it may be a brother
    )
    likely &= ~on(pairs.rungs, MIDDLE, "different")
    sure = ~within & ~weighed.never & (weighed.weight > VOUCHES)
    like: dict[int, set[int]] = {}
    for left, right in zip(pairs.left[sure].tolist(), pairs.right[sure].tolist(), strict=True):
        like.setdefault(left, set()).add(right)
        like.setdefault(right, set()).add(left)
    for at in np.flatnonzero(likely).tolist():
        one, other = like.get(int(pairs.left[at]), set()), like.get(int(pairs.right[at]), set())
        likely[at] = not one.isdisjoint(other)
    return likely


def _surest_first(weight: Floats, wanted: npt.NDArray[np.bool_]) -> Iterator[int]:
    """Numbers of the wanted pairs by falling weight; equal ones in the order they came, so that runs repeat."""
    at = np.flatnonzero(wanted)
    return iter(at[np.argsort(-weight[at], kind="stable")].tolist())


class Groups:
    """Records joined so far. What people have ruled apart is never joined."""

    def __init__(self, records: int, apart: Sequence[Mapping[int, int]] = ()) -> None:
        self.parent = list(range(records))
        self.members: dict[int, list[int]] = {}
        self.apart = apart

    def of(self, record: int) -> int:
        while self.parent[record] != record:
            self.parent[record] = self.parent[self.parent[record]]
            record = self.parent[record]
        return record

    def records(self, group: int) -> list[int]:
        return self.members.get(group, [group])

    def join(self, left: int, right: int, *, ruled: bool = False) -> None:
        a, b = sorted((self.of(left), self.of(right)))
        if a == b or (not ruled and self._ruled_apart(a, b)):
            return
        self.members[a] = self.records(a) + self.records(b)
        self.members.pop(b, None)
        self.parent[b] = a

    def numbered(self) -> Integers:
        roots = np.array([self.of(record) for record in range(len(self.parent))], dtype=np.int64)
        return np.unique(roots, return_inverse=True)[1].astype(np.int64)

    def _ruled_apart(self, a: int, b: int) -> bool:
        for sides in self.apart:
            one = {sides[record] for record in self.records(a) if record in sides}
            other = {sides[record] for record in self.records(b) if record in sides}
            if len(one | other) > 1:
                return True
        return False


class _Sides:
    """The pairs as pairs of groups, once each source's doubles are joined: the best pair of two groups speaks."""

    def __init__(self, pairs: CandidatePairs, weighed: Weighed, source: Integers, groups: Groups) -> None:
        self.groups, self.source = groups, source
        roots = np.array([groups.of(record) for record in range(len(source))], dtype=np.int64)
        left, right = roots[pairs.left], roots[pairs.right]
        across = (left != right) & (source[pairs.left] != source[pairs.right])
        low, high = np.minimum(left, right)[across], np.maximum(left, right)[across]
        key = low * len(source) + high
        weight, never = weighed.weight[across], weighed.never[across]
        rungs = pairs.rungs[across]
        refuses = on(rungs, FIRST, "another name", "another of one home", "close") | (
            (rungs[:, column(FIRST)] >= 0) & (weight <= 0)
        )
        order = np.lexsort(
            (-weight, never, key)
        )  # of one pair of groups: first what may be joined, then the heaviest
        self.key, first = np.unique(key[order], return_index=True)
        best = order[first]
        self.left, self.right = low[best], high[best]
        self.one, self.other = pairs.left[across][best], pairs.right[across][best]  # the two who speak
        self.weight, self.never = weight[best], never[best]
        self.contradicted = self.never & refuses[best]
        self.misborn = on(rungs[best], BIRTH, "different", "of a housemate", "two digits")
        self.garbled = self.never & (rungs[best][:, column(FIRST)] >= 0) & ~refuses[best]
        rivals = Rivals(self.left, self.right, source)
        self.posterior = rivals.posterior(self.weight, ~self.never)

    def joinable(self) -> Iterator[tuple[int, int]]:
        for at in _surest_first(self.weight, ~self.never & (self.posterior >= JOINED)):
            yield int(self.left[at]), int(self.right[at])

    def share_a_source(self, a: int, b: int) -> bool:
        if self._single(a, b):
            return bool(self.source[a] == self.source[b])
        one, other = ({int(self.source[r]) for r in self.groups.records(g)} for g in (a, b))
        return not one.isdisjoint(other)

    def _single(self, a: int, b: int) -> bool:
        return a not in self.groups.members and b not in self.groups.members

    def carried(self, a: int, b: int) -> bool:
        """No pair that was compared between two groups says that they are two persons, or the others outweigh it.

        A record that lacks a birth date is like both of two namesakes; it must not make them one. Pairs that may not
        be joined alone say nothing where a first name is missing, and forbid where both are known.
        """
        if self._single(a, b):  # most are: the one pair speaks for itself
            place = int(np.searchsorted(self.key, min(a, b) * len(self.source) + max(a, b)))
            if not self.never[place] and self.weight[place] > 0:
                return True
        keys = [
            min(x, y) * len(self.source) + max(x, y)
            for x in self.groups.records(a)
            for y in self.groups.records(b)
        ]
        at = np.searchsorted(self.key, keys)
        at = at[(at < len(self.key)) & (self.key[np.minimum(at, len(self.key) - 1)] == keys)]
        if self.contradicted[at].any():
            return False
        against = self.garbled[at]  # a garbled name, and all else agrees: others must outweigh it
        weights = np.sort(self.weight[at][~self.never[at]])
        if len(weights) == 0:
            return False
        if weights[0] > 0 and not against.any():
            return True
        needed = CARRIES_LITTLE if weights[0] > HARDLY and not (against | self.misborn[at]).any() else CARRIES
        rest = weights if against.any() and weights[0] > 0 else weights[1:]
        return bool(rest.sum() > needed)

    def for_review(
        self, pairs: CandidatePairs, doubtful: npt.NDArray[np.bool_]
    ) -> tuple[tuple[int, int], ...]:
        """Uncertain pairs across sources, likely ones that only household speaks for, and likely doubles of a source."""
        uncertain = ~self.never & (self.posterior >= UNSURE[0]) & (self.posterior < UNSURE[1])
        unseen = self.never & (self.weight > 0)
        found = []
        for at in np.flatnonzero(uncertain | unseen).tolist():
            left, right = int(self.left[at]), int(self.right[at])
            a, b = self.groups.of(left), self.groups.of(right)
            if uncertain[at] or (a != b and not self.share_a_source(a, b)):
                found.append((int(self.one[at]), int(self.other[at])))
        for at in np.flatnonzero(doubtful).tolist():
            left, right = int(pairs.left[at]), int(pairs.right[at])
            if self.groups.of(left) != self.groups.of(right):
                found.append((left, right))
        return tuple(found)
