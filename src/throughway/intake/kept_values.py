"""A cell that cannot be read says nothing new: the value that is stored stays. An empty cell empties it."""

from collections.abc import Mapping

from throughway.intake.cell_checks import Checked
from throughway.intake.landing_work import LandingWork
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope_sql import stored_view
from throughway.vocabulary import TABLES


def keeping_stored(work: LandingWork, found: Checked, rows: str) -> str:
    """The SELECT of typed rows, with the stored value in place of each cell that cannot be read.

    Scope and school year are then judged by what is known of the row, and the comparison finds nothing changed there.
    """
    table = found.table
    if not (work.stored.parts(table) or work.stored.sealed_ids(table)):
        return rows
    unreadable = _unreadable(work, found, rows)
    if not unreadable:
        return rows
    names = ", ".join(unreadable)
    any_of_them = " OR ".join(dict.fromkeys(unreadable.values()))
    path = work.file(f"kept-{table}")
    work.engine.run(
        f"COPY (SELECT record, {names} FROM {stored_view(work, table)} WHERE record IN"
        f" (SELECT record FROM ({rows}) AS said WHERE {any_of_them})) TO {sql_text(str(path))} (FORMAT parquet, COMPRESSION lz4)"
    )
    kept = ", ".join(
        f"CASE WHEN {condition} AND kept.record IS NOT NULL THEN kept.{name} ELSE said.{name} END AS {name}"
        for name, condition in unreadable.items()
    )
    return (
        f"SELECT said.* REPLACE ({kept}) FROM ({rows}) AS said"
        f" LEFT JOIN read_parquet({sql_text(str(path))}) AS kept ON kept.record = said.record"
    )


def _unreadable(work: LandingWork, found: Checked, rows: str) -> Mapping[str, str]:
    """By landed column, when the cell that would fill it cannot be read, in SQL; columns of which that is so in no row are
    left out. The source of a code goes with its code."""
    named = "string_agg(DISTINCT _unreadable, ',')" if found.with_unreadable else "NULL"
    met = work.engine.run(
        f"SELECT coalesce(bit_or(_faults), 0) AS faults, {named} AS named FROM ({rows})"
    ).to_pylist()[0]
    conditions: dict[str, list[str]] = {}
    for bit, fault in enumerate(found.faults):
        if fault.element and fault.kind != "missing" and met["faults"] & 1 << bit:
            conditions.setdefault(fault.element, []).append(f"(said._faults & {1 << bit}) <> 0")
    for name in dict.fromkeys((met["named"] or "").split(",")):
        if name:
            said = f"list_contains(string_split(coalesce(said._unreadable, ''), ','), {sql_text(name)})"
            conditions.setdefault(name, []).append(said)
    landed = dict(TABLES[found.table].landed)
    return {
        column: f"(said.{name} IS NULL AND ({' OR '.join(whens)}))"
        for name, whens in conditions.items()
        for column in (name, f"{name}_source")
        if column in landed
    }
