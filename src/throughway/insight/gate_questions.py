"""The questions of one report, asked through one gate."""

from datetime import date
from functools import cached_property
from typing import Any, Protocol

import pyarrow as pa

from throughway.measures.sql import VisibleData


class FiguresAccess(Protocol):
    """Access of form aggregate: unprotected counts, and the id of the ledger entry."""

    def figures(self, sql: str, *, numbered: bool = False) -> tuple[Any, str]: ...


class GateQuestions:
    """Asks about the tables that a purpose shows, and collects the ids of the ledger entries."""

    def __init__(self, access: FiguresAccess, visible: VisibleData, on: date) -> None:
        self.access, self.visible, self.on = access, visible, on
        self.disclosures: list[str] = []

    @cached_property
    def organizations(self) -> dict[str, str]:
        """The name of each organization, by its id, where the records say it; empty where they are not shown."""
        if not self.visible.shows("organization", "organization_id", "organization_name"):
            return {}
        rows = self._rows(
            "SELECT organization_id, MIN(organization_name) AS name FROM organization GROUP BY organization_id"
        )
        return {str(row["organization_id"]): str(row["name"]) for row in rows if row["name"]}

    def _rows(self, sql: str, *, numbered: bool = False) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._table(sql, numbered=numbered).to_pylist()
        return rows

    def _table(self, sql: str, *, numbered: bool = False) -> pa.Table:
        # The gate limits a query's length, and much of these is indentation.
        table, disclosure = self.access.figures(
            " ".join(line.strip() for line in sql.splitlines()), numbered=numbered
        )
        self.disclosures.append(disclosure)
        return table
