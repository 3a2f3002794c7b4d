"""One act on an agreement, as the record keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from throughway.agreements.states import AgreementAct


@dataclass(frozen=True)
class LifecycleEvent:
    """`partner` is that of the one who acted, None for the operator. `details`: what the act says beside, all of it text."""

    act: AgreementAct
    day: date
    version: str
    partner: str | None
    details: Mapping[str, str] = field(default_factory=dict)

    def said(self, name: str) -> str:
        return self.details.get(name, "")
