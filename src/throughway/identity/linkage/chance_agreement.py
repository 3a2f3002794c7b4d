"""How many of all pairs stand on a level of exact agreement: told by how often each value stands, and no pair is drawn for it.

Of the n records of one value, n (n - 1) / 2 pairs agree; over all values that is the closed form of u, the sum of squared
frequencies, less the pairs of a record with itself. A level is counted as its ladder has it: of pairs of which both sides are known,
and without those that stand on a level above.

E-mail addresses and numbers of persons are not counted: strangers who share one are mostly of one home, so that it would count
twice. What the ladders say of them beforehand did better (see the page on linkage).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from throughway.identity.linkage.comparisons import BIRTH, FIRST, MIDDLE, SEX, Comparison

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LevelCounts:
    """`compared`: pairs of which both sides are known. `on`: by the name of a level that is counted, the pairs that stand on it."""

    compared: int
    on: Mapping[str, int]

    def u(self, comparison: Comparison, u: Floats, true: Floats, behind: float) -> Floats:
        """The share of pairs of two persons on each level, lowest first: as counted, and for the others as `u` divides what is left.

        `true`: pairs of one person on each level, expected. What the ladder says beforehand is worth `behind` pairs."""
        before = np.array([level.u for level in reversed(comparison.levels)])
        counted = np.array([level.name in self.on for level in reversed(comparison.levels)])
        seen = np.array([self.on.get(level.name, 0) for level in reversed(comparison.levels)], np.float64)
        false, all_false = np.maximum(seen - true, 0.0), max(self.compared - true.sum(), 0.0)
        told = (false + behind * before) / (all_false + behind)
        rest: Floats = u * (1 - told[counted].sum()) / u[~counted].sum()
        return np.where(counted, told, rest)


def counted(engine: duckdb.DuckDBPyConnection, table: str) -> dict[str, LevelCounts]:
    """Of every comparison with levels of exact agreement, by its name: the pairs of the table's rows (as `comparable`)."""
    return {
        comparison.name: LevelCounts(
            _number(engine, compared, table), {name: _number(engine, sql, table) for name, sql in on.items()}
        )
        for comparison, (compared, on) in COUNTS.items()
    }


def _number(engine: duckdb.DuckDBPyConnection, question: str, table: str) -> int:
    [(number,)] = engine.execute(f"select ({question.format(table=table)})::bigint").fetchall()
    return int(number)


def _equal(columns: str, known: str) -> str:
    """SQL of the pairs that are equal in these columns, among the rows of which something is known."""
    return (
        "(select coalesce(sum(n * (n - 1) // 2), 0)"
        f" from (select count(*) as n from {{table}} where {known} group by {columns}))"
    )


def _crosswise(one: str, other: str, apart: str) -> str:
    """SQL of the pairs of which either has in one column what the other has in the other, and which differ in `apart`."""
    counts = f"(select {one} as one, {other} as other, {apart} as apart, count(*) as n from {{table}} where {one} < {other} group by all)"
    turned = counts.replace(f"{one} < {other}", f"{one} > {other}")
    return (
        f"(select coalesce(sum(a.n * b.n), 0) from {counts} a join {turned} b"
        " on a.one = b.other and a.other = b.one and a.apart <> b.apart)"
    )


def _both(condition: str) -> str:
    """SQL of the pairs of rows of which a condition holds."""
    return f"(select count(*) * (count(*) - 1) // 2 from {{table}} where {condition})"


NAMED = "first is not null"

# For each ladder, the pairs that can be compared, and those of each level that is counted.
COUNTS: Mapping[Comparison, tuple[str, Mapping[str, str]]] = {
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
