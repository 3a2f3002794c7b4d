"""What became of a load, as the command line says it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Counts:
    """Rows of one table: each that was read became exactly one of the others."""

    read: int
    landed: int
    quarantined: int
    unchanged: int
    out_of_scope: int

    def __post_init__(self) -> None:
        if (
            self.read != self.landed + self.quarantined + self.unchanged + self.out_of_scope
            or min(vars(self).values()) < 0
        ):
            raise ValueError("the counts of a load do not add up")


@dataclass(frozen=True)
class Loaded:
    """One load. `quarantine` is a CSV of what was wrong where, without values."""

    batch: str
    tables: Mapping[str, Counts]
    cells_emptied: int
    refused_columns: Sequence[str]
    quarantine: Path
    agreements: Sequence[str] = ()

    @property
    def anything(self) -> bool:
        """Something landed or was there already."""
        return any(counts.landed or counts.unchanged for counts in self.tables.values())

    def to_json(self) -> dict[str, object]:
        return {
            "batch": self.batch,
            "tables": {name: asdict(counts) for name, counts in self.tables.items()},
            "cells_emptied": self.cells_emptied,
            "refused_columns": list(self.refused_columns),
            "quarantine": str(self.quarantine),
        }
