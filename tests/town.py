"""A community of a test, worked through its command line in processes of its own, as its people would."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True)
class Town:
    """`ask` runs a command and answers its document; `told` runs one that may be refused."""

    root: Path
    database: str | None = None

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        environment = dict(os.environ, THROUGHWAY_COMMUNITY=str(self.root), PYTHONWARNINGS="error")
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        if self.database:
            environment["THROUGHWAY_DATABASE_URL"] = self.database
        command = [sys.executable, "-m", "throughway", *map(str, words), "--json"]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=300, check=False
        )

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


@contextmanager
def fresh_database() -> Iterator[str | None]:
    """The address of an empty PostgreSQL database when the suite runs on PostgreSQL, else None."""
    server = os.environ.get("THROUGHWAY_TEST_DATABASE_URL")
    if os.environ.get("DATABASE") != "postgresql" or not server:
        yield None
        return
    import psycopg

    name = f"town_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    parts = urlsplit(server)
    yield urlunsplit(parts._replace(path=f"/{name}"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
