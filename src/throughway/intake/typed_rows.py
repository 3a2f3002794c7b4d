"""Checked text as typed rows with the numbers of their persons: the view `typed_<table>`, before scope is judged."""

from collections.abc import Mapping

from throughway.intake.cell_checks import Checked, typed_columns
from throughway.intake.kept_values import keeping_stored
from throughway.intake.landing_work import LandingWork
from throughway.intake.raw_cells import sql_text
from throughway.intake.stated_year import ending_year_of
from throughway.vocabulary import TABLES

# A row's own key: 62 bits, so that it is positive in any signed integer.
KEY_BITS = 2**62 - 1
FIRST_DAY = "DATE '1000-01-01'"  # the first that is read as one


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


def typed_view(work: LandingWork, found: Checked) -> str:
    """Makes the view and gives its name: all landed columns, then `_file`, `_row`, `_faults`, `_person`, `_key`, `_year`."""
    table = TABLES[found.table]
    values = dict(typed_columns(found, work.partner))
    joins = ""
    if table.of_person:
        values["person_record"] = "person_key.record"
        joins += " JOIN person_key ON person_key.key = staged._person"
    if "guardian_person_id" in found.filled:
        joins += " LEFT JOIN guardian_key AS guardian ON guardian.key = staged.guardian_person_id"
    values["record"] = _record(found, work.partner)
    if table.vaulted:
        values["source_record_id"] = "concat_ws('|', _person, nullif(CAST(_key AS VARCHAR), ''))"
    values |= of_the_batch(work)
    columns = ", ".join(f"{values[name]} AS {name}" for name, _ in table.landed)
    column = ", _column" if found.with_column else ", NULL::VARCHAR AS _column"
    unreadable = ", _unreadable" if found.with_unreadable else ""
    rows = f"SELECT {columns}, _file, _row, _faults{column}{unreadable} FROM {found.relation} AS staged{joins} WHERE NOT _aside"
    name = f"typed_{found.table}"
    work.engine.run(
        f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT *, {_year(found.table, work)} AS _year FROM"
        f" ({keeping_stored(work, found, rows)})"
    )
    return name


def of_the_batch(work: LandingWork) -> Mapping[str, str]:
    """Columns that say the same of every row of the batch, in SQL."""
    return {
        "source_system": sql_text(work.staged.source_system),
        "batch_id": sql_text(work.batch),
        "recorded_at": f"TIMESTAMP {sql_text(work.moment.strftime('%Y-%m-%d %H:%M:%S.%f'))}",
    }


def _record(found: Checked, partner: str) -> str:
    """A row's own key in 62 bits. Where a day alone tells a person's rows apart, person and day are put side by side (40
    and 22 bits), which is many times cheaper over millions of days of attendance than a digest."""
    if found.table == "person":
        return "person_key.record"
    if TABLES[found.table].of_person and found.keyed_by_day:
        return f"person_key.record * {2**22} + (_key - {FIRST_DAY})"
    whose = "person_key.record" if TABLES[found.table].of_person else sql_text(partner)
    return f"CAST(md5_number_lower({whose} || '|' || _key) & {KEY_BITS} AS BIGINT)"


def _first(names: tuple[str, ...]) -> str:
    return f"coalesce({', '.join(names)})" if names else "CAST(NULL AS DATE)"


def _year(table: str, work: LandingWork) -> str:
    """The school year, by its ending year, in whose file a row rests; tables of the vault are not split by year."""
    known = TABLES[table]
    if known.vaulted:
        return "0"
    otherwise = work.school_year or work.staged.school_year or 0
    if not known.starts:
        return str(otherwise)
    day = f"coalesce({_first(known.starts)}, {_first(known.ends)})"
    return f"coalesce({ending_year_of(day)}, {otherwise})"
