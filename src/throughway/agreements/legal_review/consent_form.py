"""What a consent form must say (34 CFR 99.30(b)), as far as the agreement that rests on it shows it."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis
from throughway.agreements.legal_review.bases_in_use import uses
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, warning

FEW_WORDS = 3


def purpose_said(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """N2: the form states the purpose, and the agreement says the same in words."""
    for use in uses(document, Basis.CONSENT):
        if use.purpose and len(use.purpose.interest.split()) < FEW_WORDS:
            yield warning("N2", f"{use.path}.interest",
                          f"{use.named} rests on consent, and a word or two do not tell a family what they consent to; say it "
                          "in a sentence, as the form does.")  # fmt: skip


def recipients_named(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """N3: whoever joins an open agreement later stands on no form that was signed before."""
    for use in uses(document, Basis.CONSENT):
        if use.purpose and use.purpose.recipients is None and document.joinder.open_to:
            yield warning("N3", f"{use.path}.recipients",
                          f"{use.named} rests on consent and names no recipient, and further partners may join; families "
                          "consent to parties, or a class of them, that the form names. List the recipients.")  # fmt: skip
