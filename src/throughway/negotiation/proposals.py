"""A proposal to change one element of a text: where it stands, and whether its place in the text still is what it was.

A proposal is open until one of these ends it: every other party accepts and it is taken into a new text; one refuses, with
its reason; its own partner withdraws it; or the text changes at its place, and it is overtaken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from throughway.agreements.diff import ADDED, DocumentChange, apply_changes
from throughway.agreements.document import AgreementDocument, document_values
from throughway.agreements.document_paths import NoSuchPath, at, entries_at, identified, read_path
from throughway.negotiation.document_from_values import InvalidDocumentValues, document_from


class ProposalAct(StrEnum):
    """What is done with a proposal."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    TAKE = "take"  # every other party has accepted: it stands in a new text
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
    """`version`: of a proposal that was taken, the text that it stands in. `partner` is None where nobody answered: overtaken."""

    what: ProposalAct
    partner: str | None
    role: str
    by: str
    why: str
    day: date
    version: str = ""


@dataclass(frozen=True)
class Proposal:
    """One change of one element, by somebody of a party, made on the text `version`. `before` and `after` are plain values."""

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
    """Why the proposal no longer fits the text; empty while its place stands unchanged."""
    values = document_values(document)
    try:
        path = read_path(proposal.path, values)
        if proposal.kind == ADDED and isinstance(proposal.after, dict) and not isinstance(path[-1], str):
            if path[-1] in list(identified(path[:-1], entries_at(values, path[:-1]))):
                return "The text has such an entry by now."
        elif at(values, path) != proposal.before:
            return "The text says something else at this place by now."
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
    """The text with the proposal in it; Unreadable or Nowhere when it does not fit."""
    return document_from(apply_changes(document_values(document), [proposal.change]))


def still_open(proposals: Sequence[Proposal], document: AgreementDocument) -> list[Proposal]:
    """Those that nobody has ended, and whose place in the text is what it was."""
    return [p for p in proposals if p.status is Status.OPEN and not overtaken(p, document)]
