"""Staged rows become rows of the store: judged, compared with what is there, sorted, counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from throughway.intake.cell_checks import Checked
from throughway.intake.change_detection import compare
from throughway.intake.contract import TableNeed
from throughway.intake.landing_work import FinishedRows, LandingWork
from throughway.intake.load_report import Counts, total
from throughway.intake.quarantine import aside_problems, cell_problems, undecided_problems, unjudged_problems
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope import (
    judged_view,
    population_tables,
    population_view,
    possible_view,
    register_consents,
    undecided,
)
from throughway.intake.stated_year import check_stated_year, of_stated_year
from throughway.intake.typed_rows import GUARDIAN, PERSON, distinct_keys, new_keys, number_keys, typed_view
from throughway.store.schemas import HISTORY
from throughway.vocabulary import TABLES

Progress = Callable[[str, float], None]


def prepare(work: LandingWork, found: Mapping[str, Checked]) -> dict[str, Checked]:
    """The staged tables of which the agreements need something that the file has."""
    return {
        table: of_stated_year(work, without_needless_faults(rows, work.needs[table]))
        for table, rows in found.items()
        if wanted(rows, work.needs.get(table))
    }


def without_needless_faults(found: Checked, need: TableNeed) -> Checked:
    """The same rows, of which a bad cell that no agreement needs sets none aside, though the crosswalk requires it."""
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


def wanted(found: Checked, need: TableNeed | None) -> bool:
    """Whether the file has an element of the table that is needed; without one its rows say nothing that may be said."""
    return need is not None and any(name in need.columns for name in found.mapped)


def land_all(work: LandingWork, tables: dict[str, Checked], *, progress: Progress) -> None:
    """Lands every table into `work`: nothing of it is in the store yet. Refused before that when the year is not so."""
    check_stated_year(work)
    _number(work, tables.values())
    for found in tables.values():
        typed_view(work, found)
    register_consents(work)
    judged = _in_order(work, tables)
    for done, table in enumerate(judged):
        progress(f"checking {table}", done / len(judged))
        _land(work, tables[table])
    _land_keys(work, [PERSON, GUARDIAN])


def count_others(work: LandingWork, found: Iterable[Checked]) -> None:
    """Counts what does not land whatever it says: `found`, the staged tables of which no agreement needs what the file has or
    of which no row could be read, and records that never became rows of a table."""
    staged = work.staged
    counted = [(table, counts) for table, counts in work.counts.items()]
    for rows in found:
        counted.append((rows.table, _not_landed(work, rows)))
    for kind, number in staged.quarantined.items():
        if kind not in staged.tables:
            counted.append((kind, Counts(read=number, quarantined=number)))
    for table, number in staged.withheld.items():
        if table in work.counts:
            continue  # counted with the rows that landed
        if table in work.needs:
            counted.append((table, Counts(read=number, out_of_scope=number)))
        else:
            counted.append((table, Counts(read=number, not_covered=number)))
    for kind, number in staged.unread.items():
        counted.append((kind, Counts(read=number, not_read=number)))
    names = dict.fromkeys(name for name, _ in counted)
    work.counts = {name: total(counts for of, counts in counted if of == name) for name in names}


def _not_landed(work: LandingWork, found: Checked) -> Counts:
    """Rows of a table that does not land; those set aside are told where an agreement needs the table, since the file was
    meant to bring it."""
    apart = _set_aside_unstaged(work, found.table)
    rows = work.number(f"SELECT count(*) FROM {found.relation}") + _repeated(work, found.table)
    aside = aside_problems(work, found) if found.table in work.needs else 0
    return Counts(read=rows + apart, quarantined=aside + apart, not_covered=rows - aside)


def _set_aside_unstaged(work: LandingWork, table: str) -> int:
    """Rows that the reader set aside without staging them."""
    return work.staged.quarantined.get(table, 0) if table not in work.staged.faults else 0


def _repeated(work: LandingWork, table: str, of: str | None = None) -> int:
    """How many rows were left out, since another stands for them; `of`: those alone for which a row of that relation stands."""
    if table not in work.staged.repeated:
        return 0
    rows = f"SELECT count(*) FROM read_parquet({sql_text(str(work.staged.repeated[table]))})"
    return work.number(f"{rows} WHERE (_file, _row) IN (SELECT (_file, _row) FROM {of})" if of else rows)


def _number(work: LandingWork, tables: Iterable[Checked]) -> None:
    known = work.stored.sealed("record_key")
    for kind in (PERSON, GUARDIAN):
        keys = [sql for found in tables if (sql := distinct_keys(found, kind)) is not None]
        number_keys(work.engine, kind=kind, keys=keys, known=known, reserve=work.reserve)


def _in_order(work: LandingWork, tables: dict[str, Checked]) -> list[str]:
    """Tables that populations read come first, so that others are judged by what this load brings of them too."""
    populations = population_tables(work.needs)
    for table in populations:
        incoming = f"typed_{table}" if table in tables else None
        population_view(work, table, incoming, of=incoming)
    first = [table for table in populations if table in tables]
    for table in first:
        judged_view(work, tables[table], work.needs[table])
    for table in populations:
        possible_view(work, table)
    open_ = {table: _undecided(work, tables[table]) for table in first}
    for table in first:
        population_view(work, table, f"land_{table}", of=f"typed_{table}")
        possible_view(work, table, open_[table])
    return [*first, *(table for table in tables if table not in first)]


def _land(work: LandingWork, found: Checked) -> None:
    table, need = found.table, work.needs[found.table]
    if table not in population_tables(work.needs):
        judged_view(work, found, need)
        _undecided(work, found)
    typed = work.number(f"SELECT count(*) FROM typed_{table}")
    in_scope = work.number(f"SELECT count(*) FROM land_{table}")
    cannot_tell = (
        work.number(f"SELECT count(*) FROM {work.undecided[table]}") if table in work.undecided else 0
    )
    aside = aside_problems(work, found)
    emptied = cell_problems(work, found, need)
    compared = compare(work, found, need, out_of_scope=typed - in_scope)
    withheld = work.staged.withheld.get(table, 0)
    work.cells_emptied += emptied
    quarantined = _set_aside_unstaged(work, table)
    again = _repeated(work, table)
    again_here = _repeated(work, table, of=f"land_{table}")
    again_unknown = _repeated(work, table, of=work.undecided[table]) if cannot_tell else 0
    again_unknown = min(again_unknown, again - again_here)  # a record may have rows of both kinds
    work.counts[table] = Counts(
        read=typed + aside + quarantined + withheld + again,
        landed=compared.landed,
        changed=compared.changed,
        quarantined=aside + quarantined + compared.conflicting,
        unchanged=compared.unchanged + again_here,
        out_of_scope=typed - in_scope - cannot_tell + withheld + again - again_here - again_unknown,
        cannot_tell=cannot_tell + again_unknown,
    )
    if typed > in_scope + cannot_tell and TABLES[table].of_person:
        unjudged_problems(work, found)
    work.rows += compared.rows
    work.replaced |= compared.replaced


def _undecided(work: LandingWork, found: Checked) -> str | None:
    """Lists the rows of a judged table whose scope cannot be judged; gives them as a relation, None where every
    row is in scope."""
    table = found.table
    if not work.number(f"SELECT (SELECT count(*) FROM typed_{table}) - (SELECT count(*) FROM land_{table})"):
        return None
    rows = undecided(work, found, work.needs[table])
    work.undecided[table] = rows
    if work.number(f"SELECT count(*) FROM {rows}"):
        undecided_problems(work, found, rows)
    return rows


def _land_keys(work: LandingWork, kinds: Sequence[str]) -> None:
    """The new keys of those whose rows landed; a key of nobody who is stored is not stored."""
    landed: dict[str, list[str]] = {kind: [] for kind in kinds}
    for number, rows in enumerate(work.rows):
        if rows.table.endswith(HISTORY):
            continue
        name = f"finished_{number}"
        work.engine.register(name, rows.arrow if rows.arrow is not None else [rows.path])
        if TABLES[rows.table].of_person:
            landed[PERSON].append(f"SELECT person_record FROM {name}")
        if rows.table == "guardian":
            landed[GUARDIAN].append(f"SELECT guardian_person_id FROM {name}")
    for kind in kinds:
        keys = new_keys(work.engine, kind, landed[kind])
        if keys.num_rows:
            work.rows.append(FinishedRows("record_key", 0, arrow=keys))
