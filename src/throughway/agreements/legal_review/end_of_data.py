"""What becomes of the records at the end, by the right that they were given by."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis, Election
from throughway.agreements.legal_review.bases_in_use import uses
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, warning

ELECTION = "terms.destruction.election"
DESTROYED = {
    Basis.STUDY: ("S7", "A study’s records"),
    Basis.AUDIT_EVALUATION: ("A5", "Records of an audit or evaluation"),
}


def disposition(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """S7, A5: these are destroyed; to give them back leaves the copies."""
    in_use = {use.basis for use in uses(document)}
    for basis, (rule, what) in DESTROYED.items():
        if basis in in_use and document.terms.destruction.election is Election.RETURN:
            yield warning(rule, ELECTION,
                          f"{what} are destroyed when they are no longer needed, and giving them back leaves copies behind; write "
                          "election: destroy.")  # fmt: skip


def kept_apart(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31b1: what is kept without identity needs a determination that nobody can be recognised."""
    kept = document.terms.destruction.election is Election.KEEP_DEIDENTIFIED
    if kept and any(use.basis in DESTROYED for use in uses(document)):
        yield warning("F31b1", ELECTION,
                      "What is kept after the end must hold nothing by which a student can be recognised, by a determination that "
                      "says who, when and how; plan it, or write election: destroy.")  # fmt: skip
