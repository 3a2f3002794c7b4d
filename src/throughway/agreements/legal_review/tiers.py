"""G14: an agreement is under those that it names, and narrows them; anything beyond them has no effect."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose, ScheduleLine
from throughway.agreements.effective_grants import FORMS, REACHES
from throughway.agreements.enums import Tier, strictest
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, blocking, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.agreements.purpose_codes import joined_with, may_join
from throughway.agreements.transforms import Transform
from throughway.core.prose import counted

ABOVE = {Tier.DUL: Tier.DSA, Tier.DSA: Tier.MOU}


def stands_under(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A dul names its dsa, a dsa may name its mou, an mou names none; named agreements exist."""
    above = ABOVE.get(document.tier)
    if above is None and document.under:
        yield blocking(
            "G14",
            "under",
            "An mou is the widest tier and cannot be under another agreement; leave under out.",
        )
        return
    if document.tier is Tier.DUL and not document.under:
        yield blocking("G14", "under", "A use license (dul) must name the dsa that it is under; add under.")
    for id in document.under:
        wider = context.others.get(id)
        if wider is None:
            yield blocking("G14", "under",
                           f"This agreement is under {id}, but no agreement with that id exists (or it was "
                           f"terminated); add the {above}, or correct the id.")  # fmt: skip
        elif wider.tier is not above:
            yield blocking("G14", "under",
                           f"A {document.tier} must be under a {above}, but {id} is a {wider.tier}; name a "
                           f"{above}.")  # fmt: skip


def narrows(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """Reports, section by section, what the wider agreement does not allow, since the gate will not show it."""
    for id in document.under:
        wider = context.others.get(id)
        if wider is None or wider.tier is not ABOVE.get(document.tier):
            continue
        yield from _parties(document, wider, context)
        yield from _days(document, wider)
        yield from _purposes(document, wider)
        yield from _elements(document, wider)
        yield from _terms(document, wider)
        if document.terms.minimum_cell < wider.terms.minimum_cell:
            yield _beyond("terms.minimum_cell", wider,
                          f"withholds counts below {wider.terms.minimum_cell}, which applies here too")  # fmt: skip
        rule, above = document.terms.publication_rule, wider.terms.publication_rule
        if rule and above and strictest((rule, above)) is not rule:
            yield _beyond("terms.publication_rule", wider,
                          f"codes percentages by the stricter rule {above}, which applies here too")  # fmt: skip


def _terms(document: AgreementDocument, wider: AgreementDocument) -> Iterator[ReviewFinding]:
    """Courses, destruction and joinder: the wider agreement's requirements apply here too."""
    terms, above = document.terms, wider.terms
    lacking = [course for course in above.training if course not in terms.training]
    if lacking:
        yield _beyond("terms.training", wider, f"requires the training {', '.join(lacking)}")
    if wider.schedule and terms.destruction.within_days > above.destruction.within_days:
        yield _beyond("terms.destruction.within_days", wider,
                      f"has records destroyed within {counted(above.destruction.within_days, 'day')}")  # fmt: skip
    kinds = [kind for kind in document.joinder.open_to if kind not in wider.joinder.open_to]
    if kinds:
        yield _beyond("joinder", wider, f"is not open to further partners of the kind {', '.join(kinds)}")


def _beyond(path: str, wider: AgreementDocument, what: str) -> ReviewFinding:
    return warning("G14", path,
                   f"{wider.id}, which this agreement is under, {what}; the stricter of the two applies.")  # fmt: skip


def _parties(
    document: AgreementDocument, wider: AgreementDocument, context: ReviewContext
) -> Iterator[ReviewFinding]:
    for position, party in enumerate(document.parties):
        facts = context.facts(party.partner)
        may_join = facts is not None and facts.kind in wider.joinder.open_to
        if party.partner not in wider.partners and not may_join:
            yield _beyond(f"parties[{position}].partner", wider, f"does not have {party.partner} as a party")


def _days(document: AgreementDocument, wider: AgreementDocument) -> Iterator[ReviewFinding]:
    terms, above = document.terms, wider.terms
    if terms.effective < above.effective:
        yield _beyond("terms.effective", wider, f"takes effect only on {above.effective}")
    if terms.expires > above.expires:
        yield _beyond("terms.expires", wider, f"ends already on {above.expires}")
    if wider.records.from_ and (
        document.records.from_ is None or document.records.from_ < wider.records.from_
    ):
        yield _beyond("records.from", wider, f"covers records only from {wider.records.from_}")
    if wider.records.to and (document.records.to is None or document.records.to > wider.records.to):
        yield _beyond("records.to", wider, f"covers records only until {wider.records.to}")


def _purposes(document: AgreementDocument, wider: AgreementDocument) -> Iterator[ReviewFinding]:
    if not wider.purposes:
        return
    for position, purpose in enumerate(document.purposes):
        above = wider.entries(purpose.id)
        if not above:
            yield _beyond(f"purposes[{position}].id", wider, f"has no purpose {purpose.id}")
            continue
        asked = set.intersection(*(set(entry.training) for entry in above))
        if lacking := sorted(asked.difference(document.courses(purpose))):
            yield _beyond(
                f"purposes[{position}].training", wider, f"requires the training {', '.join(lacking)}"
            )
        if apart := [
            id
            for id in purpose.joins
            if id in joined_with(document, purpose.id) and not may_join(wider, purpose.id, id)
        ]:
            yield _beyond(f"purposes[{position}].joins", wider,
                          f"does not join {purpose.id} with {', '.join(apart)}, so their codes differ here too")  # fmt: skip
        for field, extra in _beyond_entries(document, purpose, wider, above):
            yield _beyond(f"purposes[{position}].{field}", wider,
                          f"does not give {purpose.id} the {field} {extra}")  # fmt: skip


def _beyond_entries(
    document: AgreementDocument, purpose: Purpose, wider: AgreementDocument, above: tuple[Purpose, ...]
) -> Iterator[tuple[str, str]]:
    """(field, the excess) beyond the wider agreement's entries of the same purpose."""
    lists: dict[str, tuple[Sequence[str], Sequence[str]]] = {
        "from": (document.disclosers(purpose), [d for entry in above for d in wider.disclosers(entry)]),
        "recipients": (document.recipients(purpose), [r for entry in above for r in wider.recipients(entry)]),
        "roles": (purpose.roles, [role for entry in above for role in entry.roles]),
    }
    for field, (here, there) in lists.items():
        extra = [name for name in here if name not in there]
        if extra:
            yield field, ", ".join(extra)
    if all(REACHES.index(entry.reach) > REACHES.index(purpose.reach) for entry in above):
        yield "reach", purpose.reach
    if all(FORMS.index(entry.form) > FORMS.index(purpose.form) for entry in above):
        yield "form", purpose.form


def _elements(document: AgreementDocument, wider: AgreementDocument) -> Iterator[ReviewFinding]:
    if not wider.schedule:
        return
    listed: dict[str, list[ScheduleLine]] = defaultdict(list)
    for up in wider.schedule:
        for element in elements_of(up):
            listed[element.path].append(up)
    for position, line in enumerate(document.schedule):
        beyond = []
        for element in elements_of(line):
            above = listed.get(element.path, [])
            named = [up for up in above if not up.is_wildcard] or above
            if not named:
                beyond.append(element.name)
            elif all(_coarser(up.transform, line.transform) for up in named):
                yield _beyond(f"schedule[{position}].transform", wider,
                              f"shows {element.path} only as {named[0].transform}")  # fmt: skip
        if beyond:
            shown = ", ".join(beyond[:5]) + (", …" if len(beyond) > 5 else "")
            yield _beyond(f"schedule[{position}].element", wider, f"does not list {line.table}: {shown}")


def _coarser(above: str, here: str) -> bool:
    return Transform.parse(above).coarseness > Transform.parse(here).coarseness
