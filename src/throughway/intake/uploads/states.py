"""The states of an upload, and what each says to the one who sent it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class UploadState(StrEnum):
    WAITING = "waiting"  # kept, and no worker has taken it up
    LOADING = "loading"
    DONE = "done"
    REFUSED = "refused"
    BROKEN = "broken"  # something on our side


# From each state, the states that may follow. A load that was cut off is taken up again from LOADING.
TRANSITIONS: Mapping[UploadState, frozenset[UploadState]] = {
    UploadState.WAITING: frozenset({UploadState.LOADING}),
    UploadState.LOADING: frozenset(
        {UploadState.LOADING, UploadState.DONE, UploadState.REFUSED, UploadState.BROKEN}
    ),
    UploadState.DONE: frozenset(),
    UploadState.REFUSED: frozenset(),
    UploadState.BROKEN: frozenset(),
}
OPEN = frozenset({UploadState.WAITING, UploadState.LOADING})


@dataclass(frozen=True)
class UploadStatus:
    """One upload as screens see it. `batch` is the load that came of it, once it is done."""

    id: str
    partner: str
    format: str
    name: str
    by: str
    at: datetime
    state: UploadState
    batch: str
    refusal: str

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


def headline(kept: UploadStatus) -> str:
    return {
        UploadState.WAITING: "Waiting its turn",
        UploadState.LOADING: "Looking through the file",
        UploadState.DONE: "The file is in",
        UploadState.REFUSED: "Nothing of this file came in",
        UploadState.BROKEN: "Something on our side broke",
    }[kept.state]


def sentence(kept: UploadStatus) -> str:
    """What is so, and what to do."""
    return {
        UploadState.WAITING: f"{kept.name} is kept closed until it is taken up. You can leave this page; nothing is lost.",
        UploadState.LOADING: f"{kept.name} is held against your agreements, row by row. What none of them needs is not stored.",
        UploadState.DONE: f"{kept.name} was loaded, and the file that you sent is removed.",
        UploadState.REFUSED: kept.refusal,
        UploadState.BROKEN: "Nothing was lost and nothing was stored by halves. Send the file again; what is in already is found unchanged.",
    }[kept.state]
