"""What goes to Spark of the records: the columns that the ladders read, and by which numbers records meet.

Blocking keys are found on this machine, by the same rules and leaving out the same crowds as in a run on it. On Spark a key is
a number that says nothing: records that have one in common are compared.
"""

import re

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.linkage import blocking
from throughway.identity.linkage.comparisons import COMPARISONS
from throughway.identity.linkage.pair_join import shared, spread

MEETS = "meets"  # the column that lists the numbers of a record's keys
RETAINED = ("source", "first_share", "surname_share")  # columns that weighing needs of both records


def shipment(engine: duckdb.DuckDBPyConnection, records: int) -> tuple[pa.Table, tuple[str, ...]]:
    """The rows of `comparable` for Spark; and what is odd about their keys, a sentence each."""
    keys = shared(engine, "comparable", records, blocking.rules(records))
    meeting = keys.sizes > 1
    sizes = keys.sizes[meeting]
    row, number = keys.rows[spread(keys.starts[meeting], sizes)], np.repeat(np.arange(len(sizes)), sizes)
    order = np.argsort(row, kind="stable")
    ends = np.searchsorted(row[order], np.arange(records + 1))
    lists = pa.LargeListArray.from_arrays(pa.array(ends), pa.array(number[order]))
    asked = f"select {', '.join(_columns(engine))} from comparable order by unique_id"
    rows = engine.execute(asked).to_arrow_table()
    return rows.append_column(MEETS, lists), keys.said


def _columns(engine: duckdb.DuckDBPyConnection) -> list[str]:
    conditions = (part for c in COMPARISONS for part in (c.unknown, *(level.condition for level in c.levels)))
    words = set(re.findall(r"\w+", " ".join(conditions)))
    names = [str(row[0]) for row in engine.execute("describe comparable").fetchall()]
    return [n for n in names if n in ("unique_id", *RETAINED) or words & {f"{n}_l", f"{n}_r"}]
