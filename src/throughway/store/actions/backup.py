"""Backup and restore: data and keys from one moment, in two archives to be kept separately."""

import csv
import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from throughway.core.disk_full import is_full
from throughway.core.refusals import Refused
from throughway.store import archives, process_locks
from throughway.store.actions import maintenance, opening
from throughway.store.actions.landing import ChangeAuthor
from throughway.store.community import Community
from throughway.store.models import BackupMade, StoreVersion
from throughway.store.selectors import StoredFileFacts, current_community, snapshot
from throughway.store.settings_file import SETTINGS
from throughway.store.vault import Vault

TABLES = "database"  # the folder of PostgreSQL's tables, beside the store
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
        # Another's table in this database is not the community's.
        ours = opening.own_tables() | {opening.MIGRATIONS}
        for table in sorted(ours & set(connection.introspection.table_names(cursor))):
            names = [c.name for c in connection.introspection.get_table_description(cursor, table)]
            (place / TABLES / f"{table}.columns").write_text(json.dumps(names))
            with (
                cursor.copy(f"COPY {_quoted(table)} ({_listed(names)}) TO STDOUT (FORMAT csv)") as rows,
                (place / TABLES / f"{table}.csv").open("wb") as file,
            ):
                for piece in rows:
                    file.write(piece)


def fill() -> list[str]:
    """Makes the tables in the empty PostgreSQL database that is named, as they were when the backup was made, and loads them. Returns
    the names of tables in the archive that are not the program's; they are left out."""
    place = current_community().data / TABLES
    found = {path.stem: json.loads(path.read_text()) for path in sorted(place.glob("*.columns"))}
    if not found or not all(NAME.fullmatch(table) for table in found) or opening.MIGRATIONS not in found:
        raise Refused(
            "The backup contains a table that no community has, or lacks one; do not use it.",
            code="not_a_backup",
        )
    opening.migrate_to(_applied(place, found[opening.MIGRATIONS]))
    foreign = sorted(set(found) - opening.tables_there())
    for table in foreign:
        del found[table]
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
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
            # Before anything is added: bringing the tables up to date adds rows.
            filled = [m for m in apps.get_models(include_auto_created=True) if m._meta.db_table in found]
            for sql in connection.ops.sequence_reset_sql(no_style(), filled):
                cursor.execute(sql)
    except DatabaseError as error:
        if is_full(error):
            raise
        raise Refused(
            f"The tables of the backup cannot be restored into that database ({type(error).__name__}); name "
            f"a new, empty one.",
            code="database",
        ) from None
    for path in place.iterdir():
        path.unlink()
    place.rmdir()
    return foreign


def _applied(place: Path, columns: list[str]) -> set[tuple[str, str]]:
    """The migrations that the backup's database had, as (app, name)."""
    with (place / f"{opening.MIGRATIONS}.csv").open(newline="") as file:
        rows = [dict(zip(columns, row, strict=True)) for row in csv.reader(file)]
    return {(row["app"], row["name"]) for row in rows}


def finish() -> None:
    """Brings restored tables up to this version, and records that the community lives in this database."""
    opening.bring_up_to_date()
    if connection.vendor == "postgresql":
        call_command("migrate", verbosity=0, interactive=False)  # triggers, which are not in the archive
    opening.record_database(current_community())


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
    """One backup: when it was made, how many files each archive holds, and what it lacks, a sentence each."""

    at: str
    data: int
    keys: int
    problems: tuple[str, ...]


def back_up(*, data: Path, keys: Path, by: ChangeAuthor) -> Backup:
    """Writes both archives. Refused where one would overwrite a file, and (busy) while loads or a destruction continue."""
    community = current_community()
    for place in (data, keys):
        archives.check_place(place, community.root)
    if data.resolve() == keys.resolve():
        raise Refused("Data and keys go into two archives; name two files.", code="usage")
    busy = "A load or a destruction is running; back up when it has ended."
    with _beside(data) as work, ExitStack() as held, ExitStack() as moment:
        moment.enter_context(
            process_locks.alone(community.data / "destruction.turn", patience=PATIENCE, busy=busy)
        )
        if not moment.enter_context(process_locks.turn(community.landing, alone=True, patience=PATIENCE)):
            raise Refused(busy, code="busy")
        stored = held.enter_context(snapshot()).stored()
        dump(work)
        headers = _marks(community)
        in_keys = archives.pack(keys, headers[archives.KEYS], _keys(community))
        # Files never change, and those of the snapshot remain while it is open: from here on nobody has to wait.
        moment.close()
        try:
            in_data = archives.pack(data, headers[archives.DATA], _data(community, stored, work))
        except BaseException:
            keys.unlink(missing_ok=True)
            raise
        return Backup(
            headers[archives.DATA].at,
            len(in_data.digests),
            len(in_keys.digests),
            (*_stored_problems(community, stored, in_data), *_vanished(stored, in_data, in_keys)),
        )


def record(made: Backup, *, by: ChangeAuthor) -> None:
    """Records that the backup was made, in the community alone: the archives are of the moment before."""
    BackupMade.objects.create(at=datetime.fromisoformat(made.at), by=by.email, problems=len(made.problems))


@contextmanager
def _beside(archive: Path) -> Iterator[Path]:
    """A folder for the copy of the database, on the archive's disk: the community's own may have no room. It is removed at the end; that of
    a killed backup by the next."""
    within = archive.with_name(f".{archive.name}.unfinished")
    process_locks.clear(within)
    try:
        with process_locks.folder(within) as work:
            yield work
    finally:
        with suppress(OSError):  # another backup works there
            within.rmdir()


def _stored_problems(
    community: Community, stored: list[StoredFileFacts], packed: archives.Packed
) -> Iterator[str]:
    """Stored files that are not in the archive as the manifest describes them, or that no key opens."""
    vault = Vault(community)
    for file in stored:
        problem = maintenance.problem_of(vault, file, packed.digests.get(_name_of(community, file.path)))
        if problem:
            yield problem


def _vanished(stored: list[StoredFileFacts], *archived: archives.Packed) -> Iterator[str]:
    known = {file.path.name for file in stored}
    for packed in archived:
        for name in packed.vanished:
            if Path(name).name not in known:
                yield f"{name} was removed while the backup was made; make another."


def _name_of(community: Community, path: Path) -> str:
    return str(path.relative_to(community.root))


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
    for path in (community.proficiency, community.needs, community.overlaps, community.trends):
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
    yield from ((_name_of(community, file.path), file.path) for file in stored)
    yield from _below(work, work)


def _below(root: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.is_symlink() and path.suffix != ".part":
            yield str(path.relative_to(root)), path
