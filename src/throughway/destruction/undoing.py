"""What taking back a load and those that rest on it does, in counts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from throughway.core.prose import counted
from throughway.intake.load_history import Batch
from throughway.store.schemas import HISTORY
from throughway.vocabulary import TABLES


@dataclass(frozen=True)
class Undoing:
    """Loads of one partner that are taken back, the newest first. `students`: whose rows go or come back; `alone`: those of them of whom no
    row is left. By table: `restored`, how many rows come back as they were; `not_admitted`, how many do not, because no agreement or
    consent of today admits them; `not_kept`, of how many it is not known what they were. `rows`: how many are destroyed,
    with the store's own of keys, links and codes."""

    partner: str
    loads: tuple[Batch, ...]
    students: frozenset[int] = frozenset()
    alone: frozenset[int] = frozenset()
    restored: Mapping[str, int] = field(default_factory=dict)
    not_admitted: Mapping[str, int] = field(default_factory=dict)
    not_kept: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(load.id for load in self.loads)

    @property
    def student_rows(self) -> dict[str, int]:
        """How many rows of each table of student data are destroyed, superseded ones with the others."""
        found: Counter[str] = Counter()
        for table, rows in self.rows.items():
            found[table.removesuffix(HISTORY)] += rows
        return {table: rows for table, rows in sorted(found.items()) if table in TABLES}

    @property
    def not_restored(self) -> Mapping[str, int]:
        found = Counter(self.not_admitted)
        found.update(self.not_kept)
        return dict(sorted(found.items()))

    def outcomes(self) -> Iterator[tuple[str, str]]:
        """What becomes of rows that the loads had superseded: what, and why."""
        for table, rows in sorted(self.restored.items()):
            yield (
                f"{counted(rows, 'row')} of {table} of {self.partner}",
                "Restored: they are again as they were before the load.",
            )
        for table, rows in sorted(self.not_admitted.items()):
            yield (
                f"No earlier value of {counted(rows, 'row')} of {table} of {self.partner}",
                "Not restored: no agreement or consent of today admits them, so they were destroyed too.",
            )
        for table, rows in sorted(self.not_kept.items()):
            yield (
                f"{counted(rows, 'earlier row')} of {table} of {self.partner}, superseded",
                "Not restored: an earlier version of the program did not keep which load superseded them.",
            )
