"""Tables of NumPy columns, and random draws for whole arrays: a random stream for each subject, odds, days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Text = NDArray[np.str_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]
NAT = np.datetime64("NaT", "D")
NEVER = np.datetime64("2200-01-01", "D")  # later than every day of a town


@dataclass(frozen=True)
class Records:
    """A table: every field of a subclass is an array with one entry for each record."""

    def where(self, chosen: Bools | Ints) -> Self:
        return type(self)(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The records of all parts, one after the other."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in cls.__dataclass_fields__))


def earliest(size: int, of: Ints, day: Days) -> Days:
    """The first of each student's days, by student; NEVER for students without one."""
    found = np.full(size, NEVER)
    np.minimum.at(found, of, day)
    return found


def stream(seed: int, *subject: object) -> np.random.Generator:
    """Random numbers of one subject, independent of the draws for other subjects."""
    return np.random.default_rng([seed, crc32(" ".join(map(str, subject)).encode())])


def chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def whether(probability: Floats, rng: np.random.Generator) -> Bools:
    return np.asarray(rng.random(len(probability)) < probability)


def picked(first: Days, within: int, rng: np.random.Generator) -> Days:
    """A day within so many days of each first one."""
    return first + rng.integers(0, within, len(first))
