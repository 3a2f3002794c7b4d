"""The map of Ed-Fi: which rows of which tables a record becomes. Read once from `maps/edfi.yaml`; the rules are data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from throughway.core.yaml_text import packaged
from throughway.intake.edfi.paths import Expression, Scene, expression, items, path
from throughway.intake.edfi.records import Record, after_hash, folded
from throughway.vocabulary import TABLES

LEARNER = "studentReference.studentUniqueId"


@dataclass(frozen=True)
class EdFiKeyPart:
    """One part of a row's key; a row without a part that must be there is set aside."""

    find: Expression
    optional: bool
    source: str


@dataclass(frozen=True)
class Condition:
    """What a record must say (or, `unless`, must not say) for a rule to make rows of it."""

    finds: tuple[Any, ...]
    values: frozenset[str] | None  # None: that something is there is enough
    negated: bool

    def holds(self, scene: Scene) -> bool:
        found = next((f for f in (find(scene) for find in self.finds) if f is not None), None)
        said = found is not None and (self.values is None or after_hash(found) in self.values)
        return said is not self.negated


@dataclass(frozen=True)
class EdFiRule:
    """Rows of one table, or of one part of it, from records of some names."""

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
    """How the rows of a part fill the rows of its table: equal `by`, and a day `within` two of the part's."""

    by: tuple[str, ...]
    within: tuple[str, str, str] | None
    alone: bool  # it makes rows of persons whose own record is not in the load


@dataclass(frozen=True)
class Protected:
    """Records of which no rows of some tables are made, since the row would tell what an agreement must name."""

    tables: frozenset[str]
    records: frozenset[str]
    programs: frozenset[str]  # types and names, folded

    def withholds(self, table: str, name: str, record: Record) -> bool:
        """Whether a record of that name makes no row of the table."""
        if table not in self.tables:
            return False
        return name in self.records or any(
            (said := find(Scene(record))) is not None and folded(after_hash(said)) in self.programs
            for find in PROGRAM
        )


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
    """A coded element of the table; its source is kept beside it."""
    element = TABLES[table].elements.get(column)
    return element is not None and element.type == "code"


@cache
def edfi_map() -> EdFiMap:
    """The map that is shipped with Throughway."""
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
        protected=Protected(
            frozenset(document["protected"]["tables"]),
            frozenset(name.lower() for name in document["protected"]["records"]),
            frozenset(folded(word) for word in document["protected"]["programs"]),
        ),
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
    )


def _condition(where: str, values: Any, negated: bool) -> Condition:
    finds = tuple(path(text.strip()) for text in where.split("|"))
    return Condition(finds, None if values is True else frozenset(values), negated)
