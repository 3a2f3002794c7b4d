"""What one destruction will do to the store: which files go, what takes their place, whose records are gone then."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from throughway.store.schemas import HISTORY


@dataclass
class OfTable:
    """Of one partner's table: rows there were, rows that go, and values that go or are blurred in rows that stay."""

    rows: int = 0
    lost: int = 0
    emptied: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FileGone:
    """A file that goes, as the manifest has it. `kept`: rows of it that stand in a new file."""

    id: str
    table: str
    partner: str
    sha256: str
    bytes: int
    rows: int
    kept: int

    def to_json(self) -> dict[str, object]:
        return dict(vars(self))


@dataclass(frozen=True)
class Replacement:
    """Rows that stay, as a finished Parquet file or a table for the vault under these agreements."""

    table: str
    partner: str
    school_year: int
    path: Path | None = None
    arrow: pa.Table | None = None
    agreements: tuple[str, ...] = ()


@dataclass
class DestructionPlan:
    """`wraps`: files that stay whole and need the key of an agreement that keeps them. `sentinels`: texts that nothing holds any
    more afterwards, drawn from what goes; kept in memory alone."""

    tables: dict[tuple[str, str], OfTable] = field(default_factory=lambda: defaultdict(OfTable))
    files: list[FileGone] = field(default_factory=list)
    new: list[Replacement] = field(default_factory=list)
    wraps: list[tuple[str, str]] = field(default_factory=list)
    gone: dict[str, frozenset[int]] = field(default_factory=dict)
    persons: frozenset[int] = frozenset()
    empty: frozenset[str] = frozenset()
    sentinels: tuple[str, ...] = ()
    keepers: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    @property
    def replaced(self) -> list[str]:
        return [file.id for file in self.files]

    @property
    def rows(self) -> dict[str, int]:
        """Rows that go, by table; those of corrections that were superseded count with their table."""
        found: dict[str, int] = defaultdict(int)
        for (_, table), told in self.tables.items():
            if told.lost:
                found[table.removesuffix(HISTORY)] += told.lost
        return dict(sorted(found.items()))

    @property
    def values(self) -> dict[str, int]:
        """Values that go or are blurred in rows that stay, by element."""
        found: dict[str, int] = defaultdict(int)
        for (_, table), told in self.tables.items():
            for name, count in told.emptied.items():
                found[f"{table.removesuffix(HISTORY)}.{name}"] += count
        return dict(sorted(found.items()))


def together(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)
