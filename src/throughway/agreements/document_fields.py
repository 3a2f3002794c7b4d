"""Each field of a document: what people call it, and what kind of value stands there."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from throughway.agreements.document_paths import Path, pattern
from throughway.core.prose import capital


class FieldKind(StrEnum):
    """What is written at a field, so that it can be said in words and asked for in a form."""

    TEXT = "text"  # a line
    WORDS = "words"  # paragraphs
    TEXTS = "texts"  # several lines
    DAY = "day"
    NUMBER = "number"
    YES_NO = "yes or no"
    PARTNER = "partner"
    PARTNERS = "partners"
    GIVERS = "partners that give records"
    PURPOSES = "purposes"
    ROLES = "roles"  # of users
    PARTY_ROLES = "roles of a party"
    PARTNER_KINDS = "kinds of partner"
    COURSES = "courses"
    ELEMENT = "element"
    TABLE = "table"
    TRANSFORM = "transform"
    REACH = "reach"
    FORM = "form"
    BASIS = "basis"
    PURPOSE_KIND = "kind of purpose"
    TIER = "tier"
    WHEN = "when"
    ELECTION = "election"
    SECTION = "section"


@dataclass(frozen=True)
class Field:
    """`label` stands after the name of its entry, or alone. `optional`: the document may leave it out."""

    label: str
    kind: FieldKind
    optional: bool = False


K = FieldKind
FIELDS: Mapping[str, Field] = {
    "throughway": Field("Format", K.TEXT),
    "id": Field("Short name of the agreement", K.TEXT),
    "title": Field("Title", K.TEXT),
    "tier": Field("Tier", K.TIER),
    "under": Field("Wider agreements above it", K.TEXTS, True),
    "joinder.open_to": Field("Who may join by signing the same text", K.PARTNER_KINDS, True),
    "precedence": Field("Which text holds where two conflict", K.TEXTS, True),
    "parties[].partner": Field("partner", K.PARTNER),
    "parties[].roles": Field("what it does", K.PARTY_ROLES, True),
    "parties[].signatory": Field("who signs", K.SECTION, True),
    "parties[].signatory.title": Field("office that signs", K.TEXT),
    "parties[].signatory.authority": Field("authority to sign", K.TEXT),
    "parties[].contacts": Field("offices to write to", K.SECTION, True),
    "parties[].contacts.notices": Field("office for notices", K.TEXT, True),
    "parties[].contacts.data": Field("office for data", K.TEXT, True),
    "parties[].contacts.security": Field("office for security", K.TEXT, True),
    "purposes[].id": Field("short name", K.TEXT),
    "purposes[].kind": Field("kind of purpose", K.PURPOSE_KIND),
    "purposes[].serves": Field("where a match shows", K.PURPOSES, True),
    "purposes[].from": Field("whose records", K.GIVERS, True),
    "purposes[].recipients": Field("who receives", K.PARTNERS, True),
    "purposes[].roles": Field("roles that read", K.ROLES, True),
    "purposes[].reach": Field("about which students", K.REACH, True),
    "purposes[].interest": Field("what it is for", K.WORDS),
    "purposes[].basis": Field("by what right", K.BASIS),
    "purposes[].form": Field("in what form", K.FORM),
    "custody[].from": Field("whose records", K.GIVERS, True),
    "custody[].basis": Field("by what right", K.BASIS),
    "schedule[].element": Field("element", K.ELEMENT),
    "schedule[].from": Field("whose records", K.GIVERS, True),
    "schedule[].purposes": Field("for what", K.PURPOSES),
    "schedule[].necessity": Field("why it is necessary", K.WORDS, True),
    "schedule[].transform": Field("how it is shown", K.TRANSFORM, True),
    "population[].from": Field("whose students", K.GIVERS, True),
    "population[].where": Field("which students", K.TEXT),
    "population[].on": Field("records that decide it", K.TABLE),
    "population[].when": Field("on which day", K.WHEN, True),
    "records.from": Field("First day of facts", K.DAY, True),
    "records.to": Field("Last day of facts", K.DAY, True),
    "onward[].party": Field("who receives it next", K.TEXT),
    "onward[].interest": Field("what for", K.TEXT),
    "onward[].basis": Field("by what right", K.TEXT),
    "services[].partner": Field("partner", K.PARTNER),
    "services[].program": Field("program", K.TEXT),
    "services[].schools": Field("schools", K.TEXTS, True),
    "services[].seats": Field("seats", K.NUMBER, True),
    "services[].hours_per_week": Field("hours a week", K.NUMBER, True),
    "terms.effective": Field("First day", K.DAY),
    "terms.expires": Field("Last day", K.DAY),
    "terms.minimum_cell": Field("Smallest count that may be published", K.NUMBER),
    "terms.training": Field("Training of those who read", K.COURSES),
    "terms.destruction.within_days": Field("Days until what was shared is destroyed", K.NUMBER),
    "terms.destruction.method": Field("How it is destroyed", K.TEXT),
    "terms.destruction.election": Field("What becomes of the records at the end", K.ELECTION, True),
    "terms.renewal_notice_days": Field("Days before the end on which renewal is raised", K.NUMBER, True),
    "terms.exit_notice_days": Field("Days of notice to leave", K.NUMBER, True),
    "terms.breach_notice_hours": Field("Hours within which a breach is told", K.NUMBER, True),
    "terms.storage_country": Field("Country where the data stays", K.TEXT, True),
    "terms.publication_review_days": Field("Days partners see a publication before", K.NUMBER, True),
    "terms.prohibited": Field("Never allowed", K.TEXTS, True),
    "terms.subprocessors[].name": Field("name", K.TEXT),
    "terms.subprocessors[].service": Field("service", K.TEXT),
    "terms.delivery[].from": Field("who delivers", K.PARTNER),
    "terms.delivery[].what": Field("what is delivered", K.TEXT),
    "terms.delivery[].every": Field("how often", K.TEXT),
    "terms.delivery[].format": Field("format", K.TEXT),
    "project": Field("The project", K.SECTION, True),
    "project.method": Field("How the project works", K.WORDS),
    "project.irb": Field("Review board", K.SECTION, True),
    "project.irb.number": Field("Number of the review board’s approval", K.TEXT),
    "project.irb.expires": Field("Last day of the review board’s approval", K.TEXT),
    "project.linked_data": Field("Data that the project links", K.TEXTS, True),
}


def field_at(path: Path) -> Field:
    """The field of a path; of one that people name themselves (a detail of a right, a clause) a text."""
    known = FIELDS.get(pattern(path))
    if known is not None:
        return known
    name = str(path[-1]).replace("_", " ")
    if path[0] == "clauses":
        return Field(capital(name), FieldKind.WORDS, True)
    return Field(name, FieldKind.TEXT, True)
