"""Records that identify nobody (34 CFR 99.31(b)): no identifier, a determination, random codes for research."""

import re
from collections.abc import Iterator
from datetime import date

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import AccessForm, Basis, PurposeKind
from throughway.agreements.legal_review.context import ReviewContext, uses
from throughway.agreements.legal_review.findings import ReviewFinding, advice, blocking, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.agreements.transforms import Transform

CODED = frozenset({"pseudonym", "suppress"})
RESEARCH = frozenset({PurposeKind.RESEARCH, PurposeKind.EVALUATION})
MADE_FROM = re.compile(r"\b(hash\w*|sha-?\d+|md5|ssn|social security)\b", re.IGNORECASE)


def no_identifier(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31b1: names, addresses and numbers must be removed first."""
    ids = {use.purpose.id for use in uses(document, Basis.DEIDENTIFIED) if use.purpose}
    for position, line in enumerate(document.schedule):
        if not ids.intersection(line.purposes) or Transform.parse(line.transform).name in CODED:
            continue
        named = [e.path for e in elements_of(line) if "identifier" in e.law_tags and e.name != "person_id"]
        if named:
            yield blocking("F31b1", f"schedule[{position}].element",
                           f"{named[0]} identifies a student, which de-identified records must not do; "
                           f"leave it out, or suppress it.")  # fmt: skip


def determined_on(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31b1: the determination is dated before any release."""
    for use in uses(document, Basis.DEIDENTIFIED):
        determination = use.details.get("determination")
        stated = determination.get("on") if isinstance(determination, dict) else None
        if not stated:
            continue
        try:
            made = date.fromisoformat(str(stated))
        except ValueError:
            yield warning(
                "F31b1",
                use.at("determination.on"),
                "The day of the determination is not a date; write it as 2026-05-04.",
            )
            continue
        if made > document.terms.effective:
            yield warning("F31b1", use.at("determination.on"),
                          f"The determination is dated {made}, after the agreement begins; make it before "
                          f"then.")  # fmt: skip


def codes_for_research(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """F31b2: a code that links a student's rows is for education research only; without codes (b)(1) applies."""
    for use in uses(document, Basis.DEIDENTIFIED):
        if use.purpose and use.purpose.form is AccessForm.PSEUDONYMOUS and use.purpose.kind not in RESEARCH:
            yield advice("F31b2", f"{use.path}.kind",
                          f"{use.named} shows a row for each student under a code, which the law allows for education research; choose "
                          "the kind research or evaluation, or the form aggregate.")  # fmt: skip


def random_codes(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """G7: a hash of a name, birth date or number is based on personal information."""
    for use in uses(document, Basis.DEIDENTIFIED):
        determination = use.details.get("determination")
        method = str(determination.get("method", "")) if isinstance(determination, dict) else ""
        if MADE_FROM.search(method):
            yield warning("G7", use.at("determination.method"),
                          "The method uses a hash or a number of the student; the law does not allow a code "
                          "that is derived from personal information. Use random codes, and keep the key "
                          "separate.")  # fmt: skip
