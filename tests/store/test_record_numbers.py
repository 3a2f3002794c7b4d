import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughway.store.record_numbers import pack, unpack

INT64 = st.integers(-(2**63), 2**63 - 1)
OLDER = "010403000000000000000500000000000000789c634f61106460646000000354007e"


@given(st.lists(INT64))
def test_unpacks_to_the_sorted_set(numbers: list[int]) -> None:
    assert unpack(pack(numbers)).tolist() == sorted(set(numbers))


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


@given(st.sets(INT64, max_size=8))
def test_few_numbers_stand_as_they_are_and_alone(numbers: set[int]) -> None:
    packed = pack(numbers)
    assert len(packed) == 1 + 8 * len(numbers)
    for wrong in {packed + b"\0", packed + packed[1:], packed[:-1]} - {packed}:
        with pytest.raises(ValueError, match="no set"):
            unpack(wrong)


def test_sets_that_were_packed_before_are_read() -> None:
    """Format 1 of a few numbers, which the ledgers of older versions hold."""
    assert unpack(bytes.fromhex(OLDER)).tolist() == [5, 12, 70_000]


def test_few_bytes_for_each_number() -> None:
    random = np.random.default_rng(7)
    assert len(pack(range(1, 100_001))) < 1_000
    assert len(pack(random.choice(2**22, 100_000, replace=False))) < 140_000
    assert len(pack(random.integers(2**40, 2**53, 100_000))) < 600_000
