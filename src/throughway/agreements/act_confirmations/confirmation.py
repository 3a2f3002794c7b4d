"""One act on an agreement before it is done: what those who are about to do it read first."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from throughway.agreements.labels import listed, partner_labels
from throughway.agreements.states import AgreementAct
from throughway.agreements.status import AgreementStatus
from throughway.core.prose import counted


@dataclass(frozen=True)
class ActConfirmation:
    """`consequences`: what will then be so. `grave`: it closes something. `done`: what is said once it is done."""

    act: AgreementAct
    title: str
    button: str
    consequences: tuple[str, ...]
    done: str
    grave: bool = False


@dataclass(frozen=True)
class ConfirmationContext:
    """The text, and the partner whose people are about to act on it."""

    found: AgreementStatus
    partner: str
    names: Mapping[str, str]

    @cached_property
    def own(self) -> str:
        return self.names.get(self.partner, self.partner)

    @property
    def others(self) -> str:
        return listed(
            partner_labels((p for p in self.found.document.partners if p != self.partner), self.names)
        )

    @property
    def destroyed_within(self) -> str:
        return counted(self.found.document.terms.destruction.within_days, "day")
