"""The tables and elements of the longitudinal model, read once from `elements.csv` and `tables.csv`.

An element is a column of a table, with its CEDS id, the category of the National Data Privacy Agreement under which
people sign for it, and the tags of the laws that restrict it.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from io import StringIO
from types import MappingProxyType

# Elements under these tags are never covered by a wildcard of an agreement: each is named, with its necessity.
RESTRICTING_TAGS = frozenset(
    {"NSLP", "IDEA", "MV", "FOSTER", "HMIS", "HIPAA", "P2", "PPRA", "COPPA", "AID", "UI", "EARLY", "STATE"}
    | {"name_only"}
)

STORED_AS = {
    "string": "VARCHAR",
    "code": "VARCHAR",
    "id": "VARCHAR",
    "time": "VARCHAR",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True)
class Element:
    """One column of one table, in the words people sign for."""

    table: str
    name: str
    type: str  # one of STORED_AS
    description: str
    ceds_global_id: str
    ceds_option_set: str
    ndpa_category: str
    law_tags: frozenset[str]
    derived_from: str = (
        ""  # of a column that is computed in reading: the element of the table that it is made of
    )
    # What somebody wrote, in their own words: it may name anybody, so it rests sealed, whatever table it is in.
    free_text: bool = False

    @property
    def path(self) -> str:
        """`table.column`, as an agreement's schedule names it."""
        return f"{self.table}.{self.name}"

    @property
    def restricted(self) -> bool:
        """Must be named one by one in an agreement."""
        return bool(self.law_tags & RESTRICTING_TAGS)

    @property
    def stored_as(self) -> str:
        """The engine's type of the stored column; numbers of guardians' records are integers."""
        return "BIGINT" if self.name == "guardian_person_id" else STORED_AS[self.type]


@dataclass(frozen=True)
class Table:
    """One table: its grain, its elements, and the days that a row speaks of.

    The day of a row begins at the first of `starts` that is filled and ends at the first of `ends`; a missing bound of
    a span is open. Tables without days have neither. `derived` are columns that are not stored: each is made of one element
    in reading, for whoever is shown that element as it is. No agreement names them and nothing is loaded into them.
    `typed`: people type its rows on the site, and no file is loaded into it; the rows are state of a room (`store.typed_rows`).
    `between`: of a typed table whose rows go from one partner to another, the columns that name the two, the sender first; nobody
    else is shown a row.
    """

    name: str
    grain: str
    elements: Mapping[str, Element]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    vaulted: bool
    derived: Mapping[str, Element]
    typed: bool = False
    between: tuple[str, ...] = ()

    @property
    def of_person(self) -> bool:
        return "person_id" in self.elements

    @property
    def of_nobody_known(self) -> bool:
        """People type its rows about somebody whose record is not known. No consent and no caseload can be asked about such a row, so
        that only the team that typed it reads it, whatever an agreement's schedule says."""
        return self.typed and not self.of_person

    @cached_property
    def free_text(self) -> tuple[str, ...]:
        """The columns of free text, which rest in the vault beside the table's plain files; none where the whole table rests there."""
        return tuple(e.name for e in self.elements.values() if e.free_text and not self.vaulted)

    @property
    def day(self) -> str | None:
        """The element that is the row's one day, if the table speaks of single days."""
        return self.starts[0] if self.starts and self.starts[0] == self.ends[0] else None

    @property
    def span(self) -> tuple[str, str] | None:
        """The elements between which a row holds, if the table speaks of spans."""
        return (self.starts[-1], self.ends[-1]) if self.starts and self.starts != self.ends else None

    @cached_property
    def landed(self) -> tuple[tuple[str, str], ...]:
        """Columns of the table's Parquet files, in order, with the engine's types."""
        columns = [("record", "BIGINT")]
        if self.of_person:
            columns.append(("person_record", "BIGINT"))
        if self.vaulted:
            columns.append(("source_record_id", "VARCHAR"))
        for element in self.elements.values():
            if element.name == "person_id":
                continue
            columns.append((element.name, element.stored_as))
            if element.type == "code":
                columns.append((f"{element.name}_source", "VARCHAR"))
        return (*columns, *((e.name, e.stored_as) for e in COMMON.values() if e.name != "source_record_id"))


def _read(name: str) -> list[dict[str, str]]:
    text = files("throughway.vocabulary").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(StringIO(text, newline="")))


def _element(row: dict[str, str]) -> Element:
    tags = frozenset(filter(None, row["law_tags"].split(";")))
    return Element(row["table"], row["column"], row["type"], row["description"], row["ceds_global_id"],
                   row["ceds_option_set"], row["ndpa_category"], tags, free_text=row["free_text"] == "yes")  # fmt: skip


def _derived(row: dict[str, str]) -> Element:
    """A derived column falls under what the element that it is made of falls under."""
    source = next(e for e in _ELEMENTS if (e.table, e.name) == (row["table"], row["from"]))
    return replace(source, name=row["column"], type=row["type"], description=row["description"], ceds_global_id="",
                   derived_from=source.name)  # fmt: skip


_ELEMENTS = [_element(row) for row in _read("elements.csv")]
_DERIVED = [_derived(row) for row in _read("derived.csv")]

# The columns that every table carries.
COMMON: Mapping[str, Element] = MappingProxyType({e.name: e for e in _ELEMENTS if e.table == "*"})

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        row["table"]: Table(
            name=row["table"],
            grain=row["grain"],
            elements=MappingProxyType({e.name: e for e in _ELEMENTS if e.table == row["table"]}),
            starts=tuple(filter(None, row["starts"].split(";"))),
            ends=tuple(filter(None, row["ends"].split(";"))),
            vaulted=row["vaulted"] == "yes",
            derived=MappingProxyType({e.name: e for e in _DERIVED if e.table == row["table"]}),
            typed=row["typed"] == "yes",
            between=tuple(filter(None, (row["between"] or "").split(";"))),
        )
        for row in _read("tables.csv")
    }
)


def element(path: str) -> Element:
    """The element named `table.column`; KeyError when there is none."""
    table, _, column = path.partition(".")
    return TABLES[table].elements[column]


def covered(pattern: str) -> tuple[Element, ...]:
    """The elements that a schedule line's `table.column` or `table.*` covers.

    A wildcard leaves out what must be named one by one (a restricting law tag, or `name_only`). KeyError for a table
    or column that the vocabulary lacks. `table.source_record_id`, named, is an element of any table.
    """
    table, _, column = pattern.partition(".")
    if column == "*":
        return tuple(e for e in TABLES[table].elements.values() if not e.restricted)
    if column == "source_record_id":
        _ = TABLES[table]
        common = COMMON[column]
        return (Element(table, column, common.type, common.description, "", "", "", common.law_tags),)
    return (TABLES[table].elements[column],)
