"""Kinds of partner, and the legal statuses that a kind implies (34 CFR 99.1 and its neighbours)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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
