"""Compares chosen pairs of rows, on the same ladders as a full run, without Splink's preparation of a whole batch."""

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.linkage.comparing import Integers, Pairs
from throughway.identity.linkage.evidence import COMPARISONS, Comparison


def compare_these(
    engine: duckdb.DuckDBPyConnection, rows: pa.Table, left: Integers, right: Integers
) -> Pairs:
    """The pairs of rows (by place in `rows`), each on its rungs, in the order in which they were given."""
    if len(left) == 0:
        return Pairs(left, right, np.zeros((0, len(COMPARISONS)), np.int8))
    names = [name for name in rows.column_names if name not in ("unique_id", "person_record", "source")]
    placed = rows.select(names).append_column("place", pa.array(np.arange(rows.num_rows)))
    engine.register("these_rows", placed)
    engine.register("these_pairs", pa.table({"l": left, "r": right, "number": np.arange(len(left))}))
    ladders = ", ".join(f"{_ladder(c)} as g{at}" for at, c in enumerate(COMPARISONS))
    sides = ", ".join(f"a.{n} as {n}_l, b.{n} as {n}_r" for n in names)
    found = engine.execute(
        f"select number, {ladders} from (select p.number, {sides} from these_pairs p join these_rows a on a.place = p.l"
        " join these_rows b on b.place = p.r)"
    ).to_arrow_table()
    engine.unregister("these_rows")
    engine.unregister("these_pairs")
    rungs = np.empty((len(left), len(COMPARISONS)), np.int8)
    at = found["number"].to_numpy()
    for column in range(len(COMPARISONS)):
        rungs[at, column] = found[f"g{column}"].to_numpy()
    return Pairs(left, right, rungs)


def _ladder(comparison: Comparison) -> str:
    last = len(comparison.levels) - 1
    rungs = " ".join(
        f"when {'true' if level.condition == 'else' else level.condition} then {last - at}"
        for at, level in enumerate(comparison.levels)
    )
    return f"(case when {comparison.unknown} then -1 {rungs} end)::tinyint"
