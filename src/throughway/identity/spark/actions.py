"""Finds, compares and weighs the pairs of a full run on a Spark cluster that the operator named. Splink finds the pairs and their levels,
and the rest of the weight is added.

`identity.actions.linking` looks for this module by name; nothing else imports this package, so it can be deleted. pyspark and Splink are
imported inside functions: most installations have no Spark. The session is encrypted on disk and between machines, and logs nothing,
since an engine's messages may hold a name or a birth date.
"""

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.run_record import load_state
from throughway.identity.incremental.learned_weights import Weights
from throughway.identity.linkage.blocking import Keyed
from throughway.identity.linkage.candidate_pairs import CandidatePairs, compare
from throughway.identity.linkage.comparisons import COMPARISONS, FAMILY, FIRST
from throughway.identity.linkage.match_weights import MOST_RARE
from throughway.identity.linkage.resolution import Find
from throughway.identity.spark.model import Model, learn, model_of, shipment

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

AT_ONCE = 100_000  # rows handed over at once: Spark carries them in task messages, whose size is limited
# Bits. Readers are shown pairs of one chance in 2,000 (11 bits against); 5 more are left to what households and rivals may add.
BROUGHT_BACK = -16.0
FEW = 1_000_000  # records up to which every pair comes back: they fit, and teach how often pairs agree by chance
# Without an appender Spark would take its own settings.
SILENT = """rootLogger.level = off
rootLogger.appenderRef.none.ref = none
appender.none.type = Null
appender.none.name = none
"""


@contextmanager
def pairs_on_spark(master: str) -> Iterator[Find]:
    """Finds pairs on the Spark cluster at `master`. What Spark needs on disk is in a staging folder, which is removed at the end, or by
    the next sweep after a run that was cut off."""
    with gate.staging() as folder, connected(master, folder) as session:
        yield lambda engine, records, keys: _compare(session, engine, records, keys)


def _compare(
    session: "SparkSession", engine: duckdb.DuckDBPyConnection, records: int, keys: Keyed
) -> CandidatePairs:
    if records < 2:
        return compare(engine, records)
    rows, warnings = shipment(engine, records, keys)
    document = model_of(_weights(engine), rows).to_json()
    try:
        scored = score(session, document, hand_over(session, rows))
        found = bring_back(scored, BROUGHT_BACK if records > FEW else -np.inf)
    except Exception as error:  # without its message, which may hold a name or a birth date
        raise Refused(
            f"Spark did not finish comparing the records ({type(error).__name__}) and nothing was changed; give it more memory in"
            " its configuration, or look whether its workers are there, and run it again.",
            code="spark_failed",
        ) from None
    return replace(found, warnings=warnings)


def _weights(engine: duckdb.DuckDBPyConnection) -> Weights:
    """What the last full run learned, where it knows these sources; else what the records teach now."""
    state = load_state()
    sources = [str(row[0]) for row in engine.execute("select distinct source from comparable").fetchall()]
    if state and state.weights.knows(sources):
        return state.weights
    return learn(engine.execute("select * from comparable order by unique_id").to_arrow_table())


def hand_over(session: "SparkSession", rows: pa.Table) -> "DataFrame":
    """The rows on Spark, from the memory of this machine."""
    parts = [rows.slice(at, AT_ONCE) for at in range(0, max(rows.num_rows, 1), AT_ONCE)]
    return reduce(lambda one, other: one.union(other), [session.createDataFrame(part) for part in parts])


def score(session: "SparkSession", document: str, rows: "DataFrame") -> "DataFrame":
    """Every pair worth comparing, by the model in `document` (see `model`). `one` < `other`: `unique_id` of rows, which are as `comparable`.
    `g0` and so on: the pair's level on each comparison, -1 where it cannot be compared. `weight`: bits, without households and rivals."""
    from pyspark.sql import functions as f
    from splink import Linker
    from splink.backends.spark import SparkAPI

    model = Model.of_json(document)
    logging.getLogger("splink").setLevel(logging.ERROR)
    # Splink's default would write names to Parquet files in clear; what Spark itself writes is encrypted.
    api = SparkAPI(spark_session=session, break_lineage_method="persist")
    linker = Linker(api.register(rows), model.splink, log_level=None, validate_settings=False)
    pairs = linker.inference.predict(warning_mode="never").as_spark_dataframe()
    pairs.unpersist()  # the pairs are read once, and with both records' names they are wide
    rungs = [f.col(f"gamma_{c.name}").cast("tinyint").alias(f"g{at}") for at, c in enumerate(COMPARISONS)]
    weight = f.col("match_weight") + _rarity(model.weights) + _before(model.weights)
    sides = f.col("unique_id_l").alias("one"), f.col("unique_id_r").alias("other")
    return pairs.select(*sides, *rungs, weight.alias("weight"))


def bring_back(scored: "DataFrame", above: float) -> CandidatePairs:
    """The pairs of more than `above` bits, in the order of a run on one machine."""
    found = scored.where(scored["weight"] > above).drop("weight").toArrow()
    left, right = (found[name].to_numpy().astype(np.int64) for name in ("one", "other"))
    rungs = np.stack([found[f"g{at}"].to_numpy() for at in range(len(COMPARISONS))], axis=1).astype(np.int8)
    order = np.lexsort((right, left))
    return CandidatePairs(left[order], right[order], rungs[order])


def _rarity(weights: Weights) -> "Column":
    """`match_weights.rarity` in Spark SQL."""
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
    """The bits for two sources before anything is compared."""
    from pyspark.sql import functions as f

    both = f.concat_ws("\n", f.least("source_l", "source_r"), f.greatest("source_l", "source_r"))
    known = [f.lit(value) for item in sorted(weights.before.items()) for value in item]
    return f.coalesce(f.try_element_at(f.create_map(*known), both), f.lit(0.0))


def check_installed() -> None:
    """Refused where pyspark, Splink or Java is not on this machine."""
    if find_spec("pyspark") is None or find_spec("splink") is None:
        raise Refused(
            "Spark is not installed; install the extra `spark`, as the manual explains for `link --spark`.",
            code="no_spark",
        )
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise Refused(
            "Spark needs Java 17 or newer; install it, or set JAVA_HOME to where it is.", code="no_java"
        )


@contextmanager
def connected(master: str, folder: Path) -> Iterator["SparkSession"]:
    """A session of the Spark cluster at `master` (`local[4]`, `spark://host:7077`, `yarn`). What it needs on this machine's disk is in
    `folder`. Memory, a cluster's secret and all else are as Spark's own configuration says.

    Refused where Spark does not start."""
    check_installed()
    from pyspark.sql import SparkSession

    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    (folder / "log4j2.properties").write_text(SILENT)
    builder = SparkSession.builder.master(master).appName("throughway link")
    for name, value in _settings(master, folder).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except Exception as error:
        raise Refused(
            f"Spark does not start at {master} ({type(error).__name__}); look whether it runs there, and whether its secret"
            " (spark.authenticate.secret) stands in Spark's configuration here.",
            code="no_spark",
        ) from None
    try:
        yield session
    finally:
        session.stop()


def _settings(master: str, folder: Path) -> dict[str, str]:
    from splink.backends.spark import similarity_jar_location

    settings = {
        "spark.jars": similarity_jar_location(),
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{folder}/log4j2.properties",
        "spark.io.encryption.enabled": "true",  # what is shuffled, spilled or kept on disk
        "spark.authenticate": "true",  # what goes from machine to machine
        "spark.network.crypto.enabled": "true",
        "spark.eventLog.enabled": "false",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.maxResultSize": "0",  # all that is collected is wanted, and narrow
    }
    if master.startswith("local"):
        settings["spark.sql.shuffle.partitions"] = str(4 * (os.cpu_count() or 1))
    return settings
