"""Bloom filters: 512 bits for each entry, to find the entries about one student without unpacking every set.

A number in the set always passes; for a set of fifty, about one other number in a hundred passes too. A set too large for the bits
lets everything pass. Without the filters a look-up among 100,000 entries takes ten times as long.
"""

import struct
from collections.abc import Collection, Sequence

WORDS, BITS = 8, 64  # eight columns of 64 bits
LARGEST = 200  # students; for larger sets the bits would exclude nobody
COLUMNS = tuple(f"w{n}" for n in range(WORDS))
EVERYTHING = (-1,) * WORDS
# Knuth's multiplicative hashing: the upper bits of the product are well mixed, also for consecutive numbers.
GOLDEN, WHOLE = 0x9E3779B97F4A7C15, 2**64 - 1
# Each number sets four of the 512 bits, each chosen by nine bits of the product.
SHIFTS, PLACE = (55, 46, 37, 28), WORDS * BITS - 1
AS_WORDS = struct.Struct(f"<{WORDS}q")


def sieve_of(students: Collection[int]) -> tuple[int, ...]:
    """The filter of a set as signed 64-bit numbers, the type that both databases store."""
    if len(students) > LARGEST:
        return EVERYTHING
    bits = 0
    for student in students:
        # Plain Python: for two or three students NumPy takes several times as long.
        mixed = int(student) * GOLDEN & WHOLE
        for shift in SHIFTS:
            bits |= 1 << (mixed >> shift & PLACE)
    return AS_WORDS.unpack(bits.to_bytes(AS_WORDS.size, "little"))


def passes_sql(numbers: Sequence[int], table: str) -> str:
    """The SQL condition that a row's filter lets one of these numbers pass; it contains only whole numbers."""
    return " OR ".join(f"({_passes(int(number), table)})" for number in numbers) or "1 = 0"


def _passes(number: int, table: str) -> str:
    words = sieve_of([number])
    bits = [f"({table}.{n} & {_as_sql(w)}) = {_as_sql(w)}" for n, w in zip(COLUMNS, words, strict=True) if w]
    return " AND ".join([f"{table}.low <= {number}", f"{table}.high >= {number}", *bits])


def _as_sql(word: int) -> str:
    """The number as SQL. PostgreSQL rejects the smallest 64-bit number as a literal, since it applies the sign last."""
    return f"({word + 1} - 1)" if word == -(2**63) else str(word)
