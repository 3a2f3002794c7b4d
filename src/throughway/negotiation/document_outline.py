"""The text section by section, as negotiators see it: each element in words, with its fields and its path."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from throughway.agreements.agreement_text import TITLES
from throughway.agreements.diff.change_text import Wording
from throughway.agreements.document_fields import FIELDS, Field, FieldKind, field_at
from throughway.agreements.document_paths import (
    ListEntry,
    NoSuchPath,
    Path,
    Values,
    at,
    entries_at,
    identified,
    path_text,
    pattern,
)
from throughway.agreements.document_sections import Clauses
from throughway.core.prose import capital

DETAILS = ("purposes", "custody")  # sections whose entries have details of a basis


@dataclass(frozen=True)
class Place:
    """One field at which a change may be proposed. `words`: its value in words; `there`: the text states it."""

    path: str
    label: str
    words: str
    there: bool
    kind: FieldKind
    in_title: bool = False


@dataclass(frozen=True)
class OutlineElement:
    """An entry of a list, or one field by itself. `places`: its fields, those that are stated first of all."""

    path: str
    title: str
    places: tuple[Place, ...]
    removable: bool

    @property
    def stated(self) -> tuple[Place, ...]:
        """The fields that the text states and that the title does not already say."""
        return tuple(place for place in self.places if place.there and not place.in_title)


@dataclass(frozen=True)
class OutlineSection:
    """`adds`: what may be added here, each with the path of its list and the text of the link."""

    id: str
    title: str
    elements: tuple[OutlineElement, ...]
    adds: tuple[tuple[str, str], ...] = ()


# Title, lists of entries, single fields, possible additions.
SECTIONS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("parties", TITLES["parties"], ("parties",), ("title", "tier", "under", "joinder.open_to")),
    ("purposes", "What it is for, and who reads", ("purposes",), ()),
    ("schedule", "What is shown", ("schedule",), ()),
    ("writes", TITLES["writes"], ("writes",), ()),
    ("scope", TITLES["scope"], ("population",), ("records.from", "records.to")),
    ("custody", TITLES["custody"], ("custody",), ()),
    ("services", TITLES["services"], ("services",), ()),
    ("onward", TITLES["onward"], ("onward",), ()),
    ("terms", "Beginning and end", (), (
        "terms.effective", "terms.expires", "terms.destruction.within_days", "terms.destruction.method",
        "terms.destruction.election", "terms.renewal_notice_days", "terms.exit_notice_days", "terms.ended_by",
    )),
    ("rules", TITLES["rules"], ("terms.subprocessors", "terms.delivery"), (
        "terms.training", "terms.minimum_cell", "terms.breach_notice_hours", "terms.storage_country",
        "terms.publication_rule", "terms.publication_review_days", "terms.release_approval", "terms.prohibited", "project.method", "precedence",
    )),
    ("clauses", TITLES["clauses"], (), tuple(f"clauses.{name}" for name in Clauses.model_fields)),
)  # fmt: skip
IN_TITLE = frozenset({
    "parties[].partner", "purposes[].id", "purposes[].kind", "schedule[].element", "schedule[].purposes", "writes[].table", "population[].on",
    "onward[].party", "services[].partner", "services[].program", "terms.subprocessors[].name", "terms.delivery[].what",
    "terms.delivery[].from",
})  # fmt: skip
ADDS = {
    "parties": "Add a party",
    "purposes": "Add a purpose",
    "schedule": "Add an element to the schedule",
    "writes": "Add what people may type",
    "population": "Limit the students",
    "custody": "Add a right of the steward",
    "services": "Add a service",
    "onward": "Add one who may receive it next",
    "terms.subprocessors": "Add one bound by the same terms",
    "terms.delivery": "Add a delivery",
}


def sections(values: Values, text: Wording) -> tuple[OutlineSection, ...]:
    return tuple(
        OutlineSection(
            id,
            title,
            (
                *(element for root in lists for element in entries(root, values, text)),
                *(single(path, values, text) for path in fields if _belongs(path, values)),
            ),
            tuple((root, ADDS[root]) for root in lists),
        )
        for id, title, lists, fields in SECTIONS
    )


def _belongs(path: str, values: Values) -> bool:
    return path != "project.method" or "project" in values


def entries(root: str, values: Values, text: Wording) -> Iterator[OutlineElement]:
    path = tuple(root.split("."))
    found = entries_at(values, path)
    for called, entry in zip(identified(path, found), found, strict=True):
        yield _entry((*path, called), entry, text)


def single(path: str, values: Values, text: Wording) -> OutlineElement:
    return element(tuple(path.split(".")), values, text)


def element(path: Path, values: Values, text: Wording) -> OutlineElement:
    """The entry or the field at a path; NoSuchPath when the text has no such entry."""
    if isinstance(path[-1], ListEntry):
        return _entry(path, at(values, path), text)
    place = _place(path, _at(values, path), text, text.label(path))
    return OutlineElement(place.path, place.label, (place,), False)


def _entry(path: Path, entry: Values, text: Wording) -> OutlineElement:
    places = tuple(
        _place((*path, *sub), _inside(entry, sub), text, field.label)
        for sub, field in fields_of(path[:-1], entry)
    )
    return OutlineElement(path_text(path), capital(text.entry_words(path, entry)), places, True)


def _place(path: Path, value: Any, text: Wording, label: str) -> Place:
    field = field_at(path)
    kind = field.kind if pattern(path) in FIELDS or path[0] == "clauses" else _kind_of(value)
    words, there = text.value(path, value), value is not None
    return Place(path_text(path), capital(label), words, there, kind, pattern(path) in IN_TITLE)


def _inside(entry: Values, path: tuple[str, ...]) -> Any:
    found: Any = entry
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _kind_of(value: Any) -> FieldKind:
    """The kind of a field that people name themselves, judged by its value."""
    if isinstance(value, bool):
        return FieldKind.YES_NO
    return FieldKind.TEXTS if isinstance(value, list) else FieldKind.TEXT


def _at(values: Values, path: Path) -> Any:
    """The value at the path; None also where its section is absent."""
    try:
        return at(values, path)
    except NoSuchPath:
        return None


def fields_of(root: Path, entry: Values) -> Iterator[tuple[tuple[str, ...], Field]]:
    """The fields of an entry of a list, by their path within it; for a new one, of an empty entry."""
    start = f"{path_text(root)}[]."
    for path, field in FIELDS.items():
        if path.startswith(start) and field.kind is not FieldKind.SECTION:
            yield tuple(path.removeprefix(start).split(".")), field
    if path_text(root) in DETAILS:
        for name in entry.get("basis_details", {}):
            yield from _details((*root, ListEntry(())), ("basis_details", name), entry["basis_details"][name])


def _details(of: Path, path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Field]]:
    if isinstance(value, dict):
        for name in value:
            yield from _details(of, (*path, name), value[name])
    else:
        yield path, Field(field_at((*of, *path)).label, _kind_of(value), True)
