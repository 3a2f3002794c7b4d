"""What the last full run learned, stored so that a few pairs can be weighed without learning again.

A pair's weight is a sum of bits: for its level on each comparison, for rare names, for the two sources before anything is compared, for
its household, and for what readers' answers taught. The bits for two sources are derived from the full run's weights.
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

NOTHING_COMPARED = -15.0  # bits for two sources, where a full run compared no pair at all

Shares = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True)
class Weights:
    """`shares`: m and u of each level. `before`: bits for two sources, by `source_pair_name`. `first`, `surname`: the mean frequency of
    the records' names. `homes`: the household weights, round by round. `doubled`: for each source the share of its records that are
    surely duplicates. `lists`: systems that number entries, not students. `label_model`: what readers' answers taught."""

    shares: Shares
    before: Mapping[str, float]
    first: float
    surname: float
    homes: Sequence[HouseholdWeight] = ()
    doubled: Mapping[str, float] = field(default_factory=dict)
    lists: Sequence[str] = ()
    label_model: LabelModel | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "shares": self.shares,
            "before": dict(self.before),
            "first": self.first,
            "surname": self.surname,
            "homes": [asdict(home) for home in self.homes],
            "doubled": dict(self.doubled),
            "lists": list(self.lists),
            "label_model": self.label_model.to_json() if self.label_model else None,
        }

    @classmethod
    def of_json(cls, document: Mapping[str, Any]) -> "Weights":
        homes = [HouseholdWeight(tuple(each["one"]), tuple(each["two"])) for each in document["homes"]]
        model = document["label_model"]
        return cls(
            **{**document, "homes": homes, "label_model": LabelModel.of_json(model) if model else None}
        )

    def knows(self, sources: Sequence[str]) -> bool:
        """Whether it can weigh the pairs of any two of these sources."""
        return all(source_pair_name(a, b) in self.before for a in sources for b in sources)

    def doubles(self, sources: Sequence[str]) -> Floats:
        """For each of these sources the share of its records that are surely duplicates."""
        return np.array([self.doubled.get(name, 0.0) for name in sources] or [0.0])

    @property
    def usually(self) -> float:
        """The median bits for two different sources."""
        across = [bits for both, bits in self.before.items() if len(set(both.split("\n"))) > 1]
        return float(np.median(across or list(self.before.values()) or [NOTHING_COMPARED]))

    def alone(self, pairs: CandidatePairs, records: WeighingInputs, sources: Sequence[str]) -> Floats:
        """Each pair by itself, as the full run would have weighed it; `sources` are the names of the numbers in `records`."""
        bits = evidence(pairs, *self._shares_by_level()) + rarity(pairs, records, (self.first, self.surname))
        of_sources = np.array(
            [[self.before.get(source_pair_name(a, b), 0.0) for b in sources] for a in sources] or [[0.0]]
        )
        before: Floats = of_sources[records.source[pairs.left], records.source[pairs.right]]
        return bits + before

    def weigh(self, pairs: CandidatePairs, records: WeighingInputs, sources: Sequence[str]) -> Weighed:
        """The pairs as the full run would have weighed them. Their rivals and the pairs of their households must be among them."""
        return self.among(pairs, self.alone(pairs, records, sources), records)

    def among(self, pairs: CandidatePairs, alone: Floats, records: WeighingInputs) -> Weighed:
        """The pairs, weighed by themselves before, with what the others among them change."""
        never = never_alone(pairs.rungs)
        rivals = Rivals(pairs.left, pairs.right, records.source)
        bits = np.zeros(len(pairs))
        if self.homes:
            bits, _ = households(pairs, alone, never, records, rivals, self.homes)
        plain = Weighed(alone + bits, never, self.shares, alone, self.homes)
        return corrected(pairs, plain, records, self.label_model, (self.first, self.surname))

    def _shares_by_level(self) -> tuple[list[Floats], list[Floats]]:
        m, u = (
            [
                np.array([self.shares[c.name][level.name][side] for level in reversed(c.levels)])
                for c in COMPARISONS
            ]
            for side in (0, 1)
        )
        return m, u


def source_pair_name(one: str, other: str) -> str:
    """One name for two sources in either order; no partner's id has a line break."""
    return "\n".join(sorted((one, other)))


def learned_weights(
    pairs: CandidatePairs, learned: Learned, records: WeighingInputs, sources: Sequence[str]
) -> Weights:
    """The weights of a full run. The bits for two sources are what levels and rare names leave of a pair's weight."""
    first, surname = (
        float(np.nanmean(share)) if np.isfinite(share).any() else 1.0
        for share in (records.first_share, records.surname_share)
    )
    weighed = learned.weighed
    left = weighed.weight_alone - Weights(weighed.shares, {}, first, surname).alone(pairs, records, sources)
    kind = records.source[pairs.left] * len(sources) + records.source[pairs.right]
    before: dict[str, list[Floats]] = {}
    for each in np.unique(kind).tolist():
        a, b = divmod(each, len(sources))
        before.setdefault(source_pair_name(sources[a], sources[b]), []).append(left[kind == each])
    bits = {name: float(np.median(np.concatenate(each))) for name, each in before.items()}
    usual = float(np.median(list(bits.values()))) if bits else NOTHING_COMPARED
    every = {
        source_pair_name(a, b): usual for a in sources for b in sources
    }  # also where no pair was compared
    doubled = dict(zip(sources, learned.doubled.tolist(), strict=False))
    return Weights(
        weighed.shares,
        every | bits,
        first,
        surname,
        list(weighed.homes),
        doubled,
        learned.lists,
        learned.labels.model,
    )
