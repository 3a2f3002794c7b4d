"""An agreement as the public register tells it: parties, purposes, what is shared, by what right, until when.

Only what the signed text and the register of partners say; no office's holder, no basis details, no counts, nothing of any
student. The words of this page stand in English here and are translated where they are shown; the agreement's own words
stay as they are written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from throughway.agreements.agreement_text import condition_words
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import Election
from throughway.agreements.grant import accompanying, scheduled
from throughway.agreements.labels import (
    BASIS_WORDS,
    CITATIONS,
    FORM_WORDS,
    TIER_WORDS,
    partner_labels,
    people,
    ranked_tables,
    shown_elements,
    table_words,
)
from throughway.agreements.signatures import BY_COMMAND, ON_PAPER, ON_SITE, given_of
from throughway.agreements.states import BEGUN, AgreementState, LifecycleEvent
from throughway.agreements.status import AgreementLifecycle, AgreementStatus
from throughway.vocabulary import covered

FEW = 4
# Of states that the public reads: the tag's kind, and its word.
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


@dataclass(frozen=True)
class PublicContact:
    """Where to ask at one party: the party, and the offices that it names for this agreement."""

    partner: str
    offices: tuple[str, ...]


@dataclass(frozen=True)
class PublicTable:
    """One table: its name in words, and its elements in words. `whole`: all of it, save what must be named one by one."""

    words: str
    elements: tuple[str, ...]
    paths: tuple[str, ...]
    whole: bool

    @property
    def few(self) -> bool:
        """So few elements that they are best named at once."""
        return not self.whole and len(self.elements) <= FEW


@dataclass(frozen=True)
class PublicDisclosure:
    """What partners give under one purpose entry; those that give the same stand together."""

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
class Signed:
    """For which partner, on which day, and how the signer was known, in words that are translated where they are shown."""

    partner: str
    on: date
    known: str


KNOWN: Mapping[str, str] = {
    ON_PAPER: "on paper",
    BY_COMMAND: "on the word of the operator of this site",
    ON_SITE: "signed in to this site",
}


@dataclass(frozen=True)
class PublicAgreement:
    """One agreement of the register."""

    id: str
    title: str
    tier: str
    tag: tuple[str, str]
    state: str
    parties: tuple[str, ...]
    begins: date
    ends: date
    uses: tuple[PublicPurpose, ...]
    students: tuple[
        str, ...
    ]  # which ones, a line for each rule; none: all of every partner that gives records
    kept_days: int
    ending: str
    method: str
    never: tuple[str, ...]
    ask: tuple[PublicContact, ...]
    signed: tuple[Signed, ...]
    version: str

    @property
    def interests(self) -> tuple[str, ...]:
        """Why, each once."""
        return tuple(dict.fromkeys(use.interest for use in self.uses))

    @property
    def is_over(self) -> bool:
        return self.tag[0] in ("past", "wait")


def public(
    life: AgreementLifecycle, names: Mapping[str, str], on: date, done: Sequence[LifecycleEvent] = ()
) -> PublicAgreement | None:
    """The agreement as everybody may read it; None for one that has not been in effect. `done`: what was done with it."""
    found = life.current
    if found.state not in BEGUN or found.version not in life.activated or found.document.terms.effective > on:
        return None
    document = found.document
    parties = partner_labels(document.partners, names)
    return PublicAgreement(
        id=document.id,
        title=document.title,
        tier=TIER_WORDS[document.tier],
        tag=STATES.get(found.state, ("past", "ended")),
        state=found.state.value,
        parties=parties,
        begins=document.terms.effective,
        ends=document.terms.expires,
        uses=tuple(_use(document, entry, names) for entry in document.purposes),
        students=tuple(_students(document, names)),
        kept_days=document.terms.destruction.within_days,
        ending=ENDINGS[document.terms.destruction.election],
        method=document.terms.destruction.method,
        never=tuple(word.replace("_", " ") for word in document.terms.prohibited),
        ask=tuple(_ask(found, names)),
        signed=tuple(
            Signed(
                names.get(given.partner, given.partner), given.on, KNOWN.get(given.said.get("how", ""), "")
            )
            for given in given_of(done, found.version)
        ),
        version=found.version,
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
        alike.setdefault(_kinds(document, entry, giver), []).append(giver)
    for kinds, givers in alike.items():
        yield PublicDisclosure(partner_labels(givers, names), kinds)


def _kinds(document: AgreementDocument, entry: Purpose, giver: str) -> tuple[PublicTable, ...]:
    tables = scheduled(document, entry, giver)
    found = []
    for table in ranked_tables(tables):
        own = {
            n: t for n, t in tables[table].items() if n not in accompanying(table) and t.name != "suppress"
        }
        if own:
            paths = tuple(f"{table}.{name}" for name in own)
            usual = {e.name for e in covered(f"{table}.*")} - accompanying(table).keys()
            found.append(
                PublicTable(table_words(table), shown_elements(own), paths, whole=usual <= own.keys())
            )
    return tuple(found)


def _students(document: AgreementDocument, names: Mapping[str, str]) -> Iterator[str]:
    for entry in document.population:
        whose = f"{', '.join(partner_labels(entry.from_, names))}: " if entry.from_ else ""
        yield f"{whose}{condition_words(entry.where)}"


def _ask(found: AgreementStatus, names: Mapping[str, str]) -> Iterator[PublicContact]:
    for party in found.document.parties:
        contacts = party.contacts
        offices = [office for office in (contacts.data, contacts.notices) if office] if contacts else []
        if not offices and party.signatory:
            offices = [party.signatory.title]
        yield PublicContact(partner_labels((party.partner,), names)[0], tuple(dict.fromkeys(offices)))


def as_json(found: PublicAgreement) -> dict[str, object]:
    """For programs: the same, with the names of tables and elements."""
    return {
        "id": found.id,
        "title": found.title,
        "tier": found.tier,
        "state": found.state,
        "parties": list(found.parties),
        "effective": found.begins.isoformat(),
        "expires": found.ends.isoformat(),
        "purposes": [_use_json(use) for use in found.uses],
        "students": list(found.students),
        "destruction": {"within_days": found.kept_days, "ending": found.ending, "method": found.method},
        "never": list(found.never),
        "ask": [{"partner": asked.partner, "offices": list(asked.offices)} for asked in found.ask],
        "signatures": [
            {"partner": s.partner, "on": s.on.isoformat(), "known": s.known} for s in found.signed
        ],
        "version": found.version,
    }


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
