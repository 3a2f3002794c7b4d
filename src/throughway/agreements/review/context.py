"""What a review needs to know beside the document."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from throughway.agreements.document import AgreementDocument
from throughway.partners import PartnerFacts


@dataclass(frozen=True)
class ReviewContext:
    """The register of partners, and the community's other agreements that have not been terminated, by id."""

    partners: Mapping[str, PartnerFacts] = field(default_factory=dict)
    others: Mapping[str, AgreementDocument] = field(default_factory=dict)

    def facts(self, partner: str) -> PartnerFacts | None:
        return self.partners.get(partner)
