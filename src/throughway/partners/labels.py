"""Kinds of partner and legal statuses as a person says them."""

from collections.abc import Mapping

from throughway.core.prose import capital
from throughway.partners.kinds import LegalStatus, PartnerFacts, PartnerKind

KINDS: Mapping[PartnerKind, str] = {
    PartnerKind.LEA: "School district",
    PartnerKind.CHARTER: "Charter school",
    PartnerKind.CBO: "Community organization",
    PartnerKind.COLLEGE: "College",
    PartnerKind.AGENCY: "Public agency",
    PartnerKind.BACKBONE: "Backbone of the community",
}
STATUSES: Mapping[LegalStatus, str] = {
    LegalStatus.ED_FUNDED: "receives funds of the Department of Education, so FERPA binds it",
    LegalStatus.LEA: "local education agency",
    LegalStatus.SEA: "state education agency",
    LegalStatus.CHILD_WELFARE: "child welfare agency",
    LegalStatus.TRIBAL: "tribal organization",
    LegalStatus.JUVENILE_JUSTICE: "juvenile justice agency",
    LegalStatus.WORKFORCE: "workforce agency",
    LegalStatus.HIPAA: "health provider or plan under HIPAA",
    LegalStatus.PART2: "treats substance use under 42 CFR Part 2",
    LegalStatus.VICTIM_SERVICES: "serves victims under VAWA, VOCA or FVPSA",
    LegalStatus.NONPROFIT: "nonprofit organization",
    LegalStatus.COLLEGE: "college",
}


def kind(partner: PartnerFacts) -> str:
    return KINDS[partner.kind]


def statuses(partner: PartnerFacts) -> list[str]:
    """Each legal status, those that the kind implies included, as sentences of a list."""
    return [capital(words) for status, words in STATUSES.items() if status in partner.legal]
