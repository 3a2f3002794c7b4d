"""What a sample tells once it is read: stratum by stratum, the whole, and each labelled pair with what it stands for."""

from collections.abc import Sequence
from dataclasses import dataclass

from throughway.identity.review.groups import Groups, Labelled
from throughway.identity.review.quality_estimate import Estimate, estimate
from throughway.identity.review.sampling import EDGES, DrawnStratum


@dataclass(frozen=True)
class DrawnPair:
    """One pair of a sample. `same` is None while nobody has read it, or where nobody could tell (`untold`)."""

    pair: int
    stratum: int
    same: bool | None
    untold: bool = False


@dataclass(frozen=True)
class StratumRead:
    """One stratum: what linkage did with its pairs, between which chances they lie, and what readers found."""

    joined: bool
    chance: str
    pairs: int
    drawn: int
    read: int
    same: int


@dataclass(frozen=True)
class SampleQuality:
    """`read`: pairs that tell something; `untold`: nobody could tell; `waiting`: not read yet."""

    strata: Sequence[StratumRead]
    found: Estimate
    read: int
    untold: int
    waiting: int
    left_out: int
    linked: int


def measured(strata: Sequence[DrawnStratum], drawn: Sequence[DrawnPair], left_out: int) -> SampleQuality:
    """Precision and recall from what readers said of the sample."""
    said: list[list[bool]] = [[] for _ in strata]
    for each in drawn:
        if each.same is not None:
            said[each.stratum].append(each.same)
    read = [
        StratumRead(
            stratum.joined, chance(stratum.low), stratum.pairs, stratum.drawn, len(labels), sum(labels)
        )
        for stratum, labels in zip(strata, said, strict=True)
    ]
    untold = sum(each.untold for each in drawn)
    told = sum(map(len, said))
    return SampleQuality(
        read,
        estimate([stratum.read(labels) for stratum, labels in zip(strata, said, strict=True)]),
        told,
        untold,
        len(drawn) - told - untold,
        left_out,
        sum(stratum.pairs for stratum in strata if stratum.joined),
    )


def chance(low: float) -> str:
    """From which to which chance a stratum reaches, in words."""
    at = EDGES.index(low)
    high = EDGES[at + 1] if at + 1 < len(EDGES) else 1.0
    return f"below {_percent(high)}" if low == 0 else f"{_percent(low)} to {_percent(high)}"


def labelled(
    strata: Sequence[DrawnStratum], drawn: Sequence[DrawnPair], groups: Sequence[Groups]
) -> list[Labelled]:
    """The pairs that readers settled, each with the pairs that it stands for: those of its stratum, shared by those read."""
    read = [0] * len(strata)
    for each in drawn:
        read[each.stratum] += each.same is not None
    return [
        Labelled(strata[d.stratum].pairs / read[d.stratum], strata[d.stratum].joined, d.same, of)
        for d, of in zip(drawn, groups, strict=True)
        if d.same is not None
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
