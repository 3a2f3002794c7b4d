"""How likely it is that a pair is one person: learned without labels, counting rivals.

Weights are log2 odds. A pair's posterior is e / (1 + e + rivals), where the rivals are the other candidates of either
record in the other's source: of two good candidates, neither is certain. Learning is expectation and maximisation
over that posterior. What few records cannot teach stays near the shares of `evidence`: each is a prior worth some
pairs, so five records on each side are judged by general knowledge, and a million by themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Chance, Integers
from throughway.identity.linkage.comparisons import COMPARISONS, FAMILY, FIRST, Rungs, never_alone, on

Floats = npt.NDArray[np.float64]

ROUNDS = 15
SETTLED = 0.0005
PAIRS_BEHIND_M = 60.0  # the prior of a ladder's m is worth so many true pairs
PAIRS_BEHIND_U = 5_000.0  # the prior of a ladder's u is worth so many chance pairs
SHARE_LINKED, RECORDS_BEHIND_LINKED = (
    0.4,
    20.0,
)  # of the smaller source, so many are thought to be in the other
SHARE_TWICE, RECORDS_BEHIND_TWICE = 0.003, 400.0  # so many are thought to stand in one source twice
FEWEST = 200.0  # learners that a source is thought to have drawn from, however few it shows
FAMILIES_TOGETHER = 2  # rounds in which linked pairs speak for others of the same two addresses
PAIRS_BEHIND_HOME, HOMES_TOGETHER = 50.0, 0.3
MOST_RARE = 5.0  # bits that a rare or common name may add or take
LARGEST = 60.0  # bits; beyond it all is certain


@dataclass(frozen=True)
class WeighingInputs:
    """What weighing needs of the records, one entry a record: `source` is its source's number, the shares say how
    common its names are (NaN where it has none), `home` is the number of its address (-1 where it has none)."""

    source: Integers
    first_share: Floats
    surname_share: Floats
    home: Integers | None = None

    @property
    def sources(self) -> int:
        return int(self.source.max()) + 1 if len(self.source) else 0


def records_in(rows: pa.Table, sources: Sequence[str]) -> WeighingInputs:
    """What weighing needs of the rows, which are as they are compared; `sources` are numbered in this order."""
    first, surname = (
        rows[name].to_numpy(zero_copy_only=False).astype(float) for name in ("first_share", "surname_share")
    )
    source = pc.index_in(rows["source"], pa.array(list(sources), pa.string())).to_numpy().astype(np.int64)
    return WeighingInputs(
        source, first, surname, home_numbers(rows["street"]) if "street" in rows.column_names else None
    )


def home_numbers(streets: pa.ChunkedArray) -> np.ndarray:
    """A number for each address, the same for the same one; -1 where there is none."""
    codes = pc.fill_null(streets.combine_chunks().dictionary_encode().indices, -1)
    numbers: np.ndarray = codes.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


@dataclass(frozen=True)
class HouseholdWeight:
    """Bits for a household: with another linked pair of the same two addresses, and without; where both records are of one
    address, and where they are of two."""

    one: tuple[float, float]
    two: tuple[float, float]


@dataclass(frozen=True)
class Weighed:
    """`weight`: log2 odds that a pair is one person, rivals apart. `never`: not to be joined without a look.
    `shares`: the (m, u) of each level of each comparison, for the record. `alone`: the weight before households were looked at;
    `homes`: what a household was worth, round by round."""

    weight: Floats
    never: npt.NDArray[np.bool_]
    shares: Mapping[str, Mapping[str, tuple[float, float]]]
    alone: Floats | None = None
    homes: Sequence[HouseholdWeight] = ()


def weigh(pairs: CandidatePairs, chance: Chance, records: WeighingInputs) -> Weighed:
    """Learns from the pairs, and from what chance makes agree, what each agreement is worth, and weighs the pairs."""
    never = never_alone(pairs.rungs)
    rare = rarity(pairs, records)
    rivals = Rivals(pairs.left, pairs.right, records.source)
    kinds, drawn = _Kinds(pairs.rungs), _Kinds(chance.drawn.rungs)
    m = [np.array([level.m for level in reversed(c.levels)]) for c in COMPARISONS]
    u = [np.array([level.u for level in reversed(c.levels)]) for c in COMPARISONS]
    expected = rivals.prior(np.zeros(len(pairs)))
    posterior = np.zeros(len(pairs))
    weight = rare
    for _ in range(ROUNDS):
        weight = rare + expected + kinds.bits(m, u)
        before, posterior = posterior, np.where(never, 0.0, rivals.posterior(weight, ~never))
        if len(pairs) == 0 or np.abs(before - posterior).max() < SETTLED:
            break
        m, u = _learned(kinds, drawn, chance, posterior)
        expected = rivals.prior(posterior)
    alone = rare + expected + kinds.bits(m, u)
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
    """The sum over comparisons of log2(m/u) at each pair's level; nothing where it cannot be compared."""
    return _bits(pairs.rungs, m, u)


def _bits(rungs: Rungs, m: list[Floats], u: list[Floats]) -> Floats:
    total = np.zeros(len(rungs))
    for at in range(len(COMPARISONS)):
        total += np.append(np.log2(m[at] / u[at]), 0.0)[rungs[:, at]]  # -1, unknown, is the appended 0
    return total


class _Kinds:
    """The pairs by where they stand on all ladders: millions stand in a few thousand ways."""

    def __init__(self, rungs: Rungs) -> None:
        code = np.zeros(len(rungs), np.int64)
        for at, comparison in enumerate(COMPARISONS):
            code = code * (len(comparison.levels) + 1) + rungs[:, at] + 1
        _, first, self.of = np.unique(code, return_index=True, return_inverse=True)
        self.rungs = rungs[first]

    def bits(self, m: list[Floats], u: list[Floats]) -> Floats:
        """What `evidence` gives, for each pair."""
        each: Floats = _bits(self.rungs, m, u)[self.of]
        return each

    def levels(self, number: Floats, at: int) -> Floats:
        """Of each level of a comparison, those that can be compared; `number`: of each kind, how many."""
        levels = len(COMPARISONS[at].levels)
        return np.bincount(self.rungs[:, at] + 1, number, minlength=levels + 1)[1:].astype(float)

    def sums(self, posterior: Floats) -> Floats:
        """Of each kind: how many are one person, expected."""
        return np.bincount(self.of, posterior, minlength=len(self.rungs)).astype(float)


def rarity(
    pairs: CandidatePairs, records: WeighingInputs, usual: tuple[float, float] | None = None
) -> Floats:
    """Bits for sharing a name that few have, taken away for one that many have. `usual`: how common first names and surnames
    are at the mean, where it is not that of these records."""
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
    """Bits for a household that goes together, and what it was worth in each round: as `known`, or else as learned here.

    In each round the linked pairs of two addresses speak for the others of the same two."""
    bits, worth = np.zeros(len(pairs)), list[HouseholdWeight]()
    if records.home is None or len(pairs) == 0:
        return bits, worth
    left, right = records.home[pairs.left], records.home[pairs.right]
    both = (left >= 0) & (right >= 0)
    strata = both & (left == right), both & (left != right)
    others = _Others(pairs, left, right, both)
    for turn in range(FAMILIES_TOGETHER):
        posterior = np.where(never, 0.0, rivals.posterior(alone + bits, ~never))
        seen = others.of(posterior) > 0.5
        found = [
            known[turn].one if known else _worth(posterior[strata[0] & ~never], seen[strata[0] & ~never]),
            known[turn].two if known else _worth(posterior[strata[1] & ~never], seen[strata[1] & ~never]),
        ]
        worth.append(HouseholdWeight(*found))
        for stratum, (beside, by_itself) in zip(strata, found, strict=True):
            bits = np.where(stratum & ~never, np.where(seen, beside, by_itself), bits)
    return bits, worth


def _worth(posterior: Floats, seen: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Bits with another linked pair of the same two addresses, and without."""
    true, false = posterior, 1 - posterior
    m, u = (
        float((each[seen].sum() + PAIRS_BEHIND_HOME * HOMES_TOGETHER) / (each.sum() + PAIRS_BEHIND_HOME))
        for each in (true, false)
    )
    return float(np.log2(m / u)), float(np.log2((1 - m) / (1 - u)))


class _Others:
    """For each pair, the pairs of the same two addresses that have neither of its records: the best pair of either record is
    itself or its rival, and others of the household are what counts."""

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
        """How many of them are one person, expected."""
        found = np.where(self.both, posterior, 0.0)
        of_record = np.bincount(self.having.reshape(-1), np.tile(found, 2))
        others: Floats = found + np.bincount(self.key, found)[self.key] - of_record[self.having].sum(axis=0)
        return others


class Rivals:
    """For each pair, the other pairs that want the same record for another of the same source."""

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
        """e / (1 + e + rivals); within one source nothing rivals. Pairs that are not counted rival none."""
        odds = np.exp2(np.clip(weight, -LARGEST, LARGEST))
        rival = np.where(counted & self.across, odds, 0.0)
        if len(rival) == 0:
            return rival
        others = np.bincount(self.wanted.reshape(-1), np.tile(rival, 2))[self.wanted].sum(axis=0)
        alone, against_rivals = odds / (1 + odds), odds / (1 + np.maximum(others - odds, odds))
        posterior: Floats = np.where(self.across & counted, against_rivals, alone)
        return posterior

    def prior(self, posterior: Floats) -> Floats:
        """log2 odds, before any evidence, that a pair of its two sources is one person."""
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
    kinds: _Kinds, drawn: _Kinds, chance: Chance, posterior: Floats
) -> tuple[list[Floats], list[Floats]]:
    """m from the pairs by their posterior; u from the pairs that were drawn, and from all where they can be counted, less the true
    pairs among them. Beside all pairs a prior is worth the same share as beside those drawn: that nobody shares a value with a
    stranger here is no proof that nobody will."""
    share = len(chance.drawn) / max(chance.possible, 1)
    linked, unlinked = kinds.sums(posterior), drawn.sums(np.ones(len(chance.drawn)))
    ms, us = [], []
    for at, comparison in enumerate(COMPARISONS):
        m = np.array([level.m for level in reversed(comparison.levels)])
        u = np.array([level.u for level in reversed(comparison.levels)])
        true, seen = (each.levels(number, at) for each, number in ((kinds, linked), (drawn, unlinked)))
        if comparison.learned:
            false = np.maximum(seen - true * share, 0.0)
            m = (true + PAIRS_BEHIND_M * m) / (true.sum() + PAIRS_BEHIND_M)
            u = (false + PAIRS_BEHIND_U * u) / (false.sum() + PAIRS_BEHIND_U)
        if comparison.learned and comparison.name in chance.counted:
            u = chance.counted[comparison.name].u(comparison, u, true, PAIRS_BEHIND_U / share)
        ms.append(m)
        us.append(u)
    return ms, us
