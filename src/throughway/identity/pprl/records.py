"""The records of a partner as keys are made of them: folded, split and canonical as linkage itself reads them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from throughway.core.refusals import Refused
from throughway.identity.linkage.standardization import connection, prepare

COLUMNS = (
    "first", "forms", "middle", "surnames", "surname", "initial", "head", "birthdate", "sex", "streets", "phones", "emails",
    "wide",
)  # fmt: skip
AT_ONCE = 10_000


@dataclass(frozen=True)
class StandardizedRecord:
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
class SourceTables:
    """A file that was read: the record keys, and the tables for `preparing`, whose `person_record` is a place in `keys`."""

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
