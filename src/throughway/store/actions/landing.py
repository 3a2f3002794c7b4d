"""Landing: a batch of files becomes part of the store, all of it at one moment or none of it."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from throughway.core.refusals import Refused
from throughway.store import durable_files, file_contents, process_locks, schemas
from throughway.store.actions.belonging import settle_together
from throughway.store.change_author import ChangeAuthor
from throughway.store.community import Community
from throughway.store.models import LIVE, RETIRED, RecordCounter, StoredFile, StoreVersion
from throughway.store.selectors import current_community, path_of
from throughway.store.vault import Vault

# Record numbers stay below the ids of persons, so that one is never mistaken for the other.
RECORDS_END = 2**40
# The table of which one file is live: each landing replaces the one before, so of two that race the later is refused.
LINKS = "person_link"
# How many ids one statement names; databases bound the parameters of a statement.
AT_ONCE = 500
# Seconds that a landing waits while files are swept.
PATIENCE = 60.0


@dataclass(frozen=True)
class NewFile:
    """What is to become part of the store: rows of one table of one partner and school year.

    Plain tables give `path`, a finished Parquet in a folder of `staging()`, which is moved away. Vaulted tables give
    `arrow`, with the agreements that cover it; it is sorted, split and sealed here.
    """

    table: str
    partner: str
    school_year: int
    path: Path | None = None
    arrow: pa.Table | None = None
    agreements: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        sealed = schemas.vaulted(self.table)
        if (self.arrow is not None) != sealed or (self.path is not None) == sealed:
            raise ValueError(f"{self.table}: vaulted tables give `arrow`, all others give `path`")
        if sealed and not self.agreements:
            raise ValueError(f"{self.table}: a vaulted table needs the agreements that cover it")


@contextmanager
def staging() -> Iterator[Path]:
    """A folder for unfinished files on the store's own filesystem; removed at the end, or swept after a crash."""
    with process_locks.folder(current_community().staging) as folder:
        yield folder


def reserve_records(n: int) -> range:
    """`n` record numbers that were never given out before and never will be again, whatever becomes of them."""
    with transaction.atomic(durable=True):
        counter, _ = RecordCounter.objects.select_for_update().get_or_create(id=1)
        reserved = range(counter.next, counter.next + n)
        if reserved.stop > RECORDS_END:
            raise Refused("This community has given out all record numbers (2**40).", code="full")
        counter.next = reserved.stop
        counter.save()
    return reserved


def land(
    *,
    batch: str,
    files: Sequence[NewFile],
    replaces: Collection[str] = (),
    by: ChangeAuthor,
    within: Callable[[], None] | None = None,
) -> list[str]:
    """Makes the files live and retires those of the ids in `replaces`, in one transaction; gives the new ids.

    `within` runs inside that transaction: what it writes holds exactly when the files do. Refused
    (changed_meanwhile) when one of `replaces` is no longer live. Not to be called inside a transaction, since nothing
    may come between its files and its commit. A crash at any moment leaves the old state or the new; what it leaves
    on disk beside that, `sweep` removes.
    """
    community = current_community()
    placed: list[StoredFile] = []
    committing = False
    # Beside other landings, never beside a sweep: a file that is there but not recorded yet is no orphan.
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
            # Once the commit has begun, only the database knows whether it was reached.
            if not committing:
                _take_back(community, placed)
            raise
    return [file.id for file in placed]


def _place(community: Community, file: NewFile, placed: list[StoredFile]) -> None:
    """Moves the file to its place under a name of no meaning, durable, and adds its row to `placed`, not saved yet."""

    def row(**facts: object) -> StoredFile:
        return StoredFile(table=file.table, partner=file.partner, school_year=file.school_year, **facts)

    if file.path is not None:
        held = file_contents.of_parquet(file.table, file.path)
        durable_files.fsync_path(file.path)
        entry = row(
            id=uuid4().hex, sealed=False, sha256=durable_files.digest(file.path), bytes=file.path.stat().st_size,
            rows=held.rows, records=held.packed,
        )  # fmt: skip
        placed.append(entry)
        os.replace(file.path, path_of(community, entry))
        return
    for part in file_contents.parts(file.table, file.arrow):
        sealed = Vault(community).seal(part, agreements=file.agreements)
        held = file_contents.of_table(file.table, part)
        placed.append(
            row(
                id=sealed.id, sealed=True, sha256=sealed.sha256, bytes=sealed.bytes, rows=sealed.rows,
                records=held.packed,
            )
        )  # fmt: skip


def _record(placed: Sequence[StoredFile], *, batch: str, replaces: frozenset[str], by: ChangeAuthor) -> None:
    """Writes the manifest rows as the next version of the store; inside the caller's transaction."""
    version = StoreVersion.objects.select_for_update().get(id=1)
    version.number += 1
    version.token = uuid4().hex
    version.save()
    now = timezone.now()
    ids, retired = sorted(replaces), 0
    for start in range(0, len(ids), AT_ONCE):
        still_live = StoredFile.objects.filter(id__in=ids[start : start + AT_ONCE], state=LIVE)
        retired += still_live.update(
            state=RETIRED, retired_in=version.number, retired_at=now, retired_by=by.email
        )
    linkage_too = any(f.table == LINKS for f in placed) and _live(LINKS)
    if retired != len(ids) or linkage_too:
        raise Refused(
            "Another change to the same files came first; nothing was stored. Run it again.",
            code="changed_meanwhile",
        )
    for file in placed:
        file.batch, file.landed_in, file.recorded_at, file.recorded_by = batch, version.number, now, by.email
    StoredFile.objects.bulk_create(placed, batch_size=50)


def _live(table: str) -> bool:
    return StoredFile.objects.filter(table=table, state=LIVE).exists()


def _take_back(community: Community, placed: Sequence[StoredFile]) -> None:
    """Removes files that did not become part of the store."""
    for file in placed:
        if file.sealed:
            Vault(community).keyring.destroy(file.id)
        durable_files.shred(path_of(community, file))
