"""The states of an upload, and what each says to the one who sent it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"  # kept, and no worker has taken it up
    LOADING = "loading"
    DONE = "done"
    REFUSED = "refused"
    BROKEN = "broken"  # something on our side


# From each state, the states that may follow. A load that was cut off is taken up again from LOADING.
TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset({State.LOADING}),
    State.LOADING: frozenset({State.LOADING, State.DONE, State.REFUSED, State.BROKEN}),
    State.DONE: frozenset(),
    State.REFUSED: frozenset(),
    State.BROKEN: frozenset(),
}
OPEN = frozenset({State.WAITING, State.LOADING})


@dataclass(frozen=True)
class Kept:
    """One upload as screens see it. `batch` is the load that came of it, once it is done."""

    id: str
    partner: str
    format: str
    name: str
    by: str
    at: datetime
    state: State
    batch: str
    refusal: str

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def headline(kept: Kept) -> str:
    return {
        State.WAITING: "Waiting its turn",
        State.LOADING: "Looking through the file",
        State.DONE: "The file is in",
        State.REFUSED: "Nothing of this file came in",
        State.BROKEN: "Something on our side broke",
    }[kept.state]


def sentence(kept: Kept) -> str:
    """What is so, and what to do."""
    return {
        State.WAITING: f"{kept.name} is kept closed until it is taken up. You can leave this page; nothing is lost.",
        State.LOADING: f"{kept.name} is held against your agreements, row by row. What none of them needs is not stored.",
        State.DONE: f"{kept.name} was loaded, and the file that you sent is removed.",
        State.REFUSED: kept.refusal,
        State.BROKEN: "Nothing was lost and nothing was stored by halves. Send the file again; what is in already is found unchanged.",
    }[kept.state]
