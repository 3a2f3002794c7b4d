"""What the gate returns: rows with their ledger entry, agreements, notes and statements; and the same as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from throughway.agreements.grant import Grant
from throughway.gate.actions.amendment_statements import AmendmentStatement
from throughway.gate.actions.student_record import WholeRecord
from throughway.store.record_numbers import NOBODY, Numbers, distinct


@dataclass(frozen=True)
class QueryResult:
    """Rows as plain Python values, the id of the ledger entry, and the agreements under which they were released. `notes` say what is
    missing: agreements of the purpose that gave rows of these tables and no longer do, codes in the SQL that are in no code set, and
    how many of each partner's records are linked to no other partner's. `disclosure` is empty for SHOW TABLES and DESCRIBE, which read
    only agreements. `statements`: families' statements on contested parts that these rows show (34 CFR 99.21(c))."""

    columns: list[str]
    rows: list[tuple[object, ...]]
    disclosure: str
    agreements: list[str]
    notes: list[str]
    statements: tuple[AmendmentStatement, ...] = ()


@dataclass(frozen=True)
class GrantedTables:
    """Whole tables under one ledger entry, with the grants under which they were released; `notes` as in `QueryResult`."""

    tables: Mapping[str, pa.Table]
    disclosure: str
    grants: tuple[Grant, ...]
    statements: tuple[AmendmentStatement, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnreleasedTables:
    """Whole tables that are counted and not released. `elements` that were read (table.column); `seen`: by table and discloser, the record
    numbers whose rows can be in them."""

    tables: Mapping[str, pa.Table]
    used: tuple[Grant, ...]
    statements: tuple[AmendmentStatement, ...]
    notes: tuple[str, ...]
    elements: tuple[str, ...]
    seen: Mapping[tuple[str, str], Numbers]

    @property
    def students(self) -> Numbers:
        return distinct(np.concatenate([NOBODY, *self.seen.values()]))


def plain(column: pa.ChunkedArray) -> list[object]:
    """Values as plain Python types; sums of whole numbers, which the engine returns in a wider type, as int. Dates outside the years 1
    to 9999, which Python cannot represent, as text."""
    if pa.types.is_decimal(column.type):
        whole = column.type.scale == 0
        return [v if v is None else int(v) if whole else float(v) for v in column.to_pylist()]
    try:
        values: list[object] = column.to_pylist()
    except (OverflowError, ValueError):
        values = [_day_or_text(value) for value in column]
    return values


def _day_or_text(value: pa.Scalar) -> object:
    try:
        return value.as_py()
    except (OverflowError, ValueError):
        text = str(value.cast(pa.string()))
        return "beyond every calendar" if text.startswith("<") else text


def query_json(answer: QueryResult) -> dict[str, Any]:
    return {
        "columns": answer.columns,
        "rows": [list(row) for row in answer.rows],
        "disclosure": answer.disclosure,
        "agreements": answer.agreements,
        **({"notes": answer.notes} if answer.notes else {}),
        **_statements_json(answer.statements),
    }


def record_json(record: WholeRecord) -> dict[str, Any]:
    return {
        "tables": {name: _table_json(table) for name, table in record.tables.items()},
        "disclosure": record.disclosure,
        "agreements": record.agreements,
        **_statements_json(record.statements),
    }


def _table_json(table: pa.Table) -> dict[str, Any]:
    columns = [column.to_pylist() for column in table.columns]
    return {"columns": table.column_names, "rows": [list(row) for row in zip(*columns, strict=True)]}


def _statements_json(statements: tuple[AmendmentStatement, ...]) -> dict[str, Any]:
    return {"statements": [each.to_json() for each in statements]} if statements else {}
