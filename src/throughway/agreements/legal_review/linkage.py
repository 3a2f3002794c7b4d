"""G18: a link is a disclosure of its own, shown only where a linkage purpose of every partner involved serves it."""

from collections.abc import Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import Basis, PurposeKind
from throughway.agreements.family_choice import choice_of, of_custody
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking, warning
from throughway.core.prose import listed
from throughway.core.refusals import did_you_mean
from throughway.vocabulary import TABLES

FUNCTION = "34 CFR 99.31(a)(1)(i)(B)(1)"


def serves_known_purposes(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A linkage purpose serves purposes of this document, or of another document of the community."""
    known = {p.id for p in document.purposes} | {p.id for o in context.others.values() for p in o.purposes}
    for position, purpose in enumerate(document.purposes):
        if purpose.kind is not PurposeKind.LINKAGE or purpose.serves is None:
            continue
        if not purpose.serves:
            yield warning("G18", f"purposes[{position}].serves",
                          f"{purpose.id} serves no purpose, so its matches are not shown under any; list "
                          f"the purposes it serves.")  # fmt: skip
        for id in purpose.serves:
            if id not in known:
                yield blocking("G18", f"purposes[{position}].serves",
                               f"{purpose.id} serves {id}, which is not a purpose of this agreement or of "
                               f"another; "
                               + did_you_mean(id, known, "add that purpose, or correct the name."))  # fmt: skip


def linkage_of_every_partner(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A purpose that some partner's linkage serves has one for each partner whose records it reads."""
    documents = (document, *context.others.values())
    for position, purpose in enumerate(document.purposes):
        if purpose.kind is PurposeKind.LINKAGE:
            continue
        linked = {d for each in documents for d in _linked(each, purpose.id)}
        here = {d for entry in document.entries(purpose.id) for d in document.disclosers(entry)}
        apart = [d for d in document.disclosers(purpose) if d not in linked]
        if apart and here & linked:
            yield warning("G18", f"purposes[{position}]",
                          f"No linkage purpose of {', '.join(apart)} serves {purpose.id}, so its students "
                          f"have separate ids there; add one from {', '.join(apart)} if they should be "
                          f"recognized.")  # fmt: skip


def purpose_without_linkage(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A purpose that reads students of several partners needs linkage purposes, otherwise their records are not joined."""
    documents = (document, *context.others.values())
    reported = set[str]()
    for position, purpose in enumerate(document.purposes):
        if purpose.kind is PurposeKind.LINKAGE or purpose.id in reported:
            continue
        reported.add(purpose.id)
        here = sorted({*_whose_students(document, purpose.id)})
        if len(here) > 1 and not {d for each in documents for d in _linked(each, purpose.id)} & set(here):
            yield warning("G18", f"purposes[{position}]",
                          f"{purpose.id} reads students of {listed(here)}, and no linkage purpose serves "
                          f"it, so the same student is never recognized in both, and a query that joins "
                          f"them finds nobody; add a purpose of kind "
                          f"linkage from each of them that serves {purpose.id}.")  # fmt: skip


def _whose_students(document: AgreementDocument, id: str) -> Iterator[str]:
    """Disclosers whose students' rows the purpose reads, except by public notice, where matching is not allowed (34 CFR 99.37(e))."""
    for entry in document.entries(id):
        if entry.basis is not Basis.DIRECTORY:
            for line in document.schedule:
                if line.table in TABLES and TABLES[line.table].of_person:
                    yield from document.line_disclosers(line, entry)


def _linked(document: AgreementDocument, id: str) -> Iterator[str]:
    """Disclosers of the document's linkage purposes that serve the purpose with that id. One that depends on each family's choice
    serves no other purpose, since links cannot be shown for some students only."""
    ids = {purpose.id for purpose in document.purposes}
    for purpose in document.purposes:
        if purpose.kind is PurposeKind.LINKAGE and _serves(purpose, id, id in ids):
            for discloser in document.disclosers(purpose):
                if not of_custody(document, discloser) | choice_of(document, purpose):
                    yield discloser


def _serves(linkage: Purpose, id: str, in_document: bool) -> bool:
    return in_document if linkage.serves is None else id in linkage.serves


def own_function(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A school official links only what the school itself would otherwise link."""
    for position, purpose in enumerate(document.purposes):
        if purpose.kind is PurposeKind.LINKAGE and purpose.basis is Basis.SCHOOL_OFFICIAL:
            yield advice("G18", f"purposes[{position}].basis",
                         f"{purpose.id} matches students as a school official: this is allowed where the "
                         f"school would otherwise use its own employees to match them, not where the match "
                         f"serves only others.", citation=FUNCTION)  # fmt: skip
