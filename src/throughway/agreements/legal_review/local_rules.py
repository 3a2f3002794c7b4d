"""Checks of the rules that a State or a community added, and of numbers with several bounds: the strictest applies.

The law's own bound on published counts (ESSA-n) is checked together with those of States and communities.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole, PurposeKind
from throughway.agreements.legal_review.context import BasisInUse, ReviewContext, applies, matching
from throughway.agreements.legal_review.findings import ReviewFinding, Severity
from throughway.agreements.legal_review.rule_pack import NUMBERS, Forbid, Pack, PackRule
from throughway.agreements.legal_review.rules import RULES
from throughway.agreements.legal_review.schedule import elements_of
from throughway.vocabulary import element

Missing = tuple[str, str]  # the place, and the fault there as the end of a sentence


def added_rules(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Every added rule except those on numbers, which are compared with each other: see `bounds`."""
    for pack in context.packs:
        for rule in pack.rules:
            found = matching(rule.when, document, context)
            for path, what in _missing(rule, document, found) if found else ():
                yield _finding(pack, rule, path, what)


def _finding(pack: Pack, rule: PackRule, path: str, what: str) -> ReviewFinding:
    confirm = " Counsel must still confirm this rule." if rule.counsel else ""
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
            yield place, "nothing is stated here"


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


def _asked_terms(rule: PackRule, document: AgreementDocument, found: list[BasisInUse]) -> Iterator[Missing]:
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
    _clauses, _filled, _forbidden, _asked_terms, _uses, _further,
)  # fmt: skip


SMALL = 5  # counts of fewer persons are recognized by people who know them


@dataclass(frozen=True)
class Bound:
    """A bound on one number. `least`: it is a minimum, otherwise a maximum."""

    place: str
    least: bool
    number: int
    id: str
    citation: str
    severity: Severity
    says: str

    def broken_by(self, value: int | None) -> bool:
        return value is None or (value < self.number if self.least else value > self.number)

    @property
    def strictness(self) -> int:
        return self.number if self.least else -self.number


def numeric_bounds(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Among the bounds that a number breaks, the strictest is cited, with the highest severity among them."""
    bounds = sorted(_bounds(document, context), key=lambda b: (b.place, b.least))
    for (place, least), group in groupby(bounds, key=lambda b: (b.place, b.least)):
        value = _value(document, place)
        broken = [bound for bound in group if bound.broken_by(value)]
        if not broken:
            continue
        strictest = max(broken, key=lambda bound: bound.strictness)
        severity = min((bound.severity for bound in broken), key=list(Severity).index)
        stated = "states none" if value is None else f"states {value:,}"
        bound_words = f"{'at least' if least else 'at most'} {strictest.number:,} {NUMBERS[place]}"
        element = "terms.expires" if place == "term_days" else place
        yield ReviewFinding(strictest.id, severity, element, strictest.citation,
                      f"{strictest.says} The agreement {stated}, and {bound_words} is asked.")  # fmt: skip


def _bounds(document: AgreementDocument, context: ReviewContext) -> Iterator[Bound]:
    counts = RULES["ESSA-n"]
    yield Bound("terms.minimum_cell", True, SMALL, counts.id, counts.citation, Severity.ADVICE,
                "Small counts would be published, and neighbors could recognize the people in them; most "
                "States withhold counts below 10.")  # fmt: skip
    for pack in context.packs:
        for rule in pack.rules:
            if not applies(rule.when, document, context):
                continue
            for least, bounds in ((True, rule.at_least), (False, rule.at_most)):
                for place, number in (bounds or {}).items():
                    says = f"{pack.title}: {rule.title}. {rule.cure}"
                    yield Bound(place, least, number, rule.id, rule.citation, rule.severity, says)


def _value(document: AgreementDocument, place: str) -> int | None:
    terms = document.terms
    if place == "term_days":
        return (terms.expires - terms.effective).days + 1
    if place == "terms.destruction.within_days":
        return terms.destruction.within_days
    value: int | None = getattr(terms, place.removeprefix("terms."))
    return value
