"""Limits on recipients: use only for the purpose, no redisclosure, named further recipients (34 CFR 99.32(b), 99.33)."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, PurposeKind
from throughway.agreements.legal_review.context import ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, advice, warning
from throughway.partners import LegalStatus

# Bases to which 34 CFR 99.33(a) applies and for whose recipients no other rule requires the clause.
BOUND = frozenset(
    {Basis.CONSENT, Basis.SCHOOL_OFFICIAL, Basis.STUDY, Basis.AUDIT_EVALUATION, Basis.TRANSFER, Basis.FINANCIAL_AID,
     Basis.CHILD_WELFARE, Basis.EMERGENCY}
)  # fmt: skip


def use_limited_to_purpose(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """X1; for a study S5 requires the same clause, and blocks."""
    bases = {use.basis for use in uses(document) if use.purpose}
    if bases & BOUND and Basis.STUDY not in bases and not document.clauses.use_only_for_purpose.strip():
        yield warning("X1", "clauses.use_only_for_purpose",
                      "Recipients may use the records only for the purpose for which they were disclosed; "
                      "write that in "
                      "clauses.use_only_for_purpose.")  # fmt: skip


def recipients_informed(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """X4; for a school official O3 requires the same clause, and blocks."""
    bases = {use.basis for use in uses(document)}
    if bases & BOUND and Basis.SCHOOL_OFFICIAL not in bases and not document.clauses.no_redisclosure.strip():
        yield warning("X4", "clauses.no_redisclosure",
                      "A school must inform recipients that they may not pass the records on; write that in "
                      "clauses.no_redisclosure.")  # fmt: skip


def onward_basis(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """X2: a school's records may be redisclosed only under 34 CFR 99.31, not on a partner's own basis."""
    schools = [
        d for use in uses(document) for d in use.disclosers if context.has_status(d, LegalStatus.ED_FUNDED)
    ]
    for position, onward in enumerate(document.onward):
        if schools and onward.basis == Basis.PARTNER_RECORDS:
            yield warning("X2", f"onward[{position}].basis",
                          f"{onward.party} may receive records of {schools[0]} next by {onward.basis}, "
                          f"which is not a right to a school’s records; name a basis of 34 CFR 99.31, or "
                          f"leave it out.")  # fmt: skip


def authorities_named(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """L3: the record of disclosures names the authorities that may redisclose the records."""
    for use in uses(document, Basis.AUDIT_EVALUATION):
        authority = next((r for r in use.recipients if context.has_status(r, LegalStatus.SEA)), None)
        if authority and not document.onward:
            yield advice("L3", "onward",
                         f"{authority} is a State authority, which may pass records on for the school; list "
                         f"the recipients in onward, since the record of disclosures must name them.")  # fmt: skip
            return


def no_sharing_between_officials(
    document: AgreementDocument, context: ReviewContext
) -> Iterator[ReviewFinding]:
    """G3: a school official does not redisclose; programs that share one view disclose the school's records to each other."""
    for use in uses(document, Basis.SCHOOL_OFFICIAL):
        if use.purpose is None or use.purpose.kind is not PurposeKind.CASEWORK:
            continue
        programs = [r for r in use.recipients if context.has_status(r, LegalStatus.NONPROFIT)]
        if len(programs) > 1:
            yield warning("G3", f"{use.path}.recipients",
                          f"{' and '.join(programs[:2])} would do casework as school officials under one "
                          f"purpose; neither may show the school’s records to the other. Give each its own "
                          f"purpose, or ask for consent.")  # fmt: skip
    for position, onward in enumerate(document.onward):
        if onward.basis == Basis.SCHOOL_OFFICIAL:
            yield warning("G3", f"onward[{position}].basis",
                          f"A school official may use records only for its function, and cannot make "
                          f"{onward.party} a school official; have the school disclose to it directly, or "
                          f"ask for consent.")  # fmt: skip
