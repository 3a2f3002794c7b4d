"""Finished rows of a load, written sorted as the store keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from throughway.intake.cell_checks import Checked
from throughway.intake.contract import TableNeed
from throughway.intake.landing_work import FinishedRows, LandingWork
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope_sql import varying
from throughway.intake.typed_rows import of_the_batch
from throughway.store import schemas


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
