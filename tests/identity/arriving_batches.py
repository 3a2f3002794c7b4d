"""The fictional community in a real store, under an agreement that lets three partners' records be linked, batch by batch."""

from collections.abc import Collection, Iterable
from typing import Any

import pyarrow.parquet as pq

from tests.gate import making
from throughway.identity.linkage.standardization import GRANTED
from throughway.partners import OPERATOR
from throughway.partners import actions as partners
from throughway.store import schemas
from throughway.store.actions import landing

SOURCES = ("north", "south", "club")
ID = "matching-2026"


def agreed(*, also: Iterable[dict[str, Any]] = (), **changes: Any) -> dict[str, Any]:
    """An agreement by which hub links the records of all three, with names, contacts, identifiers and guardians."""
    return making.sharing() | {
        "id": ID, "title": "Who is who",
        "parties": [*(making.party(p, "discloser") for p in SOURCES), making.party("hub", "steward", "recipient")],
        "purposes": [
            making.purpose("matching", "linkage", "identified", recipients=["hub"], roles=["data_steward", "evaluator"],
                           serves=["planning"]),
            making.purpose("planning", "operations", "identified", recipients=["hub"]), *also,
        ],
        "schedule": [
            making.line(f"{table}.*", "matching", *(p["id"] for p in also))
            for table in GRANTED
        ] + [making.line("person.first_name", "planning")],
    } | changes  # fmt: skip


def register() -> None:
    for id in (*SOURCES, "hub"):
        partners.add_partner(id=id, name=id.title(), kind="backbone" if id == "hub" else "lea", by=OPERATOR)
        partners.add_user(email=f"officer@{id}.example", partner=id, role="privacy_officer", by=OPERATOR)
    partners.add_user(email="steward@hub.example", partner="hub", role="data_steward", by=OPERATOR)
    partners.add_user(email="worker@north.example", partner="north", role="case_worker", by=OPERATOR)


def arrive(
    tables: dict[str, Any], batch: str, records: Collection[int] | None = None, agreement: str = ID
) -> None:
    """Lands the rows of these records (None: of all) as one load of each partner."""
    for name, table in tables.items():
        for source in SOURCES:
            rows = [
                row | {"batch_id": batch}
                for row in table.to_pylist()
                if row["partner"] == source and (records is None or row["person_record"] in records)
            ]
            if rows:
                land(name, source, rows, batch, agreement)


def land(table: str, source: str, rows: list[dict[str, Any]], batch: str, agreement: str = ID) -> None:
    """Lands these rows as one load."""
    made = making.rows(table, rows)
    if schemas.vaulted(table):
        file = landing.NewFile(table, source, 0, arrow=made, agreements=(agreement,))
        landing.land(batch=batch, files=[file], by=OPERATOR)
        return
    with landing.staging() as folder:
        pq.write_table(made, folder / "file.parquet")
        landing.land(
            batch=batch, files=[landing.NewFile(table, source, 0, folder / "file.parquet")], by=OPERATOR
        )


def groups(links: dict[int, int]) -> dict[int, frozenset[int]]:
    """The records of each record's person."""
    of: dict[int, set[int]] = {}
    for record, person in links.items():
        of.setdefault(person, set()).add(record)
    return {record: frozenset(held) for held in of.values() for record in held}
