"""Who gives which kinds of data to whom, for what and by what right: the directions of an agreement, ready to be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.citations import CITATIONS
from throughway.agreements.document import AgreementDocument
from throughway.agreements.grant import scheduled
from throughway.agreements.naming import PURPOSES, RIGHTS, called, kind_of_data, listed
from throughway.agreements.parts import Purpose
from throughway.agreements.words import PurposeKind


@dataclass(frozen=True)
class Flow:
    """One direction. Partners stand by name; `what` names kinds of data; `right` is why it may pass, with its citation."""

    givers: tuple[str, ...]
    takers: tuple[str, ...]
    what: tuple[str, ...]
    purpose: str
    right: str
    citation: str
    only_to_match: bool

    @property
    def sentence(self) -> str:
        verb = "give" if len(self.givers) > 1 else "gives"
        kinds = listed(self.what) if self.what else "nothing yet"
        return f"{listed(self.givers)} {verb} {listed(self.takers)} {kinds}, {self.purpose}, {self.right}."


def flows(document: AgreementDocument, names: Mapping[str, str]) -> tuple[Flow, ...]:
    """Every direction, in the document's order; those that only match records come last.

    Disclosers of one entry whose records show the same kinds are one flow.
    """
    found = [flow for entry in document.purposes for flow in _of_entry(document, entry, names)]
    return tuple(sorted(found, key=lambda flow: flow.only_to_match))


def _of_entry(document: AgreementDocument, entry: Purpose, names: Mapping[str, str]) -> Sequence[Flow]:
    takers = called(document.recipients(entry), names)
    by_kinds: dict[tuple[str, ...], list[str]] = {}
    for discloser in document.disclosers(entry):
        by_kinds.setdefault(kinds(document, entry, discloser), []).append(discloser)
    return [
        Flow(
            givers=called(givers, names),
            takers=takers,
            what=what,
            purpose=PURPOSES[entry.kind],
            right=RIGHTS[entry.basis],
            citation=CITATIONS[entry.basis],
            only_to_match=entry.kind is PurposeKind.LINKAGE,
        )
        for what, givers in by_kinds.items()
        if takers
    ]


def kinds(document: AgreementDocument, entry: Purpose, discloser: str) -> tuple[str, ...]:
    """The kinds of data that the schedule shows of a discloser under a purpose entry."""
    tables = scheduled(document, entry, discloser)
    return tuple(filter(None, (kind_of_data(table, columns) for table, columns in tables.items())))
