"""Reads what linkage purposes show of each record: through the gate, like anyone else.

An edge module: it opens doors. Under a purpose of kind linkage, tables of a person also have the columns
`person_record` and `partner`.
"""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa

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
        for name in GRANTED:
            try:
                table, disclosure = door.table(f"SELECT * FROM {name}")
            except Refused:
                continue  # not granted under this purpose
            found[name].append(_wanted(table, name))
            disclosures.append(disclosure)
    if not found["person"]:
        raise Refused(
            f"None of the linkage purposes {', '.join(purposes)} shows the table person; grant names and birth dates.",
            code="not_granted",
        )
    return {
        name: pa.concat_tables(tables, promote_options="default") for name, tables in found.items() if tables
    }, disclosures


def _wanted(table: pa.Table, name: str) -> pa.Table:
    """The columns that comparisons read, as text save the record's number, so that tables of several doors fit together."""
    held = [column for column in ("partner", *GRANTED[name]) if column in table.column_names]
    columns = {"person_record": table["person_record"].cast(pa.int64())}
    columns.update({column: table[column].cast(pa.string()) for column in held})
    return pa.table(columns)
