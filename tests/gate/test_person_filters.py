"""Which persons a query binds each of its tables to: never fewer than can have contributed."""

import pytest
from sqlglot import parse_one
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from throughway.gate.person_filters import MOST, persons_asked_for

ANY = None


def bound(sql: str) -> dict[str, set[int] | None]:
    """Alias to persons, None for any, of the outermost query."""
    tables = {
        name: {"person_id": "BIGINT", "x": "BIGINT"}
        for name in ("person", "attendance_day", "service_received")
    }
    scopes = traverse_scope(qualify(parse_one(sql, dialect="duckdb"), schema=tables, dialect="duckdb"))
    found = persons_asked_for(scopes)
    root = scopes[-1]
    assert {alias for scope, alias in found if scope == id(root)} <= {*root.sources}
    return {a: set(p) if (p := found.get((id(root), a))) is not None else ANY for a in root.sources}


@pytest.mark.parametrize(
    ("conditions", "a", "b"),
    [
        ("person a, attendance_day b WHERE a.person_id = 5", {5}, ANY),
        ("person a, attendance_day b WHERE 5 = a.person_id AND a.person_id = b.person_id", {5}, {5}),
        (
            "person a, attendance_day b WHERE a.person_id IN (5, 6) AND a.person_id = b.person_id",
            {5, 6},
            {5, 6},
        ),
        ("person a, attendance_day b WHERE a.person_id IN (5, 6) AND a.person_id = 6", {6}, ANY),
        ("person a, attendance_day b WHERE a.person_id = 5 AND a.person_id = 6", set(), ANY),
        ("person a, attendance_day b WHERE a.person_id = 5 OR a.person_id = 6", ANY, ANY),
        ("person a, attendance_day b WHERE NOT a.person_id = 5", ANY, ANY),
        ("person a, attendance_day b WHERE a.person_id <> 5 AND a.x = 5", ANY, ANY),
        ("person a, attendance_day b WHERE (a.person_id = 5 AND (b.person_id = 6))", {5}, {6}),
        ("person a, attendance_day b WHERE a.person_id = '5'", ANY, ANY),
        ("person a, attendance_day b WHERE a.person_id = 4 + 1", ANY, ANY),
        ("person a, attendance_day b WHERE a.person_id = 5.5", ANY, ANY),
        ("person a, attendance_day b WHERE a.x = 5 AND b.x IN (5, 6) AND 'person_id' = 5", ANY, ANY),
        ("person a, attendance_day b WHERE a.person_id IN (5, b.x)", ANY, ANY),
        ("person a, attendance_day b WHERE a.person_id IN (5)", {5}, ANY),
        ("person a, attendance_day b WHERE a.person_id IN (5, 5)", {5}, ANY),
        ("person a, attendance_day b WHERE COALESCE(a.person_id, 5)", ANY, ANY),
        (
            "person a, attendance_day b WHERE a.person_id = 5 AND b.person_id IN (5, 6) AND a.person_id = b.person_id",
            {5},
            {5},
        ),
        (
            "person a, attendance_day b WHERE a.person_id = 5 AND b.person_id = 6 AND a.person_id = b.person_id",
            set(),
            set(),
        ),
        (
            "person a, attendance_day b WHERE a.person_id IN (SELECT person_id FROM service_received)",
            ANY,
            ANY,
        ),
        ("person a JOIN attendance_day b ON a.person_id = b.person_id WHERE b.person_id = 5", {5}, {5}),
        ("person a JOIN attendance_day b ON a.person_id = b.person_id AND a.person_id = 5", {5}, {5}),
        ("person a JOIN attendance_day b ON a.person_id = b.person_id OR a.person_id = 5", ANY, ANY),
        ("person a LEFT JOIN attendance_day b ON a.person_id = b.person_id WHERE a.person_id = 5", {5}, {5}),
        ("person a LEFT JOIN attendance_day b ON b.person_id = a.person_id WHERE a.person_id = 5", {5}, {5}),
        ("person a LEFT JOIN attendance_day b ON a.person_id = b.person_id AND a.person_id = 5", ANY, ANY),
        ("person a LEFT JOIN attendance_day b ON a.person_id = b.person_id AND b.person_id = 5", ANY, ANY),
        ("person a LEFT JOIN attendance_day b ON a.person_id = b.person_id WHERE b.person_id = 5", ANY, {5}),
        ("person a RIGHT JOIN attendance_day b ON a.person_id = b.person_id WHERE a.person_id = 5", {5}, ANY),
        ("person a RIGHT JOIN attendance_day b ON a.person_id = b.person_id AND a.person_id = 5", ANY, ANY),
        ("person a FULL JOIN attendance_day b ON a.person_id = b.person_id WHERE a.person_id = 5", {5}, ANY),
        ("person a ANTI JOIN attendance_day b ON a.person_id = b.person_id AND a.person_id = 5", ANY, ANY),
    ],
)
def test_what_binds_a_table(conditions: str, a: set[int] | None, b: set[int] | None) -> None:
    assert bound(f"SELECT a.x FROM {conditions}") == {"a": a, "b": b}


def test_an_inner_join_beside_an_outer_one_binds_nothing() -> None:
    sql = ("SELECT a.x FROM person a JOIN attendance_day b ON a.person_id = b.person_id AND a.person_id = 5"
           " RIGHT JOIN service_received c ON c.person_id = a.person_id")  # fmt: skip
    assert bound(sql) == {"a": ANY, "b": ANY, "c": ANY}


def test_what_joins_carry_along() -> None:
    sql = ("SELECT a.x FROM person a JOIN attendance_day b ON a.person_id = b.person_id"
           " JOIN service_received c ON c.person_id = b.person_id WHERE c.person_id = 5")  # fmt: skip
    assert bound(sql) == {"a": {5}, "b": {5}, "c": {5}}


def test_what_an_outer_join_says_of_other_tables_binds_nothing() -> None:
    sql = ("SELECT a.x FROM person a CROSS JOIN attendance_day b LEFT JOIN service_received c ON a.person_id = b.person_id"
           " WHERE b.person_id = 5")  # fmt: skip
    assert bound(sql) == {"a": ANY, "b": {5}, "c": ANY}


@pytest.mark.parametrize(("many", "binds"), [(MOST, True), (MOST + 1, False)])
def test_a_long_list_is_left_to_the_engine(many: int, binds: bool) -> None:
    persons = ", ".join(map(str, range(many)))
    found = bound(f"SELECT a.x FROM person a WHERE a.person_id IN ({persons})")
    assert found == {"a": {*range(many)} if binds else ANY}
