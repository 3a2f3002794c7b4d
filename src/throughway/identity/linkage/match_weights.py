"""The probability that a pair is one person, learned without labels and taking rivals into account.

Weights are log2 odds. A pair's posterior is e / (1 + e + rivals), where the rivals are the other candidates for either record in the
other's source: with two good candidates, neither is certain. Learning is expectation-maximization over that posterior. The shares stated in the comparisons are a prior worth some
pairs, so five records on each side are judged by general knowledge, and a million by what is learned from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.candidate_pairs import CandidatePairs, ChanceAgreement, Integers
from throughway.identity.linkage.comparisons import COMPARISONS, FAMILY, FIRST, Rungs, never_alone, on

Floats = npt.NDArray[np.float64]

ROUNDS = 15
SETTLED = 0.0005
PAIRS_BEHIND_M = 60.0  # the prior of a comparison's m is worth this many true pairs
PAIRS_BEHIND_U = 5_000.0  # the prior of a comparison's u is worth this many chance pairs
# The prior share of the smaller source that is also in the other source, and of one source's records that are duplicates; and the
# weight of each prior in records.
SHARE_LINKED, RECORDS_BEHIND_LINKED = 0.4, 20.0
SHARE_TWICE, RECORDS_BEHIND_TWICE = 0.003, 400.0
FEWEST = 200.0  # the fewest students that a source is assumed to be drawn from
FAMILY_ROUNDS = 2  # rounds in which linked pairs are evidence for other pairs of the same two addresses
PAIRS_BEHIND_HOME, HOMES_TOGETHER = 50.0, 0.3
MOST_RARE = 5.0  # bits that a rare or common name may add or take
LARGEST = 60.0  # bits; beyond it a pair is certain


@dataclass(frozen=True)
class WeighingInputs:
    """One entry a record: `source` is its source's number, the shares say how common its names are (NaN where it has none), and `home`
    is the number of its address (-1 where it has none)."""

    source: Integers
    first_share: Floats
    surname_share: Floats
    home: Integers | None = None

    @property
    def sources(self) -> int:
        return int(self.source.max()) + 1 if len(self.source) else 0


def records_in(rows: pa.Table, sources: Sequence[str]) -> WeighingInputs:
    """The inputs from rows of `comparable`; `sources` are numbered in this order."""
    first, surname = (
        rows[name].to_numpy(zero_copy_only=False).astype(float) for name in ("first_share", "surname_share")
    )
    source = pc.index_in(rows["source"], pa.array(list(sources), pa.string())).to_numpy().astype(np.int64)
    return WeighingInputs(
        source, first, surname, home_numbers(rows["street"]) if "street" in rows.column_names else None
    )


def home_numbers(streets: pa.ChunkedArray) -> np.ndarray:
    """A number for each address, equal for equal addresses; -1 if there is none."""
    codes = pc.fill_null(streets.combine_chunks().dictionary_encode().indices, -1)
    numbers: np.ndarray = codes.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


@dataclass(frozen=True)
class HouseholdWeight:
    """Bits with and without another linked pair of the same two addresses: where both records have one address, and where they have two."""

    one: tuple[float, float]
    two: tuple[float, float]


@dataclass(frozen=True)
class Weighed:
    """`weight`: log2 odds that a pair is one person, without rivals. `never`: not to be joined without a reader. `shares`: the (m, u) of
    each level of each comparison. `alone`: the weight without household evidence; `homes`: the household weights, round by round."""

    weight: Floats
    never: npt.NDArray[np.bool_]
    shares: Mapping[str, Mapping[str, tuple[float, float]]]
    alone: Floats | None = None
    homes: Sequence[HouseholdWeight] = ()

    @property
    def weight_alone(self) -> Floats:
        return self.weight if self.alone is None else self.alone


def weigh(
    pairs: CandidatePairs,
    chance: ChanceAgreement,
    records: WeighingInputs,
    two: npt.NDArray[np.bool_] | None = None,
) -> Weighed:
    """Learns the weight of each level from the pairs and from agreements by chance, and weighs the pairs. `two`: pairs that are two persons
    by their own numbers, however alike: they do not teach how records of one person agree."""
    teaching = np.ones(len(pairs)) if two is None else np.where(two, 0.0, 1.0)
    never = never_alone(pairs.rungs)
    rare = rarity(pairs, records)
    rivals = Rivals(pairs.left, pairs.right, records.source)
    patterns, drawn = _Patterns(pairs.rungs), _Patterns(chance.drawn.rungs)
    m = [np.array([level.m for level in reversed(c.levels)]) for c in COMPARISONS]
    u = [np.array([level.u for level in reversed(c.levels)]) for c in COMPARISONS]
    expected = rivals.prior(np.zeros(len(pairs)))
    posterior = np.zeros(len(pairs))
    weight = rare
    for _ in range(ROUNDS):
        weight = rare + expected + patterns.bits(m, u)
        before, posterior = posterior, np.where(never, 0.0, rivals.posterior(weight, ~never))
        if len(pairs) == 0 or np.abs(before - posterior).max() < SETTLED:
            break
        m, u = _learned(patterns, drawn, chance, posterior * teaching)
        expected = rivals.prior(posterior)
    alone = rare + expected + patterns.bits(m, u)
    together, homes = households(pairs, alone, never, records, rivals)
    shares = {
        c.name: {
            level.name: (float(m[at][c.level(level.name)]), float(u[at][c.level(level.name)]))
            for level in c.levels
        }
        for at, c in enumerate(COMPARISONS)
    }
    return Weighed(alone + together, never, shares, alone, homes)


def evidence(pairs: CandidatePairs, m: list[Floats], u: list[Floats]) -> Floats:
    """The sum over comparisons of log2(m/u) at each pair's level; 0 if it cannot be compared."""
    return _bits(pairs.rungs, m, u)


def _bits(rungs: Rungs, m: list[Floats], u: list[Floats]) -> Floats:
    total = np.zeros(len(rungs))
    for at in range(len(COMPARISONS)):
        total += np.append(np.log2(m[at] / u[at]), 0.0)[rungs[:, at]]  # -1, unknown, is the appended 0
    return total


class _Patterns:
    """The pairs by their levels on all comparisons: millions of pairs have a few thousand patterns."""

    def __init__(self, rungs: Rungs) -> None:
        code = np.zeros(len(rungs), np.int64)
        for at, comparison in enumerate(COMPARISONS):
            code = code * (len(comparison.levels) + 1) + rungs[:, at] + 1
        _, first, self.of = np.unique(code, return_index=True, return_inverse=True)
        self.rungs = rungs[first]

    def bits(self, m: list[Floats], u: list[Floats]) -> Floats:
        """The `evidence` of each pair."""
        each: Floats = _bits(self.rungs, m, u)[self.of]
        return each

    def levels(self, number: Floats, at: int) -> Floats:
        """How many pairs are on each level of the comparison; `number`: how many have each pattern."""
        levels = len(COMPARISONS[at].levels)
        return np.bincount(self.rungs[:, at] + 1, number, minlength=levels + 1)[1:].astype(float)

    def sums(self, posterior: Floats) -> Floats:
        """For each pattern, the expected number of pairs of one person."""
        return np.bincount(self.of, posterior, minlength=len(self.rungs)).astype(float)


def rarity(
    pairs: CandidatePairs, records: WeighingInputs, usual: tuple[float, float] | None = None
) -> Floats:
    """Bits added for sharing a rare name, or subtracted for a common one. `usual`: the mean frequency of first names and surnames, if it is
    not that of these records."""
    total = np.zeros(len(pairs))
    agreeing = (
        (on(pairs.rungs, FIRST, "same"), records.first_share),
        (on(pairs.rungs, FAMILY, "same", "same, moved"), records.surname_share),
    )
    for at, (agree, share) in enumerate(agreeing):
        if not agree.any():
            continue
        mean = usual[at] if usual else np.nanmean(share)
        common = np.fmax(share[pairs.left[agree]], share[pairs.right[agree]])
        total[agree] += np.nan_to_num(np.clip(np.log2(mean / common), -MOST_RARE, MOST_RARE))
    return total


def households(
    pairs: CandidatePairs,
    alone: Floats,
    never: npt.NDArray[np.bool_],
    records: WeighingInputs,
    rivals: "Rivals",
    known: Sequence[HouseholdWeight] = (),
) -> tuple[Floats, list[HouseholdWeight]]:
    """Bits for other linked pairs of the same household, and the household weights of each round: those `known`, or else learned here."""
    bits, worth = np.zeros(len(pairs)), list[HouseholdWeight]()
    if records.home is None or len(pairs) == 0:
        return bits, worth
    left, right = records.home[pairs.left], records.home[pairs.right]
    both = (left >= 0) & (right >= 0)
    strata = both & (left == right), both & (left != right)
    others = _Others(pairs, left, right, both)
    for turn in range(FAMILY_ROUNDS):
        posterior = np.where(never, 0.0, rivals.posterior(alone + bits, ~never))
        seen = others.of(posterior) > 0.5
        found = [
            known[turn].one if known else _worth(posterior[strata[0] & ~never], seen[strata[0] & ~never]),
            known[turn].two if known else _worth(posterior[strata[1] & ~never], seen[strata[1] & ~never]),
        ]
        worth.append(HouseholdWeight(*found))
        for stratum, (with_others, without) in zip(strata, found, strict=True):
            bits = np.where(stratum & ~never, np.where(seen, with_others, without), bits)
    return bits, worth


def _worth(posterior: Floats, seen: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Bits with another linked pair of the same two addresses (`seen`), and without."""
    true, false = posterior, 1 - posterior
    m, u = (
        float((each[seen].sum() + PAIRS_BEHIND_HOME * HOMES_TOGETHER) / (each.sum() + PAIRS_BEHIND_HOME))
        for each in (true, false)
    )
    return float(np.log2(m / u)), float(np.log2((1 - m) / (1 - u)))


class _Others:
    """For each pair, the pairs of the same two addresses that have neither of its records: other members of the household."""

    def __init__(
        self, pairs: CandidatePairs, left: Integers, right: Integers, both: npt.NDArray[np.bool_]
    ) -> None:
        self.both = both
        homes, number = np.unique(np.concatenate([left, right]), return_inverse=True)
        one, other = number.reshape(2, -1)
        key = np.minimum(one, other) * len(homes) + np.maximum(one, other)
        self.key = np.unique(key, return_inverse=True)[1].reshape(-1)
        width = int(max(pairs.left.max(), pairs.right.max())) + 1
        having = np.concatenate([self.key * width + side for side in (pairs.left, pairs.right)])
        self.having = np.unique(having, return_inverse=True)[1].reshape(2, -1)

    def of(self, posterior: Floats) -> Floats:
        """The expected number of them that are one person."""
        found = np.where(self.both, posterior, 0.0)
        of_record = np.bincount(self.having.reshape(-1), np.tile(found, 2))
        others: Floats = found + np.bincount(self.key, found)[self.key] - of_record[self.having].sum(axis=0)
        return others


class Rivals:
    """For each pair, the pairs that offer the same record another candidate of the same source."""

    def __init__(self, left: Integers, right: Integers, source: Integers) -> None:
        sources = int(source.max()) + 1 if len(source) else 1
        self.sizes = np.bincount(source, minlength=sources).astype(float)
        of_left, of_right = source[left], source[right]
        self.across = of_left != of_right
        self.kind = np.minimum(of_left, of_right) * sources + np.maximum(of_left, of_right)
        self.kinds = sources
        wanted = np.concatenate([left * sources + of_right, right * sources + of_left])
        self.wanted = np.unique(wanted, return_inverse=True)[1].reshape(2, -1)

    def posterior(self, weight: Floats, counted: npt.NDArray[np.bool_]) -> Floats:
        """e / (1 + e + rivals). Pairs within one source, and pairs that are not `counted`, are not rivals."""
        odds = np.exp2(np.clip(weight, -LARGEST, LARGEST))
        rival = np.where(counted & self.across, odds, 0.0)
        if len(rival) == 0:
            return rival
        others = np.bincount(self.wanted.reshape(-1), np.tile(rival, 2))[self.wanted].sum(axis=0)
        alone, against_rivals = odds / (1 + odds), odds / (1 + np.maximum(others - odds, odds))
        posterior: Floats = np.where(self.across & counted, against_rivals, alone)
        return posterior

    def prior(self, posterior: Floats) -> Floats:
        """log2 odds, before any evidence, that a pair of these two sources is one person."""
        found = np.bincount(self.kind, posterior, minlength=self.kinds**2)
        odds = np.zeros(self.kinds**2)
        for kind in np.unique(self.kind):
            a, b = divmod(int(kind), self.kinds)
            smaller = min(self.sizes[a], self.sizes[b])
            share, behind = (
                (SHARE_TWICE, RECORDS_BEHIND_TWICE) if a == b else (SHARE_LINKED, RECORDS_BEHIND_LINKED)
            )
            matched = smaller * (found[kind] + share * behind) / (smaller + behind)
            larger = max(self.sizes[a], self.sizes[b], FEWEST)
            possible = smaller * larger / (2 if a == b else 1)
            odds[kind] = np.log2(matched / (possible - matched))
        prior: Floats = odds[self.kind]
        return prior


def _learned(
    patterns: _Patterns, drawn: _Patterns, chance: ChanceAgreement, posterior: Floats
) -> tuple[list[Floats], list[Floats]]:
    """m from the pairs by their posterior; u from the drawn pairs, and from all pairs where agreements were counted, without the true
    pairs among them. The prior has the same share against counts over all pairs as against drawn pairs: if no two different persons share a value
    here, some still may later."""
    share = len(chance.drawn) / max(chance.possible, 1)
    linked, unlinked = patterns.sums(posterior), drawn.sums(np.ones(len(chance.drawn)))
    ms, us = [], []
    for at, comparison in enumerate(COMPARISONS):
        m = np.array([level.m for level in reversed(comparison.levels)])
        u = np.array([level.u for level in reversed(comparison.levels)])
        true, seen = (each.levels(number, at) for each, number in ((patterns, linked), (drawn, unlinked)))
        if comparison.learned:
            false = np.maximum(seen - true * share, 0.0)
            m = (true + PAIRS_BEHIND_M * m) / (true.sum() + PAIRS_BEHIND_M)
            u = (false + PAIRS_BEHIND_U * u) / (false.sum() + PAIRS_BEHIND_U)
        if comparison.learned and comparison.name in chance.counted:
            u = chance.counted[comparison.name].u(comparison, u, true, PAIRS_BEHIND_U / share)
        ms.append(m)
        us.append(u)
    return ms, us
