"""Where one plan of a destruction is made: the files at hand, what each loses, and what stays in its place."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from throughway.destruction.plan import DestructionPlan, FileGone, Replacement
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine, reading
from throughway.store.selectors import Snapshot, StoredFileFacts, current_community
from throughway.store.vault import Vault

# What the house keeps beside the tables of the vocabulary.
KEYS, SIGNERS, LINKS, CODES, VALUES = "record_key", "consent_signer", "person_link", "pseudonym", "value_code"
BESIDE = frozenset({KEYS, SIGNERS, LINKS, CODES, VALUES})
Numbers = NDArray[np.int64]


@dataclass
class Workshop:
    """Where one plan is made. `folder`: on the store's own filesystem, for the files that stay; None: only to be told."""

    stored: Snapshot
    engine: DuckDBEngine
    folder: Path | None
    on: date
    plan: DestructionPlan = field(default_factory=DestructionPlan)
    files: int = 0

    @cached_property
    def held(self) -> list[tuple[StoredFileFacts, Numbers]]:
        """Every live file with the learners that it holds; asked once for all."""
        return self.stored.holding()

    def held_of(self, partner: str) -> list[tuple[StoredFileFacts, Numbers]]:
        found = [each for each in self.held if each[0].partner == partner]
        return sorted(found, key=lambda each: each[0].table)

    @property
    def vault(self) -> Vault:
        return Vault(current_community())

    def open(self, file: StoredFileFacts) -> pa.Table:
        return self.vault.open(file.path) if file.sealed else pq.read_table(file.path)

    def openers(self, file: StoredFileFacts) -> frozenset[str]:
        return frozenset(self.vault.keyring.openers(file.id))

    def gone(self, file: StoredFileFacts, kept: int) -> None:
        self.plan.files.append(
            FileGone(file.id, file.table, file.partner, file.sha256, file.bytes, file.rows, kept)
        )

    def count(self, file: StoredFileFacts, lost: int, emptied: Mapping[str, int] | None = None) -> None:
        told = self.plan.tables[file.partner, file.table]
        told.rows += file.rows
        told.lost += lost
        for name, number in (emptied or {}).items():
            told.emptied[name] = told.emptied.get(name, 0) + number

    def write(self, file: StoredFileFacts, select: str, agreements: Collection[str]) -> None:
        """The rows that stay, as a new file in the place of that one."""
        if self.folder is None:
            return
        if file.sealed:
            rows = self.engine.run(select).cast(schemas.schema(file.table))
            self.keep(file, rows, agreements)
            return
        self.replace(file, select, schemas.order(file.table))

    def without(self, file: StoredFileFacts, numbers: Collection[int]) -> int:
        """The file without the rows of these learners, in the order in which they stand, as a new file; how many stay. No new
        file where all stay, or none."""
        gone = f"coalesce(person_record IN ({', '.join(map(str, sorted(numbers)))}), false)"
        if file.sealed:
            rows = self.open(file)
            among = pc.is_in(rows["person_record"], pa.array(sorted(numbers), pa.int64()))
            kept = rows.filter(pc.invert(among))
            if self.folder is not None and 0 < kept.num_rows < file.rows:
                self.keep(file, kept, self.openers(file))
            return int(kept.num_rows)
        kept_sql = f"SELECT * FROM {self.source(file)} WHERE NOT {gone}"
        left = self._count(kept_sql)
        if self.folder is not None and 0 < left < file.rows:
            self.replace(file, kept_sql)
        return left

    def replace(self, file: StoredFileFacts, select: str, order_by: Sequence[str] = ()) -> None:
        """Writes these rows as a new plain file in the place of that one; without an order, in the one in which they stand."""
        assert self.folder is not None
        self.files += 1
        path = self.folder / f"kept-{self.files}.parquet"
        self.engine.write(select, path, order_by=order_by)
        self.plan.new.append(Replacement(file.table, file.partner, file.school_year, path=path))

    def _count(self, select: str) -> int:
        return int(self.engine.run(f"SELECT count(*) FROM ({select})").column(0)[0].as_py())

    def keep(self, file: StoredFileFacts, rows: pa.Table, agreements: Collection[str]) -> None:
        self.plan.new.append(
            Replacement(
                file.table, file.partner, file.school_year, arrow=rows, agreements=tuple(sorted(agreements))
            )
        )

    def source(self, file: StoredFileFacts) -> str:
        """The file as a relation of the engine."""
        if not file.sealed:
            return f"({reading([file.path], schemas.columns(file.table))})"
        name = f"sealed_{file.id}"
        self.engine.register(name, self.vault.open(file.path))
        return name

    def sources(self, files: Sequence[StoredFileFacts]) -> str:
        """Files of one table as one relation of the engine."""
        if not files[0].sealed:
            return f"({reading([file.path for file in files], schemas.columns(files[0].table))})"
        self.engine.register("sealed_together", pa.concat_tables([self.open(file) for file in files]))
        return "sealed_together"

    def orphaned(self, file: StoredFileFacts, agreement: str | None) -> bool:
        """A sealed file that no key would open when the agreement's are gone."""
        return file.sealed and not self.openers(file) - {agreement}

    def wrap(self, file: StoredFileFacts, agreements: Iterable[str]) -> None:
        self.plan.wraps += [(file.id, name) for name in sorted(agreements)]
