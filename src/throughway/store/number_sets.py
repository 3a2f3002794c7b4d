"""Sets of numbers as sorted arrays: a few are looked up among many without touching the many."""

from collections.abc import Iterable
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from throughway.store.number_packing import distinct

Numbers = NDArray[np.int64]
NOBODY: Numbers = np.empty(0, dtype=np.int64)


def inside(asked: Numbers, among: Numbers) -> NDArray[np.bool_]:
    """For each number asked for whether it is there; `among` is sorted."""
    if not len(among):
        return np.zeros(len(asked), dtype=np.bool_)
    place = np.minimum(np.searchsorted(among, asked), len(among) - 1)
    found: NDArray[np.bool_] = among[place] == asked
    return found


def both(one: Numbers, other: Numbers) -> Numbers:
    """The numbers of both, each of which is sorted and without repeats."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    return few[inside(few, many)]


def every(sets: Iterable[Numbers]) -> Numbers:
    """The numbers that are in each of at least one set."""
    return reduce(both, sets)


def less(one: Numbers, other: Numbers) -> Numbers:
    """The numbers of one that are not in the other; both are sorted."""
    return one[~inside(one, other)]


def any_of(sets: Iterable[Numbers]) -> Numbers:
    """The numbers of any."""
    each = list(sets)
    return each[0] if len(each) == 1 else distinct(np.concatenate([NOBODY, *each]))
