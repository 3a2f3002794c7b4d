"""Keeps tables append-only in the database itself, on SQLite and on PostgreSQL; each room names its own (`keep`).

Triggers guard against our own mistakes and against whoever holds a connection. On PostgreSQL, give the application's role
neither ownership of these tables nor TRUNCATE.

SQLite forgets a table's triggers whenever a migration rebuilds the table, so they are put both by the migration and after
every `migrate`.
"""

from collections.abc import Mapping
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# Each append-only table, with the columns of which each value is there once.
APPEND_ONLY: dict[str, tuple[str, ...]] = {}

FUNCTION = """
CREATE OR REPLACE FUNCTION throughway_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def keep(tables: Mapping[str, tuple[str, ...]]) -> None:
    """Names a room's append-only tables, each with the columns of which each value is there once."""
    APPEND_ONLY.update(tables)


def put_triggers(connection: BaseDatabaseWrapper) -> None:
    """Creates the triggers of every append-only table that exists; changes nothing where they stand."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor)) & set(APPEND_ONLY)
        if connection.vendor == "postgresql" and there:
            cursor.execute(FUNCTION)
        for table in sorted(there):
            for statement in _triggers(connection.vendor, table).values():
                cursor.execute(statement)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Takes the triggers away, for tests that must flush or forge the tables; `put_triggers` puts them back."""
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) & set(APPEND_ONLY):
            for name in _triggers(connection.vendor, table):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of triggers that should stand and do not."""
    catalog = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalog[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    return [
        name for table in APPEND_ONLY for name in _triggers(connection.vendor, table) if name not in there
    ]


def after_migrate(using: str, **_: Any) -> None:
    """Receiver of `post_migrate`."""
    from django.db import connections

    put_triggers(connections[using])


def _triggers(vendor: str, table: str) -> dict[str, str]:
    """Name and statement of each trigger of one table."""
    return _on_postgresql(table) if vendor == "postgresql" else _on_sqlite(table)


def _on_postgresql(table: str) -> dict[str, str]:
    return {
        f"{table}_stays": f"CREATE OR REPLACE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION throughway_append_only()",
        f"{table}_whole": f"CREATE OR REPLACE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION throughway_append_only()",
    }


def _on_sqlite(table: str) -> dict[str, str]:
    """INSERT OR REPLACE deletes rows without firing a delete trigger, also by the hidden rowid: hence the third."""
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    taken = " OR ".join(f'"{column}" = NEW."{column}"' for column in (*APPEND_ONLY[table], "rowid"))
    return {
        f"{table}_no_update": f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
        f"BEGIN {refuse}; END",
        f"{table}_no_delete": f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} "
        f"BEGIN {refuse}; END",
        f"{table}_no_replace": f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) BEGIN {refuse}; END",
    }
