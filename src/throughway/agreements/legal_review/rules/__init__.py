"""The law as data: each rule with its citation, its text where available, the checks and the cure.

The YAML files are written for counsel to read. A quote that does not match its SHA-256 is refused on loading, so that no word of the
law changes unnoticed.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from throughway.agreements.enums import Basis, Severity
from throughway.core.yaml_text import packaged

# In reading order.
PARTS: Mapping[str, str] = {
    "consent": "Consent",
    "school_official": "School officials",
    "study": "Studies",
    "audit_evaluation": "Audits and evaluations",
    "directory_information": "Directory information",
    "other_bases": "The other bases",
    "redisclosure": "Further disclosure",
    "common_mistakes": "Common mistakes",
    "protected_data": "Other laws, by the elements that they protect",
    "typed_tables": "What people type about a student",
    "record_of_disclosures": "The record of disclosures",
    "family_rights": "Who holds the right, what is covered, and when families must be answered",
    "good_practice": "Good practice",
    "document_form": "The form of the document",
}


@dataclass(frozen=True)
class LegalText:
    """A text of law or guidance; `as_of`: the day up to which it is current, where known."""

    name: str
    held: bool
    as_of: date | None = None


@dataclass(frozen=True)
class LegalRule:
    """One rule. `bases`: those that it applies to; none means all. `checks`: the review functions for it, none where `elsewhere` names
    what enforces it. `severity`: the highest of its findings."""

    id: str
    part: str
    title: str
    citation: str
    text: LegalText
    quote: str | None
    sha256: str
    bases: tuple[Basis, ...]
    severity: Severity | None
    checks: tuple[str, ...]
    elsewhere: str
    cure: str
    cannot: str

    @property
    def held(self) -> bool:
        """Whether the text of the law was available."""
        return self.quote is not None

    @property
    def text_date(self) -> date | None:
        return self.text.as_of

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "title": self.title, "citation": self.citation, "quote": self.quote, "held": self.held,
            "text": self.text.name, "text_date": self.text.as_of.isoformat() if self.text.as_of else None,
            "sha256": self.sha256 or None, "bases": [str(basis) for basis in self.bases],
            "severity": str(self.severity) if self.severity else None, "checks": list(self.checks),
            "elsewhere": self.elsewhere or None, "cure": self.cure, "cannot": self.cannot,
        }  # fmt: skip


FIELDS = frozenset(
    {"id", "title", "citation", "text", "quote", "sha256", "bases", "severity", "checks", "elsewhere", "cure", "cannot"}
)  # fmt: skip


def hash_of(quote: str) -> str:
    """SHA-256 of the text with normalized white space; empty for no text."""
    return hashlib.sha256(" ".join(quote.split()).encode()).hexdigest() if quote else ""


def _read(name: str) -> Any:
    return packaged(__name__, f"{name}.yaml")


def _rules() -> Iterator[LegalRule]:
    texts = {
        key: LegalText(
            text["name"], text["held"], date.fromisoformat(text["as_of"]) if "as_of" in text else None
        )
        for key, text in _read("sources").items()
    }
    for part in PARTS:
        for values in _read(part):
            unknown = values.keys() - FIELDS
            if unknown:
                raise ValueError(
                    f"Rule {values['id']} has a field {min(map(str, unknown))}, which is unknown."
                )
            quote = values.get("quote")
            if hash_of(quote or "") != values.get("sha256", ""):
                raise ValueError(f"The words of rule {values['id']} do not match its hash.")
            yield LegalRule(
                id=values["id"], part=part, title=values["title"], citation=values["citation"],
                text=texts[values["text"]], quote=quote, sha256=values.get("sha256", ""),
                bases=tuple(map(Basis, values["bases"])),
                severity=Severity(values["severity"]) if "severity" in values else None,
                checks=tuple(values.get("checks", ())), elsewhere=values.get("elsewhere", ""),
                cure=values["cure"], cannot=values["cannot"],
            )  # fmt: skip


def _by_id() -> Mapping[str, LegalRule]:
    found: dict[str, LegalRule] = {}
    for rule in _rules():
        if found.setdefault(rule.id, rule) is not rule:
            raise ValueError(f"Two rules have the id {rule.id}.")
    return MappingProxyType(found)


RULES = _by_id()
