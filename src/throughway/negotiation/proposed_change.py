"""What somebody asks to change, as one exact change of the text that they read; refused in words when it is none."""

from typing import Any

from throughway.agreements.diff import ADDED, CHANGED, REMOVED, DocumentChange, apply_changes
from throughway.agreements.document import AgreementDocument, document_values, version_of
from throughway.agreements.document_paths import (
    ListEntry,
    NoSuchPath,
    Path,
    Values,
    at,
    entries_at,
    identified,
    is_list,
    path_text,
    pattern,
    positions,
    read_path,
)
from throughway.core.refusals import Refused
from throughway.negotiation.document_from_values import InvalidDocumentValues, document_from

FIXED = ("id", "throughway")
TOO_WIDE = ("terms", "clauses", "terms.destruction", "joinder", "records")
LONGEST_PATH = 1_000


def change_of(document: AgreementDocument, path: str, value: Any) -> tuple[DocumentChange, AgreementDocument]:
    """The change, and the text with it. `value` None takes the field or the entry away; at a list (`schedule`) it is a new
    entry. Values are kept as the document keeps them."""
    values = document_values(document)
    place = _place(path, values)
    change = _entry(place, value, values) if _is_entry(place) else _field(place, value, values)
    try:
        after = document_from(apply_changes(values, [change]))
    except InvalidDocumentValues as unreadable:
        raise Refused(
            f"This cannot be proposed: {unreadable.finding.message}", code="unreadable",
            citations=[unreadable.finding.citation],
        ) from None  # fmt: skip
    if version_of(after) == version_of(document):
        raise Refused("The text says exactly this already; nothing was proposed.", code="no_change")
    return _as_kept(change, place, values, document_values(after)), after


def _place(path: str, values: Values) -> Path:
    try:
        if len(path) > LONGEST_PATH:
            raise NoSuchPath(path)
        place = read_path(path, values)
    except NoSuchPath:
        raise Refused(
            "The text has no such place; choose one of its elements.", code="unknown_place"
        ) from None
    if pattern(place) in FIXED:
        raise Refused(
            "The short name and the format of an agreement stay; under another name it is another agreement.",
            code="fixed",
        )
    if pattern(place) in TOO_WIDE:
        raise Refused("Propose one element at a time, not a whole section.", code="too_wide")
    return place


def _is_entry(place: Path) -> bool:
    return is_list(place) or isinstance(place[-1], ListEntry)


def _entry(place: Path, value: Any, values: Values) -> DocumentChange:
    """A whole entry, new or taken away."""
    of = place if is_list(place) else place[:-1]
    if value is None and not is_list(place):
        return DocumentChange(path_text(place), REMOVED, _at(values, place), None, "")
    if not isinstance(value, dict):
        raise Refused("Propose an entry to add, or one to take away.", code="no_entry")
    if not is_list(place) and place[-1] in list(identified(of, entries_at(values, of))):
        raise Refused("Propose one field of an entry at a time.", code="too_wide")
    called = list(identified(of, [*entries_at(values, of), value]))[-1]
    return DocumentChange(path_text((*of, called)), ADDED, None, value, "")


def _field(place: Path, value: Any, values: Values) -> DocumentChange:
    before = _at(values, place)
    if value is None:
        return DocumentChange(path_text(place), REMOVED, before, None, "")
    return DocumentChange(path_text(place), ADDED if before is None else CHANGED, before, value, "")


def _at(values: Values, place: Path) -> Any:
    try:
        return at(values, place)
    except NoSuchPath:
        raise Refused(
            "The text has no such place; choose one of its elements.", code="unknown_place"
        ) from None


def _as_kept(change: DocumentChange, place: Path, before: Values, after: Values) -> DocumentChange:
    """The change with its new value as the changed text has it: defaults left out, days and lists in their form."""
    if change.kind == REMOVED:
        return change
    if change.kind == ADDED and _is_entry(place):
        of = place if is_list(place) else place[:-1]
        entry = entries_at(after, of)[-1]
        called = list(identified(of, entries_at(after, of)))[-1]
        return DocumentChange(path_text((*of, called)), ADDED, None, entry, "")
    kept: Any = after
    for step in positions(before, place):
        kept = kept.get(step) if isinstance(kept, dict) else kept[step]
        if kept is None:
            return DocumentChange(change.path, REMOVED, change.before, None, "")
    return DocumentChange(change.path, change.kind, change.before, kept, "")
