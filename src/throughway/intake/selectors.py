"""What a load asks the store of the partner whose file comes in, and what screens ask about loads."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from throughway.intake.feed_gaps import KINDS, Feed
from throughway.intake.load_context import StoredPart
from throughway.intake.load_history import Batch, Unjudged, unjudged
from throughway.intake.load_report import Counts
from throughway.intake.models import IntakeBatch, Upload
from throughway.intake.uploads.states import OPEN, UploadState, UploadStatus
from throughway.partners.systems import Holding
from throughway.store.selectors import Snapshot, StoredFileFacts, snapshot
from throughway.vocabulary import TABLES, Table
from throughway.vocabulary.school_calendar import year_end, year_start


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


@dataclass
class _FilledElements:
    """What was seen of one table so far."""

    filled: set[str] = field(default_factory=set)
    days: list[date] = field(default_factory=list)
    years: set[int] = field(default_factory=set)


def landed(partner: str) -> tuple[Holding, ...]:
    """The partner's elements in the store that are filled in any row, each over the days of its table: the first and the
    last that a row speaks of; of a table without days, its school years."""
    with snapshot() as seen:
        found = [_table(seen, table, partner) for table in TABLES.values()]
    return tuple(holding for of_table in found for holding in of_table)


def _table(seen: Snapshot, table: Table, partner: str) -> list[Holding]:
    files = seen.stored(table.name, partner)
    if not files:
        return []
    of_table = _FilledElements(years={file.school_year for file in files if file.school_year})
    if table.vaulted:
        _from_arrow(of_table, table, seen.sealed(table.name, partner))
    else:
        for file in files:
            _from_file(of_table, table, file)
    first, last = _period(of_table)
    columns = [name for name in table.elements if name in of_table.filled]
    return [Holding(f"{table.name}.{name}", first, last) for name in columns]


def _period(seen: _FilledElements) -> tuple[date | None, date | None]:
    if seen.days:
        return min(seen.days), max(seen.days)
    if seen.years:
        return year_start(min(seen.years)), year_end(max(seen.years))
    return None, None


def _from_arrow(seen: _FilledElements, table: Table, rows: pa.Table) -> None:
    for name in rows.column_names:
        if rows[name].null_count < rows.num_rows:
            seen.filled.add(_element(name))
    for name in _day_columns(table):
        ends = pc.min_max(rows[name]).as_py()
        seen.days += _days([ends["min"], ends["max"]])


def _from_file(seen: _FilledElements, table: Table, file: StoredFileFacts) -> None:
    with pq.ParquetFile(file.path) as parquet:
        names = parquet.schema_arrow.names
        days = set(_day_columns(table))
        unsaid: set[str] = set()
        for chunk in _chunks(parquet.metadata):
            name, stats = names[chunk[0]], chunk[1].statistics
            if (
                stats is None
                or not stats.has_null_count
                or (name in days and not stats.has_min_max and stats.num_values)
            ):
                unsaid.add(name)
            elif stats.null_count < chunk[1].num_values:
                seen.filled.add(_element(name))
                if name in days:
                    seen.days += _days([stats.min, stats.max])
        if unsaid:
            read = parquet.read(columns=sorted(unsaid))
            _from_arrow(seen, _only(table, unsaid), read)


def _chunks(metadata: pq.FileMetaData) -> Iterator[tuple[int, pq.ColumnChunkMetaData]]:
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            yield column, metadata.row_group(group).column(column)


def _only(table: Table, names: Iterable[str]) -> Table:
    """The table with those of its days that are among these columns."""
    kept = [name for name in names if name in _day_columns(table)]
    return replace(table, starts=tuple(kept), ends=())


def _day_columns(table: Table) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*table.starts, *table.ends)))


def _element(column: str) -> str:
    """A stored column as the element that it holds: a learner's key is kept as a record number."""
    return "person_id" if column == "person_record" else column


def _days(values: Iterable[object]) -> list[date]:
    found = []
    for value in values:
        if isinstance(value, datetime):
            found.append(value.date())
        elif isinstance(value, date):
            found.append(value)
    return found


def upload_of(id: str) -> UploadStatus | None:
    upload = Upload.objects.filter(id=id).first()
    return _kept(upload) if upload is not None else None


def uploads_under_way(partners: Collection[str] | None) -> list[UploadStatus]:
    """Uploads that are not finished, newest first. `partners`: of these alone; None: of all."""
    found = Upload.objects.filter(state__in=[state.value for state in OPEN]).order_by("-at", "id")
    if partners is not None:
        found = found.filter(partner__in=list(partners))
    return [_kept(upload) for upload in found[:20]]


def _kept(upload: Upload) -> UploadStatus:
    return UploadStatus(
        upload.id, upload.partner, upload.format, upload.name, upload.by, upload.at,
        UploadState(upload.state), upload.batch, upload.refusal,
    )  # fmt: skip
