"""The operational database as files of a backup: SQLite as one, PostgreSQL as a table of each of its tables."""

import json
import os
import re
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction

from throughway.core.refusals import Refused
from throughway.store.selectors import current_community

TABLES = "database"  # the folder of PostgreSQL's tables, beside the store
STATE = "django_migrations"
NAME = re.compile(r"[a-z0-9_]+")


def dump(work: Path) -> None:
    """Writes the database under `work`, as it shall stand in the community's folder. Deleted values are not in it."""
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
    """Puts the tables of a backup into the PostgreSQL database that is named, which must be a new one, of this version's making."""
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
                # What making the tables has put there; what is kept for ever refuses.
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
            f"The tables of the backup do not go into that database ({type(error).__name__}); name a new, empty one.",
            code="database",
        ) from None
    for path in place.iterdir():
        path.unlink()
    place.rmdir()


def _check(cursor: Any, found: dict[str, list[str]], place: Path) -> None:
    if not all(NAME.fullmatch(table) for table in found):
        raise Refused("The backup names a table that no community has; do not use it.", code="not_a_backup")
    there = set(connection.introspection.table_names(cursor))
    if found.keys() - there:
        raise Refused(
            "The backup was made by another version of Throughway; restore it with that version, then upgrade.",
            code="other_version",
        )
    cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {_quoted('store_storeversion')})")
    if cursor.fetchone()[0]:
        raise Refused(
            "The database that is named holds a community already; name a new, empty one.", code="exists"
        )


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _listed(names: list[str]) -> str:
    return ", ".join(map(_quoted, names))
