"""A draft: a working text with its values, which may lack anything; and what was done to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from throughway.core.refusals import Refused
from throughway.negotiation.drafting.sections import DraftSection

Values = Mapping[str, Any]


class DraftState(StrEnum):
    OPEN = "open"
    FINISHED = "finished"  # its text became one of the community's agreements
    DISCARDED = "discarded"  # set aside; its history stays


class DraftAct(StrEnum):
    """What is done to a draft."""

    BEGUN = "begun"
    CHANGED = "changed"
    SHARED = "shared"
    UNSHARED = "unshared"
    FINISHED = "finished"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class AgreementDraft:
    """`revision` counts its changes. `amends`: the agreement whose text it changes, and `base` the version that it started
    from; both empty for a new agreement. `shared`: the partners named as parties may read it."""

    number: int
    partner: str
    values: Values
    revision: int
    state: DraftState
    template: str
    amends: str
    base: str
    shared: bool
    begun_by: str
    begun_at: datetime
    changed_by: str
    changed_at: datetime

    @property
    def id(self) -> str:
        return str(self.values.get("id") or "")

    @property
    def title(self) -> str:
        """What it is called; one without a title is called by its number."""
        return str(self.values.get("title") or f"Draft {self.number}, without a title yet")

    @property
    def parties(self) -> tuple[str, ...]:
        """Partners named as parties, in order."""
        entries = self.values.get("parties") or ()
        return tuple(str(entry["partner"]) for entry in entries if entry.get("partner"))

    @property
    def is_open(self) -> bool:
        return self.state is DraftState.OPEN


@dataclass(frozen=True)
class DraftHistoryEntry:
    """One thing that was done to a draft: at which revision, to which section, and the section's fields before and after."""

    revision: int
    deed: DraftAct
    section: DraftSection | None
    before: Values
    after: Values
    by: str
    at: datetime


class EditConflict(Refused):
    """Somebody changed the same section since its reader opened it; nothing of either is lost. `since`: what was done."""

    def __init__(self, message: str, since: Sequence[DraftHistoryEntry], revision: int) -> None:
        super().__init__(message, code="changed")
        self.since, self.revision = tuple(since), revision
