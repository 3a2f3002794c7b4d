"""A small community with records in the store, for tests that go through the gate."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from throughway.agreements import actions as agreements
from throughway.partners import OPERATOR, Actor
from throughway.partners import actions as partners
from throughway.partners.selectors import actor
from throughway.store import schemas
from throughway.store.actions import landing

DAY = date(2026, 9, 1)
BORN = date.today().year - 14  # the year of Ada's birth: not one of the students is of age
CLAUSES = dict.fromkeys(("use_only_for_purpose", "no_redisclosure", "no_identification", "destroy_when_no_longer_needed", "protect_from_further_disclosure", "reasonable_methods", "breach_notice", "right_to_audit", "no_reidentification", "termination"), "As agreed.")  # fmt: skip
OFFICIAL = {
    "basis": "school_official",
    "basis_details": {"function": "hosting", "direct_control": True, "annual_notice_criteria": "Notice 3"},
}
OWN_PROMISE = {"basis": "partner_records", "basis_details": {"regime": "none", "authority": "Form 3"}}


def party(partner: str, *roles: str) -> dict[str, Any]:
    return {"partner": partner, "roles": [*roles], "signatory": {"title": "Director", "authority": "Bylaws"}}


def line(element: str, *purposes: str, **more: Any) -> dict[str, Any]:
    return {"element": element, "purposes": [*purposes], "necessity": "It is needed for this.", **more}


def purpose(id: str, kind: str, form: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "kind": kind,
        "form": form,
        "interest": f"To do {id}",
        "roles": ["evaluator"],
        **OFFICIAL,
        **more,
    }


def sharing(**changes: Any) -> dict[str, Any]:
    """An agreement of north (a district) and harbor (a program), housed by hub, on attendance and services."""
    made = {
        "throughway": "agreement/1", "id": "sharing-2026", "tier": "dsa", "title": "Attendance and services",
        "parties": [party("north", "discloser", "recipient"), party("harbor", "discloser", "recipient"),
                    party("hub", "steward", "recipient")],
        "purposes": [
            purpose("planning", "operations", "identified", **{"from": ["north"]}, recipients=["harbor", "hub"]),
            purpose("planning", "operations", "identified", **{"from": ["harbor"]}, recipients=["north", "hub"],
                    **OWN_PROMISE),
            purpose("matching", "linkage", "identified", **{"from": ["north"]}, recipients=["hub"], serves=["planning", "counting"]),
            purpose("matching", "linkage", "identified", **{"from": ["harbor"]}, recipients=["hub"],
                    serves=["planning", "counting"], **OWN_PROMISE),
            purpose("counting", "reporting", "aggregate", recipients=["hub"]),
        ],
        "custody": OFFICIAL,
        "schedule": [
            line("attendance_day.*", "planning", "counting", **{"from": ["north"]}),
            line("service_received.*", "planning", "counting", **{"from": ["harbor"]}),
            line("person.birthdate", "planning", transform="year"),
            line("person.first_name", "planning"),
            line("person.*", "matching"),
        ],
        "terms": {"effective": "2020-07-01", "expires": "2099-06-30", "minimum_cell": 10, "training": [],
                  "destruction": {"within_days": 60, "method": "NIST SP 800-88 purge"}},
        "clauses": CLAUSES,
    } | changes  # fmt: skip
    return ended_by_each(made)


def ended_by_each(document: dict[str, Any]) -> dict[str, Any]:
    """The document, which any of its parties may end for all, so that a test ends it by one act."""
    enders = [each["partner"] for each in document["parties"]]
    return document | {"terms": document["terms"] | {"ended_by": enders}}


USERS = {
    "evaluator@hub.example": ("hub", "evaluator"),
    "evaluator@harbor.example": ("harbor", "evaluator"),
    "evaluator@north.example": ("north", "evaluator"),
    "worker@harbor.example": ("harbor", "case_worker"),
    "officer@hub.example": ("hub", "privacy_officer"),
    "officer@north.example": ("north", "privacy_officer"),
    "officer@harbor.example": ("harbor", "privacy_officer"),
}


def register() -> None:
    for id, kind in (("north", "lea"), ("harbor", "cbo"), ("hub", "backbone")):
        partners.add_partner(id=id, name=id.title(), kind=kind, by=OPERATOR)
    for email, (partner, role) in USERS.items():
        partners.add_user(email=email, partner=partner, role=role, by=OPERATOR)


def reader(email: str) -> Actor:
    return actor(email)


def leader(partner: str) -> Actor:
    """Who signs for a partner, by role."""
    return Actor(f"leader@{partner}.example", partner, "leader")


def in_effect(document: dict[str, Any]) -> None:
    """Adds, signs and activates the document."""
    agreements.add(text=json.dumps(ended_by_each(document)), by=OPERATOR)
    for each in document["parties"]:
        agreements.sign(id=document["id"], by=leader(each["partner"]))
    agreements.activate(id=document["id"], by=actor(f"officer@{document['parties'][0]['partner']}.example"))


def rows(table: str, given: list[dict[str, Any]]) -> pa.Table:
    """Rows of a stored table; columns that are not given are empty."""
    schema = schemas.schema(table)
    full = [{name: row.get(name) for name in schema.names} for row in given]
    for place, row in enumerate(full):
        if "record" in row and row["record"] is None:
            row["record"] = row.get("person_record") or place
    return pa.Table.from_pylist(full, schema=schema)


def land(table: str, partner: str, given: list[dict[str, Any]], *agreement: str, year: int = 2026) -> None:
    made = rows(table, given)
    if schemas.vaulted(table):
        new = landing.NewFile(
            table=table, partner=partner, school_year=year, arrow=made, agreements=agreement
        )
        landing.land(batch="b1", files=[new], by=OPERATOR)
        return
    with landing.staging() as folder:
        path = Path(folder) / "file.parquet"
        text = None
        if names := schemas.free_text(table):
            written = [any(row[name] is not None for name in names) for row in made.to_pylist()]
            text = made.filter(pa.array(written, pa.bool_())).select(
                schemas.schema(table + schemas.TEXT).names
            )
        pq.write_table(made.drop_columns(list(names)), path)
        new = landing.NewFile(
            table=table,
            partner=partner,
            school_year=year,
            path=path,
            text=text,
            agreements=agreement or ("sharing-2026",),
        )
        landing.land(batch="b1", files=[new], by=OPERATOR)


def people(agreement: str = "sharing-2026") -> None:
    """Three learners of north (11, 12, 13) and two of harbor (21, 22); 11 and 21 are one person."""
    day = date(2026, 9, 1)
    land("person", "north", [
        {"person_record": 11, "first_name": "Ada", "last_or_surname": "One", "birthdate": date(BORN, 3, 4), "source_record_id": "n-11"},
        {"person_record": 12, "first_name": "Ben", "last_or_surname": "Two", "birthdate": date(BORN + 1, 3, 4), "source_record_id": "n-12"},
        {"person_record": 13, "first_name": "Cyd", "last_or_surname": "Six", "birthdate": date(BORN + 2, 3, 4), "source_record_id": "n-13"},
    ], agreement)  # fmt: skip
    land("person", "harbor", [
        {"person_record": 21, "first_name": "Ada", "birthdate": date(BORN, 3, 4)},
        {"person_record": 22, "first_name": "Dot", "birthdate": date(BORN - 1, 3, 4)},
    ], agreement)  # fmt: skip
    for partner, keys in (
        ("north", {"n-11": 11, "n-12": 12, "n-13": 13}),
        ("harbor", {"h-21": 21, "h-22": 22}),
    ):
        land(
            "record_key",
            partner,
            [{"kind": "person", "key": k, "record": r} for k, r in keys.items()],
            agreement,
        )
    land("attendance_day", "north", [
        {"person_record": r, "record": i, "attendance_event_date": day, "attendance_status": s, "attendance_event_reason": "secret"}
        for i, (r, s) in enumerate([(11, "Present"), (12, "UnexcusedAbsence"), (13, "Present")])
    ])  # fmt: skip
    land("service_received", "harbor", [
        {"person_record": r, "record": r, "service_date": day, "service_quantity": 2.0} for r in (21, 22)
    ])  # fmt: skip
