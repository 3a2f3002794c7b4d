"""Moves the operational database from SQLite into an empty PostgreSQL database: whole, or not at all.

Everything happens in one transaction of PostgreSQL: the tables are made, the rows are copied, and each table is read back and compared
with its origin. SQLite's file is only read; it is renamed at the end.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, connections, models, transaction

from throughway.core.refusals import Refused
from throughway.store import process_locks
from throughway.store.actions.opening import record_database
from throughway.store.selectors import current_community

ORIGIN = "moved_from"  # the alias of SQLite's connection, once the default one is PostgreSQL's
NOT_COPIED = frozenset(
    {"django_migrations", "site_throttle"}
)  # made with the tables; failed attempts to sign in
MOVED = ".moved"  # at the end of the name of the file that is no longer the database
AT_ONCE = 2_000  # rows
PATIENCE = 120.0  # seconds to wait for loads and for a destruction in progress
BUSY = "A load, a backup or a destruction is running; move the community when it has ended."


def move(*, to: Mapping[str, object], check_copy: Callable[[], None]) -> int:
    """Copies every row into the PostgreSQL database with these settings of Django, which from then on is this process's; returns how many.

    `check_copy` runs before the copy is committed, and raises Refused where it finds it wrong. Refused (busy) while loads or a destruction
    continue, and where the database is not empty. Nobody else may write to SQLite meanwhile: other writers wait.
    """
    community = current_community()
    with ExitStack() as held:
        for lock in (community.data / "destruction.turn", community.landing):
            held.enter_context(process_locks.alone(lock, patience=PATIENCE, busy=BUSY))
        make_default(to)
        origin = held.enter_context(_frozen())
        with transaction.atomic(durable=True):
            _check_empty()
            call_command("migrate", verbosity=0, interactive=False)
            _check_tables(origin)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET CONSTRAINTS ALL DEFERRED"
                )  # migrations make some immediate for the rest of the transaction
                moved = sum(_copied(model) for model in _models())
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for sql in connection.ops.sequence_reset_sql(no_style(), _models()):
                    cursor.execute(sql)
            for model in _models():
                if _fingerprint(model, "default") != _fingerprint(model, ORIGIN):
                    raise Refused(
                        f"The rows of {model._meta.db_table} are not the same in both databases, so nothing was moved.",
                        code="not_the_same",
                    )
            check_copy()
        record_database(community)  # only now: until the copy is committed, the file is the database
        _take_no_more(origin)
    # Its connection is closed: SQLite would not write its log back into a file that was renamed.
    community.database.rename(community.database.with_name(f"{community.database.name}{MOVED}"))
    return moved


def make_default(to: Mapping[str, object]) -> None:
    """Makes the database with these settings the one that this process works with; the former one is at the alias `ORIGIN`."""
    for opened in connections.all(initialized_only=True):
        opened.close()
        del connections[opened.alias]
    former = connections.databases["default"]
    connections.databases.update(connections.configure_settings({"default": dict(to), ORIGIN: former}))


def _models() -> list[type[models.Model]]:
    """Every model with a table of its own, those between two models included."""
    every = apps.get_models(include_auto_created=True)
    return [model for model in every if model._meta.managed and not model._meta.proxy]


class _frozen:
    """SQLite in a transaction that lets nobody else write; yields the names of its tables."""

    def __enter__(self) -> set[str]:
        self._atomic = transaction.atomic(using=ORIGIN, durable=True)
        self._atomic.__enter__()
        with connections[ORIGIN].cursor() as cursor:
            return set(connections[ORIGIN].introspection.table_names(cursor))

    def __exit__(self, *error: Any) -> None:
        self._atomic.__exit__(*error)
        connections[ORIGIN].close()


def _take_no_more(tables: set[str]) -> None:
    """Closes SQLite's tables to writers that have waited since before the move: what they wrote would be lost, and with an entry of the
    ledger the record of what they hand out."""
    quote = connections[ORIGIN].ops.quote_name
    with connections[ORIGIN].cursor() as cursor:
        for table in tables:
            for act in ("INSERT", "UPDATE", "DELETE"):
                cursor.execute(
                    f"CREATE TRIGGER {quote(f'moved_{table}_{act}')} BEFORE {act} ON {quote(table)} "
                    "BEGIN SELECT RAISE(ABORT, 'the community was moved to another database'); END"
                )


def _check_empty() -> None:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    if there & {"django_migrations", *(model._meta.db_table for model in _models())}:
        raise Refused(
            "That database already holds the tables of a community; name a new, empty one.", code="exists"
        )


def _check_tables(origin: set[str]) -> None:
    """Refused where SQLite has a table that would not be copied."""
    strange = origin - NOT_COPIED - {model._meta.db_table for model in _models()}
    if strange:
        raise Refused(
            f"The database has a table that this version does not know ({min(strange)}); nothing was moved.",
            code="other_version",
        )


def _copied(model: type[models.Model]) -> int:
    """Copies the rows of a table as they are stored; returns how many."""
    table, columns = model._meta.db_table, [field.column for field in _fields(model)]
    quote, count = connection.ops.quote_name, 0
    named = ", ".join(map(quote, columns))
    with connection.cursor() as into, connections[ORIGIN].cursor() as cursor:
        into.execute(f"SELECT EXISTS (SELECT 1 FROM {quote(table)})")
        if into.fetchone()[0]:  # rows that making the tables has added; append-only tables have none
            into.execute(f"DELETE FROM {quote(table)}")
        cursor.execute(f"SELECT {named} FROM {quote(table)}")
        with into.copy(f"COPY {quote(table)} ({named}) FROM STDIN") as copy:
            while rows := cursor.fetchmany(AT_ONCE):
                for row in rows:
                    copy.write_row(tuple(map(_as_utc, row)))
                count += len(rows)
    return count


def _fields(model: type[models.Model]) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]


def _as_utc(value: object) -> object:
    """SQLite's moments are in UTC and do not say so."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _fingerprint(model: type[models.Model], alias: str) -> tuple[int, int]:
    """The number of rows, and the sum of their digests, which is the same in whatever order they come: as Django reads them, so by another
    way than they were copied."""
    total, count = 0, 0
    names = [field.attname for field in _fields(model)]
    for row in model._base_manager.using(alias).order_by().values_list(*names).iterator(AT_ONCE):
        text = "\x1f".join(map(_canonical, row))
        total += int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), "big")
        count += 1
    return count, total % 2**256


def _canonical(value: object) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return repr(bytes(value) if isinstance(value, memoryview) else value)
