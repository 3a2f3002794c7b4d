"""Drawing a sample of pairs that readers label, and estimating from it how accurate linkage is.

Pairs are drawn in strata by posterior and by whether linkage joined them; more where a label says more (Neyman 1934, Journal of the
Royal Statistical Society 97:558, with √(p(1-p)) for the spread). Compared pairs below FLOOR are left out, and counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.review.quality_estimate import Estimate, LabeledPair, Stratum, estimate

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

SIZE = 240  # pairs in a sample: two readers' morning
LEAST = 12  # pairs of each stratum, where it has so many
FLOOR = 0.0005
EDGES = (0.0, FLOOR, 0.01, 0.1, 0.5, 0.9, 0.99)
TWICE = 0.2  # of the sample is read by two, so that readers can be compared
SPREAD = (0.002, 0.998)  # no stratum is assumed to be uniform


@dataclass(frozen=True, eq=False)
class Frame:
    """Pairs to draw from: record numbers (`one` < `other`), the posterior (0 where a pair was joined through others and never compared),
    and whether linkage joined them."""

    one: Integers
    other: Integers
    posterior: Floats
    joined: Truths


@dataclass(frozen=True)
class DrawnStratum:
    """One stratum of a sample. `low`: its lowest posterior."""

    joined: bool
    low: float
    pairs: int
    drawn: int

    def read(self, labels: Sequence[bool]) -> Stratum:
        return Stratum(self.joined, self.pairs, len(labels), sum(labels))

    def to_json(self) -> dict[str, float | bool]:
        return {"joined": self.joined, "low": self.low, "pairs": self.pairs, "drawn": self.drawn}

    @classmethod
    def of_json(cls, held: Mapping[str, float]) -> "DrawnStratum":
        return cls(bool(held["joined"]), float(held["low"]), int(held["pairs"]), int(held["drawn"]))


@dataclass(frozen=True, eq=False)
class DrawnSample:
    """`rows` of the frame in the order in which they are read, with the stratum of each and whether two readers read it; `left_out`: pairs
    below FLOOR."""

    rows: Integers
    stratum: Integers
    twice: Truths
    strata: tuple[DrawnStratum, ...]
    left_out: int


def draw(frame: Frame, random: np.random.Generator, size: int = SIZE) -> DrawnSample:
    """A sample of about `size` pairs."""
    step = np.searchsorted(EDGES, frame.posterior, side="right") - 1
    within = frame.joined | (frame.posterior >= FLOOR)
    kinds = [(joined, at) for joined in (True, False) for at in range(len(EDGES))]
    cells = [np.flatnonzero(within & (frame.joined == joined) & (step == at)) for joined, at in kinds]
    wanted = allocate(
        [len(cell) for cell in cells],
        [float(frame.posterior[cell].mean()) if len(cell) else 0.0 for cell in cells],
        size,
    )
    strata, rows, numbers = list[DrawnStratum](), list[Integers](), list[Integers]()
    for (joined, at), cell, count in zip(kinds, cells, wanted, strict=True):
        if not len(cell):
            continue
        rows.append(random.choice(cell, size=count, replace=False))
        numbers.append(np.full(count, len(strata)))
        strata.append(DrawnStratum(joined, EDGES[at], len(cell), count))
    if not strata:
        none = np.zeros(0, np.int64)
        return DrawnSample(none, none, np.zeros(0, bool), (), int((~within).sum()))
    lot = random.permutation(sum(map(len, rows)))
    chosen = np.concatenate(rows)[lot]
    twice = random.random(len(chosen)) < TWICE
    return DrawnSample(chosen, np.concatenate(numbers)[lot], twice, tuple(strata), int((~within).sum()))


def allocate(pairs: Sequence[int], likely: Sequence[float], size: int) -> list[int]:
    """How many to draw from each stratum: LEAST of each, the rest by size and spread, never more than there are."""
    count = [min(n, LEAST) for n in pairs]
    for _ in pairs:
        spare = size - sum(count)
        spread = [
            0.0 if have >= n else n * np.sqrt((q := float(np.clip(p, *SPREAD))) * (1 - q))
            for n, p, have in zip(pairs, likely, count, strict=True)
        ]
        whole = sum(spread)
        if spare <= 0 or not whole:
            break
        count = [
            min(n, have + int(spare * s / whole)) for n, have, s in zip(pairs, count, spread, strict=True)
        ]
    return count


def frame_of(compared: tuple[Integers, Integers, Floats], links: Mapping[int, int]) -> Frame:
    """All compared pairs, and all pairs that linkage joined (`links`: record to person)."""
    one, other, posterior = compared
    records, persons = (np.fromiter(held, np.int64, len(links)) for held in (links.keys(), links.values()))
    by_number = np.argsort(records, kind="stable")
    records, persons = records[by_number], persons[by_number]
    at_one, at_other = np.searchsorted(records, one), np.searchsorted(records, other)
    within_one, within_other = _within(persons)
    size = len(records)
    known, inside = np.sort(at_one * size + at_other), within_one * size + within_other
    if len(known):
        extra = known[np.minimum(np.searchsorted(known, inside), len(known) - 1)] != inside
    else:
        extra = np.ones(len(inside), bool)
    joined = np.concatenate([persons[at_one] == persons[at_other], np.ones(int(extra.sum()), bool)])
    return Frame(
        np.concatenate([one, records[within_one[extra]]]),
        np.concatenate([other, records[within_other[extra]]]),
        np.concatenate([posterior, np.zeros(int(extra.sum()))]),
        joined,
    )


def _within(persons: Integers) -> tuple[Integers, Integers]:
    """Every two rows of one person, by row, the lower first."""
    order = np.argsort(persons, kind="stable")
    grouped = persons[order]
    lows, highs = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    apart = 1
    while apart < len(order):
        alike = grouped[apart:] == grouped[:-apart]
        if not alike.any():
            break
        lows.append(order[:-apart][alike])
        highs.append(order[apart:][alike])
        apart += 1
    return np.concatenate(lows), np.concatenate(highs)


@dataclass(frozen=True)
class DrawnPair:
    """One pair of a sample. `same` is None while nobody has read it, and where nobody could tell (`undecided`)."""

    pair: int
    stratum: int
    same: bool | None
    undecided: bool = False


@dataclass(frozen=True)
class StratumRead:
    """One stratum: what linkage did with its pairs, the range of their posteriors, and what readers found."""

    joined: bool
    chance: str
    pairs: int
    drawn: int
    read: int
    same: int


@dataclass(frozen=True)
class SampleQuality:
    """`read`: pairs labeled same or different; `undecided`: pairs of which nobody could tell; `waiting`: pairs not read yet."""

    strata: Sequence[StratumRead]
    found: Estimate
    read: int
    undecided: int
    waiting: int
    left_out: int
    linked: int


def measured(strata: Sequence[DrawnStratum], drawn: Sequence[DrawnPair], left_out: int) -> SampleQuality:
    """Precision and recall from readers' labels on the sample."""
    labels_of: list[list[bool]] = [[] for _ in strata]
    for each in drawn:
        if each.same is not None:
            labels_of[each.stratum].append(each.same)
    read = [
        StratumRead(
            stratum.joined, chance(stratum.low), stratum.pairs, stratum.drawn, len(labels), sum(labels)
        )
        for stratum, labels in zip(strata, labels_of, strict=True)
    ]
    undecided = sum(each.undecided for each in drawn)
    labeled = sum(map(len, labels_of))
    return SampleQuality(
        read,
        estimate([stratum.read(labels) for stratum, labels in zip(strata, labels_of, strict=True)]),
        labeled,
        undecided,
        len(drawn) - labeled - undecided,
        left_out,
        sum(stratum.pairs for stratum in strata if stratum.joined),
    )


def chance(low: float) -> str:
    """The range of a stratum's posteriors, in words."""
    at = EDGES.index(low)
    high = EDGES[at + 1] if at + 1 < len(EDGES) else 1.0
    return f"below {_percent(high)}" if low == 0 else f"{_percent(low)} to {_percent(high)}"


def labeled_pairs(strata: Sequence[DrawnStratum], drawn: Sequence[DrawnPair]) -> list[LabeledPair | None]:
    """The drawn pairs, each with how many pairs of its stratum it represents; None where it has no label."""
    read = [0] * len(strata)
    for each in drawn:
        read[each.stratum] += each.same is not None
    return [
        LabeledPair(strata[d.stratum].pairs / read[d.stratum], strata[d.stratum].joined, d.same)
        if d.same is not None
        else None
        for d in drawn
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"
