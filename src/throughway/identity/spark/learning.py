"""The weights that Spark scores with, learned on this machine: from the records, or where they are many from some drawn by lot."""

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.linkage.candidate_pairs import compare, compare_by_chance
from throughway.identity.linkage.decision import doubles
from throughway.identity.linkage.label_model import fit_label_model
from throughway.identity.linkage.match_weights import weigh
from throughway.identity.linkage.resolution import Learned
from throughway.identity.linkage.standardization import connection
from throughway.identity.state.learned_weights import Weights, learned, records_in

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
    found = Learned(
        weighed, fit_label_model(pairs, weighed, records, []), doubles(pairs, weighed, records.source)
    )
    return learned(pairs, found, records, names)


def _hold(engine: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    at = rows.schema.get_field_index("unique_id")
    engine.register("drawn", rows.set_column(at, "unique_id", pa.array(np.arange(rows.num_rows))))
    engine.execute("create table comparable as select * from drawn")
    engine.unregister("drawn")
