"""Possible faults of a row, and checks of staged rows: every cell a value of its element's type, every fault a bit of `_faults`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from throughway.intake.crosswalk import ColumnMap, Melt, TableMap
from throughway.intake.raw_cells import sql_text
from throughway.intake.staging import RowFault, Scope, StagedTables, staged_columns
from throughway.intake.value_parsing import NO_YEAR, is_school_year, reads_moments, typed_sql
from throughway.store.engine import Engine
from throughway.vocabulary import COMMON, TABLES, Element, code_set


def element_of(table: str, name: str) -> Element:
    return TABLES[table].elements.get(name) or COMMON[name]


def key_fault(column: str, what: str) -> RowFault:
    return RowFault(
        "", column, f"{what} is missing", f"fill {column or 'it'} in the source", "row", "missing"
    )


def note_fault(column: str) -> RowFault:
    return RowFault(
        "",
        column,
        "a line of totals or a note, not a student",
        "nothing is lost; leave such lines out of the export",
        "row",
        "note",
    )


def heading_fault(melt: Melt, element: str, scope: Scope) -> RowFault:
    """The fault of an unpivoted heading that is not a date; each row names its heading in `_column`."""
    return RowFault(
        element,
        "",
        f"the heading is not a date in {' or '.join(melt.date or ())}",
        "correct the heading, or the crosswalk's melt",
        scope,
    )


def element_faults(table: str, name: str, column: ColumnMap, melt: Melt | None) -> Sequence[RowFault]:
    """Possible faults of one element's cell: unreadable, and, where it is required, missing."""
    source = "" if melt and column.from_ == melt.value else " + ".join(column.sources)
    scope: Scope = "row" if column.required else "cell"
    if melt and melt.date and column.from_ == melt.name:
        return [heading_fault(melt, name, scope)]
    faults = [RowFault(name, source, *_unreadable(element_of(table, name), column), scope)]
    if column.required:
        faults.append(
            RowFault(
                name,
                source,
                f"{name} is required and missing",
                "fill the cell in the source",
                "row",
                "missing",
            )
        )
    return faults


def _unreadable(element: Element, column: ColumnMap) -> tuple[str, str]:
    if column.map is not None:
        return "the code is missing from the crosswalk's map", f"add the code to the map of {element.path}"
    if column.part:
        return NO_NAME_IN_ORDER if column.last_words else NO_NAME
    if column.date:
        problem = f"not a date in {' or '.join(column.date)}"
        cure = f"correct the date, or add its format to {element.path} in the crosswalk"
        if any(map(reads_moments, column.date)):
            problem += ", or a time in UTC that falls on another day in some time zones"
            cure += "; for times in UTC, state source.time_zone there, such as America/New_York"
        return problem, cure
    if column.sum:
        return "not a number", "write the quantity as a plain number"
    return unreadable(element)


def unreadable(element: Element) -> tuple[str, str]:
    """The problem of a cell without a valid value of the element, and its cure."""
    if name := code_set(element):
        return (
            f"no code of {name}, the list of {element.path}",
            f"map the code in the crosswalk; `throughway vocabulary {name}` lists them",
        )
    return NO_YEAR if is_school_year(element) else UNREADABLE[element.type]


NO_NAME_IN_ORDER = (
    "not a first and a last name without a comma",
    "write it as First Middle Last, or export the names in columns of their own",
)
NO_NAME = (
    "not a name written as Last, First",
    "write it as Last, First Middle, or export the names in columns of their own",
)
UNREADABLE = {
    "date": ("not a date in the form %Y-%m-%d", "correct the date, or state its format in the crosswalk"),
    "datetime": ("no moment in ISO form", "write it as 2024-09-04 13:00:00"),
    "integer": ("not a whole number", "write it as a plain whole number"),
    "decimal": ("not a number", "write it as a plain number"),
    "boolean": ("neither true nor false", "write true or false, or map the codes in the crosswalk"),
    "code": ("not readable", "correct the code"),  # of an extensible list
    "string": ("not readable", "correct the text"),
    "id": ("not readable", "correct the key"),
    "time": ("not readable", "write it as 13:00"),
}


def faults_of(table: str, mapped: TableMap) -> tuple[RowFault, ...]:
    """All possible faults of a row of this table, in the order of their bits."""
    whose = "the key of the person"
    may_be_empty = mapped.may_be_empty(table)

    def of_key(column: str, what: str) -> list[RowFault]:
        if mapped.melt and mapped.melt.date and column == mapped.melt.name:
            return [heading_fault(mapped.melt, "", "row")]
        faults = [] if column in may_be_empty else [key_fault(column, what)]
        if (name := mapped.key_element(column)) is not None:
            problem, cure = _unreadable(element_of(table, name), mapped.columns[name])
            faults.append(RowFault("", column, problem, cure, "row"))
        return faults

    own = whose if table == "person" else "the key of the row"
    keys = [f for c in mapped.key if table == "person" or c not in mapped.person for f in of_key(c, own)]
    persons = [f for c in mapped.person for f in of_key(c, whose)]
    persons += [note_fault(column) for column in mapped.person_key(table)[:1]]
    elements = [
        f for name, column in mapped.columns.items() for f in element_faults(table, name, column, mapped.melt)
    ]
    return (*keys, *persons, *elements)


@dataclass(frozen=True)
class Checked:
    """One staged table. `relation` (after FROM) has `_file`, `_row`, `_person`, `_key`, the `filled` elements as values,
    the source of each code in `sources`, `_faults` and `_aside`."""

    table: str
    relation: str
    filled: tuple[str, ...]  # elements that the file fills
    sources: tuple[str, ...]  # columns `<code>_source` that the file fills
    faults: tuple[RowFault, ...]
    with_column: bool  # whether rows name in `_column` the heading of their fault
    keyed_by_day: bool  # whether `_key` is a day, not a text

    @property
    def mapped(self) -> tuple[str, ...]:
        """Elements except the validity dates, which every table has."""
        return tuple(name for name in self.filled if name in TABLES[self.table].elements)


def checked(engine: Engine, staged: StagedTables, table: str) -> Checked:
    """The staged rows of a table, from any reader."""
    path = staged.tables[table]
    schema = pq.read_schema(path)
    columns = schema.names
    relation = _numbered(path, columns, *staged.one_file.get(table, ("", 1)))
    possible = [name for name in staged_columns(table) if name in columns]
    filled, faults = possible, tuple(staged.faults[table])
    if not staged.typed:
        filled = _filled(engine, path, possible)
        relation, faults = _with_faults(table, relation, filled, faults)
    relation, faults = _with_impossible_days(table, relation, filled, faults)
    elements = tuple(
        name for name in filled if not name.endswith("_source") or name in TABLES[table].elements
    )
    sources = tuple(name for name in filled if name not in elements)
    keyed_by_day = pa.types.is_date(schema.field("_key").type)
    return Checked(
        table,
        f"({relation})",
        elements,
        sources,
        faults,
        "_column" in columns,
        keyed_by_day,
    )


def _numbered(path: Path, columns: Sequence[str], file: str, first_row: int) -> str:
    name = "" if "_file" in columns else f", {sql_text(file)} AS _file"
    if "_row" in columns:
        return f"SELECT *{name} FROM read_parquet({sql_text(str(path))})"
    return (
        f"SELECT * EXCLUDE (file_row_number), file_row_number + {first_row} AS _row{name}"
        f" FROM read_parquet({sql_text(str(path))}, file_row_number = true)"
    )


def _filled(engine: Engine, path: Path, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    counts = engine.run(
        f"SELECT {', '.join(f'count({n})' for n in names)} FROM read_parquet({sql_text(str(path))})"
    )
    return [name for name, column in zip(names, counts.columns, strict=True) if column[0].as_py()]


def _with_faults(
    table: str, relation: str, filled: Sequence[str], of_reader: Sequence[RowFault]
) -> tuple[str, tuple[RowFault, ...]]:
    """The same rows with unreadable cells emptied and marked; those without a person are set aside."""
    faults = [*of_reader]
    bits = ["_faults"]
    aside = "false"
    if TABLES[table].of_person:
        faults.append(key_fault("", "the key of the person"))
        aside = "coalesce(_person, '') = ''"
        bits.append(f"CASE WHEN {aside} THEN {1 << len(faults) - 1}::BIGINT ELSE 0 END")
    typed: dict[str, str] = {}
    for name in filled:
        if name not in TABLES[table].elements and name not in ("valid_from", "valid_to"):
            continue  # a code's source is free text
        element = element_of(table, name)
        value = typed_sql(name, element)
        if value == name:
            continue
        typed[name] = value
        bits.append(
            f"CASE WHEN {name} IS NOT NULL AND ({value}) IS NULL THEN {1 << len(faults)}::BIGINT ELSE 0 END"
        )
        faults.append(RowFault(name, name, *unreadable(element), "cell"))
    replaced = ", ".join(
        f"{value} AS {name}" for name, value in {**typed, "_faults": " + ".join(bits)}.items()
    )
    return f"SELECT * REPLACE ({replaced}), {aside} AS _aside FROM ({relation})", tuple(faults)


# Dates of past events: a future one is a mistake.
HAPPENED = ("birthdate", "attendance_event_date", "incident_date", "assessment_administration_start_date", "service_date",
            "referral_date", "referral_closed_date", "response_date", "search_date")  # fmt: skip
# East of the engine's time zone it may already be tomorrow.
IMPOSSIBLE = [(name, "> current_date + 1", "the date is in the future") for name in HAPPENED]
IMPOSSIBLE.append(("birthdate", "< DATE '1900-01-01'", "the birth date is before 1900"))


def _with_impossible_days(
    table: str, relation: str, filled: Sequence[str], faults: tuple[RowFault, ...]
) -> tuple[str, tuple[RowFault, ...]]:
    """The same rows with impossible dates emptied. A row that depends on its one date is set aside."""
    bits, aside = ["_faults"], ["_aside"]
    emptied: dict[str, list[str]] = {}
    for name, condition, problem in IMPOSSIBLE:
        if name not in filled:
            continue
        wrong = f"TRY_CAST({name} AS DATE) {condition}"
        own_day = TABLES[table].day == name
        heading = next((fault.column for fault in faults if fault.element == name), name)
        bits.append(f"CASE WHEN {wrong} THEN {1 << len(faults)}::BIGINT ELSE 0 END")
        emptied.setdefault(name, []).append(wrong)
        if own_day:
            aside.append(f"coalesce({wrong}, false)")
        scope: Scope = "row" if own_day else "cell"
        faults = (
            *faults,
            RowFault(name, heading, problem, "correct the date in the source", scope, "impossible"),
        )
    if not emptied:
        return relation, faults
    replaced = [
        f"CASE WHEN {' OR '.join(w)} THEN NULL ELSE {name} END AS {name}" for name, w in emptied.items()
    ]
    replaced += [f"{' + '.join(bits)} AS _faults", f"({' OR '.join(aside)}) AS _aside"]
    return f"SELECT * REPLACE ({', '.join(replaced)}) FROM ({relation})", faults


def typed_columns(found: Checked, partner: str) -> Mapping[str, str]:
    """For every landed column that comes from the file, its value in the engine's type; others are NULL."""
    values: dict[str, str] = {}
    for name, kind in TABLES[found.table].landed:
        if name in found.sources:
            values[name] = name
        elif name not in found.filled:
            values[name] = f"CAST(NULL AS {kind})"
        elif name == "guardian_person_id":
            values[name] = "guardian.record"
        elif kind != "VARCHAR":
            values[name] = f"TRY_CAST({name} AS {kind})"
        elif element_of(found.table, name).type == "id":
            values[name] = f"{sql_text(partner + '/')} || {name}"
        else:
            values[name] = name
    return values
