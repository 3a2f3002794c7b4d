"""A partner's own CSV as the columns that keys are made of: folded, split and canonical as linkage itself reads them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from throughway.identity.linkage.preparing import GRANTED, connection, prepare
from throughway.refusals import Refused

ELEMENTS = tuple(name for columns in GRANTED.values() for name in columns)
COLUMNS = (
    "first", "forms", "middle", "surnames", "surname", "initial", "head", "birthdate", "sex", "streets", "phones", "emails",
    "wide",
)  # fmt: skip
AT_ONCE = 10_000


@dataclass(frozen=True)
class Person:
    """One record, as `preparing` spells it. `key` is the partner's own."""

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
class Table:
    """A CSV that was read: the record keys, the tables for `preparing`, and the columns that nobody knows."""

    keys: list[str]
    tables: dict[str, pa.Table]
    ignored: tuple[str, ...]

    def people(self) -> Iterator[Person]:
        """Each record once, in the order of its first row."""
        try:
            with connection() as engine:
                prepare(engine, self.tables)
                asked = engine.execute(
                    f"select person_record, {', '.join(COLUMNS)} from comparable order by person_record"
                )
                while rows := asked.fetchmany(AT_ONCE):
                    for number, *said in rows:
                        yield Person(self.keys[number], *said)
        except Refused:
            raise
        except Exception as error:
            # The engine's words may hold a name: they are neither shown nor kept.
            raise RuntimeError(f"the records could not be read ({type(error).__name__})") from None


def read(path: Path, *, key: str) -> Table:
    """Reads a CSV whose columns bear the vocabulary's names; `key` names the column of the partner's record keys. Rows with
    one key are one record."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            heading = [name.strip() for name in next(rows, [])]
            _check(path, heading, key)
            held = [(at, name) for at, name in enumerate(heading) if name in ELEMENTS]
            values: dict[str, list[str | None]] = {name: [] for _, name in held}
            numbers: dict[str, int] = {}
            record: list[int] = []
            at_key = heading.index(key)
            for line, row in enumerate(rows, start=2):
                if not row:
                    continue
                if len(row) != len(heading):
                    raise _refused(
                        path, f"row {line} has {len(row)} cells and the heading has {len(heading)}"
                    )
                if not row[at_key].strip():
                    raise _refused(path, f"row {line} has no value in {key}")
                record.append(numbers.setdefault(row[at_key].strip(), len(numbers)))
                for at, name in held:
                    values[name].append(row[at].strip() or None)
    except (UnicodeDecodeError, csv.Error):
        raise _refused(path, "it is not CSV in UTF-8") from None
    except OSError:
        raise Refused(f"{path.name} cannot be opened; check its name.", code="no_file") from None
    ignored = tuple(name for name in heading if name not in ELEMENTS and name != key)
    return Table(list(numbers), _tables(record, values), ignored)


def _check(path: Path, heading: list[str], key: str) -> None:
    if len(set(heading)) != len(heading):
        raise _refused(path, "two of its columns have one name")
    if key not in heading:
        raise _refused(path, f"it has no column {key}; say with --key which column holds the record keys")
    if not {"first_name", "last_or_surname", "birthdate"} & set(heading):
        raise _refused(
            path, "it has none of first_name, last_or_surname and birthdate; name its columns as the vocabulary does"
        )  # fmt: skip


def _tables(record: list[int], values: dict[str, list[Any]]) -> dict[str, pa.Table]:
    made = {}
    for table, columns in GRANTED.items():
        said = {name: pa.array(values[name], pa.string()) for name in columns if name in values}
        if said or table == "person":
            whose = {
                "person_record": pa.array(record, pa.int64()),
                "partner": pa.array([""] * len(record), pa.string()),
            }
            made[table] = pa.table({**whose, **said})
    return made


def _refused(path: Path, what: str) -> Refused:
    return Refused(f"{path.name} cannot be encoded: {what}.", code="csv")
