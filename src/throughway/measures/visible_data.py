"""What a purpose shows: for each table, which partner's records, and which of their columns."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class VisibleData:
    """`tables[table][partner]` is the set of columns that the partner's agreements show under the purpose."""

    tables: Mapping[str, Mapping[str, frozenset[str]]]

    def partners(self, table: str, *columns: str) -> tuple[str, ...]:
        """The partners who show all these columns of the table."""
        shown = self.tables.get(table, {})
        return tuple(sorted(partner for partner, have in shown.items() if set(columns) <= have))

    def shows(self, table: str, *columns: str) -> bool:
        """Some partner shows all these columns."""
        return bool(self.partners(table, *columns))

    def column(self, table: str, column: str, type: str = "VARCHAR") -> str:
        """The column as SQL, or an empty one where nobody shows it."""
        return column if self.shows(table, column) else f"CAST(NULL AS {type})"
