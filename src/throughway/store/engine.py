"""The engine that reads Parquet files and tables in memory, runs SQL over them and writes Parquet.

Only three methods, so that a community that outgrows one machine can use another engine.
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from throughway.core.disk_full import full, is_full
from throughway.core.long_work import check_no_transaction
from throughway.core.refusals import Refused

T = TypeVar("T")
Columns = Sequence[tuple[str, str]]  # name, engine type

WORK = "a question to the engine"
# Rows in one row group: fewer slow down both look-ups and totals, more slow down look-ups.
ROW_GROUP = 100_000


class Engine(Protocol):
    def register(self, name: str, source: pa.Table | Sequence[Path], *, columns: Columns = ()) -> None:
        """Registers a table in memory, or files, under a name for SQL."""

    def run(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """The result of one statement; Refused (engine) when it fails."""

    def write(self, sql: str, path: Path, *, order_by: Sequence[str] = ()) -> int:
        """Writes the result as one Parquet file (zstd), sorted by the columns named; returns the number of rows."""


class DuckDBEngine:
    """DuckDB in this process, in memory, with access only to what was registered.

    `memory_limit` is text in DuckDB's format ("2GB"); `temp_directory` is where larger sorts spill.
    """

    def __init__(
        self,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
        temp_directory: Path | None = None,
    ) -> None:
        check_no_transaction(WORK)
        config: dict[str, str | bool | int | float | list[str]] = {
            # A name in SQL means a registered table, never a variable of the caller.
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(temp_directory or ""),
        }
        if memory_limit is not None:
            config["memory_limit"] = memory_limit
        if threads is not None:
            config["threads"] = threads
        self._connection = duckdb.connect(":memory:", config=config)

    def register(
        self,
        name: str,
        source: pa.Table | Sequence[Path],
        *,
        columns: Columns = (),
        shared: bool = False,
    ) -> None:
        """Registers a table in memory, or files, under a name for SQL; ValueError for an empty list of files.

        `columns`: the current columns of the files' table (`schemas.columns`); without it all files must have the same schema.
        `shared`: the name is visible in every `session` too.
        """
        if isinstance(source, pa.Table):
            _spoken(lambda: self._connection.register(name, source))
            return
        if not source:
            raise ValueError(f"{name}: no files; register schemas.empty(table) instead")
        view = (
            f"CREATE OR REPLACE {'' if shared else 'TEMP '}VIEW {_name(name)} AS {reading(source, columns)}"
        )
        _spoken(lambda: self._connection.execute(view))

    def run(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """The result of one statement; Refused (engine) when it fails."""
        check_no_transaction(WORK)
        return _spoken(lambda: self._connection.execute(sql, list(parameters)).to_arrow_table())

    def write(
        self,
        sql: str,
        path: Path,
        *,
        order_by: Sequence[str] = (),
        parameters: Sequence[object] = (),
    ) -> int:
        """Writes the result as one Parquet file (zstd), sorted by the columns named; returns the number of rows."""
        check_no_transaction(WORK)
        order = f" ORDER BY {', '.join(map(_name, order_by))}" if order_by else ""
        copy = (
            f"COPY (SELECT * FROM ({sql.rstrip().rstrip(';')}\n) AS answer{order}) TO {_text(path)} "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )

        def count() -> int:
            row = self._connection.execute(copy, list(parameters)).fetchone()
            return int(row[0]) if row else 0

        return _spoken(count)

    def lock(self, paths: Sequence[Path]) -> None:
        """From now on: only these files, no extension, no network, no setting; what is registered stays readable.

        Also disables inferences from file statistics: these may come from rows that the reader does not see, and a condition that
        statistics decide is not evaluated, so whether it fails would reveal them. And no join passes its Bloom filter to the scan of
        its other side: DuckDB 1.5 fails where that is an Arrow table together with files.
        """
        allowed = ", ".join(_text(path) for path in paths)
        for setting in (
            "SET disabled_optimizers = 'statistics_propagation,join_filter_pushdown'",
            f"SET allowed_paths = [{allowed}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            _spoken(lambda setting=setting: self._connection.execute(setting))  # type: ignore[misc]

    def session(self) -> Self:
        """Another connection to the same database in memory, under the same lock, with names of its own in addition to the shared
        ones. Opening it takes microseconds; closing it leaves the database open."""
        session = copy(self)
        session._connection = self._connection.cursor()
        return session

    def interrupt(self) -> None:
        """Stops what is running, from another thread."""
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class FailsOnAValue(Refused):
    """The SQL fails on what a record says, so whether it fails tells something about the records."""


ON_A_VALUE = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)

# DuckDB's messages can contain values of records, so each class of errors is replaced by a sentence of ours.
SENTENCES: tuple[tuple[type[Exception], str], ...] = (
    (
        duckdb.OutOfMemoryException,
        "The engine ran out of memory; narrow the query, or give the engine more memory.",
    ),
    (duckdb.InterruptException, "The query took too long and was stopped; narrow the query."),
    (duckdb.ParserException, "The SQL cannot be parsed; check its syntax."),
    (duckdb.CatalogException, "The SQL names a table or function that does not exist."),
    (
        duckdb.BinderException,
        "The SQL names a column that does not exist, or uses one as the wrong type.",
    ),
    (duckdb.PermissionException, "The SQL uses a file or a setting that is not allowed here."),
    (duckdb.ConversionException, "A value cannot be converted to the type that the SQL asks for."),
    (duckdb.OutOfRangeException, "A value is too large or too small for the type that the SQL gives it."),
    (duckdb.InvalidInputException, "The SQL gives a function or a setting a value that it cannot take."),
    (duckdb.IOException, "The engine could not read or write a file; run `throughway check`."),
)


def _spoken(act: Callable[[], T]) -> T:
    """The result of `act`; an error of DuckDB becomes a sentence without values, and its own text is not chained."""
    try:
        return act()
    except duckdb.Error as error:
        sentence = next(
            (s for kind, s in SENTENCES if isinstance(error, kind)), "The engine cannot run this SQL."
        )
        kind = FailsOnAValue if isinstance(error, ON_A_VALUE) else Refused
        refused = full() if is_full(error) else kind(sentence, code="engine")
    except RuntimeError as error:
        # DuckDB's error for a Ctrl-C during a statement.
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from None
        raise
    raise refused


def reading(paths: Sequence[Path], columns: Columns = ()) -> str:
    """The SELECT over these files. Those of `columns` that a file does not have, because it is older than the column, are NULL in its
    rows."""
    groups: dict[tuple[str, ...], list[Path]] = {}
    for path in paths:
        held = _columns_in(path) if columns else frozenset()
        groups.setdefault(tuple(name for name, _ in columns if name not in held), []).append(path)
    return " UNION ALL ".join(_group(these, columns, lacks) for lacks, these in groups.items())


def _group(paths: Sequence[Path], columns: Columns, lacks: Sequence[str]) -> str:
    files = ", ".join(_text(path) for path in paths)
    listed = ", ".join(
        f"CAST(NULL AS {kind}) AS {_name(name)}" if name in lacks else _name(name) for name, kind in columns
    )
    return f"SELECT {listed or '*'} FROM read_parquet([{files}], hive_partitioning = false)"


@lru_cache(maxsize=2**16)
def _columns_in(path: Path) -> frozenset[str]:
    """The columns of a file; files of the store are never rewritten in place."""
    return frozenset(pq.read_schema(path).names)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
