"""A full disk: recognizes the errors of Python, SQLite, PostgreSQL and DuckDB, and gives one refusal for all."""

import errno
import shutil
from pathlib import Path

from throughway.core.refusals import Refused

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
SQLITE_NO_ROOM = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE"})
POSTGRES_NO_ROOM = "53100"  # disk_full
# Of a database's message where it has no code. DuckDB says the second where a sort that outgrows memory finds no room to spill: it
# may take the free space of the disk, since nothing sets a lower limit.
NO_ROOM_WORDS = ("No space left", "failed to offload data block")
ROOM = 64 * 1024 * 1024  # bytes free below which work would fail half way


def has_room(folder: Path) -> bool:
    """Whether the disk that holds the folder has room to work."""
    return shutil.disk_usage(folder).free >= ROOM


def is_full(error: BaseException | None) -> bool:
    """Whether the error, or one that led to it, is a disk without room: Python's, SQLite's, PostgreSQL's or DuckDB's."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if (
            (isinstance(error, OSError) and error.errno in NO_ROOM)
            or getattr(error, "sqlite_errorname", "") in SQLITE_NO_ROOM
            or getattr(error, "sqlstate", "") == POSTGRES_NO_ROOM
            or (
                # A server without space refuses connections before it can send an error code; DuckDB has none.
                type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb", "psycopg")
                and any(words in str(error) for words in NO_ROOM_WORDS)
            )
        ):
            return True
        error = error.__cause__ or error.__context__
    return False


def full() -> Refused:
    return Refused(
        "The disk is full: nothing was handed out, and what was begun does not count. Make room on the disk that holds the "
        "community or the temporary files, run `throughway check`, and do it again.",
        code="disk_full",
    )
