"""Sweeping: what belongs to no state of the store any more is removed from the disk."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from throughway.core.refusals import Refused
from throughway.store import durable_files, process_locks
from throughway.store.actions.belonging import APART, belong_together
from throughway.store.change_author import ChangeAuthor
from throughway.store.community import Community
from throughway.store.keyring import WRAP
from throughway.store.models import REMOVED, RETIRED, StoredFile
from throughway.store.selectors import current_community, leased_since, path_of
from throughway.store.vault import SUFFIX, Vault

# Seconds that a sweep waits for landings under way before it leaves orphans to the next sweep.
PATIENCE = 10.0


@dataclass(frozen=True)
class Swept:
    """What a sweep did."""

    orphans: int  # files, and wraps of keys, that no state of the store ever knew
    retired: int  # superseded files whose bytes are gone now
    unfinished: int  # staging folders of processes that died
    in_use: int  # superseded files that an open snapshot still holds
    busy: bool  # landings were under way, so that orphans were not looked for


def sweep(*, by: ChangeAuthor) -> Swept:
    """Removes superseded files that no snapshot holds, and whatever a crash left.

    Refused (other_store) when the database is not this store's. May be run at any time, by any number of processes, but
    not inside a transaction: what is removed from the disk cannot be rolled back.
    """
    community = current_community()
    if not belong_together(community):
        raise Refused(APART, code="other_store")
    unfinished = process_locks.clear(community.staging)
    retired, in_use = _remove_retired(community, by)
    with process_locks.turn(community.landing, alone=True, patience=PATIENCE) as granted:
        orphans = _shred(list(orphaned(community))) if granted else 0
    return Swept(orphans, retired, unfinished, in_use, busy=not granted)


def orphaned(community: Community) -> Iterator[Path]:
    """Files and wraps that the manifest does not know, and parts of unfinished ones.

    To be asked while no landing is under way: what a landing has placed but not committed looks the same.
    """
    known = set(StoredFile.objects.exclude(state=REMOVED).values_list("id", flat=True))
    for folder, pattern, suffix in (
        (community.store, "*", ".parquet"),
        (community.vault, "*", SUFFIX),
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
    keyring = Vault(community).keyring
    for file in free:
        if file.sealed:
            keyring.destroy(file.id)
    _shred([path_of(community, file) for file in free])
    for file in free:
        StoredFile.objects.filter(id=file.id, state=RETIRED).update(
            state=REMOVED, removed_at=timezone.now(), removed_by=by.email, records=b""
        )
    return len(free), len(retired) - len(free)


def _shred(paths: Iterable[Path]) -> int:
    gone, folders = 0, set()
    for path in paths:
        gone += durable_files.shred(path)
        folders.add(path.parent)
    for folder in folders:
        durable_files.fsync_path(folder)
    return gone
