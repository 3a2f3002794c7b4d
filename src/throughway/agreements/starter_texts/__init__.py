"""Agreements to start from: whole, plain texts with blanks where only the parties can answer.

values = begin("consent", parties={"school": ["oak-schools"], "program": ["after-school"]}, id="oak-casework", title="…")
text = as_yaml(values)

Each template is a file of `templates/`: `wish` (what its reader wants to do), `parts`, `questions`, and the `document`, in which a
list item or a text `<part>` stands for the partners of that part, and `<question>` for its answer. A section with
`needs: part` is there only where somebody takes that part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from throughway.agreements.document import AgreementDocument
from throughway.agreements.document_yaml import in_order
from throughway.agreements.enums import PartyRole, PublicationRule, PurposeKind, Tier, strictest
from throughway.core.refusals import Refused
from throughway.core.yaml_text import values_of
from throughway.partners import PartnerKind

# In display order: what most communities need first.
ORDER = (
    "matched-evaluation",
    "shared-casework",
    "mou",
    "consent",
    "school-official",
    "youth-collaborative",
    "evaluation",
    "study",
    "dul",
    "open",
)


@dataclass(frozen=True)
class TemplateParty:
    """One party's part. `kinds`: the partners that usually take it; `signs`: the office that usually signs for it."""

    id: str
    words: str
    kinds: frozenset[PartnerKind]
    roles: tuple[PartyRole, ...]
    signs: str
    several: bool = False
    optional: bool = False


@dataclass(frozen=True)
class TemplateQuestion:
    """A question that only the parties can answer; `such_as` is an example."""

    id: str
    ask: str
    such_as: str


@dataclass(frozen=True)
class Template:
    """`wish` completes "I want to …"; `about`: what the text is and its legal basis."""

    id: str
    title: str
    wish: str
    about: str
    tier: Tier
    parts: tuple[TemplateParty, ...]
    questions: tuple[TemplateQuestion, ...]
    document: Mapping[str, Any] = field(repr=False, hash=False, compare=False)

    def part(self, id: str) -> TemplateParty:
        """The part with that name; Refused when the template has none."""
        for part in self.parts:
            if part.id == id:
                return part
        raise Refused(
            f"{self.id} has no part for {id}; its parts are {', '.join(p.id for p in self.parts)}.",
            code="unknown_part",
        )


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in display order."""
    return tuple(_read(id) for id in ORDER)


def template(id: str) -> Template:
    """The template with that id; Refused when there is none."""
    for found in templates():
        if found.id == id:
            return found
    raise Refused(f"No template is called {id}; there are {', '.join(ORDER)}.", code="unknown_template")


def part_of(template: Template, words: str) -> str:
    """The part that a word names: by its own name, or by its roles where only one part has them.

    `program` is the part with that name; `discloser,recipient` the only one with both roles. Refused otherwise.
    """
    names = frozenset(words.replace("+", ",").replace(" ", "").split(","))
    by_roles = [part.id for part in template.parts if names == frozenset(part.roles)]
    if not names & {part.id for part in template.parts} and len(by_roles) == 1:
        return by_roles[0]
    return template.part(words).id


def _read(id: str) -> Template:
    text = files("throughway.agreements.starter_texts").joinpath("templates", f"{id}.yaml").read_text("utf-8")
    values: Any = values_of(text)
    return Template(
        id=id,
        title=values["title"],
        wish=values["wish"],
        about=values["about"],
        tier=Tier(values["document"]["tier"]),
        parts=tuple(_part(name, part) for name, part in values["parts"].items()),
        questions=tuple(
            TemplateQuestion(name, question["ask"], question["such_as"])
            for name, question in (values.get("questions") or {}).items()
        ),
        document=values["document"],
    )


def _part(id: str, values: Mapping[str, Any]) -> TemplateParty:
    return TemplateParty(
        id=id,
        words=values["words"],
        kinds=frozenset(map(PartnerKind, values["kinds"])),
        roles=tuple(map(PartyRole, values["roles"])),
        signs=values["signs"],
        several=values.get("several", False),
        optional=values.get("optional", False),
    )


GONE = object()  # a section whose part is not taken
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

    `parties`: part → ids of partners. `answers`: question → answer. `signatories`: partner → (office, its authority). `under`: the
    wider agreement; a use license copies from it what concerns its own parties.
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
    """Removes schedule lines under purposes that were removed with their part."""
    here = {purpose["id"] for purpose in values.get("purposes", ())}
    lines = [
        line | {"purposes": [id for id in line["purposes"] if id in here]}
        for line in values.get("schedule", ())
    ]
    if "schedule" in values:
        values["schedule"] = [line for line in lines if line["purposes"]]
    return values


Values = dict[str, Any]


def narrowed_to(values: Values, wider: AgreementDocument) -> Values:
    """The values without anything that `wider` does not allow, where that can be determined.

    A use license copies the wider text's purposes, schedule, students and days, as far as they concern its parties; any other
    agreement keeps its own. The stricter terms of the two apply in either case.
    """
    values = values | {"under": [wider.id], "terms": stricter_terms(values["terms"], [wider])}
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


def stricter_terms(terms: Mapping[str, Any], above: Sequence[AgreementDocument]) -> Values:
    """The terms, with what is stricter in the wider agreements; a day that is not answered yet stays blank."""
    wider = [document.terms for document in above]
    limits: Values = {
        "effective": max([terms.get("effective") or "", *(each.effective.isoformat() for each in wider)]),
        "expires": min([terms.get("expires") or "9999", *(each.expires.isoformat() for each in wider)]),
    }
    days = [document.terms.destruction.within_days for document in above if document.schedule]
    never = [word for each in wider for word in each.prohibited]
    own = terms.get("publication_rule")
    rule = strictest([PublicationRule(own) if own else None, *(each.publication_rule for each in wider)])
    approval = next((each.release_approval for each in wider if each.release_approval), None)
    return {
        **terms,
        **{name: day if terms.get(name) else None for name, day in limits.items()},
        **({"publication_rule": rule.value} if rule else {}),
        **({"release_approval": approval.value} if approval else {}),
        "minimum_cell": max([terms.get("minimum_cell") or 0, *(each.minimum_cell for each in wider)]),
        "training": _all(terms.get("training"), [course for each in wider for course in each.training]),
        "destruction": terms["destruction"]
        | {"within_days": min([terms["destruction"]["within_days"], *days])},
        "prohibited": _all(terms.get("prohibited"), never),
    }


def _all(own: Sequence[str] | None, more: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([*(own or ()), *more]))


def _with(values: Mapping[str, Any], role: PartyRole) -> tuple[str, ...]:
    return tuple(party["partner"] for party in values["parties"] if role in party["roles"])


def _purposes(entries: Sequence[Values], givers: Sequence[str], takers: Sequence[str]) -> list[Values]:
    """Entries under which a recipient here reads a discloser here; linkage stays with the wider agreement."""
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
    """The entry restricted to these disclosers; None when it concerns none of them."""
    if entry.get("from") is None:
        return entry
    here = [name for name in entry["from"] if name in givers]
    return {**entry, "from": here} if here else None
