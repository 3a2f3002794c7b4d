"""What every home needs to know, asked once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from throughway.agreements.agreement_list import may_see
from throughway.agreements.findings import Finding
from throughway.agreements.lifecycle import Standing
from throughway.agreements.selectors import findings_of_open, standings
from throughway.ledger.selectors import sight
from throughway.ledger.visibility import Sight
from throughway.partners import Actor, PartnerFacts
from throughway.partners.selectors import partners


@dataclass(frozen=True)
class Around:
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
    def standings(self) -> Sequence[Standing]:
        """The agreements whose pages the reader may open."""
        return [s for s in self.all_standings if may_see(self.actor, s.document, self.partners)]

    @cached_property
    def all_standings(self) -> Sequence[Standing]:
        return standings(self.today)

    @cached_property
    def findings(self) -> Mapping[str, Sequence[Finding]]:
        return findings_of_open(self.today)

    @cached_property
    def sight(self) -> Sight:
        return sight(self.actor, self.today)

    def name(self, partner: str | None) -> str:
        return self.names.get(partner or "", partner or "")
