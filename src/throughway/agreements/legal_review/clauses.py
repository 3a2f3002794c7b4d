"""The clauses that people sign: those that a basis in use requires (S5–S7, A5, A7, O3)."""

from collections.abc import Iterator
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Basis
from throughway.agreements.legal_review.bases_in_use import uses
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, blocking, warning


@dataclass(frozen=True)
class RequiredClause:
    """A clause that a rule asks for; `says` ends the sentence "… must have a clause that …"."""

    id: str
    name: str
    says: str


REQUIRED: dict[Basis, tuple[RequiredClause, ...]] = {
    Basis.STUDY: (
        RequiredClause("S5", "use_only_for_purpose", "lets the records be used only for the stated purpose"),
        RequiredClause("S6", "no_identification",
               "lets nobody but the organization's representatives with legitimate interests identify parents or "
               "students"),
        RequiredClause("S7", "destroy_when_no_longer_needed",
               "has the records destroyed when they are no longer needed for the study"),
    ),
    Basis.AUDIT_EVALUATION: (
        RequiredClause("A5", "destroy_when_no_longer_needed",
               "has the records destroyed when they are no longer needed for the audit or evaluation"),
        RequiredClause("A7", "protect_from_further_disclosure",
               "sets policies and procedures against further disclosure and unauthorized use"),
    ),
    Basis.SCHOOL_OFFICIAL: (
        RequiredClause("O3", "no_redisclosure",
               "binds the school official not to pass the records on (34 CFR 99.33(a))"),
    ),
}  # fmt: skip

NAMES = {
    Basis.STUDY: "a study",
    Basis.AUDIT_EVALUATION: "an audit or evaluation",
    Basis.SCHOOL_OFFICIAL: "a school official",
}


def _has(document: AgreementDocument, name: str) -> bool:
    return bool(str(getattr(document.clauses, name)).strip())


def required_clauses(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    in_use = {use.basis for use in uses(document)}
    for basis, clauses in REQUIRED.items():
        for clause in clauses if basis in in_use else ():
            if not _has(document, clause.name):
                yield blocking(clause.id, f"clauses.{clause.name}",
                               f"An agreement on {NAMES[basis]} must have a clause that {clause.says}; write it in "
                               f"clauses.{clause.name}.")  # fmt: skip


def reasonable_methods(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """R1–R3: the authority answers for its representative by reasonable methods; the text may say which."""
    if any(uses(document, Basis.AUDIT_EVALUATION)) and not _has(document, "reasonable_methods"):
        yield warning("R1", "clauses.reasonable_methods",
                      "The authority must use reasonable methods so that its representative uses the records only for "
                      "the audit, protects and destroys them; say which in clauses.reasonable_methods.")  # fmt: skip
