"""Kinds of partner, their legal statuses (34 CFR 99.1 and its neighbours), and the labels of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from throughway.core.prose import capital


class PartnerKind(StrEnum):
    LEA = "lea"
    CHARTER = "charter"
    CBO = "cbo"
    COLLEGE = "college"
    AGENCY = "agency"
    BACKBONE = "backbone"


class LegalStatus(StrEnum):
    ED_FUNDED = "ed_funded"
    LEA = "lea"
    SEA = "sea"
    CHILD_WELFARE = "child_welfare"
    TRIBAL = "tribal"
    JUVENILE_JUSTICE = "juvenile_justice"
    WORKFORCE = "workforce"
    HIPAA = "hipaa"
    PART2 = "part2"
    VICTIM_SERVICES = "victim_services"
    NONPROFIT = "nonprofit"
    COLLEGE = "college"


IMPLIED: Mapping[PartnerKind, frozenset[LegalStatus]] = {
    PartnerKind.LEA: frozenset({LegalStatus.ED_FUNDED, LegalStatus.LEA}),
    PartnerKind.CHARTER: frozenset({LegalStatus.ED_FUNDED, LegalStatus.LEA}),
    PartnerKind.COLLEGE: frozenset({LegalStatus.ED_FUNDED, LegalStatus.COLLEGE}),
    PartnerKind.CBO: frozenset({LegalStatus.NONPROFIT}),
    PartnerKind.AGENCY: frozenset(),
    PartnerKind.BACKBONE: frozenset(),
}


@dataclass(frozen=True)
class PartnerFacts:
    """What rules need to know of a partner."""

    id: str
    name: str
    kind: PartnerKind
    stated: frozenset[LegalStatus] = frozenset()

    @property
    def legal(self) -> frozenset[LegalStatus]:
        """Statuses that were stated and those that the kind implies."""
        return self.stated | IMPLIED[self.kind]


KIND_LABELS: Mapping[PartnerKind, str] = {
    PartnerKind.LEA: "School district",
    PartnerKind.CHARTER: "Charter school",
    PartnerKind.CBO: "Community organization",
    PartnerKind.COLLEGE: "College",
    PartnerKind.AGENCY: "Public agency",
    PartnerKind.BACKBONE: "Backbone of the community",
}
STATUS_LABELS: Mapping[LegalStatus, str] = {
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


def kind_label(partner: PartnerFacts) -> str:
    return KIND_LABELS[partner.kind]


def status_labels(partner: PartnerFacts) -> list[str]:
    """Each legal status, those that the kind implies included, as sentences of a list."""
    return [capital(words) for status, words in STATUS_LABELS.items() if status in partner.legal]
