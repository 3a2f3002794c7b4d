"""Groups records into persons: one to one across sources, duplicates within one source only on strong evidence, and never by chains.

Connected components would join whole households: a brother with a sister with a cousin. Here a record is joined to at most one person of
another source, the surest pairs first, and a join must be supported by all pairs compared between the two groups, not by one link.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers
from throughway.identity.linkage.comparisons import (
    BIRTH,
    FIRST,
    MIDDLE,
    at_home,
    column,
    on,
    strong,
    surely_twice,
    twin_like,
)
from throughway.identity.linkage.match_weights import Floats, Rivals, Weighed
from throughway.identity.linkage.names_alone import MOST_WRONG, NO_NAME_PAIRS, NamePairs, Two
from throughway.identity.linkage.own_numbers import NO_SYSTEM, OwnNumbers

JOINED = 0.5  # the posterior counts rivals, so an even chance decides
SURE = 0.9  # duplicates within one source are rare, so they need more
VOUCHES = 8.0  # bits of a pair that confirms two likely duplicates through a record of another source
# Shares of a source's records that are duplicates. Above OFTEN another duplicate is as usual as a person in two sources. From SELDOM to
# OFTEN the threshold falls gradually, so that a few more or fewer records change only a few of a source's duplicates.
SELDOM, OFTEN = 0.05, 0.15
LESS_ALIKE = 30.0  # bits needed, where duplicates are few, for two records that are not `strong` evidence of a double entry
TWINS = 120.0  # bits for two that may be twins: more than any pair has, unless nearly so many are duplicates as in a list
UNSURE = (0.1, 0.9)  # pairs with a posterior between these are for a reader
# A pair that is only slightly against a join is outweighed sooner. Every doubling of the records takes a bit from each pair, since strangers
# agree more often, and says nothing against this one: so more may be against it where records are many.
HARDLY, CARRIES_LITTLE, IN_RECORDS = -3.0, 6.0, 2_000
CARRIES = 15.0  # bits from all other pairs that outweigh one pair against joining two groups


@dataclass(frozen=True)
class LinkageDecision:
    """`person`: the number of each record's person, from 0. `review`: pairs for a reader. `by_name`: the pairs that a name settles or may
    settle once its rule is measured (see `names_alone`), with their two sources."""

    person: Integers
    review: tuple[tuple[int, int], ...]
    by_name: tuple[tuple[int, int, Two], ...] = ()


@dataclass(frozen=True)
class Rulings:
    """People's rulings about records, by row: the records of a `together` set are one person; in an `apart` mapping (record to side) records
    of different sides are not."""

    together: Sequence[Sequence[int]] = ()
    apart: Sequence[Mapping[int, int]] = ()


def decide(
    pairs: CandidatePairs,
    weighed: Weighed,
    source: Integers,
    rulings: Rulings | None = None,
    doubled: Floats | None = None,
    numbers: OwnNumbers | None = None,
    names: NamePairs = NO_NAME_PAIRS,
) -> LinkageDecision:
    """Groups the records (`source` has one entry for each record) into persons. `doubled`: the share of each source's records that are duplicates
    (see `doubles`), where it is known already. `numbers`: those of the records' own systems, two of which are two persons. `names`: pairs
    that a name alone settles, as far as its rule may."""
    rulings = rulings or Rulings()
    doubled = doubles(pairs, weighed, source) if doubled is None else doubled
    within = source[pairs.left] == source[pairs.right]
    chance = 1 / (1 + np.exp2(-np.clip(weighed.weight, -60, 60)))
    twice = within & ~weighed.never & (weighed.weight >= _bits_needed(pairs, doubled[source[pairs.left]]))
    twice |= _confirmed_elsewhere(pairs, weighed, within)
    groups = _joined(pairs, weighed, twice, RecordGroups(len(source), rulings.apart, numbers), rulings)
    alike = (
        _joined(pairs, weighed, twice, RecordGroups(len(source), rulings.apart), rulings)
        if numbers
        else groups
    )
    sides = _GroupPairs(pairs, weighed, source, groups, alike)
    for left, right in sides.joinable():
        a, b = groups.of(left), groups.of(right)
        if a != b and not sides.share_a_source(a, b) and sides.carried(a, b):
            groups.join(left, right)
    by_name = _by_name(names, sides, groups)
    doubtful = within & ~weighed.never & (chance >= JOINED)
    review = sides.for_review(pairs, doubtful)
    return LinkageDecision(groups.numbered(), _still_asked(review, by_name, names, source), by_name)


def _by_name(
    names: NamePairs, sides: "_GroupPairs", groups: "RecordGroups"
) -> tuple[tuple[int, int, Two], ...]:
    """Joins the pairs that a name settles and the evidence leaves in doubt, and returns these pairs. Where people have parted more of two
    sources' pairs than the rule may err in, or stopped it, it settles none of theirs."""
    doubted: dict[Two, list[tuple[int, int, bool]]] = {}
    parted: dict[Two, int] = {}
    for left, right, two, asked in names:
        if groups.ruled_apart(groups.of(left), groups.of(right)):
            parted[two] = parted.get(two, 0) + 1
        elif not sides.sure(left, right):
            doubted.setdefault(two, []).append((left, right, asked))
    found = []
    for two, pairs in sorted(doubted.items()):
        if names.samples[two].stopped or parted.get(two, 0) > MOST_WRONG * len(pairs):
            continue
        for left, right, asked in pairs:
            a, b = groups.of(left), groups.of(right)
            if a != b and (not groups.may_join(a, b) or sides.share_a_source(a, b) or sides.opposed(a, b)):
                continue
            found.append((left, right, two))
            if names.samples[two].open and not asked:
                groups.join(left, right)
    return tuple(found)


def _still_asked(
    review: tuple[tuple[int, int], ...],
    by_name: tuple[tuple[int, int, Two], ...],
    names: NamePairs,
    source: Integers,
) -> tuple[tuple[int, int], ...]:
    """The pairs for a reader without those that a name settles, and without others that offer one of their records another candidate of the
    same source; with those of the sample that wait."""
    settled = {(left, right) for left, right, _ in by_name}
    taken = {(left, int(source[right])) for left, right in settled}
    taken |= {(right, int(source[left])) for left, right in settled}
    asked = [(left, right) for left, right, _, waits in names if waits and (left, right) in settled]
    others = [
        (one, other)
        for one, other in review
        if source[one] == source[other]
        or taken.isdisjoint({(one, int(source[other])), (other, int(source[one]))})
    ]
    return (*others, *asked)


def _joined(
    pairs: CandidatePairs,
    weighed: Weighed,
    twice: npt.NDArray[np.bool_],
    groups: "RecordGroups",
    rulings: Rulings,
) -> "RecordGroups":
    """The groups with the records joined that people ruled to be one person, then those that one source has `twice`."""
    for together in rulings.together:
        for other in together[1:]:
            groups.join(together[0], other, ruled=True)
    for at in _surest_first(weighed.weight, twice):
        groups.join(int(pairs.left[at]), int(pairs.right[at]))
    return groups


def _bits_needed(pairs: CandidatePairs, doubled: Floats) -> Floats:
    """The bits that join a pair within a source with this share of duplicates. With many duplicates the source lists entries, not persons, and
    an even chance is enough; with few, only pairs with `strong` evidence are joined."""
    seldom = np.clip((OFTEN - doubled) / (OFTEN - SELDOM), 0.0, 1.0)
    twins = twin_like(pairs.rungs)
    alike = strong(pairs.rungs) & ~twins
    sure, even = np.log2(SURE / (1 - SURE)), np.log2(JOINED / (1 - JOINED))
    needed: Floats = even + seldom * np.where(alike, sure - even, np.where(twins, TWINS, LESS_ALIKE))
    return np.where((seldom == 1.0) & ~alike, np.inf, needed)


def doubles(pairs: CandidatePairs, weighed: Weighed, source: Integers) -> Floats:
    """For each source the share of its records that are surely duplicates."""
    sure = (
        (source[pairs.left] == source[pairs.right]) & (weighed.weight > VOUCHES) & surely_twice(pairs.rungs)
    )
    twice = np.unique(np.concatenate([pairs.left[sure], pairs.right[sure]]))
    sizes = np.bincount(source, minlength=1)
    share: Floats = np.bincount(source[twice], minlength=len(sizes)) / np.maximum(sizes, 1)
    return share


def _confirmed_elsewhere(
    pairs: CandidatePairs, weighed: Weighed, within: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Likely duplicates in one source that both match one record of another source; that record could not join one without the other."""
    likely = (
        within
        & ~weighed.never
        & (weighed.weight > 0)
        & on(pairs.rungs, FIRST, "same", "formal", "misspelled")
    )
    likely &= on(pairs.rungs, BIRTH, "same", "day and month swapped", "one digit") | (
        (pairs.rungs[:, column(BIRTH)] < 0) & ~at_home(pairs.rungs)  # at one home it may be a brother
    )
    likely &= ~on(pairs.rungs, MIDDLE, "different") & ~twin_like(pairs.rungs)
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
    """The wanted pairs' numbers by falling weight; equal ones in their order, so that runs are repeatable."""
    at = np.flatnonzero(wanted)
    return iter(at[np.argsort(-weight[at], kind="stable")].tolist())


class RecordGroups:
    """The groups of records joined so far. Never joined are records that people ruled to be different persons and, unless people rule that
    they are one, two that one system numbered as two students."""

    def __init__(
        self, records: int, apart: Sequence[Mapping[int, int]] = (), numbers: OwnNumbers | None = None
    ) -> None:
        self.parent = list(range(records))
        self.members: dict[int, list[int]] = {}
        self.apart = apart
        self.system = numbers.system.tolist() if numbers else [NO_SYSTEM] * records
        self.student = numbers.student.tolist() if numbers else self.parent

    def of(self, record: int) -> int:
        while self.parent[record] != record:
            self.parent[record] = self.parent[self.parent[record]]
            record = self.parent[record]
        return record

    def records(self, group: int) -> list[int]:
        return self.members.get(group, [group])

    def join(self, left: int, right: int, *, ruled: bool = False) -> None:
        a, b = sorted((self.of(left), self.of(right)))
        if a == b or (not ruled and not self.may_join(a, b)):
            return
        self.members[a] = self.records(a) + self.records(b)
        self.members.pop(b, None)
        self.parent[b] = a

    def may_join(self, a: int, b: int) -> bool:
        """Whether neither people nor a system's own numbers keep the two groups apart."""
        return not self.ruled_apart(a, b) and not self._two_students(a, b)

    def numbered(self) -> Integers:
        roots = np.array([self.of(record) for record in range(len(self.parent))], dtype=np.int64)
        return np.unique(roots, return_inverse=True)[1].astype(np.int64)

    def _two_students(self, a: int, b: int) -> bool:
        """Whether one system numbered students of both groups, and none of them in both."""
        one, other = self._students(a), self._students(b)
        return any(one[system].isdisjoint(other[system]) for system in one.keys() & other.keys())

    def _students(self, group: int) -> dict[int, set[int]]:
        """The students of the group by the system that numbered them."""
        found: dict[int, set[int]] = {}
        for record in self.records(group):
            if self.system[record] != NO_SYSTEM:
                found.setdefault(self.system[record], set()).add(self.student[record])
        return found

    def ruled_apart(self, a: int, b: int) -> bool:
        """Whether people ruled that these two groups hold different persons."""
        for sides in self.apart:
            one = {sides[record] for record in self.records(a) if record in sides}
            other = {sides[record] for record in self.records(b) if record in sides}
            if len(one | other) > 1:
                return True
        return False


class _GroupPairs:
    """The pairs as pairs of groups, once each source's duplicates are joined; the best pair of two groups represents them. `alike`: the groups
    as they would be if no system's numbers kept records apart. Groups of one such group are no rivals: whoever matches one of two numbers
    that are one student's by all evidence matches the other as well."""

    def __init__(
        self,
        pairs: CandidatePairs,
        weighed: Weighed,
        source: Integers,
        groups: RecordGroups,
        alike: RecordGroups,
    ) -> None:
        self.groups, self.source = groups, source
        self.hardly = HARDLY - np.log2(max(len(source) / IN_RECORDS, 1.0))
        roots = np.array([groups.of(record) for record in range(len(source))], dtype=np.int64)
        self.roots = roots  # before any of these pairs is joined
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
        )  # of two groups: first the pairs that may be joined, then the heaviest
        self.key, first = np.unique(key[order], return_index=True)
        best = order[first]
        self.left, self.right = low[best], high[best]
        self.one, self.other = (
            pairs.left[across][best],
            pairs.right[across][best],
        )  # the best pair of the two groups
        self.weight, self.never = weight[best], never[best]
        self.contradicted = self.never & refuses[best]
        self.misborn = on(rungs[best], BIRTH, "different", "of a housemate", "two digits")
        self.garbled = self.never & (rungs[best][:, column(FIRST)] >= 0) & ~refuses[best]
        self.posterior = self._posterior(alike)

    def _posterior(self, alike: RecordGroups) -> Floats:
        """The posterior of each pair, with rivals: that of the best pair between the same two `alike` groups."""
        roots = np.array([alike.of(record) for record in range(len(self.source))], dtype=np.int64)
        left, right = roots[self.left], roots[self.right]
        key = np.minimum(left, right) * len(self.source) + np.maximum(left, right)
        order = np.lexsort((-self.weight, self.never, key))
        _, first, inverse = np.unique(key[order], return_index=True, return_inverse=True)
        best = order[first]
        rivals = Rivals(roots[self.left[best]], roots[self.right[best]], self.source)
        posterior = np.empty(len(key))
        posterior[order] = rivals.posterior(self.weight[best], ~self.never[best])[inverse]
        alone: Floats = 1 / (1 + np.exp2(-np.clip(self.weight, -60, 60)))
        return np.where(self.never, alone, posterior)

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

    def sure(self, left: int, right: int) -> bool:
        """Whether the evidence alone is enough for two records, so that no reader is asked of them."""
        a, b = sorted((int(self.roots[left]), int(self.roots[right])))
        at = int(np.searchsorted(self.key, a * len(self.source) + b))
        if a == b:
            return True
        if at == len(self.key) or self.key[at] != a * len(self.source) + b:
            return False
        return bool(not self.never[at] and self.posterior[at] >= UNSURE[1])

    def opposed(self, a: int, b: int) -> bool:
        """Whether a compared pair between the two groups says that they are two persons: another first name, or another birth date."""
        at = self._between(a, b)
        return bool((self.contradicted[at] | self.misborn[at]).any())

    def _between(self, a: int, b: int) -> Integers:
        """The places of the compared pairs between the two groups."""
        keys = [
            min(x, y) * len(self.source) + max(x, y)
            for x in self.groups.records(a)
            for y in self.groups.records(b)
        ]
        at = np.searchsorted(self.key, keys)
        found: Integers = (
            at[(at < len(self.key)) & (self.key[np.minimum(at, len(self.key) - 1)] == keys)]
            if len(self.key)
            else np.empty(0, np.int64)
        )
        return found

    def carried(self, a: int, b: int) -> bool:
        """Whether no compared pair between the two groups is against joining them, or the others outweigh it.

        A record without a birth date matches both of two persons with one name, and must not join them. A pair that may not be joined
        alone counts neither way if a first name is missing, and forbids the join if both are known.
        """
        if self._single(a, b):  # the usual case: one pair decides
            place = int(np.searchsorted(self.key, min(a, b) * len(self.source) + max(a, b)))
            if not self.never[place] and self.weight[place] > 0:
                return True
        at = self._between(a, b)
        if self.contradicted[at].any():
            return False
        against = self.garbled[
            at
        ]  # a garbled name while everything else agrees: other pairs must outweigh it
        weights = np.sort(self.weight[at][~self.never[at]])
        if len(weights) == 0:
            return False
        if weights[0] > 0 and not against.any():
            return True
        needed = (
            CARRIES_LITTLE if weights[0] > self.hardly and not (against | self.misborn[at]).any() else CARRIES
        )
        rest = weights if against.any() and weights[0] > 0 else weights[1:]
        return bool(rest.sum() > needed)

    def for_review(
        self, pairs: CandidatePairs, doubtful: npt.NDArray[np.bool_]
    ) -> tuple[tuple[int, int], ...]:
        """Uncertain pairs across sources, likely pairs that only a household supports, and likely duplicates in one source."""
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
