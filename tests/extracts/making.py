"""A study of a district's and a program's students under codes, for tests of extracts."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.gate import making
from throughway.gate.actions import land_person_links
from throughway.partners import OPERATOR

STUDENTS = 40
FIRST = 100  # record numbers of north begin here, of harbor a thousand later
GRADES = ("06", "07", "08")
EVALUATOR = "evaluator@hub.example"


def study(id: str, **changes: Any) -> dict[str, Any]:
    """A license under the study of the same purpose, `wide`."""
    return {**wide(id), "id": id, "tier": "dul", "under": [f"{id}-study"], **changes}


def wide(id: str, **changes: Any) -> dict[str, Any]:
    """Attendance and services by the hub: no name, no key, no exact birth date."""
    of_north = {"basis": "study", "basis_details": {
        "purpose": "p", "scope": "s", "duration": "d", "aim": "improve_instruction", "on_behalf_of": "north"}}  # fmt: skip
    return making.sharing(**{
        "id": f"{id}-study",
        "tier": "dsa",
        "purposes": [
            making.purpose(id, "research", "pseudonymous", recipients=["hub"], **of_north, **{"from": ["north"]}),
            making.purpose(id, "research", "pseudonymous", recipients=["hub"], **making.OWN_PROMISE, **{"from": ["harbor"]}),
            making.purpose("matching", "linkage", "identified", **{"from": ["north"]}, recipients=["hub"], serves=[id]),
            making.purpose("matching", "linkage", "identified", **{"from": ["harbor"]}, recipients=["hub"], serves=[id],
                           **making.OWN_PROMISE),
        ],
        "schedule": [
            making.line("person.birthdate", id, transform="year"),
            making.line("person.sex", id),
            making.line("person.last_or_surname", id, transform="pseudonym"),
            making.line("person.first_name", id),
            making.line("person_identifier.*", id),
            making.line("attendance_day.*", id),
            making.line("behavior_incident.*", id),
            making.line("service_received.*", id, **{"from": ["harbor"]}),
            making.line("person.*", "matching"),
        ],
        **changes,
    })  # fmt: skip


def born(number: int) -> date:
    return date(2012, 1 + number % 12, 1 + number % 28)


def records() -> None:
    """Forty learners of north, half of them also harbor's, by links; attendance in which nobody is alone."""
    north = range(FIRST, FIRST + STUDENTS)
    making.land("person", "north", [
        {"person_record": n, "first_name": f"First{n}", "last_or_surname": f"Last{n}", "birthdate": born(n),
         "sex": "Female" if n % 2 else "Male", "source_record_id": f"key-{n}"} for n in north
    ], "sharing-2026")  # fmt: skip
    making.land("person_identifier", "north", [
        {"person_record": n, "person_identifier": f"S{n}", "source_record_id": f"id-{n}"} for n in north
    ], "sharing-2026")  # fmt: skip
    making.land("record_key", "north", [
        {"kind": "person", "key": f"key-{n}", "record": n} for n in north
    ], "sharing-2026")  # fmt: skip
    making.land("attendance_day", "north", [
        {"person_record": n, "record": n, "attendance_event_date": date(2026, 9, 1 + n % 4), "attendance_status": "Present",
         "batch_id": f"b{n}"} for n in north
    ])  # fmt: skip
    making.land("behavior_incident", "north", [
        {"person_record": n, "record": n, "incident_identifier": f"inc-{n}", "incident_date": date(2026, 9, 3)} for n in north
    ])  # fmt: skip
    making.land("service_received", "harbor", [
        {"person_record": n + 1000, "record": n, "service_date": date(2026, 9, 1), "service_quantity": 1.0}
        for n in north if n % 2
    ])  # fmt: skip
    numbers = [m for n in north if n % 2 for m in (n, n + 1000)]
    persons = [2**41 + n for n in north if n % 2 for _ in range(2)]
    land_person_links(links=pa.table({"record": numbers, "person": persons}), by=OPERATOR)


def town(*ids: str) -> None:
    making.register()
    making.in_effect(making.sharing())
    records()
    for id in ids:
        making.in_effect(wide(id))
        making.in_effect(study(id))


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / "data" / f"{name}.parquet").to_pylist()
    return found
