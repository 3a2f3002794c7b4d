"""What the last full run learned, kept so that a few pairs can be weighed without learning anew.

A weight is a sum: bits for each rung, bits for rare names, and what the two sources have in common before anything is
compared. The last is read off the full run's own weights, so that it is what that run used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.identity.linkage.comparing import Pairs
from throughway.identity.linkage.evidence import COMPARISONS, never_alone
from throughway.identity.linkage.weighing import Floats, Records, Weighed, evidence, rarity

NOTHING_COMPARED = -15.0  # bits, where a full run compared no pair at all

Shares = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True)
class Weights:
    """`shares`: m and u of each rung. `before`: bits for two sources, by their names in order. `first`, `surname`: how common
    a name of a record is, at the mean."""

    shares: Shares
    before: Mapping[str, float]
    first: float
    surname: float

    def to_json(self) -> dict[str, object]:
        return {
            "shares": self.shares,
            "before": dict(self.before),
            "first": self.first,
            "surname": self.surname,
        }

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "Weights":
        return cls(told["shares"], told["before"], told["first"], told["surname"])

    def knows(self, sources: Sequence[str]) -> bool:
        """Whether it can weigh pairs of every two of these sources."""
        return all(together(a, b) in self.before for a in sources for b in sources)

    @property
    def usually(self) -> float:
        """Bits that two records of different sources have in common before anything is compared, in the middle."""
        across = [bits for both, bits in self.before.items() if len(set(both.split("\n"))) > 1]
        return float(np.median(across or list(self.before.values()) or [NOTHING_COMPARED]))

    def weigh(self, pairs: Pairs, records: Records, sources: Sequence[str]) -> Weighed:
        """The pairs as the full run would have weighed them; `sources` are the names of the numbers in `records`."""
        bits = evidence(pairs, *self._of_rungs()) + rarity(pairs, records, (self.first, self.surname))
        kinds = np.array(
            [[self.before.get(together(a, b), 0.0) for b in sources] for a in sources] or [[0.0]]
        )
        before: Floats = kinds[records.source[pairs.left], records.source[pairs.right]]
        return Weighed(bits + before, never_alone(pairs.rungs), self.shares)

    def _of_rungs(self) -> tuple[list[Floats], list[Floats]]:
        m, u = (
            [
                np.array([self.shares[c.name][level.name][side] for level in reversed(c.levels)])
                for c in COMPARISONS
            ]
            for side in (0, 1)
        )
        return m, u


def records_in(rows: pa.Table, sources: Sequence[str]) -> Records:
    """What weighing needs of the rows, which are as they are compared; `sources` are numbered in this order."""
    first, surname = (
        rows[name].to_numpy(zero_copy_only=False).astype(float) for name in ("first_share", "surname_share")
    )
    source = pc.index_in(rows["source"], pa.array(list(sources), pa.string())).to_numpy().astype(np.int64)
    return Records(source, first, surname)


def together(one: str, other: str) -> str:
    """Two sources under one name, in either order; no partner's id has a line break."""
    return "\n".join(sorted((one, other)))


def learned(
    pairs: Pairs, weight: Floats, shares: Shares, records: Records, sources: Sequence[str]
) -> Weights:
    """Reads off a full run what a sum of rungs and rare names leaves: what each two sources had in common beforehand."""
    first, surname = (
        float(np.nanmean(share)) if np.isfinite(share).any() else 1.0
        for share in (records.first_share, records.surname_share)
    )
    plain = Weights(shares, {}, first, surname)
    left = weight - plain.weigh(pairs, records, sources).weight
    kind = records.source[pairs.left] * len(sources) + records.source[pairs.right]
    before: dict[str, list[Floats]] = {}
    for each in np.unique(kind).tolist():
        a, b = divmod(each, len(sources))
        before.setdefault(together(sources[a], sources[b]), []).append(left[kind == each])
    found = {name: float(np.median(np.concatenate(bits))) for name, bits in before.items()}
    usual = float(np.median(list(found.values()))) if found else NOTHING_COMPARED
    every = {
        together(a, b): usual for a in sources for b in sources
    }  # of two sources none of whose pairs was compared
    return Weights(shares, every | found, first, surname)
