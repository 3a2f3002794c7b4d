"""The pairs of records worth comparing, with their level on each comparison; and how often two records agree by chance."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from throughway.identity.linkage import blocking, prepared_statements
from throughway.identity.linkage.blocking import Keyed
from throughway.identity.linkage.comparison_levels import levels_of_pairs
from throughway.identity.linkage.comparisons import BIRTH, COMPARISONS, FIRST, MIDDLE, SEX, Comparison, Rungs

TOO_FEW_TO_LEARN_FROM = 500  # random pairs; more would hardly change the result
FEWEST_DRAWN, MOST_DRAWN, DRAWN_PER_RECORD = 100_000, 300_000, 25

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CandidatePairs:
    """Compared pairs. `left`, `right`: row numbers of `comparable`. `rungs`: one row for each pair and one column for each comparison, -1 if it cannot be
    compared. `warnings`: oddities in finding them, a sentence each."""

    left: Integers
    right: Integers
    rungs: Rungs
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.left)


def no_pairs() -> CandidatePairs:
    empty = np.zeros(0, np.int64)
    return CandidatePairs(empty, empty, np.zeros((0, len(COMPARISONS)), np.int8))


def record_numbers(rows: pa.Table) -> Integers:
    """The record number of each row."""
    numbers: Integers = rows["person_record"].to_numpy().astype(np.int64)
    return numbers


def compare(engine: duckdb.DuckDBPyConnection, records: int, keyed: Keyed | None = None) -> CandidatePairs:
    """Every pair of `comparable` that shares a blocking key, compared. `keyed`: the keys, if they were made before."""
    if records < 2:
        return no_pairs()
    found = blocking.pairs_sharing_keys(engine, "comparable", records, blocking.rules(records), keyed)
    rungs = levels_of_pairs(engine, "comparable", found.left, found.right)
    return CandidatePairs(found.left, found.right, rungs, found.warnings)


def compare_these(rows: pa.Table, left: Integers, right: Integers) -> CandidatePairs:
    """These pairs of rows, by place in `rows`, compared, in the order given."""
    if len(left) == 0:
        return no_pairs()
    return CandidatePairs(left, right, prepared_statements.prepared_levels(rows, left, right))


@dataclass(frozen=True)
class LevelCounts:
    """How many of all pairs are on a level of exact agreement. `compared`: pairs with both values known; `on`: pairs by level."""

    compared: int
    on: Mapping[str, int]

    def u(self, comparison: Comparison, u: Floats, true: Floats, prior_pairs: float) -> Floats:
        """The share of pairs of two persons on each level, lowest first: as counted, and for the other levels as `u` divides the rest.

        `true`: the expected pairs of one person on each level. The comparison's own u counts as much as `prior_pairs` pairs."""
        before = np.array([level.u for level in reversed(comparison.levels)])
        counted = np.array([level.name in self.on for level in reversed(comparison.levels)])
        on = np.array([self.on.get(level.name, 0) for level in reversed(comparison.levels)], np.float64)
        false, all_false = np.maximum(on - true, 0.0), max(self.compared - true.sum(), 0.0)
        share = (false + prior_pairs * before) / (all_false + prior_pairs)
        rest: Floats = u * (1 - share[counted].sum()) / u[~counted].sum()
        return np.where(counted, share, rest)


@dataclass(frozen=True)
class ChanceAgreement:
    """`drawn`: pairs drawn at random from the `possible` ones, compared. `counted`: by comparison, exact agreements among all pairs."""

    drawn: CandidatePairs
    possible: int
    counted: Mapping[str, LevelCounts] = field(default_factory=dict)


def compare_by_chance(engine: duckdb.DuckDBPyConnection, records: int, seed: int = 7) -> ChanceAgreement:
    """Compares pairs of `comparable` drawn at random (all of them where there are few) and counts exact agreements among all."""
    possible = records * (records - 1) // 2
    if possible < TOO_FEW_TO_LEARN_FROM:
        return ChanceAgreement(no_pairs(), possible)
    wanted = min(MOST_DRAWN, max(FEWEST_DRAWN, DRAWN_PER_RECORD * records))
    if possible <= wanted:
        left, right = np.triu_indices(records, k=1)
    else:
        random = np.random.default_rng(seed)
        drawn = random.integers(0, records, size=(2, wanted))
        drawn = drawn[:, drawn[0] != drawn[1]]
        left, right = drawn.min(axis=0), drawn.max(axis=0)
    rungs = levels_of_pairs(engine, "comparable", left, right)
    return ChanceAgreement(
        CandidatePairs(left, right, rungs), possible, count_agreements(engine, "comparable")
    )


def count_agreements(engine: duckdb.DuckDBPyConnection, table: str) -> dict[str, LevelCounts]:
    """How many of all pairs of the table's rows are on each level of exact agreement, by comparison; no pair is listed.

    Among n records with one value, n (n - 1) / 2 pairs agree. A level is counted as the comparison defines it: among pairs with both values
    known, without those on a higher level. E-mail addresses and identifiers are not counted: different persons who share one mostly live
    together, so it would count twice, and the u stated in the comparisons worked better (see the manual's page on linkage).
    """

    def number(sql: str) -> int:
        [(found,)] = engine.execute(f"select ({sql.format(table=table)})::bigint").fetchall()
        return int(found)

    return {
        comparison.name: LevelCounts(number(compared), {level: number(sql) for level, sql in on.items()})
        for comparison, (compared, on) in AGREEMENT_QUERIES.items()
    }


def _equal(columns: str, known: str) -> str:
    """SQL for the number of pairs with equal values in these columns, among rows where `known` holds."""
    return (
        "(select coalesce(sum(n * (n - 1) // 2), 0)"
        f" from (select count(*) as n from {{table}} where {known} group by {columns}))"
    )


def _crosswise(one: str, other: str, different: str) -> str:
    """SQL for the number of pairs in which each row has in one column what the other has in the other, and that differ in `different`."""
    counts = (
        f"(select {one} as one, {other} as other, {different} as different, count(*) as n from {{table}}"
        f" where {one} < {other} group by all)"
    )
    turned = counts.replace(f"{one} < {other}", f"{one} > {other}")
    return (
        f"(select coalesce(sum(a.n * b.n), 0) from {counts} a join {turned} b"
        " on a.one = b.other and a.other = b.one and a.different <> b.different)"
    )


def _both(condition: str) -> str:
    """SQL for the number of pairs of rows in which the condition holds for both."""
    return f"(select count(*) * (count(*) - 1) // 2 from {{table}} where {condition})"


NAMED = "first is not null"
# For each comparison: the pairs with both values known, and those on each level of exact agreement.
AGREEMENT_QUERIES: Mapping[Comparison, tuple[str, Mapping[str, str]]] = {
    FIRST: (
        _both(NAMED),
        {
            "same": f"{_equal('first', NAMED)} + {_equal('given', NAMED)} - {_equal('first, given', NAMED)}",
            "swapped": _crosswise("first", "spelled", "given"),
        },
    ),
    BIRTH: (
        _both("birthdate is not null"),
        {
            "same": _equal("birthdate", "birthdate is not null"),
            "day and month swapped": _crosswise("birthdate", "swapped", "birthdate"),
        },
    ),
    SEX: (_both("sex is not null"), {"same": _equal("sex", "sex is not null")}),
    MIDDLE: (_both("middle is not null"), {"same": _equal("middle", "len(middle) > 1")}),
}
