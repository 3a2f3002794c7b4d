"""Sets of record numbers: as sorted arrays, and packed into few bytes.

Packed: sorted, as differences, byte planes apart, deflated; a few numbers as they are."""

import struct
import zlib
from collections.abc import Iterable
from functools import reduce

import numpy as np
from numpy.typing import NDArray

# Format 1: format, bytes of one difference, how many numbers, the smallest number; then the deflated differences.
HEADER = struct.Struct("<BBQq")
FORMAT = 1
# Format 2: format; then the numbers, eight bytes each. Compressing so few numbers saves no space and costs time.
FEW, PLAIN = 8, 2
WIDTHS = (1, 2, 4, 8)
NO_SET = "these bytes hold no set of record numbers"


def distinct(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sorted and unique. (`np.unique` hashes integers since NumPy 2.3: ten times slower on sets like these.)"""
    if bool((numbers[1:] > numbers[:-1]).all()):
        return numbers
    ordered: NDArray[np.int64] = np.sort(numbers, kind="stable")  # they usually come as a few sorted runs
    first = np.ones(ordered.size, dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def pack(numbers: NDArray[np.int64] | Iterable[int]) -> bytes:
    """The set of these int64 numbers, in any order and with repeats, as bytes; equal sets give equal bytes."""
    if isinstance(numbers, list) and len(numbers) <= FEW:
        return _as_they_are(sorted({*numbers}))  # without NumPy, whose overhead dominates here
    given = numbers if isinstance(numbers, np.ndarray) else np.fromiter(numbers, dtype=np.int64)
    held = distinct(given.astype(np.int64, copy=False))
    if held.size <= FEW:
        return _as_they_are(held.tolist())
    # Modulo 2**64, so that a difference of two int64 never overflows.
    steps = np.diff(held.view(np.uint64))
    width = next(w for w in WIDTHS if int(steps.max()) < 1 << 8 * w)
    planes = steps.astype(f"<u{width}").view(np.uint8).reshape(-1, width).T
    return HEADER.pack(FORMAT, width, held.size, int(held[0])) + zlib.compress(planes.tobytes(), 6)


def _as_they_are(few: list[int]) -> bytes:
    return bytes([PLAIN]) + struct.pack(f"<{len(few)}q", *few)


def unpack(packed: bytes) -> NDArray[np.int64]:
    """The numbers of `pack`, sorted and unique; ValueError when the bytes are not in one of the two formats."""
    if packed[:1] == bytes([PLAIN]):
        return _plain(packed[1:])
    try:
        form, width, count, first = HEADER.unpack_from(packed)
        if form != FORMAT or width not in WIDTHS:
            raise ValueError
        if not count:
            return np.empty(0, dtype=np.int64)
        expected = (count - 1) * width
        inflater = zlib.decompressobj()
        planes = inflater.decompress(packed[HEADER.size :], expected + 1)
        if len(planes) != expected or not inflater.eof or inflater.unused_data:
            raise ValueError
    except (struct.error, zlib.error, ValueError):
        raise ValueError(NO_SET) from None
    steps = np.ascontiguousarray(np.frombuffer(planes, np.uint8).reshape(width, -1).T).view(f"<u{width}")
    held = np.empty(count, dtype=np.uint64)
    held[0] = np.int64(first).view(np.uint64)
    np.cumsum(steps.ravel(), dtype=np.uint64, out=held[1:])
    held[1:] += held[0]
    return held.view(np.int64)


def _plain(packed: bytes) -> NDArray[np.int64]:
    few, rest = divmod(len(packed), 8)
    held = np.frombuffer(packed, "<i8", few).astype(np.int64)
    if rest or few > FEW or not bool((held[1:] > held[:-1]).all()):
        raise ValueError(NO_SET)
    return held


Numbers = NDArray[np.int64]
NOBODY: Numbers = np.empty(0, dtype=np.int64)


def inside(wanted: Numbers, among: Numbers) -> NDArray[np.bool_]:
    """For each number, whether it is in `among`, which is sorted."""
    if not len(among):
        return np.zeros(len(wanted), dtype=np.bool_)
    place = np.minimum(np.searchsorted(among, wanted), len(among) - 1)
    found: NDArray[np.bool_] = among[place] == wanted
    return found


def both(one: Numbers, other: Numbers) -> Numbers:
    """The numbers in both sets; each is sorted and unique."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    return few[inside(few, many)]


def every(sets: Iterable[Numbers]) -> Numbers:
    """The numbers in at least one set of each group."""
    return reduce(both, sets)


def less(one: Numbers, other: Numbers) -> Numbers:
    """The numbers of the first set that are not in the second; both are sorted."""
    return one[~inside(one, other)]


def any_of(sets: Iterable[Numbers]) -> Numbers:
    """The numbers in at least one of the sets."""
    each = list(sets)
    return each[0] if len(each) == 1 else distinct(np.concatenate([NOBODY, *each]))
