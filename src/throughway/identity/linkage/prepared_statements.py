"""An engine kept ready for few rows: what it is asked was planned once, since planning takes far longer than to answer.

It reads what it is given where it lies, and what it makes of that on the way is rolled back, so that names are in memory only while
they are asked about. The answers are those of an engine opened for the purpose, which is what many rows get.
"""

import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from throughway.identity.linkage import blocking, comparison_levels, standardization
from throughway.identity.linkage.comparisons import COMPARISONS, Rungs

FEW = 50_000  # rows or pairs; for more, a plan made for them is worth its time
UNSAFE = "statistics_propagation,compressed_materialization"  # a plan would rest on the rows that stood when it was made


def rows_of(
    tables: Mapping[str, pa.Table], no_evidence: pa.Table = standardization.NOTHING_FOUND
) -> pa.Table:
    """The table `comparable` that `standardization.prepare` makes, by `unique_id`."""
    if sum(table.num_rows for table in tables.values()) <= FEW:
        with _kept.alone() as engine:
            return engine.rows_of(tables, no_evidence)
    with standardization.connection() as opened:
        standardization.prepare(opened, tables, no_evidence)
        return opened.execute("select * from comparable order by unique_id").to_arrow_table()


def keys_of(
    rows: pa.Table, salt: int, wanted: Sequence[Sequence[str]]
) -> tuple[blocking.Hashes, blocking.Rows]:
    """Every key of the rows of `comparable`, sorted, with the row's `unique_id` beside it."""
    if rows.num_rows <= FEW:
        with _kept.alone() as engine:
            return blocking.in_order(engine.keys_of(rows, salt, wanted))
    with standardization.connection() as opened:
        opened.register("these_rows", rows)
        return blocking.keys_of(opened, "these_rows", salt, wanted)


def prepared_levels(rows: pa.Table, left: blocking.Rows, right: blocking.Rows) -> Rungs:
    """The rungs of pairs of rows of `comparable`, by their places among these, in the order in which they are given."""
    if len(left) <= FEW:
        rungs = np.empty((len(left), len(COMPARISONS)), np.int8)
        with _kept.alone() as engine:
            comparison_levels.put(engine.climbed(rows, left, right), rungs)
        return rungs
    at = rows.schema.get_field_index("unique_id")
    with standardization.connection() as opened:
        opened.register("these_rows", rows.set_column(at, "unique_id", pa.array(np.arange(rows.num_rows))))
        return comparison_levels.levels_of_pairs(opened, "these_rows", left, right)


class _Now:
    """A table of which the rows are other ones each time the engine reads it."""

    def __init__(self, empty: pa.Table) -> None:
        self.empty, self.rows = empty, empty

    def put(self, rows: pa.Table) -> None:
        """Puts rows there; columns that they lack are empty."""
        held, none = set(rows.column_names), pa.nulls(rows.num_rows)
        columns = [rows[name] if name in held else none for name in self.empty.column_names]
        self.rows = pa.table(columns, self.empty.column_names).cast(self.empty.schema)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.rows.__arrow_c_stream__(requested_schema)


class _Engine:
    """The engine with its tables, empty, and its questions. For one thread at a time."""

    def __init__(self) -> None:
        self.engine = standardization.connection()
        self.engine.execute(f"set threads = 1; set disabled_optimizers = '{UNSAFE}'")
        self.given: dict[str, _Now] = {}
        standardization.set_words(self.engine)
        for name, columns in standardization.GRANTED.items():
            held = [
                ("person_record", pa.int64()),
                *((column, pa.string()) for column in ("partner", *columns)),
            ]
            self._give(name, pa.schema(held).empty_table())
        self._give("found_no_evidence", standardization.NOTHING_FOUND)
        self.engine.execute(standardization.MACROS)
        steps = {}
        for made in self.engine.extract_statements(";".join(standardization.MADE)):
            found = re.search(r"create table (\w+) as", made.query)
            assert found
            steps[found[1]] = made.query.replace(found[0], f"insert into {found[1]}")
            self.engine.execute(made)
        rows = self.engine.execute("select * from comparable").to_arrow_table()
        self.asked = comparison_levels.asked_about(rows.column_names)
        self._give("rows", rows)
        self._give("sides", self._sides(rows, np.empty(0, np.int64), np.empty(0, np.int64)))
        # Planned when all is there: what was planned before a table is made is planned anew each time.
        self.steps = [self._plan(f"fill_{table}", filled) for table, filled in steps.items()]
        self._plan("prepared", "select * from comparable order by unique_id")
        self._plan("climbed", comparison_levels.question("from sides"))
        self.keyed: tuple[int, list[list[str]]] | None = None

    def rows_of(self, tables: Mapping[str, pa.Table], no_evidence: pa.Table) -> pa.Table:
        self.given["found_no_evidence"].put(no_evidence)
        for name in standardization.GRANTED.keys() & tables.keys():
            self.given[name].put(tables[name])
        self.engine.execute("begin")
        for step in self.steps:
            self.engine.execute(f"execute {step}")
        rows = self.engine.execute("execute prepared").to_arrow_table()
        self.engine.execute("rollback")
        return rows

    def keys_of(self, rows: pa.Table, salt: int, wanted: Sequence[Sequence[str]]) -> pa.Table:
        asked = salt, [list(rule) for rule in wanted]
        if self.keyed != asked:
            self._plan("keyed", blocking.question("rows", salt, wanted))
            self.keyed = asked
        self.given["rows"].put(rows)
        return self.engine.execute("execute keyed").to_arrow_table()

    def climbed(self, rows: pa.Table, left: blocking.Rows, right: blocking.Rows) -> pa.Table:
        self.given["sides"].put(self._sides(rows, left, right))
        return self.engine.execute("execute climbed").to_arrow_table()

    def clear(self) -> None:
        for given in self.given.values():
            given.rows = given.empty

    def _sides(self, rows: pa.Table, left: blocking.Rows, right: blocking.Rows) -> pa.Table:
        one, other = (rows.select(self.asked).take(pa.array(side)) for side in (left, right))
        named = {f"{name}_l": one[name] for name in self.asked} | {
            f"{name}_r": other[name] for name in self.asked
        }
        return pa.table({"number": np.arange(len(left)), **named})

    def _give(self, name: str, empty: pa.Table) -> None:
        self.given[name] = _Now(empty)
        self.engine.register(name, self.given[name])

    def _plan(self, name: str, question: str) -> str:
        self.engine.execute(f"prepare {name} as {question}")
        return name


class _ProcessEngine:
    """The engine of this process. One that came over a fork is another's, and one that failed is trusted with nothing more."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.lock = threading.Lock()
        self.engine: _Engine | None = None

    @contextmanager
    def alone(self) -> Iterator[_Engine]:
        with self.lock:
            engine = self.engine or _Engine()
            self.engine = None
            yield engine
            engine.clear()
            self.engine = engine


_kept = _ProcessEngine()
os.register_at_fork(after_in_child=_kept.forget)
