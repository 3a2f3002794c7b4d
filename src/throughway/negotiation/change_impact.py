"""What would follow if a changed text took the place of another: who would see what, what the review would then hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.diff import DocumentChange, access_impacts, changes
from throughway.agreements.diff.sentences import Wording
from throughway.agreements.document import AgreementDocument, document_values
from throughway.agreements.document_paths import NoSuchPath, path_text, read_path
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.legal_review.review import ReviewContext, review
from throughway.agreements.status import AgreementStatus
from throughway.negotiation.word_diff import DiffSegment, marked


@dataclass(frozen=True)
class MarkedChange:
    """One change, with its old and new words marked."""

    change: DocumentChange
    marks: tuple[DiffSegment, ...]


@dataclass(frozen=True)
class AccessImpactLine:
    """`kind`: how it is tagged; `words`: who would see what."""

    kind: str
    words: str


@dataclass(frozen=True)
class Consequences:
    """`opened`: what is newly shown first. `blocking`: what would newly keep people from signing; `cured`: what no longer
    would."""

    opened: tuple[AccessImpactLine, ...]
    changed: tuple[MarkedChange, ...]
    blocking: tuple[ReviewFinding, ...]
    cured: tuple[ReviewFinding, ...]


def consequences(
    old: AgreementDocument,
    new: AgreementDocument,
    names: Mapping[str, str],
    wider: Sequence[AgreementStatus] = (),
    context: ReviewContext | None = None,
) -> Consequences:
    """`wider`: the agreements above, which narrow both texts. Without a context nothing is reviewed."""
    said = {True: Wording(document_values(new), names), False: Wording(document_values(old), names)}
    opened = tuple(
        AccessImpactLine(found.kind, found.sentence(names, said[found.opens].purpose(found.purpose)))
        for found in access_impacts(old, new, wider)
    )
    changed = tuple(
        MarkedChange(change, marked(change.was, change.now)) for change in changes(old, new, names)
    )
    before, after = _blocking(old, context), _blocking(new, context)
    return Consequences(
        opened,
        changed,
        tuple(finding for key, finding in after.items() if key not in before),
        tuple(finding for key, finding in before.items() if key not in after),
    )


def _blocking(
    document: AgreementDocument, context: ReviewContext | None
) -> dict[tuple[str, str], ReviewFinding]:
    """What keeps people from signing the text, by rule and place; places as they keep when other entries come or go."""
    if context is None:
        return {}
    values = document_values(document)
    return {(f.id, _place(f.element, values)): f for f in review(document, context) if f.blocks}


def _place(element: str, values: dict[str, object]) -> str:
    try:
        return path_text(read_path(element, values))
    except NoSuchPath:
        return element
