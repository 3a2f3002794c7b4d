"""Numbers that more than one rule bounds: the stricter wins, and one finding says so.

The law's own bound on published counts (ESSA-n) stands beside those of States and communities.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from throughway.agreements.document import AgreementDocument
from throughway.agreements.legal_review.bases_in_use import applies
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, Severity
from throughway.agreements.legal_review.rule_pack import NUMBERS
from throughway.agreements.legal_review.rules import RULES

SMALL = 5  # counts of fewer persons are recognised by their neighbors


@dataclass(frozen=True)
class Bound:
    """A number that a rule asks of one place. `least`: at least so many, else at most."""

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


def numbers(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Of the bounds that a number breaks, the strictest is cited, with the gravest severity among them."""
    bounds = sorted(_bounds(document, context), key=lambda b: (b.place, b.least))
    for (place, least), group in groupby(bounds, key=lambda b: (b.place, b.least)):
        value = _value(document, place)
        broken = [bound for bound in group if bound.broken_by(value)]
        if not broken:
            continue
        strictest = max(broken, key=lambda bound: bound.strictness)
        severity = min((bound.severity for bound in broken), key=list(Severity).index)
        stated = "states none" if value is None else f"states {value:,}"
        asked = f"{'at least' if least else 'at most'} {strictest.number:,} {NUMBERS[place]}"
        element = "terms.expires" if place == "term_days" else place
        yield ReviewFinding(strictest.id, severity, element, strictest.citation,
                      f"{strictest.says} The agreement {stated}, and {asked} is asked.")  # fmt: skip


def _bounds(document: AgreementDocument, context: ReviewContext) -> Iterator[Bound]:
    counts = RULES["ESSA-n"]
    yield Bound("terms.minimum_cell", True, SMALL, counts.id, counts.citation, Severity.ADVICE,
                "Counts of few persons would be published, and neighbors would recognise them; most States withhold counts "
                "below 10.")  # fmt: skip
    for pack in context.packs:
        for rule in pack.rules:
            if not applies(rule.when, document, context):
                continue
            for least, asked in ((True, rule.at_least), (False, rule.at_most)):
                for place, number in (asked or {}).items():
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
