"""Turns staged rows into rows of the store: checked, typed, compared with the agreements and the stored rows, counted.

`land_tables` is the sequence of a load; each step makes a relation of the engine (`typed_<table>`, `in_scope_<table>`) that the next
one reads.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.intake.cell_checks import Checked, checked
from throughway.intake.change_detection import FinishedRows, compare, withdraw
from throughway.intake.contract import TableNeed, refused_columns
from throughway.intake.deleted_records import deleted_records, tables_with_deletions
from throughway.intake.load_context import LoadContext
from throughway.intake.load_report import Counts, total
from throughway.intake.quarantine import (
    ListedProblems,
    count_of_notes,
    lines_of_notes,
    reader_problems,
    set_aside_rows,
    undecided_problems,
    unjudged_problems,
    unreadable_cells,
)
from throughway.intake.raw_cells import sql_text
from throughway.intake.row_conversion import (
    GUARDIAN,
    PERSON,
    distinct_keys,
    new_keys,
    number_keys,
    typed_rows,
)
from throughway.intake.row_keys import AnotherKey, another_key
from throughway.intake.scope import (
    population_tables,
    population_view,
    possible_view,
    register_consents,
    rows_in_scope,
    undecided_rows,
)
from throughway.intake.value_parsing import YEAR, check_stated_year, ending_year_of
from throughway.store.schemas import HISTORY
from throughway.vocabulary import TABLES

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Landing:
    """The result of a load before it is stored. `rows`: new files; `replaced`: the stored files that they replace. `counts`: by table,
    or by kind of record without a table. `problems`: SELECTs of the problems. `refused_columns`: columns that are not stored.
    `withdrawn`: by table, how many stored rows the file says are deleted, or a whole file no longer has, of how many. `notes`: by table,
    how many of the rows set aside are lines of totals or notes, about nobody; a line that several tables would read counts once.
    `scoped`: by table, the rows of the file as relations of the engine. `found`: by table, how many rows of the file were stored before."""

    rows: Sequence[FinishedRows]
    replaced: frozenset[str]
    counts: Mapping[str, Counts]
    cells_emptied: int
    problems: Sequence[str]
    refused_columns: Sequence[str]
    withdrawn: Mapping[str, tuple[int, int]]
    notes: Mapping[str, int]
    scoped: Mapping[str, "ScopedRows"]
    found: Mapping[str, int]


@dataclass(frozen=True)
class TableLanding:
    """The same for one table, or for one kind of record."""

    kind: str
    counts: Counts
    rows: Sequence[FinishedRows] = ()
    replaced: frozenset[str] = frozenset()
    cells_emptied: int = 0
    problems: tuple[str, ...] = ()
    withdrawn: tuple[int, int] = (0, 0)
    notes: int = 0
    found: int = 0


@dataclass(frozen=True)
class ScopedRows:
    """One table's rows as relations: all typed rows, those in scope, and those whose scope cannot be decided (None where all are
    in scope), with the problems of these; and how the key of the rows differs from that of the stored ones."""

    found: Checked
    typed: str
    in_scope: str
    undecided: str | None
    cannot_tell: ListedProblems
    another_key: AnotherKey | None = None


def needed_tables(
    found: Mapping[str, Checked], needs: Mapping[str, TableNeed], school_year: int | None
) -> dict[str, Checked]:
    """The staged tables in which the file has an element that the agreements need. `school_year`: the ending year that was stated
    for the load."""
    return {
        table: _of_stated_year(_without_needless_faults(rows, needs[table]), needs[table], school_year)
        for table, rows in found.items()
        if table in needs and any(name in needs[table].columns for name in rows.mapped)
    }


def _without_needless_faults(found: Checked, need: TableNeed) -> Checked:
    """The same rows; a bad cell that no agreement needs sets no row aside, even where the crosswalk requires the cell."""
    costs = spared = 0
    faults = []
    for bit, fault in enumerate(found.faults):
        if fault.scope == "row" and fault.element and fault.element not in need.columns:
            spared |= 1 << bit
            fault = replace(fault, scope="cell")
        elif fault.scope == "row":
            costs |= 1 << bit
        faults.append(fault)
    if not spared:
        return found
    alone = f"(_faults & {spared}) <> 0 AND (_faults & {costs}) = 0"
    relation = f"(SELECT * REPLACE ((_aside AND NOT ({alone})) AS _aside) FROM {found.relation})"
    return replace(found, relation=relation, faults=tuple(faults))


def _of_stated_year(found: Checked, need: TableNeed, stated: int | None) -> Checked:
    """The same rows, with `school_year` filled in where an agreement needs it and the row's own cell is empty.

    A row whose own dates are outside the stated year, such as an earlier result, gets the year of its dates.
    """
    table = TABLES[found.table]
    if stated is None or YEAR not in table.elements or YEAR not in need.columns:
        return found
    year = f"'{stated}'"
    starts = [name for name in table.starts if name in found.filled]
    ends = [name for name in table.ends if name in found.filled]
    for days, outside in ((ends, f"< DATE '{stated - 1}-07-01'"), (starts, f"> DATE '{stated}-06-30'")):
        if days:
            day = f"coalesce({', '.join(days)})"
            year = f"CASE WHEN {day} {outside} THEN CAST({ending_year_of(day)} AS VARCHAR) ELSE {year} END"
    rows = f"SELECT *, {year} AS {YEAR} FROM {found.relation}"
    if YEAR in found.filled:
        tried = sum(1 << bit for bit, fault in enumerate(found.faults) if fault.element == YEAR)
        own = f"{YEAR} IS NOT NULL OR (_faults & {tried}) <> 0"
        rows = (
            f"SELECT * REPLACE (CASE WHEN {own} THEN {YEAR} ELSE {year} END AS {YEAR}) FROM {found.relation}"
        )
        return replace(found, relation=f"({rows})")
    return replace(found, relation=f"({rows})", filled=(*found.filled, YEAR))


def land_tables(load: LoadContext, *, progress: Progress) -> Landing:
    """Takes the staged tables through every step; tables that no agreement needs are only counted. Refused when the file is for a
    school year other than the stated one, or needs one that is not stated."""
    staged, needs = load.staged, load.needs
    check_stated_year(load.school_year, staged.school_year)
    found = {table: checked(load.engine, staged, table) for table in staged.tables}
    tables = needed_tables(found, needs, load.school_year)
    if load.school_year is None and (of_a_year := sorted(staged.by_year & tables.keys())):
        raise Refused(
            f"The file does not say which school year its rows of {listed(of_a_year)} are of, and next year's would take their place; "
            "state its year: --school-year 2025-26, or School year on the site.",
            code="school_year_needed",
        )
    _number(load, tables.values())
    typed = {table: typed_rows(load, rows) for table, rows in tables.items()}
    register_consents(load)
    scoped = _population_rows(load, tables, typed)
    landed: list[TableLanding] = []
    deletes = tables_with_deletions(load)
    for table in [*scoped, *(table for table in tables if table not in scoped)]:
        progress(f"checking {table}", len(landed) / len(tables))
        if table not in scoped:
            scoped[table] = _scoped(load, tables[table], typed[table])
        before = [lines_of_notes(tables[each.kind]) for each in landed]
        landed.append(
            _land(load, scoped[table], deleted_records(load, table) if table in deletes else None, before)
        )
    landed += _not_landed(load, [rows for table, rows in found.items() if table not in tables])
    landed += _without_table(load, tables)
    gone = [_withdrawn(load, table) for table in deletes if table not in tables]
    rows = [row for each in (*landed, *gone) for row in each.rows]
    of_reader = reader_problems(load)
    return Landing(
        [*rows, *_new_keys(load, rows)],
        frozenset(file for each in (*landed, *gone) for file in each.replaced),
        {
            kind: total(each.counts for each in landed if each.kind == kind)
            for kind in dict.fromkeys(each.kind for each in landed)
        },
        sum(each.cells_emptied for each in landed)
        + load.number(f"SELECT count(*) FROM ({of_reader}) WHERE scope = 'cell'"),
        [of_reader, *(problem for each in landed for problem in each.problems)],
        refused_columns(
            {table: rows.mapped for table, rows in found.items()},
            {table: needs[table] for table in tables},
            staged.unmapped,
        ),
        {each.kind: each.withdrawn for each in (*landed, *gone) if each.withdrawn[1]},
        {each.kind: each.notes for each in landed if each.notes},
        scoped,
        {each.kind: each.found for each in landed if each.found},
    )


def _number(load: LoadContext, tables: Iterable[Checked]) -> None:
    known = load.sealed("record_key")
    for kind in (PERSON, GUARDIAN):
        keys = [sql for found in tables if (sql := distinct_keys(found, kind)) is not None]
        number_keys(load.engine, kind=kind, keys=keys, known=known, reserve=load.reserve)


def _population_rows(
    load: LoadContext, tables: Mapping[str, Checked], typed: Mapping[str, str]
) -> dict[str, ScopedRows]:
    """Decides the scope of the tables that populations read, so that other tables can use the rows of this load: first with all of
    their rows, then again with those in scope."""
    populations = population_tables(load.needs)
    for table in populations:
        population_view(load, table, typed.get(table), of=typed.get(table))
    first = [table for table in populations if table in tables]
    in_scope = {table: rows_in_scope(load, tables[table], load.needs[table], typed[table]) for table in first}
    for table in populations:
        possible_view(load, table)
    scoped = {table: _with_undecided(load, tables[table], typed[table], in_scope[table]) for table in first}
    for table in first:
        population_view(load, table, in_scope[table], of=typed[table])
        possible_view(load, table, scoped[table].undecided)
    return scoped


def _scoped(load: LoadContext, found: Checked, typed: str) -> ScopedRows:
    return _with_undecided(load, found, typed, rows_in_scope(load, found, load.needs[found.table], typed))


def _with_undecided(load: LoadContext, found: Checked, typed: str, in_scope: str) -> ScopedRows:
    key = another_key(load, found, in_scope)
    if not load.number(f"SELECT (SELECT count(*) FROM {typed}) - (SELECT count(*) FROM {in_scope})"):
        return ScopedRows(found, typed, in_scope, None, ListedProblems(), key)
    rows = undecided_rows(load, found, load.needs[found.table], typed)
    return ScopedRows(found, typed, in_scope, rows, undecided_problems(load, found, rows), key)


def _land(load: LoadContext, scoped: ScopedRows, deleted: str | None, noted: Sequence[str]) -> TableLanding:
    """`noted`: SELECTs of the lines of totals and notes that other tables of the file counted."""
    found, need, table = scoped.found, load.needs[scoped.found.table], scoped.found.table
    typed = load.number(f"SELECT count(*) FROM {scoped.typed}")
    in_scope = load.number(f"SELECT count(*) FROM {scoped.in_scope}")
    cannot_tell = scoped.cannot_tell.count
    aside, notes = set_aside_rows(load, found), count_of_notes(load.engine, found)
    cells = unreadable_cells(load, found, need, scoped.in_scope)
    withheld = load.staged.withheld.get(table, 0)
    quarantined = load.staged.quarantined.get(table, 0)
    # A row that could not be read may be a stored one, so nothing is withdrawn while any was set aside, save a line of totals.
    whole = table in load.whole and not (aside.count > notes or withheld or quarantined)
    key = scoped.another_key if scoped.another_key and scoped.another_key.is_change else None
    gone = " UNION ".join(filter(None, (deleted, key.replaced if key else None))) or None
    changes = compare(
        load, found, need, typed=scoped.typed, in_scope=scoped.in_scope, out_of_scope=typed - in_scope, whole=whole,
        deleted=gone,
    )  # fmt: skip
    withdrawn = max(changes.withdrawn - (key.rows if key else 0), 0)
    again = _repeated(load, table)
    again_here = _repeated(load, table, of=scoped.in_scope)
    again_unknown = _repeated(load, table, of=scoped.undecided) if cannot_tell else 0
    again_unknown = min(again_unknown, again - again_here)  # a record may have rows of both kinds
    lines = " EXCEPT ".join(f"({each})" for each in (lines_of_notes(found), *noted))
    once = load.number(f"SELECT count(*) FROM (SELECT DISTINCT * FROM ({lines}))") if notes else 0
    set_aside = aside.count - notes + once + quarantined
    counts = Counts(
        read=typed + set_aside + withheld + again,
        landed=changes.landed,
        changed=changes.changed,
        quarantined=set_aside + changes.conflicts.count,
        unchanged=changes.unchanged + again_here,
        out_of_scope=typed - in_scope - cannot_tell + withheld + again - again_here - again_unknown,
        cannot_tell=cannot_tell + again_unknown,
    )
    problems = [*scoped.cannot_tell.selects, *aside.selects, *cells.selects, *changes.conflicts.selects]
    if typed > in_scope + cannot_tell and TABLES[table].of_person:
        problems += unjudged_problems(load, found, scoped.typed, scoped.in_scope)
    return TableLanding(
        table, counts, changes.rows, changes.replaced, cells.count, tuple(problems),
        (withdrawn, changes.stored if withdrawn or not key else 0), once, changes.found,
    )  # fmt: skip


def _withdrawn(load: LoadContext, table: str) -> TableLanding:
    """A table of which the file only says that records are deleted."""
    gone = withdraw(load, table, deleted_records(load, table))
    return TableLanding(table, Counts(), gone.rows, gone.replaced, withdrawn=(gone.withdrawn, gone.stored))


def _not_landed(load: LoadContext, others: Iterable[Checked]) -> Iterator[TableLanding]:
    """Rows of tables that do not land. Rows set aside are listed where an agreement needs the table."""
    for found in others:
        apart = load.staged.quarantined.get(found.table, 0)
        rows = load.number(f"SELECT count(*) FROM {found.relation}") + _repeated(load, found.table)
        aside = set_aside_rows(load, found) if found.table in load.needs else ListedProblems()
        counts = Counts(read=rows + apart, quarantined=aside.count + apart, not_covered=rows - aside.count)
        yield TableLanding(found.table, counts, problems=aside.selects)


def _without_table(load: LoadContext, landed: Collection[str]) -> Iterator[TableLanding]:
    """Records that never became rows of a table."""
    staged = load.staged
    for kind, number in staged.quarantined.items():
        if kind not in staged.tables:
            yield TableLanding(kind, Counts(read=number, quarantined=number))
    for table, number in staged.withheld.items():
        if table not in landed:  # otherwise counted with the rows that landed
            scope = {"out_of_scope" if table in load.needs else "not_covered": number}
            yield TableLanding(table, Counts(read=number, **scope))
    for kind, number in staged.unread.items():
        yield TableLanding(kind, Counts(read=number, not_read=number))


def _repeated(load: LoadContext, table: str, of: str | None = None) -> int:
    """How many repeated rows were left out; `of`: only those that repeat a row of that relation."""
    if table not in load.staged.repeated:
        return 0
    rows = f"SELECT count(*) FROM read_parquet({sql_text(str(load.staged.repeated[table]))})"
    return load.number(f"{rows} WHERE (_file, _row) IN (SELECT (_file, _row) FROM {of})" if of else rows)


def _new_keys(load: LoadContext, rows: Sequence[FinishedRows]) -> Iterator[FinishedRows]:
    """The new keys of the persons whose rows landed; other new keys are not stored."""
    landed: dict[str, list[str]] = {PERSON: [], GUARDIAN: []}
    for number, finished in enumerate(rows):
        if finished.table.endswith(HISTORY):
            continue
        name = f"finished_{number}"
        load.engine.register(name, finished.arrow if finished.arrow is not None else [finished.path])
        if TABLES[finished.table].of_person:
            landed[PERSON].append(f"SELECT person_record FROM {name}")
        if finished.table == "guardian":
            landed[GUARDIAN].append(f"SELECT guardian_person_id FROM {name}")
    for kind, selects in landed.items():
        keys = new_keys(load.engine, kind, selects)
        if keys.num_rows:
            yield FinishedRows("record_key", 0, arrow=keys)
