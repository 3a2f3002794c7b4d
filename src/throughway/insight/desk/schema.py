"""The schema that stands beside a question: the tables and columns that a purpose shows, in words, with their codes.

Made from grants and the vocabulary alone, as SHOW TABLES and DESCRIBE are, so it tells nothing about a record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from throughway.agreements.grant import Grant
from throughway.gate import describe
from throughway.vocabulary import COMMON, TABLES, codes_of
from throughway.vocabulary.labels import element_words, table_words

LISTED = 12  # codes of one column that are listed here; the vocabulary's page lists all
NO_CODES: dict[str, str] = {}


@dataclass(frozen=True)
class SchemaColumn:
    """`shown`: how, by partner where they differ; `codes`: each code with its label, where codes are shown as they are."""

    name: str
    words: str
    type: str
    shown: str
    what: str
    code_set: str = ""
    codes: tuple[tuple[str, str], ...] = ()

    @property
    def first_codes(self) -> tuple[tuple[str, str], ...]:
        return self.codes[:LISTED]

    @property
    def more(self) -> int:
        return max(0, len(self.codes) - LISTED)


@dataclass(frozen=True)
class SchemaTable:
    """`given_by`: the ids of the partners whose rows the purpose shows; `hidden`: the vocabulary's columns that it does not show."""

    name: str
    words: str
    grain: str
    columns: tuple[SchemaColumn, ...]
    given_by: tuple[str, ...]
    hidden: tuple[str, ...]


def schema(grants: Sequence[Grant], words: str = "") -> list[SchemaTable]:
    """Every table that the grants show, in the vocabulary's order. With `words`, only tables that have all of them in their name or
    description, whole, and of other tables the columns that do."""
    by_table: dict[str, list[Grant]] = {}
    for grant in grants:
        by_table.setdefault(grant.table, []).append(grant)
    tables = [_table(name, by_table[name]) for name in TABLES if name in by_table]
    wanted = words.casefold().replace("_", " ").split()
    return [found for table in tables if (found := _fitting(table, wanted)) is not None]


def _table(name: str, grants: Sequence[Grant]) -> SchemaTable:
    _, rows = describe.columns(name, grants, numbered=False)
    columns = tuple(_column(name, *map(str, row)) for row in rows)
    shown = {column.name for column in columns}
    known = TABLES[name]
    return SchemaTable(
        name, table_words(name), known.grain, columns, tuple(sorted({g.discloser for g in grants})),
        tuple(each for each in known.elements if each not in shown),
    )  # fmt: skip


def _column(table: str, name: str, kind: str, shown: str, code_set: str, what: str) -> SchemaColumn:
    found = TABLES[table].elements.get(name) or COMMON.get(name)
    codes = tuple((codes_of(found) or NO_CODES).items()) if found and code_set else ()
    return SchemaColumn(name, element_words(name), kind, shown, what, code_set, codes)


def _fitting(table: SchemaTable, wanted: Sequence[str]) -> SchemaTable | None:
    def fits(*texts: str) -> bool:
        whole = " ".join(texts).casefold().replace("_", " ")
        return all(word in whole for word in wanted)

    if fits(table.name, table.words, table.grain):
        return table
    columns = tuple(
        c
        for c in table.columns
        if fits(c.name, c.words, c.what, c.code_set, *(text for code in c.codes for text in code))
    )
    return replace(table, columns=columns) if columns else None
