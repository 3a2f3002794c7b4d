"""The inputs of a load: the engine, the staged file, what the agreements need, and what the store has of the partner."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.intake.contract import TableNeed
from throughway.intake.raw_cells import sql_text
from throughway.intake.staging import StagedTables
from throughway.store.engine import DuckDBEngine


class StoredPart(Protocol):
    """A live file of the store (`store.selectors.StoredFileFacts`)."""

    @property
    def id(self) -> str: ...
    @property
    def school_year(self) -> int: ...
    @property
    def path(self) -> Path: ...


@dataclass(frozen=True)
class LoadContext:
    """One load. `folder` is on the store's own filesystem. `files`: the live files of one of the partner's tables; `sealed`: all rows
    of a vaulted one; `text`: the free text of the rows in one file of a plain one. `unjudged`: by table, how many of its rows could not be judged in the partner's newest load of it. `consented`:
    record numbers with a consent in force today to a choice of a discloser's families. `whole`: tables of which the file has every row of
    its school years. `row_keys`: by earlier load of the partner, what told its rows of a table apart."""

    engine: DuckDBEngine
    folder: Path
    partner: str
    batch: str
    staged: StagedTables
    needs: Mapping[str, TableNeed]
    files: Callable[[str], Sequence[StoredPart]]
    sealed: Callable[[str], pa.Table]
    text: Callable[[str, StoredPart], pa.Table]
    reserve: Callable[[int], range]
    on: date
    moment: datetime
    school_year: int | None
    unjudged: Mapping[str, int]
    consented: Callable[[RequiredFamilyChoice, str], NDArray[np.int64]]
    whole: frozenset[str] = frozenset()
    row_keys: Callable[[str], Mapping[str, Sequence[str]]] = lambda table: {}
    _numbers: Iterator[int] = field(default_factory=count)

    def write(self, name: str, select: str) -> str:
        """Writes the rows of a SELECT to a file, since they are read several times; returns a relation."""
        path = self.new_file(name)
        self.engine.run(f"COPY ({select}) TO {sql_text(str(path))} (FORMAT parquet, COMPRESSION lz4)")
        return f"read_parquet({sql_text(str(path))})"

    def new_file(self, name: str) -> Path:
        """A path for a new file of the load."""
        return self.folder / f"{name}-{next(self._numbers)}.parquet"

    def number(self, sql: str) -> int:
        """The single number that a query returns."""
        return int(self.engine.run(sql).column(0)[0].as_py() or 0)
