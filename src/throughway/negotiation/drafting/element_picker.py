"""The vocabulary as one chooses from it: tables and elements in plain words, with the laws on them and who holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from throughway.agreements.labels import element_words, listed, table_words
from throughway.agreements.transforms import ORDER, Transform
from throughway.core.prose import capital
from throughway.negotiation.drafting.data_availability import Held, elements
from throughway.negotiation.drafting.legal_tags import QUIET, called, reason, restricting
from throughway.negotiation.drafting.schedule_lines import Line, listed_elements
from throughway.vocabulary import TABLES, Element

Names = Mapping[str, str]

SHOWN_AS: Mapping[str, str] = {
    "none": "as it is",
    "band": "in bands, such as 10 to 14",
    "year": "the year only",
    "mask": "the first letter only",
    "pseudonym": "as a random code",
    "suppress": "not at all, only that it is there",
}


@dataclass(frozen=True)
class ElementChoice:
    """One element. `laws`: what the restricting tags on it are called; `notes`: what else to know of it."""

    path: str
    words: str
    about: str
    laws: tuple[str, ...]
    notes: tuple[str, ...]
    holders: tuple[str, ...]
    is_listed: bool


@dataclass(frozen=True)
class TableChoice:
    """One table: `together` are the elements that its wildcard covers, `apart` those that are named one by one. `reasons`:
    each restricting law there, and why."""

    name: str
    words: str
    grain: str
    together: tuple[ElementChoice, ...]
    apart: tuple[ElementChoice, ...]
    holders: tuple[str, ...]
    reasons: tuple[tuple[str, str], ...]

    @property
    def listed(self) -> int:
        return sum(choice.is_listed for choice in (*self.together, *self.apart))

    @property
    def count(self) -> int:
        return len(self.together) + len(self.apart)


def tables(
    schedule: Sequence[Line], held: Held, givers: Sequence[str], names: Names
) -> tuple[TableChoice, ...]:
    """Every table, those first that a partner who gives records here holds, or that are listed already."""
    listed_here = listed_elements(schedule)
    found = [_table(name, listed_here, held, givers, names) for name in TABLES]
    return tuple(sorted(found, key=lambda table: not (table.holders or table.listed)))


def table(
    name: str, schedule: Sequence[Line], held: Held, givers: Sequence[str], names: Names
) -> TableChoice | None:
    """One table; None when the vocabulary has none of that name."""
    if name not in TABLES:
        return None
    return _table(name, listed_elements(schedule), held, givers, names)


def _table(
    name: str, listed_here: frozenset[str], held: Held, givers: Sequence[str], names: Names
) -> TableChoice:
    own = [e for e in TABLES[name].elements.values() if e.name != "person_id"]
    choices = [(e, _choice(e, listed_here, held, givers, names)) for e in own]
    apart = [choice for e, choice in choices if e.restricted]
    laws = dict.fromkeys(tag for e, _ in choices for tag in restricting(e.law_tags))
    return TableChoice(
        name=name,
        words=capital(table_words(name)),
        grain=TABLES[name].grain,
        together=tuple(choice for e, choice in choices if not e.restricted),
        apart=tuple(apart),
        holders=tuple(dict.fromkeys(holder for _, choice in choices for holder in choice.holders)),
        reasons=tuple((called(tag), reason(tag)) for tag in laws),
    )


def _choice(
    element: Element, listed_here: frozenset[str], held: Held, givers: Sequence[str], names: Names
) -> ElementChoice:
    return ElementChoice(
        path=element.path,
        words=capital(element_words(element.name)),
        about=element.description,
        laws=tuple(called(tag) for tag in restricting(element.law_tags)),
        notes=tuple(QUIET[tag] for tag in sorted(element.law_tags) if tag in QUIET),
        holders=tuple(names.get(p, p) for p in givers if element.path in held.get(p, ())),
        is_listed=element.path in listed_here,
    )


def transforms_for(paths: Sequence[str]) -> list[str]:
    """The transforms that have a meaning on every one of these elements."""
    types = {TABLES[table].elements[name].type for table, _, name in (path.partition(".") for path in paths)}
    return [name for name in ORDER if all(Transform(name, 1).fits(kind) for kind in types)]


def misfits(transform: Transform, pattern: str) -> list[str]:
    """The elements, in words, that the pattern covers and on which the transform has no meaning."""
    found = [path.partition(".") for path in elements(pattern)]
    return [
        element_words(name)
        for table, _, name in found
        if not transform.fits(TABLES[table].elements[name].type)
    ]


def line_words(line: Line) -> str:
    """What a line lists, in words: all of a table that may go together, or one element."""
    table, _, name = str(line.get("element", "")).partition(".")
    if name == "*":
        return f"All of {table_words(table)} that may go together"
    return (
        f"{capital(element_words(name))}, of {table_words(table)}"
        if table in TABLES
        else str(line.get("element"))
    )


def element_list_words(paths: Sequence[str]) -> str:
    """Elements in a row of words, at most eight of them."""
    words = [element_words(path.partition(".")[2]) for path in paths]
    return listed(words) if len(words) <= 8 else f"{', '.join(words[:7])} and {len(words) - 7} more"
