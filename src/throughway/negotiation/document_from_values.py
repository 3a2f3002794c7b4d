"""The document of plain values, or what is wrong with them."""

import json

from throughway.agreements.document import AgreementDocument, read_document
from throughway.agreements.document_paths import Values
from throughway.agreements.findings import Finding


class Unreadable(ValueError):
    """The values are no document; `finding` is the first thing that is wrong with them."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def document_from(values: Values) -> AgreementDocument:
    """The document of plain values, refused as its text would be."""
    document, faults = read_document(json.dumps(values))
    if document is None:
        raise Unreadable(faults[0])
    return document
