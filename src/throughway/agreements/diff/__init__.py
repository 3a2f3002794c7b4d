"""What changed between two texts of an agreement: by field, in a sentence, and in who would see what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from throughway.agreements.diff.access_impact import AccessImpact, access_impacts
from throughway.agreements.diff.change_text import Wording, sentence
from throughway.agreements.diff.compare import (
    ADDED,
    CHANGED,
    REMOVED,
    Difference,
    apply_differences,
    differences,
)
from throughway.agreements.document import AgreementDocument, document_values
from throughway.agreements.document_paths import Values, path_text, read_path

__all__ = [
    "ADDED",
    "CHANGED",
    "REMOVED",
    "AccessImpact",
    "DocumentChange",
    "access_impacts",
    "apply_changes",
    "changes",
    "reworded_change",
]


@dataclass(frozen=True)
class DocumentChange:
    """One change. `path` is its place (see `document_paths`), `before` and `after` are plain values, None where absent; `at` is the
    position of an added entry. `label`: the place in words, `was` and `now`: the values in words, `words`: the whole sentence."""

    path: str
    kind: str  # ADDED, REMOVED or CHANGED
    before: Any
    after: Any
    words: str
    label: str = ""
    was: str = ""
    now: str = ""
    at: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "kind": self.kind,
            "before": self.before,
            "after": self.after,
            "words": self.words,
        }


def changes(
    old: AgreementDocument, new: AgreementDocument, names: Mapping[str, str] | None = None
) -> tuple[DocumentChange, ...]:
    """In the order of the document. `names`: partners by name; without it the sentences use their ids."""
    before, after = document_values(old), document_values(new)
    was, now = Wording(before, names or {}), Wording(after, names or {})
    return tuple(_change(found, was, now) for found in differences(before, after))


def _change(found: Difference, was: Wording, now: Wording) -> DocumentChange:
    return DocumentChange(
        path=path_text(found.path),
        kind=found.kind,
        before=found.before,
        after=found.after,
        words=sentence(found, was, now),
        label=(now if found.kind == ADDED else was).label(found.path),
        was=was.value(found.path, found.before),
        now=now.value(found.path, found.after),
        at=found.at,
    )


def reworded_change(change: DocumentChange, values: Values, names: Mapping[str, str]) -> DocumentChange:
    """The same change in the words of one text, for example the text that it would change."""
    path = read_path(change.path, values)
    text = Wording(values, names)
    return _change(Difference(path, change.kind, change.before, change.after, change.at), text, text)


def apply_changes(values: Values, made: Iterable[DocumentChange]) -> Values:
    """A document's values with the changes applied; NoSuchPath when the place of a change does not exist."""
    return apply_differences(
        values,
        [Difference(read_path(one.path, values), one.kind, one.before, one.after, one.at) for one in made],
    )
