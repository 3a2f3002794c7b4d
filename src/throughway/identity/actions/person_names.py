"""Asking for the names behind one person's records: a reading under a purpose of kind linkage, written in the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from throughway.agreements.selectors import linkage_purposes
from throughway.core.refusals import Refused
from throughway.gate import actions as gate
from throughway.gate.actions import AmendmentStatement
from throughway.identity.actions.granted_records import as_text, questions
from throughway.identity.linkage.evidence_text import Similarities, compare_records
from throughway.partners import Actor


@dataclass(frozen=True)
class Named:
    """One record with what the purpose shows of it; `said` are columns and values of the table `person`."""

    record: int
    partner: str
    said: Mapping[str, str]


@dataclass(frozen=True)
class Names:
    """The person's records by name, what they have in common, and the ledger's ids of the readings."""

    records: Sequence[Named]
    alike: Sequence[Similarities]
    disclosures: Sequence[str]
    statements: Sequence[AmendmentStatement] = ()


def names_of(*, person: int, records: Sequence[int], purpose: str, by: Actor) -> Names:
    """Reads names, contacts and identifiers of these records under a linkage purpose.

    Refused when the purpose is none of linkage, may not be entered, or does not show the table `person`.
    """
    if purpose not in linkage_purposes(date.today()):
        raise Refused(
            "Names are shown here under a purpose of kind linkage alone; choose one.", code="not_linkage"
        )
    access = gate.enter(actor=by, purpose=purpose)
    # Under the person's id where links may be shown, else under each record's own number.
    ids = ", ".join(str(int(number)) for number in (person, *records))
    tables: dict[str, pa.Table] = {}
    disclosures = []
    for name, sql in questions(access.grants, where=f"person_id IN ({ids})").items():
        table, disclosure = access.table(sql)
        tables[name] = as_text(table)
        disclosures.append(disclosure)
    if "person" not in tables:
        raise Refused(
            f"The purpose {purpose} does not show names; grant the table person.", code="not_granted"
        )
    return Names(
        [_named(row) for row in tables["person"].to_pylist()],
        compare_records(tables),
        disclosures,
        access.statements,
    )


def _named(row: Mapping[str, object]) -> Named:
    said = {name: str(value) for name, value in row.items() if value not in (None, "")}
    record, partner = int(said.pop("person_record")), said.pop("partner", "")
    return Named(record, partner, said)
