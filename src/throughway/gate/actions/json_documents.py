"""What the gate hands out, as documents for programs: the command line and the API give the same."""

from typing import Any

import pyarrow as pa

from throughway.gate.actions.amendment_statements import AmendmentStatement
from throughway.gate.actions.answers import QueryResult
from throughway.gate.actions.student_record import WholeRecord


def of_answer(answer: QueryResult) -> dict[str, Any]:
    return {
        "columns": answer.columns,
        "rows": [list(row) for row in answer.rows],
        "disclosure": answer.disclosure,
        "agreements": answer.agreements,
        **({"notes": answer.notes} if answer.notes else {}),
        **_statements(answer.statements),
    }


def of_record(record: WholeRecord) -> dict[str, Any]:
    return {
        "tables": {name: _rows(table) for name, table in record.tables.items()},
        "disclosure": record.disclosure,
        "agreements": record.agreements,
        **_statements(record.statements),
    }


def _rows(table: pa.Table) -> dict[str, Any]:
    columns = [column.to_pylist() for column in table.columns]
    return {"columns": table.column_names, "rows": [list(row) for row in zip(*columns, strict=True)]}


def _statements(said: tuple[AmendmentStatement, ...]) -> dict[str, Any]:
    return {"statements": [each.to_json() for each in said]} if said else {}
