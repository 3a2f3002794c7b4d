"""The Ed-Fi map: which rows of which tables a record becomes, and where each value is in the record.

It is read once from `maps/edfi.yaml`; the rules are data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

from throughway.core.yaml_text import packaged
from throughway.intake.edfi.records import Record, Value, after_hash, folded
from throughway.vocabulary import TABLES


class Scene(NamedTuple):
    """A record, and the items of its lists that a row is made from, each with the name of its list."""

    record: Record
    item: Value = None
    item_name: str = ""
    outer: Value = None
    outer_name: str = ""


Found = tuple[str, bool]  # a value, and whether it is a constant of the map rather than from the record
Expression = Callable[[Scene], Found | None]


def first(value: Value, steps: tuple[str, ...], name: str) -> str | None:
    """The first text at the end of the path; `name` is the key that led to the value.

    A list is tried item by item. XML and JSON nest a single value differently (`<Race>x</Race>`, `{"race": "x"}`), so a step with the
    value's own name may be missing or repeated.
    """
    if value is None:
        return None
    if type(value) is list:
        for item in value:
            found = first(item, steps, name)
            if found is not None:
                return found
        return None
    if type(value) is str:
        return value if not steps or steps == (name,) else None
    if not steps:
        inner = value.get(name)
        return inner if type(inner) is str else None
    return first(value.get(steps[0]), steps[1:], steps[0])


def path(text: str) -> Callable[[Scene], str | None]:
    """A path of a record, of its `item` or of the `outer` item."""
    steps = tuple(text.lower().split("."))
    if steps[0] == "item":
        return lambda scene: first(scene.item, steps[1:], scene.item_name)
    if steps[0] == "outer":
        return lambda scene: first(scene.outer, steps[1:], scene.outer_name)
    if len(steps) == 1:
        (name,) = steps

        def plain(scene: Scene) -> str | None:
            value = scene.record.get(name)
            return value if value is None or type(value) is str else first(value, (), name)

        return plain
    if len(steps) == 2:
        return _pair(*steps)
    return lambda scene: first(scene.record, steps, "")


def _pair(outer: str, inner: str) -> Callable[[Scene], str | None]:
    """The path of a value in a reference, the most common kind: read without recursion."""

    def paired(scene: Scene) -> str | None:
        value = scene.record.get(outer)
        if type(value) is dict:
            found = value.get(inner)
            if type(found) is str:
                return found
        return first(value, (inner,), outer)

    return paired


def expression(text: str) -> Expression:
    """A function that finds the value of a row's column or key: the first nonempty alternative."""
    terms = [_term(part.strip()) for part in text.split("|")]
    if len(terms) == 1:
        return terms[0]

    def either(scene: Scene) -> Found | None:
        for term in terms:
            found = term(scene)
            if found is not None:
                return found
        return None

    return either


def _term(text: str) -> Expression:
    if text.startswith("="):
        constant = (text[1:], True)
        return lambda scene: constant
    where, mark, given = text.partition("~=")
    if mark:
        filled, value_found = path(where), (given, True)
        return lambda scene: value_found if filled(scene) is not None else None
    kind, colon, rest = text.partition(":")
    find = path(rest if colon else text)
    if not colon:
        return lambda scene: (value, False) if (value := find(scene)) is not None else None
    if kind != "label":
        raise ValueError(f"{kind}: is no expression of the map")
    return lambda scene: (after_hash(value) or "", False) if (value := find(scene)) is not None else None


def items(scene: Scene, lists: tuple[tuple[str, ...], ...], optional: tuple[bool, ...]) -> list[Scene]:
    """A scene for each item of the list, or of the second list within each item of the first."""
    scenes = _items(scene, scene.record, lists[0], optional[0]) if lists else [scene]
    if len(lists) < 2:
        return scenes
    return [
        inner._replace(outer=one.item, outer_name=one.item_name)
        for one in scenes
        for inner in _items(one, one.item, lists[1], optional[1])
    ]


def _items(scene: Scene, holder: Any, names: tuple[str, ...], optional: bool) -> list[Scene]:
    for name in names:
        value = holder.get(name) if type(holder) is dict else None
        if value is None:
            continue
        values = value if type(value) is list else [value]
        return [scene._replace(item=one, item_name=name) for one in values]
    return [scene._replace(item=None, item_name=names[0])] if optional else []


LEARNER = "studentReference.studentUniqueId"


@dataclass(frozen=True)
class EdFiKeyPart:
    """One part of a row's key; a row without a required part is set aside."""

    find: Expression
    optional: bool
    source: str


@dataclass(frozen=True)
class Condition:
    """What a record must contain (or, `unless`, must not contain) for a rule to make rows from it."""

    finds: tuple[Any, ...]
    values: frozenset[str] | None  # None: any value
    negated: bool

    def holds(self, scene: Scene) -> bool:
        found = next((f for f in (find(scene) for find in self.finds) if f is not None), None)
        value_found = found is not None and (self.values is None or after_hash(found) in self.values)
        return value_found is not self.negated


@dataclass(frozen=True)
class EdFiRule:
    """Rows of one table, or of one part of it, from records with certain names."""

    records: tuple[str, ...]
    table: str
    part: str
    person: Expression | None
    key: tuple[EdFiKeyPart, ...]
    lists: tuple[tuple[str, ...], ...]
    optional: tuple[bool, ...]
    conditions: tuple[Condition, ...]
    columns: Mapping[str, Expression]
    sources: Mapping[str, str]  # the expression of each column as it is written, for messages
    protected: str  # the kind of protected program whose records it is for; "": any record

    @property
    def into(self) -> str:
        return f"{self.table}+{self.part}" if self.part else self.table

    def scenes(self, record: dict[str, Any]) -> list[Scene]:
        found = items(Scene(record), self.lists, self.optional)
        if not self.conditions:
            return found
        return [scene for scene in found if all(condition.holds(scene) for condition in self.conditions)]


@dataclass(frozen=True)
class Fill:
    """How the rows of a part fill the rows of its table: equal `by`, and a date `within` two of the part's."""

    by: tuple[str, ...]
    within: tuple[str, str, str] | None
    alone: bool  # makes rows of persons whose own record is not in the load


@dataclass(frozen=True)
class Protected:
    """Programs in which taking part reveals something that an agreement must name. Their records make no rows of `tables`."""

    tables: frozenset[str]
    records: Mapping[str, str]  # the kind of protection by the record's name
    programs: Mapping[str, str]  # the same by the program's type or name, folded

    def kinds(self, name: str, record: Record) -> frozenset[str]:
        """The kinds of protection that hold for a record of that name."""
        found = {folded(after_hash(value)) for find in PROGRAM if (value := find(Scene(record))) is not None}
        kinds = {self.programs[word] for word in found if word in self.programs}
        return frozenset(kinds | {self.records[name]} if name in self.records else kinds)


PROGRAM = (path("programReference.programType"), path("programReference.programName"))


@dataclass(frozen=True)
class EdFiMap:
    rules: tuple[EdFiRule, ...]
    fills: Mapping[str, Fill]
    identities: frozenset[str]
    years: Mapping[str, Callable[[Scene], str | None]]  # by record
    merged: frozenset[str]
    protected: Protected

    def rules_of(self, record: str) -> tuple[EdFiRule, ...]:
        """The rules for records of a name, such as `studentschoolassociation`."""
        return tuple(r for r in self.rules if any(fnmatchcase(record, name) for name in r.records))

    def columns_of(self, into: str) -> tuple[str, ...]:
        """The columns that rules fill in a table or part, with `<code>_source` after each code."""
        names: dict[str, None] = {}
        for rule in self.rules:
            if rule.into == into:
                for name in rule.columns:
                    names[name] = None
                    if is_code(rule.table, name):
                        names[f"{name}_source"] = None
        return tuple(names)


def is_code(table: str, column: str) -> bool:
    """Whether the column is a coded element of the table; its source is stored with it."""
    element = TABLES[table].elements.get(column)
    return element is not None and element.type == "code"


@cache
def edfi_map() -> EdFiMap:
    """The map included in Throughway."""
    document = packaged("throughway.intake", "maps/edfi.yaml")
    fills = {
        name: Fill(
            tuple(fill["by"]), tuple(fill["within"]) if "within" in fill else None, fill.get("alone", False)
        )
        for name, fill in document["fills"].items()
    }
    return EdFiMap(
        rules=tuple(_rule(rule) for rule in document["rules"]),
        fills=fills,
        identities=frozenset(name.lower() for name in document["identities"]),
        years={record.lower(): path(where) for record, where in document["years"].items()},
        merged=frozenset(document["merged"]),
        protected=_protected(document["protected"]),
    )


def _protected(section: Mapping[str, Any]) -> Protected:
    kinds = section["kinds"]
    return Protected(
        frozenset(section["tables"]),
        {name.lower(): kind for kind, known in kinds.items() for name in known["records"]},
        {folded(word): kind for kind, known in kinds.items() for word in known["programs"]},
    )


def _rule(rule: Mapping[str, Any]) -> EdFiRule:
    table, _, part = rule["into"].partition("+")
    person = rule.get("person", LEARNER if TABLES[table].of_person else "")
    lists = [str(text) for text in rule.get("each", ())]
    return EdFiRule(
        records=tuple(name.lower() for name in rule["from"]),
        table=table,
        part=part,
        person=expression(person) if person else None,
        key=tuple(
            EdFiKeyPart(expression(text.removesuffix("~")), text.endswith("~"), text.removesuffix("~"))
            for text in rule.get("key", ())
        ),
        lists=tuple(tuple(n.strip().lower() for n in text.removesuffix("~").split("|")) for text in lists),
        optional=tuple(text.endswith("~") for text in lists),
        conditions=(
            *(_condition(where, values, False) for where, values in rule.get("when", {}).items()),
            *(_condition(where, values, True) for where, values in rule.get("unless", {}).items()),
        ),
        columns={name: expression(text) for name, text in rule["columns"].items()},
        sources=dict(rule["columns"]),
        protected=rule.get("protected", ""),
    )


def _condition(where: str, values: Any, negated: bool) -> Condition:
    finds = tuple(path(text.strip()) for text in where.split("|"))
    return Condition(finds, None if values is True else frozenset(values), negated)
