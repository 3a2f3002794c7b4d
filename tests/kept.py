"""Communities that are built once in a process and copied for each test: the rows of the database and the files of the folder.

Building one (partners, signed agreements, landed files) takes about a second; copying it, a few hundredths.
"""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction

from tests.flushing import tables_with_rows

Build = Callable[..., Any]


@dataclass
class Kept:
    """What a test's fixture left: a copy of the folder, and the rows of each table in the database's own form."""

    folder: tempfile.TemporaryDirectory[str]
    answer: Any
    rows: dict[str, Any] = field(default_factory=dict)


def kept(build: Build) -> Build:
    """For a fixture that fills an empty community: the first test of a process runs it, each further one gets a copy.

    The fixture must not patch anything, and answers None or the community. It must be built from nothing: a fixture that depends on
    another that fills the database cannot be kept.
    """
    found: list[Kept] = []

    @wraps(build)
    def fixture(*args: Any, **named: Any) -> Any:
        community = settings.COMMUNITY
        if not found:
            assert not tables_with_rows(), "a community that is kept must begin with an empty database"
            answer = build(*args, **named)
            assert answer is None or answer is community, "a kept fixture answers None or the community"
            found.append(_keep(community.root, answer))
            return answer
        _restore(found[0], community.root)
        return None if found[0].answer is None else community

    return fixture


def _keep(root: Path, answer: Any) -> Kept:
    folder = tempfile.TemporaryDirectory(prefix="kept-")
    shutil.copytree(root, folder.name, dirs_exist_ok=True)
    return Kept(folder, answer, {table: _read(table) for table in tables_with_rows()})


def _restore(one: Kept, root: Path) -> None:
    shutil.rmtree(root)
    shutil.copytree(one.folder.name, root)
    with transaction.atomic():
        for table, rows in one.rows.items():
            _write(table, rows)
        if connection.vendor == "postgresql":
            filled = [m for m in apps.get_models(include_auto_created=True) if m._meta.db_table in one.rows]
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), filled):
                    cursor.execute(statement)


def _read(table: str) -> Any:
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {name} TO STDOUT (FORMAT binary)") as out:
                return b"".join(bytes(part) for part in out)
        # "+" leaves a value as it is and keeps SQLite's driver from converting it by the type of its column.
        columns = [each.name for each in connection.introspection.get_table_description(cursor, table)]
        cursor.execute(f"SELECT {', '.join(f'+{connection.ops.quote_name(c)}' for c in columns)} FROM {name}")
        return columns, cursor.fetchall()


def _write(table: str, rows: Any) -> None:
    name = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {name} FROM STDIN (FORMAT binary)") as into:
                into.write(rows)
            return
        columns, values = rows
        marks = ", ".join(["%s"] * len(columns))
        into = ", ".join(map(connection.ops.quote_name, columns))
        cursor.executemany(f"INSERT INTO {name} ({into}) VALUES ({marks})", values)
