"""A few bits for each entry, by which the entries that may tell of one student are found without opening every set.

A Bloom filter: a number that is in the set always passes; of a set of fifty, one other number in a hundred passes too. A set
too large for the bits lets everything pass.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

WORDS, BITS, PLACES = 8, 64, 4  # eight columns of 64 bits; each number sets four of the 512
LARGEST = 200  # of more students than this the bits would tell nothing
COLUMNS = tuple(f"w{n}" for n in range(WORDS))
EVERYTHING = (-1,) * WORDS
# Knuth's multiplicative hashing: the upper bits of the product are well mixed, also of numbers that follow each other.
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
SHIFTS = np.array([64 - 9 * (place + 1) for place in range(PLACES)], dtype=np.uint64)
Numbers = npt.NDArray[np.int64]


def sieve_of(students: Numbers) -> tuple[int, ...]:
    """The words of a set, each a signed number of 64 bits as both databases hold it."""
    if len(students) > LARGEST:
        return EVERYTHING
    with np.errstate(over="ignore"):
        mixed = students.astype(np.int64, copy=False).view(np.uint64) * GOLDEN
    bits = np.zeros(WORDS * BITS, dtype=np.uint8)
    bits[(mixed[:, np.newaxis] >> SHIFTS) & np.uint64(WORDS * BITS - 1)] = 1
    return tuple(np.packbits(bits, bitorder="little").view("<i8").tolist())


def passes_sql(numbers: Sequence[int], table: str) -> str:
    """Whether a row lets one of these numbers pass, as a condition; only whole numbers stand in it."""
    return " OR ".join(f"({_passes(int(number), table)})" for number in numbers) or "1 = 0"


def _passes(number: int, table: str) -> str:
    words = sieve_of(np.array([number], dtype=np.int64))
    bits = [f"({table}.{n} & {_as_sql(w)}) = {_as_sql(w)}" for n, w in zip(COLUMNS, words, strict=True) if w]
    return " AND ".join([f"{table}.low <= {number}", f"{table}.high >= {number}", *bits])


def _as_sql(word: int) -> str:
    """PostgreSQL takes the smallest of all for a number too large, since it reads the sign last."""
    return f"({word + 1} - 1)" if word == -(2**63) else str(word)
