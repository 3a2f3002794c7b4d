"""Backing up: data and keys as they were at one moment, into two archives; nobody waits but for the moment."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from django.db import connection

from throughway.core.refusals import Refused
from throughway.store import archives, process_locks
from throughway.store.actions import dumping
from throughway.store.change_author import ChangeAuthor
from throughway.store.community import SETTINGS, Community
from throughway.store.models import StoreVersion
from throughway.store.selectors import StoredFileFacts, current_community, snapshot

PATIENCE = 120.0  # seconds for loads, and for a destruction under way
# What a backup leaves out: files on their way in, rows that could not be read, the journal, turns and unfinished work. Partners
# have the first two, and they hold what they hold as it came.
LEFT = frozenset({"quarantine", "uploads", "intake", "log", "store", "vault"})


@dataclass(frozen=True)
class Backup:
    """One backup: when it was made, and how many files each archive holds."""

    at: str
    data: int
    keys: int


def back_up(*, data: Path, keys: Path, by: ChangeAuthor) -> Backup:
    """Writes both archives. Refused where one would overwrite a file, and (busy) while loads or a destruction do not end."""
    community = current_community()
    for place in (data, keys):
        archives.check_place(place, community.root)
    if data.resolve() == keys.resolve():
        raise Refused("Data and keys are two archives; name two files.", code="usage")
    busy = "A load or a destruction is under way; back up again when it has ended."
    work = Path(tempfile.mkdtemp(prefix=".backup-", dir=data.parent))
    try:
        with ExitStack() as held, ExitStack() as moment:
            moment.enter_context(
                process_locks.alone(community.data / "destruction.turn", patience=PATIENCE, busy=busy)
            )
            if not moment.enter_context(process_locks.turn(community.landing, alone=True, patience=PATIENCE)):
                raise Refused(busy, code="busy")
            stored = held.enter_context(snapshot()).stored()
            dumping.dump(work)
            told = _marks(community)
            count = archives.pack(keys, told[archives.KEYS], _keys(community))
            # Files are never changed, and those of the snapshot stay while it is open: from here on nobody waits.
            moment.close()
            try:
                files = archives.pack(data, told[archives.DATA], _data(community, stored, work))
            except BaseException:
                keys.unlink(missing_ok=True)
                raise
        return Backup(told[archives.DATA].at, files, count)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _marks(community: Community) -> dict[str, archives.ArchiveHeader]:
    version = StoreVersion.objects.first()
    id, at = uuid4().hex, datetime.now(UTC).isoformat(timespec="seconds")
    return {
        part: archives.ArchiveHeader(
            archives.FORMAT, part, id, at, version.store if version else "", connection.vendor
        )
        for part in (archives.DATA, archives.KEYS)
    }


def _keys(community: Community) -> Iterator[tuple[str, Path]]:
    for path in sorted(community.keys.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix != ".part":
            yield str(path.relative_to(community.root)), path


def _data(community: Community, stored: list[StoredFileFacts], work: Path) -> Iterator[tuple[str, Path]]:
    yield SETTINGS, community.root / SETTINGS
    if community.proficiency.is_file():
        yield community.proficiency.name, community.proficiency
    for folder in (community.agreements, community.crosswalks, community.rules):
        yield from _below(community.root, folder)
    for path in sorted(community.data.iterdir()):
        if path.name in LEFT or path.name.startswith(community.database.name):
            continue
        if path.is_dir():
            yield from _below(community.root, path)
    if community.identity.exists():
        yield str(community.identity.relative_to(community.root)), community.identity
    yield from ((str(file.path.relative_to(community.root)), file.path) for file in stored)
    yield from _below(work, work)


def _below(root: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink() and path.suffix != ".part":
            yield str(path.relative_to(root)), path
