"""Rows that were read through the gate, and many questions about them, answered in memory.

A report on trends asks of dozens of classes who is in them, each time from all enrollments. It reads these once, with one entry of the
ledger that names everybody, and counts from what it read.
"""

import re
from collections.abc import Mapping

import pyarrow as pa

from throughway.store.engine import DuckDBEngine

WORD = re.compile(r"\w+")
CAST = re.compile(r"(?<!TRY_)\bCAST\(")


class RowsInMemory:
    """`tables`: the rows by the name under which questions name them. The engine can open nothing else."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._engine = DuckDBEngine()
        self._engine.lock([])
        self._parts: dict[tuple[object, ...], str] = {}
        self._named: dict[str, str] = {}  # part by the name that it has now
        for name, rows in tables.items():
            self.hold(name, rows)

    def hold(self, name: str, rows: pa.Table) -> None:
        self._engine.register(name, rows)

    def answer(self, parts: Mapping[str, str], select: str) -> pa.Table:
        """The answer to a question with its WITH parts, in order. A part that an earlier question had too is not computed again: the same
        text, over parts that are the same. Refused (engine) in a sentence without a value."""
        known: dict[str, str] = {}
        for name, body in parts.items():
            words = set(WORD.findall(body))
            key = body, *((each, part) for each, part in known.items() if each in words)
            if key not in self._parts:
                self._parts[key] = part = f"part_{len(self._parts)}"
                self._engine.run(f"CREATE TABLE {part} AS {_without_errors(body)}")
            known[name] = self._parts[key]
            if self._named.get(name) != known[name]:
                self._engine.run(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {known[name]}")
                self._named[name] = known[name]
        return self._engine.run(_without_errors(select))


def _without_errors(sql: str) -> str:
    """As in the gate, a value that is no number counts as none."""
    return CAST.sub("TRY_CAST(", sql)
