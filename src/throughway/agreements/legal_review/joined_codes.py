"""G23: purposes that show students under codes are joined only where the text says so, and the review says what that tells."""

from collections.abc import Iterator
from itertools import combinations

from throughway.agreements.data_flows import known_lines
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.document_sections import Purpose
from throughway.agreements.effective_grants import grants_of_text
from throughway.agreements.grant import Grant
from throughway.agreements.labels import people, table_words
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, blocking, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.agreements.purpose_codes import OF, has_codes, joined_with
from throughway.agreements.shared_words import is_words
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.core.prose import listed
from throughway.core.refusals import did_you_mean
from throughway.vocabulary import TABLES

SHOWN = 4  # tables of a purpose that a sentence names


def joins_coded_purposes(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A purpose under codes joins other purposes of this document that are under codes too."""
    coded = dict.fromkeys(entry.id for entry in document.purposes if has_codes(entry))
    for position, entry in enumerate(document.purposes):
        path = f"purposes[{position}].joins"
        if entry.joins and not has_codes(entry):
            yield blocking("G23", path,
                           f"{entry.id} has the form {entry.form}, so it shows no codes that could be those of another purpose; leave joins "
                           "out, or write form: pseudonymous.")  # fmt: skip
            continue
        for id in entry.joins:
            if id == entry.id:
                yield blocking("G23", path, f"{id} joins itself; name another purpose, or leave it out.")
            elif not (found := document.entries(id)):
                cure = did_you_mean(
                    id,
                    coded.keys() - {entry.id},
                    "name a purpose of this agreement that shows records under codes.",
                )
                yield blocking(
                    "G23", path, f"{entry.id} joins {id}, which is not a purpose of this agreement; {cure}"
                )
            elif not all(map(has_codes, found)):
                why = f"has the form {found[0].form}, so it shows no codes"
                yield blocking("G23", path, f"{entry.id} joins {id}, which {why}; leave it out: only purposes of form pseudonymous are joined.")  # fmt: skip


def what_joining_tells(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Which records whoever reads two joined purposes can put side by side; said once for each two."""
    for (_, one), (place, other) in combinations(_first(document), 2):
        if other.id in joined_with(document, one.id):
            yield warning("G23", f"purposes[{_stated(document, one.id, other.id, place)}].joins",
                          f"{one.id} and {other.id} show the same code for a student, so {_both(document, one.id, other.id)} can put "
                          f"{_shows(document, one.id)} beside {_shows(document, other.id)}{_words(document, one.id, other.id)}; leave joins "
                          "out, unless the work needs both of one student.")  # fmt: skip


def same_words(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """What one student wrote is the same text under every purpose, so it would join purposes that have codes of their own: it is
    withheld, here or in an agreement above."""
    places = {entry.id: place for place, entry in reversed([*enumerate(document.purposes)])}
    shared: dict[tuple[str, str], set[str]] = {}
    above: dict[tuple[str, str], set[str]] = {}
    for grant in _grants(document, context):
        for text in grant.withheld:
            for agreement, _, other in (by.partition(OF) for by in text.by):
                one, element = grant.purpose, f"{grant.table}.{text.element}"
                if agreement == document.id:
                    pair = (one, other) if places[one] < places[other] else (other, one)
                    shared.setdefault(pair, set()).add(element)
                else:
                    above.setdefault((one, agreement), set()).add(element)
    for (one, other), elements in shared.items():
        both = _recipients(document, one) & _recipients(document, other)
        yield warning("G23", f"purposes[{places[other]}]",
                      f"{one} and {other} both list {listed(sorted(elements))} for {listed(sorted(both))}, under different codes: the same "
                      f"words would join the two, so neither shows them. List them under one of the two, join the two (joins: [{one}] in "
                      f"{other}), or name different recipients.")  # fmt: skip
    for (one, agreement), elements in above.items():
        yield warning("G23", f"purposes[{places[one]}]",
                      f"{one} lists {listed(sorted(elements))}, which {agreement} withholds, so it is not shown here either: there the same "
                      "words would join purposes with different codes. Amend that agreement, or leave the line out.")  # fmt: skip


def _grants(document: AgreementDocument, context: ReviewContext) -> tuple[Grant, ...]:
    """What the text would grant, narrowed by the agreements above it."""
    texts = [known_lines(each) for each in (document, *context.above(document))]
    draft, *above = (AgreementStatus(each, version_of(each), AgreementState.DRAFT, "") for each in texts)
    return grants_of_text(draft, above)


def _recipients(document: AgreementDocument, id: str) -> set[str]:
    return {partner for entry in document.entries(id) for partner in document.recipients(entry)}


def _first(document: AgreementDocument) -> list[tuple[int, Purpose]]:
    """The first entry of each purpose under codes, with its place."""
    found: dict[str, tuple[int, Purpose]] = {}
    for place, entry in enumerate(document.purposes):
        if has_codes(entry):
            found.setdefault(entry.id, (place, entry))
    return list(found.values())


def _stated(document: AgreementDocument, one: str, other: str, position: int) -> int:
    """The place of the entry that states the joining; of two that are joined through a third, the later one's."""
    both = {one, other}
    stating = (n for n, entry in enumerate(document.purposes) if entry.id in both and both & set(entry.joins))
    return next(stating, position)


def _shows(document: AgreementDocument, id: str) -> str:
    lines = (line for line in document.schedule if id in line.purposes and line.table in TABLES)
    tables = list(dict.fromkeys(table_words(line.table) for line in lines if TABLES[line.table].of_person))
    return listed([*tables[:SHOWN], *(["more"] if len(tables) > SHOWN else [])]) or "its records"


def _readers(document: AgreementDocument, id: str) -> set[tuple[str, str]]:
    """(partner, role) of those who read under the purpose."""
    return {
        (partner, str(role))
        for entry in document.entries(id)
        for partner in document.recipients(entry)
        for role in entry.roles
    }


def _both(document: AgreementDocument, one: str, other: str) -> str:
    """Who reads both, in words."""
    both = sorted(_readers(document, one) & _readers(document, other))
    if not both:
        return "whoever is given both"
    roles, partners = (dict.fromkeys(each[n] for each in both) for n in (1, 0))
    return f"{listed(map(people, roles))} of {listed(partners)}, who read both,"


def _words(document: AgreementDocument, *ids: str) -> str:
    """What free text adds: one who says who they are names all that stands beside it."""
    found = sorted(set().union(*(_free_text(document, id) for id in ids)))
    if not found:
        return ""
    return f"; {listed(found)} is free text, and a student who signs it, or names anybody, is then known in all of it"


def _free_text(document: AgreementDocument, id: str) -> set[str]:
    """The elements of free text that the purpose shows as they are."""
    return {
        element.path
        for line in document.schedule
        if id in line.purposes and Transform.parse(line.transform).name == "none"
        for element in elements_of(line)
        if is_words(element)
    }
