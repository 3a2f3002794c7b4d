"""Findings for readers who do not edit documents: partners, elements and bases by name, without field names.

Example: "parties[0].signatory.authority is missing: name what gives the office its authority, such as a board policy." becomes "Oak
Schools: name what gives the office its authority, such as a board policy."
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from throughway.agreements.document_sections import Clauses
from throughway.agreements.enums import Basis
from throughway.agreements.labels import BASIS_WORDS, element_words, table_words
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.core.prose import capital
from throughway.vocabulary import TABLES

MISSING = re.compile(r"^[\w.\[\]]+ is missing: (.+)$", re.DOTALL)
# The end of a cure that names a field of the document: replaced by the form's question.
FIELD = re.compile(
    r"(?:; (?:add|state|write it in|say it in)|, and say it in| \(| in) "
    r"(?:basis_details|clauses|terms|contacts|project)\.[a-z_.]+( \([^)]*\))?\)?"
)
ELEMENT = re.compile(rf"\b({'|'.join(TABLES)})\.(\*|[a-z_0-9]+)")
ENTRY = re.compile(r"^(parties|purposes|schedule|writes|services|custody|onward)\[(\d+)\]")
NAMES = {name for table in TABLES.values() for name in table.elements if "_" in name}
COLUMN = re.compile(rf"\b({'|'.join(sorted(NAMES, key=len, reverse=True))})\b")
BASIS = re.compile(rf"\b(?:rests on) ({'|'.join(basis.value for basis in Basis)})\b")
CLAUSE = re.compile(rf"\bclauses\.({'|'.join(Clauses.model_fields)})\b")
# Findings of the format whose wording differs in forms.
ASKS: Mapping[str, str] = {
    "services.program": "say which program it provides.",
    "services.partner": "say who provides it.",
}


def in_plain_words(
    findings: Sequence[ReviewFinding], values: Mapping[str, Any], names: Mapping[str, str]
) -> list[ReviewFinding]:
    """The same findings in such words. Their content, place and rule do not change."""
    return [replace(finding, message=_words(finding, values, names)) for finding in findings]


def _words(finding: ReviewFinding, values: Mapping[str, Any], names: Mapping[str, str]) -> str:
    missing = MISSING.match(finding.message)
    if missing is None:
        return _named(finding.message, names)
    cure = ASKS.get(re.sub(r"\[\d+\]", "", finding.element), missing[1])
    subject = _subject(finding.element, values, names)
    return f"{subject}: {cure}" if subject else capital(cure)


def _subject(element: str, values: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The name of what the entry at a path describes; empty where there is no entry."""
    found = ENTRY.match(element)
    if found is None:
        return ""
    rows = values.get(found[1]) or ()
    row = rows[int(found[2])] if isinstance(rows, Sequence) and int(found[2]) < len(rows) else {}
    if not isinstance(row, Mapping):
        return ""
    own = row.get("partner") or row.get("interest") or row.get("element") or row.get("program") or ""
    return _named(names.get(str(own), str(own)), names).rstrip(".")


def _named(message: str, names: Mapping[str, str]) -> str:
    text = FIELD.sub("", message).rstrip(".")
    text = BASIS.sub(lambda found: f"rests on {BASIS_WORDS[Basis(found[1])]}", text)
    text = CLAUSE.sub(lambda found: f"the clause “{found[1].replace('_', ' ').capitalize()}”", text)
    text = ELEMENT.sub(lambda found: _element(found[1], found[2]), text)
    text = COLUMN.sub(lambda found: element_words(found[1]), text)
    if names:
        known = re.compile(
            rf"(?<![\w-])({'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?![\w-])"
        )
        text = known.sub(lambda found: names[found[1]], text)
    return capital(text) + ("" if text.endswith("?") else ".")


def _element(table: str, name: str) -> str:
    return f"all of {table_words(table)}" if name == "*" else f"{element_words(name)} ({table_words(table)})"
