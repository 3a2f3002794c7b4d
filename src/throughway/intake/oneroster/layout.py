"""The OneRoster standard as data, 1.1 and 1.2: files, columns, what each kind of cell may hold, and the codes for its words.

It is read once from `maps/`.
"""

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from throughway.core.yaml_text import packaged


@dataclass(frozen=True)
class OneRosterColumn:
    """One column. `kind`: how a cell is read. `of`: the file that it refers to, or the word list of its values."""

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
    """The codes, the word lists and the columns that are read, from `maps/oneroster.yaml`."""
    loaded: Mapping[str, Any] = packaged("throughway.intake", "maps/oneroster.yaml")
    return loaded


@cache
def vocabulary(name: str) -> Vocabulary:
    """A closed list of words, or one that may be extended with `ext:`."""
    given = document()["vocabularies"][name]
    return Vocabulary(frozenset(given["values"]), bool(given.get("open")))


Check = Callable[[str], str | None]  # a cell that is not blank -> the finding's code, None when it is right

GUID = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
PAIR = re.compile(r"\{[^:{}]+:[^{}]+\}")
_YEAR = re.compile(r"\d{4}")
_INTEGER = re.compile(r"[+-]?\d+")
_FLOAT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z")

IN_WORDS = {
    "row.invalid_year": "write a year as YYYY",
    "row.invalid_guid": "an identifier has only letters, digits and . / @ _ -",
    "row.invalid_integer": "the cell must be a whole number",
    "row.invalid_float": "the cell must be a number",
    "row.invalid_date": "write a day as YYYY-MM-DD",
    "row.invalid_datetime": "write a time as YYYY-MM-DDTHH:MM:SS.sssZ",
    "row.invalid_enum": "the word is not in the standard's list",
    "row.invalid_boolean": "the cell must be true or false",
    "row.invalid_list": "an item of the list is empty or not well formed",
    "row.missing_required_value": "a required cell is blank",
    "row.field_forbidden_in_bulk": "status and dateLastModified stay blank in a bulk file",
    "row.field_required_in_delta": "status and dateLastModified are required in a delta file",
}


def list_items(cell: str) -> list[str]:
    """The items of a list in one cell."""
    return cell.split(",") if cell else []


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return False
    return True


def _matches(code: str, right: Callable[[str], object]) -> Check:
    return lambda cell: None if right(cell) else code


def check_of(column: OneRosterColumn) -> Check:
    """The check for a column's cells."""
    if column.kind == "enum":
        return _matches("row.invalid_enum", vocabulary(column.of).has)
    if column.kind in ("list", "pairs", "refs", "enums"):
        return _list_check(column)
    simple: dict[str, Check] = {
        "guid": _matches("row.invalid_guid", GUID.fullmatch),
        "ref": _matches("row.invalid_guid", GUID.fullmatch),
        "year": _matches("row.invalid_year", _YEAR.fullmatch),
        "integer": _matches("row.invalid_integer", _INTEGER.fullmatch),
        "float": _matches("row.invalid_float", _FLOAT.fullmatch),
        "date": _matches("row.invalid_date", _is_day),
        "datetime": _matches("row.invalid_datetime", _is_moment),
        "boolean": _matches("row.invalid_boolean", lambda cell: cell.strip().lower() in ("true", "false")),
    }
    return simple.get(column.kind, _anything)


def _anything(cell: str) -> str | None:
    """Finds no fault."""
    return None


def _list_check(column: OneRosterColumn) -> Check:
    inner: Check
    if column.kind == "refs":
        inner = _matches("row.invalid_guid", GUID.fullmatch)
    elif column.kind == "enums":
        inner = _matches("row.invalid_enum", vocabulary(column.of).has)
    elif column.kind == "pairs":
        inner = _matches("row.invalid_list", PAIR.fullmatch)
    else:
        inner = _anything

    def check(cell: str) -> str | None:
        items = list_items(cell)
        if not all(item.strip() for item in items):
            return "row.invalid_list"
        return next((code for item in items if (code := inner(item.strip()))), None)

    return check
