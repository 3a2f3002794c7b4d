"""Finds the keys of two files that are similar enough to be one person.

Small files are compared exhaustively, large ones through locality-sensitive hashing (Indyk and Motwani 1998): two keys that agree on a
random choice of bits share a bucket in one of many tables. The bits are those of the keys themselves. Nothing is sent for blocking, so
blocking leaks nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.pprl.encoding import BITS, SALTS, Keys

EXHAUSTIVE = 250_000_000  # up to so many pairs are compared without buckets
FLOOR = 0.45  # less similar keys are not one person
TABLES = 60  # for each of the three keys
MOST_OF_BUCKET = 10_000  # pairs; a larger bucket is of bits that all share
AT_ONCE = 100_000  # pairs compared at a time: forty megabytes
KEPT, MOST_KEPT = 4, 8_000_000  # pairs kept of a record, once so many pairs are held
WORDS = BITS // 64

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SimilarKeyPairs:
    """Pairs by row in the two files, with their similarity: the Dice coefficient of the best of their three keys."""

    left: Integers
    right: Integers
    similarity: Floats
    left_rows: int
    right_rows: int
    crowded: int = 0  # buckets that were too large


class PackedKeys:
    """The keys of a file as words of 64 bits, with the number of bits that each sets."""

    def __init__(self, keys: Keys) -> None:
        self.bytes = keys.reshape(len(keys), len(SALTS), BITS // 8)
        self.words = np.ascontiguousarray(self.bytes).view(np.uint64).reshape(len(keys), len(SALTS), WORDS)
        self.ones = np.bitwise_count(self.words).sum(axis=2, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.bytes)


def similar_pairs(one: Keys, other: Keys, *, exhaustive: int = EXHAUSTIVE, seed: int = 7) -> SimilarKeyPairs:
    """Every pair above FLOOR; where they are too many, the most similar of each record."""
    a, b = PackedKeys(one), PackedKeys(other)
    kept = _BestPairs(len(a), len(b))
    crowded = 0
    if len(a) * len(b) <= exhaustive:
        for left, right, similarity in _each_with_each(a, b):
            kept.add(left, right, similarity)
    else:
        random = np.random.default_rng(seed)
        for which in range(len(SALTS)):
            shares, columns = _shares(a, which), (_columns(a, which), _columns(b, which))
            for _ in range(TABLES):
                found = Buckets(*columns, _choose(shares, (len(a) * len(b)) ** 0.5, random))
                crowded += found.crowded
                for left, right in found.pairs():
                    # A pair that is not similar by this key met by chance; skipping it saves two thirds of the work.
                    near = _dice_of(a, b, left, right, which) >= FLOOR
                    left, right = left[near], right[near]
                    kept.add(left, right, dice(a, b, left, right))
    return kept.found(crowded)


def dice(a: PackedKeys, b: PackedKeys, left: Integers, right: Integers) -> Floats:
    """2 |A ∩ B| / (|A| + |B|) of the best of the three keys, for each pair."""
    each = [_dice_of(a, b, left, right, which) for which in range(len(SALTS))]
    best: Floats = np.maximum.reduce(each)
    return best


def _dice_of(a: PackedKeys, b: PackedKeys, left: Integers, right: Integers, which: int) -> Floats:
    both = np.bitwise_count(a.words[left, which] & b.words[right, which]).sum(axis=1, dtype=np.int32)
    total = a.ones[left, which] + b.ones[right, which]
    similarity: Floats = (2 * both / np.maximum(total, 1)).astype(np.float32)
    return similarity


def _each_with_each(a: PackedKeys, b: PackedKeys) -> Iterator[tuple[Integers, Integers, Floats]]:
    rows = max(1, 2_000_000 // max(len(b), 1))
    words = [
        np.ascontiguousarray(b.words[:, which, at]) for which in range(len(SALTS)) for at in range(WORDS)
    ]
    for begin in range(0, len(a), rows):
        mine = a.words[begin : begin + rows]
        best = np.zeros((len(mine), len(b)), np.float32)
        for which in range(len(SALTS)):
            both = np.zeros(best.shape, np.uint16)
            for at in range(WORDS):
                both += np.bitwise_count(mine[:, which, at, None] & words[which * WORDS + at])
            total = a.ones[begin : begin + rows, which, None] + b.ones[None, :, which]
            np.maximum(best, 2 * both / np.maximum(total, 1).astype(np.float32), out=best, dtype=np.float32)
        left, right = np.nonzero(best >= FLOOR)
        yield left + begin, right, best[left, right]


def _columns(keys: PackedKeys, which: int) -> npt.NDArray[np.uint8]:
    """The bytes of one key, column by column: a table reads one bit of every record, in contiguous memory."""
    return np.ascontiguousarray(keys.bytes[:, which].T)


def _shares(keys: PackedKeys, which: int) -> npt.NDArray[np.float64]:
    """How often each bit is set, in a part of the records."""
    some = keys.bytes[:: max(1, len(keys) // 20_000), which]
    shares: npt.NDArray[np.float64] = np.unpackbits(some, axis=1).mean(axis=0)
    return shares


def _choose(shares: npt.NDArray[np.float64], records: float, random: np.random.Generator) -> Integers:
    """Bits to hash by: so many that about as many pairs of strangers share a bucket as there are records."""
    order = random.permutation(BITS)
    agreeing = np.log(np.maximum(1 - 2 * shares * (1 - shares), 0.5))[order]
    needed = int(np.searchsorted(-np.cumsum(agreeing), np.log(max(records, 2)))) + 1
    chosen: Integers = order[: min(needed, 62)]
    return chosen


class Buckets:
    """One table: the records of both files by the chosen bits."""

    def __init__(self, a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8], chosen: Integers) -> None:
        mine, theirs = _hashed(a, chosen), _hashed(b, chosen)
        self._left, self._right = np.argsort(mine), np.argsort(theirs)
        mine, theirs = mine[self._left], theirs[self._right]
        values, self._begin, self._size = np.unique(mine, return_index=True, return_counts=True)
        self._first = np.searchsorted(theirs, values, "left")
        self._many = np.searchsorted(theirs, values, "right") - self._first
        full = self._size * self._many > MOST_OF_BUCKET
        self.crowded = int(full.sum())
        self._many[full] = 0

    def pairs(self) -> Iterator[tuple[Integers, Integers]]:
        """The pairs of all buckets, AT_ONCE at a time."""
        met = self._size * self._many
        ends = np.cumsum(met)
        for low in range(0, int(ends[-1]) if len(ends) else 0, AT_ONCE):
            number = np.arange(low, min(low + AT_ONCE, int(ends[-1])))
            bucket = np.searchsorted(ends, number, "right")
            within = number - (ends[bucket] - met[bucket])
            left = self._left[self._begin[bucket] + within // self._many[bucket]]
            right = self._right[self._first[bucket] + within % self._many[bucket]]
            yield left, right


def _hashed(columns: npt.NDArray[np.uint8], chosen: Integers) -> Integers:
    value = np.zeros(columns.shape[1], np.int64)
    for bit in chosen.tolist():
        value <<= 1
        value |= (columns[bit >> 3] >> (7 - (bit & 7))) & 1
    return value


class _BestPairs:
    """Pairs above FLOOR, each once; when there are too many, only the most similar of each record."""

    def __init__(self, left_rows: int, right_rows: int) -> None:
        self._rows = left_rows, right_rows
        self._code: list[Integers] = []
        self._similarity: list[Floats] = []
        self._held = 0
        self._limit = MOST_KEPT

    def add(self, left: Integers, right: Integers, similarity: Floats) -> None:
        worth = similarity >= FLOOR
        self._code.append(left[worth] * self._rows[1] + right[worth])
        self._similarity.append(similarity[worth])
        self._held += int(worth.sum())
        if self._held > self._limit:
            self._prune()

    def _prune(self) -> None:
        code, first = np.unique(np.concatenate(self._code or [np.zeros(0, np.int64)]), return_index=True)
        similarity = np.concatenate(self._similarity or [np.zeros(0, np.float32)])[first]
        if len(code) > MOST_KEPT // 2:
            best = _most_similar(code // self._rows[1], similarity) | _most_similar(
                code % self._rows[1], similarity
            )
            code, similarity = code[best], similarity[best]
        self._code, self._similarity, self._held = [code], [similarity], len(code)
        self._limit = max(MOST_KEPT, 2 * len(code))

    def found(self, crowded: int) -> SimilarKeyPairs:
        self._prune()
        rows = max(self._rows[1], 1)
        return SimilarKeyPairs(
            self._code[0] // rows, self._code[0] % rows, self._similarity[0], *self._rows, crowded
        )


def _most_similar(record: Integers, similarity: Floats) -> npt.NDArray[np.bool_]:
    """For each pair: it is among the KEPT most similar of its record."""
    order = np.lexsort((-similarity, record))
    ordered = record[order]
    begins = np.searchsorted(ordered, ordered, "left")
    best = np.zeros(len(record), bool)
    best[order] = np.arange(len(order)) - begins < KEPT
    return best
