"""Bloom filters: a few bits for each entry, by which the entries about one student are found without unpacking every set.

A number that is in the set always passes; of a set of fifty, one other number in a hundred passes too. A set too large for the
bits lets everything pass. Without them a look-up among 100,000 entries takes ten times as long.
"""

import struct
from collections.abc import Collection, Sequence

WORDS, BITS = 8, 64  # eight columns of 64 bits
LARGEST = 200  # students; of more the bits would exclude nobody
COLUMNS = tuple(f"w{n}" for n in range(WORDS))
EVERYTHING = (-1,) * WORDS
# Knuth's multiplicative hashing: the upper bits of the product are well mixed, also of numbers that follow each other.
GOLDEN, WHOLE = 0x9E3779B97F4A7C15, 2**64 - 1
# Each number sets four of the 512 bits, by nine bits of the product each.
SHIFTS, PLACE = (55, 46, 37, 28), WORDS * BITS - 1
AS_WORDS = struct.Struct(f"<{WORDS}q")


def sieve_of(students: Collection[int]) -> tuple[int, ...]:
    """The words of a set, each a signed number of 64 bits as both databases hold it."""
    if len(students) > LARGEST:
        return EVERYTHING
    bits = 0
    for student in students:
        # Python's own numbers: of two or three students NumPy takes several times as long.
        mixed = int(student) * GOLDEN & WHOLE
        for shift in SHIFTS:
            bits |= 1 << (mixed >> shift & PLACE)
    return AS_WORDS.unpack(bits.to_bytes(AS_WORDS.size, "little"))


def passes_sql(numbers: Sequence[int], table: str) -> str:
    """The SQL condition that a row lets one of these numbers pass; it holds only whole numbers."""
    return " OR ".join(f"({_passes(int(number), table)})" for number in numbers) or "1 = 0"


def _passes(number: int, table: str) -> str:
    words = sieve_of([number])
    bits = [f"({table}.{n} & {_as_sql(w)}) = {_as_sql(w)}" for n, w in zip(COLUMNS, words, strict=True) if w]
    return " AND ".join([f"{table}.low <= {number}", f"{table}.high >= {number}", *bits])


def _as_sql(word: int) -> str:
    """PostgreSQL takes the smallest of all for a number too large, since it reads the sign last."""
    return f"({word + 1} - 1)" if word == -(2**63) else str(word)
