"""A partner's own file, read as `load` reads it, without a community: intake's formats, crosswalks and checks.

Of it only what keys are made of is read. Names that must lie on a disk meanwhile lie in the folder `into`.

What could not be read is said in a sentence for each kind of fault, with its place and its cure, never a value.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from throughway.core.refusals import Refused
from throughway.identity.linkage.data_warnings import FEWEST, MOST_WRONG, notice
from throughway.identity.linkage.standardization import GRANTED, connection, prepare
from throughway.intake.cell_checks import Checked, checked
from throughway.intake.crosswalk import Crosswalk
from throughway.intake.formats import BY_CROSSWALK, reader_of
from throughway.intake.raw_cells import load_engine, sql_text
from throughway.intake.staging import Problem, Scope, StagedTables

COLUMNS = (
    "first", "forms", "middle", "surnames", "surname", "initial", "head", "birthdate", "sex", "streets", "phones", "emails",
    "wide",
)  # fmt: skip
AT_ONCE = 10_000


@dataclass(frozen=True)
class StandardizedRecord:
    """One record, as `standardization` spells it. `key` is the partner's own."""

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
    def tells_enough(self) -> bool:
        """Two of first name, surname and birth date: a key of one field alone would be read off by how often it occurs."""
        return (self.first is not None) + bool(self.surnames) + (self.birthdate is not None) >= 2


@dataclass(frozen=True)
class SourceTables:
    """A file that was read: the record keys, and the tables for `standardization`, whose `person_record` is a place in `keys`."""

    keys: list[str]
    tables: Mapping[str, pa.Table]

    def people(self) -> Iterator[StandardizedRecord]:
        """Each record once, in the order of `keys`."""
        try:
            with connection() as engine:
                prepare(engine, self.tables)
                asked = engine.execute(
                    f"select person_record, {', '.join(COLUMNS)} from comparable order by person_record"
                )
                while rows := asked.fetchmany(AT_ONCE):
                    for number, *said in rows:
                        yield StandardizedRecord(self.keys[number], *said)
        except Refused:
            raise
        except Exception as error:
            # The engine's words may hold a name: they are neither shown nor kept.
            raise RuntimeError(f"the records could not be read ({type(error).__name__})") from None


Ask = Callable[[str], pa.Table]  # SQL → its answer
NAMED = 3  # rows that a sentence names
LEFT = {"row": "set aside", "cell": "left empty"}


@dataclass(frozen=True)
class Unread:
    """One kind of fault in one column of one file. `element` is '' where the whole row is at fault."""

    file: str
    column: str
    element: str
    scope: Scope
    problem: str
    cure: str
    count: int
    rows: tuple[int, ...]

    def __str__(self) -> str:
        said = f"{self.file}, {self.column}" if self.column else self.file
        if self.scope in LEFT:
            many = f"{self.count:,} {self.scope}{'' if self.count == 1 else 's'}"
            rows = ", ".join([f"{row:,}" for row in self.rows] + ["…"] * (self.count > len(self.rows)))
            said += f": {many} {LEFT[self.scope]} (row{'' if self.count == 1 else 's'} {rows})"
        return f"{said}: {self.problem}; {self.cure}."


def unread(ask: Ask, staged: StagedTables, found: Iterable[Checked]) -> tuple[Unread, ...]:
    """What the reader and the checks found, of the tables that are asked for, rows first."""
    told = [*_listed(staged.problems), *(one for path in staged.problem_files for one in _filed(ask, path))]
    for table in found:
        told += _checked(ask, table)
    once = {(one.file, one.column, one.problem): one for one in reversed(told)}
    return tuple(sorted(once.values(), key=lambda one: (one.scope != "row", one.file, one.rows, one.column)))


def _checked(ask: Ask, found: Checked) -> Iterator[Unread]:
    for bit, fault in enumerate(found.faults):
        counted = ask(
            f"SELECT _file, count(*), min(_row, {NAMED}) FROM {found.relation} WHERE (_faults & {1 << bit}) <> 0 GROUP BY _file"
        )
        for file, count, rows in _lines(counted):
            yield Unread(
                file, fault.column, fault.element, fault.scope, fault.problem, fault.cure, count, tuple(rows)
            )


def _filed(ask: Ask, path: Path) -> Iterator[Unread]:
    counted = ask(
        f'SELECT file, "column", scope, problem, cure, count(*), min("row", {NAMED}) FROM read_parquet({sql_text(str(path))})'
        " GROUP BY ALL"
    )
    for file, column, scope, problem, cure, count, rows in _lines(counted):
        yield Unread(file, column, "", scope, problem, cure, count, tuple(rows or ()))


def _listed(problems: Iterable[Problem]) -> Iterator[Unread]:
    rows: dict[tuple[str, str, str, Scope, str, str], list[int]] = {}
    for p in problems:
        rows.setdefault((p.file, p.column, "", p.scope, p.problem, p.cure), []).append(p.row or 0)
    for said, at in rows.items():
        yield Unread(*said, len(at), tuple(sorted(filter(None, at))[:NAMED]))


def _lines(answer: pa.Table) -> Iterator[Any]:
    return zip(*(column.to_pylist() for column in answer.columns), strict=True)


# A key says who the student is: the adults around one, and the school, are no part of it.
COMPARED = {
    table: columns for table, columns in GRANTED.items() if table not in ("guardian", "school_enrollment")
}


@dataclass(frozen=True)
class SourceRecords:
    """`table`: the records, in an order drawn by chance. `set_aside`: rows of persons that cannot be read. `ignored`: columns
    that nothing maps. `noticed`: what is odd, a sentence each, without a person's values."""

    table: SourceTables
    set_aside: int
    ignored: tuple[str, ...]
    noticed: tuple[str, ...]


def read(path: Path, *, into: Path, format: str, crosswalk: Crosswalk | None, key: str) -> SourceRecords:
    """Reads a file, zip or folder. A CSV or workbook without a crosswalk bears the vocabulary's names, and `key` names its
    column of record keys. Rows with one record key are one record. Refused where no keys should be made of it."""
    if not path.exists():
        raise Refused(f"There is no file or folder {path.name}; check the path.", code="no_file")
    named = crosswalk
    if format in BY_CROSSWALK:
        named = _concerning(crosswalk) if crosswalk else _vocabulary(key)
    try:
        staged = reader_of(format)(path, into=into, partner="", crosswalk=named, school_year=None)
    except Refused as refusal:
        if crosswalk is None and refusal.code == "missing_column":
            raise _refused(
                path,
                f"it has no column {key}; say with --key which column holds the record keys, or give a crosswalk with --crosswalk",
            ) from None
        raise
    staged = staged.concerning(lambda element: element.partition(".")[0] in COMPARED)
    with load_engine(into) as engine:
        found = {table: checked(engine, staged, table) for table in COMPARED if table in staged.tables}
        if "person" not in found:
            raise _refused(path, "it holds no persons")
        told = unread(engine.run, staged, found.values())
        rows = {table: _rows(engine.run, one) for table, one in found.items()}
        aside = _set_aside(engine.run, staged, found["person"])
    table = _table(path.name, rows)
    _worth_keys(path, table, told, aside, mapped=crosswalk is not None)
    return SourceRecords(table, aside, _ignored(staged, crosswalk), (*map(str, told), *notice(table.tables)))


def telling(crosswalk: Crosswalk | None, key: str) -> list[str]:
    """The columns of the record keys that say by themselves who somebody is, a name or an address: a file of keys bears record
    keys as they are."""
    tables = (crosswalk or _vocabulary(key)).tables
    said = {
        source
        for table in ("person", "person_contact")
        if table in tables
        for element, column in tables[table].columns.items()
        if element in COMPARED[table]
        for source in column.sources
    }
    return [column for column in tables["person"].key if column in said] if "person" in tables else []


def _vocabulary(key: str) -> Crosswalk:
    """The crosswalk of a file whose columns bear the vocabulary's names; any but the key may be absent."""
    tables = {
        table: {
            "key": [key],
            **({} if table == "person" else {"person": key}),
            "columns": {name: {"from": name, "otherwise": None} for name in columns},
        }
        for table, columns in COMPARED.items()
    }
    return Crosswalk.model_validate({"throughway": "crosswalk/1", "tables": tables})


def _concerning(crosswalk: Crosswalk) -> Crosswalk:
    """The same for what keys are made of alone, so that nothing else of the file is read or can stand in the way."""
    tables = {}
    for name, mapped in crosswalk.tables.items():
        if name in COMPARED:
            held = {
                element: column for element, column in mapped.columns.items() if element in COMPARED[name]
            }
            tables[name] = mapped.model_copy(update={"columns": held})
    if "person" not in tables:
        raise Refused(
            "The crosswalk fills no table person, of which keys are made; map first_name, last_or_surname and birthdate there.",
            code="crosswalk",
        )
    return crosswalk.model_copy(update={"tables": tables})


def _ignored(staged: StagedTables, crosswalk: Crosswalk | None) -> tuple[str, ...]:
    """Columns that nothing maps: not those which the crosswalk maps to something that keys are not made of."""
    if crosswalk is None:
        return tuple(staged.unmapped)
    mapped = {*crosswalk.ignore, *(s for table in crosswalk.tables.values() for s in table.sources())}
    melted = [re.compile(table.melt.columns) for table in crosswalk.tables.values() if table.melt]
    return tuple(
        name for name in staged.unmapped if name not in mapped and not any(m.search(name) for m in melted)
    )


def _rows(ask: Ask, found: Checked) -> pa.Table:
    """The person's key and what keys are made of, as text, of the rows that stand; columns that are empty are left out."""
    held = [f"CAST({name} AS VARCHAR) AS {name}" for name in COMPARED[found.table] if name in found.filled]
    rows = ask(
        f"SELECT {', '.join(['_person', *held])} FROM {found.relation} WHERE NOT _aside AND coalesce(_person, '') <> ''"
    )
    return rows.select(
        [name for name in rows.column_names if rows[name].null_count < len(rows) or name == "_person"]
    )


def _set_aside(ask: Ask, staged: StagedTables, found: Checked) -> int:
    counted = ask(f"SELECT count(*) FROM {found.relation} WHERE _aside").column(0)[0].as_py()
    return int(counted) + (staged.quarantined.get("person", 0) if "person" not in staged.faults else 0)


def _table(name: str, rows: Mapping[str, pa.Table]) -> SourceTables:
    """The rows under numbers drawn by chance: the order of the file may be that of names."""
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


def _worth_keys(
    path: Path, table: SourceTables, told: tuple[Unread, ...], aside: int, *, mapped: bool
) -> None:
    """Refuses a file of whose records nothing stands, or whose columns are not what they are called: its keys would find
    nobody."""
    person, records = table.tables["person"], len(table.keys)
    if not records and aside:
        raise _refused(
            path, f"none of its {aside:,} rows can be read ({str(told[0]).rstrip('.') if told else 'no key'})"
        )
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
    if wrong := [said for name, said in names if _with_digits(person, name) > MOST_WRONG]:
        hold = "the crosswalk" if mapped else "the headings"
        raise _refused(
            path,
            f"its {' and '.join(wrong)} hold numbers, so its columns may be shifted; hold {hold} against the rows",
        )
    dates = person["birthdate"].drop_null() if "birthdate" in person.column_names else ()
    for one in told:
        if one.element == "birthdate" and one.count > MOST_WRONG * (one.count + len(dates)):
            raise _refused(path, f"most of its birth dates cannot be read ({str(one).rstrip('.')})")


def _with_digits(person: pa.Table, name: str) -> float:
    """The share of the names that hold a digit."""
    if name not in person.column_names:
        return 0.0
    return float(pc.mean(pc.match_substring_regex(person[name], "[0-9]").cast(pa.int8())).as_py() or 0)


def _refused(path: Path, what: str) -> Refused:
    return Refused(f"{path.name} cannot be encoded: {what}.", code="cannot_encode")
