"""Compares rows in scope with stored rows: new, unchanged or corrected.

A correction is a new row: the file with the old one is rewritten without it, and the old row moves to the table's history, so that
nothing is lost. So does a stored row whose correction may not be stored, since it is no longer true, one that a whole file no longer
has, and one that the file says is deleted. Of rows with one key in a load
the first counts; an equal one is unchanged, a different one is a conflict.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from throughway.intake.cell_checks import Checked
from throughway.intake.contract import TableNeed
from throughway.intake.entered_rows import SOURCE
from throughway.intake.load_context import LoadContext
from throughway.intake.quarantine import ListedProblems
from throughway.intake.raw_cells import sql_text
from throughway.intake.row_conversion import of_the_batch
from throughway.intake.scope import ALWAYS, stored_rows, supplied_columns, varying
from throughway.store import schemas
from throughway.store.engine import reading
from throughway.store.free_text import split
from throughway.store.schemas import HISTORY

CONFLICT = ("an earlier row has the same key and other values", "keep one row for each key")


@dataclass(frozen=True)
class FinishedRows:
    """Finished rows of one table and school year: a Parquet file and their free text, or a table in memory when they go to the vault."""

    table: str
    school_year: int
    path: Path | None = None
    arrow: pa.Table | None = None
    text: pa.Table | None = None


@dataclass(frozen=True)
class RowChanges:
    """The result for one table's rows in scope. `landed` counts new and corrected rows, `changed` the corrected ones; `withdrawn` the
    stored rows that the file says are deleted, or that a whole file no longer has, of `stored` (in its school years); `found` those of
    `unchanged` that were stored before, and are no repetition within the file."""

    rows: Sequence[FinishedRows]
    replaced: frozenset[str]
    landed: int
    changed: int
    unchanged: int
    conflicts: ListedProblems
    withdrawn: int = 0
    stored: int = 0
    found: int = 0


@dataclass(frozen=True)
class SortedRows:
    """Rows of one school year, sorted as the store keeps them: a file of the load, and the relation that reads it. `texts`: the file has
    the columns of free text, which no file of the store has."""

    table: str
    year: int
    path: Path
    count: int
    texts: bool = True

    @property
    def relation(self) -> str:
        return f"({reading([self.path], schemas.columns(self.table))})"


def compare(
    load: LoadContext,
    found: Checked,
    need: TableNeed,
    *,
    typed: str,
    in_scope: str,
    out_of_scope: int,
    whole: bool = False,
    deleted: str | None = None,
) -> RowChanges:
    """Writes the rows of `in_scope` that are new or corrected, and the stored files that lose a row. `typed`: all rows of the file, of
    which `out_of_scope` are not in scope. `whole`: it has every row of its school years, so that stored ones that it lacks are withdrawn.
    `deleted`: SELECT of the records that it says are deleted; those that it also has as rows stay."""
    table = found.table
    years = load.engine.run(f"SELECT DISTINCT _year FROM {in_scope} ORDER BY 1").column(0).to_pylist()
    fresh = [_sorted(load, found, need, in_scope, int(year)) for year in years]
    fresh, repeated, conflicts = _without_duplicates(load, table, in_scope, fresh)
    stored = stored_rows(load, table)
    all_rows = sum(f.count for f in fresh)
    known = _count(load, fresh, f"SELECT count(*) FROM fresh JOIN {stored} USING (record)")
    supplied = supplied_columns(found, need)
    otherwise = [_differing(fresh, stored, supplied)] if known else []
    if out_of_scope and load.number(f"SELECT count(*) FROM {stored}"):
        otherwise.append(_differing_out_of_scope(need, typed, in_scope, stored, supplied))
    there = _of_years(load, stored, typed) if whole else None
    if there:
        otherwise.append(f"SELECT record FROM {there} WHERE {_missing(typed)}")
    if deleted:
        otherwise.append(f"SELECT record FROM ({deleted}) WHERE {_missing(typed)}")
    old = None
    if otherwise:
        old = load.write(
            f"old-{table}", f"SELECT * FROM {stored} WHERE record IN ({' UNION '.join(otherwise)})"
        )
        old = old if load.number(f"SELECT count(*) FROM {old}") else None
    corrected = _count(load, fresh, f"SELECT count(*) FROM fresh JOIN {old} USING (record)") if old else 0
    withdrawn = (
        load.number(f"SELECT count(*) FROM {old} WHERE {_missing(typed)}")
        if old and (there or deleted)
        else 0
    )
    if known == all_rows and not corrected:
        fresh = []
    elif known:
        fresh = _new_and_corrected(load, table, fresh, stored, supplied, old if corrected else None)
    rows = [_finished(load, table, f) for f in fresh if f.count]
    replaced: frozenset[str] = frozenset()
    if old:
        kept, replaced = _rewritten(load, table, stored, old)
        rows += kept
    return RowChanges(
        rows, replaced, all_rows - (known - corrected), corrected, known - corrected + repeated, conflicts, withdrawn,
        load.number(f"SELECT count(*) FROM {there or stored}") if there or withdrawn else 0, known - corrected,
    )  # fmt: skip


def withdraw(load: LoadContext, table: str, deleted: str) -> RowChanges:
    """The stored files of a table without the `deleted` records, where the file has no row of the table."""
    stored = stored_rows(load, table)
    count = load.number(f"SELECT count(*) FROM {stored}")
    old = load.write(f"old-{table}", f"SELECT * FROM {stored} WHERE record IN ({deleted})")
    if not (gone := load.number(f"SELECT count(*) FROM {old}")):
        return RowChanges((), frozenset(), 0, 0, 0, ListedProblems())
    rows, replaced = _rewritten(load, table, stored, old)
    return RowChanges(rows, replaced, 0, 0, 0, ListedProblems(), gone, count)


def _of_years(load: LoadContext, stored: str, typed: str) -> str | None:
    """The stored rows of the school years that the file has, without those that people entered on the site, which no system knows; None
    where there are none."""
    years = load.engine.run(f"SELECT DISTINCT _year FROM {typed}").column(0).to_pylist()
    if not years or not load.number(f"SELECT count(*) FROM {stored}"):
        return None
    years_of_file = ", ".join(str(int(year)) for year in years)
    typed_here = f"source_system IS NOT DISTINCT FROM {sql_text(SOURCE)}"
    return f"(SELECT * FROM {stored} WHERE _stored_year IN ({years_of_file}) AND NOT ({typed_here}))"


def _missing(typed: str) -> str:
    return f"record NOT IN (SELECT record FROM {typed})"


def _differing(fresh: Sequence[SortedRows], stored: str, supplied: Sequence[str]) -> str:
    """SELECT of the stored records whose values differ from the rows."""
    values = [name for name in supplied if name not in ("record", "person_record")]
    return (
        f"SELECT record FROM {_together(fresh)} AS fresh JOIN {stored} AS stored USING (record)"
        f" WHERE {_differs(values, 'fresh', 'stored')}"
    )


def _differing_out_of_scope(
    need: TableNeed, typed: str, in_scope: str, stored: str, supplied: Sequence[str]
) -> str:
    """The same for rows out of scope, compared only by values that were stored unchanged: omitted or transformed ones cannot be
    compared."""
    whole = [n for n in supplied if all(t.name == "none" for t in need.columns.get(n, {}).values())]
    filled = " OR ".join(f"(stored.{n} IS NOT NULL AND typed.{n} IS DISTINCT FROM stored.{n})" for n in whole)
    return (
        f"SELECT record FROM {typed} AS typed JOIN {stored} AS stored USING (record)"
        f" WHERE ({filled or 'false'}) AND record NOT IN (SELECT record FROM {in_scope})"
    )


def _new_and_corrected(
    load: LoadContext,
    table: str,
    fresh: Sequence[SortedRows],
    stored: str,
    supplied: Sequence[str],
    old: str | None,
) -> list[SortedRows]:
    """New rows, and corrected ones, which keep the stored values of columns that this file does not fill."""
    merged = ", ".join(
        f"{'fresh' if name in supplied or name in ALWAYS else 'old'}.{name} AS {name}"
        for name, _ in schemas.columns(table)
    )
    written = []
    for f in fresh:
        select = (
            f"SELECT {_columns(table)} FROM {f.relation} WHERE record NOT IN (SELECT record FROM {stored})"
        )
        if old:
            select += (
                f" UNION ALL SELECT {merged} FROM {f.relation} AS fresh JOIN {old} AS old USING (record)"
            )
        written.append(_write(load, table, f.year, select))
    return written


def _rewritten(
    load: LoadContext, table: str, stored: str, superseded: str
) -> tuple[list[FinishedRows], frozenset[str]]:
    """The stored files without the superseded rows, and those rows as history."""
    left_over = (
        f"SELECT {_columns(table)} FROM {stored} WHERE record NOT IN (SELECT record FROM {superseded})"
    )
    history = f"SELECT {_columns(table)} FROM {superseded}"
    if schemas.vaulted(table):
        schema = schemas.schema(table)
        left = load.engine.run(left_over)
        rows = [FinishedRows(table, 0, arrow=left.cast(schema))] if left.num_rows else []
        rows.append(FinishedRows(table + HISTORY, 0, arrow=load.engine.run(history).cast(schema)))
        return rows, frozenset(file.id for file in load.files(table))
    rows, replaced = [], set()
    for part in load.engine.run(f"SELECT DISTINCT _stored, _stored_year FROM {superseded}").to_pylist():
        replaced.add(part["_stored"])
        where = f"_stored = {sql_text(part['_stored'])}"
        year = int(part["_stored_year"])
        kept = _write(load, table, year, f"{left_over} AND {where}")
        if kept.count:
            rows.append(_finished(load, table, kept))
        gone = _write(load, table, year, f"{history} WHERE {where}")
        rows.append(_finished(load, table + HISTORY, gone))
    return rows, frozenset(replaced)


def _without_duplicates(
    load: LoadContext, table: str, in_scope: str, fresh: list[SortedRows]
) -> tuple[list[SortedRows], int, ListedProblems]:
    """The first row of each key, how many later ones are equal, and those that differ."""
    if not fresh or _all_different(load, fresh):
        return fresh, 0, ListedProblems()
    twice = f"SELECT record FROM {_together(fresh)} GROUP BY record HAVING count(*) > 1"
    ranked = load.write(
        f"ranked-{table}",
        f"SELECT *, row_number() OVER (PARTITION BY record ORDER BY _file, _row, _year) AS _place FROM {in_scope}"
        f" WHERE record IN ({twice})",
    )
    values = [n for n, _ in schemas.columns(table) if n not in ("record", "batch_id", "recorded_at")]
    pairs = (
        f"SELECT later._file AS file, later._row AS row_number FROM {ranked} AS later JOIN {ranked} AS first USING (record)"
        f" WHERE later._place > 1 AND first._place = 1 AND {_differs(values, 'later', 'first')}"
    )
    later = load.number(f"SELECT count(*) FROM {ranked} WHERE _place > 1")
    problem, cure = map(sql_text, CONFLICT)
    conflicts = ListedProblems(
        load.number(f"SELECT count(*) FROM ({pairs})"),
        (
            f'SELECT file, row_number AS "row", \'\' AS "column", {problem} AS problem, {cure} AS cure FROM ({pairs})',
        ),
    )
    kept = [
        _write(
            load,
            table,
            f.year,
            f"SELECT {_columns(table)} FROM {f.relation} WHERE record NOT IN (SELECT record FROM {ranked})"
            f" UNION ALL SELECT {_columns(table)} FROM {ranked} WHERE _place = 1 AND _year = {f.year}",
        )
        for f in fresh
    ]
    return kept, later - conflicts.count, conflicts


def _all_different(load: LoadContext, fresh: list[SortedRows]) -> bool:
    """Whether every key is unique. Keys of person and day increase in a sorted file, and checking that is many times faster than
    counting distinct keys."""
    if len(fresh) == 1:
        rows = f"SELECT record, lag(record) OVER () AS before FROM {fresh[0].relation}"
        if not load.number(f"SELECT count(*) FROM ({rows}) WHERE record <= before"):
            return True
    return not _count(load, fresh, "SELECT count(*) - count(DISTINCT record) FROM fresh")


def _sorted(load: LoadContext, found: Checked, need: TableNeed, in_scope: str, year: int) -> SortedRows:
    """Writes the rows in scope of one year. Columns with one value are added after sorting."""
    table = found.table
    carried = varying(found, need)
    order = [name for name in schemas.order(table) if name in carried]
    rows = f"SELECT {', '.join(carried)} FROM {in_scope} WHERE _year = {year} ORDER BY {', '.join(order)}"
    same = of_the_batch(load)
    texts = not set(schemas.free_text(table)).isdisjoint(carried)
    columns = ", ".join(
        name if name in carried else f"{same.get(name, f'CAST(NULL AS {kind})')} AS {name}"
        for name, kind in (schemas.columns(table) if texts else schemas.file_columns(table))
    )
    path = load.new_file(f"fresh-{table}")
    return SortedRows(table, year, path, load.engine.write(f"SELECT {columns} FROM ({rows})", path), texts)


def _write(load: LoadContext, table: str, year: int, select: str) -> SortedRows:
    """Writes rows sorted by person and day."""
    path = load.new_file(f"fresh-{table}")
    return SortedRows(table, year, path, load.engine.write(select, path, order_by=schemas.order(table)))


def _finished(load: LoadContext, table: str, rows: SortedRows) -> FinishedRows:
    """As the store takes them: free text apart from the file of a plain table."""
    if schemas.vaulted(table):
        read = load.engine.run(f"SELECT {_columns(table)} FROM {rows.relation}")
        return FinishedRows(table, rows.year, arrow=read.cast(schemas.schema(table)))
    if not schemas.free_text(table) or not rows.texts:
        return FinishedRows(table, rows.year, path=rows.path)
    path = load.new_file(f"plain-{rows.table}")
    _, text = split(load.engine, table, rows.relation, path)
    return FinishedRows(table, rows.year, path=path, text=text)


def _columns(table: str) -> str:
    return ", ".join(name for name, _ in schemas.columns(table))


def _together(fresh: Sequence[SortedRows]) -> str:
    return "(" + " UNION ALL ".join(f"SELECT *, {f.year} AS _year FROM {f.relation}" for f in fresh) + ")"


def _count(load: LoadContext, fresh: Sequence[SortedRows], sql: str) -> int:
    """The single number that a query over the relation `fresh` returns; 0 where there are no rows."""
    return load.number(f"WITH fresh AS (SELECT * FROM {_together(fresh)}) {sql}") if fresh else 0


def _differs(columns: Sequence[str], one: str, other: str) -> str:
    return "(" + (" OR ".join(f"{one}.{c} IS DISTINCT FROM {other}.{c}" for c in columns) or "false") + ")"
