"""A file's cells before they are mapped: text in columns c0, c1, ..., for the engine to read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from throughway.core.refusals import Refused
from throughway.intake.staging import ProblemLog, RowFile
from throughway.store.engine import DuckDBEngine

BATCH = 20_000  # rows held in memory at once
MOST_COLUMNS = 2_000  # of a file; the time and memory that mapping takes grow faster than their number


# In addition to what Python and its libraries use, so that a load of any size stays under a gigabyte.
LOAD_MEMORY = "400MB"


@contextmanager
def load_engine(folder: Path) -> Iterator[DuckDBEngine]:
    """An engine that writes what does not fit into memory to the folder."""
    with DuckDBEngine(memory_limit=LOAD_MEMORY, temp_directory=folder / "spill") as engine:
        # A join may push its Bloom filter down to the scan of the other side, which scans of Arrow tables (DuckDB 1.5) do not support.
        engine.run("SET disabled_optimizers = 'join_filter_pushdown'")
        yield engine


@dataclass(frozen=True)
class ColumnHeading:
    """A column's name; `day` when the cell of the heading was a date in a workbook."""

    text: str
    day: date | None = None


@dataclass(frozen=True)
class Raw:
    """One file or sheet as the engine sees it.

    `relation` is the FROM item. It has the columns c0, c1, ... of VARCHAR and, when `numbered`, `_row` (the
    1-based row of the file) and `_broken` (the row cannot be split into cells). Otherwise rows come in the order of
    the file and the first is row `first_row`.
    """

    file: str
    headings: tuple[ColumnHeading, ...]
    relation: str
    first_row: int
    numbered: bool
    from_workbook: bool = False
    alone: bool = True  # whether it is the only file of the load
    tab: str = ""  # the title of the sheet

    def with_numbers(self) -> "Raw":
        """The same rows, each with its number."""
        if self.numbered:
            return self
        numbered = f"SELECT row_number() OVER () + {self.first_row - 1} AS _row, false AS _broken, * FROM {self.relation}"
        return replace(self, relation=f"({numbered})", numbered=True)


def sql_text(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def check_width(columns: int, file: str) -> None:
    """Refuses a file with more columns than can be mapped."""
    if columns > MOST_COLUMNS:
        raise Refused(
            f"{file} has more than {MOST_COLUMNS:,} columns, which is more than can be read; export only "
            f"the columns that an agreement needs, or split the days over several files.",
            code="too_wide",
        )


def tidy_headings(cells: Iterable[str]) -> tuple[ColumnHeading, ...]:
    """Headings without surrounding blanks, line breaks or the single quotes that some exports add."""
    return tuple(ColumnHeading(_tidy(cell)) for cell in cells)


def numbered(headings: Sequence[ColumnHeading]) -> list[str]:
    """The headings as a crosswalk names them: one that repeats is told by its place among its like, `Score (2)`."""
    texts = [heading.text for heading in headings]
    return [
        f"{text} ({texts[: n + 1].count(text)})" if text and texts.count(text) > 1 else text
        for n, text in enumerate(texts)
    ]


def _tidy(cell: str) -> str:
    text = re.sub(r"\s+", " ", cell.replace("\ufeff", "")).strip()
    if len(text) >= 2 and text[0] == text[-1] == "'":
        text = text[1:-1].strip()
    return text


def write_rows(
    rows: Iterable[tuple[int, Sequence[str | None] | None]],
    *,
    headings: tuple[ColumnHeading, ...],
    to: Path,
    file: str,
    log: ProblemLog,
    from_workbook: bool = False,
) -> Raw:
    """Writes rows as a Parquet file of text. Blank rows are left out, and short ones get empty cells.

    A broken row, or one with filled cells beyond the headings, is marked `_broken` and listed in the log.
    """
    width = len(headings)
    schema = pa.schema(
        [("_row", pa.int64()), ("_broken", pa.bool_()), *((f"c{n}", pa.string()) for n in range(width))]
    )
    with closing(RowFile(to, schema, BATCH)) as written:
        for row in _squared(rows, width=width, file=file, log=log):
            written.add(row)
    relation = f"read_parquet({sql_text(str(to))})"
    return Raw(file, headings, relation, first_row=0, numbered=True, from_workbook=from_workbook)


UNCLOSED = ("the quotes of this row do not close", "export the row again, with its quotes doubled")
TOO_MANY = (
    "the row has more cells than there are headings",
    "put a cell that holds the delimiter in quotes",
)


def _squared(
    rows: Iterable[tuple[int, Sequence[str | None] | None]], *, width: int, file: str, log: ProblemLog
) -> Iterator[tuple[object, ...]]:
    nothing = (None,) * width
    for number, cells in rows:
        if cells is None:
            log.row(file, number, "", *UNCLOSED)
            yield (number, True, *nothing)
        elif not any(cell and not cell.isspace() for cell in cells):
            continue
        elif len(cells) <= width:
            yield (number, False, *cells, *nothing[len(cells) :])
        elif any(cell and not cell.isspace() for cell in cells[width:]):
            log.row(file, number, "", *TOO_MANY)
            yield (number, True, *nothing)
        else:
            yield (number, False, *cells[:width])
