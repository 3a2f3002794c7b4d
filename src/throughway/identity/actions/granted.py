"""Reads what linkage purposes show of each record: through the gate, like anyone else.

An edge module: it opens doors. Under a purpose of kind linkage, tables of a person also have the columns
`person_record` and `partner`.
"""

from collections.abc import Iterable, Mapping
from datetime import date

import pyarrow as pa

from throughway.agreements.grant import Grant
from throughway.agreements.transforms import Transform
from throughway.gate import actions as gate
from throughway.identity.preparing import GRANTED
from throughway.partners import Actor
from throughway.refusals import Refused


def read_granted(*, by: Actor, on: date) -> tuple[Mapping[str, pa.Table], list[str]]:
    """The granted columns of `person`, `person_contact` and `person_identifier` under every linkage purpose in effect,
    and the ids of the disclosures.

    A table that no agreement shows is left out. Refused when there is no linkage purpose, when one may not be entered
    (linking without its records would tear persons apart), or when none shows the table `person`.
    """
    purposes = gate.linkage_purposes(on)
    if not purposes:
        raise Refused(
            f"No agreement in effect on {on} has a purpose of kind linkage; activate one before linking.",
            code="no_linkage_purpose",
        )
    found: dict[str, list[pa.Table]] = {name: [] for name in GRANTED}
    disclosures: list[str] = []
    for purpose in purposes:
        door = gate.enter(actor=by, purpose=purpose)
        for name, columns in shown(door.grants).items():
            selected = ", ".join(("person_record", "partner", *columns))
            table, disclosure = door.table(f"SELECT {selected} FROM {name}")
            found[name].append(as_text(table))
            disclosures.append(disclosure)
    if not found["person"]:
        raise Refused(
            f"None of the linkage purposes {', '.join(purposes)} shows the table person; grant names and birth dates.",
            code="not_granted",
        )
    return {
        name: pa.concat_tables(tables, promote_options="default") for name, tables in found.items() if tables
    }, disclosures


def shown(grants: Iterable[Grant]) -> dict[str, list[str]]:
    """Of the columns that comparisons read, those that some grant shows as they are: nothing else is asked for."""
    plain: dict[str, set[str]] = {}
    for grant in grants:
        plain.setdefault(grant.table, set()).update(
            name for name, transform in grant.columns.items() if transform == Transform()
        )
    found = {name: [c for c in columns if c in plain.get(name, ())] for name, columns in GRANTED.items()}
    return {name: columns for name, columns in found.items() if columns}


def as_text(table: pa.Table) -> pa.Table:
    """Everything as text save the record's number, so that tables of several doors fit together."""
    return pa.table(
        {
            name: table[name].cast(pa.int64() if name == "person_record" else pa.string())
            for name in table.column_names
        }
    )
