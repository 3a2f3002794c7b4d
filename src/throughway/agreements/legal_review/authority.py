"""Who may rely on which basis: the legal statuses that the law requires of disclosers and recipients, and the conditions of particular
laws."""

import re
from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, PurposeKind
from throughway.agreements.legal_review.context import BasisInUse, ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, blocking, warning
from throughway.partners import LegalStatus

AIMS = ("predictive_tests", "student_aid", "improve_instruction")
AUTHORITIES = frozenset({LegalStatus.LEA, LegalStatus.SEA})
SCHOOLS = AUTHORITIES | {LegalStatus.COLLEGE, LegalStatus.ED_FUNDED}
WELFARE = frozenset({LegalStatus.CHILD_WELFARE, LegalStatus.TRIBAL})
WORK = frozenset({PurposeKind.CASEWORK, PurposeKind.OPERATIONS})
FOR_FINDINGS = frozenset({PurposeKind.RESEARCH, PurposeKind.EVALUATION, PurposeKind.REPORTING})
FEW_WORDS = 6
OF_SCHOOLS = (
    Basis.SCHOOL_OFFICIAL,
    Basis.STUDY,
    Basis.AUDIT_EVALUATION,
    Basis.DIRECTORY,
    Basis.TRANSFER,
)


def study_is_for_a_school(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G4: for or on behalf of a discloser, with one of three aims."""
    for use in uses(document, Basis.STUDY):
        if use.says("aim") and use.details["aim"] not in AIMS:
            yield blocking("G4", use.at("aim"),
                           f"{use.named} has an aim that the law does not allow for a study; it must be one "
                           f"of "
                           f"{', '.join(AIMS)}, or the disclosure needs another basis.")  # fmt: skip
        if use.says("on_behalf_of") and use.details["on_behalf_of"] not in use.disclosers:
            yield blocking("G4", use.at("on_behalf_of"),
                           f"{use.named} must be a study for a discloser whose records it uses: name "
                           f"{' or '.join(use.disclosers) or 'a discloser'} in basis_details.on_behalf_of.")  # fmt: skip


def audit_has_an_authority(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G5: the discloser, or the owner of the program, is a State or local educational authority."""
    for use in uses(document, Basis.AUDIT_EVALUATION):
        owner = use.details.get("program_owner")
        if isinstance(owner, str) and context.has_status(owner, *AUTHORITIES):
            continue
        for discloser in use.disclosers:
            if discloser in context.partners and not context.has_status(discloser, *AUTHORITIES):
                yield blocking("G5", f"{use.path}.basis",
                               f"{discloser} is not a State or local educational authority, and neither is "
                               f"the owner of the program; only such an authority can designate a "
                               f"representative for an audit or "
                               "evaluation. Use another basis, such as consent or partner_records.")  # fmt: skip


def audit_of_own_program(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G1: a recipient does not evaluate its own, non-education program under the authority's right."""
    for use in uses(document, Basis.AUDIT_EVALUATION):
        owner = use.details.get("program_owner")
        if isinstance(owner, str) and owner in use.recipients and not context.has_status(owner, *AUTHORITIES):
            yield blocking("G1", use.at("program_owner"),
                           f"{owner} would evaluate its own program; this basis is for education programs "
                           f"of the authority. Use consent, or evaluate a program of the school system.", citation="34 CFR 99.35(a)(1)")  # fmt: skip


def audit_is_described(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A4: a word or two do not show that the work is an audit or evaluation."""
    for use in uses(document, Basis.AUDIT_EVALUATION):
        activity = use.details.get("activity")
        if isinstance(activity, str) and 0 < len(activity.split()) < FEW_WORDS:
            yield warning("A4", use.at("activity"),
                          f"{use.named} describes its activity too briefly; say what is done and how the "
                          f"records are used, so that a reader sees that it is an audit or evaluation.")  # fmt: skip


def basis_fits_records(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """K3, K8: rights of schools are for education records, `partner_records` for all others."""
    for use in uses(document):
        for discloser in use.disclosers if use.purpose else ():
            facts = context.facts(discloser)
            if facts is None:
                continue
            is_school = bool(facts.legal & (AUTHORITIES | {LegalStatus.ED_FUNDED}))
            if use.basis in OF_SCHOOLS and not is_school:
                yield warning("K8", f"{use.path}.basis",
                              f"{use.basis} is a right of schools and educational agencies, and {discloser} "
                              f"is neither; share its own records under partner_records.")  # fmt: skip
            if use.basis is Basis.PARTNER_RECORDS and is_school:
                yield warning("K3", f"{use.path}.basis",
                              f"{discloser} is bound by FERPA, so its records about students are usually "
                              f"education records; use a basis of 34 CFR 99.31, or make sure that these are "
                              f"not education records.")  # fmt: skip


def study_is_research(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a6: organizations conduct studies; services for individual students are not studies."""
    for use in uses(document, Basis.STUDY):
        if use.purpose and use.purpose.kind in WORK:
            yield warning("F31a6", f"{use.path}.kind",
                          f"{use.named} rests on a study but is {use.purpose.kind}; a study is research or "
                          f"an evaluation. Choose that kind, or another basis.")  # fmt: skip


def audit_is_no_casework(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a3: an audit or evaluation concerns a program, not individual students."""
    for use in uses(document, Basis.AUDIT_EVALUATION):
        if use.purpose and use.purpose.kind in WORK:
            yield warning("F31a3", f"{use.path}.kind",
                          f"{use.named} rests on an audit or evaluation but is {use.purpose.kind}, which is "
                          f"neither; choose the kind evaluation, or another basis.")  # fmt: skip


def representative_receives(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A1: the designated partner is the one that receives."""
    for use in uses(document, Basis.AUDIT_EVALUATION):
        named = use.details.get("representative")
        known = isinstance(named, str) and named in context.partners
        if use.purpose and known and named not in use.recipients:
            yield warning("A1", use.at("representative"),
                          f"{named} is designated as the representative but is not a recipient; designate a "
                          f"recipient, or add it as a recipient.")  # fmt: skip


def transfer_to_a_school(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a2: to another school, school system or college, for enrollment or transfer."""
    for use in uses(document, Basis.TRANSFER):
        for recipient in use.recipients if use.purpose else ():
            if recipient in context.partners and not context.has_status(recipient, *SCHOOLS):
                yield blocking("F31a2", f"{use.path}.recipients",
                               f"{recipient} is not a school, school system or college; records follow a "
                               f"student only to one of these. Use "
                               "another basis, such as consent.")  # fmt: skip
        if use.purpose and use.purpose.kind in FOR_FINDINGS:
            yield warning("F31a2", f"{use.path}.kind",
                          f"{use.named} rests on a student’s transfer but is {use.purpose.kind}; a transfer "
                          f"serves the student’s own "
                          "enrollment. Choose operations or casework, or another basis.")  # fmt: skip


def welfare_recipients(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """FUSA: only child-welfare agencies and tribes receive."""
    for use in uses(document, Basis.CHILD_WELFARE):
        for recipient in use.recipients if use.purpose else ():
            if recipient in context.partners and not context.has_status(recipient, *WELFARE):
                yield blocking("FUSA", f"{use.path}.recipients",
                               f"{recipient} is not a child-welfare agency or tribal organization; only "
                               f"these may receive records of students in its care under this basis.")  # fmt: skip


def welfare_is_responsible(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """FUSA: the agency responsible for the student is also such an agency."""
    for use in uses(document, Basis.CHILD_WELFARE):
        responsible = use.details.get("agency_responsible")
        if (
            isinstance(responsible, str)
            and responsible in context.partners
            and not context.has_status(responsible, *WELFARE)
        ):
            yield blocking("FUSA", use.at("agency_responsible"),
                           f"{responsible} is not a child-welfare agency or tribal organization, so it is "
                           f"not legally responsible for a "
                           "student’s care; name the agency that is.")  # fmt: skip


def emergency_is_no_standing_feed(
    document: AgreementDocument, context: ReviewContext
) -> Iterator[ReviewFinding]:
    """G12: an emergency is a determination about one threat."""
    for use in uses(document, Basis.EMERGENCY):
        yield warning("G12", f"{use.path}.basis",
                      f"{use.named} rests on an emergency, which is a determination about one threat, not a "
                      f"continuing exchange; end it when the threat ends.")  # fmt: skip


ORDER = re.compile(r"\b(subpoena|court order|judicial order)\b", re.IGNORECASE)


def certified(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a5, 99.38: officials of juvenile justice certify in writing that they pass nothing on."""
    for use in uses(document, Basis.OTHER_LAW):
        justice = any(
            context.has_status(recipient, LegalStatus.JUVENILE_JUSTICE) for recipient in use.recipients
        )
        if (justice or _cites(use, "99.31(a)(5)", "99.38")) and not use.says("certificate"):
            yield warning("F31a5", use.at("certificate"),
                          f"{use.named} rests on a State law on juvenile justice: if the law was enacted "
                          f"after 19 November 1974, the recipients must certify in writing that they pass "
                          f"nothing on without the parent’s consent. State the "
                          "certificate in basis_details.certificate, or that the law is older.")  # fmt: skip


def accrediting(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a7: only for accrediting functions."""
    for use in uses(document, Basis.OTHER_LAW):
        if use.purpose and _cites(use, "99.31(a)(7)") and use.purpose.kind is PurposeKind.CASEWORK:
            yield warning("F31a7", f"{use.path}.kind",
                          f"{use.named} rests on accreditation but is casework, which is not an accrediting "
                          f"function; choose evaluation "
                          "or reporting, or another basis.")  # fmt: skip


def family_notified_of_order(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a9: a reasonable effort to notify comes first, unless the order forbids it."""
    for use in uses(document, Basis.OTHER_LAW):
        reason = f"{use.details.get('citation', '')} {use.details.get('reason', '')}"
        if (_cites(use, "99.31(a)(9)") or ORDER.search(reason)) and not use.says("notified"):
            yield warning("F31a9", use.at("notified"),
                          f"{use.named} rests on an order or subpoena, and the family must be notified "
                          f"before it is obeyed, unless the order forbids that; say in "
                          f"basis_details.notified how, or why not.")  # fmt: skip


def meal_monitoring(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """FK: monitoring of meal programs, with what is left destroyed."""
    for use in uses(document, Basis.OTHER_LAW):
        if _cites(use, "(b)(1)(K)") and not document.clauses.destroy_when_no_longer_needed.strip():
            yield warning("FK", "clauses.destroy_when_no_longer_needed",
                          "What the Food and Nutrition Service receives is destroyed when it is no longer needed for its monitoring; "
                          "write that in clauses.destroy_when_no_longer_needed.")  # fmt: skip


def _cites(use: BasisInUse, *citations: str) -> bool:
    cited = str(use.details.get("citation", "")).replace(" ", "")
    return any(citation in cited for citation in citations)
