"""Families' statements on contested parts of the record, for the pages that show these parts (34 CFR 99.21(c))."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from throughway.agreements.labels import element_words, table_words


class StatementFields(Protocol):
    @property
    def person(self) -> int | str: ...
    @property
    def element(self) -> str: ...
    @property
    def statement(self) -> str: ...
    @property
    def on(self) -> date: ...


@dataclass(frozen=True)
class Contested:
    """One statement; `about`: what it contests, in words."""

    person: int | str
    about: str
    statement: str
    on: date


def contested_in_words(statements: Sequence[StatementFields]) -> list[Contested]:
    return [Contested(s.person, element_text(s.element), s.statement, s.on) for s in statements]


def element_text(element: str) -> str:
    """A contested element (table.column, or table.* for all of a table) in words."""
    table, _, column = element.partition(".")
    return table_words(table) if column == "*" else f"{element_words(column)}, of {table_words(table)}"
