"""Landing: a batch of files becomes part of the store atomically."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from throughway.core.refusals import Refused
from throughway.store import durable_files, process_locks, record_numbers, schemas
from throughway.store.community import Community
from throughway.store.database_record import APART
from throughway.store.models import LIVE, RETIRED, StoredFile, StoreVersion
from throughway.store.selectors import current_community, path_of
from throughway.store.vault import Vault


class ChangeAuthor(Protocol):
    """The person who changes the store; `email` is recorded with every change."""

    @property
    def email(self) -> str: ...


# Maximum number of persons in one vault file, to bound the memory for opening it.
PERSONS = 1_000_000


@dataclass(frozen=True)
class Contents:
    rows: int
    packed: bytes  # learners' record numbers (`compact`); b"" in tables without persons


def of_parquet(table: str, path: Path) -> Contents:
    """The contents of a Parquet file, read one row group at a time; ValueError when it does not have the table's schema."""
    with pq.ParquetFile(path) as file:
        _check(table, file.schema_arrow)
        column = schemas.numbered_by(table)
        if column is None:
            return Contents(file.metadata.num_rows, b"")
        groups = file.iter_batches(batch_size=1 << 20, columns=[column])
        held = [record_numbers.distinct(_numbers(pa.table({column: batch[0]})[column])) for batch in groups]
        return Contents(
            file.metadata.num_rows, record_numbers.pack(np.concatenate(held or [np.empty(0, np.int64)]))
        )


def of_table(table: str, rows: pa.Table) -> Contents:
    """The contents of a table in memory."""
    column = schemas.numbered_by(table)
    if column is None:
        return Contents(rows.num_rows, b"")
    learners = rows.filter(pc.equal(rows["kind"], "person")) if table == "record_key" else rows
    return Contents(rows.num_rows, record_numbers.pack(_numbers(learners[column])))


def parts(table: str, rows: pa.Table, persons: int = PERSONS) -> Iterator[pa.Table]:
    """The rows in the table's order and schema, in parts of at most so many persons; no person is in two parts.

    A table without rows is one part. ValueError when the columns are not those of the table.
    """
    _check(table, rows.schema)
    ordered = rows.cast(schemas.schema(table)).sort_by([(c, "ascending") for c in schemas.order(table)])
    first = schemas.order(table)[0]
    if ordered[first].null_count:
        raise ValueError(f"{table}: {first} is empty in some rows")
    keys = _numbers(ordered[first])
    firsts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))  # the first row of each person
    starts = [*firsts[::persons].tolist(), ordered.num_rows] if keys.size else [0, 0]
    for start, end in pairwise(starts):
        yield ordered.slice(start, end - start)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = column.drop_null().to_numpy()
    return numbers


def _check(table: str, found: pa.Schema) -> None:
    wanted = [name for name, _ in schemas.file_columns(table)]
    if found.names != wanted:
        missing, strange = sorted(set(wanted) - set(found.names)), sorted(set(found.names) - set(wanted))
        raise ValueError(f"{table}: its columns are not in order, or missing {missing}, or strange {strange}")


def belong_together(community: Community) -> bool:
    """Whether store and database have the same name; also True for a new store with an empty database."""
    stored = community.store_name
    version = StoreVersion.objects.first()
    named = version.store if version else None
    # A name only in the database: the first landing was interrupted before any file was placed.
    return stored == named or (stored is None and not community.has_landed)


def settle_together(community: Community) -> None:
    """Gives a new store and its database their common name; Refused (other_store) when they do not belong together."""
    if not belong_together(community):
        raise Refused(APART, code="other_store")
    if community.identity.exists():
        return
    with transaction.atomic(durable=True):
        # Committed before any file is placed, so that a name only in the folder always means another database.
        version, _ = StoreVersion.objects.select_for_update().get_or_create(
            id=1, defaults={"store": uuid4().hex}
        )
    durable_files.create(community.identity, version.store.encode())


# The table with one live file: each landing replaces the previous one, so the later of two concurrent landings is refused.
LINKS = "person_link"
# Ids in one SQL statement; databases limit its parameters.
AT_ONCE = 500
# Seconds that a landing waits for a sweep.
PATIENCE = 60.0


@dataclass(frozen=True)
class NewFile:
    """A file to land: rows of one table of one partner and school year.

    Plain tables give `path`, a finished Parquet file in a folder of `staging()`, which is moved away. Vaulted tables give `arrow`,
    with the agreements that cover it; it is sorted, split and sealed here. So is the free text of a plain table's rows, `text`.
    `batch`: of a file that takes the place of another, whose batch it keeps; empty: that of the landing.
    """

    table: str
    partner: str
    school_year: int
    path: Path | None = None
    arrow: pa.Table | None = None
    agreements: tuple[str, ...] = ()
    text: pa.Table | None = None
    batch: str = ""

    def __post_init__(self) -> None:
        sealed = schemas.vaulted(self.table)
        if (self.arrow is not None) != sealed or (self.path is not None) == sealed:
            raise ValueError(f"{self.table}: vaulted tables give `arrow`, all others give `path`")
        if self.has_text and not schemas.free_text(self.table):
            raise ValueError(f"{self.table} has no free text apart from its rows")
        if (sealed or self.has_text) and not self.agreements:
            raise ValueError(f"{self.table}: what rests in the vault needs the agreements that cover it")

    @property
    def has_text(self) -> bool:
        return self.text is not None and self.text.num_rows > 0


@contextmanager
def staging() -> Iterator[Path]:
    """A folder for unfinished files on the store's own filesystem; removed at the end, or by a sweep after a crash."""
    with process_locks.folder(current_community().staging) as folder:
        yield folder


def land(
    *,
    batch: str,
    files: Sequence[NewFile],
    replaces: Collection[str] = (),
    by: ChangeAuthor,
    within: Callable[[], None] | None = None,
) -> list[str]:
    """Makes the files live and retires those of the ids in `replaces`, in one transaction; returns the new ids.

    `within` runs inside that transaction: its writes take effect if and only if the files do. Refused (changed_meanwhile) when one of
    `replaces` is no longer live. Must not be called inside a transaction, since nothing may come between its files and its commit. A
    crash at any moment leaves the old state or the new one; `sweep` removes leftovers from the disk.
    """
    community = current_community()
    placed: list[StoredFile] = []
    committing = False
    # Landings may overlap each other but not a sweep: a file that is placed but not recorded yet is not an orphan.
    with process_locks.turn(community.landing, alone=False, patience=PATIENCE) as granted:
        if not granted:
            raise Refused("The store is being swept; try again in a minute.", code="busy")
        settle_together(community)
        try:
            for file in files:
                _place(community, file, placed)
            durable_files.fsync_path(community.store)
            with transaction.atomic(durable=True):
                _record(placed, batch=batch, replaces=frozenset(replaces), by=by)
                if within is not None:
                    within()
                committing = True
        except BaseException:
            # Once the commit has begun, only the database knows whether it succeeded.
            if not committing:
                _take_back(community, placed)
            raise
    return [file.id for file in placed]


def _place(community: Community, file: NewFile, placed: list[StoredFile]) -> None:
    """Moves the file durably to its place under a random name, and adds its unsaved row to `placed`."""

    def row(table: str = file.table, **facts: object) -> StoredFile:
        return StoredFile(
            table=table, partner=file.partner, school_year=file.school_year, batch=file.batch, **facts
        )

    def seal(table: str, rows: pa.Table, text_of: str = "") -> None:
        for part in parts(table, rows):
            sealed, held = Vault(community).seal(part, agreements=file.agreements), of_table(table, part)
            placed.append(
                row(
                    table, id=sealed.id, sealed=True, text_of=text_of, sha256=sealed.sha256, bytes=sealed.bytes,
                    rows=sealed.rows, records=held.packed,
                )
            )  # fmt: skip

    if file.path is not None:
        held = of_parquet(file.table, file.path)
        durable_files.fsync_path(file.path)
        entry = row(
            id=uuid4().hex, sealed=False, sha256=durable_files.digest(file.path), bytes=file.path.stat().st_size,
            rows=held.rows, records=held.packed,
        )  # fmt: skip
        placed.append(entry)
        os.replace(file.path, path_of(community, entry))
        if file.has_text:
            seal(file.table + schemas.TEXT, file.text, entry.id)
        return
    seal(file.table, file.arrow)


def _record(placed: Sequence[StoredFile], *, batch: str, replaces: frozenset[str], by: ChangeAuthor) -> None:
    """Writes the manifest rows as the next version of the store, inside the caller's transaction."""
    version = StoreVersion.objects.select_for_update().get(id=1)
    version.number += 1
    version.token = uuid4().hex
    version.save()
    now = timezone.now()
    ids = sorted(replaces)
    lots = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    live = StoredFile.objects.filter(state=LIVE)
    gone = {"state": RETIRED, "retired_in": version.number, "retired_at": now, "retired_by": by.email}
    retired = sum(live.filter(id__in=lot).update(**gone) for lot in lots)
    for lot in lots:
        live.filter(text_of__in=lot).update(**gone)  # the free text goes with its rows
    linkage_too = any(f.table == LINKS for f in placed) and _live(LINKS)
    if retired != len(ids) or linkage_too:
        raise Refused(
            "Another change to the same files came first; nothing was stored. Run it again.",
            code="changed_meanwhile",
        )
    for file in placed:
        file.batch, file.landed_in = file.batch or batch, version.number
        file.recorded_at, file.recorded_by = now, by.email
    StoredFile.objects.bulk_create(placed, batch_size=50)


def _live(table: str) -> bool:
    return StoredFile.objects.filter(table=table, state=LIVE).exists()


def _take_back(community: Community, placed: Sequence[StoredFile]) -> None:
    """Removes files that did not become part of the store."""
    for file in placed:
        if file.sealed:
            Vault(community).keyring.destroy(file.id)
        durable_files.shred(path_of(community, file))
