"""The sections in which a draft is written, in the order of a conversation, each with the fields of the document it fills."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from throughway.agreements.findings import Finding, Severity

Values = Mapping[str, Any]


class Section(StrEnum):
    NAME = "name"
    PARTIES = "parties"
    PURPOSES = "purposes"
    SCHEDULE = "schedule"
    STUDENTS = "students"
    TERMS = "terms"
    CLAUSES = "clauses"
    SERVICES = "services"
    PROJECT = "project"
    TEXT = "text"  # all of it at once, pasted

    @property
    def heading(self) -> str:
        return HEADINGS[self]


HEADINGS: Mapping[Section, str] = {
    Section.NAME: "What it is called",
    Section.PARTIES: "Who agrees",
    Section.PURPOSES: "What for, and by what right",
    Section.SCHEDULE: "What is shown",
    Section.STUDENTS: "Which students, and which days",
    Section.TERMS: "Until when, and what then",
    Section.CLAUSES: "The words that are signed",
    Section.SERVICES: "What is provided",
    Section.PROJECT: "How the project works",
    Section.TEXT: "The whole text",
}
FIELDS: Mapping[Section, tuple[str, ...]] = {
    Section.NAME: ("throughway", "id", "tier", "under", "title", "precedence"),
    Section.PARTIES: ("parties", "joinder"),
    Section.PURPOSES: ("purposes", "custody", "onward"),
    Section.SCHEDULE: ("schedule",),
    Section.STUDENTS: ("population", "records"),
    Section.TERMS: ("terms",),
    Section.CLAUSES: ("clauses",),
    Section.SERVICES: ("services",),
    Section.PROJECT: ("project",),
}
# Sections that a document must have stay, empty, when they are emptied: what they lack is then a finding.
KEPT = frozenset({"throughway", "id", "tier", "title", "parties", "purposes", "schedule", "terms", "clauses"})


def with_fields(values: Values, section: Section, fields: Values) -> dict[str, Any]:
    """The values with the section's fields as given; one that is left out, or empty, goes where the format lets it.

    Section.TEXT takes the place of everything.
    """
    if section is Section.TEXT:
        return dict(fields)
    changed = dict(values)
    for name in FIELDS[section]:
        value = fields[name] if name in fields else values.get(name)
        if _is_empty(value) and name not in KEPT:
            changed.pop(name, None)
        elif name in fields:
            changed[name] = value
    return changed


def fields_of(values: Values, section: Section) -> dict[str, Any]:
    """What of the values the section fills."""
    if section is Section.TEXT:
        return dict(values)
    return {name: values[name] for name in FIELDS[section] if name in values}


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


@dataclass(frozen=True)
class Standing:
    """How one section stands: what review found there, gravest first."""

    section: Section
    findings: tuple[Finding, ...]

    @property
    def grave(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is not Severity.ADVICE)

    @property
    def advice(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ADVICE)

    @property
    def blocking(self) -> int:
        return sum(finding.blocks for finding in self.findings)


def sections_of(values: Values) -> tuple[Section, ...]:
    """The sections that such a document has: a project only where it is for one, no purposes in an mou."""
    shown: list[Section] = [section for section in FIELDS if section is not Section.PROJECT]
    if values.get("tier") == "dul" or values.get("project"):
        shown.append(Section.PROJECT)
    return tuple(shown)


def standings(values: Values, findings: Sequence[Finding]) -> tuple[Standing, ...]:
    """Each section with its findings; every finding stands at exactly one."""
    placed: dict[Section, list[Finding]] = {section: [] for section in sections_of(values)}
    for finding in findings:
        section = section_of(finding.element)
        placed[section if section in placed else Section.NAME].append(finding)
    return tuple(Standing(section, tuple(found)) for section, found in placed.items())


def section_of(element: str) -> Section:
    """Where a path of the document is written: `purposes[0].basis` under purposes; what is nowhere else, under the name."""
    root = element.replace("[", ".").partition(".")[0]
    for section, names in FIELDS.items():
        if root in names:
            return section
    return Section.NAME


def in_order_of_blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Gravest first; of equal gravity, in the order in which the sections are written."""
    order, grave = list(FIELDS), list(Severity)
    return sorted(findings, key=lambda f: (grave.index(f.severity), order.index(section_of(f.element))))
