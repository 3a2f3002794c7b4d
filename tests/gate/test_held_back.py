"""What the engine might try on hidden rows is held back, what it may look up early is left alone, and the answers stay as they are."""

import pytest
import sqlglot
from sqlglot.optimizer.scope import traverse_scope

from throughway.gate.held_back import hold_back
from throughway.store.engine import DuckDBEngine

EARLY = (
    "t.a = 5",
    "t.a IN (1, 2) AND t.s LIKE 'x%' AND NOT t.d IS NULL",
    "t.d BETWEEN CAST('2026-01-01' AS DATE) AND CAST('2026-06-30' AS DATE) OR t.a = -1",
    "t.d >= CURRENT_DATE - INTERVAL '30' DAY AND t.x >= 29.5",
    "t.a = u.a AND LENGTH(t.s) = LENGTH(u.s)",
    "t.a IN (SELECT u.a FROM u AS u)",
    "x.a = 5",
)
HELD = (
    "LAST_DAY(t.d) > CAST('2026-01-01' AS DATE)",
    "t.d < t.s",
    "NOT (t.a = 1 OR LENGTH(t.s) > 2)",
    "(LENGTH(t.s) > 2 AND u.a = 1) OR (LENGTH(t.s) > 2 AND u.a = 2)",
    "t.x = 1.0000000000000000000000000000000000001",
    "CASE WHEN t.a > 1 THEN TRUE ELSE NULL END",
    "x.n = 3",
    "LENGTH(t.s) > 2 OR EXISTS(SELECT 1 FROM u AS u WHERE u.a = t.a)",
)
FROM = "t AS t CROSS JOIN u AS u CROSS JOIN (SELECT t.a, t.a + 1 AS n FROM t AS t) AS x"


def written(condition: str, place: str = "WHERE") -> tuple[str, str]:
    """A query with the condition, as it was and as it is held back."""
    sql = f"SELECT t.a, u.a AS b FROM {FROM} {place} {condition}"
    query = sqlglot.parse_one(sql, dialect="duckdb")
    before = query.sql(dialect="duckdb")
    hold_back(traverse_scope(query))
    return before, query.sql(dialect="duckdb")


@pytest.mark.parametrize("condition", EARLY)
def test_what_may_be_looked_up_early_stays_as_it_is(condition: str) -> None:
    before, after = written(condition)
    assert before == after


@pytest.mark.parametrize("condition", HELD)
def test_the_rest_is_held_back_and_says_the_same(condition: str) -> None:
    with DuckDBEngine(threads=1) as engine:
        for name, rows in (
            ("t", "(1, 'ab', 'x'), (2, 'abc', NULL), (3, NULL, 'y')"),
            ("u", "(1, 'ab', 'x'), (9, NULL, 'y')"),
        ):
            engine.run(
                f"CREATE TABLE {name} AS SELECT a, s, CAST(a AS DOUBLE) AS x, CAST('2026-01-0' || a AS DATE) AS d FROM (VALUES {rows}) AS v(a, s, z)"
            )
        for place in ("WHERE", "CROSS JOIN u AS w WHERE w.a = 1 AND", "LEFT JOIN u AS w ON w.a = t.a AND"):
            if place.startswith("LEFT") and "SELECT" in condition:
                continue  # of no outer join
            comparable = condition.replace(
                "t.d < t.s", "t.d < CAST(CASE WHEN t.a = 1 THEN '2027-01-01' END AS DATE)"
            )
            before, after = written(comparable, place)
            assert "LN(" in after
            rows = [sorted(map(str, engine.run(sql).to_pylist())) for sql in (before, after)]
            assert rows[0] == rows[1]
