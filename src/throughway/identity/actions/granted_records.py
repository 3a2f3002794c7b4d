"""Reads the records that linkage purposes show, through the gate like every other reader.

Under a purpose of kind linkage, tables about persons also have the columns `person_record` and `partner`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from types import MappingProxyType

import pyarrow as pa

from throughway.agreements.grant import Grant
from throughway.agreements.selectors import linkage_purposes
from throughway.agreements.transforms import Transform
from throughway.core.prose import listed
from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.incremental.linkage_state import RememberedGrant
from throughway.identity.linkage.standardization import GRANTED, NUMBERING
from throughway.partners import OPERATOR, Actor

OF_A_RUN = {"person": NUMBERING}


def accesses_of(*, by: Actor, on: date) -> list[gate.GovernedAccess]:
    """Access under every linkage purpose in effect.

    Refused if there is none, or if the gate does not show this reader all that it shows the operator: linking without some records would
    split persons.
    """
    purposes = linkage_purposes(on)
    if not purposes:
        raise Refused(
            f"No agreement in effect on {on} has a purpose of kind linkage; activate one before linking.",
            code="no_linkage_purpose",
        )
    accesses = [gate.enter(actor=by, purpose=purpose) for purpose in purposes]
    if not by.is_operator:
        whole = _shown(gate.enter(actor=OPERATOR, purpose=purpose) for purpose in purposes)
        if missing := sorted({agreement for agreement, *_ in whole - _shown(accesses)}):
            raise Refused(
                f"Linkage would see only some of the records, and would split the persons of others: you are not named, or lack a training, for "
                f"all that {listed(missing)} {'shows' if len(missing) == 1 else 'show'} to linkage; ask the operator of the folder, or a reader whom the agreements name throughout.",
                code="not_allowed",
            )
    return accesses


def _shown(accesses: Iterable[gate.GovernedAccess]) -> set[tuple[str, str, str]]:
    """The agreements, partners and tables from which these accesses show rows."""
    return {(grant.agreement, grant.discloser, grant.table) for access in accesses for grant in access.grants}


def shown_tables(accesses: Sequence[gate.GovernedAccess]) -> list[str]:
    """The compared tables from which these accesses show anything."""
    return sorted({grant.table for access in accesses for grant in access.grants} & GRANTED.keys())


def records_by_grant(accesses: Sequence[gate.GovernedAccess]) -> dict[str, RememberedGrant]:
    """The records that each grant of these accesses shows now."""
    return {
        each.grant: RememberedGrant(each.terms, each.agreement, each.records)
        for access in accesses
        for each in gate.granted_records(access, GRANTED)
    }


def read_granted(accesses: Sequence[gate.GovernedAccess]) -> tuple[Mapping[str, pa.Table], list[str]]:
    """The granted columns that linkage compares, by table (see `standardization`), and the ids of the disclosures. A table that no
    agreement shows is left out. Refused where none shows the table `person`."""
    found: dict[str, list[pa.Table]] = {name: [] for name in GRANTED}
    disclosures: list[str] = []
    for access in accesses:
        for name, sql in queries(access.grants, also=OF_A_RUN).items():
            table, disclosure = access.table(sql)
            found[name].append(as_text(table))
            disclosures.append(disclosure)
    if not found["person"]:
        purposes = ", ".join(access.purpose for access in accesses)
        raise Refused(
            f"None of the linkage purposes {purposes} shows the table person; grant names and birth dates.",
            code="not_granted",
        )
    return _concatenated(found), disclosures


def read_some(
    accesses: Sequence[gate.GovernedAccess], records: Sequence[int]
) -> tuple[Mapping[str, pa.Table], list[str]]:
    """The same for these records alone, with one disclosure for each access that shows any table."""
    found: dict[str, list[pa.Table]] = {name: [] for name in GRANTED}
    disclosures: list[str] = []
    for access in accesses if records else ():
        if wanted := queries(access.grants, also=OF_A_RUN):
            tables, disclosure = access.few(wanted, records)
            disclosures.append(disclosure)
            for name, table in tables.items():
                found[name].append(as_text(table))
    return _concatenated(found), disclosures


def _concatenated(found: Mapping[str, Sequence[pa.Table]]) -> dict[str, pa.Table]:
    return {
        name: pa.concat_tables(tables, promote_options="default") for name, tables in found.items() if tables
    }


def queries(
    grants: Iterable[Grant],
    columns: Mapping[str, Sequence[str]] = GRANTED,
    *,
    without: Collection[str] = (),
    also: Mapping[str, Sequence[str]] = MappingProxyType({}),
    where: str = "",
) -> dict[str, str]:
    """The SQL for the `columns` that these grants show, by table, `without` some tables. `also`: columns that come with any of a table."""
    return {
        name: f"SELECT {', '.join(('person_record', 'partner', *shown, *also.get(name, ())))} FROM {name}{where and f' WHERE {where}'}"
        for name, shown in shown_columns(grants, columns).items()
        if name not in without
    }


def of_records(numbers: Iterable[int]) -> str:
    """The SQL condition that selects these records."""
    return f"person_record IN ({', '.join(map(str, numbers))})"


def shown_columns(
    grants: Iterable[Grant], columns: Mapping[str, Sequence[str]] = GRANTED
) -> dict[str, list[str]]:
    """The ones of `columns` that some grant shows unchanged, by table; tables without any are left out."""
    plain: dict[str, set[str]] = {}
    for grant in grants:
        plain.setdefault(grant.table, set()).update(
            name for name, transform in grant.columns.items() if transform == Transform()
        )
    found = {table: [c for c in wanted if c in plain.get(table, ())] for table, wanted in columns.items()}
    return {table: wanted for table, wanted in found.items() if wanted}


def as_text(table: pa.Table) -> pa.Table:
    """All columns as text except the record's number, so that tables of several accesses fit together."""
    return pa.table(
        {
            name: table[name].cast(pa.int64() if name == "person_record" else pa.string())
            for name in table.column_names
        }
    )


@contextmanager
def without_engine_messages() -> Iterator[None]:
    """Replaces an engine's error by one without its message, which may hold a name or a birth date."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise RuntimeError(f"the records could not be compared ({type(error).__name__})") from None
