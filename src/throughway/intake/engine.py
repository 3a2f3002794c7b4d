"""The engine that a load works with: bounded, so that a file larger than the memory loads too."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from throughway.store.engine import DuckDBEngine

# Beside what Python and its libraries take, so that a load of any size stays under a gigabyte.
MEMORY = "400MB"


@contextmanager
def mapping_engine(folder: Path) -> Iterator[DuckDBEngine]:
    """An engine that spills what does not fit into the folder."""
    with DuckDBEngine(memory_limit=MEMORY, temp_directory=folder / "spill") as engine:
        # A join may hand its Bloom filter down to the scan of the other side, and scans of Arrow tables (DuckDB 1.5) take none.
        engine.run("SET disabled_optimizers = 'join_filter_pushdown'")
        yield engine
