"""A partner's keys of learners and guardians become record numbers, which say nothing of the key or of its order."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from throughway.store import schemas
from throughway.store.engine import Engine

PERSON, GUARDIAN = "person", "guardian"


def number_keys(
    engine: Engine, *, kind: str, keys: Sequence[str], known: pa.Table, reserve: Callable[[int], range]
) -> None:
    """Registers `<kind>_key` (key, record, new): the numbers of every key that the SELECTs in `keys` give.

    Keys that were met before keep their number; new ones are numbered in random order.
    """
    engine.register(f"{kind}_known", known)
    met = f"SELECT key, record FROM {kind}_known WHERE kind = '{kind}'"
    if not keys:
        engine.run(
            f"CREATE OR REPLACE TEMP TABLE {kind}_key AS SELECT key, record, false AS new FROM ({met})"
        )
        return
    asked = " UNION ".join(keys)
    new = engine.run(f"SELECT key FROM ({asked}) AS asked(key) WHERE key NOT IN (SELECT key FROM ({met}))")
    numbers = np.array(reserve(new.num_rows) if new.num_rows else [], dtype=np.int64)
    engine.register(
        f"{kind}_new", new.append_column("record", pa.array(np.random.default_rng().permutation(numbers)))
    )
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {kind}_key AS SELECT key, record, false AS new FROM ({met}) "
        f"UNION ALL SELECT key, record, true FROM {kind}_new"
    )


def new_keys(engine: Engine, kind: str, landed: Sequence[str]) -> pa.Table:
    """Rows of `record_key` for the new keys whose numbers the SELECTs in `landed` give: those that are now stored."""
    if not landed:
        return schemas.empty("record_key")
    rows = engine.run(
        f"SELECT '{kind}' AS kind, key, record FROM {kind}_key WHERE new AND record IN ({' UNION '.join(landed)})"
    )
    return rows.cast(schemas.schema("record_key"))
