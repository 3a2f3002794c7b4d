"""The gate for programs: questions and one student's record. Each passes the same gate as a command and a page."""

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


class Question(RequestSchema):
    """`purpose`: of an agreement, or own_records. `on`: the day of reading, else today."""

    sql: Text
    purpose: Text
    on: Day | None = None


class Statement(ResponseSchema):
    """A family's statement on an element that it contests; it must be shown wherever that element is (34 CFR 99.21(c))."""

    person_id: int | str
    element: str
    statement: str
    on: date


class Answered(ResponseSchema):
    """`disclosure`: the entry of the ledger; empty of SHOW TABLES and DESCRIBE, which read no student data. `notes`: agreements that gave rows of these tables and no longer do, codes in the question that are in no code set, and how many
    records of each partner are linked to no other partner's."""

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
    """By table the rows of the student, and of the schools and programs that these name."""

    tables: dict[str, Rows]
    disclosure: str
    agreements: list[str]
    statements: list[Statement] = []


@endpoint("POST", takes=Question, gives=Answered)
def query(actor: Actor, asked: Question) -> Mapping[str, Any]:
    """Asks a question in SQL over the vocabulary's tables, under a purpose.

    As `throughway query`: decided, run and written in the ledger the same way. A refusal is recorded too. One question of yours
    runs at a time (429), for 30 seconds at most (422), and no longer than you wait for it."""
    with one_question(actor=actor, purpose=asked.purpose, asked=asked.sql):
        return query_json(enter(actor=actor, purpose=asked.purpose, on=asked.on).query(asked.sql))


@endpoint("GET", takes=UnderPurpose, gives=Record)
def student(actor: Actor, asked: UnderPurpose, person: int) -> Mapping[str, Any]:
    """Shows everything of one student that a purpose shows you today, under one entry of the ledger.

    `person` is the id as queries show it. A student who is not open to you and one who is not there look the same."""
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
