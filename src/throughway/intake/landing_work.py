"""What a landing works with, and what it gives: finished rows for the store, and counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from throughway.agreements.family_choice import RequiredFamilyChoice
from throughway.intake.contract import TableNeed
from throughway.intake.load_report import Counts
from throughway.intake.staging import StagedTables
from throughway.store.engine import DuckDBEngine


@dataclass(frozen=True)
class StoredPart:
    """A live file of a plain table."""

    id: str
    school_year: int
    path: Path


class Stored(Protocol):
    """What the store holds of the partner whose file comes in."""

    def parts(self, table: str) -> Sequence[StoredPart]:
        """The live files of a plain table."""

    def sealed_ids(self, table: str) -> Sequence[str]:
        """The live files of a vaulted table, by id."""

    def sealed(self, table: str) -> pa.Table:
        """All rows of a vaulted table."""


@dataclass(frozen=True)
class FinishedRows:
    """Finished rows of one table and school year: a Parquet file, or a table in memory when they go to the vault."""

    table: str
    school_year: int
    path: Path | None = None
    arrow: pa.Table | None = None


@dataclass
class LandingWork:
    """One landing under way. `folder` is on the store's own filesystem."""

    engine: DuckDBEngine
    folder: Path
    partner: str
    batch: str
    staged: StagedTables
    needs: Mapping[str, TableNeed]
    stored: Stored
    reserve: Callable[[int], range]
    on: date
    moment: datetime
    school_year: int | None
    # By table, how many rows of it could not be judged in the newest load of the partner that brought it.
    unjudged: Mapping[str, int]
    consented: Callable[
        [RequiredFamilyChoice, str], NDArray[np.int64]
    ]  # of a discloser: whose consent is in force today
    # What has come of it so far.
    rows: list[FinishedRows] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)
    counts: dict[str, Counts] = field(default_factory=dict)
    undecided: dict[str, str] = field(
        default_factory=dict
    )  # by table, the relation of rows whose scope cannot be judged
    problems: list[str] = field(default_factory=list)  # SELECTs of file, row, column, problem, cure
    cells_emptied: int = 0
    _files: int = 0

    def file(self, name: str) -> Path:
        """A path for a new file of the landing."""
        self._files += 1
        return self.folder / f"{name}-{self._files}.parquet"

    def number(self, sql: str) -> int:
        """The one number that a query answers with."""
        return int(self.engine.run(sql).column(0)[0].as_py() or 0)
