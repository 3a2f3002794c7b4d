"""What goes to Spark: the columns that comparisons read, and the model that scores pairs.

The model is one JSON document. `splink` is a model in Splink's own form, with the blocking rule, the comparisons in Spark SQL and the
learned shares, which any Splink on Spark can open. `weights` is the rest of a pair's weight: the bits for two sources, and how common
names are. It holds no record, no salt and no key.

Blocking keys are made on this machine, by the same rules and without the same crowded keys as in a run here. On Spark a key is a
meaningless number: records that have one in common are compared. Splink is imported inside functions, since importing it takes a second.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from throughway.identity.incremental.learned_weights import Weights, learned_weights
from throughway.identity.linkage import blocking
from throughway.identity.linkage.blocking import Keyed, shared_keys, spread
from throughway.identity.linkage.candidate_pairs import compare, compare_by_chance
from throughway.identity.linkage.clustering import doubles
from throughway.identity.linkage.comparisons import COMPARISONS, Comparison, with_definitions
from throughway.identity.linkage.label_model import fit_label_model
from throughway.identity.linkage.match_weights import records_in, weigh
from throughway.identity.linkage.resolution import Learned
from throughway.identity.linkage.standardization import connection
from throughway.identity.spark.dialect import as_spark

MEETS = "meets"  # the column that lists the numbers of a record's keys
RETAINED = ("source", "first_share", "surname_share")  # columns that weighing needs of both records


def shipment(
    engine: duckdb.DuckDBPyConnection, records: int, keyed: Keyed | None = None
) -> tuple[pa.Table, tuple[str, ...]]:
    """The rows of `comparable` for Spark; and what is odd about their keys, a sentence each."""
    keys = shared_keys(engine, "comparable", records, blocking.rules(records), keyed)
    meeting = keys.sizes > 1
    sizes = keys.sizes[meeting]
    row, number = keys.rows[spread(keys.starts[meeting], sizes)], np.repeat(np.arange(len(sizes)), sizes)
    order = np.argsort(row, kind="stable")
    ends = np.searchsorted(row[order], np.arange(records + 1))
    lists = pa.LargeListArray.from_arrays(pa.array(ends), pa.array(number[order]))
    sql = f"select {', '.join(_columns(engine))} from comparable order by unique_id"
    rows = engine.execute(sql).to_arrow_table()
    return rows.append_column(MEETS, lists), keys.warnings


def _columns(engine: duckdb.DuckDBPyConnection) -> list[str]:
    conditions = (part for c in COMPARISONS for part in (c.unknown, *(level.condition for level in c.levels)))
    words = set(re.findall(r"\w+", with_definitions(" ".join(conditions))))
    names = [str(row[0]) for row in engine.execute("describe comparable").fetchall()]
    return [n for n in names if n in ("unique_id", *RETAINED) or words & {f"{n}_l", f"{n}_r"}]


TRAINING_RECORDS = 200_000  # so many of ten million still have some hundred pairs of one person


def learn(rows: pa.Table, most: int = TRAINING_RECORDS, seed: int = 7) -> Weights:
    """The weights that `rows` of `comparable` teach, or `most` of them drawn at random. The frequencies of names stay those of all."""
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
    return learned_weights(pairs, found, records, names)


def _hold(engine: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    at = rows.schema.get_field_index("unique_id")
    engine.register("drawn", rows.set_column(at, "unique_id", pa.array(np.arange(rows.num_rows))))
    engine.execute("create table comparable as select * from drawn")
    engine.unregister("drawn")


Shares = Mapping[str, Mapping[str, tuple[float, float]]]


def settings(meets: str, shares: Shares, lists: Collection[str], retained: Collection[str]) -> dict[str, Any]:
    """A model in Splink's own form. `meets`: the list column of which records worth comparing share a member. `shares`: m and u of each
    level. `lists`: list columns. `retained`: columns of both records that the result keeps."""
    from splink import SettingsCreator, block_on

    creator = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[_comparison(comparison, shares[comparison.name], lists) for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(meets, arrays_to_explode=[meets])],
        # An even chance is 0 bits: the bits for two sources differ, and are added afterwards.
        probability_two_random_records_match=0.5,
        retain_matching_columns=True,  # else Splink keeps no gamma columns
        additional_columns_to_retain=list(retained),
    )
    document: dict[str, Any] = creator.create_settings_dict("spark")
    return document


def _comparison(
    comparison: Comparison, shares: Mapping[str, tuple[float, float]], lists: Collection[str]
) -> dict[str, Any]:
    unknown = {
        "sql_condition": as_spark(with_definitions(comparison.unknown), lists),
        "label_for_charts": "cannot be compared",
        "is_null_level": True,
    }
    levels = [
        {
            "sql_condition": "ELSE"
            if level.condition == "else"
            else as_spark(with_definitions(level.condition), lists),
            "label_for_charts": level.name,
            "m_probability": shares[level.name][0],
            "u_probability": shares[level.name][1],
        }
        for level in comparison.levels
    ]
    return {"output_column_name": comparison.name, "comparison_levels": [unknown, *levels]}


FORM = "throughway linkage on Spark, 1"


@dataclass(frozen=True)
class Model:
    splink: dict[str, Any]
    weights: Weights

    def to_json(self) -> str:
        document = {"form": FORM, "splink": self.splink, "weights": self.weights.to_json()}
        return json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1)

    @classmethod
    def of_json(cls, text: str) -> "Model":
        """Raises ValueError for another document."""
        held = json.loads(text)
        if not isinstance(held, dict) or held.get("form") != FORM:
            raise ValueError("this is not a linkage model for Spark, or one of another version")
        return cls(held["splink"], Weights.of_json(held["weights"]))


def model_of(weights: Weights, rows: pa.Table) -> Model:
    """The model that scores these rows (see `shipment`)."""
    lists = [field.name for field in rows.schema if _is_list(field.type)]
    return Model(settings(MEETS, weights.shares, lists, RETAINED), weights)


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))
