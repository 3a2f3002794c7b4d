"""How long a question may run, and whether somebody still waits for its answer.

Whoever lets somebody in over a network says over which connection (`tied_to_connection`); whoever holds a question to limits says so
(`limited_to`). The engine is stopped by whatever watches it run.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

TOO_LONG = "The query took too long and was stopped; ask for less at once."
GONE = "Whoever asked has closed the connection, so the question was stopped."


@dataclass(frozen=True)
class TimeLimit:
    """`seconds` that one statement may run; `over`: the connection to the one who waits, where there is one."""

    seconds: float
    over: socket.socket | None = None

    def is_gone(self) -> bool:
        """Whether the one who waits has closed the connection."""
        if self.over is None:
            return False
        try:
            return self.over.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False  # nothing came and nothing was closed
        except (OSError, ValueError):
            return True


_over: ContextVar[socket.socket | None] = ContextVar("over", default=None)
_limit: ContextVar[TimeLimit | None] = ContextVar("limit", default=None)


@contextmanager
def tied_to_connection(connection: socket.socket | None) -> Iterator[None]:
    """What is asked within comes over that connection."""
    before = _over.set(connection)
    try:
        yield
    finally:
        _over.reset(before)


@contextmanager
def limited_to(seconds: float) -> Iterator[None]:
    """A question within runs so long at most, and no longer than somebody waits for it."""
    before = _limit.set(TimeLimit(seconds, _over.get()))
    try:
        yield
    finally:
        _limit.reset(before)


def limit() -> TimeLimit | None:
    """The limit of what is asked now; None where nobody set one."""
    return _limit.get()
