"""Rows in scope against each other and against what is stored: new, unchanged, corrected, or in conflict.

A correction is a new row: the file that held the old one is written again without it, and the old row goes to the table's
history, so that nothing is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from throughway.intake.checked import Checked
from throughway.intake.contract import Need
from throughway.intake.raw import sql_text
from throughway.intake.scoping import stored_view, supplied_columns, varying
from throughway.intake.typed import of_the_batch
from throughway.intake.work import Rows, Work
from throughway.store import schemas
from throughway.store.schemas import HISTORY

CONFLICT = ("another row with this key came before, with other values", "keep one row for each key")


@dataclass(frozen=True)
class Compared:
    """What came of one table's rows in scope. `landed` counts new and corrected rows."""

    rows: Sequence[Rows]
    replaced: frozenset[str]
    landed: int
    unchanged: int
    conflicting: int


@dataclass(frozen=True)
class Fresh:
    """Finished rows of one school year, not compared yet: a relation to select from, and its file for plain tables."""

    year: int
    relation: str
    path: Path | None
    count: int


def compare(work: Work, found: Checked, need: Need) -> Compared:
    """Writes the rows of `land_<table>` that are new or corrected."""
    table = found.table
    fresh = [_sorted(work, found, need, year) for year in _years(work, table)]
    fresh, repeated, conflicting = _without_duplicates(work, table, fresh)
    stored = stored_view(work, table)
    known = (
        _join(fresh, f"SELECT count(*) FROM fresh JOIN {stored} AS stored USING (record)", work)
        if fresh
        else 0
    )
    if not known:
        new = [f for f in fresh if f.count]
        return Compared(
            [_rows(work, table, f) for f in new],
            frozenset(),
            sum(f.count for f in new),
            repeated,
            conflicting,
        )
    return _corrected(
        work,
        table,
        fresh,
        supplied_columns(found, need),
        known=known,
        repeated=repeated,
        conflicting=conflicting,
    )


def _landed(table: str) -> str:
    return ", ".join(name for name, _ in schemas.columns(table))


def _years(work: Work, table: str) -> list[int]:
    found = work.engine.run(f"SELECT DISTINCT _year FROM land_{table} ORDER BY 1").column(0).to_pylist()
    return [int(year) for year in found]


def _sorted(work: Work, found: Checked, need: Need, year: int) -> Fresh:
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


def _write(work: Work, table: str, year: int, select: str) -> Fresh:
    """Writes rows sorted by person and day: to a file, or to a table in memory when they go to the vault."""
    path = work.file(f"fresh-{table}")
    count = work.engine.write(select, path, order_by=schemas.order(table))
    return Fresh(year, f"read_parquet({sql_text(str(path))})", path, count)


def _rows(work: Work, table: str, fresh: Fresh) -> Rows:
    if schemas.vaulted(table):
        rows = work.engine.run(f"SELECT {_landed(table)} FROM {fresh.relation}")
        return Rows(table, fresh.year, arrow=rows.cast(schemas.schema(table)))
    return Rows(table, fresh.year, path=fresh.path)


def _all(fresh: Sequence[Fresh]) -> str:
    return "(" + " UNION ALL ".join(f"SELECT *, {f.year} AS _year FROM {f.relation}" for f in fresh) + ")"


def _join(fresh: Sequence[Fresh], sql: str, work: Work) -> int:
    return work.number(f"WITH fresh AS (SELECT * FROM {_all(fresh)}) {sql}")


def _differs(columns: Sequence[str], one: str, other: str) -> str:
    return "(" + (" OR ".join(f"{one}.{c} IS DISTINCT FROM {other}.{c}" for c in columns) or "false") + ")"


def _without_duplicates(work: Work, table: str, fresh: list[Fresh]) -> tuple[list[Fresh], int, int]:
    """Keeps the first row of each key. A later one that says the same is unchanged; one that says otherwise conflicts."""
    if not fresh or not _join(fresh, "SELECT count(*) - count(DISTINCT record) FROM fresh", work):
        return fresh, 0, 0
    engine = work.engine
    twice = f"SELECT record FROM {_all(fresh)} GROUP BY record HAVING count(*) > 1"
    ranked = work.file(f"ranked-{table}")
    engine.run(
        f"COPY (SELECT *, row_number() OVER (PARTITION BY record ORDER BY _file, _row, _year) AS _place FROM land_{table}"
        f" WHERE record IN ({twice})) TO {sql_text(str(ranked))} (FORMAT parquet, COMPRESSION lz4)"
    )
    source = f"read_parquet({sql_text(str(ranked))})"
    values = [n for n, _ in schemas.columns(table) if n not in ("record", "batch_id", "recorded_at")]
    pairs = (
        f"SELECT later._file AS file, later._row AS row_number, {_differs(values, 'later', 'first')} AS differs FROM {source} AS later"
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
        _write(
            work,
            table,
            f.year,
            f"SELECT {_landed(table)} FROM {f.relation} WHERE record NOT IN (SELECT record FROM {source})"
            f" UNION ALL SELECT {_landed(table)} FROM {source} WHERE _place = 1 AND _year = {f.year}",
        )
        for f in fresh
    ]
    return kept, later - conflicting, conflicting


def _corrected(
    work: Work,
    table: str,
    fresh: Sequence[Fresh],
    supplied: Sequence[str],
    *,
    known: int,
    repeated: int,
    conflicting: int,
) -> Compared:
    """Leaves out rows that are stored as they are, and puts corrected ones in place of the stored."""
    stored = f"stored_{table}"
    old = work.file(f"old-{table}")
    differs = _differs([c for c in supplied if c not in ("record", "person_record")], "fresh", "stored")
    work.engine.run(
        f"COPY (SELECT stored.* FROM {_all(fresh)} AS fresh JOIN {stored} AS stored USING (record) WHERE {differs})"
        f" TO {sql_text(str(old))} (FORMAT parquet, COMPRESSION lz4)"
    )
    superseded = f"read_parquet({sql_text(str(old))})"
    corrected = work.number(f"SELECT count(*) FROM {superseded}")
    merged = ", ".join(
        f"{'fresh' if _from_fresh(name, supplied) else 'old'}.{name} AS {name}"
        for name, _ in schemas.columns(table)
    )
    written = [
        _write(
            work,
            table,
            f.year,
            f"SELECT {_landed(table)} FROM {f.relation} WHERE record NOT IN (SELECT record FROM {stored})"
            + (
                f" UNION ALL SELECT {merged} FROM {f.relation} AS fresh JOIN {superseded} AS old USING (record)"
                if corrected
                else ""
            ),
        )
        for f in fresh
    ]
    written = [f for f in written if f.count]
    rows = [_rows(work, table, f) for f in written]
    replaced: frozenset[str] = frozenset()
    if corrected:
        kept, replaced = _rewritten(work, table, superseded)
        rows += kept
    return Compared(rows, replaced, sum(f.count for f in written), known - corrected + repeated, conflicting)


def _from_fresh(name: str, supplied: Sequence[str]) -> bool:
    return name in supplied or name in ("record", "person_record", "source_system", "batch_id", "recorded_at")


def _rewritten(work: Work, table: str, superseded: str) -> tuple[list[Rows], frozenset[str]]:
    """The stored files without the superseded rows, and those rows as history."""
    if schemas.vaulted(table):
        return _rewritten_vault(work, table, superseded)
    rows: list[Rows] = []
    replaced: set[str] = set()
    held = work.engine.run(f"SELECT DISTINCT _stored, _stored_year FROM {superseded}").to_pylist()
    for part in held:
        replaced.add(part["_stored"])
        where = f"_stored = {sql_text(part['_stored'])}"
        year = int(part["_stored_year"])
        left = _write(
            work,
            table,
            year,
            f"SELECT {_landed(table)} FROM stored_{table} WHERE {where} AND record NOT IN (SELECT record FROM {superseded})",
        )
        if left.count:
            rows.append(Rows(table, year, path=left.path))
        history = _write(work, table, year, f"SELECT {_landed(table)} FROM {superseded} WHERE {where}")
        rows.append(Rows(table + HISTORY, year, path=history.path))
    return rows, frozenset(replaced)


def _rewritten_vault(work: Work, table: str, superseded: str) -> tuple[list[Rows], frozenset[str]]:
    left = work.engine.run(
        f"SELECT {_landed(table)} FROM stored_{table} WHERE record NOT IN (SELECT record FROM {superseded})"
    )
    history = work.engine.run(f"SELECT {_landed(table)} FROM {superseded}")
    rows = [Rows(table, 0, arrow=left.cast(schemas.schema(table)))] if left.num_rows else []
    rows.append(Rows(table + HISTORY, 0, arrow=history.cast(schemas.schema(table))))
    return rows, frozenset(work.stored.sealed_ids(table))
