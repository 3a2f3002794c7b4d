"""An agreement in the public register: parties, purposes, what is shared, on which basis, until when.

Only facts from the signed text and the register of partners: no names of officers, no basis details, no counts, no student data.
Labels are in English here and translated on display; the agreement's own words are not translated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from throughway.agreements.agreement_text import condition_words, element_and_values
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import Election
from throughway.agreements.grant import accompanying, scheduled
from throughway.agreements.labels import (
    BASIS_WORDS,
    CITATIONS,
    FORM_WORDS,
    TIER_WORDS,
    element_words,
    partner_labels,
    people,
    ranked_tables,
    shown_elements,
    table_words,
    transform_words,
)
from throughway.agreements.late_destruction import late_destruction
from throughway.agreements.signatures import BY_COMMAND, ON_PAPER, ON_SITE, given_of
from throughway.agreements.states import BEGUN, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementLifecycle
from throughway.agreements.transforms import Transform
from throughway.partners.signatories.signatory import SigningRegister
from throughway.vocabulary import covered

FEW = 4
NO_REGISTERS: Mapping[str, SigningRegister] = {}
# States shown to the public: the tag's kind, and its word.
STATES: Mapping[AgreementState, tuple[str, str]] = {
    AgreementState.ACTIVE: ("ok", "in effect"),
    AgreementState.SUSPENDED: ("warn", "suspended for now"),
    AgreementState.EXPIRED: ("past", "ended"),
    AgreementState.TERMINATED: ("past", "ended"),
    AgreementState.WINDING_DOWN: ("wait", "ended; data is being removed"),
    AgreementState.DESTROYED: ("past", "ended; data was removed"),
    AgreementState.CLOSED: ("past", "closed"),
}
ENDINGS: Mapping[Election, str] = {
    Election.DESTROY: "destroyed",
    Election.RETURN: "returned to who gave it",
    Election.KEEP_DEIDENTIFIED: "kept only without anything that tells who a student is",
}


class ContactSource(StrEnum):
    """Whose words an office is."""

    AGREEMENT = "agreement"  # of the signed text, which another party may have drafted
    REGISTER = "register"  # the partner's own, of its register of who signs


SOURCES: Mapping[ContactSource, str] = {
    ContactSource.AGREEMENT: "as the agreement names it",
    ContactSource.REGISTER: "as it registered who signs",
}


@dataclass(frozen=True)
class PublicContact:
    """The contact at one party: its offices to ask, and whose words they are; None where there is no office."""

    partner: str
    offices: tuple[str, ...]
    source: ContactSource | None

    @property
    def source_words(self) -> str:
        return SOURCES[self.source] if self.source else ""


@dataclass(frozen=True)
class PublicElement:
    """One element and how it is shown, both in words that are translated on display. `width`: of the bands, else 0."""

    words: str
    how: str
    width: int

    @classmethod
    def of(cls, name: str, transform: Transform) -> "PublicElement":
        how = "" if transform.name == "band" else transform_words(transform)
        return cls(element_words(name), how, transform.width)


@dataclass(frozen=True)
class PublicTable:
    """One table: its name in words, and its elements in words, as one text each and in parts. `whole`: all of it, except what must be
    named one by one."""

    words: str
    elements: tuple[str, ...]
    paths: tuple[str, ...]
    whole: bool
    parts: tuple[PublicElement, ...] = ()

    @property
    def few(self) -> bool:
        """Whether there are few enough elements to list them directly."""
        return not self.whole and len(self.elements) <= FEW


@dataclass(frozen=True)
class PublicDisclosure:
    """What partners give under one purpose entry; those that give the same are combined."""

    partners: tuple[str, ...]
    kinds: tuple[PublicTable, ...]


@dataclass(frozen=True)
class PublicPurpose:
    """One purpose entry. `right` and `form` are the register's words, `interest` the agreement's."""

    id: str
    kind: str
    interest: str
    givers: tuple[PublicDisclosure, ...]
    readers: tuple[str, ...]
    roles: tuple[str, ...]
    right: str
    citation: str
    form: str


@dataclass(frozen=True)
class StudentRule:
    """Which students of these partners (of each, where none is named): those whose element has one of the values, in words that are
    translated on display. A condition of another kind has no element, and is told as the text writes it."""

    partners: tuple[str, ...]
    where: str
    element: str = ""
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        whose = f"{', '.join(self.partners)}: " if self.partners else ""
        return f"{whose}{condition_words(self.where)}"


@dataclass(frozen=True)
class Signed:
    """The partner, the day, and how the signer was identified, in words that are translated on display."""

    partner: str
    on: date
    known: str


KNOWN: Mapping[str, str] = {
    ON_PAPER: "on paper",
    BY_COMMAND: "on the word of the operator of this site",
    ON_SITE: "signed in to this site",
}


@dataclass(frozen=True)
class PublicDelay:
    """Data whose destruction is late since the day after `due`: a partner's copies, or without a partner what this platform keeps."""

    partner: str
    due: date


@dataclass(frozen=True)
class PublicAgreement:
    """One agreement of the register. `students`: a line for each rule; none: all students of every discloser. `late`: what should have
    been destroyed or returned by now, and nobody has certified."""

    document: AgreementDocument
    version: str
    state: AgreementState
    parties: tuple[str, ...]
    uses: tuple[PublicPurpose, ...]
    students: tuple[StudentRule, ...]
    ask: tuple[PublicContact, ...]
    signed: tuple[Signed, ...]
    late: tuple[PublicDelay, ...]

    @property
    def tag(self) -> tuple[str, str]:
        return STATES.get(self.state, ("past", "ended"))

    @property
    def tier(self) -> str:
        return TIER_WORDS[self.document.tier]

    @property
    def ending(self) -> str:
        return ENDINGS[self.document.terms.destruction.election]

    @property
    def never(self) -> tuple[str, ...]:
        return tuple(word.replace("_", " ") for word in self.document.terms.prohibited)

    @property
    def interests(self) -> tuple[str, ...]:
        """Why, each once."""
        return tuple(dict.fromkeys(use.interest for use in self.uses))

    @property
    def is_over(self) -> bool:
        return self.tag[0] in ("past", "wait")


def public_agreement(
    life: AgreementLifecycle,
    names: Mapping[str, str],
    on: date,
    done: Sequence[LifecycleEvent] = (),
    registers: Mapping[str, SigningRegister] = NO_REGISTERS,
) -> PublicAgreement | None:
    """The agreement in its public form; None for one that was never in effect. `done`: its events. `registers`: who signs for each partner
    that registered it."""
    found, document = life.current, life.current.document
    if found.state not in BEGUN or found.version not in life.activated or document.terms.effective > on:
        return None
    signed = (
        Signed(names.get(each.partner, each.partner), each.on, KNOWN.get(each.details.get("how", ""), ""))
        for each in given_of(done, found.version)
    )
    return PublicAgreement(
        document=document,
        version=found.version,
        state=found.state,
        parties=partner_labels(document.partners, names),
        uses=tuple(_use(document, entry, names) for entry in document.purposes),
        students=tuple(_students(document, names)),
        ask=tuple(_contacts(document, names, registers, on)),
        signed=tuple(signed),
        late=tuple(
            PublicDelay(names.get(each.partner, each.partner), each.due)
            for each in late_destruction(found, done, on)
        ),
    )


def _use(document: AgreementDocument, entry: Purpose, names: Mapping[str, str]) -> PublicPurpose:
    return PublicPurpose(
        id=entry.id,
        kind=entry.kind.value,
        interest=entry.interest.rstrip("."),
        givers=tuple(_givers(document, entry, names)),
        readers=partner_labels(document.recipients(entry), names),
        roles=tuple(people(role) for role in entry.roles),
        right=BASIS_WORDS[entry.basis],
        citation=CITATIONS[entry.basis],
        form=FORM_WORDS[entry.form],
    )


def _givers(
    document: AgreementDocument, entry: Purpose, names: Mapping[str, str]
) -> Iterator[PublicDisclosure]:
    alike: dict[tuple[PublicTable, ...], list[str]] = {}
    for giver in document.disclosers(entry):
        alike.setdefault(disclosed_tables(document, entry, giver), []).append(giver)
    for kinds, givers in alike.items():
        yield PublicDisclosure(partner_labels(givers, names), kinds)


def disclosed_tables(document: AgreementDocument, entry: Purpose, giver: str) -> tuple[PublicTable, ...]:
    """What one partner gives under one purpose entry, in reading order."""
    tables = scheduled(document, entry, giver)
    found = []
    for table in ranked_tables(tables):
        own = {
            n: t for n, t in tables[table].items() if n not in accompanying(table) and t.name != "suppress"
        }
        if own:
            paths = tuple(f"{table}.{name}" for name in own)
            usual = {e.name for e in covered(f"{table}.*")} - accompanying(table).keys()
            parts = tuple(PublicElement.of(name, transform) for name, transform in own.items())
            found.append(
                PublicTable(table_words(table), shown_elements(own), paths, usual <= own.keys(), parts)
            )
    return tuple(found)


def _students(document: AgreementDocument, names: Mapping[str, str]) -> Iterator[StudentRule]:
    for entry in document.population:
        partners = partner_labels(entry.from_ or (), names)
        element, values = element_and_values(entry.where) or ("", ())
        yield StudentRule(partners, entry.where, element and element_words(element), values)


def _contacts(
    document: AgreementDocument, names: Mapping[str, str], registers: Mapping[str, SigningRegister], on: date
) -> Iterator[PublicContact]:
    """The offices for questions that the text names; otherwise the one that signs, in the partner's own words where it registered any."""
    for party in document.parties:
        contacts, register = party.contacts, registers.get(party.partner)
        offices = [office for office in (contacts.data, contacts.notices) if office] if contacts else []
        source = ContactSource.AGREEMENT
        if not offices and register is not None and (signing := register.in_force(on)):
            offices, source = [one.office for one in signing], ContactSource.REGISTER
        elif not offices and party.signatory:
            offices = [party.signatory.title]
        name = names.get(party.partner, party.partner)
        yield PublicContact(name, tuple(dict.fromkeys(offices)), source if offices else None)


def as_json(found: PublicAgreement) -> dict[str, object]:
    """The same as JSON, with the names of tables and elements."""
    document, destruction = found.document, found.document.terms.destruction
    return {
        "id": document.id,
        "title": document.title,
        "tier": found.tier,
        "state": found.state.value,
        "parties": list(found.parties),
        "effective": document.terms.effective.isoformat(),
        "expires": document.terms.expires.isoformat(),
        "purposes": [_use_json(use) for use in found.uses],
        "students": [*map(str, found.students)],
        "destruction": {
            "within_days": destruction.within_days, "ending": found.ending, "method": destruction.method,
            "late": [{"partner": each.partner or None, "due": each.due.isoformat()} for each in found.late],
        },
        "never": list(found.never),
        "ask": [
            {"partner": each.partner, "offices": list(each.offices), "source": each.source} for each in found.ask
        ],
        "signatures": [{"partner": s.partner, "on": s.on.isoformat(), "known": s.known} for s in found.signed],
        "version": found.version,
    }  # fmt: skip


def _use_json(use: PublicPurpose) -> dict[str, object]:
    return {
        "id": use.id,
        "kind": use.kind,
        "interest": use.interest,
        "gives": [
            {"partners": list(g.partners), "elements": [path for kind in g.kinds for path in kind.paths]}
            for g in use.givers
        ],
        "read_by": list(use.readers),
        "roles": list(use.roles),
        "right": use.right,
        "citation": use.citation,
        "form": use.form,
    }
