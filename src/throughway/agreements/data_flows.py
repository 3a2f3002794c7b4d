"""Who gives which kinds of data to whom, for what and by what right."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import Basis, PurposeKind
from throughway.agreements.grant import scheduled
from throughway.agreements.labels import (
    CITATIONS,
    PURPOSES,
    RIGHTS,
    kind_of_data,
    listed,
    partner_labels,
    ranked_tables,
)
from throughway.agreements.transforms import Transform
from throughway.vocabulary import covered


@dataclass(frozen=True)
class Flow:
    """One direction. Partners by name; `what`: kinds of data; `right`: the basis, with its citation."""

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
    """Every direction, in the document's order; linkage purposes last.

    Disclosers of one entry whose records show the same kinds of data are one flow.
    """
    found = [flow for entry in document.purposes for flow in _of_entry(document, entry, names)]
    return tuple(sorted(found, key=lambda flow: flow.only_to_match))


def _of_entry(document: AgreementDocument, entry: Purpose, names: Mapping[str, str]) -> Sequence[Flow]:
    takers = partner_labels(document.recipients(entry), names)
    return [
        Flow(
            givers=partner_labels(givers, names),
            takers=takers,
            what=what,
            purpose=PURPOSES[entry.kind],
            right=RIGHTS[entry.basis],
            citation=CITATIONS[entry.basis],
            only_to_match=entry.kind is PurposeKind.LINKAGE,
        )
        for what, givers in givers_by_kinds(document, entry).items()
        if takers
    ]


def givers_by_kinds(document: AgreementDocument, entry: Purpose) -> dict[tuple[str, ...], list[str]]:
    """The kinds of data that the schedule shows under a purpose entry, each set with the disclosers that give exactly these."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for discloser in document.disclosers(entry):
        alike.setdefault(_named(_shown(document, entry, discloser)), []).append(discloser)
    return alike


def _shown(
    document: AgreementDocument, entry: Purpose, discloser: str
) -> Mapping[str, Mapping[str, Transform]]:
    return scheduled(known_lines(document), entry, discloser)


def known_lines(document: AgreementDocument) -> AgreementDocument:
    """Without lines of the schedule that name unknown tables or elements. They show nothing, and the review refuses them; a text with
    findings is displayed too."""
    lines = tuple(line for line in document.schedule if _is_known(line.element))
    return document.model_copy(update={"schedule": lines})


def _is_known(pattern: str) -> bool:
    try:
        return bool(covered(pattern))
    except KeyError:
        return False


def _named(tables: Mapping[str, Mapping[str, Transform]]) -> tuple[str, ...]:
    return tuple(filter(None, (kind_of_data(table, tables[table]) for table in ranked_tables(tables))))


@dataclass(frozen=True)
class _Way:
    """What one partner gives to the same partners on the same basis."""

    takers: tuple[str, ...]
    basis: Basis
    only_to_match: bool


def directions(document: AgreementDocument, names: Mapping[str, str]) -> tuple[Flow, ...]:
    """The flows for the figure: those between the same partners on the same basis are merged across purposes.

    What a partner's own people read of its own records is not a flow, and is left out.
    """
    tables: dict[tuple[str, _Way], dict[str, dict[str, Transform]]] = {}
    purposes: dict[tuple[str, _Way], dict[str, None]] = {}
    for entry in document.purposes:
        for giver in document.disclosers(entry):
            takers = tuple(p for p in document.recipients(entry) if p != giver)
            if takers:
                key = (giver, _Way(takers, entry.basis, entry.kind is PurposeKind.LINKAGE))
                purposes.setdefault(key, {})[PURPOSES[entry.kind]] = None
                _add(tables.setdefault(key, {}), _shown(document, entry, giver))
    alike: dict[tuple[_Way, tuple[str, ...], str], list[str]] = {}
    for (giver, way), held in tables.items():
        what, why = _named(held), listed(purposes[giver, way])
        alike.setdefault((way, what, why), []).append(giver)
    found = [
        Flow(
            givers=partner_labels(givers, names),
            takers=partner_labels(way.takers, names),
            what=what,
            purpose=why,
            right=RIGHTS[way.basis],
            citation=CITATIONS[way.basis],
            only_to_match=way.only_to_match,
        )
        for (way, what, why), givers in alike.items()
    ]
    return tuple(sorted(found, key=lambda flow: flow.only_to_match))


def _add(held: dict[str, dict[str, Transform]], tables: Mapping[str, Mapping[str, Transform]]) -> None:
    """Adds columns, each under the finer of the transforms that show it."""
    for table, columns in tables.items():
        shown = held.setdefault(table, {})
        for name, transform in columns.items():
            shown[name] = min(shown.get(name, transform), transform, key=lambda t: t.coarseness)


@dataclass(frozen=True)
class FlowParty:
    """The givers or receivers of one flow. `notes`: the kind of partner, and whether it stores the data."""

    names: tuple[str, ...]
    notes: tuple[str, ...]
    keeps_data: bool


def party_of(names: tuple[str, ...], kinds: Mapping[str, str], stewards: Collection[str]) -> FlowParty:
    """`kinds`: the kind of each partner in words; `stewards`: who stores the data. Both by the partners' names."""
    keeps_data = bool(names) and set(names) <= set(stewards)
    notes = tuple(dict.fromkeys(kinds[name] for name in names if name in kinds))
    return FlowParty(names, (*notes, "keeps the data") if keeps_data else notes, keeps_data)
