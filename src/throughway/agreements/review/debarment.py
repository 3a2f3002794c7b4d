"""X5: after a finding of the Department, the agency from which records came gives that party none for five years."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis
from throughway.agreements.findings import ReviewFinding, blocking
from throughway.agreements.review.bases_in_use import BasisInUse, uses
from throughway.agreements.review.context import ReviewContext
from throughway.partners.bars import Debarment


def no_barred_party(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """The bar speaks of education records alone; whoever houses them has access too."""
    for use in uses(document):
        if use.basis is Basis.PARTNER_RECORDS:
            continue
        for bar in context.bars:
            if _meets(bar, use) and _in_term(bar, document):
                place = f"{use.path}.recipients" if use.purpose else use.path
                yield blocking("X5", place, f"{bar.sentence} Leave {bar.party} out, or begin after the bar.")


def _meets(bar: Debarment, use: BasisInUse) -> bool:
    return bar.agency in use.disclosers and bar.party in use.recipients


def _in_term(bar: Debarment, document: AgreementDocument) -> bool:
    terms = document.terms
    return not bar.ended and bar.found_on <= terms.expires and terms.effective <= bar.until
