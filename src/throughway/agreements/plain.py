"""The agreement in plain English, as a lawyer reads it: written from the same document that the gate compiles."""

from throughway.agreements.document import AgreementDocument


def plain(document: AgreementDocument) -> str:
    return document.title
