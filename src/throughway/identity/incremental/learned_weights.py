"""What the last full run learned, kept so that a few pairs can be weighed without learning anew.

A weight is a sum: bits for each rung, bits for rare names, what the two sources have in common before anything is compared,
what a household is worth, and what readers taught. The third is read off the full run's own weights, so that it is what that run
used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from throughway.identity.linkage.candidate_pairs import CandidatePairs
from throughway.identity.linkage.comparisons import COMPARISONS, never_alone
from throughway.identity.linkage.label_model import LabelModel, corrected
from throughway.identity.linkage.match_weights import (
    Floats,
    HouseholdWeight,
    Rivals,
    Weighed,
    WeighingInputs,
    evidence,
    households,
    rarity,
)
from throughway.identity.linkage.resolution import Learned

NOTHING_COMPARED = -15.0  # bits, where a full run compared no pair at all

Shares = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True)
class Weights:
    """`shares`: m and u of each rung. `before`: bits for two sources, by their names in order. `first`, `surname`: how common
    a name of a record is, at the mean. `homes`: what a household was worth, round by round. `doubled`: of each source, by its name,
    the share of records that are surely one another. `lesson`: what readers taught."""

    shares: Shares
    before: Mapping[str, float]
    first: float
    surname: float
    homes: Sequence[HouseholdWeight] = ()
    doubled: Mapping[str, float] = field(default_factory=dict)
    lesson: LabelModel | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "shares": self.shares,
            "before": dict(self.before),
            "first": self.first,
            "surname": self.surname,
            "homes": [asdict(worth) for worth in self.homes],
            "doubled": dict(self.doubled),
            "lesson": self.lesson.to_json() if self.lesson else None,
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "Weights":
        return cls(
            told["shares"], told["before"], told["first"], told["surname"],
            [HouseholdWeight(tuple(each["one"]), tuple(each["two"])) for each in told["homes"]],
            told["doubled"],
            LabelModel.of_json(told["lesson"]) if told["lesson"] else None,
        )  # fmt: skip

    def knows(self, sources: Sequence[str]) -> bool:
        """Whether it can weigh pairs of every two of these sources."""
        return all(source_pair_name(a, b) in self.before for a in sources for b in sources)

    def doubles(self, sources: Sequence[str]) -> Floats:
        """Of each of these sources: the share of its records that are surely one another."""
        return np.array([self.doubled.get(name, 0.0) for name in sources] or [0.0])

    @property
    def usually(self) -> float:
        """Bits that two records of different sources have in common before anything is compared, in the middle."""
        across = [bits for both, bits in self.before.items() if len(set(both.split("\n"))) > 1]
        return float(np.median(across or list(self.before.values()) or [NOTHING_COMPARED]))

    def alone(self, pairs: CandidatePairs, records: WeighingInputs, sources: Sequence[str]) -> Floats:
        """Each pair by itself, as the full run would have weighed it; `sources` are the names of the numbers in `records`."""
        bits = evidence(pairs, *self._of_rungs()) + rarity(pairs, records, (self.first, self.surname))
        kinds = np.array(
            [[self.before.get(source_pair_name(a, b), 0.0) for b in sources] for a in sources] or [[0.0]]
        )
        before: Floats = kinds[records.source[pairs.left], records.source[pairs.right]]
        return bits + before

    def weigh(self, pairs: CandidatePairs, records: WeighingInputs, sources: Sequence[str]) -> Weighed:
        """The pairs as the full run would have weighed them, with what their households and their rivals make of them: both
        must be among the pairs."""
        return self.among(pairs, self.alone(pairs, records, sources), records)

    def among(self, pairs: CandidatePairs, alone: Floats, records: WeighingInputs) -> Weighed:
        """The pairs, weighed alone already, with what the others among them say."""
        never = never_alone(pairs.rungs)
        rivals = Rivals(pairs.left, pairs.right, records.source)
        bits = np.zeros(len(pairs))
        if self.homes:
            bits, _ = households(pairs, alone, never, records, rivals, self.homes)
        plain = Weighed(alone + bits, never, self.shares, alone, self.homes)
        return corrected(pairs, plain, records, self.lesson, (self.first, self.surname))

    def _of_rungs(self) -> tuple[list[Floats], list[Floats]]:
        m, u = (
            [
                np.array([self.shares[c.name][level.name][side] for level in reversed(c.levels)])
                for c in COMPARISONS
            ]
            for side in (0, 1)
        )
        return m, u


def source_pair_name(one: str, other: str) -> str:
    """Two sources under one name, in either order; no partner's id has a line break."""
    return "\n".join(sorted((one, other)))


def learned(
    pairs: CandidatePairs, found: Learned, records: WeighingInputs, sources: Sequence[str]
) -> Weights:
    """Reads off a full run what a sum of rungs and rare names leaves: what each two sources had in common beforehand."""
    first, surname = (
        float(np.nanmean(share)) if np.isfinite(share).any() else 1.0
        for share in (records.first_share, records.surname_share)
    )
    weighed = found.weighed
    alone = weighed.weight if weighed.alone is None else weighed.alone
    left = alone - Weights(weighed.shares, {}, first, surname).alone(pairs, records, sources)
    kind = records.source[pairs.left] * len(sources) + records.source[pairs.right]
    before: dict[str, list[Floats]] = {}
    for each in np.unique(kind).tolist():
        a, b = divmod(each, len(sources))
        before.setdefault(source_pair_name(sources[a], sources[b]), []).append(left[kind == each])
    bits = {name: float(np.median(np.concatenate(each))) for name, each in before.items()}
    usual = float(np.median(list(bits.values()))) if bits else NOTHING_COMPARED
    every = {
        source_pair_name(a, b): usual for a in sources for b in sources
    }  # of two sources none of whose pairs was compared
    doubled = dict(zip(sources, found.doubled.tolist(), strict=False))
    return Weights(
        weighed.shares, every | bits, first, surname, list(weighed.homes), doubled, found.taught.lesson
    )
