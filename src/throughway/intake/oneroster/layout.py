"""The layout of OneRoster bundles, 1.1 and 1.2: files, columns, vocabularies. Data, read once from `maps/`."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from throughway.core.yaml_text import packaged


@dataclass(frozen=True)
class OneRosterColumn:
    """One column: `kind` is how a cell is read, `of` the file it refers to or the vocabulary it is from."""

    name: str
    kind: str  # guid ref refs text list pairs date datetime year integer float boolean enum enums
    required: bool
    of: str


@dataclass(frozen=True)
class Vocabulary:
    values: frozenset[str]
    extensible: bool

    def has(self, value: str) -> bool:
        return value in self.values or (self.extensible and value.startswith("ext:") and len(value) > 4)


@dataclass(frozen=True)
class OneRosterLayout:
    """One version of the standard: the columns of each file, in their order."""

    version: str
    files: Mapping[str, tuple[OneRosterColumn, ...]]


@cache
def layouts() -> Mapping[str, OneRosterLayout]:
    """The layouts by version."""
    text = files("throughway.intake").joinpath("maps/oneroster_columns.csv").read_text(encoding="utf-8")
    found: dict[str, dict[str, list[OneRosterColumn]]] = {}
    for row in csv.DictReader(text.splitlines()):
        column = OneRosterColumn(row["column"], row["kind"], row["required"] == "yes", row["of"])
        found.setdefault(row["version"], {}).setdefault(row["file"], []).append(column)
    return {
        version: OneRosterLayout(version, {name: tuple(columns) for name, columns in tables.items()})
        for version, tables in found.items()
    }


@cache
def document() -> Mapping[str, Any]:
    """Codes, vocabularies and which columns are read, from `maps/oneroster.yaml`."""
    loaded: Mapping[str, Any] = packaged("throughway.intake", "maps/oneroster.yaml")
    return loaded


@cache
def vocabulary(name: str) -> Vocabulary:
    """A closed list of words, or one that may be extended with `ext:`."""
    given = document()["vocabularies"][name]
    return Vocabulary(frozenset(given["values"]), bool(given.get("open")))
