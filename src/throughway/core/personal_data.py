"""Which personal data each room holds outside the store, and how it deletes it when something is destroyed.

A room registers in its `AppConfig.ready`, so that the room that destroys need not know the others. Data in files of the store is
destroyed with the files.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Gone:
    """What was destroyed. `agreement`: the one whose data it was, None if a partner's or a person's was. `records`: by
    partner, the numbers of learners without any stored data. `batches`: loads whose rows no other agreement covers.
    `empty`: partners whose data may no longer be stored. `partner`: the one that leaves, and `keeping` the agreements that keep what
    its people typed. `consents`: agreement, partner and record of each consent whose end destroys what it housed."""

    agreement: str | None
    records: Mapping[str, frozenset[int]]
    batches: frozenset[str]
    empty: frozenset[str]
    partner: str | None = None
    keeping: frozenset[str] = frozenset()
    consents: frozenset[tuple[str, str, int]] = frozenset()

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset().union(*self.records.values())


@dataclass(frozen=True)
class Subject:
    """What is to be destroyed: `kind` is agreement, partner, person, consent or load, `id` its id. `partners`: whose records are affected;
    `records`: their numbers of learners, None for any. `takes`: whether anything of these learners of a partner is affected, if that
    depends on more; called only when needed, because it reads the store. Of loads that are taken back, `agreements`: those under which
    they came in, and `left_alone`: the learners of whom no row would be left, whose records stay known by their numbers."""

    kind: str
    id: str
    partners: frozenset[str]
    records: frozenset[int] | None = None
    takes: Callable[[str, frozenset[int]], bool] | None = None
    agreements: frozenset[str] = frozenset()
    left_alone: frozenset[int] = frozenset()

    def concerns(self, partner: str, learners: frozenset[int]) -> bool:
        """Whether anything of these learners of the partner is affected."""
        if partner not in self.partners or (self.records is not None and self.records.isdisjoint(learners)):
            return False
        return self.takes is None or self.takes(partner, learners)


@dataclass(frozen=True)
class Copy:
    """A copy outside the platform: its `id`, the partner that holds it, a description, since when, and until when that partner must
    destroy it."""

    id: str
    partner: str
    what: str
    made: date
    until: date


# To whoever may not know why a destruction waits: the same for an order of a court, a request of a family and a note about a student.
HIDDEN_REASON = (
    "Some of these records must be kept for now. Who keeps them knows why and until when, and may not tell everybody; ask a data steward or "
    "privacy officer of each partner whose records these are."
)


@dataclass(frozen=True)
class WaitingReason:
    """Why a destruction must wait, in a sentence; `knows` says of a reader (`partners.Actor`) whether they may know it. `learners`: by
    partner, those whose rows alone must wait; None: everything must."""

    sentence: str
    knows: Callable[[Any], bool]
    learners: Mapping[str, frozenset[int]] | None = None


# Deletes within the caller's transaction; may be called again; returns how much of what was deleted, by description.
Forget = Callable[[Gone], Mapping[str, int]]
FORGETS: dict[str, Forget] = {}
# What people typed, by table: the rows that go, by partner, each with the number of its learner as `person_record`.
Returned = Callable[[Gone], Mapping[str, Sequence[Mapping[str, object]]]]
TYPED: dict[str, tuple[Returned, Callable[[str, str, frozenset[int]], bool]]] = {}
# The record numbers of a partner's learners that a room names outside of the store, as queries of one column (`values_list("record")`).
Uses = Callable[[str], Sequence[Any]]
USES: dict[str, Uses] = {}
WAITS: dict[str, Callable[[Subject], Sequence[WaitingReason]]] = {}
COPIES: dict[str, Callable[[Subject], Sequence[Copy]]] = {}
# Titles of what rests on these loads and stays as it is, of what this reader may know of (`partners.Actor`).
Resting = Callable[[Collection[str], Any], Sequence[str]]
RESTING: dict[str, Resting] = {}


def forgets(room: str, forget: Forget) -> None:
    """Registers how a room deletes its personal data; registering again changes nothing."""
    FORGETS[room] = forget


def keeps_typed(table: str, returned: Returned, about: Callable[[str, str, frozenset[int]], bool]) -> None:
    """Registers what people type: what is returned to each partner before it goes, and whether anything was typed under an agreement
    about these learners of a partner."""
    TYPED[table] = (returned, about)


def makes_wait(room: str, reasons: Callable[[Subject], Sequence[WaitingReason]]) -> None:
    """Registers a check of a room: the reasons for which a destruction must wait."""
    WAITS[room] = reasons


def uses_numbers(room: str, used: Uses) -> None:
    """Registers queries of a room: which record numbers it names, so that they keep their meaning when a load is taken back."""
    USES[room] = used


def numbers_in_use(partner: str, learners: frozenset[int]) -> frozenset[int]:
    """Of these learners of the partner, those whose record number a room names; in one statement."""
    first, *rest = [query for room in sorted(USES) for query in USES[room](partner)]
    return frozenset(number for (number,) in first.union(*rest) if number in learners)


def knows_copies(room: str, copies: Callable[[Subject], Sequence[Copy]]) -> None:
    """Registers a query of a room: which copies of destroyed data are outside the platform."""
    COPIES[room] = copies


def knows_resting(room: str, resting: Resting) -> None:
    """Registers a query of a room: what it published from loads."""
    RESTING[room] = resting


def resting_on_loads(loads: Collection[str], reader: Any) -> list[str]:
    """The titles of what rests on these loads, room by room."""
    return [title for room in sorted(RESTING) for title in RESTING[room](loads, reader)]


def forget(gone: Gone) -> dict[str, int]:
    """Has every room delete its data; within one transaction."""
    forgotten: dict[str, int] = {}
    for room in sorted(FORGETS):
        for words, count in FORGETS[room](gone).items():
            forgotten[words] = forgotten.get(words, 0) + count
    return forgotten


def typed_rows(gone: Gone) -> dict[str, dict[str, Sequence[Mapping[str, object]]]]:
    """By partner and table, the typed rows that go."""
    found: dict[str, dict[str, Sequence[Mapping[str, object]]]] = {}
    for table, (returned, _) in sorted(TYPED.items()):
        for partner, rows in returned(gone).items():
            found.setdefault(partner, {})[table] = rows
    return found


def typed_about(agreement: str, partner: str, learners: frozenset[int]) -> bool:
    """Whether anything was typed under the agreement about these learners of the partner."""
    return any(about(agreement, partner, learners) for _, about in TYPED.values())


def waiting(subject: Subject, reader: Any) -> list[str]:
    """Why a destruction must wait, as this reader (`partners.Actor`) may know it; empty if it need not."""
    return told(reasons_to_wait(subject), reader)


def reasons_to_wait(subject: Subject) -> list[WaitingReason]:
    """Why a destruction must wait, room by room."""
    return [reason for room in sorted(WAITS) for reason in WAITS[room](subject)]


def learners_who_wait(reasons: Sequence[WaitingReason]) -> dict[str, frozenset[int]] | None:
    """By partner, the learners whose rows must be kept for now, where the rest need not wait; None where everything must."""
    found: dict[str, frozenset[int]] = {}
    for reason in reasons:
        if reason.learners is None:
            return None
        for partner, learners in reason.learners.items():
            found[partner] = found.get(partner, frozenset()) | learners
    return found


def told(reasons: Sequence[WaitingReason], reader: Any) -> list[str]:
    """The sentences that the reader may know; then, once, HIDDEN_REASON for all others."""
    known = [reason.sentence for reason in reasons if reason.knows(reader)]
    return known if len(known) == len(reasons) else [*known, HIDDEN_REASON]


def copies(subject: Subject) -> list[Copy]:
    """The copies that their holders must destroy, oldest first."""
    found = [copy for room in sorted(COPIES) for copy in COPIES[room](subject)]
    return sorted(found, key=lambda copy: (copy.made, copy.id))
