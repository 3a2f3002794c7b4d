"""What may be consented to: the purposes of an agreement that rest on each family's choice."""

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis
from throughway.consent.enums import ANY

CHOICES = frozenset({Basis.CONSENT, Basis.DIRECTORY})


def choosable(document: AgreementDocument, discloser: str) -> frozenset[str]:
    """The purposes of the document that rest on a choice about this discloser's records: all of them, where the steward
    houses its records by consent."""
    entries = [entry for entry in document.purposes if discloser in document.disclosers(entry)]
    if any(c.basis is Basis.CONSENT and (c.from_ is None or discloser in c.from_) for c in document.custody):
        return frozenset(entry.id for entry in entries)
    return frozenset(entry.id for entry in entries if entry.basis in CHOICES)


def of_directory(document: AgreementDocument, discloser: str, purpose: str) -> bool:
    """Whether the purpose, or any where it is `*`, rests on a directory notice."""
    return any(
        entry.basis is Basis.DIRECTORY
        and purpose in (ANY, entry.id)
        and discloser in document.disclosers(entry)
        for entry in document.purposes
    )


def fault(document: AgreementDocument, discloser: str, purpose: str) -> str:
    """Why nothing can be consented to there, as the end of a sentence; empty where it can."""
    found = choosable(document, discloser)
    if not found:
        return f"names {document.id}, under which no records of {discloser} rest on consent or on a directory notice"
    if purpose != ANY and purpose not in found:
        return (
            f"names a purpose that does not rest on consent in {document.id}; {', '.join(sorted(found))} does"
        )
    return ""
