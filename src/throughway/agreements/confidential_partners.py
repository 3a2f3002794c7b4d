"""Partners whose people type nothing about a client in the shared system, because the law protects even that the person is a client."""

from collections.abc import Collection, Mapping

from throughway.partners import LegalStatus

# What the partner is, and the law.
CONFIDENTIAL: Mapping[LegalStatus, tuple[str, str]] = {
    LegalStatus.PART2: ("treats substance use", "42 CFR 2.13(c)"),
    LegalStatus.VICTIM_SERVICES: ("serves victims", "34 U.S.C. 12291(b)(2)"),
    LegalStatus.MINOR_CONSENT: ("serves minors on their own consent", "45 CFR 164.502(g)(3); State law"),
    LegalStatus.CHILD_WELFARE: ("is a child-welfare agency", "20 U.S.C. 1232g(b)(1)(L); State law"),
    LegalStatus.HIPAA: ("is a health provider or plan", "45 CFR 164.508"),
}


def why_confidential(legal: Collection[LegalStatus]) -> tuple[str, str] | None:
    """What makes a partner with these legal statuses confidential, and the law; None where it may type."""
    return next((why for status, why in CONFIDENTIAL.items() if status in legal), None)
