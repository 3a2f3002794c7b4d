"""The document of plain values, or what is wrong with them."""

import json

from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.document_paths import Values
from throughway.agreements.legal_review.findings import ReviewFinding


class InvalidDocumentValues(ValueError):
    """The values are no document; `finding` is the first thing that is wrong with them."""

    def __init__(self, finding: ReviewFinding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def document_from(values: Values) -> AgreementDocument:
    """The document of plain values, refused as its text would be."""
    document, faults = read_document(json.dumps(values))
    if document is None:
        raise InvalidDocumentValues(faults[0])
    return document
