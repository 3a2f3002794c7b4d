"""What a load asks the store of the partner whose file comes in, and what screens ask about loads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from throughway.intake.batches import Batch, Unjudged, unjudged
from throughway.intake.load_context import StoredPart
from throughway.intake.load_report import Counts
from throughway.intake.models import IntakeBatch
from throughway.intake.timeliness import KINDS, Feed
from throughway.store.selectors import Snapshot, snapshot


@dataclass(frozen=True)
class PartnerFiles:
    """What one snapshot of the store holds of one partner."""

    snapshot: Snapshot
    partner: str

    def parts(self, table: str) -> Sequence[StoredPart]:
        return [StoredPart(f.id, f.school_year, f.path) for f in self.snapshot.stored(table, self.partner)]

    def sealed_ids(self, table: str) -> Sequence[str]:
        return [f.id for f in self.snapshot.stored(table, self.partner) if f.sealed]

    def sealed(self, table: str) -> pa.Table:
        return self.snapshot.sealed(table, self.partner)


def batch_of(id: str) -> Batch | None:
    """The load of that id."""
    found = IntakeBatch.objects.filter(id=id).first()
    return _batch(found) if found is not None else None


def batches(partners: Collection[str] | None) -> list[Batch]:
    """Every load, newest first. `partners`: of these alone; None: of all."""
    found = IntakeBatch.objects.order_by("-at", "-id")
    if partners is not None:
        found = found.filter(partner__in=list(partners))
    return [_batch(batch) for batch in found]


def cannot_tell(partners: Collection[str] | None) -> list[Unjudged]:
    """What the last loads brought of which nobody can tell whether an agreement admits it, by partner and table."""
    return unjudged(batches(partners))


def feeds(partners: Collection[str] | None, today: date) -> list[Feed]:
    """What is stored of each kind that comes through the whole year. `partners`: of these alone; None: of all."""
    with snapshot() as stored:
        held: dict[tuple[str, str], set[int]] = {}
        for file in stored.stored():
            in_a_year = file.table in KINDS and file.rows and file.school_year
            if in_a_year and (partners is None or file.partner in partners):
                held.setdefault((file.partner, file.table), set()).add(file.school_year)
        return [
            Feed(partner, table, frozenset(years), stored.last_day(table, partner, today))
            for (partner, table), years in sorted(held.items())
        ]


def any_landed() -> bool:
    """Whether any load ever came in."""
    return IntakeBatch.objects.filter(refusal="").exists()


def _batch(found: IntakeBatch) -> Batch:
    return Batch(
        id=found.id,
        partner=found.partner,
        format=found.format,
        source=found.source,
        at=found.at,
        by=found.by,
        agreements=tuple((agreement, version) for agreement, version in found.agreements),
        counts={table: Counts(**counts) for table, counts in found.counts.items()},
        cells_emptied=found.cells_emptied,
        refused_columns=tuple(found.refused_columns),
        unmapped=frozenset(found.unmapped) if found.unmapped is not None else None,
        refusal=found.refusal,
    )
