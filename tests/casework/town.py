"""A small community in which a case worker of harbor reads what north's families allow."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.gate import making
from tests.site.people import client_of
from throughway.consent import actions as consents
from throughway.gate.actions import land_person_links
from throughway.partners import OPERATOR
from throughway.partners.assigning import assign
from throughway.partners.caseload import Assigned
from throughway.training import actions as training

TODAY = date.today()
PERSON = 2**41 + 5
WORKER = "worker@harbor.example"
MOST = 15  # questions of a page to the database
SEALING = ("pg_try_advisory_xact_lock", "gate_ledgerhead", "gate_ledgerleaf", "SELECT e.mac")
CONSENTS = "partner,record_key,agreement,purpose,decision,signer,relation,signed_on,method,language,notice_version,expires"


GRADES: Mapping[int, str | None] = {11: "07", 12: "07", 13: "07"}


def settle(
    course: str = "",
    change: Callable[[dict[str, Any]], None] = lambda document: None,
    grades: Mapping[int, str | None] = GRADES,
) -> None:
    """`change`: what the agreement says in addition; `grades`: of north's learners this year, None where it sent none. North gives names, school and attendance by consent; harbor its own services. 11 and 21 are one person; days of
    attendance lie in the last four weeks, and of Ada five are missed."""
    document = making.sharing()
    by_consent = {"basis": "consent", "basis_details": {}, "reach": "caseload", "roles": ["case_worker"]}
    own = {**making.OWN_PROMISE, "reach": "caseload", "roles": ["case_worker"]}
    document["purposes"] += [
        making.purpose("casework", "casework", "identified", **{"from": ["north"]}, recipients=["harbor"], **by_consent),
        making.purpose("casework", "casework", "identified", **{"from": ["harbor"]}, recipients=["harbor"], **own),
    ]  # fmt: skip
    for linkage in document["purposes"]:
        if linkage["kind"] == "linkage":
            linkage["serves"] += ["casework"]
    document["schedule"] += [
        making.line("person.last_or_surname", "casework", **{"from": ["north"]}),
        making.line("person.first_name", "casework", **{"from": ["north"]}),
        making.line("school_enrollment.*", "casework", **{"from": ["north"]}),
        making.line("organization.*", "casework", **{"from": ["north"]}),
        making.line("attendance_day.*", "casework", **{"from": ["north"]}),
        making.line("service_received.*", "casework", **{"from": ["harbor"]}),
    ]
    document["terms"]["training"] = [course] if course else []
    change(document)
    making.register()
    making.in_effect(document)
    making.people()
    land_person_links(links=pa.table({"record": [11, 21], "person": [PERSON, PERSON]}), by=OPERATOR)
    _school(grades)


def _school(grades: Mapping[int, str | None]) -> None:
    days = [TODAY - timedelta(days=n) for n in range(1, 15)]
    making.land("attendance_day", "north", [
        {"person_record": record, "record": 100 * record + n, "attendance_event_date": day,
         "attendance_event_type": "DailyAttendance", "attendance_status": "UnexcusedAbsence" if record == 11 and n < 5 else "Present"}
        for record in (11, 12, 13) for n, day in enumerate(days)
    ])  # fmt: skip
    making.land("school_enrollment", "north", [
        {"person_record": r, "record": r, "enrollment_entry_date": TODAY - timedelta(days=60), "entry_grade_level": grade,
         "organization_id": "north/1"} for r, grade in grades.items()
    ])  # fmt: skip
    making.land("organization", "north", [{"organization_id": "north/1", "organization_name": "Hill School"}])


def allow(folder: Path, *lines: tuple[str, str], until: date | None = None) -> None:
    """Decisions of families: the key at north, and yes or no to casework."""
    path = folder / "consents.csv"
    rows = [
        f"north,{key},sharing-2026,casework,{decision},Pat,mother,{TODAY - timedelta(1)},paper,es,v1,{until or ''}"
        for key, decision in lines
    ]
    path.write_text("\n".join([CONSENTS, *rows]))
    consents.add(path=path, by=OPERATOR)


def works_with(*records: int, partner: str = "north") -> None:
    first = TODAY - timedelta(days=9)
    assign(assigned=[Assigned(WORKER, partner, record, first) for record in records], by=OPERATOR)


def trained(course: str, *, ago: int = 0) -> None:
    training.record(email=WORKER, course=course, on=TODAY - timedelta(days=ago), by=OPERATOR)


def signed_in(email: str = WORKER) -> Client:
    return client_of(email)


def page(client: Client, address: str) -> tuple[int, str]:
    response = client.get(address)
    return response.status_code, response.content.decode()


def asked_again(client: Client, address: str) -> list[str]:
    """What a page asks the database when it was looked at a moment ago: registers are read anew, files are known, and the
    ledger was sealed within the second (on a slow machine it is sealed again, which is left out here). The marks of transactions
    are no questions."""
    client.get(address)
    return questions(lambda: client.get(address))


def questions(ask: Callable[[], object]) -> list[str]:
    """What is asked of the database meanwhile, as `asked_again` counts it."""
    with CaptureQueriesContext(connection) as queries:
        ask()
    asked = [
        q["sql"] for q in queries if not q["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
    ]
    return [sql for sql in asked if not any(of in sql for of in SEALING)]
