"""The API's endpoints for student data: queries and one student's record, through the same gate as commands and pages."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import Http404
from django.urls import path

from throughway.gate.actions import enter
from throughway.gate.actions.query_limits import one_question
from throughway.gate.actions.query_result import query_json, record_json
from throughway.partners.actor import Actor
from throughway.partners.api_endpoints import Day, RequestSchema, ResponseSchema, Text, endpoint


class QueryText(RequestSchema):
    """`purpose`: a purpose of an agreement, or own_records. `on`: the day of reading; today if it is absent."""

    sql: Text
    purpose: Text
    on: Day | None = None


class Statement(ResponseSchema):
    """A family's statement on an element that it contests; it must be shown with that element (34 CFR 99.21(c))."""

    person_id: int | str
    element: str
    statement: str
    on: date


class Answered(ResponseSchema):
    """`disclosure`: the ledger entry; empty for SHOW TABLES and DESCRIBE, which read no student data. `notes`: agreements
    that gave rows of these tables and no longer do, codes in the query that are in no code set, and how many records of
    each partner are not linked to another partner's."""

    columns: list[str]
    rows: list[list[Any]]
    disclosure: str
    agreements: list[str]
    notes: list[str] = []
    statements: list[Statement] = []


class UnderPurpose(RequestSchema):
    purpose: Text
    on: Day | None = None


class Rows(ResponseSchema):
    columns: list[str]
    rows: list[list[Any]]


class Record(ResponseSchema):
    """The student's rows by table, with the rows of the schools and programs that they name."""

    tables: dict[str, Rows]
    disclosure: str
    agreements: list[str]
    statements: list[Statement] = []


@endpoint("POST", takes=QueryText, gives=Answered)
def query(actor: Actor, asked: QueryText) -> Mapping[str, Any]:
    """Runs an SQL query on the vocabulary's tables, under a purpose.

    Same as `throughway query`: decided, run and recorded in the ledger the same way. A refusal is recorded too. You may run
    one query at a time (else 429). A query may take 30 seconds (else 422), and stops when you disconnect."""
    with one_question(actor=actor, purpose=asked.purpose, asked=asked.sql):
        return query_json(enter(actor=actor, purpose=asked.purpose, on=asked.on).query(asked.sql))


@endpoint("GET", takes=UnderPurpose, gives=Record)
def student(actor: Actor, asked: UnderPurpose, person: int) -> Mapping[str, Any]:
    """Shows all records of one student that you may see under a purpose today, as one ledger entry.

    `person` is the id that queries show. The answer is the same for a student whom you may not see and for one who does
    not exist."""
    if person > 2**63 - 1:
        raise Http404
    found = enter(actor=actor, purpose=asked.purpose, on=asked.on).record_of(person)
    if not found.tables:
        raise Http404
    return record_json(found)


urlpatterns = [
    path("query", query, name="query"),
    path("students/<int:person>", student, name="student"),
]
