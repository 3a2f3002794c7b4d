"""D11: what the title and the purposes speak of is in the schedule; else families and signatories read of data that nobody gets."""

from collections.abc import Iterable, Iterator

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PurposeKind
from throughway.agreements.legal_review.context import ReviewContext
from throughway.agreements.legal_review.findings import ReviewFinding, warning
from throughway.agreements.legal_review.schedule import elements_of
from throughway.vocabulary.data_words import spoken_of


def promises_kept(document: AgreementDocument, context: ReviewContext) -> Iterator[ReviewFinding]:
    """A table, an element or a table that people type under the agreement is enough, whatever columns it shows. A schedule that names
    something unknown is mended first (D8)."""
    if not document.schedule or not all(elements_of(line) for line in document.schedule):
        return
    shown = [(line.element, set(line.purposes)) for line in document.schedule]
    shown += [(f"{entry.table}.*", set(entry.purposes)) for entry in document.writes]
    yield from _lacking("title", "The title", document.title, [path for path, _ in shown])
    for position, purpose in enumerate(document.purposes):
        if purpose.kind is PurposeKind.LINKAGE:  # it says what the match serves
            continue
        own = [path for path, ids in shown if purpose.id in ids]
        yield from _lacking(
            f"purposes[{position}].interest", f"The purpose {purpose.id}", purpose.interest, own
        )


def _lacking(place: str, who: str, text: str, shown: Iterable[str]) -> Iterator[ReviewFinding]:
    for said, data in spoken_of(text):
        if not any(data.held_by(path) for path in shown):
            yield warning("D11", place,
                          f"{who} speaks of {said}, and the schedule has no such data for it; add the elements, or say only what is "
                          "shared.")  # fmt: skip
