"""Who is who among the keys of several partners: the steward's part. No function here takes a secret.

Which likeness is enough is learned from the keys, without one label. Where a record has one partner that stands out, the
next best is certainly somebody else: these show how alike strangers, brothers and sisters are (decoys, as in the
target-decoy estimate of false discoveries, Elias and Gygi 2007). What is more alike than decoys explain is a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from throughway.identity.pprl import encoding
from throughway.identity.pprl.candidates import FLOOR, SimilarKeyPairs, similar_pairs
from throughway.identity.pprl.key_files import Keys, comparable

STANDS_OUT = 0.1  # so much more alike than the next: this one is the person, the next one is not
FEWEST = 50  # records that stand out; fewer teach nothing
USUAL = 0.68  # the likeness that is enough where nothing was learned
STEP = 0.01
JOINED = 0.5

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Match:
    """One person in two files. `likeness` is Dice (1 for tokens)."""

    one_file: str
    one: str
    other_file: str
    other: str
    likeness: float


@dataclass(frozen=True)
class FilePairMatches:
    """How two files were linked: `enough` is the likeness asked, `learned` whether the keys taught it, `expected_wrong` the
    share of matches that decoys let one expect to be wrong."""

    one_file: str
    other_file: str
    matches: int
    enough: float
    learned: bool
    expected_wrong: float
    crowded: int


@dataclass(frozen=True)
class LinkedKeyFiles:
    """`matches` of all files, two by two, and `groups`: for each record in a match (file, record key) its person's number."""

    matches: list[Match]
    between: list[FilePairMatches]
    groups: dict[tuple[str, str], int]


def link(files: Sequence[Keys]) -> LinkedKeyFiles:
    """Matches the records of each two files one to one, the likest first; Refused where they have not one scheme and secret."""
    comparable(list(files))
    matches: list[Match] = []
    between: list[FilePairMatches] = []
    for at, one in enumerate(files):
        for other in files[at + 1 :]:
            found, told = _two(one, other)
            matches += found
            between.append(told)
    matches.sort(key=lambda m: (-m.likeness, m.one_file, m.one, m.other_file, m.other))
    return LinkedKeyFiles(matches, between, _groups(matches))


def _two(one: Keys, other: Keys) -> tuple[list[Match], FilePairMatches]:
    if one.scheme == encoding.TOKEN_SCHEME["name"]:
        left, right = _equal_tokens(one, other)
        likeness = np.ones(len(left), np.float32)
        told = FilePairMatches(one.name, other.name, len(left), 1.0, False, 0.0, 0)
    else:
        candidates = similar_pairs(one.bytes, other.bytes)
        enough, wrong, learned = threshold(candidates)
        chosen = one_to_one(candidates, enough)
        left, right, likeness = (
            candidates.left[chosen],
            candidates.right[chosen],
            candidates.likeness[chosen],
        )
        told = FilePairMatches(one.name, other.name, len(left), enough, learned, wrong, candidates.crowded)
    found = [
        Match(one.name, one.records[a], other.name, other.records[b], round(float(likely), 4))
        for a, b, likely in zip(left.tolist(), right.tolist(), likeness, strict=True)
    ]
    return found, told


def threshold(pairs: SimilarKeyPairs) -> tuple[float, float, bool]:
    """The likeness from which on a match is likelier a person than a decoy; the share expected wrong; whether it was learned.

    Each file's records speak apart, and the more trusting of the two decides: one to one does the rest.
    """
    edges = np.concatenate([[0.0], np.arange(FLOOR, 1 + STEP, STEP)])
    told = [
        _decoys(pairs.left, pairs.right, pairs.likeness, pairs.left_rows, pairs.right_rows, edges),
        _decoys(pairs.right, pairs.left, pairs.likeness, pairs.right_rows, pairs.left_rows, edges),
    ]
    known = [one for one in told if one is not None]
    return min((enough, wrong, True) for enough, wrong in known) if known else (USUAL, float("nan"), False)


def _decoys(
    record: Integers, to: Integers, likeness: npt.NDArray[np.float32], rows: int, others: int, edges: npt.NDArray[np.float64]
) -> tuple[float, float] | None:  # fmt: skip
    if not len(record):
        return None
    best, second, whom = _best_two(record, to, likeness, rows)
    back = _best_two(to, record, likeness, others)[2]
    mutual = (whom >= 0) & (back[np.maximum(whom, 0)] == np.arange(rows))
    stands_out = mutual & (best - second > STANDS_OUT)
    if stands_out.sum() < FEWEST:
        return None
    decoys = np.histogram(second[stands_out], edges)[0] / stands_out.sum()
    seen = np.histogram(best, edges)[0].astype(float)
    low = np.cumsum(decoys) <= 0.5
    low[0] = True  # those that are like nobody
    strangers = min(seen[low].sum() / max(decoys[low].sum(), 1 / stands_out.sum()), rows)
    false = np.minimum(strangers * _smooth(decoys) / np.maximum(_smooth(seen), 1e-9), 1.0)
    false = np.maximum.accumulate(false[::-1])[::-1]
    first = int(np.flatnonzero(false <= JOINED)[0]) if (false <= JOINED).any() else len(false) - 1
    first = max(first, 1)  # what is below the floor is in no pair
    wrong = float((false[first:] * seen[first:]).sum() / max(seen[first:].sum(), 1))
    return float(edges[first]), wrong


def _smooth(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Neighbouring steps of likeness speak for one another, since one alone holds few records; what is below the floor does not."""
    smoothed = counts.astype(float)
    smoothed[1:] = np.convolve(
        np.pad(counts[1:], 2, mode="edge"), np.array([1, 2, 3, 2, 1]) / 9, mode="valid"
    )
    return smoothed


def _best_two(
    record: Integers, to: Integers, likeness: npt.NDArray[np.float32], rows: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], Integers]:
    """For each record its highest likeness, the next one, and whom the highest is with (-1: nobody)."""
    order = np.lexsort((to, -likeness, record))
    held, first = np.unique(record[order], return_index=True)
    best, second = np.zeros(rows, np.float32), np.zeros(rows, np.float32)
    whom = np.full(rows, -1, np.int64)
    best[held], whom[held] = likeness[order][first], to[order][first]
    next_one = np.minimum(first + 1, max(len(order) - 1, 0))
    has = (next_one != first) & (record[order][next_one] == held)
    second[held[has]] = likeness[order][next_one[has]]
    return best, second, whom


def one_to_one(pairs: SimilarKeyPairs, enough: float) -> list[int]:
    """The places of pairs that are matches: the likest first, each record once. Greedy is as good as optimal here."""
    worth = np.flatnonzero(pairs.likeness >= enough)
    order = worth[np.lexsort((pairs.right[worth], pairs.left[worth], -pairs.likeness[worth]))]
    left, right = np.zeros(pairs.left_rows, bool), np.zeros(pairs.right_rows, bool)
    chosen = []
    for at, a, b in zip(order.tolist(), pairs.left[order].tolist(), pairs.right[order].tolist(), strict=True):
        if not left[a] and not right[b]:
            left[a] = right[b] = True
            chosen.append(at)
    return chosen


def _equal_tokens(one: Keys, other: Keys) -> tuple[Integers, Integers]:
    """Records with one token in common that nobody else of either file has, the strictest token first."""
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
    """Token to row, of the tokens that one record alone bears."""
    held: dict[bytes, int] = {}
    twice = {bytes(encoding.TOKEN_BYTES)}  # no token
    for row, value in enumerate(column):
        token = value.tobytes()
        if token in held:
            twice.add(token)
        held[token] = row
    return {token: row for token, row in held.items() if token not in twice}


def _groups(matches: Sequence[Match]) -> dict[tuple[str, str], int]:
    """Persons over all files, the likest matches first; no person has two records of one file."""
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
