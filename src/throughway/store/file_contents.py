"""What a file of the store holds: its rows and whose they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from throughway.store import number_packing, schemas

# Persons of one vault file at most, so that opening one stays bounded in memory.
PERSONS = 1_000_000


@dataclass(frozen=True)
class Contents:
    rows: int
    packed: bytes  # learners' record numbers (`compact`); b"" in tables that are of no person


def of_parquet(table: str, path: Path) -> Contents:
    """The contents of a Parquet file, read one row group at a time; ValueError when it is not as its table is."""
    with pq.ParquetFile(path) as file:
        _check(table, file.schema_arrow)
        column = schemas.numbered_by(table)
        if column is None:
            return Contents(file.metadata.num_rows, b"")
        groups = file.iter_batches(batch_size=1 << 20, columns=[column])
        held = [number_packing.distinct(_numbers(pa.table({column: batch[0]})[column])) for batch in groups]
        return Contents(
            file.metadata.num_rows, number_packing.pack(np.concatenate(held or [np.empty(0, np.int64)]))
        )


def of_table(table: str, rows: pa.Table) -> Contents:
    """The contents of a table in memory."""
    column = schemas.numbered_by(table)
    if column is None:
        return Contents(rows.num_rows, b"")
    learners = rows.filter(pc.equal(rows["kind"], "person")) if table == "record_key" else rows
    return Contents(rows.num_rows, number_packing.pack(_numbers(learners[column])))


def parts(table: str, rows: pa.Table, persons: int = PERSONS) -> Iterator[pa.Table]:
    """The rows in the table's order and schema, in parts of at most so many persons, none of whom is in two parts.

    A table without rows is one part. ValueError when the columns are not those of the table.
    """
    _check(table, rows.schema)
    ordered = rows.cast(schemas.schema(table)).sort_by([(c, "ascending") for c in schemas.order(table)])
    first = schemas.order(table)[0]
    if ordered[first].null_count:
        raise ValueError(f"{table}: {first} is empty in some rows")
    keys = _numbers(ordered[first])
    firsts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))  # the first row of each person
    starts = [*firsts[::persons].tolist(), ordered.num_rows] if keys.size else [0, 0]
    for start, end in pairwise(starts):
        yield ordered.slice(start, end - start)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = column.drop_null().to_numpy()
    return numbers


def _check(table: str, found: pa.Schema) -> None:
    wanted = [name for name, _ in schemas.columns(table)]
    if found.names != wanted:
        missing, strange = sorted(set(wanted) - set(found.names)), sorted(set(found.names) - set(wanted))
        raise ValueError(f"{table}: its columns are not in order, or missing {missing}, or strange {strange}")
