"""The output of a reader of a partner's file: one Parquet file of text for each table, and the problems with their places."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from throughway.vocabulary import COMMON, TABLES

Scope = Literal["row", "cell", "file"]
FaultKind = Literal["missing", "unreadable", "impossible", "note"]

CHUNK = 50_000  # rows held in memory for one table before they are written


@dataclass(frozen=True)
class Problem:
    """One fault in a file, and its cure; never the faulty value.

    `row` is the 1-based number of the row in its file (the heading has one too), `column` the name in the source.
    """

    file: str
    row: int | None
    column: str
    problem: str
    cure: str
    scope: Scope
    element: str = (
        ""  # `table` or `table.element`, if it concerns one: not reported when no agreement needs it
    )


@dataclass(frozen=True)
class RowFault:
    """A possible fault of a row of one table. `element`: '' for a key. `column`: its name in the source, or '' if each row names it in its
    staged `_column`. `scope`: what is lost; a fault of scope `file` is listed elsewhere."""

    element: str
    column: str
    problem: str
    cure: str
    scope: Scope
    kind: FaultKind = "unreadable"


@dataclass(frozen=True)
class StagedTables:
    """The staged content of a file.

    Each Parquet file of `tables` has only text: `_file`, `_row` (BIGINT), `_person` (the partner's key of the learner),
    `_key` (the key of the row beyond the person, parts joined by `|`; empty for `person`), then any of the table's
    elements in canonical text (ISO days, true/false, codes of the vocabulary), empty for an unreadable cell, and
    `<code>_source`. The bits of `_faults` (BIGINT) mark what is wrong with a row, in the order of the table's `faults`. `problems`:
    a Parquet file of all other problems (`ProblemLog`).

    `typed`: elements are values of their own types, and a column `_aside` marks the rows that are not loaded.
    """

    tables: Mapping[str, Path]
    faults: Mapping[str, Sequence["RowFault"]]
    problems: Path
    typed: bool = False
    source_system: str = ""
    school_year: int | None = None  # the ending year that the files state
    by_year: frozenset[str] = frozenset()  # tables whose rows are told apart by the school year of the load
    row_keys: Mapping[str, Sequence[str]] = field(
        default_factory=dict
    )  # by table, `TableMap.row_key`; no standard format has any
    unmapped: Sequence[str] = ()  # columns of the source that are neither mapped nor ignored
    places: Mapping[str, str] = field(default_factory=dict)  # heading → `column 14`
    # Rows set aside without being staged, by table; unreadable records that no table holds, by their kind in the source.
    quarantined: Mapping[str, int] = field(default_factory=dict)
    # Records that no reader turns into rows, by their kind in the source.
    unread: Mapping[str, int] = field(default_factory=dict)
    withheld: Mapping[str, int] = field(
        default_factory=dict
    )  # rows of kinds that no agreement admits, by table
    # By table, a Parquet file with one line for each repeated row that was left out: the `_file` and `_row` of the row that it repeats.
    repeated: Mapping[str, Path] = field(default_factory=dict)
    withdrawn: Path | None = (
        None  # what the file says is deleted (`DeletedRecords`), where it says so of anything
    )
    # A reader whose Parquet holds every row of one file in its order may leave `_file` and `_row` out, and give here the
    # file's name and the number of the first row.
    one_file: Mapping[str, tuple[str, int]] = field(default_factory=dict)


# Of the 62 bits of a table's `_faults`; the other 24 are for `cell_checks.py`. The last one marks every further fault.
BITS = 38

OTHERWISE = RowFault("", "", "a value cannot be read", "correct it in the source", "cell")


class FaultBook:
    """The faults of each table, and the bit of each."""

    def __init__(self) -> None:
        self._faults: dict[str, list[RowFault]] = {}

    def bit(self, table: str, fault: RowFault) -> int:
        """The bit that marks the fault in a row of the table."""
        faults = self._faults.setdefault(table, [])
        if fault not in faults and len(faults) < BITS:
            faults.append(fault if len(faults) < BITS - 1 else OTHERWISE)
        return 1 << (faults.index(fault) if fault in faults else BITS - 1)

    def of(self, tables: Iterable[str]) -> dict[str, Sequence[RowFault]]:
        """In the form of `StagedTables.faults`: every table has an entry."""
        return {table: self._faults.get(table, []) for table in tables}


class RowFile:
    """Writes rows, tuples in the order of the schema, to a Parquet file in chunks of `at_once` rows, the most held in memory."""

    def __init__(self, path: Path, schema: pa.Schema, at_once: int = CHUNK) -> None:
        self.path = path
        self._schema, self._at_once = schema, at_once
        self._rows: list[Sequence[object]] = []
        self._writer = pq.ParquetWriter(path, schema, compression="lz4")

    def add(self, *rows: Sequence[object]) -> None:
        self._rows += rows
        if len(self._rows) >= self._at_once:
            self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        self.write(
            [pa.array(c, f.type) for c, f in zip(zip(*self._rows, strict=True), self._schema, strict=True)]
        )
        self._rows = []

    def write(self, columns: Sequence[pa.Array]) -> None:
        """Writes one chunk."""
        self._writer.write_table(pa.Table.from_arrays(list(columns), schema=self._schema))


BOOKKEEPING = ("_file", "_row", "_person", "_key", "_faults")


class StagedFile(RowFile):
    """A file of text columns. A row is `(file, row, person, key, faults, *values)`, values text or None."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        kinds = [pa.string(), pa.int64(), pa.string(), pa.string(), pa.int64(), *[pa.string()] * len(columns)]
        super().__init__(path, pa.schema(list(zip((*BOOKKEEPING, *columns), kinds, strict=True))))
        self.columns = tuple(columns)
        self._filled: set[str] = set()

    @property
    def filled(self) -> tuple[str, ...]:
        """The columns that have a value in any row; known once the file is closed."""
        return tuple(name for name in self.columns if name in self._filled)

    def write(self, columns: Sequence[pa.Array]) -> None:
        super().write(columns)
        values = zip(self.columns, columns[len(BOOKKEEPING) :], strict=True)
        self._filled.update(name for name, column in values if column.null_count < len(column))


class StagingWriter:
    """Streams rows of text into one Parquet for each table."""

    def __init__(self, folder: Path) -> None:
        self.faults = FaultBook()
        self._folder = folder
        self._files: dict[str, StagedFile] = {}

    def add(
        self,
        table: str,
        *,
        file: str,
        row: int | None,
        person: str = "",
        key: str = "",
        values: Mapping[str, str | RowFault],
    ) -> None:
        """Adds one row. An unreadable cell's value is its fault; an element that the source leaves empty is absent. KeyError for a table or
        element that is not in the vocabulary."""
        staged = self._file(table, values.keys())
        faults = 0
        read: dict[str, str] = {}
        for name, value in values.items():
            if isinstance(value, RowFault):
                faults |= self.faults.bit(table, value)
            else:
                read[name] = value
        staged.add((file, row, person, key, faults, *map(read.get, staged.columns)))

    def add_columns(
        self, table: str, *keys: Iterable[object], faults: Iterable[int], values: Mapping[str, Iterable[str]]
    ) -> None:
        """Adds many rows, column by column. `keys`: file, row, person and key; `faults`: the bits of each row (`FaultBook`). A blank text is
        an empty cell."""
        staged = self._file(table, values.keys())
        columns = (
            [text.strip() or None for text in values[n]] if n in values else repeat(None)
            for n in staged.columns
        )
        staged.add(*zip(*keys, faults, *columns, strict=False))

    def _file(self, table: str, elements: Set[str]) -> StagedFile:
        staged = self._files.get(table)
        if staged is None:
            path = self._folder / f"staged-{table}.parquet"
            staged = self._files[table] = StagedFile(path, staged_columns(table))
        if unknown := elements - set(staged.columns):
            raise KeyError(f"{table} has no element {', '.join(sorted(unknown))}")
        return staged

    def close(self) -> dict[str, Path]:
        """Finishes the files; returns their paths by table."""
        for staged in self._files.values():
            staged.close()
        return {table: staged.path for table, staged in self._files.items()}


def staged_columns(table: str) -> tuple[str, ...]:
    """Elements that a reader may fill in a table, with `<code>_source` after each code.

    Every table has the days of validity, though only the vocabulary's `*` lists them.
    """
    names: list[str] = []
    for element in TABLES[table].elements.values():
        if element.name == "person_id":
            continue
        names.append(element.name)
        if element.type == "code":
            names.append(f"{element.name}_source")
    return (*names, *(n for n in ("valid_from", "valid_to") if n in COMMON))


DELETED_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("kind", "person", "key", "organization", "guardian")]
)


class DeletedRecords:
    """Writes which records of a table the source has deleted, to a Parquet file in the folder. `person`: all of the learner's rows, those
    in one `organization` alone where it is named; `key`: the one row, of that learner or of none; `guardian`: all rows of the adult."""

    def __init__(self, folder: Path) -> None:
        self._file = RowFile(folder / "deleted.parquet", DELETED_SCHEMA)
        self._any = False

    def add(
        self, table: str, *, person: str = "", key: str = "", organization: str = "", guardian: str = ""
    ) -> None:
        self._any = True
        self._file.add((table, *(text or None for text in (person, key, organization, guardian))))

    def close(self) -> Path | None:
        """Finishes the file; its path, None where nothing is deleted."""
        self._file.close()
        return self._file.path if self._any else None


PROBLEM_SCHEMA = pa.schema(
    [("file", pa.string()), ("row", pa.int64()), ("column", pa.string()), ("problem", pa.string()),
     ("cure", pa.string()), ("scope", pa.string()), ("element", pa.string())]
)  # fmt: skip


class ProblemLog:
    """Writes any number of problems to a Parquet file in the folder; `close` finishes it."""

    def __init__(self, folder: Path) -> None:
        self._file = RowFile(folder / "problems.parquet", PROBLEM_SCHEMA)
        self.path = self._file.path

    def add(self, problem: Problem) -> None:
        self._file.add(tuple(vars(problem).values()))

    def close(self) -> None:
        self._file.close()

    def row(self, file: str, row: int, column: str, problem: str, cure: str) -> None:
        """A problem for which the whole row is set aside."""
        self.add(Problem(file, row, column, problem, cure, "row"))

    def not_read(self, files: Iterable[str], problem: str) -> None:
        """Files that no reader reads."""
        for file in files:
            self.add(Problem(file, None, "", problem, "leave it out", "file"))
