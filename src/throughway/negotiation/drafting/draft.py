"""A draft: a possibly incomplete text, its sections, and the changes made to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from throughway.agreements.document import AgreementDocument
from throughway.agreements.legal_review.findings import ReviewFinding, Severity
from throughway.core.model_faults import model_in
from throughway.core.refusals import Refused

Values = Mapping[str, Any]


class DraftSection(StrEnum):
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


HEADINGS: Mapping[DraftSection, str] = {
    DraftSection.NAME: "What it is called",
    DraftSection.PARTIES: "Who agrees",
    DraftSection.PURPOSES: "What for, and by what right",
    DraftSection.SCHEDULE: "What is shown",
    DraftSection.STUDENTS: "Which students, and which days",
    DraftSection.TERMS: "Until when, and what then",
    DraftSection.CLAUSES: "The words that are signed",
    DraftSection.SERVICES: "What is provided",
    DraftSection.PROJECT: "How the project works",
    DraftSection.TEXT: "The whole text",
}
FIELDS: Mapping[DraftSection, tuple[str, ...]] = {
    DraftSection.NAME: ("throughway", "id", "tier", "under", "title", "precedence"),
    DraftSection.PARTIES: ("parties", "joinder"),
    DraftSection.PURPOSES: ("purposes", "custody", "onward"),
    DraftSection.SCHEDULE: ("schedule", "writes"),
    DraftSection.STUDENTS: ("population", "records"),
    DraftSection.TERMS: ("terms",),
    DraftSection.CLAUSES: ("clauses",),
    DraftSection.SERVICES: ("services",),
    DraftSection.PROJECT: ("project",),
}
# Required sections stay, empty, when they are emptied: what they lack is then a finding.
KEPT = frozenset({"throughway", "id", "tier", "title", "parties", "purposes", "schedule", "terms", "clauses"})


def with_fields(values: Values, section: DraftSection, fields: Values) -> dict[str, Any]:
    """The values with the section's fields as given; an empty field is removed where the format allows it.

    DraftSection.TEXT replaces all values.
    """
    if section is DraftSection.TEXT:
        return dict(fields)
    changed = dict(values)
    for name in FIELDS[section]:
        value = fields[name] if name in fields else values.get(name)
        if _is_empty(value) and name not in KEPT:
            changed.pop(name, None)
        elif name in fields:
            changed[name] = value
    return changed


def shaped(values: Values, model: type[BaseModel] = AgreementDocument, path: str = "") -> dict[str, Any]:
    """Pasted values in the shape that forms and summaries can show: sections are sections, and lists are lists.

    A single value becomes a list of one where the format has a list; Refused where a section or a value is something else.
    Whether a value is right is for the review to say.
    """
    fields = {f.alias or name: f.annotation for name, f in model.model_fields.items()}
    found = {}
    for name, value in values.items():
        if value == "closed" and (path, name) == ("", "joinder"):
            continue  # the default
        place = f"{path}.{name}" if path else name
        found[name] = _shaped(value, fields[name], place) if name in fields and value is not None else value
    return found


def _shaped(value: Any, annotation: object, path: str) -> Any:
    section = model_in(annotation)
    if "tuple[" in str(annotation):
        rows = value if isinstance(value, list) else [value]
        return [_shaped_item(row, section, False, f"{path}[{n}]") for n, row in enumerate(rows)]
    return _shaped_item(value, section, "Mapping[" in str(annotation), path)


def _shaped_item(value: Any, section: type[BaseModel] | None, is_mapping: bool, path: str) -> Any:
    if section is None and not is_mapping:
        if isinstance(value, list | Mapping):
            raise Refused(f"{path} must be one value; correct it and save again.", code="misshapen")
        return value
    if not isinstance(value, Mapping):
        raise Refused(
            f"{path} must be a section of named fields; correct it and save again.", code="misshapen"
        )
    return dict(value) if section is None else shaped(value, section, path)


def entries(values: Values, name: str) -> list[Any]:
    """The entries of a list, which may also be written as one section."""
    found = values.get(name) or []
    return [dict(found)] if isinstance(found, Mapping) else list(found)


def fields_of(values: Values, section: DraftSection) -> dict[str, Any]:
    """The values that belong to the section."""
    if section is DraftSection.TEXT:
        return dict(values)
    return {name: values[name] for name in FIELDS[section] if name in values}


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == [] or value == {}


@dataclass(frozen=True)
class SectionStatus:
    """One section and its findings, most severe first."""

    section: DraftSection
    findings: tuple[ReviewFinding, ...]

    @property
    def grave(self) -> tuple[ReviewFinding, ...]:
        return tuple(f for f in self.findings if f.severity is not Severity.ADVICE)

    @property
    def advice(self) -> tuple[ReviewFinding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ADVICE)

    @property
    def blocking(self) -> int:
        return sum(finding.blocks for finding in self.findings)


def sections_of(values: Values) -> tuple[DraftSection, ...]:
    """The sections that such a document has: a project only in a use license, or where one is written."""
    shown: list[DraftSection] = [section for section in FIELDS if section is not DraftSection.PROJECT]
    if values.get("tier") == "dul" or values.get("project"):
        shown.append(DraftSection.PROJECT)
    return tuple(shown)


def standings(values: Values, findings: Sequence[ReviewFinding]) -> tuple[SectionStatus, ...]:
    """Each section with its findings; every finding belongs to exactly one section."""
    placed: dict[DraftSection, list[ReviewFinding]] = {section: [] for section in sections_of(values)}
    for finding in findings:
        section = section_of(finding.element)
        placed[section if section in placed else DraftSection.NAME].append(finding)
    return tuple(SectionStatus(section, tuple(found)) for section, found in placed.items())


def section_of(element: str) -> DraftSection:
    """The section that writes a path of the document: `purposes[0].basis` is in purposes; an unknown path is in the name."""
    root = element.replace("[", ".").partition(".")[0]
    for section, names in FIELDS.items():
        if root in names:
            return section
    return DraftSection.NAME


def in_order_of_blocking(findings: Iterable[ReviewFinding]) -> list[ReviewFinding]:
    """Gravest first, then in the order of the sections."""
    order, grave = list(FIELDS), list(Severity)
    return sorted(findings, key=lambda f: (grave.index(f.severity), order.index(section_of(f.element))))


class DraftState(StrEnum):
    OPEN = "open"
    FINISHED = "finished"  # its text became one of the community's agreements
    DISCARDED = "discarded"  # set aside; its history stays


class DraftAct(StrEnum):
    """What is done to a draft."""

    BEGUN = "begun"
    CHANGED = "changed"
    SHARED = "shared"
    UNSHARED = "unshared"
    FINISHED = "finished"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class AgreementDraft:
    """`revision` counts its changes. `amends`: the agreement whose text it changes, and `base` the version that it started
    from; both empty for a new agreement. `shared`: the partners named as parties may read it."""

    number: int
    partner: str
    values: Values
    revision: int
    state: DraftState
    template: str
    amends: str
    base: str
    shared: bool
    begun_by: str
    begun_at: datetime
    changed_by: str
    changed_at: datetime

    @property
    def id(self) -> str:
        return str(self.values.get("id") or "")

    @property
    def title(self) -> str:
        """Its title; a draft without one is named by its number."""
        return str(self.values.get("title") or f"Draft {self.number}, without a title yet")

    @property
    def parties(self) -> tuple[str, ...]:
        """Partners named as parties, in order."""
        entries = self.values.get("parties") or ()
        return tuple(str(entry["partner"]) for entry in entries if entry.get("partner"))

    @property
    def is_open(self) -> bool:
        return self.state is DraftState.OPEN


@dataclass(frozen=True)
class DraftHistoryEntry:
    """One act on a draft: at which revision, on which section, and the section's fields before and after."""

    revision: int
    act: DraftAct
    section: DraftSection | None
    before: Values
    after: Values
    by: str
    at: datetime


class EditConflict(Refused):
    """Somebody changed the same section since the writer opened it; neither version is lost. `since`: those acts."""

    def __init__(self, message: str, since: Sequence[DraftHistoryEntry], revision: int) -> None:
        super().__init__(message, code="changed")
        self.since, self.revision = tuple(since), revision
