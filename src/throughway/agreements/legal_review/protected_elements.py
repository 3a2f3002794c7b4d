"""Other laws, which protect single elements (`law_tags` of the vocabulary) or the records of certain partners."""

from collections.abc import Iterator
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import AccessForm, Basis
from throughway.agreements.legal_review.context import BasisInUse, ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, blocking, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.partners import LegalStatus

SCHOOLS = frozenset({LegalStatus.LEA, LegalStatus.SEA})


@dataclass(frozen=True)
class ProtectedElement:
    """An element under a law, as one line shows it for persons under one purpose entry; aggregate counts are left out."""

    at: str
    element: str
    use: BasisInUse
    disclosers: tuple[str, ...]


def _shown(document: AgreementDocument, tag: str) -> Iterator[ProtectedElement]:
    every = list(uses(document))
    for position, line in enumerate(document.schedule):
        tagged = [e.path for e in elements_of(line) if tag in e.law_tags]
        for use in every if tagged else ():
            if use.purpose is None or use.purpose.form is AccessForm.AGGREGATE:
                continue
            disclosers = document.line_disclosers(line, use.purpose)
            if disclosers:
                yield ProtectedElement(f"schedule[{position}].element", tagged[0], use, disclosers)


def meals(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """NSLP: schools, evaluations of Federal education programs, and holders of a parent's consent; no other community program."""
    for shown in _shown(document, "NSLP"):
        if shown.use.basis in (Basis.CONSENT, Basis.AUDIT_EVALUATION):
            continue
        for recipient in shown.use.recipients:
            if recipient not in context.partners or context.has_status(recipient, *SCHOOLS):
                continue
            if context.has_status(recipient, LegalStatus.NONPROFIT):
                yield blocking("NSLP", shown.at,
                               f"{shown.element} shows who gets free meals, which a community program may "
                               f"learn only with the parents’ consent or as counts; ask {recipient}’s "
                               f"families, or leave it out.")  # fmt: skip
            else:
                yield warning("NSLP", shown.at,
                              f"{shown.element} shows who gets free meals; only those named in 42 U.S.C. "
                              f"1758(b)(6)(A) may learn this without the parents’ consent. If {recipient} "
                              f"is not one of them, leave it out.")  # fmt: skip
            break


def disability(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """IDEA: users of these records must be trained."""
    shown = _shown(document, "IDEA")
    found = next((s for s in shown if s.use.purpose and not document.courses(s.use.purpose)), None)
    if found:
        yield warning("IDEA", "terms.training",
                      f"{found.element} is a record of students with disabilities, and everyone who uses "
                      f"such records must be trained; name a course in terms.training.")  # fmt: skip


def placement(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """FOSTER: a child-welfare agency's own records are subject to the State's confidentiality law."""
    for shown in _shown(document, "FOSTER"):
        agency = next((d for d in shown.disclosers if context.has_status(d, LegalStatus.CHILD_WELFARE)), None)
        if agency and shown.use.basis is Basis.PARTNER_RECORDS:
            yield warning("FOSTER", shown.at,
                          f"{shown.element} of {agency} is subject to the State’s law on child-welfare "
                          f"records, which a partner’s own promise does not override; name that law under "
                          f"other_law, or ask for consent.")  # fmt: skip


def victim_services(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """HMIS: a victim service provider does not disclose a client's identity."""
    for use in uses(document):
        if use.purpose is None or use.purpose.form is AccessForm.AGGREGATE or use.basis is Basis.CONSENT:
            continue
        provider = next(
            (d for d in use.disclosers if context.has_status(d, LegalStatus.VICTIM_SERVICES)), None
        )
        if provider:
            yield blocking("HMIS", f"{use.path}.form",
                           f"{provider} serves victims and may not disclose anyone’s identity; have it give "
                           f"only counts (form: aggregate), or use each client’s written consent.")  # fmt: skip


def surveys(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """PPRA: surveys on protected topics need consent, or a yearly notice with its opt-out."""
    for shown in _shown(document, "PPRA"):
        school = next((d for d in shown.disclosers if context.has_status(d, LegalStatus.ED_FUNDED)), None)
        if school and shown.use.basis is not Basis.CONSENT:
            yield warning("PPRA", shown.at,
                          f"{shown.element} comes from surveys on protected topics: {school} needs the "
                          f"parents’ prior consent if the survey was required, otherwise a notice at the "
                          f"start of the year with an opt-out. Provide it, or show only counts.")  # fmt: skip


def aid(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """AID: data from a student aid application may be used only for student aid."""
    for shown in _shown(document, "AID"):
        if shown.use.basis not in (Basis.CONSENT, Basis.FINANCIAL_AID):
            yield warning("AID", shown.at,
                          f"{shown.element} comes from applications for student aid, which Federal law "
                          f"allows only for aid; use financial_aid or the student’s consent, or have the "
                          f"State confirm that this use is allowed.")  # fmt: skip


def wages(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """UI: only the State may disclose wage records."""
    for shown in _shown(document, "UI"):
        other = next((d for d in shown.disclosers if not context.has_status(d, LegalStatus.WORKFORCE)), None)
        if other and shown.use.basis not in (Basis.CONSENT, Basis.OTHER_LAW):
            yield warning("UI", shown.at,
                          f"{shown.element} is in the State’s wage records, which its workforce agency "
                          f"discloses under its own agreements, and {other} is not that agency; make that "
                          f"agency the discloser.")  # fmt: skip


def clinic(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """HIPAA: a clinic states which rules govern its own records."""
    yield from _regime(document, context, LegalStatus.HIPAA, "HIPAA", ("hipaa",), "HIPAA (45 CFR 164.508)")


def treatment(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """PART2: the same for a program that treats substance use."""
    yield from _regime(document, context, LegalStatus.PART2, "PART2", ("part 2", "42 cfr 2"), "42 CFR Part 2")


def _regime(
    document: AgreementDocument,
    context: ReviewContext,
    status: LegalStatus,
    rule: str,
    words: tuple[str, ...],
    law: str,
) -> Iterator[ReviewFinding]:
    for use in uses(document, Basis.PARTNER_RECORDS):
        bound = next((d for d in use.disclosers if context.has_status(d, status)), None)
        regime = str(use.details.get("regime", "")).lower()
        if bound and use.says("regime") and not any(word in regime for word in words):
            yield warning(rule, use.at("regime"),
                          f"{bound} is subject to {law}, but the regime does not say so; name it, and state "
                          f"in authority what allows the disclosure.")  # fmt: skip
