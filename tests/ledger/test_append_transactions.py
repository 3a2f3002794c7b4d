"""An append on PostgreSQL: it joins the caller's transaction, and an error of the server stays one."""

from collections.abc import Iterator

import pytest
from django.db import DataError, OperationalError, connection, transaction

from tests.ledger.test_ledger import entry
from throughway.ledger import recording
from throughway.partners.actor import Actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("community")]


@pytest.fixture(autouse=True)
def _on_a_server() -> Iterator[None]:
    if connection.vendor != "postgresql":
        pytest.skip("the suite's SQLite database is in memory, where no other connection sees it")
    yield
    connection.close()


def beside(sql: str) -> int:
    """What another connection is told."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(sql)
            return int(cursor.fetchone()[0])
    finally:
        other.close()


def written() -> int:
    return beside("SELECT count(*) FROM gate_ledgerentry")


def test_nobody_sees_an_entry_before_the_caller_commits() -> None:
    with transaction.atomic():
        recording.append(entry())
        assert written() == 0
    assert written() == 1
    with transaction.atomic():
        recording.append(entry())
        transaction.set_rollback(True)
    assert written() == 1
    recording.append(entry())  # outside a transaction it is one of its own
    assert written() == 2


def test_a_step_that_is_taken_back_takes_its_entry_along() -> None:
    with transaction.atomic():
        recording.append(entry())
        with transaction.atomic():
            recording.append(entry())
            transaction.set_rollback(True)
    assert written() == 1


def test_what_the_server_refuses_is_an_error_and_no_entry() -> None:
    too_long = Actor("a@b.example", "x" * 300, "operator")
    with pytest.raises(DataError, match="too long"), transaction.atomic():
        recording.append(entry(actor=too_long))
    with pytest.raises(DataError, match="NUL"), transaction.atomic():
        recording.append(entry(actor=Actor("a@b.example", "har\0bor", "operator")))
    assert written() == 0
    with transaction.atomic():
        recording.append(entry())
    assert written() == 1


def test_a_server_that_is_gone_is_an_error() -> None:
    def append() -> None:
        with transaction.atomic():
            recording.append(entry())
            beside(f"SELECT pg_terminate_backend({connection.connection.info.backend_pid})::int")
            recording.append(entry())

    with pytest.raises(OperationalError):
        append()
    connection.close()
    assert written() == 0
