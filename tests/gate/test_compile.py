"""What the gate makes of a reader's SQL beside its tables: casts, how many rows, tables that stand nowhere."""

from datetime import date

import pytest
from sqlglot import exp, parse_one
from sqlglot.optimizer.scope import traverse_scope

from tests.gate import making
from tests.gate.test_order import study
from throughway.agreements.document import AgreementDocument
from throughway.agreements.grant import Grant
from throughway.agreements.grants import grants_of
from throughway.agreements.lifecycle import Standing, State
from throughway.gate.compile import _all_bound, _check_sources, governed
from throughway.gate.relations import relation_name
from throughway.refusals import Refused
from throughway.store.engine import DuckDBEngine

PEOPLE = [
    {"person_record": 11, "first_name": "Ada", "birthdate": date(2012, 3, 4)},
    {"person_record": 12, "first_name": "7", "birthdate": date(2013, 3, 4)},
    {"person_record": 13, "first_name": "Cyd", "birthdate": date(2014, 3, 4)},
]


def planning() -> list[Grant]:
    document = AgreementDocument.model_validate(making.sharing())
    grants = grants_of(Standing(document, "v1", State.ACTIVE, ""), [])
    return [g for g in grants if g.purpose == "planning" and g.discloser == "north"]


def answer(sql: str, most: int | None = None) -> list[tuple[object, ...]]:
    compiled = governed(sql, planning(), linked=(), on=making.DAY, most=most)
    with DuckDBEngine(threads=1) as engine:
        engine.register(relation_name("person", "north"), making.rows("person", PEOPLE))
        return [tuple(row.values()) for row in engine.run(compiled.sql).to_pylist()]


@pytest.mark.parametrize(
    "cast", ["CAST(first_name AS INT)", "first_name::INT", "TRY_CAST(first_name AS INT)"]
)
def test_what_cannot_be_cast_is_empty(cast: str) -> None:
    """An error would tell that some student has such a name."""
    assert answer(f"SELECT {cast} AS n FROM person ORDER BY person_id") == [(None,), (7,), (None,)]


def test_one_row_more_than_the_most_is_read() -> None:
    """By it the door tells that there are more."""
    sql = "SELECT person_id FROM person ORDER BY 1"
    assert answer(sql, most=1) == [(11,), (12,)]
    assert answer(sql, most=2) == answer(sql, most=5) == answer(sql) == [(11,), (12,), (13,)]
    assert answer(f"{sql} LIMIT 1", most=5) == [(11,)]


def test_a_table_that_belongs_to_no_part_of_the_query_is_refused() -> None:
    """Nothing would swap it for what is granted of it."""
    query = exp.select("*").from_("person")
    with pytest.raises(Refused) as refused:
        _check_sources(query, [], {"person": ["person_id"]})
    assert refused.value.code == "not_granted"


@pytest.mark.parametrize(("sql", "bound"), [
    ("SELECT a.x FROM a WHERE a.x IN (SELECT b.y FROM b)", True),
    ("SELECT a.x FROM a WHERE a.x IN (SELECT b.y FROM b WHERE b.y = a.x)", True),
    ("SELECT a.x FROM a WHERE a.x IN (SELECT y FROM b, c)", False),
    ("SELECT x FROM a, c WHERE EXISTS (SELECT b.y FROM b)", False),
    ("SELECT a.x FROM a, (SELECT q.z FROM b) AS c", False),
])  # fmt: skip
def test_every_part_of_a_query_is_bound(sql: str, bound: bool) -> None:
    """One column that stands by no table is one too many: a name that nobody granted could be meant by it."""
    assert _all_bound(traverse_scope(parse_one(sql, dialect="duckdb"))) == bound


@pytest.mark.parametrize(("sql", "said"), [
    ("SELECT attendance_event_reason FROM attendance_day", "No agreement grants attendance_day.attendance_event_reason"),
    ("SELECT first_name FROM person", "person.first_name names a person by itself"),
    ("SELECT batch_id FROM attendance_day", "No agreement grants attendance_day.batch_id"),
    ("SELECT attendance_stat FROM attendance_day", "perhaps attendance_status is meant"),
    ("SELECT x.nothing FROM (SELECT attendance_status AS reason FROM attendance_day) AS x", "a column that is not there"),
])  # fmt: skip
def test_why_a_column_is_refused(sql: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        governed(sql, study(), linked=(), on=making.DAY)
    assert said in refused.value.message
