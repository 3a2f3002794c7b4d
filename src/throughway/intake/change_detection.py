"""Rows in scope against what is stored: new, unchanged or corrected.

A correction is a new row: the file that held the old one is written again without it, and the old row goes to the table's
history, so that nothing is lost. So does a stored row whose correction may not be stored: it is no longer true.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from throughway.intake.cell_checks import Checked
from throughway.intake.contract import TableNeed
from throughway.intake.duplicates import without_duplicates
from throughway.intake.finished_rows import (
    Fresh,
    count_of,
    differs,
    landed,
    rows_of,
    sorted_rows,
    together,
    write,
    years_of,
)
from throughway.intake.landing_work import FinishedRows, LandingWork
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope_sql import ALWAYS, stored_view, supplied_columns
from throughway.store import schemas
from throughway.store.schemas import HISTORY


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
