"""The steward's part: links the keys of several partners. No function here takes a secret.

The similarity of a match is learned from the keys, without labels. If a record has one clearly best match, its second best is certainly
somebody else: these decoys show how similar different persons, brothers and sisters are (target-decoy estimation of false discoveries,
Elias and Gygi 2007). Pairs that are more similar than the decoys explain are one person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.pprl import encoding
from throughway.identity.pprl.candidates import FLOOR, SimilarKeyPairs, similar_pairs
from throughway.identity.pprl.key_files import KeyFile, check_comparable

STANDS_OUT = 0.1  # if the best match is this much more similar than the second best, it is the same person and the second best is not
FEWEST = 50  # records with a clearly best match; with fewer, nothing is learned
USUAL = 0.68  # the threshold if nothing was learned
STEP = 0.01
JOINED = 0.5

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Match:
    """One person in two files. `likeness`: the Dice coefficient; 1 for tokens."""

    one_file: str
    one: str
    other_file: str
    other: str
    likeness: float


@dataclass(frozen=True)
class FilePairMatches:
    """How two files were linked. `enough`: the threshold of similarity. `learned`: whether it was learned from the keys. `expected_wrong`:
    the share of matches expected to be wrong, by the decoys."""

    one_file: str
    other_file: str
    matches: int
    enough: float
    learned: bool
    expected_wrong: float
    crowded: int


@dataclass(frozen=True)
class LinkedKeyFiles:
    """`matches` of every two files. `groups`: for each matched record (file, record key) the number of its person."""

    matches: list[Match]
    between: list[FilePairMatches]
    groups: dict[tuple[str, str], int]


def link(files: Sequence[KeyFile]) -> LinkedKeyFiles:
    """Matches the records of every two files one to one, the most similar first. Refused unless all have one scheme and secret."""
    check_comparable(list(files))
    matches: list[Match] = []
    between: list[FilePairMatches] = []
    for at, one in enumerate(files):
        for other in files[at + 1 :]:
            found, summary = _link_two(one, other)
            matches += found
            between.append(summary)
    matches.sort(key=lambda m: (-m.likeness, m.one_file, m.one, m.other_file, m.other))
    return LinkedKeyFiles(matches, between, _groups(matches))


def _link_two(one: KeyFile, other: KeyFile) -> tuple[list[Match], FilePairMatches]:
    if one.scheme == encoding.TOKEN_SCHEME["name"]:
        left, right = _equal_tokens(one, other)
        similarity = np.ones(len(left), np.float32)
        summary = FilePairMatches(one.name, other.name, len(left), 1.0, False, 0.0, 0)
    else:
        candidates = similar_pairs(one.bytes, other.bytes)
        enough, wrong, learned = threshold(candidates)
        chosen = one_to_one(candidates, enough)
        left, right, similarity = (
            candidates.left[chosen],
            candidates.right[chosen],
            candidates.similarity[chosen],
        )
        summary = FilePairMatches(one.name, other.name, len(left), enough, learned, wrong, candidates.crowded)
    found = [
        Match(one.name, one.records[a], other.name, other.records[b], round(float(likely), 4))
        for a, b, likely in zip(left.tolist(), right.tolist(), similarity, strict=True)
    ]
    return found, summary


def threshold(pairs: SimilarKeyPairs) -> tuple[float, float, bool]:
    """The similarity above which a pair is more likely one person than a decoy; the share expected wrong; whether it was learned.

    It is learned from each file's records separately, and the lower one counts: matching one to one does the rest.
    """
    edges = np.concatenate([[0.0], np.arange(FLOOR, 1 + STEP, STEP)])
    learned = [
        _from_decoys(pairs.left, pairs.right, pairs.similarity, pairs.left_rows, pairs.right_rows, edges),
        _from_decoys(pairs.right, pairs.left, pairs.similarity, pairs.right_rows, pairs.left_rows, edges),
    ]
    known = [one for one in learned if one is not None]
    return min((enough, wrong, True) for enough, wrong in known) if known else (USUAL, float("nan"), False)


def _from_decoys(
    record: Integers, to: Integers, similarity: npt.NDArray[np.float32], rows: int, others: int, edges: npt.NDArray[np.float64]
) -> tuple[float, float] | None:  # fmt: skip
    if not len(record):
        return None
    best, second, match_of = _best_two(record, to, similarity, rows)
    back = _best_two(to, record, similarity, others)[2]
    mutual = (match_of >= 0) & (back[np.maximum(match_of, 0)] == np.arange(rows))
    stands_out = mutual & (best - second > STANDS_OUT)
    if stands_out.sum() < FEWEST:
        return None
    decoys = np.histogram(second[stands_out], edges)[0] / stands_out.sum()
    seen = np.histogram(best, edges)[0].astype(float)
    low = np.cumsum(decoys) <= 0.5
    low[0] = True  # records without a similar one
    strangers = min(seen[low].sum() / max(decoys[low].sum(), 1 / stands_out.sum()), rows)
    false = np.minimum(strangers * _smooth(decoys) / np.maximum(_smooth(seen), 1e-9), 1.0)
    false = np.maximum.accumulate(false[::-1])[::-1]
    first = int(np.flatnonzero(false <= JOINED)[0]) if (false <= JOINED).any() else len(false) - 1
    first = max(first, 1)  # nothing below FLOOR is in a pair
    wrong = float((false[first:] * seen[first:]).sum() / max(seen[first:].sum(), 1))
    return float(edges[first]), wrong


def _smooth(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Averages neighboring steps of similarity, since each has few records; not the one below FLOOR."""
    smoothed = counts.astype(float)
    smoothed[1:] = np.convolve(
        np.pad(counts[1:], 2, mode="edge"), np.array([1, 2, 3, 2, 1]) / 9, mode="valid"
    )
    return smoothed


def _best_two(
    record: Integers, to: Integers, similarity: npt.NDArray[np.float32], rows: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], Integers]:
    """For each record its highest similarity, the second highest, and the row that the highest is with (-1: none)."""
    order = np.lexsort((to, -similarity, record))
    held, first = np.unique(record[order], return_index=True)
    best, second = np.zeros(rows, np.float32), np.zeros(rows, np.float32)
    match_of = np.full(rows, -1, np.int64)
    best[held], match_of[held] = similarity[order][first], to[order][first]
    next_one = np.minimum(first + 1, max(len(order) - 1, 0))
    has = (next_one != first) & (record[order][next_one] == held)
    second[held[has]] = similarity[order][next_one[has]]
    return best, second, match_of


def one_to_one(pairs: SimilarKeyPairs, enough: float) -> list[int]:
    """The places of the pairs that are matches: the most similar first, each record once. Greedy is as good as optimal here."""
    worth = np.flatnonzero(pairs.similarity >= enough)
    order = worth[np.lexsort((pairs.right[worth], pairs.left[worth], -pairs.similarity[worth]))]
    left, right = np.zeros(pairs.left_rows, bool), np.zeros(pairs.right_rows, bool)
    chosen = []
    for at, a, b in zip(order.tolist(), pairs.left[order].tolist(), pairs.right[order].tolist(), strict=True):
        if not left[a] and not right[b]:
            left[a] = right[b] = True
            chosen.append(at)
    return chosen


def _equal_tokens(one: KeyFile, other: KeyFile) -> tuple[Integers, Integers]:
    """Records that share a token that no other record of either file has, the strictest token first."""
    free, theirs = np.ones(len(one), bool), np.ones(len(other), bool)
    lefts, rights = [], []
    for which in range(len(encoding.TOKEN_RULES)):
        at = slice(which * encoding.TOKEN_BYTES, (which + 1) * encoding.TOKEN_BYTES)
        a, b = (_alone(file.bytes[:, at]) for file in (one, other))
        shared = sorted(a.keys() & b.keys())
        found = [(a[key], b[key]) for key in shared if free[a[key]] and theirs[b[key]]]
        for left, right in found:
            free[left] = theirs[right] = False
        lefts += [left for left, _ in found]
        rights += [right for _, right in found]
    return np.array(lefts, np.int64), np.array(rights, np.int64)


def _alone(column: npt.NDArray[np.uint8]) -> dict[bytes, int]:
    """Token to row, for tokens that only one record has."""
    held: dict[bytes, int] = {}
    twice = {bytes(encoding.TOKEN_BYTES)}  # no token
    for row, value in enumerate(column):
        token = value.tobytes()
        if token in held:
            twice.add(token)
        held[token] = row
    return {token: row for token, row in held.items() if token not in twice}


def _groups(matches: Sequence[Match]) -> dict[tuple[str, str], int]:
    """Persons over all files, the most similar matches first; no person has two records of one file."""
    of: dict[tuple[str, str], int] = {}
    members: dict[int, list[tuple[str, str]]] = {}
    for match in matches:
        sides = ((match.one_file, match.one), (match.other_file, match.other))
        for side in sides:
            if side not in of:
                of[side] = len(members)
                members[of[side]] = [side]
        a, b = of[sides[0]], of[sides[1]]
        if a != b and {f for f, _ in members[a]}.isdisjoint(f for f, _ in members[b]):
            for side in members[b]:
                of[side] = a
            members[a] += members[b]
            members[b] = []
    return {side: person for side, person in of.items() if len(members[person]) > 1}
