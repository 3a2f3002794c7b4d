"""The effect of a changed text in place of another, and the two texts with additions and removals marked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

from throughway.agreements.diff import DocumentChange, access_impacts, changes
from throughway.agreements.diff.change_text import Wording
from throughway.agreements.document import AgreementDocument, document_values
from throughway.agreements.document_paths import NoSuchPath, path_text, read_path
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.agreements.legal_review.review import ReviewContext, review
from throughway.agreements.status import AgreementStatus

SAME, GONE, NEW = "same", "gone", "new"
# The most words and spaces of each side that are compared; a longer text is shown whole, old and new.
SHORTEST, LONGEST = 16, 4_000


@dataclass(frozen=True)
class DiffSegment:
    kind: str  # SAME, GONE or NEW
    text: str


def marked(before: str, after: str) -> tuple[DiffSegment, ...]:
    """The two texts as one; those parts that are GONE and SAME give the old one, NEW and SAME the new one."""
    old, new = _words(before), _words(after)
    if max(len(old), len(new)) > LONGEST or min(len(old), len(new)) < SHORTEST:
        return tuple(DiffSegment(kind, text) for kind, text in ((GONE, before), (NEW, after)) if text)
    marks: list[DiffSegment] = []
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            marks.append(DiffSegment(SAME, "".join(old[i:j])))
            continue
        marks += [
            DiffSegment(kind, text)
            for kind, text in ((GONE, "".join(old[i:j])), (NEW, "".join(new[k:m])))
            if text
        ]
    return tuple(marks)


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def lines(before: str, after: str) -> tuple[DiffSegment, ...]:
    """The changed lines, each with three lines around it; `…` marks omitted lines."""
    found = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    marks: list[DiffSegment] = []
    for number, line in enumerate(found):
        if number < 2:  # the names of the two files
            continue
        if line.startswith("@@"):
            marks.append(DiffSegment(SAME, "…"))
        else:
            marks.append(DiffSegment({"-": GONE, "+": NEW}.get(line[0], SAME), line[1:]))
    return tuple(marks)


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
    wordings = {True: Wording(document_values(new), names), False: Wording(document_values(old), names)}
    opened = tuple(
        AccessImpactLine(found.kind, found.sentence(names, wordings[found.opens].purpose(found.purpose)))
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
    """The blocking findings of the text, by rule and place; places do not depend on the position of an entry."""
    if context is None:
        return {}
    values = document_values(document)
    return {(f.id, _place(f.element, values)): f for f in review(document, context) if f.blocks}


def _place(element: str, values: dict[str, object]) -> str:
    try:
        return path_text(read_path(element, values))
    except NoSuchPath:
        return element
