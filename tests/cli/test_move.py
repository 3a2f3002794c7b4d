"""`move`: a community from SQLite into PostgreSQL, whole or not at all."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.compatibility.test_an_earlier_folder import (
    EXPECTED,
    HEAD,
    PAGES,
    TRAINED,
    answers,
    differences,
    unpacked,
    without_counted_rows,
)
from tests.town import Fresh, Town

QUESTIONS = [one["command"] for one in EXPECTED["answers"]]
GATE = next(
    place for place, words in enumerate(QUESTIONS) if words[0] == "query"
)  # who reads from here on is trained first


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A community on SQLite, brought up to date."""
    town = unpacked(tmp_path_factory.mktemp("earlier"))
    answers(town, ["partner", "list"])
    return town


@pytest.fixture
def town(earlier: Town, tmp_path: Path) -> Town:
    return Town(shutil.copytree(earlier.root, tmp_path / "riverbend"))


@pytest.fixture
def url(fresh_database: Fresh) -> Iterator[str]:
    with fresh_database() as found:
        if found is None:
            pytest.skip("moves into PostgreSQL; DATABASE=postgresql runs it")
        yield found


def tables(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [
            name
            for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]


def counts(town: Town) -> dict[str, int]:
    """The rows of each table, counted in the file."""
    with closing(sqlite3.connect(town.root / "data" / "throughway.sqlite3")) as file:
        return counts_in(file)


def counts_in(file: sqlite3.Connection) -> dict[str, int]:
    every = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = [name for (name,) in file.execute(every)]
    return {name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}


def test_it_answers_and_verifies_as_before(town: Town, url: str) -> None:
    head = town.ask("ledger", "head")
    had = counts(town)
    done = town.ask("move", "--to", url)
    moved = Town(town.root, url)
    left_out = {"django_migrations", "site_throttle"}
    with psycopg.connect(url) as connection:
        for name, rows in had.items():
            if name not in left_out:
                assert connection.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (rows,), name
    assert done["rows"] == sum(rows for name, rows in had.items() if name not in left_out)
    # The answers that the community gave on SQLite (expected.json), with the same heads, releases and figures.
    after = answers(moved, *QUESTIONS[:GATE], *TRAINED, *QUESTIONS[GATE:])
    del after[GATE : GATE + len(TRAINED)]
    for question, expected, now in zip(QUESTIONS, EXPECTED["answers"], after, strict=True):
        assert now["exit"] == expected["exit"], question
        assert list(differences(without_counted_rows(expected["document"]), now["document"])) == [], question
    kept = town.root / "kept.json"
    kept.write_text(json.dumps(head))
    for each in (HEAD, kept):
        assert moved.ask("ledger", "verify", "--head", each)["ok"]
    checked, *pages = answers(
        moved, ["check"], *(["GET", page["path"], page["email"]] for page in PAGES[::4])
    )
    assert checked["document"]["ok"]
    assert "throughway.sqlite3.moved" in str(checked["document"]["due"])
    assert {page["exit"] for page in pages} == {200}
    # It goes on: numbers of new rows follow those that were moved, and the ledger takes no change.
    moved.ask(
        "partner",
        "bar",
        "page-by-page",
        "--from",
        "riverbend-schools",
        "--finding",
        "F-1",
        "--on",
        "2026-01-05",
    )
    with psycopg.connect(url) as connection, pytest.raises(psycopg.Error):
        connection.execute("DELETE FROM gate_ledgerentry")
    # Nobody works on with the old file, under its old name neither.
    shutil.copy(done["file"], town.root / "data" / "throughway.sqlite3")
    assert town.told("partner", "list", exit=1)["error"]["code"] == "other_database"
    (town.root / "data" / "throughway.sqlite3").unlink()
    assert not (town.root / "data" / "throughway.sqlite3").exists()
    with closing(sqlite3.connect(done["file"])) as file:
        assert counts_in(file) == had
        for act in ("DELETE FROM partners_partner", "INSERT INTO gate_ledgerentry (id) VALUES ('x')"):
            with pytest.raises(sqlite3.Error, match="was moved"):
                file.execute(act)
    assert moved.told("move", "--to", url, exit=1)["error"]["code"] == "exists"


def test_refused_it_leaves_both_databases_as_they_were(town: Town, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE partners_partner (id text)")
    before = counts(town)
    assert town.told("move", "--to", url, exit=1)["error"]["code"] == "exists"
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE partners_partner")
    officer = town.ask("user", "list")["users"][0]["email"]
    assert town.told("move", "--to", url, "--as", officer, exit=1)["error"]["code"] == "not_allowed"
    assert town.told("move", "--to", "sqlite:///x", exit=1)["error"]["code"] == "bad_address"
    nowhere = urlunsplit(urlsplit(url)._replace(path="/nowhere"))
    refused = town.told("move", "--to", nowhere, exit=1)["error"]
    assert refused["code"] == "database"
    assert str(urlsplit(url).password or "p@ss") not in json.dumps(refused)
    with closing(sqlite3.connect(town.root / "data" / "throughway.sqlite3")) as file, file:
        file.execute("CREATE TABLE of_a_later_version (id integer)")
    assert town.told("move", "--to", url, exit=1)["error"]["code"] == "other_version"
    with closing(sqlite3.connect(town.root / "data" / "throughway.sqlite3")) as file, file:
        file.execute("DROP TABLE of_a_later_version")
    assert (tables(url), counts(town)) == ([], before)
    assert town.ask("ledger", "verify")["ok"]
    town.ask("move", "--to", url)


def test_killed_at_any_moment_it_leaves_nothing(town: Town, url: str) -> None:
    before = counts(town)
    code = """
import os, sys
from throughway.store.actions import moving
step, real = {step!r}, getattr(moving, {step!r})
def die(*given):
    if len(given) < 1 or getattr(given[0], "__name__", "") in ("", "User"):
        os._exit(9)
    return real(*given)
setattr(moving, step, die)
from throughway.cli import main
sys.argv = ["throughway", "move", "--to", {url!r}]
main()
"""
    for step in ("_copied", "_fingerprint"):
        process = town.python(code.format(step=step, url=url))
        process.communicate()
        assert process.returncode == 9, step
        assert (tables(url), counts(town)) == ([], before)


def test_a_copy_that_differs_is_not_kept(town: Town, url: str) -> None:
    before = counts(town)
    code = f"""
import sys
from throughway.store.actions import moving
real = moving._as_utc
moving._as_utc = lambda value: value + " " if value == "Page by Page Tutoring" else real(value)
from throughway.cli import main
sys.argv = ["throughway", "move", "--to", {url!r}, "--json"]
main()
"""
    said = json.loads(town.python(code).communicate()[0])["error"]
    assert (said["code"], "partners_partner" in said["message"]) == ("not_the_same", True)
    assert (tables(url), counts(town)) == ([], before)


def test_a_site_that_is_served_is_not_moved(town: Town, url: str) -> None:
    import fcntl

    with (town.root / "data" / "background.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert town.told("move", "--to", url, exit=1)["error"]["code"] == "busy"
    assert tables(url) == []
