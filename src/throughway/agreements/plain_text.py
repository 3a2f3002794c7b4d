"""The agreement in plain English, as a lawyer reads it: written from the same document that the gate compiles."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from throughway.agreements.basis_citations import CITATIONS, IN_WORDS
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.document_sections import PopulationEntry, Project, Purpose, ScheduleLine
from throughway.agreements.enums import AccessForm, Basis, Election, PopulationDay, PurposeKind, Reach, Tier
from throughway.agreements.extract_permission import EXTRACTS, clause_against_extracts
from throughway.agreements.labels import any_of
from throughway.agreements.signatures import PartySignature
from throughway.agreements.unenforced_fields import HELD_DETAILS, LEGEND, MARK, marked
from throughway.core.prose import counted, listed

WIDTH = 100

TIERS = {
    Tier.MOU: "Memorandum of understanding",
    Tier.DSA: "Data sharing agreement",
    Tier.DUL: "Data use license",
}
REACHES = {
    Reach.ALL: "any student in scope",
    Reach.ROSTER: "students whom their own organization serves on the day of reading",
    Reach.CASELOAD: "students assigned to them on the day of reading",
}
FORMS = {
    AccessForm.IDENTIFIED: "Records are shown with the student's identity as far as listed below.",
    AccessForm.PSEUDONYMOUS: "Records are shown under random codes in place of identities.",
    AccessForm.AGGREGATE: "No record is shown: only counts and rates, protected against small numbers.",
}
TRANSFORMS = {
    "year": "the year only",
    "mask": "first letter only",
    "pseudonym": "as a random code",
    "suppress": "withheld",
}
DAYS_OF_POPULATION = {
    PopulationDay.FACT: "on the day of the fact",
    PopulationDay.READING: "on the day of reading",
    PopulationDay.EVER: "at any time",
}
ENDINGS = {
    Election.DESTROY: "destroyed",
    Election.RETURN: "returned",
    Election.KEEP_DEIDENTIFIED: "kept only without anything that identifies a student",
}


def plain(
    document: AgreementDocument, names: Mapping[str, str] | None = None, signed: Sequence[PartySignature] = ()
) -> str:
    """Who gives what to whom, for what, by what right, until when, and what comes back.

    `names` gives the partners' names by id; without it their ids stand in the text. `signed`: signatures to name at its end.
    """
    said = sections(document, names)
    if signed:
        said.append(("Signatures", [_signature(each, names or {}) for each in signed]))
    return "\n\n".join(_section(title, lines) for title, lines in said) + "\n"


def _signature(given: PartySignature, names: Mapping[str, str]) -> str:
    """- Riverbend Schools, as Superintendent (Board policy 1450), on 3 May 2026: on paper; signed paper, SHA-256 …"""
    office = f", as {given.title}" if given.title else ""
    bound = f" ({given.authority})" if given.authority else ""
    known = f": {'; '.join(given.known_openly)}" if given.known_openly else ""
    return f"- {names.get(given.partner, given.partner)}{office}{bound}, on {given.day}{known}."


def sections(
    document: AgreementDocument, names: Mapping[str, str] | None = None
) -> list[tuple[str, list[str]]]:
    """The same as titled sections of lines; the head has no title, an item begins with a dash."""
    called = dict(names or {})
    said = [
        ("", _head(document)),
        ("The parties", _parties(document, called)),
        *((f"Purpose: {purpose.id}", _purpose(document, purpose, called)) for purpose in document.purposes),
        ("Which students and which days", _scope(document, called)),
        ("Who houses the records", _custody(document, called)),
        ("What partners provide", _services(document, called)),
        ("Who may receive the records next", _onward(document)),
        ("Terms", _terms(document)),
        ("Clauses", _clauses(document)),
    ]
    written = [(title, list(lines)) for title, lines in said]
    return [(title, lines) for title, lines in written if lines]


def _section(title: str, lines: list[str]) -> str:
    body = "\n".join(_wrapped(line) for line in lines)
    return f"{title}\n{'-' * len(title)}\n{body}" if title else body


def _wrapped(line: str) -> str:
    indent = "    " if line.startswith("  - ") else "  " if line.startswith("- ") else ""
    return "\n".join(
        wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    )


def _head(document: AgreementDocument) -> Iterator[str]:
    terms = document.terms
    yield document.title
    yield f"{TIERS[document.tier]} {document.id}, in force from {terms.effective} through {terms.expires}."
    if document.under:
        yield f"It stands under {listed(document.under)} and never allows more than that does."
    yield f"Version {version_of(document)}."
    yield LEGEND


def _parties(document: AgreementDocument, called: Mapping[str, str]) -> Iterator[str]:
    for party in document.parties:
        who = _name(party.partner, called) + (f" ({listed(party.roles)})" if party.roles else "")
        signs = party.signatory
        office = f"; its {signs.title} signs, under {signs.authority}" if signs else ""
        yield marked("parties[].signatory.title", f"- {who}{office}.") if signs else f"- {who}."
        contacts = party.contacts.model_dump(exclude_none=True) if party.contacts else {}
        if contacts:
            offices = listed(f"{what}: {office}" for what, office in contacts.items())
            yield marked("parties[].contacts.notices", f"  - offices to write to, {offices}.")
    if document.joinder.open_to:
        yield f"Any {any_of(document.joinder.open_to)} may join by signing the same text."


def _purpose(document: AgreementDocument, purpose: Purpose, called: Mapping[str, str]) -> Iterator[str]:
    givers = listed(_name(d, called) for d in document.disclosers(purpose))
    takers = listed(_name(r, called) for r in document.recipients(purpose))
    give = "give" if len(document.disclosers(purpose)) > 1 else "gives"
    yield f"{givers} {give} records to {takers} for {purpose.kind}: {purpose.interest.rstrip('.')}."
    yield f"By what right: {IN_WORDS[purpose.basis]} ({CITATIONS[purpose.basis]}).{details_in_words(purpose.basis_details)}"
    readers = listed(role.replace("_", " ") for role in purpose.roles) or "nobody, since no role is listed"
    yield f"Who reads: {readers}; {REACHES[purpose.reach]}. {FORMS[purpose.form]}"
    if purpose.kind is PurposeKind.LINKAGE:
        served = listed(purpose.serves) if purpose.serves is not None else "every purpose of this agreement"
        yield f"The matches may be seen only under {served}."
    yield from _elements(document, purpose)


def _elements(document: AgreementDocument, purpose: Purpose) -> Iterator[str]:
    lines = [(line, document.line_disclosers(line, purpose)) for line in document.schedule]
    shown = [(line, givers) for line, givers in lines if givers]
    yield (
        f"What is shown, and why it is necessary {MARK.replace('words', 'the reasons are words')}:"
        if shown
        else "Nothing is listed as shown under this purpose."
    )
    for line, givers in shown:
        whose = "" if set(givers) == set(document.disclosers(purpose)) else f" of {listed(givers)}"
        yield f"  - {_element(line)}{whose}: {line.necessity.rstrip('.') or 'no reason is given'}."


def _element(line: ScheduleLine) -> str:
    what = f"all of {line.table}, save what must be named one by one" if line.is_wildcard else line.element
    if line.transform == "none":
        return what
    width = line.transform.removeprefix("band:")
    how = TRANSFORMS.get(line.transform) or f"in bands of {width}"
    return f"{what} ({how})"


def _scope(document: AgreementDocument, called: Mapping[str, str]) -> Iterator[str]:
    if not document.purposes:
        return
    for entry in document.population:
        yield _population(entry, called)
    if not document.population:
        yield "All students of every discloser."
    records = document.records
    if records.from_ or records.to:
        since = f" from {records.from_}" if records.from_ else ""
        until = f" through {records.to}" if records.to else ""
        yield f"Only facts{since}{until}."
    yield "Nothing else may be loaded or shown."


def _population(entry: PopulationEntry, called: Mapping[str, str]) -> str:
    whose = "every discloser" if entry.from_ is None else listed(_name(p, called) for p in entry.from_)
    when = DAYS_OF_POPULATION[entry.when]
    return f"Of {whose}: students with a row in {entry.on} where {entry.where}, {when}."


def _custody(document: AgreementDocument, called: Mapping[str, str]) -> Iterator[str]:
    for entry in document.custody:
        whose = (
            "all records"
            if entry.from_ is None
            else f"records of {listed(_name(p, called) for p in entry.from_)}"
        )
        right = f"{IN_WORDS[entry.basis]} ({CITATIONS[entry.basis]})"
        yield f"The steward houses {whose} by {right}.{details_in_words(entry.basis_details)}"


def _services(document: AgreementDocument, called: Mapping[str, str]) -> Iterator[str]:
    for service in document.services:
        parts = [f"{_name(service.partner, called)} provides {service.program}"]
        parts += [marked("services[].schools", f"at {listed(service.schools)}")] if service.schools else []
        parts += [f"with {counted(service.seats, 'seat')}"] if service.seats is not None else []
        parts += (
            [f"{service.hours_per_week:g} hour{'' if service.hours_per_week == 1 else 's'} a week"]
            if service.hours_per_week is not None
            else []
        )
        yield f"- {', '.join(parts)}."


def _onward(document: AgreementDocument) -> Iterator[str]:
    for entry in document.onward:
        basis = CITATIONS[Basis(entry.basis)] if entry.basis in set(Basis) else entry.basis
        yield marked("onward[].party", f"- {entry.party}, for {entry.interest} ({basis}).")
    if document.purposes and not document.onward:
        yield "Nobody."


def _terms(document: AgreementDocument) -> Iterator[str]:
    terms = document.terms
    yield f"Counts of fewer than {terms.minimum_cell} persons are never published."
    courses = listed(terms.training)
    yield (
        f"Whoever reads must hold, unexpired: {courses}."
        if courses
        else "No training is asked of those who read."
    )
    destruction = terms.destruction
    ending = ENDINGS[destruction.election]
    yield f"When the agreement ends, records are {ending} within {counted(destruction.within_days, 'day')} ({destruction.method})."
    how = (
        "how each recipient destroys its own copies"
        if destruction.election is Election.DESTROY
        else "what recipients do with their copies"
    )
    yield marked(
        "terms.destruction.method", f"The platform destroys what it holds; {how} is for them to certify."
    )
    for number, unit, sentence in (
        (terms.renewal_notice_days, "day", "Notice of renewal: {} before the end."),
        (terms.exit_notice_days, "day", "A party may leave with notice of {}."),
        (terms.breach_notice_hours, "hour", "A breach is reported within {}."),
        (terms.publication_review_days, "day", "Publications are shown to the parties {} before."),
    ):
        if number is not None:
            yield sentence.format(counted(number, unit))
    if terms.storage_country:
        yield marked("terms.storage_country", f"Records are stored in: {terms.storage_country}.")
    for bound in terms.subprocessors:
        yield marked(
            "terms.subprocessors[].name", f"Bound by the same terms: {bound.name}, for {bound.service}."
        )
    for delivery in terms.delivery:
        said = f"{delivery.from_} delivers {delivery.what} every {delivery.every} ({delivery.format})."
        yield marked("terms.delivery[].from", said)
    yield from prohibitions(document)
    if document.precedence:
        yield marked(
            "precedence",
            f"Where texts conflict, the earlier of these holds: {', '.join(document.precedence)}.",
        )
    if document.project:
        yield from project_in_words(document.project)


def prohibitions(document: AgreementDocument) -> Iterator[str]:
    """What is never allowed; of it only extracts can be held back here."""
    others = [word.replace("_", " ") for word in document.terms.prohibited if word != EXTRACTS]
    if EXTRACTS in document.terms.prohibited:
        yield "The records stay in this system: no extract of them is made."
    if others:
        yield f"Never allowed: {listed(others)} {MARK}."


def project_in_words(project: Project) -> Iterator[str]:
    yield marked("project.method", f"Method of the project: {project.method.rstrip('.')}.")
    if project.irb:
        yield marked(
            "project.irb.number", f"Review board: {project.irb.number}, until {project.irb.expires}."
        )
    if project.linked_data:
        yield marked("project.linked_data", f"It links: {listed(project.linked_data)}.")


def _clauses(document: AgreementDocument) -> Iterator[str]:
    for name in type(document.clauses).model_fields:
        if str(getattr(document.clauses, name)).strip():
            yield f"- {name.replace('_', ' ').capitalize()}: {clause_in_words(document, name)}"


def clause_in_words(document: AgreementDocument, name: str) -> str:
    """A clause as it was signed, and whether anything here holds to it."""
    text = str(getattr(document.clauses, name)).strip()
    if clause_against_extracts(document) == f"clauses.{name}":
        return f"{text} (An extract is refused.)"
    return marked(f"clauses.{name}", text) if text else ""


def details_in_words(details: Mapping[str, object]) -> str:
    """What a basis rests on, as sentences that follow another: what is held to first, then the words for people. Empty when
    nothing is stated."""
    held = [(key, value) for key, value in details.items() if key in HELD_DETAILS]
    words = [(key, value) for key, value in details.items() if key not in HELD_DETAILS]
    told = [
        "; ".join(f"{key.replace('_', ' ')}: {_said(value)}" for key, value in of).rstrip(".")
        for of in (held, words)
    ]
    return (f" {told[0]}." if held else "") + (f" {told[1]} {MARK}." if words else "")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(part)}" for key, part in value.items())
    if isinstance(value, list | tuple):
        return listed(map(_said, value))
    return str(value)


def _name(partner: str, called: Mapping[str, str]) -> str:
    return called.get(partner, partner)
