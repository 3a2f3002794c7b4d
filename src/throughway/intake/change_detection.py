"""Rows in scope against what is stored: new, unchanged or corrected.

A correction is a new row: the file that held the old one is written again without it, and the old row goes to the table's
history, so that nothing is lost. So does a stored row whose correction may not be stored: it is no longer true.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from throughway.intake.cell_checks import Checked
from throughway.intake.contract import TableNeed
from throughway.intake.landing_work import FinishedRows, LandingWork
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope import ALWAYS, stored_view, supplied_columns, varying
from throughway.intake.typed_rows import of_the_batch
from throughway.store import schemas
from throughway.store.schemas import HISTORY


@dataclass(frozen=True)
class Fresh:
    """Finished rows of one school year, not compared yet: a relation to select from, and its file for plain tables."""

    year: int
    relation: str
    path: Path | None
    count: int


def landed(table: str) -> str:
    return ", ".join(name for name, _ in schemas.columns(table))


def years_of(work: LandingWork, table: str) -> list[int]:
    found = work.engine.run(f"SELECT DISTINCT _year FROM land_{table} ORDER BY 1").column(0).to_pylist()
    return [int(year) for year in found]


def sorted_rows(work: LandingWork, found: Checked, need: TableNeed, year: int) -> Fresh:
    """Writes the rows in scope of one year. What is the same in every row joins them after they are sorted."""
    table = found.table
    carried = varying(found, need)
    order = [name for name in schemas.order(table) if name in carried]
    rows = f"SELECT {', '.join(carried)} FROM land_{table} WHERE _year = {year} ORDER BY {', '.join(order)}"
    same = of_the_batch(work)
    columns = ", ".join(
        name if name in carried else f"{same.get(name, f'CAST(NULL AS {kind})')} AS {name}"
        for name, kind in schemas.columns(table)
    )
    path = work.file(f"fresh-{table}")
    count = work.engine.write(f"SELECT {columns} FROM ({rows})", path)
    return Fresh(year, f"read_parquet({sql_text(str(path))})", path, count)


def write(work: LandingWork, table: str, year: int, select: str) -> Fresh:
    """Writes rows sorted by person and day: to a file, or to a table in memory when they go to the vault."""
    path = work.file(f"fresh-{table}")
    count = work.engine.write(select, path, order_by=schemas.order(table))
    return Fresh(year, f"read_parquet({sql_text(str(path))})", path, count)


def rows_of(work: LandingWork, table: str, fresh: Fresh) -> FinishedRows:
    if schemas.vaulted(table):
        rows = work.engine.run(f"SELECT {landed(table)} FROM {fresh.relation}")
        return FinishedRows(table, fresh.year, arrow=rows.cast(schemas.schema(table)))
    return FinishedRows(table, fresh.year, path=fresh.path)


def together(fresh: Sequence[Fresh]) -> str:
    return "(" + " UNION ALL ".join(f"SELECT *, {f.year} AS _year FROM {f.relation}" for f in fresh) + ")"


def count_of(work: LandingWork, fresh: Sequence[Fresh], sql: str) -> int:
    """The number that a query over the relation `fresh` answers with."""
    return work.number(f"WITH fresh AS (SELECT * FROM {together(fresh)}) {sql}")


def differs(columns: Sequence[str], one: str, other: str) -> str:
    return "(" + (" OR ".join(f"{one}.{c} IS DISTINCT FROM {other}.{c}" for c in columns) or "false") + ")"


CONFLICT = ("another row with this key came before, with other values", "keep one row for each key")


def without_duplicates(work: LandingWork, table: str, fresh: list[Fresh]) -> tuple[list[Fresh], int, int]:
    """Keeps the first row of each key. A later one that says the same is unchanged; one that says otherwise conflicts."""
    if not fresh or _all_different(work, fresh):
        return fresh, 0, 0
    engine = work.engine
    twice = f"SELECT record FROM {together(fresh)} GROUP BY record HAVING count(*) > 1"
    ranked = work.file(f"ranked-{table}")
    engine.run(
        f"COPY (SELECT *, row_number() OVER (PARTITION BY record ORDER BY _file, _row, _year) AS _place FROM land_{table}"
        f" WHERE record IN ({twice})) TO {sql_text(str(ranked))} (FORMAT parquet, COMPRESSION lz4)"
    )
    source = f"read_parquet({sql_text(str(ranked))})"
    values = [n for n, _ in schemas.columns(table) if n not in ("record", "batch_id", "recorded_at")]
    pairs = (
        f"SELECT later._file AS file, later._row AS row_number, {differs(values, 'later', 'first')} AS differs FROM {source} AS later"
        f" JOIN {source} AS first USING (record) WHERE later._place > 1 AND first._place = 1"
    )
    conflicting = work.number(f"SELECT count(*) FROM ({pairs}) WHERE differs")
    later = work.number(f"SELECT count(*) FROM {source} WHERE _place > 1")
    if conflicting:
        problem, cure = map(sql_text, CONFLICT)
        work.problems.append(
            f'SELECT file, row_number AS "row", \'\' AS "column", {problem} AS problem, {cure} AS cure FROM ({pairs})'
            " WHERE differs"
        )
    kept = [
        write(
            work,
            table,
            f.year,
            f"SELECT {landed(table)} FROM {f.relation} WHERE record NOT IN (SELECT record FROM {source})"
            f" UNION ALL SELECT {landed(table)} FROM {source} WHERE _place = 1 AND _year = {f.year}",
        )
        for f in fresh
    ]
    return kept, later - conflicting, conflicting


def _all_different(work: LandingWork, fresh: list[Fresh]) -> bool:
    """Whether no key stands twice. Keys of person and day rise from row to row of a sorted file, which is told many times
    faster than that all are distinct."""
    if len(fresh) == 1:
        rows = f"SELECT record, lag(record) OVER () AS before FROM {fresh[0].relation}"
        if not work.number(f"SELECT count(*) FROM ({rows}) WHERE record <= before"):
            return True
    return not count_of(work, fresh, "SELECT count(*) - count(DISTINCT record) FROM fresh")


@dataclass(frozen=True)
class RowChanges:
    """What came of one table's rows in scope. `landed` counts new and corrected rows, `changed` the corrected ones."""

    rows: Sequence[FinishedRows]
    replaced: frozenset[str]
    landed: int
    changed: int
    unchanged: int
    conflicting: int


def compare(work: LandingWork, found: Checked, need: TableNeed, *, out_of_scope: int) -> RowChanges:
    """Writes the rows of `land_<table>` that are new or corrected, and the stored files that lose a row."""
    table = found.table
    fresh = [sorted_rows(work, found, need, year) for year in years_of(work, table)]
    fresh, repeated, conflicting = without_duplicates(work, table, fresh)
    stored = stored_view(work, table)
    all_rows = sum(f.count for f in fresh)
    known = count_of(work, fresh, f"SELECT count(*) FROM fresh JOIN {stored} USING (record)") if fresh else 0
    supplied = supplied_columns(found, need)
    old = _superseded(work, found, need, fresh if known else [], supplied, out_of_scope=out_of_scope)
    corrected = (
        count_of(work, fresh, f"SELECT count(*) FROM fresh JOIN {old} USING (record)") if old and fresh else 0
    )
    if known == all_rows and not corrected:
        new = []
    elif known:
        new = _new_and_corrected(work, table, fresh, supplied, old if corrected else None)
    else:
        new = [f for f in fresh if f.count]
    rows = [rows_of(work, table, f) for f in new]
    replaced: frozenset[str] = frozenset()
    if old:
        kept, replaced = _rewritten(work, table, old)
        rows += kept
    return RowChanges(
        rows, replaced, all_rows - (known - corrected), corrected, known - corrected + repeated, conflicting
    )


def _superseded(
    work: LandingWork,
    found: Checked,
    need: TableNeed,
    fresh: Sequence[Fresh],
    supplied: Sequence[str],
    *,
    out_of_scope: int,
) -> str | None:
    """The stored rows that this load says otherwise, as a relation; None when there are none."""
    table = found.table
    stored = f"stored_{table}"
    otherwise: list[str] = []  # SELECTs of the records that are said otherwise
    if fresh:
        values = [name for name in supplied if name not in ("record", "person_record")]
        otherwise.append(
            f"SELECT record FROM {together(fresh)} AS fresh JOIN {stored} AS stored USING (record)"
            f" WHERE {differs(values, 'fresh', 'stored')}"
        )
    if out_of_scope and work.number(f"SELECT count(*) FROM {stored}"):
        # Compared by what was stored whole; what was left out or blurred cannot be told to differ.
        whole = [n for n in supplied if all(t.name == "none" for t in need.columns.get(n, {}).values())]
        filled = " OR ".join(
            f"(stored.{n} IS NOT NULL AND typed.{n} IS DISTINCT FROM stored.{n})" for n in whole
        )
        otherwise.append(
            f"SELECT record FROM typed_{table} AS typed JOIN {stored} AS stored USING (record)"
            f" WHERE ({filled or 'false'}) AND record NOT IN (SELECT record FROM land_{table})"
        )
    if not otherwise:
        return None
    path = work.file(f"old-{table}")
    work.engine.run(
        f"COPY (SELECT * FROM {stored} WHERE record IN ({' UNION '.join(otherwise)}))"
        f" TO {sql_text(str(path))} (FORMAT parquet, COMPRESSION lz4)"
    )
    old = f"read_parquet({sql_text(str(path))})"
    return old if work.number(f"SELECT count(*) FROM {old}") else None


def _new_and_corrected(
    work: LandingWork, table: str, fresh: Sequence[Fresh], supplied: Sequence[str], old: str | None
) -> list[Fresh]:
    """The rows that are not stored, and the corrected ones, which keep the stored values that this file does not say."""
    merged = ", ".join(
        f"{'fresh' if name in supplied or name in ALWAYS else 'old'}.{name} AS {name}"
        for name, _ in schemas.columns(table)
    )
    written = []
    for f in fresh:
        select = f"SELECT {landed(table)} FROM {f.relation} WHERE record NOT IN (SELECT record FROM stored_{table})"
        if old:
            select += (
                f" UNION ALL SELECT {merged} FROM {f.relation} AS fresh JOIN {old} AS old USING (record)"
            )
        written.append(write(work, table, f.year, select))
    return [f for f in written if f.count]


def _rewritten(work: LandingWork, table: str, superseded: str) -> tuple[list[FinishedRows], frozenset[str]]:
    """The stored files without the superseded rows, and those rows as history."""
    if schemas.vaulted(table):
        return _rewritten_vault(work, table, superseded)
    rows: list[FinishedRows] = []
    replaced: set[str] = set()
    held = work.engine.run(f"SELECT DISTINCT _stored, _stored_year FROM {superseded}").to_pylist()
    for part in held:
        replaced.add(part["_stored"])
        where = f"_stored = {sql_text(part['_stored'])}"
        year = int(part["_stored_year"])
        left = write(
            work,
            table,
            year,
            f"SELECT {landed(table)} FROM stored_{table} WHERE {where} AND record NOT IN (SELECT record FROM {superseded})",
        )
        if left.count:
            rows.append(FinishedRows(table, year, path=left.path))
        history = write(work, table, year, f"SELECT {landed(table)} FROM {superseded} WHERE {where}")
        rows.append(FinishedRows(table + HISTORY, year, path=history.path))
    return rows, frozenset(replaced)


def _rewritten_vault(
    work: LandingWork, table: str, superseded: str
) -> tuple[list[FinishedRows], frozenset[str]]:
    left = work.engine.run(
        f"SELECT {landed(table)} FROM stored_{table} WHERE record NOT IN (SELECT record FROM {superseded})"
    )
    history = work.engine.run(f"SELECT {landed(table)} FROM {superseded}")
    rows = [FinishedRows(table, 0, arrow=left.cast(schemas.schema(table)))] if left.num_rows else []
    rows.append(FinishedRows(table + HISTORY, 0, arrow=history.cast(schemas.schema(table))))
    return rows, frozenset(work.stored.sealed_ids(table))
