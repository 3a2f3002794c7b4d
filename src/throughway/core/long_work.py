"""Holds long work out of transactions: a question to the gate, the engine, a solver, an estimate.

A transaction that writes makes others wait. On SQLite it holds the one write lock of the community from its first statement, so a
computation of two minutes within it shuts the site for two minutes; on PostgreSQL it holds the rows that it has changed. So what computes
calls `check_no_transaction` first, on both databases alike. The cure is always the same: compute, and then, in a short transaction, check
that what it rests on still stands, and write.

Pure modules compute too, so this one does not import Django: `store.apps` says how a transaction is recognized. Without Django there is
none.
"""

from collections.abc import Callable


class TransactionOpen(RuntimeError):
    """A fault of the program: something that may take long was called within a transaction."""


def _no_database() -> bool:
    return False


_transaction_is_open: Callable[[], bool] = _no_database


def recognize_transactions(is_open: Callable[[], bool]) -> None:
    """From now on `is_open` answers whether this thread has a transaction open."""
    global _transaction_is_open
    _transaction_is_open = is_open


def check_no_transaction(work: str) -> None:
    """TransactionOpen while this thread has a transaction open. `work` says what was to begin, such as "a question to the engine"."""
    if _transaction_is_open():
        raise TransactionOpen(
            f"{work} was to begin within a transaction, which would make everybody else wait; compute before it, and check in it that "
            "all still stands"
        )
