"""Whether an agreement lets rows leave the system as an extract, according to its signed terms."""

import re

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import Tier

EXTRACTS = "extracts"  # in terms.prohibited: the records must stay in the system
STAYS = re.compile(
    r"\b(stays?|remains?|(is|are) (only )?(kept|read|held))\b[^.;]*\b(with)?in(side)? (the|this|our)\b[^.;]*\b(system|platform)\b",
    re.I,
)
# An exception in the same sentence: another place, or what a license allows.
SAVE = re.compile(
    r"\b(unless|except|save|but|or (on|in|at|with)|(only|under|by) (a|the|its) licen[cs]e)\b", re.I
)


def term_against_extracts(document: AgreementDocument) -> str:
    """The path of the term that keeps the records in the system: `terms.prohibited` where it names extracts, otherwise a clause that
    says so without an exception. Empty where there is none."""
    return "terms.prohibited" if EXTRACTS in document.terms.prohibited else clause_against_extracts(document)


def clause_against_extracts(document: AgreementDocument) -> str:
    for name in type(document.clauses).model_fields:
        sentences = re.split(r"(?<=\.)\s", str(getattr(document.clauses, name)))
        if any(STAYS.search(sentence) and not SAVE.search(sentence) for sentence in sentences):
            return f"clauses.{name}"
    return ""


def is_license(document: AgreementDocument) -> bool:
    """Only a use license, for one project, allows extracts."""
    return document.tier is Tier.DUL
