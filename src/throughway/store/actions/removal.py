"""Removes files from the disk: superseded files whose removal was ordered, and files that belong to no state of the store."""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from throughway.core.refusals import Refused
from throughway.store import durable_files, process_locks
from throughway.store.actions.landing import AT_ONCE, ChangeAuthor, belong_together
from throughway.store.community import SEALED, Community
from throughway.store.database_record import APART
from throughway.store.keyring import WRAP
from throughway.store.models import REMOVED, RETIRED, StoredFile
from throughway.store.selectors import current_community, leased_since, path_of
from throughway.store.vault import Vault

# Seconds that a sweep waits for landings in progress before it leaves orphans to the next sweep.
SWEEP_PATIENCE = 10.0


@dataclass(frozen=True)
class Swept:
    """Result of a sweep."""

    orphans: int  # files, and wraps of keys, that are in no version of the store
    retired: int  # superseded files whose bytes were removed
    unfinished: int  # staging folders of processes that ended
    in_use: int  # superseded files that an open snapshot still holds
    busy: bool  # landings were in progress, so orphans were not searched


def sweep(*, by: ChangeAuthor) -> Swept:
    """Removes superseded files that no snapshot uses, and leftovers of a crash.

    Refused (other_store) when the database is not this store's. May run at any time, in any number of processes, but not inside a
    transaction: removal from the disk cannot be rolled back.
    """
    community = current_community()
    if not belong_together(community):
        raise Refused(APART, code="other_store")
    unfinished = process_locks.clear(community.staging)
    retired, in_use = _remove_retired(community, by)
    with process_locks.turn(community.landing, alone=True, patience=SWEEP_PATIENCE) as granted:
        orphans = _shred(list(orphaned(community))) if granted else 0
    return Swept(orphans, retired, unfinished, in_use, busy=not granted)


def orphaned(community: Community) -> Iterator[Path]:
    """Files and wraps that the manifest does not know, and partial files.

    Must be called while no landing is in progress: files that a landing has placed but not committed look the same.
    """
    known = set(StoredFile.objects.exclude(state=REMOVED).values_list("id", flat=True))
    for folder, pattern, suffix in (
        (community.store, "*", ".parquet"),
        (community.vault, "*", SEALED),
        (community.keys, "*/*", WRAP),
    ):
        for path in sorted(folder.glob(pattern)):
            if path.suffix == ".part" or (path.suffix == suffix and path.stem not in known):
                yield path


def _remove_retired(community: Community, by: ChangeAuthor) -> tuple[int, int]:
    # Listed before the leases are read: a snapshot whose lease is not seen here was opened later, and lists none of them.
    with transaction.atomic(durable=True):
        retired = list(StoredFile.objects.filter(state=RETIRED).defer("records"))
    since = leased_since()
    free = [file for file in retired if since is None or (file.retired_in or 0) <= since]
    _remove_files(community, free, by)
    return len(free), len(retired) - len(free)


def _remove_files(community: Community, files: Sequence[StoredFile], by: ChangeAuthor) -> int:
    """Destroys the keys of retired files, then their bytes, and records it; returns how many wraps of keys there were."""
    keyring = Vault(community).keyring
    wraps = sum(keyring.destroy(file.id) for file in files if file.sealed)
    _shred(path_of(community, file) for file in files)
    with transaction.atomic(durable=True):
        for ids in _lots([file.id for file in files]):
            StoredFile.objects.filter(id__in=ids, state=RETIRED).update(
                state=REMOVED, removed_at=timezone.now(), removed_by=by.email, records=b""
            )
    return wraps


def _shred(paths: Iterable[Path]) -> int:
    gone, folders = 0, set()
    for path in paths:
        gone += durable_files.shred(path)
        folders.add(path.parent)
    for folder in folders:
        durable_files.fsync_path(folder)
    return gone


EVERY = 0.02  # seconds between two checks for readers


@dataclass(frozen=True)
class Removed:
    """How many files were removed, and how many wraps of keys with them."""

    files: int
    wraps: int


def remove(*, files: Collection[str], by: ChangeAuthor, patience: float) -> Removed:
    """Shreds these files, which a landing has superseded, with their free text; files that are already removed are skipped.

    Refused (busy) when a reader still uses one after `patience` seconds: then nothing was removed. Must not be called inside a
    transaction, nor with a snapshot open.
    """
    community = current_community()
    found = [
        row
        for ids in _lots(sorted(files))
        for row in StoredFile.objects.filter(Q(id__in=ids) | Q(text_of__in=ids), state=RETIRED).defer(
            "records"
        )
    ]
    if not found:
        return Removed(0, 0)
    _wait(max(row.retired_in or 0 for row in found), patience)
    return Removed(len(found), _remove_files(community, found, by))


def _wait(version: int, patience: float) -> None:
    """Waits until no open snapshot may list files retired in that version."""
    until = time.monotonic() + patience
    while (since := leased_since()) is not None and since < version:
        if time.monotonic() > until:
            raise Refused(
                "A query is still reading data that is to be destroyed; when it has ended, order the "
                "destruction again to continue.",
                code="busy",
            )
        time.sleep(EVERY)


def _lots(ids: list[str]) -> list[list[str]]:
    return [ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)]
