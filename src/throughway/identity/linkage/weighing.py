"""How likely it is that a pair is one person: learned without labels, counting rivals.

Weights are log2 odds. A pair's posterior is e / (1 + e + rivals), where the rivals are the other candidates of either
record in the other's source: of two good candidates, neither is certain. Learning is expectation and maximisation
over that posterior. What few records cannot teach stays near the shares of `evidence`: each is a prior worth some
pairs, so five records on each side are judged by general knowledge, and a million by themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.linkage.comparing import Integers, Pairs
from throughway.identity.linkage.evidence import COMPARISONS, FAMILY, FIRST, never_alone, on

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
class Records:
    """What weighing needs of the records, one entry a record: `source` is its source's number, the shares say how
    common its names are (NaN where it has none), `home` is the number of its address (-1 where it has none)."""

    source: Integers
    first_share: Floats
    surname_share: Floats
    home: Integers | None = None

    @property
    def sources(self) -> int:
        return int(self.source.max()) + 1 if len(self.source) else 0


@dataclass(frozen=True)
class Weighed:
    """`weight`: log2 odds that a pair is one person, rivals apart. `never`: not to be joined without a look.
    `shares`: the (m, u) of each level of each comparison, for the record."""

    weight: Floats
    never: npt.NDArray[np.bool_]
    shares: Mapping[str, Mapping[str, tuple[float, float]]]


def weigh(pairs: Pairs, chance: Pairs, records: Records) -> Weighed:
    """Learns from the pairs, and from pairs drawn by chance, what each agreement is worth, and weighs the pairs."""
    never = never_alone(pairs.rungs)
    rare = rarity(pairs, records)
    rivals = Rivals(pairs.left, pairs.right, records.source)
    m = [np.array([level.m for level in reversed(c.levels)]) for c in COMPARISONS]
    u = [np.array([level.u for level in reversed(c.levels)]) for c in COMPARISONS]
    expected = rivals.prior(np.zeros(len(pairs)))
    posterior = np.zeros(len(pairs))
    weight = rare
    for _ in range(ROUNDS):
        weight = rare + expected + evidence(pairs, m, u)
        before, posterior = posterior, np.where(never, 0.0, rivals.posterior(weight, ~never))
        if len(pairs) == 0 or np.abs(before - posterior).max() < SETTLED:
            break
        m, u = _learned(pairs, chance, posterior, len(records.source))
        expected = rivals.prior(posterior)
    for _ in range(FAMILIES_TOGETHER):
        together = companions(pairs, posterior, never, records)
        posterior = np.where(never, 0.0, rivals.posterior(weight + together, ~never))
    weight = weight + together
    shares = {
        c.name: {
            level.name: (float(m[at][c.level(level.name)]), float(u[at][c.level(level.name)]))
            for level in c.levels
        }
        for at, c in enumerate(COMPARISONS)
    }
    return Weighed(weight, never, shares)


def evidence(pairs: Pairs, m: list[Floats], u: list[Floats]) -> Floats:
    """The sum over comparisons of log2(m/u) at each pair's level; nothing where it cannot be compared."""
    total = np.zeros(len(pairs))
    for at in range(len(COMPARISONS)):
        rung = pairs.rungs[:, at]
        total += np.append(np.log2(m[at] / u[at]), 0.0)[rung]  # -1, unknown, is the appended 0
    return total


def rarity(pairs: Pairs, records: Records, usual: tuple[float, float] | None = None) -> Floats:
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


def companions(pairs: Pairs, posterior: Floats, never: npt.NDArray[np.bool_], records: Records) -> Floats:
    """Bits for a household that goes together: another pair of the same two addresses that is one person, or is not.

    What it is worth is learned from the candidates themselves, apart for one address and for two.
    """
    bits = np.zeros(len(pairs))
    if records.home is None or len(pairs) == 0:
        return bits
    left, right = records.home[pairs.left], records.home[pairs.right]
    known = (left >= 0) & (right >= 0)
    _, key = np.unique(
        np.stack([np.minimum(left, right), np.maximum(left, right)]), axis=1, return_inverse=True
    )
    key = key.reshape(-1)
    # The best pair of each of the two records is itself or its rival: others of the household are what counts.
    found = np.where(known, posterior, 0.0)
    others = np.bincount(key, found)[key] - found
    for side in (pairs.left, pairs.right):
        _, shared = np.unique(np.stack([key, side]), axis=1, return_inverse=True)
        shared = shared.reshape(-1)
        others -= np.bincount(shared, found)[shared] - found
    with_another = others > 0.5
    for stratum in (known & (left == right), known & (left != right)):
        stratum = stratum & ~never
        true, false = posterior[stratum], 1 - posterior[stratum]
        seen = with_another[stratum]
        m = (true[seen].sum() + PAIRS_BEHIND_HOME * HOMES_TOGETHER) / (true.sum() + PAIRS_BEHIND_HOME)
        u = (false[seen].sum() + PAIRS_BEHIND_HOME * HOMES_TOGETHER) / (false.sum() + PAIRS_BEHIND_HOME)
        bits[stratum] = np.where(seen, np.log2(m / u), np.log2((1 - m) / (1 - u)))
    return bits


class Rivals:
    """For each pair, the other pairs that want the same record for another of the same source."""

    def __init__(self, left: Integers, right: Integers, source: Integers) -> None:
        sources = int(source.max()) + 1 if len(source) else 1
        self.sizes = np.bincount(source, minlength=sources).astype(float)
        of_left, of_right = source[left], source[right]
        self.across = of_left != of_right
        self.kind = np.minimum(of_left, of_right) * sources + np.maximum(of_left, of_right)
        self.kinds = sources
        self.wants_left = np.unique(left * sources + of_right, return_inverse=True)[1]
        self.wants_right = np.unique(right * sources + of_left, return_inverse=True)[1]

    def posterior(self, weight: Floats, counted: npt.NDArray[np.bool_]) -> Floats:
        """e / (1 + e + rivals); within one source nothing rivals. Pairs that are not counted rival none."""
        odds = np.exp2(np.clip(weight, -LARGEST, LARGEST))
        rival = np.where(counted & self.across, odds, 0.0)
        if len(rival) == 0:
            return rival
        others = np.bincount(self.wants_left, rival)[self.wants_left]
        others += np.bincount(self.wants_right, rival)[self.wants_right]
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
    pairs: Pairs, chance: Pairs, posterior: Floats, records: int
) -> tuple[list[Floats], list[Floats]]:
    """m from the pairs by their posterior; u from chance pairs, less the true pairs among them."""
    drawn = len(chance) / max(records * (records - 1) / 2, 1)
    ms, us = [], []
    for at, comparison in enumerate(COMPARISONS):
        m = np.array([level.m for level in reversed(comparison.levels)])
        u = np.array([level.u for level in reversed(comparison.levels)])
        if comparison.learned:
            size = len(m)
            known = pairs.rungs[:, at] >= 0
            true = np.bincount(pairs.rungs[known, at], posterior[known], minlength=size)
            seen = np.bincount(chance.rungs[chance.rungs[:, at] >= 0, at], minlength=size)
            false = np.maximum(seen - true * drawn, 0.0)
            m = (true + PAIRS_BEHIND_M * m) / (true.sum() + PAIRS_BEHIND_M)
            u = (false + PAIRS_BEHIND_U * u) / (false.sum() + PAIRS_BEHIND_U)
        ms.append(m)
        us.append(u)
    return ms, us
