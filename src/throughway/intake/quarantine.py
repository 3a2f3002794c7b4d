"""What was wrong where: the rows set aside, the cells emptied, and the file that lists them without any value."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from throughway.intake.cell_checks import Checked
from throughway.intake.contract import TableNeed
from throughway.intake.landing_work import LandingWork
from throughway.intake.raw_cells import sql_text
from throughway.intake.safe_names import KeptNames
from throughway.intake.scope import RequiredCell, after_unjudged, asked_of, population_tables
from throughway.intake.staging import PROBLEM_SCHEMA
from throughway.vocabulary import TABLES

COLUMNS = 'file, "row", "column", problem, cure'
FAULTS = pa.schema(
    [("mask", pa.int64()), ("stated", pa.string()), ("problem", pa.string()), ("cure", pa.string())]
)


def aside_problems(work: LandingWork, found: Checked) -> int:
    """Lists the staged rows that were set aside, and counts them."""
    rows = f"(SELECT _file, _row, _faults, {_column(found)} FROM {found.relation} WHERE _aside)"
    _list(work, found, rows, scope="row", need=None)
    return work.number(f"SELECT count(*) FROM {found.relation} WHERE _aside")


def cell_problems(work: LandingWork, found: Checked, need: TableNeed) -> int:
    """Lists the unreadable cells of rows in scope, of the columns that are stored, and counts them."""
    name = _list(work, found, f"land_{found.table}", scope="cell", need=need)
    return work.number(f"SELECT count(*) FROM ({name})") if name else 0


def undecided_problems(work: LandingWork, found: Checked, rows: str) -> None:
    """Lists the rows whose scope cannot be judged, each with the first cell that it lacks."""
    asked = asked_of(work.needs[found.table])
    own = [a for a in asked if a.own and a.element in dict(TABLES[found.table].landed)]
    whens = [(f"{a.element} IS NULL", _heading(found, a.element), a) for a in own]
    whens += [("TRUE", "", a) for a in asked if not a.own][:1]

    def case(value: Callable[[str, RequiredCell], str]) -> str:
        said = " ".join(f"WHEN {when} THEN {sql_text(value(column, a))}" for when, column, a in whens)
        return f"CASE {said} END"

    work.problems.append(
        f'SELECT _file AS file, _row AS "row", {case(lambda column, a: column)} AS "column",'
        f" {case(lambda column, a: a.problem)} AS problem, {case(lambda column, a: a.cure)} AS cure FROM {rows}"
    )


def unjudged_problems(work: LandingWork, found: Checked) -> None:
    """Says of which rows out of scope it cannot be known, since an earlier load could not judge what tells it of their
    students."""
    table = found.table
    for on in population_tables({table: work.needs[table]}):
        if on == table or on in work.staged.tables or not work.unjudged.get(on):
            continue
        rows = work.engine.run(
            f"SELECT _file, count(*) AS number FROM typed_{table} WHERE record NOT IN (SELECT record FROM land_{table})"
            f" AND person_record NOT IN (SELECT person_record FROM population_{on}) GROUP BY _file"
        )
        for row in rows.to_pylist():
            problem, cure = map(sql_text, after_unjudged(table, row["number"], on, work.unjudged[on]))
            work.problems.append(
                f'SELECT {sql_text(row["_file"])} AS file, NULL::BIGINT AS "row", \'\' AS "column", {problem} AS problem,'
                f" {cure} AS cure"
            )


def _heading(found: Checked, element: str) -> str:
    """What the file calls the column of an element, as far as that is known."""
    return next(
        (fault.column for fault in found.faults if fault.element == element and fault.column), element
    )


def _column(found: Checked) -> str:
    return "_column" if found.with_column else "NULL::VARCHAR AS _column"


def _list(work: LandingWork, found: Checked, rows: str, *, scope: str, need: TableNeed | None) -> str | None:
    """Adds the SELECT of the faults of one scope to the problems of the load, and gives it; None when there can be none."""
    faults = [
        {"mask": 1 << bit, "stated": fault.column, "problem": fault.problem, "cure": fault.cure}
        for bit, fault in enumerate(found.faults)
        if fault.scope == scope and (need is None or fault.element in need.columns)
    ]
    if not faults:
        return None
    name = f"faults_{found.table}_{scope}"
    work.engine.register(name, pa.Table.from_pylist(faults, schema=FAULTS))
    path = work.file(f"problems-{found.table}")
    work.engine.run(
        "COPY (SELECT rows._file AS file, rows._row AS row_number, coalesce(rows._column, '') AS under, fault.stated,"
        " fault.problem, fault.cure"
        f" FROM (SELECT * FROM {rows} WHERE _faults <> 0) AS rows"
        f" JOIN {name} AS fault ON (rows._faults & fault.mask) <> 0) TO {sql_text(str(path))} (FORMAT parquet)"
    )
    select = (
        'SELECT file, row_number AS "row", CASE WHEN stated = \'\' THEN under ELSE stated END AS "column", problem, cure'
        f" FROM read_parquet({sql_text(str(path))})"
    )
    work.problems.append(select)
    return select


def write_quarantine(work: LandingWork, to: Path, kept: KeptNames) -> None:
    """Writes the list of everything that was wrong as CSV: file, row, column, problem, cure; files and columns as `kept`."""
    staged = work.staged
    if staged.problems:
        listed = pa.Table.from_pylist([vars(problem) for problem in staged.problems], schema=PROBLEM_SCHEMA)
        work.engine.register("problems_of_reader", listed)
        work.problems.append(f"SELECT {COLUMNS} FROM problems_of_reader")
    work.problems += [
        f"SELECT {COLUMNS} FROM read_parquet({sql_text(str(path))})" for path in staged.problem_files
    ]
    work.engine.register("nothing", PROBLEM_SCHEMA.empty_table())
    nothing = f"SELECT {COLUMNS} FROM nothing"
    everything = _as_kept(work, " UNION ALL ".join([nothing, *work.problems]), kept)
    work.engine.run(
        f'COPY (SELECT DISTINCT {COLUMNS} FROM ({everything}) ORDER BY file, "row" NULLS FIRST, "column", problem)'
        f" TO {sql_text(str(to))} (FORMAT csv, HEADER)"
    )


def _as_kept(work: LandingWork, problems: str, kept: KeptNames) -> str:
    """A SELECT of the same problems, with each file and column as it is kept."""
    for column, keep in (("file", kept.file), ("column", kept.heading)):
        given = work.engine.run(f'SELECT DISTINCT "{column}" AS given FROM ({problems}) ORDER BY given')
        names = [name or "" for name in given.column("given").to_pylist()]
        work.engine.register(f"kept_{column}", pa.table({"given": names, "kept": [*map(keep, names)]}))
    return (
        'SELECT kept_file.kept AS file, "row", kept_column.kept AS "column", problem, cure'
        f" FROM ({problems}) AS problems JOIN kept_file ON kept_file.given = coalesce(problems.file, '')"
        " JOIN kept_column ON kept_column.given = coalesce(problems.\"column\", '')"
    )
