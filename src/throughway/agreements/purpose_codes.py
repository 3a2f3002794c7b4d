"""Whose random codes a purpose shows: its own, or those of the purposes that it joins (34 CFR 99.31(b)(2)).

Purposes of one agreement that show the same codes can be put side by side, student by student. So each has codes of its own, unless
the text joins them. To join is to show the same codes: it holds for both, and for whatever either joins. A tier never joins what a
wider tier keeps apart.
"""

from collections.abc import Iterable, Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import AccessForm

OF = "/"  # between the id of the agreement, which has none, and that of the purpose


def codes_name(document: AgreementDocument, purpose: str, tiers: Iterable[AgreementDocument] = ()) -> str:
    """The name of the codes that the purpose shows. Of joined purposes it is the one that joins no other, so that a purpose which joins it
    later takes its codes and it keeps them."""
    links = {pair for pair in _links(document) if all(may_join(tier, *pair) for tier in tiers)}
    joining = {id for id, _ in links}
    holder = min(_group(purpose, links), key=lambda id: (id in joining, id))
    return f"{document.id}{OF}{holder}"


def agreement_of(codes: str) -> str:
    """The agreement under which codes of this name are drawn, kept and destroyed."""
    return codes.partition(OF)[0]


def joined_with(document: AgreementDocument, purpose: str) -> tuple[str, ...]:
    """The other purposes of the document whose codes are the same, in its order."""
    group = _group(purpose, set(_links(document)))
    return tuple(dict.fromkeys(entry.id for entry in document.purposes if entry.id in group - {purpose}))


def has_codes(entry: Purpose) -> bool:
    """Whether the entry can be joined: it shows students, and under codes alone."""
    return entry.form is AccessForm.PSEUDONYMOUS


def _links(document: AgreementDocument) -> Iterator[tuple[str, str]]:
    known = {entry.id for entry in document.purposes if has_codes(entry)}
    for entry in document.purposes:
        yield from (
            (entry.id, other) for other in entry.joins if other != entry.id and {entry.id, other} <= known
        )


def may_join(tier: AgreementDocument, one: str, other: str) -> bool:
    """Whether a wider tier lets a narrower one join these two: it joins them itself, or says nothing of purposes."""
    return not tier.purposes or other in joined_with(tier, one)


def _group(purpose: str, links: Iterable[tuple[str, str]]) -> set[str]:
    pairs = [set(pair) for pair in links]
    found = {purpose}
    while more := {id for pair in pairs if pair & found for id in pair} - found:
        found |= more
    return found
