"""A proposal to change one element of a text: the exact change, its state, and whether it still applies to the text.

A proposal is open until one of these ends it: every other party accepts, and a new text includes it; one party refuses, with its
reason; its own partner withdraws it; or the text changes at its place, and it no longer applies.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from throughway.agreements.diff import ADDED, CHANGED, REMOVED, DocumentChange, apply_changes
from throughway.agreements.document import AgreementDocument, document_values, read_document, version_of
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
from throughway.agreements.legal_review.findings import ReviewFinding
from throughway.core.refusals import Refused


class InvalidDocumentValues(ValueError):
    """The values are no document; `finding` is the first thing that is wrong with them."""

    def __init__(self, finding: ReviewFinding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def document_from(values: Values) -> AgreementDocument:
    """The document of plain values, refused as its text would be."""
    document, faults = read_document(json.dumps(values))
    if document is None:
        raise InvalidDocumentValues(faults[0])
    return document


class ProposalAct(StrEnum):
    """What is done with a proposal."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    TAKE = "take"  # every other party has accepted, and a new text includes it
    OVERTAKE = "overtake"  # the text changed at its place


class Status(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


ENDS = {
    ProposalAct.REFUSE: Status.REFUSED,
    ProposalAct.WITHDRAW: Status.WITHDRAWN,
    ProposalAct.TAKE: Status.TAKEN,
    ProposalAct.OVERTAKE: Status.OVERTAKEN,
}


@dataclass(frozen=True)
class ProposalResponse:
    """`version`: of a proposal that was taken, the text that contains it. `partner` is None where the text itself overtook it."""

    what: ProposalAct
    partner: str | None
    role: str
    by: str
    why: str
    day: date
    version: str = ""


@dataclass(frozen=True)
class Proposal:
    """One change of one element, proposed by somebody of a party on the text `version`. `before` and `after` are plain values."""

    number: int
    agreement: str
    version: str
    path: str
    kind: str
    before: Any
    after: Any
    why: str
    partner: str
    role: str
    by: str
    day: date
    answers: tuple[ProposalResponse, ...] = ()

    @property
    def status(self) -> Status:
        return next((ENDS[a.what] for a in self.answers if a.what in ENDS), Status.OPEN)

    @property
    def end(self) -> ProposalResponse | None:
        """What ended it."""
        return next((answer for answer in self.answers if answer.what in ENDS), None)

    @property
    def accepted_by(self) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(a.partner for a in self.answers if a.what is ProposalAct.ACCEPT and a.partner)
        )

    @property
    def change(self) -> DocumentChange:
        return DocumentChange(self.path, self.kind, self.before, self.after, "")

    def waits_for(self, parties: Iterable[str]) -> tuple[str, ...]:
        """Which parties have still to answer."""
        if self.status is not Status.OPEN:
            return ()
        return tuple(p for p in parties if p != self.partner and p not in self.accepted_by)


def overtaken(proposal: Proposal, document: AgreementDocument) -> str:
    """Why the proposal no longer fits the text; empty while its place is unchanged."""
    values = document_values(document)
    try:
        path = read_path(proposal.path, values)
        if proposal.kind == ADDED and isinstance(proposal.after, dict) and not isinstance(path[-1], str):
            if path[-1] in list(identified(path[:-1], entries_at(values, path[:-1]))):
                return "The text already has such an entry."
        elif at(values, path) != proposal.before:
            return "The text at this place has changed since."
    except NoSuchPath:
        return "The entry that it changes is no longer in the text."
    try:
        changed(document, proposal)
    except InvalidDocumentValues as unreadable:
        return f"In the text as it is now, it would not fit: {unreadable.finding.message}"
    except NoSuchPath:
        return "The entry that it changes is no longer in the text."
    return ""


def changed(document: AgreementDocument, proposal: Proposal) -> AgreementDocument:
    """The text with the proposal in it; InvalidDocumentValues or NoSuchPath when it does not fit."""
    return document_from(apply_changes(document_values(document), [proposal.change]))


def still_open(proposals: Sequence[Proposal], document: AgreementDocument) -> list[Proposal]:
    """Open proposals whose place in the text is unchanged."""
    return [p for p in proposals if p.status is Status.OPEN and not overtaken(p, document)]


FIXED = ("id", "throughway")
TOO_WIDE = ("terms", "clauses", "terms.destruction", "joinder", "records")
LONGEST_PATH = 1_000


def change_of(document: AgreementDocument, path: str, value: Any) -> tuple[DocumentChange, AgreementDocument]:
    """The change, and the text with it. `value` None takes the field or the entry away; at a list (`schedule`) it is a new
    entry. Values are in the document's own form."""
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
            "The short name and the format of an agreement stay; a different name makes a different "
            "agreement.",
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
