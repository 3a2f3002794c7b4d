"""Converts checked text to typed rows: keys of persons become record numbers, and an unreadable cell keeps the stored value."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from throughway.intake.cell_checks import Checked, typed_columns
from throughway.intake.load_context import LoadContext
from throughway.intake.raw_cells import sql_text
from throughway.intake.scope import stored_rows
from throughway.intake.value_parsing import ending_year_of
from throughway.store import schemas
from throughway.store.engine import Engine
from throughway.vocabulary import TABLES

PERSON, GUARDIAN = "person", "guardian"


def number_keys(
    engine: Engine, *, kind: str, keys: Sequence[str], known: pa.Table, reserve: Callable[[int], range]
) -> None:
    """Registers `<kind>_key` (key, record, new): the number of every key that the SELECTs in `keys` return.

    Known keys keep their number; new ones are numbered in random order.
    """
    engine.register(f"{kind}_known", known)
    met = f"SELECT key, record FROM {kind}_known WHERE kind = '{kind}'"
    wanted = " UNION ".join(keys) or "SELECT NULL::VARCHAR WHERE false"
    new = engine.run(f"SELECT key FROM ({wanted}) AS wanted(key) WHERE key NOT IN (SELECT key FROM ({met}))")
    numbers = np.array(reserve(new.num_rows) if new.num_rows else [], dtype=np.int64)
    engine.register(
        f"{kind}_new", new.append_column("record", pa.array(np.random.default_rng().permutation(numbers)))
    )
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {kind}_key AS SELECT key, record, false AS new FROM ({met}) "
        f"UNION ALL SELECT key, record, true FROM {kind}_new"
    )


def record_number(engine: Engine, key: str) -> tuple[int, bool]:
    """The number of a learner's key in this load, and whether it is new."""
    [found] = engine.run(f"SELECT record, new FROM person_key WHERE key = {sql_text(key)}").to_pylist()
    return int(found["record"]), bool(found["new"])


def new_keys(engine: Engine, kind: str, landed: Sequence[str]) -> pa.Table:
    """Rows of `record_key` for the new keys whose numbers the SELECTs in `landed` return, which are now stored."""
    if not landed:
        return schemas.empty("record_key")
    rows = engine.run(
        f"SELECT '{kind}' AS kind, key, record FROM {kind}_key WHERE new AND record IN ({' UNION '.join(landed)})"
    )
    return rows.cast(schemas.schema("record_key"))


def keeping_stored(load: LoadContext, found: Checked, rows: str) -> str:
    """The SELECT of typed rows, with the stored value in place of each cell that cannot be read.

    Scope and school year are then judged by what is known of the row, and the comparison finds nothing changed there.
    """
    table = found.table
    if not load.files(table):
        return rows
    unreadable = _unreadable(load, found, rows)
    if not unreadable:
        return rows
    names = ", ".join(unreadable)
    any_of_them = " OR ".join(dict.fromkeys(unreadable.values()))
    stored = load.write(
        f"kept-{table}",
        f"SELECT record, {names} FROM {stored_rows(load, table)} WHERE record IN"
        f" (SELECT record FROM ({rows}) AS incoming WHERE {any_of_them})",
    )
    kept = ", ".join(
        f"CASE WHEN {condition} AND kept.record IS NOT NULL THEN kept.{name} ELSE incoming.{name} END AS {name}"
        for name, condition in unreadable.items()
    )
    return (
        f"SELECT incoming.* REPLACE ({kept}) FROM ({rows}) AS incoming"
        f" LEFT JOIN {stored} AS kept ON kept.record = incoming.record"
    )


def _unreadable(load: LoadContext, found: Checked, rows: str) -> Mapping[str, str]:
    """By stored column, the SQL condition that its cell cannot be read; columns without unreadable cells are left out. The source of a
    code is treated as its code is."""
    met = load.number(f"SELECT bit_or(_faults) FROM ({rows})")
    conditions: dict[str, list[str]] = {}
    for bit, fault in enumerate(found.faults):
        if fault.element and fault.kind != "missing" and met & 1 << bit:
            conditions.setdefault(fault.element, []).append(f"(incoming._faults & {1 << bit}) <> 0")
    landed = dict(TABLES[found.table].landed)
    return {
        column: f"(incoming.{name} IS NULL AND ({' OR '.join(whens)}))"
        for name, whens in conditions.items()
        for column in (name, f"{name}_source")
        if column in landed
    }


# A row's own key: 62 bits, so that it is positive in any signed integer.
KEY_BITS = 2**62 - 1
FIRST_DAY = "DATE '1000-01-01'"  # the first one that can be read as a date


def distinct_keys(found: Checked, kind: str) -> str | None:
    """SELECT of the keys of persons, or of guardians, that the rows of a table name; None when it names none."""
    if kind == "person":
        named = TABLES[found.table].of_person
        return f"SELECT DISTINCT _person FROM {found.relation} WHERE NOT _aside" if named else None
    if "guardian_person_id" not in found.filled:
        return None
    return (
        f"SELECT DISTINCT guardian_person_id FROM {found.relation}"
        " WHERE NOT _aside AND guardian_person_id IS NOT NULL"
    )


def typed_rows(load: LoadContext, found: Checked) -> str:
    """The rows that are not set aside, as a relation: all stored columns, then `_file`, `_row`, `_faults`, `_column`, `_year`."""
    table = TABLES[found.table]
    values = dict(typed_columns(found, load.partner))
    joins = ""
    if table.of_person:
        values["person_record"] = "person_key.record"
        joins += " JOIN person_key ON person_key.key = staged._person"
    if "guardian_person_id" in found.filled:
        joins += " LEFT JOIN guardian_key AS guardian ON guardian.key = staged.guardian_person_id"
    values["record"] = _record(found, load.partner)
    if table.vaulted:
        values["source_record_id"] = "concat_ws('|', _person, nullif(CAST(_key AS VARCHAR), ''))"
    values |= of_the_batch(load)
    columns = ", ".join(f"{values[name]} AS {name}" for name, _ in table.landed)
    column = ", _column" if found.with_column else ", NULL::VARCHAR AS _column"
    rows = f"SELECT {columns}, _file, _row, _faults{column} FROM {found.relation} AS staged{joins} WHERE NOT _aside"
    name = f"typed_{found.table}"
    load.engine.run(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT *, {_year(found.table, load)} AS _year FROM"
        f" ({keeping_stored(load, found, rows)})"
    )
    return name


def of_the_batch(load: LoadContext) -> Mapping[str, str]:
    """Columns that have one value in the whole batch, in SQL."""
    return {
        "source_system": sql_text(load.staged.source_system),
        "batch_id": sql_text(load.batch),
        "recorded_at": f"TIMESTAMP {sql_text(load.moment.strftime('%Y-%m-%d %H:%M:%S.%f'))}",
    }


def _record(found: Checked, partner: str) -> str:
    """A row's own key in 62 bits. Where the day identifies a person's row, the key is person (40 bits) and day (22 bits),
    which is many times cheaper over millions of days of attendance than a digest."""
    if found.table == "person":
        return "person_key.record"
    if TABLES[found.table].of_person and found.keyed_by_day:
        return f"person_key.record * {2**22} + (_key - {FIRST_DAY})"
    return hashed_record("person_key.record" if TABLES[found.table].of_person else sql_text(partner), "_key")


def hashed_record(whose: str, key: str) -> str:
    """The number of a row from the number of its person, or its partner's id, and its key; all in SQL."""
    return f"CAST(md5_number_lower({whose} || '|' || {key}) & {KEY_BITS} AS BIGINT)"


def _first(names: tuple[str, ...]) -> str:
    return f"coalesce({', '.join(names)})" if names else "CAST(NULL AS DATE)"


def _year(table: str, load: LoadContext) -> str:
    """The ending year of the school year whose file has the row; tables of the vault are not split by year."""
    known = TABLES[table]
    if known.vaulted:
        return "0"
    otherwise = load.school_year or load.staged.school_year or 0
    if not known.starts:
        return str(otherwise)
    day = f"coalesce({_first(known.starts)}, {_first(known.ends)})"
    return f"coalesce({ending_year_of(day)}, {otherwise})"
