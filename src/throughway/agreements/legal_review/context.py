"""What a review needs to know beside the document."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from throughway.agreements.document import AgreementDocument
from throughway.agreements.legal_review.rule_pack import Pack
from throughway.partners import PartnerFacts
from throughway.partners.debarment import Debarment


@dataclass(frozen=True)
class ReviewContext:
    """The register of partners; the community's other agreements that have not been terminated, by id; who is barred from
    whose records; and the rules that a State or the community added."""

    partners: Mapping[str, PartnerFacts] = field(default_factory=dict)
    others: Mapping[str, AgreementDocument] = field(default_factory=dict)
    bars: tuple[Debarment, ...] = ()
    packs: tuple[Pack, ...] = ()

    def above(self, document: AgreementDocument) -> tuple[AgreementDocument, ...]:
        """The agreements that it stands under, as far as they are known, and those above them."""
        found: dict[str, AgreementDocument] = {}
        left = [*document.under]
        while left:
            name = left.pop()
            if name in self.others and name not in found:
                found[name] = self.others[name]
                left += self.others[name].under
        return tuple(found.values())

    def facts(self, partner: str) -> PartnerFacts | None:
        return self.partners.get(partner)
