"""A use license that starts from its data-sharing agreement: of the wider text, what concerns the license's own parties."""

from collections.abc import Mapping, Sequence
from typing import Any

from throughway.agreements.document import AgreementDocument
from throughway.agreements.enums import PartyRole, PurposeKind, Tier

Values = dict[str, Any]


def narrowed_to(values: Values, wider: AgreementDocument) -> Values:
    """The values under `wider`, with nothing that `wider` does not allow, where that can be told.

    A use license takes over the wider text's purposes, schedule, students and days, as far as they concern its parties; any
    other agreement keeps its own. The larger minimum cell, all courses and the last day of the wider text hold for both.
    """
    values = values | {"under": [wider.id], "terms": _terms(values["terms"], wider)}
    if values["tier"] != Tier.DUL:
        return values
    givers, takers = _with(values, PartyRole.DISCLOSER), _with(values, PartyRole.RECIPIENT)
    text = wider.model_dump(mode="json", by_alias=True, exclude_unset=True)
    purposes = _purposes(text.get("purposes", ()), givers, takers)
    if not purposes:
        return values
    ids = {purpose["id"] for purpose in purposes}
    lines = [_line(line, ids, givers) for line in text.get("schedule", ())]
    values |= {"purposes": purposes, "schedule": [line for line in lines if line is not None]}
    populations = [_of(entry, givers) for entry in text.get("population", ())]
    if any(populations):
        values["population"] = [entry for entry in populations if entry is not None]
    if text.get("records"):
        values["records"] = text["records"]
    return values


def _terms(terms: Mapping[str, Any], wider: AgreementDocument) -> Values:
    above = wider.terms
    days = {
        "effective": max(filter(None, [terms.get("effective"), above.effective.isoformat()])),
        "expires": min(filter(None, [terms.get("expires"), above.expires.isoformat()])),
    }
    days = {
        name: day if terms.get(name) else None for name, day in days.items()
    }  # an unanswered day stays one
    return {
        **terms,
        **days,
        "minimum_cell": max(terms.get("minimum_cell") or 0, above.minimum_cell),
        "training": list(dict.fromkeys([*(terms.get("training") or ()), *above.training])),
    }


def _with(values: Mapping[str, Any], role: PartyRole) -> tuple[str, ...]:
    return tuple(party["partner"] for party in values["parties"] if role in party["roles"])


def _purposes(entries: Sequence[Values], givers: Sequence[str], takers: Sequence[str]) -> list[Values]:
    """Entries under which a taker here reads a giver here; matching records stays with the wider agreement."""
    kept = []
    for entry in entries:
        own = _of(entry, givers)
        readers = [name for name in entry.get("recipients") or takers if name in takers]
        if own is not None and readers and entry["kind"] != PurposeKind.LINKAGE:
            kept.append({**own, "recipients": readers})
    return kept


def _line(line: Values, ids: set[str], givers: Sequence[str]) -> Values | None:
    own = _of(line, givers)
    purposes = [id for id in line["purposes"] if id in ids]
    return {**own, "purposes": purposes} if own is not None and purposes else None


def _of(entry: Values, givers: Sequence[str]) -> Values | None:
    """The entry for these givers alone; None when it concerns none of them."""
    if entry.get("from") is None:
        return entry
    here = [name for name in entry["from"] if name in givers]
    return {**entry, "from": here} if here else None
