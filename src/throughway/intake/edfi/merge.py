"""Rows made from several records: sex and name of one student, an incident and its participants, a day and its term.

The parts are written to files, and the engine joins them within a limited memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from throughway.intake.edfi.map import EdFiMap, Fill, is_code
from throughway.intake.raw_cells import load_engine, sql_text
from throughway.intake.staging import BOOKKEEPING, StagedFile
from throughway.store.engine import DuckDBEngine

Parts = Mapping[str, StagedFile]  # by name: a table's, or `table+part`


@dataclass(frozen=True)
class MergedTable:
    """A finished file: its rows, and how many parts became rows of their own. `repeated`: a file with one line
    for each repeated row that was left out: the `_file` and `_row` of the row that it repeats."""

    path: Path
    rows: int
    made_by_parts: int
    repeated: Path | None


def merged(parts: Parts, edfi: EdFiMap, *, into: Path) -> dict[str, MergedTable]:
    """One file for each table, with the columns that are filled. Parts without rows to fill become rows only if `alone`."""
    tables = {}
    with load_engine(into) as engine:
        engine.run(
            "SET preserve_insertion_order = false"
        )  # rows are sorted by key, so none need be kept in memory for it
        for table in dict.fromkeys(name.partition("+")[0] for name in parts):
            rows = _rows(table, parts, edfi)
            if rows is None:
                continue
            target, path = into / f"staged-{table}.parquet", into / f"repeated-{table}.parquet"
            count = _number(
                engine, f"COPY ({rows}) TO {sql_text(str(target))} (FORMAT parquet, COMPRESSION lz4)"
            )
            base, own, repeated = parts.get(table), 0, 0
            if base:
                own = _number(engine, f"SELECT count(*) FROM read_parquet({sql_text(str(base.path))})")
            if base and _once(table, parts, edfi):
                copy = f"COPY ({_repeated(base)}) TO {sql_text(str(path))} (FORMAT parquet)"
                repeated = _number(engine, copy)
            made = count - (own - repeated)
            tables[table] = MergedTable(target, count, made, path if repeated else None)
    return tables


def _number(engine: DuckDBEngine, sql: str) -> int:
    """The single number of a result; for a COPY, the number of rows."""
    return int(engine.run(sql).column(0)[0].as_py())


def _once(table: str, parts: Parts, edfi: EdFiMap) -> bool:
    """Whether only the first row of each key is kept."""
    within = any(edfi.fills[name].within for name in parts if name.startswith(f"{table}+"))
    return table in edfi.merged or within


def _repeated(base: StagedFile) -> str:
    """SELECT of the position of the first row for each later row with its key."""
    return (
        f"SELECT first_value(_file) OVER same AS _file, first_value(_row) OVER same AS _row"
        f" FROM read_parquet({sql_text(str(base.path))})"
        " WINDOW same AS (PARTITION BY _person, _key ORDER BY _file, _row) QUALIFY row_number() OVER same > 1"
    )


def _rows(table: str, parts: Parts, edfi: EdFiMap) -> str | None:
    """SELECT of a table's rows with the values from its parts; None where it has none."""
    fills = {name: edfi.fills[name] for name in parts if name.startswith(f"{table}+")}
    base = parts.get(table)
    alone = [f"({_grouped(table, parts[name], fill)})" for name, fill in fills.items() if fill.alone]
    if base is None:
        return (
            f"SELECT {_own()}, * EXCLUDE (_file, _row, _person, _faults) FROM {alone[0]}" if alone else None
        )
    rows = _filled(table, base, {name: (parts[name], fill) for name, fill in fills.items()})
    if _once(table, parts, edfi):
        first = "row_number() OVER (PARTITION BY base._person, base._key ORDER BY base._file, base._row) = 1"
        rows = f"{rows} QUALIFY {first}"
    for part in alone:
        known = f"SELECT _person FROM read_parquet({sql_text(str(base.path))})"
        rows = (
            f"({rows}) UNION ALL BY NAME SELECT {_own()}, * EXCLUDE (_file, _row, _person, _faults) FROM {part}"
            f" WHERE _person NOT IN ({known})"
        )
    return rows


def _own() -> str:
    """The bookkeeping columns of a row made from a part alone."""
    return "_file, _row, _person, '' AS _key, _faults"


def _filled(table: str, base: StagedFile, fills: Mapping[str, tuple[StagedFile, Fill]]) -> str:
    joins: list[str] = []
    filling: dict[str, str] = {}  # column -> what fills it
    found = dict.fromkeys(base.filled)
    for number, (part, fill) in enumerate(fills.values()):
        alias = f"part_{number}"
        joins.append(_join(table, alias, part, fill))
        for column in _filling(part, fill):
            filling[column] = f"{alias}.{column}"
            if column in part.filled:
                found[column] = None
    faults = ["base._faults", *(f"coalesce(part_{number}._faults, 0)" for number in range(len(fills)))]
    shown = [f"base.{column}" for column in BOOKKEEPING if column != "_faults"]
    shown.append(f"{' | '.join(faults)} AS _faults")
    for column in found:
        if column not in base.columns:
            shown.append(f"{filling[column]} AS {column}")
        elif column not in filling:
            shown.append(f"base.{column}")
        else:
            empty = f"base.{_told(table, column)} IS NULL"
            shown.append(f"CASE WHEN {empty} THEN {filling[column]} ELSE base.{column} END AS {column}")
    return f"SELECT {', '.join(shown)} FROM read_parquet({sql_text(str(base.path))}) base {' '.join(joins)}"


def _filling(part: StagedFile, fill: Fill) -> list[str]:
    return [column for column in part.columns if column not in fill.by]


def _told(table: str, column: str) -> str:
    """The column that shows whether another is filled: for a code its source, since an unknown code is empty."""
    code = column.removesuffix("_source")
    return f"{code}_source" if is_code(table, code) else column


def _join(table: str, alias: str, part: StagedFile, fill: Fill) -> str:
    on = " AND ".join(f"base.{column} = {alias}.{column}" for column in fill.by)
    if fill.within:
        day, begin, end = fill.within
        on = f"{on} AND base.{day} BETWEEN {alias}.{begin} AND {alias}.{end}"
        return f"LEFT JOIN read_parquet({sql_text(str(part.path))}) {alias} ON {on}"
    return f"LEFT JOIN ({_grouped(table, part, fill)}) {alias} ON {on}"


def _grouped(table: str, part: StagedFile, fill: Fill) -> str:
    """One row for each `by`, each column with its first value; a code and its source stay together."""
    source = f"(SELECT *, row_number() OVER (ORDER BY _file, _row) AS _n FROM read_parquet({sql_text(str(part.path))}))"
    values = [
        f"arg_min({column}, _n) FILTER (WHERE {_told(table, column)} IS NOT NULL) AS {column}"
        for column in _filling(part, fill)
    ]
    place = ["arg_min(_file, _n) AS _file", "arg_min(_row, _n) AS _row", "bit_or(_faults) AS _faults"]
    return f"SELECT {', '.join((*fill.by, *place, *values))} FROM {source} GROUP BY {', '.join(fill.by)}"
