"""Backup and restore: data and keys from one moment, in two archives to be kept separately."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from throughway.core.refusals import Refused
from throughway.store import archives, process_locks
from throughway.store.actions.landing import ChangeAuthor
from throughway.store.community import Community
from throughway.store.models import StoreVersion
from throughway.store.selectors import StoredFileFacts, current_community, snapshot
from throughway.store.settings_file import SETTINGS

TABLES = "database"  # the folder of PostgreSQL's tables, beside the store
STATE = "django_migrations"
NAME = re.compile(r"[a-z0-9_]+")


def dump(work: Path) -> None:
    """Writes the database into `work`, as a restored community needs it. Deleted values are not in it."""
    place = work / "data"
    place.mkdir(mode=0o700)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(place / current_community().database.name)])
        os.chmod(place / current_community().database.name, 0o600)
        return
    (place / TABLES).mkdir(mode=0o700)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for table in sorted(connection.introspection.table_names(cursor)):
            names = [c.name for c in connection.introspection.get_table_description(cursor, table)]
            (place / TABLES / f"{table}.columns").write_text(json.dumps(names))
            with (
                cursor.copy(f"COPY {_quoted(table)} ({_listed(names)}) TO STDOUT (FORMAT csv)") as rows,
                (place / TABLES / f"{table}.csv").open("wb") as file,
            ):
                for piece in rows:
                    file.write(piece)


def fill() -> None:
    """Loads the tables of a backup into the PostgreSQL database that is named, which must be empty and of this program version."""
    place = current_community().data / TABLES
    found = {path.stem: json.loads(path.read_text()) for path in sorted(place.glob("*.columns"))}
    if connection.vendor != "postgresql" or not found:
        raise Refused(
            "The backup is of a community on PostgreSQL; name a new, empty database in THROUGHWAY_DATABASE_URL.",
            code="database",
        )
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            _check(cursor, found, place)
            for table in found:
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {_quoted(table)})")
                # Rows that creating the tables has added; append-only tables refuse deletion.
                if cursor.fetchone()[0]:
                    cursor.execute(f"DELETE FROM {_quoted(table)}")
            for table, names in found.items():
                with (
                    cursor.copy(f"COPY {_quoted(table)} ({_listed(names)}) FROM STDIN (FORMAT csv)") as rows,
                    (place / f"{table}.csv").open("rb") as file,
                ):
                    while piece := file.read(1 << 20):
                        rows.write(piece)
            for sql in connection.ops.sequence_reset_sql(
                no_style(), apps.get_models(include_auto_created=True)
            ):
                cursor.execute(sql)
    except DatabaseError as error:
        raise Refused(
            f"The tables of the backup cannot be restored into that database ({type(error).__name__}); name "
            f"a new, empty one.",
            code="database",
        ) from None
    for path in place.iterdir():
        path.unlink()
    place.rmdir()


def _check(cursor: Any, found: dict[str, list[str]], place: Path) -> None:
    if not all(NAME.fullmatch(table) for table in found):
        raise Refused(
            "The backup contains a table that no community has; do not use it.", code="not_a_backup"
        )
    there = set(connection.introspection.table_names(cursor))
    if found.keys() - there:
        raise Refused(
            "The backup was made by another version of Throughway; restore it with that version, then upgrade.",
            code="other_version",
        )
    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {_quoted('store_storeversion')})")
    if cursor.fetchone()[0]:
        raise Refused("That database already holds a community; name a new, empty one.", code="exists")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _listed(names: list[str]) -> str:
    return ", ".join(map(_quoted, names))


PATIENCE = 120.0  # seconds to wait for loads and for a destruction in progress
# Left out of a backup: incoming files, quarantined rows, the journal, locks and unfinished work. Partners have the first two, which
# contain data as it came.
LEFT = frozenset({"quarantine", "uploads", "intake", "log", "store", "vault"})


@dataclass(frozen=True)
class Backup:
    """One backup: when it was made, and how many files each archive holds."""

    at: str
    data: int
    keys: int


def back_up(*, data: Path, keys: Path, by: ChangeAuthor) -> Backup:
    """Writes both archives. Refused where one would overwrite a file, and (busy) while loads or a destruction continue."""
    community = current_community()
    for place in (data, keys):
        archives.check_place(place, community.root)
    if data.resolve() == keys.resolve():
        raise Refused("Data and keys go into two archives; name two files.", code="usage")
    busy = "A load or a destruction is running; back up when it has ended."
    work = Path(tempfile.mkdtemp(prefix=".backup-", dir=data.parent))
    try:
        with ExitStack() as held, ExitStack() as moment:
            moment.enter_context(
                process_locks.alone(community.data / "destruction.turn", patience=PATIENCE, busy=busy)
            )
            if not moment.enter_context(process_locks.turn(community.landing, alone=True, patience=PATIENCE)):
                raise Refused(busy, code="busy")
            stored = held.enter_context(snapshot()).stored()
            dump(work)
            headers = _marks(community)
            count = archives.pack(keys, headers[archives.KEYS], _keys(community))
            # Files never change, and those of the snapshot remain while it is open: from here on nobody has to wait.
            moment.close()
            try:
                files = archives.pack(data, headers[archives.DATA], _data(community, stored, work))
            except BaseException:
                keys.unlink(missing_ok=True)
                raise
        return Backup(headers[archives.DATA].at, files, count)
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
    for path in (community.proficiency, community.needs):
        if path.is_file():
            yield path.name, path
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
