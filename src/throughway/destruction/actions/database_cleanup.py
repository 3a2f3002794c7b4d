"""What the database still holds of deleted rows is overwritten, as far as it can be from here; the rest is told with its horizon."""

import time

from django.db import DatabaseError, connection, transaction

from throughway.core.refusals import Refused
from throughway.destruction.certificate import Horizon

TABLES = (
    "consent_consentevent", "partners_caseloadevent", "identity_identityevent", "identity_person", "intake_intakebatch",
    "intake_upload", "store_storedfile", "destruction_destruction",
)  # fmt: skip
EVERY = 0.05  # seconds


def clean(patience: float) -> list[Horizon]:
    """SQLite: deleted values are overwritten at once (`secure_delete`), and the log is written back and emptied. PostgreSQL: dead
    rows are vacuumed, and the log is switched where the role may. Refused (busy) while a reader keeps the log."""
    if connection.vendor == "postgresql":
        return _postgresql()
    until = time.monotonic() + patience
    while True:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy = bool(cursor.fetchone()[0])
        if not busy:
            return []
        if time.monotonic() > until:
            raise Refused(
                "A reader keeps the database's log; when it has ended, order the destruction again and it goes on.",
                code="busy",
            )
        time.sleep(EVERY)


def _postgresql() -> list[Horizon]:
    if not connection.in_atomic_block:  # VACUUM is none of a transaction
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {', '.join(TABLES)}")
    switched = _switched()
    return [
        Horizon(
            "PostgreSQL's write-ahead log (pg_wal)",
            "deleted rows of registers: the platform's own random numbers, days and e-mail addresses of users, no name and no key",
            "recycled now: the log was switched and a checkpoint made"
            if switched
            else f"until the server recycles it, after {_setting('checkpoint_timeout')} and {_setting('max_wal_size')} of log"
            " at the latest under load; a superuser hastens it with pg_switch_wal() and CHECKPOINT",
        ),
        Horizon(
            "archives of that log, replicas and the server's own backups",
            "the same",
            "for as long as whoever runs the server keeps them",
        ),
    ]


def _switched() -> bool:
    if connection.in_atomic_block:
        return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT has_function_privilege(current_user, 'pg_switch_wal()', 'execute')")
            if not cursor.fetchone()[0]:
                return False
        with connection.cursor() as cursor:
            for _ in range(3):
                cursor.execute("SELECT pg_switch_wal()")
            cursor.execute("CHECKPOINT")
    except DatabaseError:
        return False
    return True


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])
