"""Limits on running queries: how long one may run, whether the reader is still connected, and one query at a time for each user.

One query at a time applies to SQL and reports requested over the site or its API, not to reading a page or to the command line.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore

from django.utils.timezone import localtime

from throughway.core.refusals import Refused
from throughway.gate.actions.ledger_entries import record_early_refusal
from throughway.ledger.access_channels import API, PAGE, entry_channel
from throughway.partners.actor import Actor
from throughway.store import process_locks
from throughway.store.selectors import current_community

TOO_LONG = "The query took too long and was stopped; narrow the query."
GONE = "The connection was closed, so the query was stopped."


class TakesLong(Exception):
    """A question was stopped because it takes longer than its reader waits, and goes on elsewhere: no refusal, so nothing is recorded."""


@dataclass(frozen=True)
class TimeLimit:
    """`seconds` that one statement may run; `over`: the connection of the waiting reader, if any. `hands_over`: what runs longer ends
    with TakesLong."""

    seconds: float
    over: socket.socket | None = None
    hands_over: bool = False

    def is_gone(self) -> bool:
        """Whether the waiting reader has closed the connection."""
        if self.over is None:
            return False
        try:
            return self.over.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False  # no data arrived and the connection is open
        except (OSError, ValueError):
            return True


_over: ContextVar[socket.socket | None] = ContextVar("over", default=None)
_limit: ContextVar[TimeLimit | None] = ContextVar("limit", default=None)


@contextmanager
def tied_to_connection(connection: socket.socket | None) -> Iterator[None]:
    """Queries within the block come over that connection."""
    before = _over.set(connection)
    try:
        yield
    finally:
        _over.reset(before)


@contextmanager
def limited_to(seconds: float, *, hands_over: bool = False) -> Iterator[None]:
    """Within the block a query may run this long at most, and no longer than its reader stays connected. `hands_over`: as in `TimeLimit`."""
    before = _limit.set(TimeLimit(seconds, _over.get(), hands_over))
    try:
        yield
    finally:
        _limit.reset(before)


def limit() -> TimeLimit | None:
    """The limit of the current query; None where none is set."""
    return _limit.get()


SECONDS = 30.0  # seconds that one statement of a question may run
PER_PROCESS = 2  # questions of one process
_TURNS = BoundedSemaphore(PER_PROCESS)
_holds: ContextVar[bool] = ContextVar("holds", default=False)


@contextmanager
def one_question(
    *, actor: Actor, purpose: str, asked: str = "", waits: float | None = None
) -> Iterator[None]:
    """Allows this user one running question. Refused (question_running, busy), and recorded, while another one runs or the process has
    reached its limit. Nested calls count as the same question. `waits`: the seconds after which it ends with TakesLong, where the caller
    hands it over."""
    if _holds.get() or entry_channel() not in (PAGE, API):
        yield
        return
    path = _lock_file(actor)
    with process_locks.turn(path, alone=True, patience=0.0) as granted:
        if not granted:
            since = localtime(datetime.fromtimestamp(path.stat().st_mtime, UTC))
            running = f"You have had a query running since {since:%H:%M}; wait for its answer."
            raise record_early_refusal(
                Refused(running, code="question_running"), actor=actor, purpose=purpose, asked=asked
            )
        os.utime(path)
        if not _TURNS.acquire(blocking=False):
            busy = Refused("Too many other queries are running; try again in a minute.", code="busy")
            raise record_early_refusal(busy, actor=actor, purpose=purpose, asked=asked)
        before = _holds.set(True)
        try:
            with limited_to(SECONDS if waits is None else waits, hands_over=waits is not None):
                yield
        finally:
            _holds.reset(before)
            _TURNS.release()


def _lock_file(actor: Actor) -> Path:
    """The lock file by which all processes admit one question per user; the operating system releases the lock when the process
    ends."""
    folder = current_community().data / "questions"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / sha256(actor.email.lower().encode()).hexdigest()[:32]
