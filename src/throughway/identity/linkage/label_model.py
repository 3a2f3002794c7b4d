"""A correction of the weights of doubtful pairs, learned from readers' verdicts on some of them.

A logistic regression whose offset is the log odds without readers (the posterior that counts rivals). It learns only a correction,
shrunk toward zero, over features that the comparisons leave out: the distance of the best rival, the rarity of the names, and
combinations of agreements. It is used only if held-out labels are more likely with it than without, and only within the range of odds
that readers have seen, so that few or uninformative labels change little or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from throughway.identity.linkage.candidate_pairs import CandidatePairs, Integers
from throughway.identity.linkage.comparisons import (
    BIRTH,
    COMPARISONS,
    FAMILY,
    FIRST,
    MIDDLE,
    SAME_MIDDLE,
    SEX,
    at_home,
    on,
)
from throughway.identity.linkage.match_weights import Floats, Rivals, Weighed, WeighingInputs, rarity

LabeledRows = tuple[int, int, bool]  # two records, and whether a reader found them to be one person

FEWEST, FEWEST_OF_EACH = 20, 4  # fewer labels, or fewer labels of either kind, teach nothing
FOLDS = 5
RIDGE = 2.0  # penalty: few labels change little
FAINT = -2.0  # bits; weaker rivals count alike, because incremental runs do not remember them
MOST = 6.0  # bits that the correction may add or subtract
FURTHEST = 10.0  # log odds beyond which a pair counts as certain
KIND_SEEN = 10  # labels of one kind of pair (`kinds`) below which nothing is learned about that kind


@dataclass(frozen=True)
class LabelModel:
    """`coefficients` over `features`, used for natural log odds between `least` and `most` and for those `kinds` of pairs that readers
    have seen."""

    coefficients: Floats
    least: float
    most: float
    kinds: tuple[int, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "coefficients": self.coefficients.tolist(),
            "least": self.least,
            "most": self.most,
            "kinds": list(self.kinds),
        }

    @classmethod
    def of_json(cls, held: Mapping[str, Any]) -> "LabelModel":
        return cls(np.array(held["coefficients"]), held["least"], held["most"], tuple(held["kinds"]))

    def bits(self, known: Floats, before: Floats, kinds: Integers) -> Floats:
        """The correction of each pair, in bits; zero outside the odds and kinds of pairs that readers have seen."""
        correction = np.clip(known @ self.coefficients / np.log(2), -MOST, MOST)
        seen = (before >= self.least) & (before <= self.most) & np.isin(kinds, self.kinds)
        bits: Floats = np.where(seen, correction, 0.0)
        return bits


@dataclass(frozen=True)
class LabelFit:
    """The result of learning from readers' answers: how many are on compared pairs, whether they are enough, and the model, if it predicts
    held-out answers better."""

    answers: int
    enough: bool = False
    model: LabelModel | None = None

    def __str__(self) -> str:
        if not self.answers:
            return ""
        answers = (
            "Readers' answer on 1 pair"
            if self.answers == 1
            else f"Readers' answers on {self.answers:,} pairs"
        )
        if self.model:
            return f"{answers} taught linkage how to judge doubtful pairs."
        if self.enough:
            return f"{answers} taught nothing new: linkage predicts held-out answers no better with them."
        return f"{answers} are too few to learn from: {FEWEST} are needed, including {FEWEST_OF_EACH} of either kind."


def fit_label_model(
    pairs: CandidatePairs, weighed: Weighed, records: WeighingInputs, labels: Sequence[LabeledRows]
) -> LabelFit:
    """The model learned from readers' labels; none if it predicts held-out labels no better than the weights alone."""
    at = _labelled(pairs, labels)
    if not at:
        return LabelFit(0)
    rivals = Rivals(pairs.left, pairs.right, records.source)
    before = odds(weighed, rivals)
    known = features(pairs, weighed, records, rivals, before)
    rows = np.array(list(at), dtype=np.int64)
    same = np.array(list(at.values()))
    return LabelFit(
        len(at), enough(same), learn(known[rows], before[rows], kinds(pairs, weighed, records)[rows], same)
    )


def corrected(
    pairs: CandidatePairs,
    weighed: Weighed,
    records: WeighingInputs,
    model: LabelModel | None,
    usual: tuple[float, float] | None = None,
) -> Weighed:
    """The weights with the model's correction; `usual` as for `match_weights.rarity`."""
    if model is None or not len(pairs):
        return weighed
    rivals = Rivals(pairs.left, pairs.right, records.source)
    before = odds(weighed, rivals)
    bits = model.bits(
        features(pairs, weighed, records, rivals, before, usual), before, kinds(pairs, weighed, records)
    )
    never = weighed.never & ~((bits > 0) & (before + bits * np.log(2) > 0))
    return replace(weighed, weight=weighed.weight + bits, never=never)


def kinds(pairs: CandidatePairs, weighed: Weighed, records: WeighingInputs) -> Integers:
    """For each pair: 0 if its records are from two sources, 2 if from one; plus 1 if it is never joined without a reader."""
    within = records.source[pairs.left] == records.source[pairs.right]
    kind: Integers = 2 * within.astype(np.int64) + weighed.never
    return kind


def _labelled(pairs: CandidatePairs, labels: Sequence[LabeledRows]) -> dict[int, bool]:
    """The numbers of the compared pairs that have labels, each with its last label."""
    by_pair = {(min(one, other), max(one, other)): same for one, other, same in labels}
    if not by_pair:
        return {}
    width = int(max(pairs.left.max(initial=0), pairs.right.max(initial=0))) + 1
    key = np.minimum(pairs.left, pairs.right) * width + np.maximum(pairs.left, pairs.right)
    order = np.argsort(key)
    found: dict[int, bool] = {}
    for (one, other), same in by_pair.items():
        place = int(np.searchsorted(key, one * width + other, sorter=order))
        if other < width and place < len(key) and key[order[place]] == one * width + other:
            found[int(order[place])] = same
    return found


def odds(weighed: Weighed, rivals: Rivals) -> Floats:
    """Natural log odds of each pair without readers' labels, taking rivals into account."""
    posterior = rivals.posterior(weighed.weight, ~weighed.never)
    alone = 1 / (1 + np.exp2(-np.clip(weighed.weight, -40, 40)))
    before: Floats = logit(np.clip(np.where(weighed.never, alone, posterior), 1e-9, 1 - 1e-9))
    return before


def features(
    pairs: CandidatePairs,
    weighed: Weighed,
    records: WeighingInputs,
    rivals: Rivals,
    before: Floats,
    usual: tuple[float, float] | None = None,
) -> Floats:
    """One row for each pair: its odds, the bits of each comparison, rarity, the gap to the best rival of either record, and combinations of
    agreements."""
    columns: list[npt.NDArray[Any]] = [np.ones(len(pairs)), np.clip(before, -FURTHEST, FURTHEST) / 5]
    for number, comparison in enumerate(COMPARISONS):
        shares = weighed.shares[comparison.name]
        worth = [
            np.log2(shares[level.name][0] / shares[level.name][1]) for level in reversed(comparison.levels)
        ]
        columns.append(np.append(worth, 0.0)[pairs.rungs[:, number]] / 8)
    columns.append(rarity(pairs, records, usual) / 4)
    best = _gap(rivals.wanted.reshape(-1), np.tile(weighed.weight, 2)).reshape(2, -1)
    columns += [best.min(axis=0), best.max(axis=0)]
    home, born = at_home(pairs.rungs), on(pairs.rungs, BIRTH, "same")
    another = on(pairs.rungs, FIRST, "another of one home", "another name", "different", "alike")
    middle = on(pairs.rungs, MIDDLE, *SAME_MIDDLE)
    surname = on(pairs.rungs, FAMILY, "same", "same, one home", "same, moved")
    columns += [
        weighed.never,
        another & born & home,  # twins, or a name that was changed
        another & born & middle & on(pairs.rungs, SEX, "same"),
        on(pairs.rungs, FIRST, "same") & on(pairs.rungs, BIRTH, "different") & home,  # father and son
        on(pairs.rungs, FIRST, "same") & on(pairs.rungs, BIRTH, "different") & ~home,  # namesakes
        surname & middle,
        pairs.rungs[:, COMPARISONS.index(FIRST)] < 0,
        pairs.rungs[:, COMPARISONS.index(BIRTH)] < 0,
    ]
    return np.stack([np.asarray(column, dtype=np.float64) for column in columns], axis=1)


def _gap(wanted: npt.NDArray[np.int64], weight: Floats) -> Floats:
    """The gap to the best other candidate for the same record, in tens of bits, at most 1."""
    order = np.lexsort((-weight, wanted))
    first = np.ones(len(order), dtype=bool)
    first[1:] = wanted[order][1:] != wanted[order][:-1]
    groups = np.cumsum(first) - 1
    starts = np.flatnonzero(first)
    best = weight[order][starts][groups]
    second_at = np.minimum(starts + 1, len(order) - 1)
    alone = np.append(starts[1:], len(order)) - starts < 2
    second = np.where(alone, FAINT, weight[order][second_at])[groups]
    rival = np.maximum(np.where(np.arange(len(order)) == starts[groups], second, best), FAINT)
    gap = np.empty(len(order))
    gap[order] = np.clip((weight[order] - rival) / 10, -1, 1)
    return gap


def enough(same: npt.NDArray[np.bool_]) -> bool:
    """Whether these labels are enough to learn from."""
    return len(same) >= FEWEST and min(same.sum(), (~same).sum()) >= FEWEST_OF_EACH


def learn(known: Floats, before: Floats, kind: Integers, same: npt.NDArray[np.bool_]) -> LabelModel | None:
    """Learns from labels, one row each; None where held-out labels are predicted no better with the model."""
    if not enough(same):
        return None
    fold, held_out = np.arange(len(same)) % FOLDS, np.empty(len(same))
    for part in range(FOLDS):
        rest = fold != part
        fitted = _fitted(known[rest], before[rest], same[rest])
        held_out[~rest] = before[~rest] + known[~rest] @ fitted
    if _loss(held_out, same) >= _loss(before, same):
        return None
    return LabelModel(
        _fitted(known, before, same),
        float(before.min()),
        float(before.max()),
        tuple(np.flatnonzero(np.bincount(kind) >= KIND_SEEN).tolist()),
    )


def _loss(logits: Floats, same: npt.NDArray[np.bool_]) -> float:
    return float(np.logaddexp(0, np.where(same, -logits, logits)).sum())


def _fitted(known: Floats, before: Floats, same: npt.NDArray[np.bool_]) -> Floats:
    """Coefficients of the correction: logistic loss with `before` as offset, and a ridge penalty."""

    def loss(coefficients: Floats) -> tuple[float, Floats]:
        logits = before + known @ coefficients
        value = _loss(logits, same) + RIDGE / 2 * (coefficients**2).sum()
        slope = known.T @ (expit(logits) - same) + RIDGE * coefficients
        return value, slope

    from scipy.optimize import minimize  # imported here, because the import takes longer than most runs

    fitted: Floats = minimize(loss, np.zeros(known.shape[1]), jac=True, method="L-BFGS-B").x
    return fitted
