"""The quarantine: the rows set aside, the cells emptied, and the file that lists them without any value."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from throughway.intake.cell_checks import Checked
from throughway.intake.contract import TableNeed, needed_element
from throughway.intake.load_context import LoadContext
from throughway.intake.raw_cells import sql_text
from throughway.intake.safe_names import KeptNames
from throughway.intake.scope import (
    RequiredCell,
    after_unjudged,
    population_of,
    population_tables,
    required_cells,
)
from throughway.store.engine import Engine
from throughway.vocabulary import TABLES

COLUMNS = 'file, "row", "column", problem, cure'
FAULTS = pa.schema(
    [("mask", pa.int64()), ("stated", pa.string()), ("problem", pa.string()), ("cure", pa.string())]
)


@dataclass(frozen=True)
class ListedProblems:
    """Problems of one table: how many rows or cells, and the SELECTs (file, row, column, problem, cure) that list them."""

    count: int = 0
    selects: tuple[str, ...] = ()


def set_aside_rows(load: LoadContext, found: Checked) -> ListedProblems:
    """The staged rows that were set aside."""
    rows = f"(SELECT _file, _row, _faults, {_column(found)} FROM {found.relation} WHERE _aside)"
    count = load.number(f"SELECT count(*) FROM {found.relation} WHERE _aside")
    return ListedProblems(count, _listed(load, found, rows, scope="row", need=None))


def lines_of_notes(found: Checked) -> str:
    """SELECT of the file and row of each of the rows set aside that is a line of totals or a note, which holds no record."""
    notes = sum(1 << bit for bit, fault in enumerate(found.faults) if fault.kind == "note")
    return f"SELECT _file, _row FROM {found.relation} WHERE _aside AND (_faults & {notes}) <> 0"


def count_of_notes(engine: Engine, found: Checked) -> int:
    """How many they are."""
    return int(engine.run(f"SELECT count(*) FROM ({lines_of_notes(found)})").column(0)[0].as_py())


def unreadable_cells(load: LoadContext, found: Checked, need: TableNeed, in_scope: str) -> ListedProblems:
    """The unreadable cells of rows in scope, of the columns that are stored."""
    selects = _listed(load, found, in_scope, scope="cell", need=need)
    return ListedProblems(sum(load.number(f"SELECT count(*) FROM ({s})") for s in selects), selects)


def undecided_problems(load: LoadContext, found: Checked, rows: str) -> ListedProblems:
    """The rows whose scope cannot be decided, each with the first missing cell."""
    count = load.number(f"SELECT count(*) FROM {rows}")
    if not count:
        return ListedProblems()
    required = required_cells(load.needs[found.table])
    own = [a for a in required if a.own and a.element in dict(TABLES[found.table].landed)]
    whens = [(f"{a.element} IS NULL", _heading(found, a.element), a) for a in own]
    whens += [("TRUE", "", a) for a in required if not a.own][:1]

    def case(value: Callable[[str, RequiredCell], str]) -> str:
        cases = " ".join(f"WHEN {when} THEN {sql_text(value(column, a))}" for when, column, a in whens)
        return f"CASE {cases} END"

    select = (
        f'SELECT _file AS file, _row AS "row", {case(lambda column, a: column)} AS "column",'
        f" {case(lambda column, a: a.problem)} AS problem, {case(lambda column, a: a.cure)} AS cure FROM {rows}"
    )
    return ListedProblems(count, (select,))


def unjudged_problems(load: LoadContext, found: Checked, typed: str, in_scope: str) -> tuple[str, ...]:
    """SELECTs of out-of-scope rows that may belong to students for whom an earlier load could not decide the scope."""
    table = found.table
    selects = []
    for on in population_tables({table: load.needs[table]}):
        if on == table or on in load.staged.tables or not load.unjudged.get(on):
            continue
        rows = load.engine.run(
            f"SELECT _file, count(*) AS number FROM {typed} WHERE record NOT IN (SELECT record FROM {in_scope})"
            f" AND person_record NOT IN (SELECT person_record FROM {population_of(on)}) GROUP BY _file"
        )
        for row in rows.to_pylist():
            problem, cure = map(sql_text, after_unjudged(table, row["number"], on, load.unjudged[on]))
            selects.append(
                f'SELECT {sql_text(row["_file"])} AS file, NULL::BIGINT AS "row", \'\' AS "column", {problem} AS problem,'
                f" {cure} AS cure"
            )
    return tuple(selects)


def _heading(found: Checked, element: str) -> str:
    """The heading of an element in the file, if known."""
    return next(
        (fault.column for fault in found.faults if fault.element == element and fault.column), element
    )


def _column(found: Checked) -> str:
    return "_column" if found.with_column else "NULL::VARCHAR AS _column"


def _listed(
    load: LoadContext, found: Checked, rows: str, *, scope: str, need: TableNeed | None
) -> tuple[str, ...]:
    """The SELECT of the faults of one scope; none when there can be none."""
    faults = [
        {"mask": 1 << bit, "stated": fault.column, "problem": fault.problem, "cure": fault.cure}
        for bit, fault in enumerate(found.faults)
        if fault.scope == scope and (need is None or fault.element in need.columns)
    ]
    if not faults:
        return ()
    name = f"faults_{found.table}_{scope}"
    load.engine.register(name, pa.Table.from_pylist(faults, schema=FAULTS))
    problems = load.write(
        f"problems-{found.table}",
        "SELECT rows._file AS file, rows._row AS row_number, coalesce(rows._column, '') AS under, fault.stated,"
        " fault.problem, fault.cure"
        f" FROM (SELECT * FROM {rows} WHERE _faults <> 0) AS rows"
        f" JOIN {name} AS fault ON (rows._faults & fault.mask) <> 0",
    )
    return (
        'SELECT file, row_number AS "row", CASE WHEN stated = \'\' THEN under ELSE stated END AS "column", problem, cure'
        f" FROM {problems}",
    )


def reader_problems(load: LoadContext) -> str:
    """SELECT of the problems that the reader found, without those of tables and elements that no agreement needs."""
    every = f"read_parquet({sql_text(str(load.staged.problems))})"
    elements = load.engine.run(f"SELECT DISTINCT element FROM {every}").column(0).to_pylist()
    needed = [name for name in elements if not name or needed_element(name, load.needs)]
    return (
        f"SELECT * FROM {every} WHERE list_contains([{', '.join(map(sql_text, needed))}]::VARCHAR[], element)"
    )


def write_quarantine(load: LoadContext, problems: Iterable[str], to: Path, kept: KeptNames) -> None:
    """Writes the list of everything that was wrong as CSV: file, row, column, problem, cure; files and columns as `kept`.
    `problems`: SELECTs of at least these columns."""
    everything = _as_kept(
        load, " UNION ALL ".join(f"SELECT {COLUMNS} FROM ({each})" for each in problems), kept
    )
    load.engine.run(
        f'COPY (SELECT DISTINCT {COLUMNS} FROM ({everything}) ORDER BY file, "row" NULLS FIRST, "column", problem)'
        f" TO {sql_text(str(to))} (FORMAT csv, HEADER)"
    )


def _as_kept(load: LoadContext, problems: str, kept: KeptNames) -> str:
    """A SELECT of the same problems, with each file and column as it is kept."""
    for column, keep in (("file", kept.file), ("column", kept.heading)):
        given = load.engine.run(f'SELECT DISTINCT "{column}" AS given FROM ({problems}) ORDER BY given')
        names = [name or "" for name in given.column("given").to_pylist()]
        load.engine.register(f"kept_{column}", pa.table({"given": names, "kept": [*map(keep, names)]}))
    return (
        'SELECT kept_file.kept AS file, "row", kept_column.kept AS "column", problem, cure'
        f" FROM ({problems}) AS problems JOIN kept_file ON kept_file.given = coalesce(problems.file, '')"
        " JOIN kept_column ON kept_column.given = coalesce(problems.\"column\", '')"
    )
