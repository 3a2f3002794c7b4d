"""Destroying: the bytes of superseded files go, with every key that opened them, once no reader holds them."""

import time
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from throughway.core.refusals import Refused
from throughway.store import durable_files
from throughway.store.actions.landing import AT_ONCE
from throughway.store.change_author import ChangeAuthor
from throughway.store.models import REMOVED, RETIRED, StoredFile
from throughway.store.selectors import current_community, leased_since, path_of
from throughway.store.vault import Vault

EVERY = 0.02  # seconds between two looks at who still reads


@dataclass(frozen=True)
class Removed:
    """How many files went now, and how many wraps of keys with them."""

    files: int
    wraps: int


def remove(*, files: Collection[str], by: ChangeAuthor, patience: float) -> Removed:
    """Shreds these files, which a landing has superseded; those that are gone already are passed over.

    Refused (busy) when a reader still holds one after `patience` seconds: then nothing was removed. Not to be called inside a
    transaction, nor with a snapshot open.
    """
    community = current_community()
    keyring = Vault(community).keyring
    found = [row for row in _rows(files) if row.state == RETIRED]
    if not found:
        return Removed(0, 0)
    _wait(max(row.retired_in or 0 for row in found), patience)
    wraps = sum(keyring.destroy(row.id) for row in found if row.sealed)
    folders = set()
    for row in found:
        path = path_of(community, row)
        durable_files.shred(path)
        folders.add(path.parent)
    for folder in folders:
        durable_files.fsync_path(folder)
    with transaction.atomic(durable=True):
        for some in _lots([row.id for row in found]):
            StoredFile.objects.filter(id__in=some, state=RETIRED).update(
                state=REMOVED, removed_at=timezone.now(), removed_by=by.email, records=b""
            )
    return Removed(len(found), wraps)


def _wait(version: int, patience: float) -> None:
    """Until no snapshot is open that may list what was retired in that version."""
    until = time.monotonic() + patience
    while (since := leased_since()) is not None and since < version:
        if time.monotonic() > until:
            raise Refused(
                "A query still reads what is to be destroyed; when it has ended, order the destruction again and it goes on.",
                code="busy",
            )
        time.sleep(EVERY)


def _rows(files: Collection[str]) -> list[StoredFile]:
    return [
        row
        for some in _lots(sorted(files))
        for row in StoredFile.objects.filter(id__in=some).defer("records")
    ]


def _lots(ids: list[str]) -> list[list[str]]:
    return [ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)]
