"""A template with its parties in their parts: the values of a document, blanks (None) where nobody has answered yet."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from throughway.agreements.document import AgreementDocument
from throughway.agreements.starter_texts.license_from_agreement import narrowed_to
from throughway.agreements.starter_texts.template import Template, template
from throughway.agreements.starter_texts.yaml_writer import in_order

GONE = object()  # a section whose part nobody takes
Filled = Mapping[str, Sequence[str]]
Answers = Mapping[str, object]


def begin(
    chosen: str | Template,
    *,
    parties: Filled,
    id: str,
    title: str = "",
    effective: date | None = None,
    expires: date | None = None,
    answers: Answers | None = None,
    signatories: Mapping[str, tuple[str, str]] | None = None,
    under: AgreementDocument | None = None,
) -> dict[str, Any]:
    """The values of a new document, in the order of the format; Refused for an unknown template or part.

    `parties`: part → ids of partners. `answers`: question → answer. `signatories`: partner → (office, its authority).
    `under`: the wider agreement that it stands under; a use license takes from it what concerns its own parties.
    """
    found = template(chosen) if isinstance(chosen, str) else chosen
    taken: Filled = {part.id: () for part in found.parts} | {
        found.part(name).id: tuple(dict.fromkeys(partners)) for name, partners in parties.items()
    }
    values = _filled(found.document, taken, answers or {})
    values |= {"throughway": "agreement/1", "id": id, "title": title.strip() or None}
    values["parties"] = _parties(found, taken, signatories or {})
    values["terms"] |= {
        "effective": effective.isoformat() if effective else None,
        "expires": expires.isoformat() if expires else None,
    }
    values = _without_what_went(values)
    if under is not None:
        values = narrowed_to(values, under)
    return in_order(values)


def _parties(
    found: Template, taken: Filled, signatories: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """Each partner once, with the roles of all of its parts."""
    parties: dict[str, dict[str, Any]] = {}
    for part in found.parts:
        for partner in taken[part.id]:
            title, authority = signatories.get(partner, (part.signs, ""))
            party = parties.setdefault(
                partner,
                {
                    "partner": partner,
                    "roles": [],
                    "signatory": {"title": title or None, "authority": authority or None},
                },
            )
            party["roles"] += [str(role) for role in part.roles if role not in party["roles"]]
    return list(parties.values())


def _filled(value: Any, taken: Filled, answers: Answers) -> Any:
    if isinstance(value, Mapping):
        needs = value.get("needs")
        if needs is not None and not taken[needs]:
            return GONE
        section = {key: _filled(v, taken, answers) for key, v in value.items() if key != "needs"}
        return {key: v for key, v in section.items() if v is not GONE}
    if isinstance(value, list):
        return [item for each in value for item in _items(each, taken, answers)]
    blank = _blank_in(value)
    if blank is None:
        return value
    return next(iter(taken[blank]), None) if blank in taken else answers.get(blank) or None


def _items(value: Any, taken: Filled, answers: Answers) -> Sequence[Any]:
    part = _blank_in(value)
    if part is not None and part in taken:
        return taken[part]
    filled = _filled(value, taken, answers)
    return () if filled is GONE else (filled,)


def _blank_in(value: Any) -> str | None:
    """`<school>`: school."""
    return value[1:-1] if isinstance(value, str) and value.startswith("<") and value.endswith(">") else None


def _without_what_went(values: dict[str, Any]) -> dict[str, Any]:
    """Lines of the schedule under purposes that went with their part go too."""
    here = {purpose["id"] for purpose in values.get("purposes", ())}
    lines = [
        line | {"purposes": [id for id in line["purposes"] if id in here]}
        for line in values.get("schedule", ())
    ]
    if "schedule" in values:
        values["schedule"] = [line for line in lines if line["purposes"]]
    return values
