"""An agreement in words: its sections, each with its paragraphs and the paths of the document that it describes.

Generated from the same document that the gate compiles. The page of an agreement, the plain text, the paper to sign and a draft all
use these sections and have no wording of their own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.data_flows import givers_by_kinds
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import PopulationEntry, Purpose, ScheduleLine
from throughway.agreements.enums import AuthorCapacity, Basis, PurposeKind
from throughway.agreements.extract_permission import EXTRACTS, clause_against_extracts
from throughway.agreements.labels import (
    CITATIONS,
    ENDING_WORDS,
    FORM_WORDS,
    POPULATION_DAY_WORDS,
    PUBLICATION_RULE_WORDS,
    PURPOSES,
    REACH_WORDS,
    any_of,
    course_words,
    day,
    element_words,
    listed,
    partner_labels,
    people,
    right_words,
    roles_in_words,
    table_words,
    transform_words,
)
from throughway.agreements.purpose_codes import joined_with
from throughway.agreements.transforms import Transform
from throughway.agreements.unenforced_fields import HELD_DETAILS, LEGEND, MARK, marked
from throughway.core.prose import capital, counted

Names = Mapping[str, str]
# For a wildcard: it excludes elements that a law restricts.
SAVE = "except what must be named one by one"
ONE_OF = re.compile(r"(\w+)\s+(?:IN\s+\(([^()]*)\)|=\s*('[^']*'))", re.IGNORECASE)

TITLES: Mapping[str, str] = {
    "parties": "Who agrees",
    "writes": "What people may type",
    "scope": "Which students, and which days",
    "custody": "Who keeps the records",
    "services": "What partners provide",
    "onward": "Who may receive it next",
    "end": "The end",
    "rules": "Rules for all of it",
    "clauses": "The words that people sign",
}
PURPOSE_TITLES: Mapping[PurposeKind, str] = {
    PurposeKind.CASEWORK: "Working with a student",
    PurposeKind.LINKAGE: "Matching records",
    PurposeKind.REPORTING: "Reports to the community",
    PurposeKind.EVALUATION: "Learning what works",
    PurposeKind.RESEARCH: "Research",
    PurposeKind.OPERATIONS: "Running services",
}


@dataclass(frozen=True)
class ScheduledElement:
    """A line of the schedule as one purpose shows it. `givers`: names of those whose records show it; `of_all`: these are all
    disclosers under the purpose. `reason` is text for people."""

    line: ScheduleLine
    givers: tuple[str, ...]
    of_all: bool = True

    @property
    def element(self) -> str:
        if self.line.is_wildcard:
            return f"all, {SAVE}"
        return element_words(self.line.element.partition(".")[2])

    @property
    def how(self) -> str:
        """Its transform in words; empty when values are shown unchanged."""
        return transform_words(Transform.parse(self.line.transform))

    @property
    def words(self) -> str:
        """birth date, of names, birth date and sex (the year only)"""
        table = table_words(self.line.table)
        what = f"all of {table}, {SAVE}" if self.line.is_wildcard else f"{self.element}, of {table}"
        return f"{what} ({self.how})" if self.how else what

    @property
    def reason(self) -> str:
        return f"{self.line.necessity.rstrip('.') or 'No reason is given'}."


@dataclass(frozen=True)
class AgreementParagraph:
    """One or a few sentences, with the list, the named facts, or the schedule lines that belong to them."""

    text: str = ""
    items: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    schedule: tuple[ScheduledElement, ...] = ()


@dataclass(frozen=True)
class AgreementSection:
    """One clause. `id`: a key of TITLES, or `purpose`, whose id is `purpose`. `places`: prefixes of the paths that it describes."""

    id: str
    title: str
    paragraphs: tuple[AgreementParagraph, ...]
    places: tuple[str, ...]
    purpose: str = ""

    def is_about(self, path: str) -> bool:
        return path.startswith(self.places)


def sections(document: AgreementDocument, names: Names) -> tuple[AgreementSection, ...]:
    """All sections of the agreement. `names`: of partners, by id.

    A path belongs to the first section that describes it.
    """
    return tuple(section for section in _sections(document, names) if section.paragraphs)


def _sections(document: AgreementDocument, names: Names) -> Iterator[AgreementSection]:
    def section(id: str, words: Iterable[AgreementParagraph], *places: str) -> AgreementSection:
        return AgreementSection(id, TITLES[id], tuple(words), places)

    about = ("parties", "joinder", "tier", "under", "title", "id", "throughway")
    yield section("parties", _parties(document, names), *about)
    for purpose in dict.fromkeys(entry.id for entry in document.purposes):
        entries = document.entries(purpose)
        yield AgreementSection(
            "purpose",
            PURPOSE_TITLES[entries[0].kind],
            tuple(_purpose(document, entries, names)),
            tuple(_places_of(document, purpose)),
            purpose,
        )
    yield section("writes", _writes(document, names), "writes")
    yield section("scope", _scope(document, names), "population", "records", "schedule", "purposes")
    yield section("custody", _custody(document, names), "custody")
    yield section("services", _services(document, names), "services")
    yield section("onward", _onward(document), "onward")
    yield section("end", _end(document, names), "terms.destruction", "terms.expires")
    yield section("rules", _rules(document, names), "terms", "project", "precedence")
    yield section("clauses", _clauses(document), "clauses")


def _places_of(document: AgreementDocument, purpose: str) -> Iterator[str]:
    for n, entry in enumerate(document.purposes):
        if entry.id == purpose:
            yield f"purposes[{n}]"
    for n, line in enumerate(document.schedule):
        if purpose in line.purposes:
            yield f"schedule[{n}]"


def _parties(document: AgreementDocument, names: Names) -> Iterator[AgreementParagraph]:
    items = []
    for party in document.parties:
        name = names.get(party.partner, party.partner)
        who = f"{name} {roles_in_words(party.roles) if party.roles else 'agrees'}"
        if signs := party.signatory:
            office = f"{who}; its {signs.title} signs, under {signs.authority}."
            items.append(marked("parties[].signatory.title", office))
        else:
            items.append(f"{who}.")
        if contacts := party.contacts and party.contacts.model_dump(exclude_none=True):
            offices = listed(f"{what}: {office}" for what, office in contacts.items())
            items.append(marked("parties[].contacts.notices", f"Offices of {name} to write to, {offices}."))
    yield AgreementParagraph(LEGEND, items=tuple(items))
    if document.under:
        yield AgreementParagraph(
            f"It is under {listed(document.under)}, and never shares more than that allows."
        )
    if document.joinder.open_to:
        yield AgreementParagraph(f"Any {any_of(document.joinder.open_to)} may join by signing the same text.")


def _purpose(
    document: AgreementDocument, entries: Sequence[Purpose], names: Names
) -> Iterator[AgreementParagraph]:
    """Entries with the same readers are combined: first the readers, then what each partner gives and by what right."""
    for interest in dict.fromkeys(entry.interest.rstrip(".") for entry in entries):
        yield AgreementParagraph(interest if interest.endswith("?") else f"{interest}.")
    alike: dict[tuple[object, ...], list[Purpose]] = {}
    for entry in entries:
        key = (document.recipients(entry), entry.roles, entry.reach, entry.form, entry.training, entry.serves)
        alike.setdefault(key, []).append(entry)
    for of in alike.values():
        given = [fact for entry in of for fact in _given(document, entry, names)]
        yield AgreementParagraph(
            facts=(*_read(document, of[0], names), *given), schedule=tuple(_schedule(document, of, names))
        )


def _read(document: AgreementDocument, entry: Purpose, names: Names) -> Iterator[tuple[str, str]]:
    takers = listed(partner_labels(document.recipients(entry), names)) or "nobody"
    readers = listed(people(role) for role in entry.roles) or "nobody, since no role is listed"
    yield "Who reads", f"{capital(readers)} of {takers}, {REACH_WORDS[entry.reach]}."
    yield "In what form", FORM_WORDS[entry.form]
    if same := joined_with(document, entry.id):
        yield "Same codes", _same_codes(document, same)
    if entry.training:
        yield "Training", f"They must have completed, unexpired: {listed(map(course_words, entry.training))}."
    if entry.kind is PurposeKind.LINKAGE:
        yield "Where a match shows", _served(document, entry)
    yield "Until", f"{day(document.terms.expires)}."


def _given(document: AgreementDocument, entry: Purpose, names: Names) -> Iterator[tuple[str, str]]:
    for what, givers in givers_by_kinds(document, entry).items():
        verb = "give" if len(givers) > 1 else "gives"
        yield f"{listed(partner_labels(givers, names))} {verb}", f"{capital(listed(what) or 'nothing yet')}."
    yield "By what right", _right(entry.basis, entry.basis_details, names)


def _right(basis: Basis, details: Mapping[str, object], names: Names) -> str:
    """The basis in plain words, with its citation and its details; partners by name."""
    named = {
        key: names.get(value, value) if isinstance(value, str) else value for key, value in details.items()
    }
    return " ".join([f"{capital(right_words(basis))}.", *_details(named)])


def _details(details: Mapping[str, object]) -> Iterator[str]:
    """The details of a basis: the enforced ones in one sentence, the others in another."""
    for is_held in (True, False):
        text = "; ".join(
            f"{key.replace('_', ' ')}: {_value(value)}"
            for key, value in details.items()
            if (key in HELD_DETAILS) is is_held
        )
        if text:
            yield capital(text.rstrip(".")) + ("." if is_held else f" {MARK}.")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_value(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return listed(map(_value, value))
    return str(value)


def _same_codes(document: AgreementDocument, purposes: Sequence[str]) -> str:
    others = [f"“{document.entries(id)[0].interest.rstrip('.')}”" for id in purposes]
    return f"As in {listed(others)}: whoever reads both can put them side by side, student by student."


def _served(document: AgreementDocument, entry: Purpose) -> str:
    if entry.serves is None:
        return "Under every purpose of this agreement."
    here = [PURPOSES[e.kind] for id in entry.serves for e in document.entries(id)[:1]]
    elsewhere = any(not document.entries(id) for id in entry.serves)
    return (
        capital(listed([*dict.fromkeys(here), *(["under other agreements"] if elsewhere else [])])) + " only."
    )


def _schedule(
    document: AgreementDocument, entries: Sequence[Purpose], names: Names
) -> Iterator[ScheduledElement]:
    """Each line of the schedule that shows something under these entries."""
    all_givers = {giver for entry in entries for giver in document.disclosers(entry)}
    for line in document.schedule:
        givers = dict.fromkeys(d for entry in entries for d in document.line_disclosers(line, entry))
        if givers:
            yield ScheduledElement(line, partner_labels(givers, names), givers.keys() == all_givers)


def _writes(document: AgreementDocument, names: Names) -> Iterator[AgreementParagraph]:
    for entry in document.writes:
        under = [p for id in entry.purposes for p in document.entries(id)]
        authors = entry.by or tuple(dict.fromkeys(a for p in under for a, _ in document.owners(entry, p)))
        roles = entry.roles or tuple(dict.fromkeys(role for p in under for role in p.roles))
        who = f"{capital(listed(map(people, roles)) or 'Nobody')} of {listed(partner_labels(authors, names)) or 'nobody'}"
        purposes = dict.fromkeys(PURPOSES[p.kind] for p in under)
        if entry.capacity is AuthorCapacity.SCHOOL_OFFICIAL:
            whose = f"As school officials of {names.get(entry.for_ or '', entry.for_ or 'no district')}: an education record of that district."
        elif entry.capacity is AuthorCapacity.RECEIVER:
            whose = "They answer what was sent to them: it stays a record of the organization that sent it."
        else:
            whose = "Each for its own program or school: a record of that organization."
        yield AgreementParagraph(
            facts=(
                (capital(table_words(entry.table)), f"{who}, {listed(purposes) or 'for no purpose'}."),
                ("Whose record it is", whose),
                ("Who reads it", "The people of the same organization who may type it, about the students whom they may open. Others only "
                 "where the lists above show it."),
                *([("Why it is necessary", marked("writes[].necessity", f"{entry.necessity.rstrip('.')}."))] if entry.necessity else []),
            )
        )  # fmt: skip


def _scope(document: AgreementDocument, names: Names) -> Iterator[AgreementParagraph]:
    if not document.purposes:
        return
    if document.population:
        yield AgreementParagraph(items=tuple(_population(entry, names) for entry in document.population))
    else:
        yield AgreementParagraph("All students of every partner that gives records.")
    since, until = document.records.from_, document.records.to
    if since or until:
        bounds = [f"from {day(since)}"] if since else []
        bounds += [f"through {day(until)}"] if until else []
        yield AgreementParagraph(f"Only facts {' '.join(bounds)}.")
    yield AgreementParagraph("Nothing else may be loaded or shown.")


def _population(entry: PopulationEntry, names: Names) -> str:
    whose = listed(partner_labels(entry.from_ or (), names)) or "every partner that gives records"
    condition = f"{table_words(entry.on)} where {condition_words(entry.where)}"
    return f"Of {whose}: students with {condition}, {POPULATION_DAY_WORDS[entry.when]}."


def element_and_values(where: str) -> tuple[str, tuple[str, ...]] | None:
    """The element of a condition, and the values that it may have; None for a condition of another kind."""
    found = ONE_OF.fullmatch(where.strip())
    if found is None:
        return None
    return found[1], tuple(value.strip().strip("'") for value in (found[2] or found[3]).split(","))


def condition_words(where: str) -> str:
    """`grade IN ('06', '07')` as "grade is 06 or 07"; a condition of another kind unchanged."""
    found = element_and_values(where)
    if found is None:
        return where
    element, (*first, last) = found
    return f"{element_words(element)} is {', '.join(first) + ' or ' if first else ''}{last}"


def _custody(document: AgreementDocument, names: Names) -> Iterator[AgreementParagraph]:
    for entry in document.custody:
        whose = (
            f"the records of {listed(partner_labels(entry.from_, names))}" if entry.from_ else "all records"
        )
        right = _right(entry.basis, entry.basis_details, names)
        yield AgreementParagraph(facts=((f"The steward keeps {whose}", right),))


def _services(document: AgreementDocument, names: Names) -> Iterator[AgreementParagraph]:
    for service in document.services:
        parts = [f"{names.get(service.partner, service.partner)} provides {service.program}"]
        if service.schools:
            parts.append(marked("services[].schools", f"at {listed(service.schools)}"))
        if service.seats is not None:
            parts.append(f"with {counted(service.seats, 'seat')}")
        if (hours := service.hours_per_week) is not None:
            parts.append(f"{hours:g} hour{'' if hours == 1 else 's'} a week")
        yield AgreementParagraph(f"{', '.join(parts)}.")


def _onward(document: AgreementDocument) -> Iterator[AgreementParagraph]:
    for step in document.onward:
        basis = CITATIONS[Basis(step.basis)] if step.basis in set(Basis) else step.basis
        sentence = f"{step.party}, for {step.interest.rstrip('.')} ({basis})."
        yield AgreementParagraph(marked("onward[].party", sentence))
    if document.purposes and not document.onward:
        yield AgreementParagraph("Nobody.")


def _end(document: AgreementDocument, names: Names) -> Iterator[AgreementParagraph]:
    terms, end = document.terms, document.terms.destruction
    destroyed = marked(
        "terms.destruction.method",
        "The platform destroys what it holds; recipients certify what they did with their copies.",
    )
    yield AgreementParagraph(
        f"It holds from {day(terms.effective)} through {day(terms.expires)}. When it ends, records are "
        f"{ENDING_WORDS[end.election]} within {counted(end.within_days, 'day')} ({end.method}). {destroyed}"
    )
    if terms.exit_notice_days is not None:
        notice = counted(terms.exit_notice_days, "day’s", "days’")
        yield AgreementParagraph(f"A party may leave with {notice} notice.")
    if terms.ended_by:
        enders = listed(partner_labels(terms.ended_by, names))
        each = "each of them alone" if len(terms.ended_by) > 1 else "it alone"
        yield AgreementParagraph(f"Who may end it for all parties, {each}: {enders}.")
    if terms.renewal_notice_days is not None:
        yield AgreementParagraph(
            f"Notice of renewal is given {counted(terms.renewal_notice_days, 'day')} before the end."
        )


def _rules(document: AgreementDocument, names: Names) -> Iterator[AgreementParagraph]:
    yield AgreementParagraph(items=tuple(_rule_sentences(document, names)))


def _rule_sentences(document: AgreementDocument, names: Names) -> Iterator[str]:
    terms, project = document.terms, document.project
    courses = listed(map(course_words, terms.training))
    by_purpose = any(entry.training for entry in document.purposes)
    yield (
        f"Readers must have completed this training, and it must not have expired: {courses}."
        if courses
        else "Readers need the training that their purpose names."
        if by_purpose
        else "Readers need no training."
    )
    yield f"Counts of fewer than {terms.minimum_cell} people are never published."
    if terms.publication_rule:
        yield f"Published percentages are coded {PUBLICATION_RULE_WORDS[terms.publication_rule]}."
    if terms.breach_notice_hours is not None:
        yield f"A breach is reported within {counted(terms.breach_notice_hours, 'hour')}."
    if terms.publication_review_days is not None:
        yield f"Parties see a publication {counted(terms.publication_review_days, 'day')} before it appears."
    if terms.release_approval:
        yield (
            "A publication appears only after a second person, other than its publisher, has agreed to it for a partner whose records "
            "it counts."
        )
    if terms.storage_country:
        yield marked("terms.storage_country", f"Records are stored in {terms.storage_country}.")
    for bound in terms.subprocessors:
        yield marked(
            "terms.subprocessors[].name", f"Bound by the same terms: {bound.name}, for {bound.service}."
        )
    for each in terms.delivery:
        giver = names.get(each.from_, each.from_)
        yield marked(
            "terms.delivery[].from", f"{giver} delivers {each.what} every {each.every} ({each.format})."
        )
    if EXTRACTS in terms.prohibited:
        yield "The records stay in this system: no extract of them is made."
    if others := [word.replace("_", " ") for word in terms.prohibited if word != EXTRACTS]:
        yield f"Never allowed: {listed(others)} {MARK}."
    if project:
        yield marked("project.method", f"Method of the project: {project.method.rstrip('.')}.")
        if project.irb:
            board = f"Review board: {project.irb.number}, until {project.irb.expires}."
            yield marked("project.irb.number", board)
        if project.linked_data:
            yield marked("project.linked_data", f"It links: {listed(project.linked_data)}.")
    if document.precedence:
        earlier = ", ".join(document.precedence)
        yield marked("precedence", f"Where texts conflict, the earlier of these holds: {earlier}.")


def _clauses(document: AgreementDocument) -> Iterator[AgreementParagraph]:
    facts = [
        (name.replace("_", " ").capitalize(), words)
        for name in type(document.clauses).model_fields
        if (words := _clause(document, name))
    ]
    if facts:
        yield AgreementParagraph(facts=tuple(facts))


def _clause(document: AgreementDocument, name: str) -> str:
    """A clause as signed, and whether the program enforces it; empty when there is none."""
    text, place = str(getattr(document.clauses, name)).strip(), f"clauses.{name}"
    if clause_against_extracts(document) == place:
        return f"{text} (An extract is refused.)"
    return marked(place, text) if text else ""
