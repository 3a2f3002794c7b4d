"""Bases that depend on each family's choice: consent, and a directory notice from which the family may opt out."""

from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import ANY, Basis

BASES = frozenset({Basis.CONSENT, Basis.DIRECTORY})


@dataclass(frozen=True, order=True)
class RequiredFamilyChoice:
    """What a student's row requires in addition to the agreement.

    By consent: a consent in force to `purpose` of `agreement` (or to any of its purposes, where that is ANY: the steward houses the
    records by consent). By directory notice: no opt-out from it.
    """

    agreement: str
    purpose: str
    basis: Basis

    def of(self, discloser: str) -> str:
        """The name in SQL of one discloser's students for whom the choice was made."""
        return f"{self.agreement}/{self.purpose}/{discloser}"


def choice_of(document: AgreementDocument, entry: Purpose) -> frozenset[RequiredFamilyChoice]:
    return frozenset(
        {RequiredFamilyChoice(document.id, entry.id, entry.basis)} if entry.basis in BASES else ()
    )


def of_custody(document: AgreementDocument, discloser: str) -> frozenset[RequiredFamilyChoice]:
    """The consent that the steward needs to store a student's rows."""
    by_consent = any(
        c.basis is Basis.CONSENT and (c.from_ is None or discloser in c.from_) for c in document.custody
    )
    return frozenset({RequiredFamilyChoice(document.id, ANY, Basis.CONSENT)} if by_consent else ())
