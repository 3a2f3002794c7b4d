"""Good practice (P), which never blocks: what the Department's checklist of written agreements adds to the law."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import AccessForm, PartyRole, PurposeKind, Tier
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, advice

CLAUSES = (
    ("P7", "breach_notice", "says who is told of a breach, and how soon"),
    ("P5", "right_to_audit", "lets the discloser check how its records are kept"),
    ("P13", "termination", "says how the agreement ends, and what follows from a breach of it"),
)
OFFICES = (("P3", "security", "answers for security"), ("P4", "data", "keeps the data"))
FINDINGS = frozenset({PurposeKind.RESEARCH, PurposeKind.EVALUATION, PurposeKind.REPORTING})


def clauses(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    if not _shares(document):
        return
    for rule, name, says in CLAUSES:
        if not str(getattr(document.clauses, name)).strip():
            yield advice(rule, f"clauses.{name}",
                         f"A good agreement has a clause that {says}; write it in clauses.{name}.")  # fmt: skip
    coded = any(p.form is AccessForm.PSEUDONYMOUS for p in document.purposes)
    if coded and not document.clauses.no_reidentification.strip():
        yield advice("P2", "clauses.no_reidentification",
                     "Records under random codes are shown; a clause should forbid to find out whose they are "
                     "(clauses.no_reidentification).")  # fmt: skip


def training(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    if _shares(document) and not document.terms.training:
        yield advice("P6", "terms.training",
                     "No training is asked of those who read; name a course, such as ferpa-basics.")  # fmt: skip


def breach_hours(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Only where there is a clause that could name them."""
    if (
        _shares(document)
        and document.clauses.breach_notice.strip()
        and document.terms.breach_notice_hours is None
    ):
        yield advice("P7", "terms.breach_notice_hours",
                     "A clause speaks of a breach, and no number says within how many hours it is told; state "
                     "terms.breach_notice_hours, such as 72.")  # fmt: skip


def contacts(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Once for an agreement: the first of those who receive or house that names no such office."""
    if not _shares(document):
        return
    for rule, name, does in OFFICES:
        for position, party in enumerate(document.parties):
            receives = {PartyRole.RECIPIENT, PartyRole.STEWARD} & set(party.roles)
            if receives and not (party.contacts and getattr(party.contacts, name)):
                yield advice(rule, f"parties[{position}].contacts.{name}",
                             f"Nobody knows which office of {party.partner} {does}; name it in contacts.{name} (an office, not a "
                             "person).")  # fmt: skip
                break


def publication(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    published = any(p.kind in FINDINGS for p in document.purposes)
    if published and document.terms.publication_review_days is None:
        yield advice("P9", "terms.publication_review_days",
                     "Findings will be published, and nothing says that the disclosers see them first; state "
                     "terms.publication_review_days.")  # fmt: skip


def precedence(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    if document.under and not document.precedence:
        yield advice("P10", "precedence",
                     "This agreement stands under another, and nothing says which words win where they disagree; state precedence, "
                     "a State’s exhibit first.")  # fmt: skip


def _shares(document: AgreementDocument) -> bool:
    return document.tier is not Tier.MOU or bool(document.purposes)
