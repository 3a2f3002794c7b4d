"""The review of an agreement: what is missing for it to be lawful and to mean one thing, said before anyone signs."""

from collections.abc import Callable, Iterator

from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.findings import Finding, Severity, status
from throughway.agreements.review.context import ReviewContext

__all__ = ["Finding", "ReviewContext", "Severity", "review", "review_text", "status"]

Rule = Callable[[AgreementDocument, ReviewContext], Iterator[Finding]]
RULES: tuple[Rule, ...] = ()


def review(document: AgreementDocument, context: ReviewContext) -> list[Finding]:
    """Every finding of every rule, blocking ones first."""
    found = dict.fromkeys(finding for rule in RULES for finding in rule(document, context))
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))


def review_text(text: str, context: ReviewContext) -> list[Finding]:
    document, findings = read_document(text)
    return review(document, context) if document else findings
