"""An agreement clause by clause: what it says in words, what the review found there, and the SQL it compiles to."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.basis_citations import CITATIONS, IN_WORDS
from throughway.agreements.data_flows import kinds
from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import PopulationEntry, Purpose, ScheduleLine
from throughway.agreements.enums import Basis, Election, PopulationDay, PurposeKind
from throughway.agreements.findings import ReviewFinding, Severity
from throughway.agreements.labels import (
    FORM_WORDS,
    PURPOSES,
    REACH_WORDS,
    any_of,
    course_words,
    day,
    element_words,
    listed,
    partner_labels,
    people,
    roles_in_words,
    table_words,
    transform_words,
)
from throughway.agreements.plain_text import (
    ENDINGS,
    clause_in_words,
    details_in_words,
    prohibitions,
    project_in_words,
)
from throughway.agreements.transforms import Transform
from throughway.agreements.unenforced_fields import LEGEND, marked
from throughway.core.prose import capital, counted

Names = Mapping[str, str]
SQL_LINES = 80  # beside a clause; the whole stands on a page of its own
ONE_OF = re.compile(r"(\w+)\s+IN\s+\(([^()]*)\)", re.IGNORECASE)

WHEN = {
    PopulationDay.FACT: "on the day of the fact",
    PopulationDay.READING: "on the day of reading",
    PopulationDay.EVER: "at any time",
}


@dataclass(frozen=True)
class RenderedParagraph:
    """A paragraph, with the list or the named facts that belong to it. `more`: what stands behind a click."""

    text: str = ""
    items: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class RenderedClause:
    """One clause. `sql` is empty where the clause is not compiled; of a long one it is the beginning."""

    number: int
    title: str
    words: tuple[RenderedParagraph, ...]
    findings: tuple[ReviewFinding, ...]
    sql: str = ""
    more_lines: int = 0  # of its SQL

    @property
    def grave(self) -> tuple[ReviewFinding, ...]:
        """What must be cured or decided."""
        return tuple(f for f in self.findings if f.severity is not Severity.ADVICE)

    @property
    def advice(self) -> tuple[ReviewFinding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.ADVICE)


@dataclass(frozen=True)
class _ClauseDraft:
    title: str
    words: tuple[RenderedParagraph, ...]
    about: Callable[[str], bool]  # whether a finding's path belongs here
    sql: str = ""


def passages(
    document: AgreementDocument, names: Names, findings: Sequence[ReviewFinding], sql: Mapping[str, str]
) -> tuple[RenderedClause, ...]:
    """`findings`: of the review, gravest first. `sql`: by purpose id, what the database obeys.

    Every finding stands at exactly one clause: the first that it is about, else the last.
    """
    parts = [part for part in _parts(document, names, sql) if part.words]
    placed: dict[int, list[ReviewFinding]] = {n: [] for n in range(len(parts))}
    for finding in findings:
        at = next((n for n, part in enumerate(parts) if part.about(finding.element)), len(parts) - 1)
        placed[at].append(finding)
    return tuple(
        RenderedClause(n + 1, part.title, part.words, tuple(placed[n]), *_beginning(part.sql))
        for n, part in enumerate(parts)
    )


def _beginning(sql: str) -> tuple[str, int]:
    """The first lines, and how many follow."""
    lines = sql.split("\n")
    return "\n".join(lines[:SQL_LINES]), max(0, len(lines) - SQL_LINES)


def _starts(*roots: str) -> Callable[[str], bool]:
    return lambda path: path.split("[")[0].split(".")[0] in roots or path.startswith(tuple(roots))


def _parts(document: AgreementDocument, names: Names, sql: Mapping[str, str]) -> Iterator[_ClauseDraft]:
    yield _ClauseDraft(
        "Who agrees",
        tuple(_parties(document, names)),
        _starts("parties", "joinder", "tier", "under", "title", "id", "throughway"),
    )
    for purpose in dict.fromkeys(entry.id for entry in document.purposes):
        entries = [(n, e) for n, e in enumerate(document.purposes) if e.id == purpose]
        yield _ClauseDraft(
            _title(entries[0][1]),
            tuple(_purpose(document, [e for _, e in entries], names)),
            _of_purpose(document, purpose, frozenset(n for n, _ in entries)),
            sql.get(purpose, ""),
        )
    yield _ClauseDraft(
        "Which students, and which days",
        tuple(_scope(document, names)),
        _starts("population", "records", "schedule", "purposes"),
    )
    yield _ClauseDraft("Who keeps the records", tuple(_custody(document, names)), _starts("custody"))
    yield _ClauseDraft("What partners provide", tuple(_services(document, names)), _starts("services"))
    yield _ClauseDraft("Who may receive it next", tuple(_onward(document)), _starts("onward"))
    yield _ClauseDraft("The end", tuple(_end(document)), _starts("terms.destruction", "terms.expires"))
    yield _ClauseDraft(
        "Rules for all of it", tuple(_rules(document, names)), _starts("terms", "project", "precedence")
    )
    yield _ClauseDraft("The words that people sign", tuple(_clauses(document)), _starts("clauses"))


def _of_purpose(document: AgreementDocument, purpose: str, places: frozenset[int]) -> Callable[[str], bool]:
    lines = frozenset(n for n, line in enumerate(document.schedule) if purpose in line.purposes)
    mine = tuple(f"purposes[{n}]" for n in places) + tuple(f"schedule[{n}]" for n in lines)
    return lambda path: path.startswith(mine)


def _parties(document: AgreementDocument, names: Names) -> Iterator[RenderedParagraph]:
    said = []
    for party in document.parties:
        (name,) = partner_labels((party.partner,), names)
        does = f" {roles_in_words(party.roles)}" if party.roles else " agrees"
        signs = party.signatory
        by = f"; its {signs.title} signs, under {signs.authority}" if signs else ""
        said.append(marked("parties[].signatory.title", f"{name}{does}{by}.") if signs else f"{name}{does}.")
        contacts = party.contacts.model_dump(exclude_none=True) if party.contacts else {}
        if contacts:
            offices = listed(f"{what}: {office}" for what, office in contacts.items())
            said.append(marked("parties[].contacts.notices", f"Offices of {name} to write to, {offices}."))
    yield RenderedParagraph(LEGEND, items=tuple(said))
    if document.under:
        yield RenderedParagraph("It stands under a wider agreement, and never gives more than that one does.")
    if document.joinder.open_to:
        yield RenderedParagraph(f"Any {any_of(document.joinder.open_to)} may join by signing the same text.")


def _title(entry: Purpose) -> str:
    return {
        PurposeKind.CASEWORK: "Working with a student",
        PurposeKind.LINKAGE: "Matching records",
        PurposeKind.REPORTING: "Reports to the community",
        PurposeKind.EVALUATION: "Learning what works",
        PurposeKind.RESEARCH: "Research",
        PurposeKind.OPERATIONS: "Running services",
    }[entry.kind]


def _purpose(
    document: AgreementDocument, entries: Sequence[Purpose], names: Names
) -> Iterator[RenderedParagraph]:
    """Entries with the same readers stand together: who reads first, then what each partner gives and by what right."""
    for interest in dict.fromkeys(entry.interest.rstrip(".") for entry in entries):
        yield RenderedParagraph(interest if interest.endswith("?") else f"{interest}.")
    blocks: dict[tuple[object, ...], list[Purpose]] = {}
    for entry in entries:
        key = (document.recipients(entry), entry.roles, entry.reach, entry.form, entry.serves)
        blocks.setdefault(key, []).append(entry)
    for of in blocks.values():
        given = [fact for entry in of for fact in _given(document, entry, names)]
        yield RenderedParagraph(
            facts=(*_read(document, of[0], names), *given), more=tuple(_reasons(document, of))
        )


def _read(document: AgreementDocument, entry: Purpose, names: Names) -> Iterator[tuple[str, str]]:
    takers = listed(partner_labels(document.recipients(entry), names)) or "nobody"
    readers = listed(people(role) for role in entry.roles) or "nobody, since no role is listed"
    yield "Who reads", f"{capital(readers)} of {takers}, {REACH_WORDS[entry.reach]}."
    yield "In what form", FORM_WORDS[entry.form]
    if entry.kind is PurposeKind.LINKAGE:
        yield "Where a match shows", _served(document, entry)
    yield "Until", f"{day(document.terms.expires)}."


def _given(document: AgreementDocument, entry: Purpose, names: Names) -> Iterator[tuple[str, str]]:
    by_kinds: dict[tuple[str, ...], list[str]] = {}
    for discloser in document.disclosers(entry):
        by_kinds.setdefault(kinds(document, entry, discloser), []).append(discloser)
    for what, givers in by_kinds.items():
        said = listed(what) if what else "nothing yet"
        yield (
            f"{listed(partner_labels(givers, names))} give{'' if len(givers) > 1 else 's'}",
            f"{capital(said)}.",
        )
    yield "By what right", _right(entry.basis, entry.basis_details, names)


def _right(basis: Basis, details: Mapping[str, object], names: Names) -> str:
    """The right in plain words, with its citation and what it rests on; partners stand by name."""
    right = f"{IN_WORDS[basis]} ({CITATIONS[basis]})."
    named = {
        key: names.get(value, value) if isinstance(value, str) else value for key, value in details.items()
    }
    rests_on = details_in_words(named).strip()
    return f"{capital(right)} {capital(rests_on)}".strip()


def _served(document: AgreementDocument, entry: Purpose) -> str:
    if entry.serves is None:
        return "Under every purpose of this agreement."
    here = [PURPOSES[e.kind] for id in entry.serves for e in document.entries(id)[:1]]
    elsewhere = [id for id in entry.serves if not document.entries(id)]
    said = listed([*dict.fromkeys(here), *(["under other agreements"] if elsewhere else [])]) + " alone."
    return capital(said)


def _reasons(document: AgreementDocument, entries: Iterable[Purpose]) -> Iterator[tuple[str, str]]:
    """Each line of the schedule under the entries, with why it is necessary."""
    held = list(entries)
    for line in document.schedule:
        if any(document.line_disclosers(line, entry) for entry in held):
            yield (
                _element(line),
                marked("schedule[].necessity", f"{line.necessity.rstrip('.') or 'No reason is given'}."),
            )


def _element(line: ScheduleLine) -> str:
    name = line.element.partition(".")[2]
    if line.is_wildcard:
        what = table_words(line.table)
    else:
        what = f"{element_words(name)}, of {table_words(line.table)}"
    return what if line.transform == "none" else f"{what} ({_blurred(line.transform)})"


def _blurred(transform: str) -> str:
    return transform_words(Transform.parse(transform)) or "withheld"


def _scope(document: AgreementDocument, names: Names) -> Iterator[RenderedParagraph]:
    if not document.purposes:
        return
    if not document.population:
        yield RenderedParagraph("All students of every partner that gives records.")
    else:
        yield RenderedParagraph(items=tuple(_population(entry, names) for entry in document.population))
    since, until = document.records.from_, document.records.to
    if since or until:
        bounds = [f"since {day(since)}"] if since else []
        bounds += [f"until {day(until)}"] if until else []
        yield RenderedParagraph(f"Only facts {' and '.join(bounds)}.")
    yield RenderedParagraph("Nothing else may even be loaded.")


def _population(entry: PopulationEntry, names: Names) -> str:
    whose = (
        "every partner that gives records"
        if entry.from_ is None
        else listed(partner_labels(entry.from_, names))
    )
    return f"Of {whose}: students with {table_words(entry.on)} where {condition_words(entry.where)}, {WHEN[entry.when]}."


def condition_words(where: str) -> str:
    """`grade IN ('06', '07')` as "grade is 06 or 07"; any other condition as it is written."""
    found = ONE_OF.fullmatch(where.strip())
    if found is None:
        return where
    *first, last = (value.strip().strip("'") for value in found[2].split(","))
    return f"{element_words(found[1])} is {', '.join(first) + ' or ' if first else ''}{last}"


def _custody(document: AgreementDocument, names: Names) -> Iterator[RenderedParagraph]:
    for entry in document.custody:
        whose = (
            "all records"
            if entry.from_ is None
            else f"the records of {listed(partner_labels(entry.from_, names))}"
        )
        right = _right(entry.basis, entry.basis_details, names)
        yield RenderedParagraph(facts=((f"The steward keeps {whose}", right),))


def _services(document: AgreementDocument, names: Names) -> Iterator[RenderedParagraph]:
    for service in document.services:
        (name,) = partner_labels((service.partner,), names)
        seats = f", {counted(service.seats, 'seat')}" if service.seats is not None else ""
        hours = (
            f", {service.hours_per_week:g} hour{'' if service.hours_per_week == 1 else 's'} a week"
            if service.hours_per_week is not None
            else ""
        )
        at = marked("services[].schools", f" at {listed(service.schools)}") if service.schools else ""
        yield RenderedParagraph(f"{name} provides {service.program}{at}{seats}{hours}.")


def _onward(document: AgreementDocument) -> Iterator[RenderedParagraph]:
    for step in document.onward:
        yield RenderedParagraph(
            marked("onward[].party", f"{step.party}, to {step.interest.rstrip('.')}, by {step.basis}.")
        )


def _end(document: AgreementDocument) -> Iterator[RenderedParagraph]:
    terms = document.terms
    ending = ENDINGS[terms.destruction.election]
    what = "what was shared is" if terms.destruction.election is not Election.KEEP_DEIDENTIFIED else "it is"
    yield RenderedParagraph(
        f"It holds from {day(terms.effective)} and ends on {day(terms.expires)}. Within "
        f"{counted(terms.destruction.within_days, 'day')} {what} {ending} ({terms.destruction.method}). The platform destroys what it holds; "
        + marked("terms.destruction.method", "what recipients do with their copies is for them to certify.")
    )
    if terms.exit_notice_days is not None:
        yield RenderedParagraph(
            f"A party may leave with {counted(terms.exit_notice_days, 'day’s', 'days’')} notice."
        )
    if terms.renewal_notice_days is not None:
        yield RenderedParagraph(
            f"Renewal is raised {counted(terms.renewal_notice_days, 'day')} before the end."
        )


def _rules(document: AgreementDocument, names: Names) -> Iterator[RenderedParagraph]:
    terms = document.terms
    training = listed(map(course_words, terms.training))
    said = [
        f"Those who read hold the training {training}."
        if training
        else "No training is asked of those who read.",
        f"A published count of fewer than {terms.minimum_cell} students is withheld.",
    ]
    if terms.breach_notice_hours is not None:
        said.append(f"A breach is told within {counted(terms.breach_notice_hours, 'hour')}.")
    if terms.publication_review_days is not None:
        said.append(
            f"Partners see a publication {counted(terms.publication_review_days, 'day')} before it appears."
        )
    if terms.storage_country:
        said.append(marked("terms.storage_country", f"The data stays in {terms.storage_country}."))
    said += [
        marked("terms.subprocessors[].name", f"Bound by the same terms: {bound.name}, for {bound.service}.")
        for bound in terms.subprocessors
    ]
    said += [
        marked(
            "terms.delivery[].from",
            f"{(*partner_labels((each.from_,), names),)[0]} delivers {each.what} every {each.every} ({each.format}).",
        )
        for each in terms.delivery
    ]
    said += prohibitions(document)
    if document.project:
        said += project_in_words(document.project)
    if document.precedence:
        said.append(
            marked(
                "precedence", f"Where texts conflict, the earlier holds: {', '.join(document.precedence)}."
            )
        )
    yield RenderedParagraph(items=tuple(said))


def _clauses(document: AgreementDocument) -> Iterator[RenderedParagraph]:
    facts = [
        (name.replace("_", " ").capitalize(), text)
        for name in type(document.clauses).model_fields
        if (text := clause_in_words(document, name))
    ]
    if facts:
        yield RenderedParagraph(facts=tuple(facts))
