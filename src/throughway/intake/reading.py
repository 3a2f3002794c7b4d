"""What a load asks the store of the partner whose file comes in."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from throughway.intake.work import StoredPart
from throughway.store.reading import Snapshot


@dataclass(frozen=True)
class OfPartner:
    """What one snapshot of the store holds of one partner."""

    snapshot: Snapshot
    partner: str

    def parts(self, table: str) -> Sequence[StoredPart]:
        return [StoredPart(f.id, f.school_year, f.path) for f in self.snapshot.stored(table, self.partner)]

    def sealed_ids(self, table: str) -> Sequence[str]:
        return [f.id for f in self.snapshot.stored(table, self.partner) if f.sealed]

    def sealed(self, table: str) -> pa.Table:
        return self.snapshot.sealed(table, self.partner)
