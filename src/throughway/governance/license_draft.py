"""The data use license that a request would become: its values, ready to be reviewed on the first day and drafted at the last."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_sections import Purpose
from throughway.agreements.enums import AccessForm, Basis, PurposeKind
from throughway.agreements.grant import scheduled
from throughway.agreements.starter_texts import begin, stricter_terms
from throughway.agreements.transforms import Transform
from throughway.governance.data_request import RequestedData

NONE = Transform("none")
KINDS = {Basis.STUDY: PurposeKind.RESEARCH, Basis.AUDIT_EVALUATION: PurposeKind.EVALUATION}


def license_of(
    number: int,
    reader: str,
    wanted: RequestedData,
    giving: Sequence[str],
    above: Sequence[AgreementDocument],
    today: date,
) -> dict[str, Any]:
    """`reader`: the partner that asked; `giving`: those whose records it may use; `above`: the agreements that it is under.

    Rights and their details are those of the wider agreement for each discloser; the asker's own words replace its details.
    """
    values = begin(
        "dul", parties={"giver": giving, "reader": (reader,)}, id=id_of(number, wanted.title), title=wanted.title,
        effective=today, expires=wanted.until, answers={"method": _method(wanted)}, signatories=_signatories(above),
    )  # fmt: skip
    values |= {
        "under": list(wanted.under),
        "purposes": [_purpose(entry, wanted, reader) for entry in _entries(wanted, giving, above)],
        "schedule": _schedule(wanted, giving, above),
        "terms": stricter_terms(values["terms"], above),
        "project": _project(wanted),
    }
    values["parties"] = [_known(party, above) for party in values["parties"]]
    if days := _records(above):
        values["records"] = days
    if wanted.outside:
        values["onward"] = [
            {
                "party": wanted.outside,
                "interest": wanted.project or wanted.question,
                "basis": str(wanted.basis),
            }
        ]
    return values


def id_of(number: int, title: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-")
    return f"{words or 'request'}-license-{number}"


def _method(wanted: RequestedData) -> str:
    published = f" Published: {wanted.publication}" if wanted.publication else ""
    return f"{wanted.method}{published}"


def _project(wanted: RequestedData) -> dict[str, Any]:
    project: dict[str, Any] = {"method": _method(wanted) or None}
    if wanted.irb:
        ends = (wanted.irb_expires or wanted.until).isoformat()
        project["irb"] = {"number": wanted.irb, "expires": ends}
    return project


def _signatories(above: Sequence[AgreementDocument]) -> dict[str, tuple[str, str]]:
    return {
        party.partner: (party.signatory.title, party.signatory.authority)
        for document in above
        for party in document.parties
        if party.signatory
    }


def _known(party: dict[str, Any], above: Sequence[AgreementDocument]) -> dict[str, Any]:
    """The party, with the offices to turn to that a wider agreement names."""
    found = next((p for d in above for p in d.parties if p.partner == party["partner"] and p.contacts), None)
    if found is None or found.contacts is None:
        return party
    return party | {"contacts": found.contacts.model_dump(exclude_none=True)}


def _records(above: Sequence[AgreementDocument]) -> dict[str, str]:
    """The days in scope under every wider agreement."""
    firsts = [d.records.from_ for d in above if d.records.from_]
    lasts = [d.records.to for d in above if d.records.to]
    days = {"from": max(firsts, default=None), "to": min(lasts, default=None)}
    return {key: day.isoformat() for key, day in days.items() if day}


Entry = tuple[tuple[str, ...], Purpose | None]


def _entries(wanted: RequestedData, giving: Sequence[str], above: Sequence[AgreementDocument]) -> list[Entry]:
    """Which partners give under which entry of a wider agreement; None for partners that no entry of the purpose names."""
    left, found = list(giving), list[Entry]()
    for document in above:
        for entry in document.entries(wanted.purpose):
            own = tuple(p for p in left if p in document.disclosers(entry))
            if own:
                found.append((own, entry))
                left = [p for p in left if p not in own]
    return [*found, (tuple(left), None)] if left else found


def _purpose(entry: Entry, wanted: RequestedData, reader: str) -> dict[str, Any]:
    givers, wider = entry
    basis = wider.basis if wider else wanted.basis
    details = dict(wider.basis_details) if wider else {}
    if basis is wanted.basis:
        details |= {key: value for key, value in wanted.details.items() if value}
    return {
        "id": wanted.purpose or "project",
        "kind": str(wider.kind if wider else _kind(wanted)),
        "from": list(givers),
        "recipients": [reader],
        "roles": [str(role) for role in wider.roles] if wider else ["evaluator"],
        "interest": wanted.question,
        "basis": str(basis),
        "basis_details": details,
        "form": str(wanted.form),
    }


def _kind(wanted: RequestedData) -> PurposeKind:
    return (
        PurposeKind.REPORTING
        if wanted.form is AccessForm.AGGREGATE
        else KINDS.get(wanted.basis, PurposeKind.RESEARCH)
    )


def _schedule(
    wanted: RequestedData, giving: Sequence[str], above: Sequence[AgreementDocument]
) -> list[dict[str, Any]]:
    """A line for each element: from those who give it by a wider agreement, blurred as there; from all, where none does."""
    shown = {partner: _shown(wanted.purpose, partner, above) for partner in giving}
    lines = []
    for element in wanted.elements:
        table, _, name = element.partition(".")
        by = {p: t for p in giving if (t := _transform(shown[p].get(table), name)) is not None}
        blurred = max(by.values(), key=lambda transform: transform.coarseness, default=NONE)
        line: dict[str, Any] = {
            "element": element,
            "from": list(by or giving),
            "purposes": [wanted.purpose or "project"],
            "necessity": wanted.necessity.get(table, ""),
        }
        if blurred.name != "none":
            line["transform"] = str(blurred)
        lines.append(line)
    return lines


Columns = dict[str, Transform]


def _shown(purpose: str, partner: str, above: Sequence[AgreementDocument]) -> dict[str, Columns]:
    found: dict[str, Columns] = {}
    for document in above:
        for entry in document.entries(purpose):
            if partner in document.disclosers(entry):
                for table, columns in scheduled(document, entry, partner).items():
                    found.setdefault(table, {}).update(columns)
    return found


def _transform(columns: Columns | None, name: str) -> Transform | None:
    """How a wider agreement shows the element; None where it does not. A wildcard counts as shown where any element of its table is."""
    if not columns:
        return None
    return NONE if name == "*" else columns.get(name)
