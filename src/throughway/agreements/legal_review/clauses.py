"""The clauses that a basis requires, the disposition of records at the end, and good practice."""

from collections.abc import Iterator
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import AccessForm, Basis, Election, PartyRole, PurposeKind, Tier
from throughway.agreements.legal_review.context import ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking, warning


@dataclass(frozen=True)
class RequiredClause:
    """A clause that a rule requires; `says` ends the sentence "… must have a clause that …"."""

    id: str
    name: str
    says: str


REQUIRED: dict[Basis, tuple[RequiredClause, ...]] = {
    Basis.STUDY: (
        RequiredClause("S5", "use_only_for_purpose", "lets the records be used only for the stated purpose"),
        RequiredClause("S6", "no_identification",
               "lets only the organization's representatives with legitimate interests identify parents or "
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
    """R1–R3: the authority uses reasonable methods to ensure its representative's compliance; the text may say which."""
    if any(uses(document, Basis.AUDIT_EVALUATION)) and not _has(document, "reasonable_methods"):
        yield warning("R1", "clauses.reasonable_methods",
                      "The authority must use reasonable methods so that its representative uses the "
                      "records only for the audit, protects them and destroys them; name the methods in "
                      "clauses.reasonable_methods.")  # fmt: skip


ELECTION = "terms.destruction.election"
DESTROYED = {
    Basis.STUDY: ("S7", "A study’s records"),
    Basis.AUDIT_EVALUATION: ("A5", "Records of an audit or evaluation"),
}


def disposition(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """S7, A5: the records must be destroyed; returning them leaves copies."""
    in_use = {use.basis for use in uses(document)}
    for basis, (rule, what) in DESTROYED.items():
        if basis in in_use and document.terms.destruction.election is Election.RETURN:
            yield warning(rule, ELECTION,
                          f"{what} are destroyed when they are no longer needed, and returning them leaves "
                          f"copies behind; write election: destroy.")  # fmt: skip


def kept_without_identity(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31b1: records kept without identity need a determination that nobody can be identified."""
    kept = document.terms.destruction.election is Election.KEEP_DEIDENTIFIED
    if kept and any(use.basis in DESTROYED for use in uses(document)):
        yield warning("F31b1", ELECTION,
                      "Records kept after the end must contain nothing that identifies a student, and a "
                      "determination must state who decided this, when and how; plan for it, or write "
                      "election: destroy.")  # fmt: skip


CLAUSES = (
    ("P7", "breach_notice", "says who is notified of a breach, and how soon"),
    ("P5", "right_to_audit", "lets the discloser check how its records are kept"),
    ("P13", "termination", "says how the agreement ends, and what follows from a breach of it"),
)
OFFICES = (("P3", "security", "answers for security"), ("P4", "data", "keeps the data"))
FINDINGS = frozenset({PurposeKind.RESEARCH, PurposeKind.EVALUATION, PurposeKind.REPORTING})


def advised_clauses(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    if not _shares(document):
        return
    for rule, name, says in CLAUSES:
        if not str(getattr(document.clauses, name)).strip():
            yield advice(rule, f"clauses.{name}",
                         f"A good agreement has a clause that {says}; write it in clauses.{name}.")  # fmt: skip
    coded = any(p.form is AccessForm.PSEUDONYMOUS for p in document.purposes)
    if coded and not document.clauses.no_reidentification.strip():
        yield advice("P2", "clauses.no_reidentification",
                     "Records under random codes are shown; a clause should forbid re-identifying students "
                     "(clauses.no_reidentification).")  # fmt: skip


def training(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Whoever reads records, in names or under codes; protected figures alone may go to the untrained."""
    if _shares(document) and not all(
        document.courses(p) for p in document.purposes if p.form is not AccessForm.AGGREGATE
    ):
        yield advice("P6", "terms.training",
                     "Readers need no training; name a course, such as ferpa-basics.")  # fmt: skip


def breach_hours(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Only where a clause exists that could state the hours."""
    if (
        _shares(document)
        and document.clauses.breach_notice.strip()
        and document.terms.breach_notice_hours is None
    ):
        yield advice("P7", "terms.breach_notice_hours",
                     "A clause covers breaches, but no number says within how many hours notice is given; "
                     "state "
                     "terms.breach_notice_hours, such as 72.")  # fmt: skip


def contacts(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Once for each agreement: the first recipient or steward that names no such office."""
    if not _shares(document):
        return
    for rule, name, does in OFFICES:
        for position, party in enumerate(document.parties):
            receives = {PartyRole.RECIPIENT, PartyRole.STEWARD} & set(party.roles)
            if receives and not (party.contacts and getattr(party.contacts, name)):
                yield advice(rule, f"parties[{position}].contacts.{name}",
                             f"The text does not say which office of {party.partner} {does}; name it in "
                             f"contacts.{name} (an office, not a "
                             "person).")  # fmt: skip
                break


def publication(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    published = any(p.kind in FINDINGS for p in document.purposes)
    if published and document.terms.publication_review_days is None:
        yield advice("P9", "terms.publication_review_days",
                     "Findings will be published, but the text does not say that the disclosers see them "
                     "first; state "
                     "terms.publication_review_days.")  # fmt: skip


def precedence(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    if document.under and not document.precedence:
        yield advice("P10", "precedence",
                     "This agreement is under another one, but the text does not say which prevails where "
                     "they conflict; state precedence, with a State’s exhibit first.")  # fmt: skip


def _shares(document: AgreementDocument) -> bool:
    return document.tier is not Tier.MOU or bool(document.purposes)
