"""Blocks, compares and weighs on Spark: Splink finds the pairs and their rungs, the rest of the weight is added beside.

Everything is a plan that Spark works out where its workers are; only what it is asked for comes back. pyspark and Splink are
imported inside the functions: most who use the platform have no Spark.
"""

import logging
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from throughway.identity.incremental.learned_weights import Weights
from throughway.identity.linkage.candidate_pairs import CandidatePairs
from throughway.identity.linkage.comparisons import COMPARISONS, FAMILY, FIRST
from throughway.identity.linkage.match_weights import MOST_RARE
from throughway.identity.spark.model import Model

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

AT_ONCE = (
    100_000  # rows handed over at once: Spark carries them in the messages of its tasks, which have a limit
)
# Bits. Readers are shown pairs of one chance in 2,000 (11 bits against); 5 more are left to what households and rivals may add.
BROUGHT_BACK = -16.0
FEW = 1_000_000  # records up to which every pair comes back: the pairs of few fit, and teach what chance makes agree


def hand_over(session: "SparkSession", rows: pa.Table) -> "DataFrame":
    """The rows on Spark, from the memory of this machine."""
    parts = [rows.slice(at, AT_ONCE) for at in range(0, max(rows.num_rows, 1), AT_ONCE)]
    return reduce(lambda one, other: one.union(other), [session.createDataFrame(part) for part in parts])


def score(session: "SparkSession", document: str, rows: "DataFrame") -> "DataFrame":
    """Every pair worth comparing, by the model in `document` (see `model`). `one`, `other`: `unique_id` of rows, which are as
    `comparable`, one < other. `g0` and so on: the pair's rung on each ladder, -1 where it cannot be compared. `weight`: bits, before
    households and rivals are looked at."""
    from pyspark.sql import functions as f
    from splink import Linker
    from splink.backends.spark import SparkAPI

    model = Model.of_json(document)
    logging.getLogger("splink").setLevel(logging.ERROR)
    # Splink's default writes names to Parquet files in clear; what Spark holds itself is encrypted where it goes to disk.
    api = SparkAPI(spark_session=session, break_lineage_method="persist")
    linker = Linker(api.register(rows), model.splink, log_level=None, validate_settings=False)
    pairs = linker.inference.predict(warning_mode="never").as_spark_dataframe()
    pairs.unpersist()  # the pairs are read once, and with both records' names they are wide
    rungs = [f.col(f"gamma_{c.name}").cast("tinyint").alias(f"g{at}") for at, c in enumerate(COMPARISONS)]
    weight = f.col("match_weight") + _rarity(model.weights) + _before(model.weights)
    sides = f.col("unique_id_l").alias("one"), f.col("unique_id_r").alias("other")
    return pairs.select(*sides, *rungs, weight.alias("weight"))


def worth_bringing(records: int) -> float:
    """Bits above which the pairs of so many records come back."""
    return BROUGHT_BACK if records > FEW else -np.inf


def bring_back(scored: "DataFrame", above: float) -> CandidatePairs:
    """The pairs of more than so many bits, in the order of a run on one machine."""
    told = scored.where(scored["weight"] > above).drop("weight").toArrow()
    left, right = (told[name].to_numpy().astype(np.int64) for name in ("one", "other"))
    rungs = np.stack([told[f"g{at}"].to_numpy() for at in range(len(COMPARISONS))], axis=1).astype(np.int8)
    order = np.lexsort((right, left))
    return CandidatePairs(left[order], right[order], rungs[order])


def _rarity(weights: Weights) -> "Column":
    """`match_weights.rarity` in Spark's words."""
    from pyspark.sql import functions as f

    shared = (
        (FIRST, ("same",), "first_share", weights.first),
        (FAMILY, ("same", "same, moved"), "surname_share", weights.surname),
    )
    total = f.lit(0.0)
    for comparison, levels, share, usual in shared:
        on = f.col(f"gamma_{comparison.name}").isin([comparison.level(level) for level in levels])
        common = f.greatest(f"{share}_l", f"{share}_r")
        bits = f.least(f.greatest(f.log2(f.lit(usual) / common), f.lit(-MOST_RARE)), f.lit(MOST_RARE))
        total = total + f.when(on & common.isNotNull(), bits).otherwise(0.0)
    return total


def _before(weights: Weights) -> "Column":
    """What two sources have in common before anything is compared."""
    from pyspark.sql import functions as f

    both = f.concat_ws("\n", f.least("source_l", "source_r"), f.greatest("source_l", "source_r"))
    known = [f.lit(told) for item in sorted(weights.before.items()) for told in item]
    return f.coalesce(f.try_element_at(f.create_map(*known), both), f.lit(0.0))
