"""What the rules of a State or community find: each of their demands, held against the uses that they speak of."""

from collections.abc import Callable, Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole, PurposeKind
from throughway.agreements.legal_review.bases_in_use import BasisInUse, matching
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.legal_review.rule_pack import Forbid, Pack, PackRule
from throughway.agreements.legal_review.schedule import elements_of
from throughway.vocabulary import element

Missing = tuple[str, str]  # the place, and what is wrong there as the end of a sentence


def added_rules(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Every demand but those on numbers, which are weighed against each other: see `bounds`."""
    for pack in context.packs:
        for rule in pack.rules:
            found = matching(rule.when, document, context)
            for path, what in _missing(rule, document, found) if found else ():
                yield _finding(pack, rule, path, what)


def _finding(pack: Pack, rule: PackRule, path: str, what: str) -> ReviewFinding:
    confirm = " Counsel has still to confirm this rule." if rule.counsel else ""
    return ReviewFinding(rule.id, rule.severity, path, rule.citation,
                   f"{pack.title}: {rule.title}, and {what}. {rule.cure}{confirm}")  # fmt: skip


def _missing(rule: PackRule, document: AgreementDocument, found: list[BasisInUse]) -> Iterator[Missing]:
    for demand in _DEMANDS:
        yield from demand(rule, document, found)


def _clauses(rule: PackRule, document: AgreementDocument, found: list[BasisInUse]) -> Iterator[Missing]:
    for name in rule.clauses:
        if not str(getattr(document.clauses, name)).strip():
            yield f"clauses.{name}", "there is no such clause"


def _filled(rule: PackRule, document: AgreementDocument, found: list[BasisInUse]) -> Iterator[Missing]:
    for place in rule.filled:
        if place.startswith("contacts."):
            yield from _contacts(place.removeprefix("contacts."), document)
            continue
        value: object = document
        for step in place.replace("records.from", "records.from_").split("."):
            value = getattr(value, step, None)
        if not value:
            yield place, "nothing is said here"


def _contacts(name: str, document: AgreementDocument) -> Iterator[Missing]:
    for position, party in enumerate(document.parties):
        receives = {PartyRole.RECIPIENT, PartyRole.STEWARD} & set(party.roles)
        if receives and not (party.contacts and getattr(party.contacts, name)):
            yield f"parties[{position}].contacts.{name}", f"{party.partner} names no such office"


def _forbidden(rule: PackRule, document: AgreementDocument, found: list[BasisInUse]) -> Iterator[Missing]:
    if rule.forbid is None:
        return
    ids = {use.purpose.id for use in found if use.purpose}
    for position, line in enumerate(document.schedule):
        if not ids.intersection(line.purposes):
            continue
        shown = [e.path for e in elements_of(line) if not (line.is_wildcard and e.restricted)]
        never = [path for path in shown if _is_forbidden(rule.forbid, path)]
        if never:
            yield f"schedule[{position}].element", f"{never[0]} is listed"


def _is_forbidden(forbid: Forbid, path: str) -> bool:
    table = path.partition(".")[0]
    named = path in forbid.elements or f"{table}.*" in forbid.elements or table in forbid.tables
    return named or bool(set(forbid.tags) & element(path).law_tags)


def _terms(rule: PackRule, document: AgreementDocument, found: list[BasisInUse]) -> Iterator[Missing]:
    terms = document.terms
    if rule.country and terms.storage_country not in rule.country:
        yield "terms.storage_country", f"it says {terms.storage_country or 'nothing'}"
    for name in ("prohibited", "training"):
        lacking = [word for word in getattr(rule, name) if word not in getattr(terms, name)]
        if lacking:
            yield f"terms.{name}", f"{', '.join(lacking)} is not listed"
    if rule.election and terms.destruction.election not in rule.election:
        yield "terms.destruction.election", f"it says {terms.destruction.election}"


def _uses(rule: PackRule, document: AgreementDocument, found: list[BasisInUse]) -> Iterator[Missing]:
    for use in found:
        if rule.bases and use.basis not in rule.bases:
            yield f"{use.path}.basis", f"it rests on {use.basis}"
        if use.purpose is None:
            continue
        if rule.forms and use.purpose.form not in rule.forms:
            yield f"{use.path}.form", f"it is {use.purpose.form}"
        if rule.reach and use.purpose.kind is PurposeKind.CASEWORK and use.purpose.reach not in rule.reach:
            yield f"{use.path}.reach", f"it is {use.purpose.reach}"


def _further(rule: PackRule, document: AgreementDocument, found: list[BasisInUse]) -> Iterator[Missing]:
    if rule.joinder and document.joinder.open_to:
        yield "joinder", "it is open"
    if rule.onward and document.onward:
        yield "onward[0]", f"{document.onward[0].party} receives next"


_DEMANDS: tuple[Callable[[PackRule, AgreementDocument, list[BasisInUse]], Iterator[Missing]], ...] = (
    _clauses, _filled, _forbidden, _terms, _uses, _further,
)  # fmt: skip
