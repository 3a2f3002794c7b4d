"""A kind of work, and one piece of it that was asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from throughway.partners.actor import Actor

WAITING, DONE, REFUSED = "waiting", "done", "refused"


@dataclass(frozen=True)
class AskedNow:
    """One piece of work that was asked for. `about`: what it is done for, such as a purpose; `given`: the other choices of who asked;
    `message` and `found`: what came of it; `again`: the background process was stopped in it and began it anew."""

    number: int
    kind: str
    about: str
    given: Mapping[str, Any]
    state: str
    message: str
    found: Mapping[str, Any]
    by: str
    asked_at: datetime
    ended_at: datetime | None
    again: bool

    @property
    def waits(self) -> bool:
        return self.state == WAITING


def nothing_done(asked: AskedNow, by: Actor) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Work:
    """How work of a kind is done, and what is said of it.

    `does`: carries it out with the present rights of who asked, and gives its `message`, its `found`, or both. It is safe to do twice.
    `done_before`: the same of what an earlier start got done before it was killed or failed; empty where nothing is. `running`, `stopped`,
    `broken`: why it cannot be asked for now, that it was killed again and again, and that the program failed."""

    does: Callable[[AskedNow, Actor], Mapping[str, Any]]
    running: str
    stopped: str
    broken: str
    done_before: Callable[[AskedNow, Actor], Mapping[str, Any]] = nothing_done
