"""How accurate linkage is against the truth: over pairs of records of one person, and over whole persons."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Accuracy:
    """`precision`: the share of found pairs that are correct. `recall`: the share of true pairs that were found."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def to_json(self) -> dict[str, float]:
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True)
class Judgement:
    """`pairs`: over all pairs of records of one person, within a source and across. `persons`: over whole persons, correct only if their
    records are exactly those of the truth. Both are over the `judged` records, which are in both the truth and the store."""

    pairs: Accuracy
    persons: Accuracy
    judged: int


def judge(found: Mapping[int, Hashable], truth: Mapping[int, Hashable]) -> Judgement:
    """Compares the found persons (record number → person) with the true ones, over the records that both have.

    Counts by cross-tabulation, without listing pairs, so a million records take a second. If there is nothing to find, finding nothing is
    correct.
    """
    both = [(found[record], truth[record]) for record in found.keys() & truth.keys()]
    cells = Counter(both)
    ours, theirs = Counter(ours for ours, _ in both), Counter(theirs for _, theirs in both)
    right = _pairs(cells)
    exact = sum(1 for (a, b), count in cells.items() if count == ours[a] == theirs[b])
    return Judgement(
        Accuracy(_share(right, _pairs(ours)), _share(right, _pairs(theirs))),
        Accuracy(_share(exact, len(ours)), _share(exact, len(theirs))),
        len(both),
    )


def _pairs(counts: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
