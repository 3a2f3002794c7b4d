"""Reads what linkage purposes show of each record: through the gate, like anyone else.

An edge module: it opens the gate. Under a purpose of kind linkage, tables of a person also have the columns
`person_record` and `partner`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa

from throughway.agreements.grant import Grant
from throughway.agreements.selectors import linkage_purposes
from throughway.agreements.transforms import Transform
from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.identity.linkage.standardization import GRANTED
from throughway.partners import Actor


def accesses_of(*, by: Actor, on: date) -> list[gate.GovernedAccess]:
    """Access under every linkage purpose in effect.

    Refused when there is none, or when one may not be entered: linking without its records would tear persons apart.
    """
    purposes = linkage_purposes(on)
    if not purposes:
        raise Refused(
            f"No agreement in effect on {on} has a purpose of kind linkage; activate one before linking.",
            code="no_linkage_purpose",
        )
    return [gate.enter(actor=by, purpose=purpose) for purpose in purposes]


def read_granted(accesses: Sequence[gate.GovernedAccess]) -> tuple[Mapping[str, pa.Table], list[str]]:
    """The granted columns that linkage compares under all these accesses, by table (see `standardization`), and the ids of the
    disclosures. A table that no agreement shows is left out. Refused when none shows the table `person`."""
    found: dict[str, list[pa.Table]] = {name: [] for name in GRANTED}
    disclosures: list[str] = []
    for access in accesses:
        for name, sql in questions(access.grants).items():
            table, disclosure = access.table(sql)
            found[name].append(as_text(table))
            disclosures.append(disclosure)
    if not found["person"]:
        raise _no_names(accesses)
    return _together(found), disclosures


def read_few(
    accesses: Sequence[gate.GovernedAccess], records: Sequence[int]
) -> tuple[Mapping[str, pa.Table], list[str]]:
    """The same of these records alone, a disclosure for each gate that shows any table."""
    found: dict[str, list[pa.Table]] = {name: [] for name in GRANTED}
    disclosures: list[str] = []
    for access in accesses if records else ():
        asked = questions(access.grants)
        if not asked:
            continue
        tables, disclosure = access.few(asked, records)
        disclosures.append(disclosure)
        for name, table in tables.items():
            found[name].append(as_text(table))
    return _together(found), disclosures


def questions(
    grants: Iterable[Grant],
    columns: Mapping[str, Sequence[str]] = GRANTED,
    *,
    without: Collection[str] = (),
    where: str = "",
) -> dict[str, str]:
    """The SQL that asks for what these grants show of `columns`, by table, `without` some tables."""
    return {
        name: f"SELECT {', '.join(('person_record', 'partner', *shown))} FROM {name}{where and f' WHERE {where}'}"
        for name, shown in shown_columns(grants, columns).items()
        if name not in without
    }


def _together(found: Mapping[str, Sequence[pa.Table]]) -> dict[str, pa.Table]:
    return {
        name: pa.concat_tables(tables, promote_options="default") for name, tables in found.items() if tables
    }


def _no_names(accesses: Sequence[gate.GovernedAccess]) -> Refused:
    purposes = ", ".join(access.purpose for access in accesses)
    return Refused(
        f"None of the linkage purposes {purposes} shows the table person; grant names and birth dates.",
        code="not_granted",
    )


def shown_columns(
    grants: Iterable[Grant], columns: Mapping[str, Sequence[str]] = GRANTED
) -> dict[str, list[str]]:
    """Those of `columns` (by table) that some grant shows as they are, of tables that show any: nothing else is asked for."""
    plain: dict[str, set[str]] = {}
    for grant in grants:
        plain.setdefault(grant.table, set()).update(
            name for name, transform in grant.columns.items() if transform == Transform()
        )
    found = {table: [c for c in asked if c in plain.get(table, ())] for table, asked in columns.items()}
    return {table: asked for table, asked in found.items() if asked}


def as_text(table: pa.Table) -> pa.Table:
    """Everything as text save the record's number, so that tables of several accesses fit together."""
    return pa.table(
        {
            name: table[name].cast(pa.int64() if name == "person_record" else pa.string())
            for name in table.column_names
        }
    )
