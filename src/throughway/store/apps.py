"""The store as a Django app."""

from django.apps import AppConfig
from django.db import connections

from throughway.core.long_work import recognize_transactions


class StoreConfig(AppConfig):
    name = "throughway.store"

    def ready(self) -> None:
        recognize_transactions(transaction_is_open)


def transaction_is_open() -> bool:
    """Whether this thread has a transaction open on any database. Every one counts, since SQLite's are all begun as IMMEDIATE; but not the
    one around each test, by the mark that Django itself goes by for `durable`, so that within a test the same is refused as outside."""
    return any(
        not block._from_testcase  # type: ignore[attr-defined]
        for connection in connections.all(initialized_only=True)
        for block in connection.atomic_blocks
    )
