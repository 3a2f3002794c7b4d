"""What other packages read of the store: an unchanging view of all live files."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from throughway.core.cache import Cache
from throughway.store import process_locks, record_numbers, schemas
from throughway.store.community import Community
from throughway.store.engine import DuckDBEngine
from throughway.store.models import LIVE, StoredFile
from throughway.store.typed_rows import RowsTogether, TypedTable, typed_table, typed_tables
from throughway.store.vault import OpenedFileCache, Vault
from throughway.vocabulary import TABLES

FEW = 20  # record numbers of one student, or of a few


def current_community() -> Community:
    """The community that this process serves."""
    community: Community = settings.COMMUNITY
    return community


@dataclass(frozen=True)
class StoredFileFacts:
    """One live file, from the manifest."""

    id: str
    table: str
    partner: str
    school_year: int
    batch: str
    sealed: bool
    sha256: str
    bytes: int
    rows: int
    recorded_at: datetime
    path: Path
    text_of: str = ""


class Snapshot:
    """All files that were live at one moment; none of them is removed while the snapshot is open."""

    def __init__(self, community: Community, files: Mapping[tuple[str, str], list[StoredFileFacts]]) -> None:
        self._community = community
        self._files = files
        self._typed: dict[tuple[str, str], NDArray[np.int64]] = {}
        self._together: dict[tuple[type[TypedTable], tuple[int, ...]], RowsTogether] = {}
        self._typed_of_few: dict[tuple[str, str, tuple[int, ...]], pa.Table] = {}

    def files(self, table: str, partner: str, *, years: Collection[int] | None = None) -> list[Path]:
        """Paths of the live Parquet files of a plain table, of exactly these school years when years are given."""
        return [
            file.path
            for file in self._files.get((table, partner), ())
            if not file.sealed and (years is None or file.school_year in years)
        ]

    def sealed(self, table: str, partner: str, records: Collection[int] | None = None) -> pa.Table:
        """All rows of a partner's vaulted or typed table, in memory; without rows when it has none. `records`: of a typed table,
        only the rows of these record numbers.

        Refused (vault) when the last key of a file or of a text is gone.
        """
        if table in TABLES and TABLES[table].typed:
            return self._typed_rows(table, partner, records)
        vault = Vault(self._community)
        tables = [_OPENED.get(vault, f.id) for f in self._files.get((table, partner), ()) if f.sealed]
        return pa.concat_tables(tables) if tables else schemas.empty(table)

    def text(
        self, table: str, partner: str, records: Collection[int] | None = None, *, of: str | None = None
    ) -> pa.Table:
        """The free text of the rows of a partner's plain table, in memory (`free_text`). `of`: only of the rows in the file with this
        id; `records`: only of the rows of learners with these record numbers. Refused (vault) when the last key of a file is gone."""
        vault, sealed = Vault(self._community), table + schemas.TEXT
        tables = [
            _OPENED.get(vault, f.id)
            for f in self._files.get((sealed, partner), ())
            if of is None or f.text_of == of
        ]
        if records is not None and TABLES[table].of_person:
            tables = [part for held in tables for part in _rows_of(held, records)]
        return pa.concat_tables(tables) if tables else schemas.empty(sealed)

    def unsealed(self, file: StoredFileFacts) -> pa.Table:
        """All rows of one live vault file, not kept in memory. Refused (vault) when its last key is gone."""
        vault = Vault(self._community)
        return vault.open(vault.path(file.id))

    def records(self, table: str, partner: str) -> NDArray[np.int64]:
        """The learners' record numbers in the live files of a table, or in its typed rows, sorted and unique."""
        if table in TABLES and TABLES[table].typed:
            return self._typed_records(table, partner)
        return _distinct(self._held(self._files.get((table, partner), ())))

    def _typed_records(self, table: str, partner: str) -> NDArray[np.int64]:
        """Read once, so that no later row of this snapshot is of a learner whom it does not name."""
        if TABLES[table].of_nobody_known:
            return np.empty(0, dtype=np.int64)
        if (table, partner) not in self._typed:
            source = typed_table(table)
            numbers = source.records(partner) if source else ()
            self._typed[table, partner] = np.array(numbers, dtype=np.int64)
        return self._typed[table, partner]

    def _typed_rows(self, table: str, partner: str, records: Collection[int] | None) -> pa.Table:
        """The rows of some learners are read once, those of all of them together with the list of the learners."""
        source = typed_table(table)
        if source is None:
            return schemas.empty(table)
        if TABLES[table].of_nobody_known:
            return _as_arrow(table, source.rows(partner, None))
        if records is not None:
            key = (table, partner, tuple(sorted(records)))
            if key not in self._typed_of_few:
                self._typed_of_few[key] = _as_arrow(table, self._rows_of_few(source, *key))
            return self._typed_of_few[key]
        held = self._typed_records(table, partner)
        rows = _as_arrow(table, source.rows(partner, None))
        # Without a learner whose first row was typed after the list was read.
        return rows.take(np.flatnonzero(np.isin(rows["person_record"].to_numpy(), held)))

    def _rows_of_few(
        self, source: TypedTable, table: str, partner: str, records: tuple[int, ...]
    ) -> Sequence[Mapping[str, object]]:
        """A page about one student shows every typed table: they are read in one statement."""
        if len(records) > FEW:
            return source.rows(partner, records)
        if (type(source), records) not in self._together:
            self._together[type(source), records] = source.together(records)
        found = self._together[type(source), records].get((table, partner))
        return found() if found else ()

    def typed_among(self, table: str, partner: str, records: Collection[int]) -> NDArray[np.int64]:
        """Those of these learners who have a row in a typed table of the partner; `sealed` gives the rows of no other."""
        if TABLES[table].of_nobody_known:
            return np.empty(0, dtype=np.int64)
        rows = self._typed_rows(table, partner, records)
        return np.unique(rows["person_record"].to_numpy())

    @cached_property
    def typed_state(self) -> tuple[str, ...]:
        """Changes whenever a row of any typed table is written or deleted: a part of the key of what is cached by files."""
        return tuple(source.state() for _, source in sorted(typed_tables().items()))

    def holding(self, table: str | None = None) -> list[tuple[StoredFileFacts, NDArray[np.int64]]]:
        """Every live file, of one table if named, with the learners' record numbers in it, sorted and unique."""
        files = self.stored(table)
        return list(zip(files, self._held(files), strict=True))

    def _held(self, files: Sequence[StoredFileFacts]) -> list[NDArray[np.int64]]:
        """The record numbers in each of these files."""
        rows = StoredFile.objects.in_bulk([file.id for file in files])
        packed = [bytes(rows[file.id].records) if file.id in rows else b"" for file in files]
        return [record_numbers.unpack(held) if held else np.empty(0, dtype=np.int64) for held in packed]

    def last_day(
        self, table: str, partner: str, up_to: date, of: tuple[str, str] | None = None
    ) -> date | None:
        """The latest day, no later than `up_to`, on which a row of a plain table begins; None where no row has a date. `of`: only
        rows with this value in this column."""
        days = TABLES[table].starts
        files = [f for f in self._files.get((table, partner), ()) if not f.sealed and f.rows]
        if not days or not files:
            return None
        return _LAST_DAYS.of(
            (up_to, of, *(f.id for f in files)), lambda: _last_day([f.path for f in files], days, up_to, of)
        )

    def days_between(
        self, table: str, partner: str, since: date, up_to: date, of: tuple[str, str]
    ) -> tuple[date, ...]:
        """The days from `since` to `up_to` on which a row of a plain table begins that has this value in this column, each once."""
        days = TABLES[table].starts
        files = [f for f in self._files.get((table, partner), ()) if not f.sealed and f.rows]
        if not days or not files:
            return ()
        return _DAYS.of(
            (since, up_to, of, *(f.id for f in files)),
            lambda: _days([f.path for f in files], days, since, up_to, of),
        )

    def links(self) -> Path | None:
        """The live links file; None before the first linkage."""
        files = self.files("person_link", "")
        return files[-1] if files else None

    def stored(self, table: str | None = None, partner: str | None = None) -> list[StoredFileFacts]:
        """The live files in the manifest, of all tables and partners unless named; of a table without its free text."""
        if table is not None and partner is not None:
            return list(self._files.get((table, partner), ()))
        return [
            file
            for (of_table, of_partner), files in self._files.items()
            if table in (None, of_table) and partner in (None, of_partner)
            for file in files
        ]


def _rows_of(held: pa.Table, records: Collection[int]) -> Iterator[pa.Table]:
    """The rows of a few learners in a vault file, which is sorted by learner: found in the time of a look-up."""
    numbers = held["person_record"].to_numpy()
    for record in sorted(set(records)):
        first, end = np.searchsorted(numbers, record, "left"), np.searchsorted(numbers, record, "right")
        if end > first:
            yield held.slice(first, end - first)


def _as_arrow(table: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=schemas.schema(table))


_LAST_DAYS = Cache[date | None](256)  # cached by the files, which never change, and the day


_DAYS = Cache[tuple[date, ...]](256)


def _days(
    files: Sequence[Path], columns: Sequence[str], since: date, up_to: date, of: tuple[str, str]
) -> tuple[date, ...]:
    day = f"coalesce({', '.join(columns)})"
    with DuckDBEngine() as engine:
        engine.register("held", files)
        found = engine.run(
            f'SELECT DISTINCT {day} AS day FROM held WHERE {day} BETWEEN ? AND ? AND "{of[0]}" = ? ORDER BY 1',
            [since, up_to, of[1]],
        )["day"]
    return tuple(found.to_pylist())


def _last_day(
    files: Sequence[Path], columns: Sequence[str], up_to: date, of: tuple[str, str] | None
) -> date | None:
    day = f"coalesce({', '.join(columns)})"
    also, values = (f' AND "{of[0]}" = ?', [of[1]]) if of else ("", [])
    with DuckDBEngine() as engine:
        engine.register("held", files)
        found: date | None = engine.run(
            f"SELECT max({day}) AS last FROM held WHERE {day} <= ?{also}", [up_to, *values]
        )["last"][0].as_py()
    return found


def _distinct(sets: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    filled = [held for held in sets if len(held)]
    if len(filled) == 1:
        return filled[0]
    return record_numbers.distinct(np.concatenate(filled)) if filled else np.empty(0, dtype=np.int64)


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """A view of the store that does not change while it is open, in this process and in all others.

    Safe because of the order: first a lease, which protects every file as long as it is empty; then the version and its live files. A
    listed file can only be retired in a later version than the one that the lease then names.
    """
    community = current_community()
    with process_locks.note(community.leases) as lease:
        number, token = _version()
        lease(str(number))
        yield Snapshot(community, _live_files(community, token))


def _version() -> tuple[int, str]:
    """Plain SQL, since every disclosure starts with it: a model takes ten times as long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, token FROM store_storeversion")
        row: tuple[int, str] | None = cursor.fetchone()
    return row or (0, "")


def leased_since() -> int | None:
    """The oldest version of the store that an open snapshot may be reading; None when none is open."""
    versions = []
    for lease in process_locks.claimed(current_community().leases):
        try:
            versions.append(int(lease.read_text() or 0))
        except FileNotFoundError:
            continue  # closed just now
    return min(versions, default=None)


def path_of(community: Community, file: StoredFile) -> Path:
    return Vault(community).path(file.id) if file.sealed else community.store / f"{file.id}.parquet"


_OPENED = OpenedFileCache()
_manifest: tuple[tuple[Community, str], Mapping[tuple[str, str], list[StoredFileFacts]]] | None = None


def _live_files(community: Community, token: str) -> Mapping[tuple[str, str], list[StoredFileFacts]]:
    """The live files by (table, partner); reloaded only after a landing."""
    global _manifest
    if not token:
        return {}
    known = _manifest
    if known is not None and known[0] == (community, token):
        return known[1]
    files: dict[tuple[str, str], list[StoredFileFacts]] = defaultdict(list)
    # In an older copy of the data, files destroyed since then: no reader is given them.
    destroyed = Vault(community).keyring.buried().files
    for f in (
        StoredFile.objects.filter(state=LIVE).defer("records").order_by("school_year", "landed_in", "id")
    ):
        if f.id in destroyed:
            continue
        facts = StoredFileFacts(
            f.id, f.table, f.partner, f.school_year, f.batch, f.sealed, f.sha256, f.bytes, f.rows,
            f.recorded_at, path_of(community, f), f.text_of,
        )  # fmt: skip
        files[f.table, f.partner].append(facts)
    _manifest = ((community, token), dict(files))
    return _manifest[1]
