"""Finds and compares the pairs of a full run on a Spark that the operator named.

`identity.actions.linking` looks for this module by name; nothing else imports this package, so it can be deleted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.actions.state_loading import load_state
from throughway.identity.incremental.learned_weights import Weights
from throughway.identity.linkage.candidate_pairs import CandidatePairs, compare
from throughway.identity.linkage.resolution import Find
from throughway.identity.spark.model import learn, model_of, shipment
from throughway.identity.spark.scoring import bring_back, hand_over, score, worth_bringing
from throughway.identity.spark.session import connected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def pairs_on_spark(master: str) -> Iterator[Find]:
    """Finds pairs on the Spark at `master`. What Spark needs on disk lies in a staging folder, which is removed at the end, or by the
    next sweep where a run was cut off."""
    with gate.staging() as folder, connected(master, folder) as session:
        yield lambda engine, records: _compare(session, engine, records)


def _compare(session: "SparkSession", engine: duckdb.DuckDBPyConnection, records: int) -> CandidatePairs:
    if records < 2:
        return compare(engine, records)
    rows, noticed = shipment(engine, records)
    document = model_of(_weights(engine), rows).to_json()
    try:
        scored = score(session, document, hand_over(session, rows))
        found = bring_back(scored, worth_bringing(records))
    except Exception as error:  # its words may hold a name or a birth date
        raise Refused(
            f"Spark did not finish comparing the records ({type(error).__name__}) and nothing was changed; give it more memory in"
            " its configuration, or look whether its workers are there, and run it again.",
            code="spark_failed",
        ) from None
    return replace(found, noticed=noticed)


def _weights(engine: duckdb.DuckDBPyConnection) -> Weights:
    """What the last full run learned, where it knows these sources, or else what the records teach now."""
    kept = load_state()
    sources = [str(row[0]) for row in engine.execute("select distinct source from comparable").fetchall()]
    if kept and kept.weights.knows(sources):
        return kept.weights
    return learn(engine.execute("select * from comparable order by unique_id").to_arrow_table())
