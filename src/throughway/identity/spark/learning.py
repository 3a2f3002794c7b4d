"""The weights that Spark scores with, learned on this machine: from the records, or where they are many from some drawn by lot."""

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.known.weights import Weights, learned, records_in
from throughway.identity.linkage.comparing import compare, compare_by_chance
from throughway.identity.linkage.deciding import doubles
from throughway.identity.linkage.labels import lesson_of
from throughway.identity.linkage.preparing import connection
from throughway.identity.linkage.resolving import Learned
from throughway.identity.linkage.weighing import weigh

TEACHERS = 200_000  # records; of ten million, so many still hold some hundred pairs of one person


def learn(rows: pa.Table, most: int = TEACHERS, seed: int = 7) -> Weights:
    """What `rows` teach (as `comparable`, see `preparing`, in its order), or `most` of them. The shares of names stay those of all."""
    if rows.num_rows > most:
        drawn = np.random.default_rng(seed).choice(rows.num_rows, most, replace=False)
        rows = rows.take(pa.array(np.sort(drawn)))
    with connection() as engine:
        _hold(engine, rows)
        pairs, chance = compare(engine, rows.num_rows), compare_by_chance(engine, rows.num_rows)
    names = sorted(set(rows["source"].to_pylist()))
    records = records_in(rows, names)
    weighed = weigh(pairs, chance, records)
    found = Learned(weighed, lesson_of(pairs, weighed, records, []), doubles(pairs, weighed, records.source))
    return learned(pairs, found, records, names)


def _hold(engine: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    at = rows.schema.get_field_index("unique_id")
    engine.register("drawn", rows.set_column(at, "unique_id", pa.array(np.arange(rows.num_rows))))
    engine.execute("create table comparable as select * from drawn")
    engine.unregister("drawn")
