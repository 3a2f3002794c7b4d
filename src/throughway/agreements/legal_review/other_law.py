"""Conditions of single laws that stand behind the basis `other_law`, told by what is cited."""

import re
from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, PurposeKind
from throughway.agreements.legal_review.bases_in_use import BasisInUse, uses
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, warning
from throughway.partners import LegalStatus

ORDER = re.compile(r"\b(subpoena|court order|judicial order)\b", re.IGNORECASE)


def certified(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a5, 99.38: officials of juvenile justice certify in writing that they pass nothing on."""
    for use in uses(document, Basis.OTHER_LAW):
        justice = any(_is(context, recipient, LegalStatus.JUVENILE_JUSTICE) for recipient in use.recipients)
        if (justice or _cites(use, "99.31(a)(5)", "99.38")) and not use.says("certificate"):
            yield warning("F31a5", use.at("certificate"),
                          f"{use.named} rests on a State law on juvenile justice: where it is of after 19 November 1974, those who "
                          "receive must certify in writing that they pass nothing on without the parent’s consent. State the "
                          "certificate in basis_details.certificate, or that the law is older.")  # fmt: skip


def accrediting(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a7: for accrediting functions alone."""
    for use in uses(document, Basis.OTHER_LAW):
        if use.purpose and _cites(use, "99.31(a)(7)") and use.purpose.kind is PurposeKind.CASEWORK:
            yield warning("F31a7", f"{use.path}.kind",
                          f"{use.named} rests on accreditation and is casework, which is no accrediting function; choose evaluation "
                          "or reporting, or another basis.")  # fmt: skip


def order_is_told(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31a9: a reasonable effort to notify comes first, unless the order forbids it."""
    for use in uses(document, Basis.OTHER_LAW):
        said = f"{use.details.get('citation', '')} {use.details.get('reason', '')}"
        if (_cites(use, "99.31(a)(9)") or ORDER.search(said)) and not use.says("notified"):
            yield warning("F31a9", use.at("notified"),
                          f"{use.named} rests on an order or subpoena, of which the family is told before it is obeyed unless it "
                          "forbids that; say in basis_details.notified how, or why not.")  # fmt: skip


def meal_monitoring(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """FK: monitoring of meal programs, with what is left destroyed."""
    for use in uses(document, Basis.OTHER_LAW):
        if _cites(use, "(b)(1)(K)") and not document.clauses.destroy_when_no_longer_needed.strip():
            yield warning("FK", "clauses.destroy_when_no_longer_needed",
                          "What the Food and Nutrition Service receives is destroyed when it is no longer needed for its monitoring; "
                          "write that in clauses.destroy_when_no_longer_needed.")  # fmt: skip


def _cites(use: BasisInUse, *citations: str) -> bool:
    said = str(use.details.get("citation", "")).replace(" ", "")
    return any(citation in said for citation in citations)


def _is(context: ReviewContext, partner: str, status: LegalStatus) -> bool:
    facts = context.facts(partner)
    return facts is not None and status in facts.legal
