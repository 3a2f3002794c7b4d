"""A community of a test, worked in processes of its own: through its command line, as its people would, or in Python."""

import atexit
import json
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from tests.commands import Forked, commands
from throughway.store.community import Community

READY = "import atexit, django; django.setup(); from django.db import connections; atexit.register(connections.close_all)"
Fresh = Callable[
    ..., AbstractContextManager[str | None]
]  # `fresh_database`, as the fixture of that name hands it out


@cache
def empty_database() -> Path:
    """A SQLite file with every table and no row; made once, for the migrations take seconds, and copied since."""
    folder = Path(tempfile.mkdtemp(prefix="town-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    town = Town(folder / "town")
    town.ask("init", town.root)
    return Community(town.root).database


@dataclass(frozen=True)
class Town:
    """`ask` runs a command and answers its document; `told` runs one that may be refused. `database`: the address of one on
    PostgreSQL, None for SQLite."""

    root: Path
    database: str | None = None

    def found(self) -> None:
        """An empty community in the folder."""
        if self.database:
            self.ask("init", self.root)
        else:
            community = Community(self.root)
            community.make(name="Testville")
            shutil.copy(empty_database(), community.database)

    def environment(self, **more: str) -> dict[str, str]:
        found = os.environ | {"THROUGHWAY_COMMUNITY": str(self.root)} | more
        found.pop("THROUGHWAY_DATABASE_URL", None)
        if self.database:
            found["THROUGHWAY_DATABASE_URL"] = self.database
        return found

    def run(self, *words: object, as_json: bool = True) -> subprocess.CompletedProcess[str]:
        return commands().run([*map(str, words), *(["--json"] if as_json else [])], self.environment())

    def python(self, code: str, *, ready: bool = True) -> Forked:
        """A process of Python in the community, with pipes to and from it; `ready`: its settings are read before the code runs, and its
        connections are closed after it, as where Python itself ends."""
        environment = self.environment(DJANGO_SETTINGS_MODULE="throughway.site.settings")
        return commands().python(f"{READY}\n{code}" if ready else code, environment)

    def said(self, code: str, ends: int = 0) -> str:
        """What such a process prints, which ends with that status."""
        with self.python(code) as process:
            told = process.communicate()[0]
        assert process.returncode == ends
        return told.strip()

    def module(self, *words: str) -> Any:
        """Runs a module that answers one JSON document, with the time that a test of killed processes takes."""
        done = commands().run(("-m", *words), self.environment())
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def told(self, *words: object, exit: int) -> Any:
        done = self.run(*words)
        assert done.returncode == exit, f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout)

    def ask(self, *words: object) -> Any:
        return self.told(*words, exit=0)

    def query(self, sql: str, *, purpose: str, by: str, on: str | None = None) -> Any:
        return self.ask("query", sql, "--purpose", purpose, "--as", by, *(("--on", on) if on else ()))

    def agree(self, text: str, *, signers: dict[str, str], activator: str) -> str:
        """Adds, signs and activates a document; answers its id."""
        paper = self.root / f"{uuid.uuid4().hex}.yaml"
        paper.write_text(text, encoding="utf-8")
        id: str = self.ask("agreement", "add", paper)["id"]
        for email in signers.values():
            self.ask("agreement", "sign", id, "--as", email)
        self.ask("agreement", "activate", id, "--as", activator)
        return id


def at_once(*processes: Forked) -> list[str]:
    """What processes print that go on at the same moment, each once it has printed a line and waits for one."""
    for each in processes:
        assert each.stdout.readline() in ("ready\n", "waiting\n")
    for each in processes:
        each.stdin.write("\n")
        each.stdin.flush()
    return [each.communicate()[0].strip() for each in processes]


OWNER, APP = (
    "town_owner",
    "town_app",
)  # roles of the test server: who owns a town's tables, and who works in them


@contextmanager
def fresh_database(like: str | None = None) -> Iterator[str | None]:
    """The address of a PostgreSQL database when the suite runs on PostgreSQL, else None: empty, or as the one at `like`. Its owner is an
    ordinary role, as in a community that follows the manual."""
    server = os.environ.get("THROUGHWAY_TEST_DATABASE_URL")
    if os.environ.get("DATABASE") != "postgresql" or not server:
        yield None
        return
    import psycopg

    name = f"town_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        for role in (OWNER, APP):
            with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'for tests alone'")
        template = f' TEMPLATE "{urlsplit(like).path[1:]}"' if like else ""
        connection.execute(f'CREATE DATABASE "{name}" OWNER {OWNER}{template}')
    yield address_of(urlunsplit(urlsplit(server)._replace(path=f"/{name}")), OWNER)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def superuser_of(database: str) -> str:
    """The address under which the test server's superuser connects to the database of another address."""
    server = urlsplit(os.environ["THROUGHWAY_TEST_DATABASE_URL"])
    return urlunsplit(server._replace(path=urlsplit(database).path))


def address_of(database: str, role: str) -> str:
    """The address under which a role connects to the database of another address."""
    parts = urlsplit(database)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote('for tests alone')}@{place}"))


def town_of(community: Community) -> Town:
    """Of a test that commits: on the PostgreSQL database that the suite has, or on a SQLite file of the community's own."""
    from django.db import connection

    connection.ensure_connection()  # refused to a test that asked for no database
    if connection.vendor == "sqlite":
        shutil.copy(empty_database(), community.database)
        return Town(community.root)
    of = connection.settings_dict
    at = f"{quote(of['USER'])}:{quote(of['PASSWORD'])}@{quote(of['HOST'], safe='')}:{of['PORT']}"
    return Town(community.root, f"postgresql://{at}/{quote(of['NAME'], safe='')}")
