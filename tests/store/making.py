"""Small tables of the shapes that the store holds."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from throughway.store import schemas


def rows(table: str, **given: list[object]) -> pa.Table:
    """A table with the given columns filled and all others empty."""
    schema = schemas.schema(table)
    length = len(next(iter(given.values()))) if given else 0
    columns = [pa.array(given.get(f.name, [None] * length), type=f.type) for f in schema]
    return pa.table(columns, schema=schema)


def parquet(folder: Path, table: str, **given: list[object]) -> Path:
    """The same as a finished file in that folder."""
    path = folder / f"{len(list(folder.iterdir()))}.parquet"
    pq.write_table(rows(table, **given).drop_columns(list(schemas.free_text(table))), path)
    return path
