"""The level of pairs of records on each comparison, in one SQL query over all pairs."""

import re
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.linkage.blocking import Rows
from throughway.identity.linkage.comparisons import COMPARISONS, EXPRESSIONS, Comparison, Rungs

AT_ONCE = 1_000_000  # pairs in one query, so that memory stays bounded


def levels_of_pairs(engine: duckdb.DuckDBPyConnection, table: str, left: Rows, right: Rows) -> Rungs:
    """The levels of pairs of the table's rows, by their `unique_id`: one row a pair, in the order given."""
    columns = columns_compared([row[0] for row in engine.execute(f"describe {table}").fetchall()])
    both = ", ".join(f"a.{name} as {name}_l, b.{name} as {name}_r" for name in columns)
    sql = levels_query(
        f"select p.number, {both} from these_pairs p"
        f" join {table} a on a.unique_id = p.l join {table} b on b.unique_id = p.r"
    )
    parts = [np.empty((0, len(COMPARISONS)), np.int8)]
    for at in range(0, len(left), AT_ONCE):
        some = slice(at, at + AT_ONCE)
        pairs = pa.table({"l": left[some], "r": right[some], "number": np.arange(len(left[some]))})
        engine.register("these_pairs", pairs)
        parts.append(rungs_of(engine.execute(sql).to_arrow_table()))
        engine.unregister("these_pairs")
    return np.concatenate(parts)


def rungs_of(found: pa.Table) -> Rungs:
    """The answer of `levels_query`, one row a pair, by `number`."""
    place = found["number"].to_numpy()
    rungs = np.empty((len(place), len(COMPARISONS)), np.int8)
    for column in range(len(COMPARISONS)):
        rungs[place, column] = found[f"g{column}"].to_numpy()
    return rungs


def level_sql(comparison: Comparison) -> str:
    """SQL of the level: 0 for the lowest, -1 if the two cannot be compared."""
    last = len(comparison.levels) - 1
    levels = " ".join(
        f"when {'true' if level.condition == 'else' else level.condition} then {last - at}"
        for at, level in enumerate(comparison.levels)
    )
    return f"(case when {comparison.unknown} then -1 {levels} end)::tinyint"


def columns_compared(columns: Sequence[str]) -> list[str]:
    """The columns that some comparison reads."""
    sql = " ".join([*map(level_sql, COMPARISONS), *(sql for _, sql in EXPRESSIONS.values())])
    return [name for name in columns if re.search(rf"\b{re.escape(name)}_[lr]\b", sql)]


def levels_query(sides: str) -> str:
    """SQL of the levels of pairs, `g0` and so on; `sides` is SQL of the `number` of each pair and of the columns compared on both sides."""
    once = ", ".join(f"{sql} as {name}" for name, (_, sql) in EXPRESSIONS.items())
    levels = ", ".join(f"{level_sql(comparison)} as g{at}" for at, comparison in enumerate(COMPARISONS))
    return f"select number, {levels} from (select *, {once} from ({sides}))"
