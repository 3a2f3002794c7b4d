import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.store.record_numbers import HEADER, any_of, both, distinct, every, less, pack, unpack

INT64 = st.integers(-(2**63), 2**63 - 1)
OLDER = "010403000000000000000500000000000000789c634f61106460646000000354007e"


@given(st.lists(INT64))
def test_unpacks_to_the_sorted_set(numbers: list[int]) -> None:
    for given_as in (numbers, iter(numbers), np.array(numbers, dtype=np.int64)):
        assert unpack(pack(given_as)).tolist() == sorted(set(numbers))


@pytest.mark.parametrize("step", [2**bits + more for bits in (8, 16, 32) for more in (-1, 0)])
def test_differences_at_the_bounds_of_each_width(step: int) -> None:
    numbers = list(range(-step, 20 * step, step))
    assert unpack(pack(numbers)).tolist() == numbers


@given(st.lists(st.sets(st.integers(-3, 12)), min_size=1, max_size=4))
def test_set_operations_agree_with_those_of_python(sets: list[set[int]]) -> None:
    one, *others = arrays = [np.array(sorted(each), dtype=np.int64) for each in sets]
    assert any_of(arrays).tolist() == sorted(set().union(*sets))
    assert every(arrays).tolist() == sorted(set.intersection(*sets))
    assert distinct(np.concatenate([*others, one, one])).tolist() == any_of(arrays).tolist()
    for other, same in zip(others, sets[1:], strict=True):
        assert both(one, other).tolist() == sorted(sets[0] & same)
        assert less(one, other).tolist() == sorted(sets[0] - same)


@given(st.sets(st.integers(1, 2**40)), st.randoms())
def test_equal_sets_are_equal_bytes(numbers: set[int], random: object) -> None:
    shuffled = list(numbers)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert pack(np.array(shuffled * 2, dtype=np.int64)) == pack(sorted(numbers))


@given(st.binary(max_size=60))
def test_other_bytes_are_refused_or_are_a_set(noise: bytes) -> None:
    """No other fault than the one said, and nothing out of order or twice."""
    try:
        held = unpack(noise).tolist()
    except ValueError:
        with pytest.raises(ValueError, match="no set"):
            unpack(noise)
    else:
        assert held == sorted(set(held))


@pytest.mark.parametrize("cut", [1, 5, 18, -1])
def test_cut_bytes_are_refused(cut: int) -> None:
    with pytest.raises(ValueError, match="no set"):
        unpack(pack(range(0, 10**6, 977))[:cut])


def packed(*, form: int = 1, width: int = 2, count: int = 10, more: int = 0, after: bytes = b"") -> bytes:
    """So many numbers in format 1, all whose differences are 257; `more` bytes than that takes."""
    planes = b"\1" * (width * 9 + more)
    return HEADER.pack(form, width, count, 5) + zlib.compress(planes) + after


def test_only_a_whole_set_in_a_known_format_is_read() -> None:
    assert unpack(packed()).tolist() == list(range(5, 5 + 10 * 257, 257))
    for wrong in (
        packed(form=0), packed(form=3), packed(width=0), packed(width=3), packed(width=16), packed(count=9), packed(count=11),
        packed(more=1), packed(more=-1), packed(more=100), packed(after=b"\0"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="no set"):
            unpack(wrong)


@given(st.sets(INT64, max_size=8))
def test_few_numbers_stand_as_they_are_and_alone(numbers: set[int]) -> None:
    packed = pack(numbers)
    assert len(packed) == 1 + 8 * len(numbers)
    for wrong in {packed + b"\0", packed + packed[1:], packed[:-1]} - {packed}:
        with pytest.raises(ValueError, match="no set"):
            unpack(wrong)
    with pytest.raises(ValueError, match="no set"):
        unpack(pack([1]) + b"".join(n.to_bytes(8, "little") for n in range(2, 10)))  # nine of them


def test_sets_that_were_packed_before_are_read() -> None:
    """Format 1 of a few numbers, which the ledgers of older versions hold."""
    assert unpack(bytes.fromhex(OLDER)).tolist() == [5, 12, 70_000]


def test_few_bytes_for_each_number() -> None:
    random = np.random.default_rng(7)
    assert len(pack(range(1, 100_001))) < 1_000
    assert len(pack(random.choice(2**22, 100_000, replace=False))) < 140_000
    assert len(pack(random.integers(2**40, 2**53, 100_000))) < 600_000
