"""What every home needs to know, asked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from throughway.agreements.agreement_list import may_see
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.selectors import agreement_statuses, findings_of_open
from throughway.agreements.status import AgreementStatus
from throughway.ledger.selectors import sight
from throughway.ledger.visibility import LedgerVisibility
from throughway.partners import Actor, PartnerFacts
from throughway.partners.selectors import partners


@dataclass(frozen=True)
class HomeContext:
    """The reader, the day, and the community as it stands."""

    actor: Actor
    today: date

    @cached_property
    def partners(self) -> Mapping[str, PartnerFacts]:
        return partners()

    @cached_property
    def names(self) -> Mapping[str, str]:
        return {id: facts.name for id, facts in self.partners.items()}

    @cached_property
    def standings(self) -> Sequence[AgreementStatus]:
        """The agreements whose pages the reader may open."""
        return [s for s in self.all_standings if may_see(self.actor, s.document, self.partners)]

    @cached_property
    def all_standings(self) -> Sequence[AgreementStatus]:
        return agreement_statuses(self.today)

    @cached_property
    def findings(self) -> Mapping[str, Sequence[ReviewFinding]]:
        return findings_of_open(self.today)

    @cached_property
    def sight(self) -> LedgerVisibility:
        return sight(self.actor, self.today)

    def name(self, partner: str | None) -> str:
        return self.names.get(partner or "", partner or "")
