"""A test that asks for no database cannot come to one, and PostgreSQL is sent every statement that SQLite was."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from tests.databases import asks, differs
from tests.statements import Recorder, each_once, statement
from tests.town import Fresh, town_of
from throughway.store import Community

TESTS = Path(__file__).parent
# What leads to a database, and who may write it: the fixtures themselves, and what runs in a process that a fixture started.
WAYS = {
    r"import .*\bfresh_database\b": {"conftest.py", "destruction/archived.py"},
    r"THROUGHWAY_TEST_DATABASE_URL": {"settings.py", "town.py"},
    r"environ(?:\.get\(|\[)[\"']DATABASE[\"']": {"conftest.py", "settings.py", "databases.py", "town.py"},
    r"django_db_blocker": set(),
}
# What may be written by files whose tests ask.
WITH = {
    r"\bget_server\(|psycopg\.connect\(": r"on_postgresql|fresh_database",
    r"connection\.vendor|settings_dict": r"django_db|on_postgresql",
}
OURS = {
    "test_databases.py",
    "settings.py",
    "town.py",
    "flushing.py",
    "kept.py",
    "statements.py",
    "databases.py",
}


def written() -> Iterator[tuple[str, str]]:
    for path in TESTS.rglob("*.py"):
        name = path.relative_to(TESTS).as_posix()
        if name not in OURS and not name.startswith("browser/"):  # those run once
            yield name, path.read_text(encoding="utf-8")


def test_no_file_goes_round_the_fixtures() -> None:
    round_about = [
        f"{name}: {way}"
        for name, text in written()
        for way, may in WAYS.items()
        if re.search(way, text) and name not in may
    ]
    unasked = [
        f"{name}: {way}"
        for name, text in written()
        for way, asking in WITH.items()
        if re.search(way, text) and not re.search(asking, text)
    ]
    assert round_about + unasked == []


def test_to_one_that_does_not_ask_the_database_is_shut(
    request: pytest.FixtureRequest, community: Community
) -> None:
    assert not asks(request.node)
    for way in (connection.ensure_connection, lambda: town_of(community)):
        with pytest.raises(RuntimeError, match="Database access not allowed"):
            way()
    with pytest.raises(RuntimeError, match=r"test_databases\.py.*takes throughway\.site\.settings"):
        runpy.run_path(str(TESTS / "settings.py"))


@pytest.mark.django_db
def test_who_asks_by_a_mark(request: pytest.FixtureRequest) -> None:
    assert asks(request.node)
    connection.ensure_connection()


def test_who_asks_by_a_fixture(request: pytest.FixtureRequest, db: None) -> None:
    assert asks(request.node)


@pytest.fixture
def place(fresh_database: Fresh) -> Iterator[str | None]:
    with fresh_database() as database:
        yield database


def test_who_asks_through_another_fixture(
    request: pytest.FixtureRequest, place: str | None, on_postgresql: bool
) -> None:
    assert asks(request.node)
    assert bool(place) == on_postgresql


def test_who_starts_processes_on_a_database_is_about_it(
    request: pytest.FixtureRequest, place: str | None
) -> None:
    assert differs(request.node)


def test_who_says_that_it_is_not_about_the_database(
    request: pytest.FixtureRequest, own_database: Fresh
) -> None:
    assert asks(request.node)
    assert not differs(request.node)


def test_a_statement_is_its_text_without_values_and_its_error() -> None:
    assert statement("SELECT a FROM t WHERE b IN (%s, %s) LIMIT 21") == statement(
        "SELECT a FROM t WHERE b IN (%s) LIMIT 1"
    )
    assert statement("INSERT INTO t VALUES (%s, %s), (%s, %s)") == statement("INSERT INTO t VALUES (%s)")
    assert statement("DELETE FROM t") != statement("DELETE FROM t", "IntegrityError")
    assert statement("SELECT a FROM t") != statement("SELECT b FROM t")


@pytest.mark.django_db
def test_statements_and_their_errors_are_recorded() -> None:
    recorder = Recorder()
    with recorder.test("one"), connection.cursor() as cursor:
        cursor.execute("SELECT %s", [1])
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("SELECT nothing")
    connection.execute_wrappers.remove(recorder._execute)
    error = "OperationalError" if connection.vendor == "sqlite" else "ProgrammingError"
    assert {statement("SELECT %s"), statement("SELECT nothing", error)} <= set(recorder.record["one"][1])


def test_the_chosen_tests_send_every_statement_once() -> None:
    record = {
        "all": (9.0, ["a", "b", "c"]),
        "quick": (0.1, ["a", "b"]),
        "other": (0.1, ["c"]),
        "sent": (0.1, ["d"]),
    }
    assert each_once(record, record, ["d"]) == {"quick", "other"}
    assert each_once(record, ["all", "quick"]) == {"all", "quick"}
    assert each_once(record, ["sent"], ["d"]) == set()
