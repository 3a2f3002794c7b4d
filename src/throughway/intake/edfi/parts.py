"""Rows on their way to the stage: one Parquet of text for each table, and for each part that fills another's rows."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 50_000  # rows held in memory before they are written

BOOKKEEPING = ("_file", "_row", "_person", "_key", "_faults", "_aside")


class StagedPart:
    """Rows of fixed columns, written in chunks. A row is `(file, row, person, key, faults, aside, *values)`, values text or None."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path = path
        self.columns = tuple(columns)
        self.filled: dict[str, None] = {}  # columns that have a value in any row
        kinds = [pa.string(), pa.int64(), pa.string(), pa.string(), pa.int64(), pa.bool_()]
        kinds += [pa.string()] * len(self.columns)
        self._schema = pa.schema(list(zip((*BOOKKEEPING, *columns), kinds, strict=True)))
        self._chunk: list[Sequence[object]] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, row: Sequence[object]) -> None:
        self._chunk.append(row)
        if len(self._chunk) >= CHUNK:
            self._flush()

    def close(self) -> tuple[str, ...]:
        """Finishes the file, and says which columns of it are filled, in their order."""
        self._flush()
        assert self._writer is not None
        self._writer.close()
        return tuple(name for name in self.columns if name in self.filled)

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, self._schema, compression="lz4")
        if self._chunk:
            columns = zip(*self._chunk, strict=True)
            arrays = [
                pa.array(values, kind) for values, kind in zip(columns, self._schema.types, strict=True)
            ]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
            for name, values in zip(self.columns, arrays[len(BOOKKEEPING) :], strict=True):
                if values.null_count < len(values):
                    self.filled[name] = None
            self._chunk = []
