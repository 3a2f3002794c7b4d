"""Standardizes and compares a few records with statements that DuckDB planned once: planning takes far longer than running them.

The process keeps one engine in memory, with empty tables. Its views read Arrow tables that are exchanged for each call, and its results are
rolled back, so that names are in memory only during a call. For many rows a separate engine is opened; the results are the same.
"""

import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from throughway.core.long_work import check_no_transaction
from throughway.identity.linkage import blocking, comparison_levels, standardization
from throughway.identity.linkage.comparisons import Rungs

FEW = 50_000  # rows or pairs; for more, planning is worth the time
UNSAFE = "statistics_propagation,compressed_materialization"  # these optimizers rely on the rows present when a statement is planned


def rows_of(
    tables: Mapping[str, pa.Table], no_evidence: pa.Table = standardization.NOTHING_FOUND
) -> pa.Table:
    """The table `comparable` that `standardization.prepare` makes, by `unique_id`."""
    if sum(table.num_rows for table in tables.values()) <= FEW:
        with _process_engine.reserved() as engine:
            return engine.rows_of(tables, no_evidence)
    with standardization.connection() as opened:
        standardization.prepare(opened, tables, no_evidence)
        return opened.execute("select * from comparable order by unique_id").to_arrow_table()


def keys_of(
    rows: pa.Table, salt: int, wanted: Sequence[Sequence[str]]
) -> tuple[blocking.Hashes, blocking.Rows]:
    """Every blocking key of the rows of `comparable`, sorted, and the row's `unique_id` for each."""
    if rows.num_rows <= FEW:
        with _process_engine.reserved() as engine:
            return blocking.sorted_keys(engine.keys_of(rows, salt, wanted))
    with standardization.connection() as opened:
        opened.register("these_rows", rows)
        return blocking.keys_of(opened, "these_rows", salt, wanted)


def prepared_levels(rows: pa.Table, left: blocking.Rows, right: blocking.Rows) -> Rungs:
    """The levels of pairs of rows of `comparable`, by their places in `rows`, in the order given."""
    if len(left) <= FEW:
        with _process_engine.reserved() as engine:
            return comparison_levels.rungs_of(engine.levels_of(rows, left, right))
    at = rows.schema.get_field_index("unique_id")
    with standardization.connection() as opened:
        opened.register("these_rows", rows.set_column(at, "unique_id", pa.array(np.arange(rows.num_rows))))
        return comparison_levels.levels_of_pairs(opened, "these_rows", left, right)


class _Input:
    """A table whose rows are exchanged before each call; columns missing in the new rows are empty."""

    def __init__(self, empty: pa.Table) -> None:
        self.empty, self.rows = empty, empty

    def put(self, rows: pa.Table) -> None:
        held, none = set(rows.column_names), pa.nulls(rows.num_rows)
        columns = [rows[name] if name in held else none for name in self.empty.column_names]
        self.rows = pa.table(columns, self.empty.column_names).cast(self.empty.schema)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)


class _Engine:
    """The engine with its empty tables and prepared statements. For one thread at a time."""

    def __init__(self) -> None:
        self.engine = standardization.connection()
        self.engine.execute(f"set threads = 1; set disabled_optimizers = '{UNSAFE}'")
        self.inputs: dict[str, _Input] = {}
        standardization.set_words(self.engine)
        for name, columns in standardization.COLUMNS.items():
            texts = [(column, pa.string()) for column in ("partner", *columns)]
            self._input(name, pa.schema([("person_record", pa.int64()), *texts]).empty_table())
        self._input("found_no_evidence", standardization.NOTHING_FOUND)
        self.engine.execute(standardization.MACROS)
        steps = {}
        for made in self.engine.extract_statements(";".join(standardization.STEPS)):
            found = re.search(r"create table (\w+) as", made.query)
            assert found
            steps[found[1]] = made.query.replace(found[0], f"insert into {found[1]}")
            self.engine.execute(made)
        rows = self.engine.execute("select * from comparable").to_arrow_table()
        self.columns = comparison_levels.columns_compared(rows.column_names)
        self._input("rows", rows)
        self._input("sides", self._sides(rows, np.empty(0, np.int64), np.empty(0, np.int64)))
        # Prepared after all tables exist: creating a table makes DuckDB plan earlier statements again.
        self.steps = [self._prepare(f"fill_{table}", filled) for table, filled in steps.items()]
        self._prepare("prepared", "select * from comparable order by unique_id")
        self._prepare("leveled", comparison_levels.levels_query("from sides"))
        self.keyed: tuple[int, list[list[str]]] | None = None

    def rows_of(self, tables: Mapping[str, pa.Table], no_evidence: pa.Table) -> pa.Table:
        self.inputs["found_no_evidence"].put(no_evidence)
        for name in standardization.COLUMNS.keys() & tables.keys():
            self.inputs[name].put(tables[name])
        self.engine.execute("begin")
        for step in self.steps:
            self.engine.execute(f"execute {step}")
        rows = self.engine.execute("execute prepared").to_arrow_table()
        self.engine.execute("rollback")
        return rows

    def keys_of(self, rows: pa.Table, salt: int, wanted: Sequence[Sequence[str]]) -> pa.Table:
        keyed = salt, [list(rule) for rule in wanted]
        if self.keyed != keyed:
            self._prepare("keyed", blocking.keys_query("rows", salt, wanted))
            self.keyed = keyed
        self.inputs["rows"].put(rows)
        return self.engine.execute("execute keyed").to_arrow_table()

    def levels_of(self, rows: pa.Table, left: blocking.Rows, right: blocking.Rows) -> pa.Table:
        self.inputs["sides"].put(self._sides(rows, left, right))
        return self.engine.execute("execute leveled").to_arrow_table()

    def clear(self) -> None:
        for each in self.inputs.values():
            each.rows = each.empty

    def _sides(self, rows: pa.Table, left: blocking.Rows, right: blocking.Rows) -> pa.Table:
        one, other = (rows.select(self.columns).take(pa.array(side)) for side in (left, right))
        columns = {f"{name}_l": one[name] for name in self.columns} | {
            f"{name}_r": other[name] for name in self.columns
        }
        return pa.table({"number": np.arange(len(left)), **columns})

    def _input(self, name: str, empty: pa.Table) -> None:
        self.inputs[name] = _Input(empty)
        self.engine.register(name, self.inputs[name])

    def _prepare(self, name: str, statement: str) -> str:
        self.engine.execute(f"prepare {name} as {statement}")
        return name


class _ProcessEngine:
    """The engine of this process. A forked process makes its own, and a failed engine is not used again."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.lock = threading.Lock()
        self.engine: _Engine | None = None

    @contextmanager
    def reserved(self) -> Iterator[_Engine]:
        check_no_transaction("linkage")
        with self.lock:
            engine = self.engine or _Engine()
            self.engine = None
            yield engine
            engine.clear()
            self.engine = engine


_process_engine = _ProcessEngine()
os.register_at_fork(after_in_child=_process_engine.forget)
