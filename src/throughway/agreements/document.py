"""The agreement document: who gives what to whom, for what, by what right, until when, and what comes back."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator

from throughway.agreements.document_sections import (
    AgreementTerms,
    Clauses,
    Custody,
    DocumentSection,
    Joinder,
    Onward,
    Party,
    PopulationEntry,
    Project,
    Purpose,
    RecordPeriod,
    ScheduleLine,
    Service,
    Text,
    Texts,
    WritePermission,
    one_or_many,
)
from throughway.agreements.enums import AuthorCapacity, PartyRole, Tier
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.validation_errors import faults_of, unreadable
from throughway.core.yaml_text import UnreadableText, unquoted_hash, values_of

OWN_RECORDS = "own_records"  # reserved: the reader's own partner's records


class AgreementDocument(DocumentSection):
    """One agreement, complete and formally valid. The review decides whether it is lawful."""

    throughway: Literal["agreement/1"]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]
    tier: Tier
    under: Texts = ()
    title: Text
    joinder: Joinder = Joinder()
    parties: tuple[Party, ...]
    purposes: tuple[Purpose, ...] = ()
    custody: Annotated[tuple[Custody, ...], BeforeValidator(one_or_many)] = ()
    schedule: tuple[ScheduleLine, ...] = ()
    writes: tuple[WritePermission, ...] = ()
    population: Annotated[tuple[PopulationEntry, ...], BeforeValidator(one_or_many)] = ()
    records: RecordPeriod = RecordPeriod()
    onward: tuple[Onward, ...] = ()
    services: tuple[Service, ...] = ()
    terms: AgreementTerms
    project: Project | None = None
    precedence: Texts = ()
    clauses: Clauses

    @field_validator("joinder", mode="before")
    @classmethod
    def _closed(cls, value: object) -> object:
        if value == "closed":
            return Joinder()
        if isinstance(value, Mapping | Joinder):
            return value
        raise ValueError("must be closed, or {open_to: [kinds of partner]}")

    def parties_with(self, role: PartyRole) -> tuple[str, ...]:
        """Partners that have this role here, in the document's order, each once."""
        return tuple(dict.fromkeys(p.partner for p in self.parties if role in p.roles))

    @property
    def partners(self) -> tuple[str, ...]:
        """All parties, each once."""
        return tuple(dict.fromkeys(p.partner for p in self.parties))

    def disclosers(self, purpose: Purpose) -> tuple[str, ...]:
        """The disclosers whose records the purpose reads; all disclosers where it names none."""
        return self.parties_with(PartyRole.DISCLOSER) if purpose.from_ is None else purpose.from_

    def recipients(self, purpose: Purpose) -> tuple[str, ...]:
        """The recipients whose people may read under the purpose; all recipients where it names none."""
        return self.parties_with(PartyRole.RECIPIENT) if purpose.recipients is None else purpose.recipients

    def entries(self, purpose: str) -> tuple[Purpose, ...]:
        """All entries of one purpose id."""
        return tuple(entry for entry in self.purposes if entry.id == purpose)

    def courses(self, *entries: Purpose) -> tuple[str, ...]:
        """The courses that readers under these entries must hold, each once: those of the terms, then those of the entries."""
        own = (course for entry in entries for course in entry.training)
        return tuple(dict.fromkeys((*self.terms.training, *own)))

    def line_disclosers(self, line: ScheduleLine, purpose: Purpose) -> tuple[str, ...]:
        """Disclosers of the purpose whose records the line shows; empty when the line is not for this purpose."""
        if purpose.id not in line.purposes:
            return ()
        return tuple(d for d in self.disclosers(purpose) if line.from_ is None or d in line.from_)

    def owners(self, entry: WritePermission, purpose: Purpose) -> Iterator[tuple[str, str]]:
        """(author's partner, partner whose record it is) for each partner whose people may type under the purpose's entry: the one
        receives under it, and the other gives under it."""
        if purpose.id not in entry.purposes:
            return
        receiving, giving = self.recipients(purpose), self.disclosers(purpose)
        for author in receiving if entry.by is None else entry.by:
            for owner in _owners(entry, author, giving):
                if author in receiving and owner in giving:
                    yield author, owner


def _owners(entry: WritePermission, author: str, giving: Iterable[str]) -> tuple[str, ...]:
    """Whose record it is that the author's people type: a receiver answers whoever sends to it."""
    if entry.capacity is AuthorCapacity.OWN_PROGRAM:
        return (author,)
    if entry.for_ is not None:
        return (entry.for_,)
    return tuple(giving) if entry.capacity is AuthorCapacity.RECEIVER else ()


def read_document(
    text: str, *, merge_keys: bool = False
) -> tuple[AgreementDocument | None, list[ReviewFinding]]:
    """Reads YAML or JSON. Never raises: what is missing, unknown or wrong is reported in findings, and then there is no document.
    `merge_keys`: for a text that was added before YAML's merge keys were refused."""
    try:
        values = values_of(text, merge_keys=merge_keys)
    except UnreadableText as error:
        return None, [unreadable(str(error))]
    if not isinstance(values, dict):
        return None, [
            unreadable("The document must be a section of named fields, from `throughway:` to `clauses:`.")
        ]
    try:
        document = AgreementDocument.model_validate(values)
        findings = faults_of(values, [], AgreementDocument)
    except ValidationError as error:
        document = None
        errors = [dict(found) for found in error.errors(include_url=False, include_input=False)]
        findings = faults_of(values, errors, AgreementDocument)
    if any(finding.id == "D2" for finding in findings) and (cut := unquoted_hash(text)):
        findings.append(unreadable(cut))
    return (None if findings else document), findings


def version_of(document: AgreementDocument) -> str:
    """SHA-256, in hexadecimal, of the document's canonical JSON.

    A field with its default value is left out: writing a default explicitly, or adding a field to the format, changes no signed
    version.
    """
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def canonical(document: AgreementDocument) -> str:
    """Sorted keys, no spaces, ASCII, defaults left out: equal documents have equal text."""
    values = document_values(document)
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def document_values(document: AgreementDocument) -> dict[str, Any]:
    """The document as plain values of JSON, in the order of its fields, defaults left out."""
    values = document.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for purpose, entry in zip(document.purposes, values.get("purposes", ()), strict=True):
        if purpose.states_reach:  # a purpose that states its reach differs from one that does not
            entry["reach"] = purpose.reach.value
    return values
