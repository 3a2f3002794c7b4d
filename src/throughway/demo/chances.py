"""Chance, for whole arrays at once: a stream of random numbers for each subject, odds, days."""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Text = NDArray[np.str_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Days = NDArray[np.datetime64]


def stream(seed: int, *subject: object) -> np.random.Generator:
    """Random numbers of one subject: what is drawn for another does not move them."""
    return np.random.default_rng([seed, crc32(" ".join(map(str, subject)).encode())])


def chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def whether(probability: Floats, rng: np.random.Generator) -> Bools:
    return np.asarray(rng.random(len(probability)) < probability)


def picked(first: Days, within: int, rng: np.random.Generator) -> Days:
    """A day within so many days of each first one."""
    return first + rng.integers(0, within, len(first))
