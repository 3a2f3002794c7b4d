"""Typed rows judged against population and records: the view `land_<table>` of the rows that may be stored."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from sqlglot import exp

from throughway.agreements.row_filter import PERSONAL
from throughway.intake.cell_checks import Checked
from throughway.intake.contract import TableNeed
from throughway.intake.landing_work import LandingWork
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope import NeedScope
from throughway.store import schemas
from throughway.store.engine import reading
from throughway.vocabulary import TABLES

KEPT = ("_file", "_row", "_faults", "_column", "_year")


def population_tables(needs: Mapping[str, TableNeed]) -> tuple[str, ...]:
    """Tables by whose rows populations are told."""
    return tuple(
        dict.fromkeys(
            population.on
            for need in needs.values()
            for judge in need.judges
            if judge.grant
            for tier in judge.grant.population
            for population in tier
        )
    )


def population_view(work: LandingWork, table: str, incoming: str | None, *, of: str | None) -> None:
    """Makes `population_<table>`: the incoming rows, and what is stored of rows of which the load (`of`) says nothing."""
    columns = ", ".join(name for name, _ in TABLES[table].landed)
    stored = stored_view(work, table)
    brought = f"SELECT {columns} FROM {incoming}" if incoming else ""
    kept = f"SELECT {columns} FROM {stored}"
    if of:
        kept += f" WHERE record NOT IN (SELECT record FROM {of})"
    both = " UNION ALL ".join(filter(None, (brought, kept)))
    work.engine.run(f"CREATE OR REPLACE TEMP VIEW population_{table} AS {both}")


def stored_view(work: LandingWork, table: str) -> str:
    """Registers `stored_<table>`: all live rows of the partner, plain ones with the id of their file in `_stored`."""
    name = f"stored_{table}"
    if TABLES[table].vaulted:
        work.engine.register(name, work.stored.sealed(table))
        return name
    parts = work.stored.parts(table)
    if not parts:
        nothing = schemas.empty(table).append_column("_stored", pa.array([], pa.string()))
        work.engine.register(name, nothing.append_column("_stored_year", pa.array([], pa.int32())))
        return name
    selects = [
        f"SELECT *, {sql_text(part.id)} AS _stored, {part.school_year} AS _stored_year"
        f" FROM ({reading([part.path], schemas.columns(table))})"
        for part in parts
    ]
    work.engine.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {' UNION ALL '.join(selects)}")
    return name


def judged_view(work: LandingWork, found: Checked, need: TableNeed) -> str:
    """Makes `land_<table>`: rows in scope, with the columns that are needed, blurred where every purpose blurs them.

    Rows that hang on other rows, or fall into several school years, are written down once, since they are read again and
    again.
    """
    table = found.table
    scope = NeedScope(need, relation=_relation, on=work.on)
    columns = ", ".join(
        f"{stored_value(scope, need, name, kind)} AS {name}" for name, kind in TABLES[table].landed
    )
    judged = f"(SELECT r.*{scope.judged} FROM typed_{table} AS r)" if scope.judged else f"typed_{table}"
    select = f"SELECT {columns}, {', '.join(KEPT)} FROM {judged}"
    kept = [*([] if scope.everything else [scope.kept]), *_says_something(found, need)]
    if kept:
        select += f" WHERE {' AND '.join(kept)}"
    if scope.judged:
        path = work.file(f"scope-{table}")
        work.engine.run(f"COPY ({select}) TO {sql_text(str(path))} (FORMAT parquet, COMPRESSION lz4)")
        select = f"SELECT * FROM read_parquet({sql_text(str(path))})"
    work.engine.run(f"CREATE OR REPLACE TEMP VIEW land_{table} AS {select}")
    return f"land_{table}"


def undecided(work: LandingWork, found: Checked, need: TableNeed) -> str:
    """A relation of the typed rows whose scope cannot be judged: they are not in scope for what is known, and would be if a
    cell that the agreements ask for, of the row or of what populations read, were not empty. Read from `possible_<table>`."""
    scope = NeedScope(need, relation=_relation, on=work.on)
    possible = NeedScope(need, relation=_possible, on=work.on, possible=True)
    # As columns, since the engine cannot push every condition down to rows that lie in memory.
    judged = (
        f"SELECT r.*, {scope.condition} AS _is, {possible.condition} AS _may_be FROM typed_{found.table} AS r"
    )
    conditions = ["NOT _is", "_may_be", *_says_something(found, need)]
    path = work.file(f"undecided-{found.table}")
    work.engine.run(
        f"COPY (SELECT * EXCLUDE (_is, _may_be) FROM ({judged}) WHERE {' AND '.join(conditions)})"
        f" TO {sql_text(str(path))} (FORMAT parquet, COMPRESSION lz4)"
    )
    return f"read_parquet({sql_text(str(path))})"


def possible_view(work: LandingWork, table: str, undecided: str | None = None) -> None:
    """Makes `possible_<table>`: the rows of the population and those that might be of it."""
    columns = ", ".join(name for name, _ in TABLES[table].landed)
    more = f" UNION ALL SELECT {columns} FROM {undecided}" if undecided else ""
    work.engine.run(
        f"CREATE OR REPLACE TEMP VIEW possible_{table} AS SELECT {columns} FROM population_{table}{more}"
    )


def _says_something(found: Checked, need: TableNeed) -> Sequence[str]:
    """The condition under which a row is more than what nobody may be told: that there is something may tell it too.

    A row that fills elements which an agreement must name and none names, and beside them nothing that is needed, would
    tell by its mere being there that the student has some such status.
    """
    elements = TABLES[found.table].elements
    hidden = [n for n in found.mapped if elements[n].restricted and n not in need.columns]
    if not hidden:
        return []
    told = [n for n in found.mapped if n in need.columns]
    told += [s for s in found.sources if s.removesuffix("_source") in told]
    something = " OR ".join(f"{name} IS NOT NULL" for name in told)
    hides = " OR ".join(f"{name} IS NOT NULL" for name in hidden)
    return [f"({something} OR NOT ({hides}))"]


def register_consents(work: LandingWork) -> None:
    """Makes the relations of those who consented to custody, for each choice on which a need hangs."""
    grants = [judge.grant for need in work.needs.values() for judge in need.judges if judge.grant]
    for choice, discloser in {(c, g.discloser) for g in grants for c in g.choices}:
        numbers = pa.array(work.consented(choice, discloser), pa.int64())
        work.engine.register(_consented(choice.of(discloser)), pa.table({"record": numbers}))


def _relation(table: str, discloser: str) -> exp.Table:
    if table in PERSONAL:
        return exp.Table(this=exp.to_identifier(_consented(discloser), quoted=True))
    return exp.to_table(f"population_{table}")


def _possible(table: str, discloser: str) -> exp.Table:
    return _relation(table, discloser) if table in PERSONAL else exp.to_table(f"possible_{table}")


def _consented(name: str) -> str:
    return f"consented:{name}"


# Bookkeeping that comes with any row; all but the first two say the same of every row of a batch.
ALWAYS = ("record", "person_record", "source_system", "batch_id", "recorded_at")


def varying(found: Checked, need: TableNeed) -> Sequence[str]:
    """Landed columns that differ from row to row: what a sort must carry along."""
    names = {"record", "person_record", *supplied_columns(found, need)}
    if "source_record_id" in need.columns:
        names.add("source_record_id")
    return [name for name, _ in TABLES[found.table].landed if name in names]


def stored_value(scope: NeedScope, need: TableNeed, name: str, kind: str) -> str:
    """A landed column as it is stored of a judged row, in SQL; of what is not needed nothing."""
    if name in ALWAYS:
        return name
    element = name
    if name not in need.columns and name.endswith("_source"):
        element = name.removesuffix("_source")
    if element not in need.columns:
        return f"CAST(NULL AS {kind})"
    return scope.stored(element, name, kind)


def supplied_columns(found: Checked, need: TableNeed) -> Sequence[str]:
    """The stored columns whose values this file says; all others of a row keep what was stored."""
    names = [name for name in found.filled if name in need.columns]
    return [*names, *(s for s in found.sources if s.removesuffix("_source") in need.columns)]
