"""A server's database that is filled by `init`, `demo` or `restore`: empty before, whole afterwards, and never taken for whole between.

A table marks it meanwhile. If the process is killed, the mark stays: no command works in the database, and the next attempt to fill it
empties it first. A SQLite file needs none of this, because it lies in the folder that is filled with it.
"""

import time
from collections.abc import Collection

from django.db import DatabaseError, connection, transaction

from throughway.core.refusals import Refused
from throughway.store.actions import database_rights
from throughway.store.actions.opening import named_by_database, tables_there
from throughway.store.database_record import SQLITE, UNFINISHED

PATIENCE = 10.0  # seconds in which the server notices that a killed process is gone
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"


def begin(left: Collection[str] = ()) -> bool:
    """Marks an empty database as being filled; returns whether it first removed what an interrupted attempt had left in it.

    `left`: the ids of databases that interrupted attempts had filled, whose folders never became communities. Refused where the database
    holds any other table, where somebody is filling it now, or where this role may make no tables.
    """
    if connection.vendor == SQLITE:
        return False
    database_rights.check_may_create()
    there = tables_there()
    # A database that names no id may be anybody's.
    ours = UNFINISHED in there or named_by_database(there)[1] in {id for id in left if id}
    if there and not ours:
        raise Refused(
            f"The database {connection.settings_dict['NAME']} already holds tables; name a new, empty one in "
            "THROUGHWAY_DATABASE_URL.",
            code="exists",
        )
    if ours:
        _check_alone()
        undo()
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE {UNFINISHED} ()")
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", "") in ("42P07", "23505"):  # it exists since a moment ago
            raise _busy() from None
        raise
    return ours


def end() -> None:
    """The database is whole from now on."""
    if connection.vendor != SQLITE:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {UNFINISHED}")


def undo() -> None:
    """Empties a server's database that was empty before it was filled. A file goes with its folder."""
    connection.close()  # whatever the failed attempt left open
    if connection.vendor == SQLITE:
        return
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        names = ", ".join(connection.ops.quote_name(table) for table in sorted(tables_there()))
        if names:
            cursor.execute(f"DROP TABLE {names} CASCADE")
        cursor.execute("DROP FUNCTION IF EXISTS throughway_append_only() CASCADE")


def _check_alone() -> None:
    """Refused where somebody else works in the database as this role: the attempt is not interrupted."""
    until = time.monotonic() + PATIENCE
    while True:
        with connection.cursor() as cursor:
            cursor.execute(OTHERS)
            if not cursor.fetchone()[0]:
                return
        if time.monotonic() > until:
            raise _busy()
        time.sleep(0.2)


def _busy() -> Refused:
    return Refused(
        f"Somebody else is filling the database {connection.settings_dict['NAME']} now; wait until that has ended, or name another.",
        code="busy",
    )
