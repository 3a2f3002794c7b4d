"""What a sample tells once it is read: stratum by stratum, the whole, and each labelled pair with what it stands for."""

from collections.abc import Sequence
from dataclasses import dataclass

from throughway.identity.review.estimating import Estimate, estimate
from throughway.identity.review.groups import Groups, Labelled
from throughway.identity.review.sampling import EDGES, Layer


@dataclass(frozen=True)
class Drawn:
    """One pair of a sample. `same` is None while it is not settled, or nobody could tell (`untold`)."""

    pair: int
    stratum: int
    same: bool | None
    untold: bool = False


@dataclass(frozen=True)
class LayerRead:
    """One stratum: what linkage did with its pairs, between which chances they lie, and what readers found."""

    joined: bool
    chance: str
    pairs: int
    drawn: int
    read: int
    same: int


@dataclass(frozen=True)
class Measured:
    """`read`: pairs that tell something; `untold`: settled, and nobody could tell; `waiting`: not settled yet."""

    layers: Sequence[LayerRead]
    found: Estimate
    read: int
    untold: int
    waiting: int
    left_out: int
    linked: int


def measured(layers: Sequence[Layer], drawn: Sequence[Drawn], left_out: int) -> Measured:
    """Precision and recall from what readers settled of the sample."""
    said: list[list[bool]] = [[] for _ in layers]
    for each in drawn:
        if each.same is not None:
            said[each.stratum].append(each.same)
    read = [
        LayerRead(layer.joined, chance(layer.low), layer.pairs, layer.drawn, len(labels), sum(labels))
        for layer, labels in zip(layers, said, strict=True)
    ]
    untold = sum(each.untold for each in drawn)
    told = sum(map(len, said))
    return Measured(
        read,
        estimate([layer.read(labels) for layer, labels in zip(layers, said, strict=True)]),
        told,
        untold,
        len(drawn) - told - untold,
        left_out,
        sum(layer.pairs for layer in layers if layer.joined),
    )


def chance(low: float) -> str:
    """From which to which chance a stratum reaches, in words."""
    at = EDGES.index(low)
    high = EDGES[at + 1] if at + 1 < len(EDGES) else 1.0
    return f"below {_percent(high)}" if low == 0 else f"{_percent(low)} to {_percent(high)}"


def labelled(layers: Sequence[Layer], drawn: Sequence[Drawn], groups: Sequence[Groups]) -> list[Labelled]:
    """The pairs that readers settled, each with the pairs that it stands for: those of its stratum, shared by those read."""
    read = [0] * len(layers)
    for each in drawn:
        read[each.stratum] += each.same is not None
    return [
        Labelled(layers[d.stratum].pairs / read[d.stratum], layers[d.stratum].joined, d.same, of)
        for d, of in zip(drawn, groups, strict=True)
        if d.same is not None
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"
