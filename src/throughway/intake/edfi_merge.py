"""Rows that several records tell together: sex and name of one student, an incident and those in it, a day and its term.

The parts lie in files, and the engine joins them within a bounded memory, however large they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from throughway.intake.edfi_map import EdFiMap, Fill, is_code
from throughway.intake.edfi_parts import BOOKKEEPING

MEMORY = "400MB"


@dataclass(frozen=True)
class Written:
    """A part's file, its columns, and those of them that have a value in any row."""

    path: Path
    columns: tuple[str, ...]
    filled: tuple[str, ...]


Parts = Mapping[str, Written]  # by name: a table's, or `table+part`


@dataclass(frozen=True)
class MergedTable:
    name: str
    path: Path
    rows: int
    repeated: tuple[tuple[str, int], ...]  # file and row of records of a learner given before


def merged(parts: Parts, edfi: EdFiMap, *, into: Path) -> dict[str, MergedTable]:
    """One file for each table that has rows of its own; parts without such rows fill nothing."""
    tables = {}
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(into / "spill"),
        "threads": 2,
    }
    with duckdb.connect(":memory:", config=config) as engine:
        for name, part in parts.items():
            if "+" in name:
                continue
            fills = {p: edfi.fills[p] for p in parts if p.startswith(f"{name}+")}
            target = into / f"staged-{name}.parquet"
            rows = _filled(name, parts, fills, once=bool(fills) or name in edfi.merged)
            engine.execute(f"COPY ({rows}) TO {_quoted(target)} (FORMAT parquet, COMPRESSION lz4)")
            repeated = _repeated(engine, part.path) if name == "person" else ()
            tables[name] = MergedTable(name, target, _count(engine, target), repeated)
    return tables


def _filled(name: str, parts: Parts, fills: Mapping[str, Fill], *, once: bool) -> str:
    """SELECT of a table's rows with what parts fill in; `once`: of rows with one key, the first."""
    base = parts[name]
    joins: list[str] = []
    filling: dict[str, str] = {}  # column -> what fills it
    found = dict.fromkeys(base.filled)
    for number, (part, fill) in enumerate(fills.items()):
        alias = f"part_{number}"
        joins.append(_join(name, alias, parts[part], fill))
        for column in _filling(parts[part], fill):
            filling[column] = f"{alias}.{column}"
            if column in parts[part].filled:
                found[column] = None
    shown = [f"base.{column}" for column in BOOKKEEPING]
    for column in found:
        if column not in base.columns:
            shown.append(f"{filling[column]} AS {column}")
        elif column not in filling:
            shown.append(f"base.{column}")
        else:
            empty = f"base.{_source(name, column)} IS NULL"
            shown.append(f"CASE WHEN {empty} THEN {filling[column]} ELSE base.{column} END AS {column}")
    rows = f"SELECT {', '.join(shown)}, false AS _aside FROM read_parquet({_quoted(base.path)}) base {' '.join(joins)}"
    if not once:
        return rows
    return f"{rows} QUALIFY row_number() OVER (PARTITION BY base._person, base._key ORDER BY base._file, base._row) = 1"


def _filling(part: Written, fill: Fill) -> list[str]:
    return [column for column in part.columns if column not in fill.by]


def _source(table: str, column: str) -> str:
    """The column that says whether another is told: of a code its source, since an unknown code is empty."""
    return f"{column}_source" if is_code(table, column) else column


def _join(table: str, alias: str, part: Written, fill: Fill) -> str:
    """One row for each `on`, each column with its first value; a code and its source stay together."""
    source = (
        f"(SELECT *, row_number() OVER (ORDER BY _file, _row) AS _n FROM read_parquet({_quoted(part.path)}))"
    )
    on = " AND ".join(f"base.{column} = {alias}.{column}" for column in fill.by)
    if fill.within:
        day, begin, end = fill.within
        return f"LEFT JOIN {source} {alias} ON {on} AND base.{day} BETWEEN {alias}.{begin} AND {alias}.{end}"
    values = [
        f"arg_min({column}, _n) FILTER (WHERE {_told(table, column)} IS NOT NULL) AS {column}"
        for column in _filling(part, fill)
    ]
    grouped = f"SELECT {', '.join((*fill.by, *values))} FROM {source} GROUP BY {', '.join(fill.by)}"
    return f"LEFT JOIN ({grouped}) {alias} ON {on}"


def _told(table: str, column: str) -> str:
    """As `_source`, for the source itself too."""
    code = column.removesuffix("_source")
    return column if is_code(table, code) and code != column else _source(table, column)


def _repeated(engine: duckdb.DuckDBPyConnection, path: Path) -> tuple[tuple[str, int], ...]:
    found = engine.execute(
        f"SELECT _file, _row FROM read_parquet({_quoted(path)}) "
        "QUALIFY row_number() OVER (PARTITION BY _person ORDER BY _file, _row) > 1 "
        "ORDER BY _file, _row"
    ).fetchall()
    return tuple((str(file), int(row)) for file, row in found)


def _count(engine: duckdb.DuckDBPyConnection, path: Path) -> int:
    found = engine.execute(f"SELECT count(*) FROM read_parquet({_quoted(path)})").fetchone()
    return int(found[0]) if found else 0


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
