"""What a template is: an agreement with parts for its parties and questions that only they can answer.

Each is a file of `templates/`: `wish` (what its reader wants to do), `parts`, `questions`, and the `document`, in which a
list item or a text `<part>` stands for the partners of that part, and `<question>` for its answer. A section with
`needs: part` is there only where somebody takes that part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from throughway.agreements.enums import PartyRole, Tier
from throughway.core.refusals import Refused
from throughway.core.yaml_text import values_of
from throughway.partners import PartnerKind

# In the order in which they are offered: what most communities need first stands first.
ORDER = ("mou", "consent", "school-official", "youth-collaborative", "evaluation", "study", "dul", "open")


@dataclass(frozen=True)
class TemplateParty:
    """One party's part. `kinds`: who usually takes it; `signs`: the office that usually signs for it."""

    id: str
    words: str
    kinds: frozenset[PartnerKind]
    roles: tuple[PartyRole, ...]
    signs: str
    several: bool = False
    optional: bool = False


@dataclass(frozen=True)
class TemplateQuestion:
    """What only the parties can answer; `such_as` is an example of an answer."""

    id: str
    ask: str
    such_as: str


@dataclass(frozen=True)
class Template:
    """`wish` completes "I want to …"; `about` says what the text is and what it rests on."""

    id: str
    title: str
    wish: str
    about: str
    tier: Tier
    parts: tuple[TemplateParty, ...]
    questions: tuple[TemplateQuestion, ...]
    document: Mapping[str, Any] = field(repr=False, hash=False, compare=False)

    def part(self, id: str) -> TemplateParty:
        """The part of that name; Refused when the template has none."""
        for part in self.parts:
            if part.id == id:
                return part
        raise Refused(
            f"{self.id} has no part for {id}; its parts are {', '.join(p.id for p in self.parts)}.",
            code="unknown_part",
        )


@cache
def templates() -> tuple[Template, ...]:
    """All of them, in the order in which they are offered."""
    return tuple(_read(id) for id in ORDER)


def template(id: str) -> Template:
    """The template of that id; Refused when there is none."""
    for found in templates():
        if found.id == id:
            return found
    raise Refused(f"No template is called {id}; there are {', '.join(ORDER)}.", code="unknown_template")


def part_of(template: Template, words: str) -> str:
    """The part that a word names: by its own name, or by its roles where one part alone has them.

    `program` is the part of that name; `discloser,recipient` the only one with both roles. Refused otherwise.
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
