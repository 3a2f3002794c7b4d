"""Tables of the vocabulary whose rows people type on the site: state of a room, read through a snapshot as if they were files.

A room registers each of its typed tables in `AppConfig.ready`, so that the gate reads the rows without knowing the room.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from throughway.vocabulary import TABLES

Rows = Sequence[Mapping[str, object]]
RowsTogether = Mapping[tuple[str, str], Callable[[], Rows]]


class TypedTable(Protocol):
    """The rows of one table, by the partner whose records they are."""

    def rows(self, partner: str, records: Collection[int] | None) -> Rows:
        """The rows, each by column of the table's files; only those of these record numbers, where some are given. Refused
        (vault) where the key of a text is gone."""

    def together(self, records: Collection[int]) -> "RowsTogether":
        """The rows about a few learners of this table and of the others of its room, read in one statement: by table and partner, a
        function that opens them."""

    def records(self, partner: str) -> Sequence[int]:
        """The record numbers of the learners with a row, sorted and unique."""

    def text_keys(self) -> Collection[tuple[str, str]]:
        """The agreement and the id of each data key under which texts of the rows are sealed, each once."""

    def state(self) -> str:
        """A text that changes with every write and every deletion; it is the same while nothing changed."""


_TABLES: dict[str, TypedTable] = {}


def register(table: str, source: TypedTable) -> None:
    """Registers where the rows of a typed table are; registering again changes nothing."""
    assert TABLES[table].typed
    _TABLES[table] = source


def typed_table(table: str) -> TypedTable | None:
    """The source of a typed table; None for a table whose rows are in files, and where no room has registered the table."""
    return _TABLES.get(table)


def typed_tables() -> Mapping[str, TypedTable]:
    """The sources of all typed tables."""
    return _TABLES
