"""Tries are counted in the database; where that cannot be written, nobody is told that they tried too often."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import DatabaseError, OperationalError, connection
from django.db.backends.utils import CursorWrapper
from django.test import Client

from tests.site.people import PASSPHRASE
from throughway.core.disk_full import is_full
from throughway.partners import Actor, Role
from throughway.partners.models import User


@pytest.fixture
def full_disk(transactional_db: None, on_postgresql: bool) -> Iterator[None]:
    """The database cannot get another page, as on a full disk, and those that it has are full."""
    if on_postgresql:
        pytest.skip("the disk of a server is filled in tests/gate/test_full_disk_server.py")
    cursor = connection.cursor()
    before = cursor.execute("PRAGMA max_page_count").fetchone()[0]
    cursor.execute(f"PRAGMA max_page_count = {cursor.execute('PRAGMA page_count').fetchone()[0]}")
    for size in (2000, 100, 1):
        with pytest.raises(OperationalError):
            fill(cursor, size)
    yield
    cursor.execute(f"PRAGMA max_page_count = {before}")
    cache.clear()


def fill(cursor: CursorWrapper, size: int) -> None:
    for number in range(10_000):
        key = f"{size} {number}"
        cursor.execute("INSERT INTO site_throttle VALUES (%s, %s, '2999-01-01')", [key, "x" * size])


def test_a_full_disk_is_said_at_the_first_sign_in(
    transactional_db: None, people: dict[Role, Actor], full_disk: None
) -> None:
    client = Client(raise_request_exception=False)
    page = client.post("/sign-in/", {"login": people[Role.LEADER].email, "password": PASSPHRASE})
    assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
    assert "The disk of this site is full" in page.content.decode()
    assert "Too many tries" not in page.content.decode()


def test_a_failed_write_is_an_error(full_disk: None) -> None:
    for write in (cache.add, cache.set):
        with pytest.raises(OperationalError) as error:
            write("tries", "x" * 5000)
        assert is_full(error.value)
    assert cache.get("tries") is None


def test_a_database_that_refuses_is_an_error(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE site_throttle RENAME COLUMN value TO worth")
    with pytest.raises(DatabaseError):
        cache.add("tries", 1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE site_throttle RENAME COLUMN worth TO value")


def test_a_key_that_is_there_is_no_error(db: None) -> None:
    assert cache.add("tries", 1) is True
    assert cache.add("tries", 2) is False
    cache.set("tries", 3)
    assert cache.get("tries") == 3
    assert not cache.touch("others")


def test_counting_leaves_the_request_s_own_writes_alone(people: dict[Role, Actor]) -> None:
    User.objects.filter(email=people[Role.LEADER].email).update(role=Role.EVALUATOR)
    cache.add("tries", 1)
    assert not cache.add("tries", 1)
    assert User.objects.get(email=people[Role.LEADER].email).role == Role.EVALUATOR
