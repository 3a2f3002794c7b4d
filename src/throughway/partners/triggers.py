"""Keeps tables append-only in the database itself, on SQLite and on PostgreSQL.

Triggers guard against our own mistakes and against whoever holds a connection. On PostgreSQL, give the application's role
neither ownership of these tables nor TRUNCATE.

SQLite forgets a table's triggers whenever a migration rebuilds the table, so a room puts them both by its migration and
after every `migrate`.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import module_has_submodule

FUNCTION = """
CREATE OR REPLACE FUNCTION throughway_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
# The names of the triggers that are switched on, and of the tables that exist.
CATALOG = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'table')",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    " UNION SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid)",
}


@dataclass(frozen=True)
class AppendOnly:
    """Tables of one room. `tables`: each with what is there once: columns whose single values are (`id`), or a condition
    between an old row and the `NEW` one (recognized by its spaces) under which both are the same. `may_go`: rows may be
    removed, with what they tell of; none is ever changed."""

    tables: Mapping[str, Sequence[str]]
    may_go: bool = False

    def put(self, connection: BaseDatabaseWrapper) -> None:
        """Creates the triggers of every table that exists and has none."""
        with connection.cursor() as cursor:
            there = set(connection.introspection.table_names(cursor)) & set(self.tables)
            if connection.vendor == "postgresql" and there:
                cursor.execute(FUNCTION)
            for table in sorted(there):
                for statement in self._triggers(connection.vendor, table).values():
                    cursor.execute(statement)

    def drop(self, connection: BaseDatabaseWrapper) -> None:
        """Takes the triggers away, for tests that must flush or forge the tables; `put` puts them back."""
        with connection.cursor() as cursor:
            for table in set(connection.introspection.table_names(cursor)) & set(self.tables):
                for name in self._triggers(connection.vendor, table):
                    on = f" ON {table}" if connection.vendor == "postgresql" else ""
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")

    def missing(self, connection: BaseDatabaseWrapper) -> list[str]:
        """The names of triggers that the tables that exist should have and do not, or that are switched off."""
        with connection.cursor() as cursor:
            cursor.execute(CATALOG[connection.vendor])
            there = {name for (name,) in cursor.fetchall()}
        tables = [table for table in self.tables if table in there]
        vendor = connection.vendor
        return [name for table in tables for name in self._triggers(vendor, table) if name not in there]

    def _triggers(self, vendor: str, table: str) -> dict[str, str]:
        """Name and SQL of each trigger of one table."""
        if vendor == "postgresql":
            return _on_postgresql(table, "UPDATE" if self.may_go else "UPDATE OR DELETE")
        found = _on_sqlite(table, self.tables[table])
        return {n: t for n, t in found.items() if not (self.may_go and n.endswith("_no_delete"))}


def append_only() -> Iterator[AppendOnly]:
    """The append-only tables of every room that has some."""
    return chain.from_iterable(map(_of, apps.get_app_configs()))


def _of(room: AppConfig) -> Iterator[AppendOnly]:
    """Those that the room's module `triggers` names."""
    if module_has_submodule(room.module, "triggers"):
        found = vars(importlib.import_module(f"{room.name}.triggers")).values()
        yield from (each for each in found if isinstance(each, AppendOnly))


def after_migrate(sender: AppConfig, using: str, **_: Any) -> None:
    """Receiver of `post_migrate`, which is sent for each room."""
    for kept in _of(sender):
        kept.put(connections[using])


def _on_postgresql(table: str, what: str) -> dict[str, str]:
    return {
        f"{table}_stays": f"CREATE OR REPLACE TRIGGER {table}_stays BEFORE {what} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION throughway_append_only()",
        f"{table}_whole": f"CREATE OR REPLACE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION throughway_append_only()",
    }


def _on_sqlite(table: str, once: Sequence[str]) -> dict[str, str]:
    """INSERT OR REPLACE deletes rows without firing a delete trigger, also by the hidden rowid: hence the third."""
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    taken = " OR ".join(each if " " in each else f'"{each}" = NEW."{each}"' for each in (*once, "rowid"))
    return {
        f"{table}_no_update": f"CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} "
        f"BEGIN {refuse}; END",
        f"{table}_no_delete": f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} "
        f"BEGIN {refuse}; END",
        f"{table}_no_replace": f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken}) BEGIN {refuse}; END",
    }


# The history of each data system, of each account (who gave a link decides who may give the first one, and stands with a signature), of who
# signs for a partner, of its legal statuses, and of who is barred from whose records.
PARTNERS = AppendOnly({
    "partners_datasystemevent": ("id",), "partners_userevent": ("id",), "partners_signatoryevent": ("id",),
    "partners_partnerstatusevent": ("id",), "partners_barevent": ("id",),
})  # fmt: skip
