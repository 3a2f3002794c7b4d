"""What each room holds of persons, and how it forgets: told by the room itself, asked when something is destroyed.

A room registers in its `AppConfig.ready`, so that the room that destroys need not know the others. What rests in files of the
store is destroyed with them; here stands what rooms keep beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Gone:
    """What was destroyed. `agreement`: the one whose data it was, None where a partner's or a person's was. `records`: by
    partner, the numbers of learners of whom nothing is stored any more. `batches`: loads whose rows were under nothing else.
    `empty`: partners of whom nothing may be stored any more."""

    agreement: str | None
    records: Mapping[str, frozenset[int]]
    batches: frozenset[str]
    empty: frozenset[str]

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset().union(*self.records.values())


@dataclass(frozen=True)
class Subject:
    """What is to be destroyed: `kind` is agreement, partner, person or consent, `id` its id. `partners`: whose records it takes;
    `records`: their numbers of learners, None where it takes any. `takes`: whether it takes anything of these learners of a
    partner, where that hangs on more; asked only when it matters, since it looks into the store."""

    kind: str
    id: str
    partners: frozenset[str]
    records: frozenset[int] | None = None
    takes: Callable[[str, frozenset[int]], bool] | None = None

    def concerns(self, partner: str, learners: frozenset[int]) -> bool:
        """Whether it takes anything of these learners of the partner."""
        if partner not in self.partners or (self.records is not None and self.records.isdisjoint(learners)):
            return False
        return self.takes is None or self.takes(partner, learners)


@dataclass(frozen=True)
class Copy:
    """A copy that has left the platform: its `id`, the partner that holds it, what it is in words, since when, and until when
    that partner must destroy it."""

    id: str
    partner: str
    what: str
    made: date
    until: date


# Removes what is gone within the caller's transaction; may be called again; gives in words how much of what it was.
Forget = Callable[[Gone], Mapping[str, int]]
FORGETS: dict[str, Forget] = {}
WAITS: dict[str, Callable[[Subject], Sequence[str]]] = {}
COPIES: dict[str, Callable[[Subject], Sequence[Copy]]] = {}


def forgets(room: str, forget: Forget) -> None:
    """Registers how a room forgets what it holds of persons; once more changes nothing."""
    FORGETS[room] = forget


def makes_wait(room: str, reasons: Callable[[Subject], Sequence[str]]) -> None:
    """Registers a question of a room: for which reasons, a sentence each, a destruction must wait."""
    WAITS[room] = reasons


def knows_copies(room: str, copies: Callable[[Subject], Sequence[Copy]]) -> None:
    """Registers a question of a room: which copies of what is destroyed have left the platform."""
    COPIES[room] = copies


def forget(gone: Gone) -> dict[str, int]:
    """Has every room forget; within one transaction."""
    told: dict[str, int] = {}
    for room in sorted(FORGETS):
        for words, count in FORGETS[room](gone).items():
            told[words] = told.get(words, 0) + count
    return told


def waiting(subject: Subject) -> list[str]:
    """Why a destruction must wait; nothing when it need not."""
    return [reason for room in sorted(WAITS) for reason in WAITS[room](subject)]


def copies(subject: Subject) -> list[Copy]:
    """The copies that their holders must destroy, oldest first."""
    found = [copy for room in sorted(COPIES) for copy in COPIES[room](subject)]
    return sorted(found, key=lambda copy: (copy.made, copy.id))
