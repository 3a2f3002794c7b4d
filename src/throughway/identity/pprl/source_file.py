"""A partner's own file, read as `load` reads it, with intake's formats, crosswalks and checks, but without a community.

Only the columns that keys are made of are read. Names that must be on disk for a time are in the folder `into`. Unreadable content is
reported in a sentence for each kind of fault, with its place and its cure, never a value.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.core.refusals import Refused
from throughway.identity.linkage.data_warnings import FEWEST, MOST_WRONG, data_warnings
from throughway.identity.linkage.standardization import GRANTED, connection, prepare
from throughway.intake.cell_checks import Checked, checked
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.formats import BY_CROSSWALK, reader_of
from throughway.intake.raw_cells import load_engine, sql_text
from throughway.intake.staging import Scope, StagedTables
from throughway.intake.value_parsing import listed

COLUMNS = (
    "first", "forms", "middle", "surnames", "surname", "initial", "head", "birthdate", "sex", "streets", "phones", "emails",
    "wide",
)  # fmt: skip
AT_ONCE = 10_000
# Keys describe the student, so guardians, schools and programs are not part of them.
COMPARED = {
    table: columns
    for table, columns in GRANTED.items()
    if table not in ("guardian", "school_enrollment", "program_participation")
}


@dataclass(frozen=True)
class StandardizedRecord:
    """One record in the columns of `standardization`. `key`: the partner's own."""

    key: str
    first: str | None
    forms: list[str]
    middle: str | None
    surnames: list[str]
    surname: str | None
    initial: str | None
    head: str | None
    birthdate: date | None
    sex: str | None
    streets: list[str]
    phones: list[str]
    emails: list[str]
    wide: list[str]

    @property
    def is_enough(self) -> bool:
        """Whether it has two of first name, surname and birth date: a key of one field could be guessed from its frequency."""
        return (self.first is not None) + bool(self.surnames) + (self.birthdate is not None) >= 2


@dataclass(frozen=True)
class SourceTables:
    """`keys`: the record keys. `tables`: those that `standardization` reads; their `person_record` is a place in `keys`."""

    keys: list[str]
    tables: Mapping[str, pa.Table]

    def people(self) -> Iterator[StandardizedRecord]:
        """Each record once, in the order of `keys`. Raises RuntimeError without the engine's message, which may hold a name."""
        try:
            with connection() as engine:
                prepare(engine, self.tables)
                found = engine.execute(
                    f"select person_record, {', '.join(COLUMNS)} from comparable order by person_record"
                )
                while rows := found.fetchmany(AT_ONCE):
                    for number, *values in rows:
                        yield StandardizedRecord(self.keys[number], *values)
        except Refused:
            raise
        except Exception as error:
            raise RuntimeError(f"the records could not be read ({type(error).__name__})") from None


@dataclass(frozen=True)
class SourceRecords:
    """`table`: the records, in random order. `set_aside`: rows of persons that cannot be read. `ignored`: columns that nothing maps.
    `noticed`: what is odd, a sentence each, without a person's values."""

    table: SourceTables
    set_aside: int
    ignored: tuple[str, ...]
    noticed: tuple[str, ...]


def read(path: Path, *, into: Path, format: str, crosswalk: Crosswalk | None, key: str) -> SourceRecords:
    """Reads a file, zip or folder. Without a crosswalk, a CSV file or workbook has the vocabulary's column names, and `key` names its
    column of record keys. Rows with one record key are one record. Refused where its keys would be useless."""
    if not path.exists():
        raise Refused(f"No file or folder {path.name} exists there; check the path.", code="no_file")
    mapping = crosswalk
    if format in BY_CROSSWALK:
        mapping = _needed_part(crosswalk) if crosswalk else _vocabulary_crosswalk(key)
    try:
        staged = reader_of(format)(path, into=into, partner="", crosswalk=mapping, school_year=None)
    except Refused as refusal:
        if crosswalk is None and refusal.code == "missing_column":
            raise _refused(
                path,
                f"it has no column {key}; say with --key which column holds the record keys, or give a crosswalk with --crosswalk",
            ) from None
        raise
    with load_engine(into) as engine:
        found = {table: checked(engine, staged, table) for table in COMPARED if table in staged.tables}
        if "person" not in found:
            raise _refused(path, "it has no persons")
        faults = reading_faults(engine.run, staged, found.values())
        rows = {table: _rows(engine.run, one) for table, one in found.items()}
        set_aside = _set_aside(engine.run, staged, found["person"])
    table = _table(path.name, rows)
    _check_useful(path, table, faults, set_aside, mapped=crosswalk is not None)
    warnings = (*map(str, faults), *data_warnings(table.tables))
    return SourceRecords(table, set_aside, _ignored(staged, crosswalk), warnings)


def identifying_keys(crosswalk: Crosswalk | None, key: str) -> list[str]:
    """The columns of the record keys that identify a person by themselves, such as a name or an address."""
    tables = (crosswalk or _vocabulary_crosswalk(key)).tables
    identifying = {
        source
        for table in ("person", "person_contact")
        if table in tables
        for element, column in tables[table].columns.items()
        if element in COMPARED[table]
        for source in column.sources
    }
    return [column for column in tables["person"].key if column in identifying] if "person" in tables else []


def _vocabulary_crosswalk(key: str) -> Crosswalk:
    """The crosswalk of a file with the vocabulary's column names; any column but the key may be absent."""
    tables = {
        table: {
            "key": [key],
            **({} if table == "person" else {"person": key}),
            "columns": {name: {"from": name, "otherwise": None} for name in columns},
        }
        for table, columns in COMPARED.items()
    }
    return Crosswalk.model_validate({"throughway": "crosswalk/1", "tables": tables})


def _needed_part(crosswalk: Crosswalk) -> Crosswalk:
    """The part of the crosswalk that keys are made of, so that nothing else in the file is read or causes a refusal."""
    tables = {}
    for name, mapped in crosswalk.tables.items():
        if name in COMPARED:
            needed = {
                element: column for element, column in mapped.columns.items() if element in COMPARED[name]
            }
            tables[name] = mapped.model_copy(update={"columns": needed})
    if "person" not in tables:
        raise Refused(
            "The crosswalk fills no table person, of which keys are made; map first_name, last_or_surname and birthdate there.",
            code="crosswalk",
        )
    return crosswalk.model_copy(update={"tables": tables})


def _ignored(staged: StagedTables, crosswalk: Crosswalk | None) -> tuple[str, ...]:
    """Columns that nothing maps; not those that the crosswalk maps to something that keys are not made of."""
    if crosswalk is None:
        return tuple(staged.unmapped)
    mapped = {*crosswalk.ignore, *(s for table in crosswalk.tables.values() for s in table.sources())}
    melted = [re.compile(table.melt.columns) for table in crosswalk.tables.values() if table.melt]
    return tuple(
        name for name in staged.unmapped if name not in mapped and not any(m.search(name) for m in melted)
    )


RunSql = Callable[[str], pa.Table]


def _rows(run: RunSql, found: Checked) -> pa.Table:
    """The person's key and what keys are made of, as text, of the readable rows; empty columns are left out."""
    columns = [f"CAST({name} AS VARCHAR) AS {name}" for name in COMPARED[found.table] if name in found.filled]
    rows = run(
        f"SELECT {', '.join(['_person', *columns])} FROM {found.relation} WHERE NOT _aside AND coalesce(_person, '') <> ''"
    )
    return rows.select(
        [name for name in rows.column_names if rows[name].null_count < len(rows) or name == "_person"]
    )


def _set_aside(run: RunSql, staged: StagedTables, found: Checked) -> int:
    counted = run(f"SELECT count(*) FROM {found.relation} WHERE _aside").column(0)[0].as_py()
    return int(counted) + staged.quarantined.get("person", 0)


def _table(name: str, rows: Mapping[str, pa.Table]) -> SourceTables:
    """The rows under random numbers, since the order of the file may be that of names."""
    keys = pc.unique(rows["person"]["_person"])
    keys = keys.take(np.random.default_rng(secrets.randbits(128)).permutation(len(keys)))
    made = {}
    for table, found in rows.items():
        number = pc.index_in(found["_person"].combine_chunks(), keys)
        numbered = found.drop_columns(["_person"])
        numbered = numbered.add_column(0, "person_record", number.cast(pa.int64()))
        numbered = numbered.append_column("partner", pa.array([name] * len(numbered), pa.string()))
        made[table] = numbered.filter(pc.is_valid(numbered["person_record"]))
    return SourceTables(keys.to_pylist(), made)


NAMED = 3  # the most rows that a sentence names
CONSEQUENCE = {"row": "set aside", "cell": "left empty"}


@dataclass(frozen=True)
class ReadingFault:
    """One kind of fault in one column of one file. `element`: "" where the whole row is at fault."""

    file: str
    column: str
    element: str
    scope: Scope
    problem: str
    cure: str
    count: int
    rows: tuple[int, ...]

    def __str__(self) -> str:
        text = f"{self.file}, {self.column}" if self.column else self.file
        if self.scope in CONSEQUENCE:
            many = f"{self.count:,} {self.scope}{'' if self.count == 1 else 's'}"
            rows = ", ".join([f"{row:,}" for row in self.rows] + ["…"] * (self.count > len(self.rows)))
            text += f": {many} {CONSEQUENCE[self.scope]} (row{'' if self.count == 1 else 's'} {rows})"
        return f"{text}: {self.problem}; {self.cure}."


def reading_faults(run: RunSql, staged: StagedTables, found: Iterable[Checked]) -> tuple[ReadingFault, ...]:
    """The faults that the reader and the checks found in these tables, first those of whole rows."""
    counted = run(
        f'SELECT file, "column", scope, problem, cure, count(*), min("row", {NAMED})'
        f" FROM read_parquet({sql_text(str(staged.problems))})"
        f" WHERE split_part(element, '.', 1) IN {listed(['', *COMPARED])} GROUP BY ALL"
    )
    faults = [
        ReadingFault(file, column, "", scope, problem, cure, count, tuple(rows or ()))
        for file, column, scope, problem, cure, count, rows in zip(*counted.to_pydict().values(), strict=True)
    ]
    for table in found:
        for bit, fault in enumerate(table.faults):
            counted = run(
                f"SELECT _file, count(*), min(_row, {NAMED}) FROM {table.relation} WHERE (_faults & {1 << bit}) <> 0 GROUP BY _file"
            )
            for file, count, rows in zip(*counted.to_pydict().values(), strict=True):
                where = (file, fault.column, fault.element, fault.scope)
                faults.append(ReadingFault(*where, fault.problem, fault.cure, count, tuple(rows)))
    once = {(one.file, one.column, one.problem): one for one in reversed(faults)}
    return tuple(sorted(once.values(), key=lambda one: (one.scope != "row", one.file, one.rows, one.column)))


def _check_useful(
    path: Path, table: SourceTables, faults: tuple[ReadingFault, ...], set_aside: int, *, mapped: bool
) -> None:
    """Refuses a file without a readable record, or with columns that do not match their headings: its keys would match nobody."""
    person, records = table.tables["person"], len(table.keys)
    if not records and set_aside:
        first = str(faults[0]).rstrip(".") if faults else "no key"
        raise _refused(path, f"none of its {set_aside:,} rows can be read ({first})")
    if records and not {"first_name", "last_or_surname", "birthdate"} & set(person.column_names):
        how = (
            "map them in the crosswalk"
            if mapped
            else "name its columns so, or say with --crosswalk what they mean"
        )
        raise _refused(path, f"it fills none of first_name, last_or_surname and birthdate; {how}")
    if records < FEWEST:
        return
    names = (("first_name", "first names"), ("last_or_surname", "surnames"))
    if wrong := [label for name, label in names if _share_with_digits(person, name) > MOST_WRONG]:
        compared = "the crosswalk" if mapped else "the headings"
        raise _refused(
            path,
            f"its {' and '.join(wrong)} contain digits, so its columns may be shifted; compare {compared} with the rows",
        )
    dates = person["birthdate"].drop_null() if "birthdate" in person.column_names else ()
    for one in faults:
        if one.element == "birthdate" and one.count > MOST_WRONG * (one.count + len(dates)):
            raise _refused(path, f"most of its birth dates cannot be read ({str(one).rstrip('.')})")


def _share_with_digits(person: pa.Table, name: str) -> float:
    """The share of the names with a digit."""
    if name not in person.column_names:
        return 0.0
    return float(pc.mean(pc.match_substring_regex(person[name], "[0-9]").cast(pa.int8())).as_py() or 0)


def _refused(path: Path, why: str) -> Refused:
    return Refused(f"{path.name} cannot be encoded: {why}.", code="cannot_encode")
