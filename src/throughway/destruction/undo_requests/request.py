"""Who decides that a load is taken back, and what is asked of them by whoever may load and may not decide.

What belongs to a partner is destroyed by its own people: its data steward or privacy officer, alone, or the operator of the folder. Everybody else
who may load its files asks, and one of them agrees. Where none of them ever opened an account, a leader of the partner agrees: two people then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from throughway.core.prose import listed
from throughway.partners.actor import OFFICERS, Actor
from throughway.partners.members import SecondPersonRequest

# The models load this module in each command, and what reads a load's rows brings an engine along.
if TYPE_CHECKING:
    from throughway.destruction.undoing import Undoing


class UndoEventKind(StrEnum):
    ASKED = "asked"
    DECLINED = "declined"


def decides(actor: Actor, partner: str) -> bool:
    """Whether the actor, who may load that partner's files, decides alone that a load of it is taken back."""
    return actor.is_operator or (actor.partner == partner and actor.role in OFFICERS)


@dataclass(frozen=True)
class UndoAsked(SecondPersonRequest):
    """That a load be taken back. `loads`: with those that would go with it, the newest first; `rows`: how many of each table would be destroyed,
    as it was when it was asked."""

    load: str
    loads: tuple[str, ...]
    rows: Mapping[str, int]
    reason: str

    @property
    def people_words(self) -> str:
        return listed(sorted(self.people))

    def is_still(self, found: "Undoing") -> bool:
        """Whether taking the load back would do what it would have done when it was asked."""
        return set(self.loads) == set(found.ids) and dict(self.rows) == found.student_rows
