"""The pairs of records worth comparing, and on which rung of each ladder they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from throughway.identity.linkage import blocking, prepared_statements
from throughway.identity.linkage.blocking import Keyed
from throughway.identity.linkage.chance_agreement import LevelCounts, counted
from throughway.identity.linkage.comparison_levels import levels_of_pairs
from throughway.identity.linkage.comparisons import COMPARISONS, Rungs
from throughway.identity.linkage.pair_join import pairs_sharing_keys

TOO_FEW_TO_TEACH = 500  # chance pairs; beside the prior of thousands they would say nothing
FEWEST_DRAWN, MOST_DRAWN, DRAWN_PER_RECORD = 100_000, 300_000, 25

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CandidatePairs:
    """Compared pairs: `left` and `right` are numbers of rows of `comparable`, `rungs` one row a pair and one column a
    comparison, -1 where it cannot be compared. `noticed`: what is odd about how they were found, a sentence each."""

    left: Integers
    right: Integers
    rungs: Rungs
    noticed: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True)
class Chance:
    """What chance alone makes agree. `drawn`: pairs drawn at random, compared, of `possible`; `counted`: of ladders with levels of
    exact agreement, by name, how many of all pairs stand there."""

    drawn: CandidatePairs
    possible: int
    counted: Mapping[str, LevelCounts] = field(default_factory=dict)


def record_numbers(rows: pa.Table) -> Integers:
    """The record number of each row."""
    numbers: Integers = rows["person_record"].to_numpy().astype(np.int64)
    return numbers


def compare(engine: duckdb.DuckDBPyConnection, records: int, keyed: Keyed | None = None) -> CandidatePairs:
    """Every pair of `comparable` that shares enough to be worth a look (blocking), compared. `keyed`: its keys, where they have
    been made."""
    if records < 2:
        return _none()
    found = pairs_sharing_keys(engine, "comparable", records, blocking.rules(records), keyed)
    return CandidatePairs(
        found.left, found.right, levels_of_pairs(engine, "comparable", found.left, found.right), found.said
    )


def compare_these(rows: pa.Table, left: Integers, right: Integers) -> CandidatePairs:
    """The pairs of rows (by place in `rows`), each on its rungs, in the order in which they were given."""
    if len(left) == 0:
        return CandidatePairs(left, right, np.zeros((0, len(COMPARISONS)), np.int8))
    return CandidatePairs(left, right, prepared_statements.prepared_levels(rows, left, right))


def compare_by_chance(engine: duckdb.DuckDBPyConnection, records: int, seed: int = 7) -> Chance:
    """Compares pairs of `comparable` drawn at random, all where there are few, and counts those that agree exactly."""
    possible = records * (records - 1) // 2
    if possible < TOO_FEW_TO_TEACH:
        return Chance(_none(), possible)
    wanted = min(MOST_DRAWN, max(FEWEST_DRAWN, DRAWN_PER_RECORD * records))
    if possible <= wanted:
        left, right = np.triu_indices(records, k=1)
    else:
        random = np.random.default_rng(seed)
        drawn = random.integers(0, records, size=(2, wanted))
        drawn = drawn[:, drawn[0] != drawn[1]]
        left, right = drawn.min(axis=0), drawn.max(axis=0)
    rungs = levels_of_pairs(engine, "comparable", left, right)
    return Chance(CandidatePairs(left, right, rungs), possible, counted(engine, "comparable"))


def _none() -> CandidatePairs:
    empty = np.zeros(0, np.int64)
    return CandidatePairs(empty, empty, np.zeros((0, len(COMPARISONS)), np.int8))
