"""Kinds of partner, their legal statuses (34 CFR 99.1 and its neighbours), and the labels of both."""

from collections.abc import Collection, Mapping
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
    MINOR_CONSENT = "minor_consent"
    HEAD_START = "head_start"
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

# Services whose clients decide about their own records, at any age: a parent's signature alone opens nothing. With the law.
CLIENT_DECIDES: Mapping[LegalStatus, str] = {
    LegalStatus.PART2: "42 CFR 2.14",
    LegalStatus.VICTIM_SERVICES: "34 U.S.C. 12291(b)(2); 28 CFR 94.115(a)(2)",
    LegalStatus.MINOR_CONSENT: "45 CFR 164.502(g)(3); State law",
}

# Whose clients' consent must have a last day. With the law.
TIME_LIMITED: Mapping[LegalStatus, str] = {
    LegalStatus.PART2: "42 CFR 2.31(a)",
    LegalStatus.VICTIM_SERVICES: CLIENT_DECIDES[LegalStatus.VICTIM_SERVICES],
}


def why_client_decides(legal: Collection[LegalStatus]) -> str:
    """The law by which a partner's clients hold the rights over its records whatever their age; empty where it is not so. A school
    district is never such a service as a whole: the service is a partner of its own."""
    if LegalStatus.LEA in legal:
        return ""
    return next((law for status, law in CLIENT_DECIDES.items() if status in legal), "")


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
    LegalStatus.MINOR_CONSENT: "serves minors who may consent to the service themselves, under State law",
    LegalStatus.HEAD_START: "Head Start agency",
    LegalStatus.NONPROFIT: "nonprofit organization",
    LegalStatus.COLLEGE: "college",
}


def kind_label(partner: PartnerFacts) -> str:
    return KIND_LABELS[partner.kind]


def status_labels(partner: PartnerFacts) -> list[str]:
    """Each legal status, those that the kind implies included, as sentences of a list."""
    return [capital(words) for status, words in STATUS_LABELS.items() if status in partner.legal]
