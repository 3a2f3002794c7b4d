"""What became of a load, as the command line says it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from throughway.core.refusals import Refused


@dataclass(frozen=True)
class Counts:
    """Rows of one table, or records of a kind that no table holds: each that was read became exactly one of the others.

    `changed` says how many of the `landed` replaced a stored row. `cannot_tell`: rows whose scope cannot be judged, since a
    cell that the agreements ask for is empty. `not_covered`: no agreement in effect needs such rows. `not_read`: no reader
    makes rows of such records.
    """

    read: int = 0
    landed: int = 0
    changed: int = 0
    quarantined: int = 0
    unchanged: int = 0
    out_of_scope: int = 0
    cannot_tell: int = 0
    not_covered: int = 0
    not_read: int = 0

    def __post_init__(self) -> None:
        became = (
            self.landed + self.quarantined + self.unchanged + self.out_of_scope + self.cannot_tell
            + self.not_covered + self.not_read
        )  # fmt: skip
        if self.read != became or self.changed > self.landed or min(vars(self).values()) < 0:
            raise ValueError("the counts of a load do not add up")


def total(counts: Iterable[Counts]) -> Counts:
    """The sum, field by field."""
    held = [vars(each) for each in counts]
    return Counts(**{name: sum(each[name] for each in held) for name in Counts.__dataclass_fields__})


@dataclass(frozen=True)
class Loaded:
    """One load. `quarantine` is a CSV of what was wrong where, without values. `unmapped` are those of the refused columns
    that neither the format nor the crosswalk maps. `nothing` says why no record of the file is in the store."""

    batch: str
    tables: Mapping[str, Counts]
    cells_emptied: int
    refused_columns: Sequence[str]
    quarantine: Path
    agreements: Sequence[str] = ()
    unmapped: Sequence[str] = ()
    nothing: Refused | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "batch": self.batch,
            "tables": {name: asdict(counts) for name, counts in self.tables.items()},
            "cells_emptied": self.cells_emptied,
            "refused_columns": list(self.refused_columns),
            "quarantine": str(self.quarantine),
        }
