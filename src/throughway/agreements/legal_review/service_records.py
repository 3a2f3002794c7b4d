"""Records of services whose own law protects their clients: treatment of substance use, help for victims, health, Head Start.

What a document types about its rules never settles such a law: only the client's consent does, which is checked at each reading.
"""

import re
from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import AccessForm, Basis
from throughway.agreements.legal_review.context import BasisInUse, ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking, warning
from throughway.partners import LegalStatus
from throughway.partners.kinds import why_client_decides

NAMES_PART2 = re.compile(r"\b42 (cfr|c\.f\.r\.),? ?(§ ?)?(part )?2\b", re.I)
REGIME_PART2 = re.compile(r"\bpart (2|two)\b", re.I)  # in a regime, where it is no part of a form
TREATMENT = re.compile(
    r"\b(substance[- ](use|abuse)|addiction|opioids?|(drug|alcohol)[- ](and[- ](drug|alcohol)[- ])?(use |abuse )?(treatment|rehabilitation|recovery|counsel\w+))\b",
    re.I,
)
EARLY = re.compile(r"\b(head start|early intervention|part c of (the )?idea)\b", re.I)
ONLINE = re.compile(r"\b(online|web-?sites?|web-based|apps?|software|learning platforms?|chatbots?)\b", re.I)


def substance_use(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """PART2: without the patient's consent nothing that tells who is in treatment; a regime that says Part 2 says just that."""
    for use in identifying(document):
        stated = _stated(document, use)
        provider = _with_status(use, context, LegalStatus.PART2)
        named = NAMES_PART2.search(stated) or REGIME_PART2.search(str(use.details.get("regime", "")))
        if use.basis is Basis.CONSENT:
            if named and not provider:
                yield warning("PART2", f"{use.path}.basis",
                              "The text says that 42 CFR Part 2 binds these records, and no discloser is registered so (status part2); "
                              "register the service as a partner of its own, else a parent’s signature would count for the patient’s.")  # fmt: skip
        elif provider or named:
            whose = (
                f"{provider} treats substance use"
                if provider
                else "The text says that 42 CFR Part 2 binds these records"
            )
            yield blocking("PART2", f"{use.path}.basis",
                           f"{whose}, so only the patient’s written consent opens them, whatever regime is named; rest "
                           f"{use.named[0].lower()}{use.named[1:]} on consent, show only counts, or leave the records out.")  # fmt: skip
        elif TREATMENT.search(stated):
            whose = ", ".join(_others(use)) or "the discloser"
            yield warning("PART2", f"{use.path}.basis",
                          f"The text speaks of treatment of substance use. If {whose} offers it, it is registered so (status part2) and only "
                          "the patient’s written consent opens the records; else say it in other words.")  # fmt: skip


def substance_use_notice(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """PART2-NOTICE: what is disclosed with the patient's consent goes with the notice against further disclosure."""
    for use in identifying(document, Basis.CONSENT):
        provider = _with_status(use, context, LegalStatus.PART2)
        if provider and not document.clauses.substance_use_notice.strip():
            yield blocking("PART2-NOTICE", "clauses.substance_use_notice",
                           f"Each disclosure of records of {provider} must be accompanied by a notice that 42 CFR Part 2 prohibits their "
                           "unauthorized use or disclosure, with the scope of the consent; write it in clauses.substance_use_notice.")  # fmt: skip


def victim_services(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """VICTIM: a service for victims does not disclose a client's identity, also not to whoever houses the records."""
    for use in identifying(document):
        provider = _with_status(use, context, LegalStatus.VICTIM_SERVICES)
        if provider and use.basis is not Basis.CONSENT:
            place = "form" if use.purpose else "basis"
            yield blocking("VICTIM", f"{use.path}.{place}",
                           f"{provider} serves victims and may not disclose anyone’s identity; have it give only counts (form: "
                           "aggregate) and house its own records, or use each client’s informed, written and time-limited "
                           "consent.")  # fmt: skip


def clients_own_consent(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """H8: at such a service the client signs, at any age; a parent's signature alone opens nothing."""
    for use in identifying(document, Basis.CONSENT):
        for discloser in _others(use):
            facts = context.facts(discloser)
            law = why_client_decides(facts.legal) if facts else ""
            if law:
                yield advice("H8", f"{use.path}.basis",
                             f"Consent to disclose records of {discloser} counts only where the client signs, at any age. Where the law "
                             f"asks a parent too, {discloser} keeps that signature; the platform cannot check it.", law)  # fmt: skip


def health(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """HIPAA: without the patient's authorization a clinic discloses only what the Privacy Rule permits, which a person must judge."""
    for use in identifying(document):
        clinic = _with_status(use, context, LegalStatus.HIPAA)
        if clinic and use.basis is not Basis.CONSENT:
            unnamed = (
                use.basis is Basis.PARTNER_RECORDS
                and "hipaa" not in str(use.details.get("regime", "")).lower()
            )
            name = " Name HIPAA in the regime." if unnamed else ""
            yield warning("HIPAA", use.at("regime") if unnamed else f"{use.path}.basis",
                          f"{clinic} is subject to HIPAA (45 CFR 164.508), and no patient’s authorization is asked; counsel must confirm "
                          f"that the Privacy Rule permits this without one, or rest it on consent.{name} A service to which minors "
                          "consent themselves is registered so (status minor_consent).")  # fmt: skip


def early_childhood(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """EARLY: Head Start and early intervention ask a parent's consent, save in the cases that their own rules list."""
    for use in identifying(document):
        agency = _with_status(use, context, LegalStatus.HEAD_START)
        if use.basis is not Basis.CONSENT and (agency or EARLY.search(_stated(document, use))):
            whose = (
                f"{agency} is a Head Start agency"
                if agency
                else "The text speaks of Head Start or early intervention"
            )
            yield warning("EARLY", f"{use.path}.basis",
                          f"{whose}, whose own rules ask the parent’s written consent before a child’s record is disclosed, save in the "
                          "cases that they list; rest it on consent, or have counsel confirm which case this is.")  # fmt: skip


def online_services(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """COPPA: where a party works online with students, somebody asks how old they are."""
    for use in uses(document, Basis.SCHOOL_OFFICIAL):
        named = str(use.details.get("function", ""))
        if use.purpose and (ONLINE.search(named) or ONLINE.search(use.purpose.interest)):
            yield advice("COPPA", use.at("function"),
                         "This is an online service. If children under 13 use it themselves, it collects from them only with a parent’s "
                         "verifiable consent, or what the school may agree to for them; ask for its notice.")  # fmt: skip


def identifying(document: AgreementDocument, *bases: Basis) -> Iterator[BasisInUse]:
    """Each purpose that shows persons, by name or code, and each custody."""
    for use in uses(document, *bases):
        counts = use.purpose is not None and use.purpose.form is AccessForm.AGGREGATE
        if not counts and use.basis is not Basis.DEIDENTIFIED and _others(use):
            yield use


def _others(use: BasisInUse) -> list[str]:
    """The disclosers whose records reach somebody else."""
    return [discloser for discloser in use.disclosers if set(use.recipients) - {discloser}]


def _with_status(use: BasisInUse, context: ReviewContext, status: LegalStatus) -> str:
    return next((discloser for discloser in _others(use) if context.has_status(discloser, status)), "")


def _stated(document: AgreementDocument, use: BasisInUse) -> str:
    """What the document says of the records under this purpose or custody."""
    said = [document.title] if len(document.purposes) == 1 else []
    said += [str(use.details.get(key, "")) for key in ("regime", "authority", "citation", "function")]
    if use.purpose:
        said += [use.purpose.interest, use.purpose.id]
        said += [line.necessity for line in document.schedule if document.line_disclosers(line, use.purpose)]
    said += [
        entry.where
        for entry in document.population
        if entry.from_ is None or set(entry.from_) & set(use.disclosers)
    ]
    return " \n ".join(said)
