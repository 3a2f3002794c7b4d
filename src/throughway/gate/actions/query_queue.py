"""One running question for each person, and two for a process: so that nobody's questions stop the site for everybody.

Held for free SQL and for reports that come over the site or its API, never for reading a page. The command line is the
operator's own.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore

from django.utils.timezone import localtime

from throughway.core.refusals import Refused
from throughway.gate.actions.early_refusals import record_early_refusal
from throughway.gate.time_limits import limited_to
from throughway.ledger.channels import API, PAGE, entry_channel
from throughway.partners.actor import Actor
from throughway.store import process_locks
from throughway.store.selectors import current_community

LONGEST = 30.0  # seconds that one statement of a question may run
AT_ONCE = 2  # questions of one process
_TURNS = BoundedSemaphore(AT_ONCE)
_holds: ContextVar[bool] = ContextVar("holds", default=False)


@contextmanager
def one_question(*, actor: Actor, purpose: str, asked: str = "") -> Iterator[None]:
    """The only question of this person that runs. Refused (question_running, busy), and recorded, while there is another or
    the process has enough of them. Within one that runs, a further part of it is no other question."""
    if _holds.get() or entry_channel() not in (PAGE, API):
        yield
        return
    path = _of(actor)
    with process_locks.turn(path, alone=True, patience=0.0) as granted:
        if not granted:
            since = localtime(datetime.fromtimestamp(path.stat().st_mtime, UTC))
            running = f"You have a question running since {since:%H:%M}; wait for its answer."
            raise record_early_refusal(
                Refused(running, code="question_running"), actor=actor, purpose=purpose, asked=asked
            )
        os.utime(path)
        if not _TURNS.acquire(blocking=False):
            busy = Refused("Other people's questions are running; ask again in a minute.", code="busy")
            raise record_early_refusal(busy, actor=actor, purpose=purpose, asked=asked)
        before = _holds.set(True)
        try:
            with limited_to(LONGEST):
                yield
        finally:
            _holds.reset(before)
            _TURNS.release()


def _of(actor: Actor) -> Path:
    """The file on which all processes take turns for one person; the lock ends with its process, however that ends."""
    folder = current_community().data / "questions"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / sha256(actor.email.lower().encode()).hexdigest()[:32]
