"""Runs compiled SQL on a locked engine over exactly the files that it names, and counts who can be in the answer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.grant import Grant
from throughway.agreements.sql import CODES, LINKS
from throughway.gate.actions.codes import codes_of
from throughway.gate.compile import Compiled, relation_name
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine
from throughway.store.reading import Snapshot
from throughway.vocabulary import TABLES

NOBODY: NDArray[np.int64] = np.empty(0, dtype=np.int64)


def run(stored: Snapshot, compiled: Compiled) -> pa.Table:
    """The answer, held in memory. Refused (engine) in a sentence without a value."""
    with DuckDBEngine() as engine:
        files: list[Path] = []
        for table, discloser in sorted(compiled.relations):
            source = _source(stored, table, discloser)
            engine.register(relation_name(table, discloser), source)
            if not isinstance(source, pa.Table):
                files += source
        engine.lock(files)
        answer = engine.run(compiled.sql)
    return answer.rename_columns(list(compiled.columns))


def _source(stored: Snapshot, table: str, discloser: str) -> pa.Table | Sequence[Path]:
    if table == CODES:
        return codes_of(stored, discloser)
    if table != LINKS and TABLES[table].vaulted:
        return stored.sealed(table, discloser)
    return stored.files(table, discloser) or schemas.empty(table)


def students(stored: Snapshot, compiled: Compiled, grants: Sequence[Grant]) -> NDArray[np.int64]:
    """Record numbers of all whose rows can have contributed: never fewer, sometimes more."""
    found = [NOBODY]
    for read in compiled.reads:
        if not TABLES[read.table].of_person:
            continue
        for discloser in {g.discloser for g in grants if g.table == read.table}:
            held = stored.records(read.table, discloser)
            found.append(held if read.records is None else np.intersect1d(held, read.records))
    return np.unique(np.concatenate(found))
