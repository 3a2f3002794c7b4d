"""Problems of a load, streamed to a file so that a file of bad rows does not fill the memory."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from throughway.intake.staging import Problem, Scope

SCHEMA = pa.schema(
    [("file", pa.string()), ("row", pa.int64()), ("column", pa.string()), ("problem", pa.string()),
     ("cure", pa.string()), ("scope", pa.string())]
)  # fmt: skip
CHUNK = 20_000


class ProblemLog:
    """Takes problems in any number; `close` says in which Parquet file they are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: list[Problem] = []
        self._writer: pq.ParquetWriter | None = None
        self.count = 0

    def add(self, problem: Problem) -> None:
        self._held.append(problem)
        self.count += 1
        if len(self._held) >= CHUNK:
            self._flush()

    def row(self, file: str, row: int, column: str, problem: str, cure: str) -> None:
        """A problem for which the whole row is set aside."""
        self._say(file, row, column, problem, cure, "row")

    def cell(self, file: str, row: int, column: str, problem: str, cure: str) -> None:
        """A problem for which one cell is emptied."""
        self._say(file, row, column, problem, cure, "cell")

    def _say(self, file: str, row: int, column: str, problem: str, cure: str, scope: Scope) -> None:
        self.add(Problem(file, row, column, problem, cure, scope))

    def close(self) -> tuple[Path, ...]:
        if not self.count:
            return ()
        self._flush()
        if self._writer is not None:
            self._writer.close()
        return (self._path,)

    def _flush(self) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, SCHEMA, compression="lz4")
        self._writer.write_table(pa.Table.from_pylist([vars(p) for p in self._held], schema=SCHEMA))
        self._held.clear()
