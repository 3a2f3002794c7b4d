"""Columns are made anew where a reader computes with them, and stay where they are only shown; the answers stay as they are."""

import pytest
import sqlglot
from sqlglot.optimizer.scope import traverse_scope

from throughway.gate.leak_prevention.early_evaluation import recompute_columns
from throughway.store.engine import DuckDBEngine

KINDS = {"a": "BIGINT", "b": "BOOLEAN", "s": "VARCHAR", "x": "DOUBLE", "d": "DATE", "m": "TIMESTAMP"}
AS_THEY_ARE = (
    "SELECT TRUE AS x, NULL AS y FROM t AS t",
    "SELECT t.a, t.s AS z FROM t AS t ORDER BY t.s, z",
    "SELECT DISTINCT t.a, t.d FROM t AS t",
    "SELECT DISTINCT ON (t.a) t.d FROM t AS t ORDER BY t.a",
    "SELECT t.s, COUNT(*), SUM(t.x), MAX(t.d), COUNT(DISTINCT t.a) FROM t AS t GROUP BY t.s",
    "SELECT GROUPING(t.s), COUNT(*) FROM t AS t GROUP BY GROUPING SETS ((t.s, t.a), (t.s))",
    "SELECT COUNT(*) FROM t AS t GROUP BY CUBE (t.s, t.a)",
    "SELECT COUNT(*) FROM t AS t GROUP BY ROLLUP (t.s, t.a)",
    "SELECT ROW_NUMBER() OVER (PARTITION BY t.s ORDER BY t.d) FROM t AS t",
    "SELECT LAG(t.a IGNORE NULLS) OVER (ORDER BY t.a), FIRST(t.a RESPECT NULLS) FROM t AS t GROUP BY t.a",
    "SELECT t.a FROM t AS t WHERE t.s = 'ab' AND NOT t.b OR t.b",
    "SELECT t.a FROM t AS t WHERE t.a IN (SELECT u.a FROM u AS u) AND (t.a, t.s) IN (SELECT u.a, u.s FROM u AS u)",
    "SELECT t.a FROM t AS t JOIN u AS u ON t.a = u.a GROUP BY t.a, t.b HAVING t.b",
    "SELECT t.a FROM t AS t JOIN u AS u ON t.b",
    "SELECT ROW_NUMBER() OVER () AS n FROM t AS t QUALIFY t.b",
    "SELECT SUM(CASE WHEN t.s = 'ab' THEN 1 ELSE 0 END), COUNT(*) FILTER(WHERE t.a > 1) FROM t AS t",
)
COMPUTED = {
    "SELECT LENGTH(t.s) AS n FROM t AS t": "SELECT LENGTH(GREATEST(t.s, t.s)) AS n FROM t AS t",
    "SELECT t.a + 1 AS n, (t.a) FROM t AS t": "SELECT GREATEST(t.a, t.a) + 1 AS n, (t.a) FROM t AS t",
    "SELECT (t.a) + 1 AS n FROM t AS t": "SELECT (GREATEST(t.a, t.a)) + 1 AS n FROM t AS t",
    "SELECT t.s LIKE 'a!%' ESCAPE '!' AS n FROM t AS t": "SELECT GREATEST(t.s, t.s) LIKE 'a!%' ESCAPE '!' AS n FROM t AS t",
    "SELECT t.d = t.m AS n FROM t AS t": "SELECT GREATEST(t.d, t.d) = GREATEST(t.m, t.m) AS n FROM t AS t",
    "SELECT MAX(YEAR(t.d)) AS n FROM t AS t GROUP BY UPPER(t.s)":
        "SELECT MAX(YEAR(GREATEST(t.d, t.d))) AS n FROM t AS t GROUP BY UPPER(GREATEST(t.s, t.s))",
    "SELECT t.a FROM t AS t ORDER BY YEAR(t.d)": "SELECT t.a FROM t AS t ORDER BY YEAR(GREATEST(t.d, t.d))",
    "SELECT t.a AS z FROM t AS t ORDER BY z = 3": "SELECT t.a AS z FROM t AS t ORDER BY GREATEST(z, z) = 3",
    "SELECT CASE WHEN t.a = 1 THEN t.x END AS n FROM t AS t": "SELECT CASE WHEN t.a = 1 THEN GREATEST(t.x, t.x) END AS n FROM t AS t",
    "SELECT t.a FROM t AS t WHERE t.a IN (1, LENGTH(t.s))":
        "SELECT t.a FROM t AS t WHERE GREATEST(t.a, t.a) IN (1, LENGTH(GREATEST(t.s, t.s)))",
    "SELECT t.a FROM t AS t WHERE EXISTS(SELECT 1 FROM u AS u WHERE u.a + 1 = t.a)":
        "SELECT t.a FROM t AS t WHERE EXISTS(SELECT 1 FROM u AS u WHERE GREATEST(u.a, u.a) + 1 = GREATEST(t.a, t.a))",
    "SELECT x.a FROM (SELECT t.a + 1 AS a, t.d FROM t AS t) AS x WHERE x.a = 3 AND x.d IS NULL":
        "SELECT x.a FROM (SELECT GREATEST(t.a, t.a) + 1 AS a, t.d FROM t AS t) AS x WHERE GREATEST(x.a, x.a) = 3 AND x.d IS NULL",
    "WITH x AS (SELECT UPPER(t.s) AS s FROM t AS t) SELECT x.s FROM x AS x UNION SELECT LOWER(u.s) AS s FROM u AS u":
        "WITH x AS (SELECT UPPER(GREATEST(t.s, t.s)) AS s FROM t AS t) SELECT x.s FROM x AS x UNION SELECT LOWER(GREATEST(u.s, u.s)) AS s FROM u AS u",
    # A day and a span of whole days are a moment, and a day again.
    "SELECT t.a FROM t AS t WHERE t.d > CURRENT_DATE - INTERVAL '30' DAY":
        "SELECT t.a FROM t AS t WHERE t.d > CAST(CURRENT_DATE - INTERVAL '30' DAY AS DATE)",
    "SELECT t.a FROM t AS t WHERE (CURRENT_DATE + INTERVAL '1' MONTH) = (t.d)":
        "SELECT t.a FROM t AS t WHERE CAST((CURRENT_DATE + INTERVAL '1' MONTH) AS DATE) = (t.d)",
    "SELECT t.a FROM t AS t WHERE t.d IN ('2026-01-01', CURRENT_DATE + INTERVAL '1' DAY) AND t.m < CURRENT_DATE + INTERVAL '1' DAY":
        "SELECT t.a FROM t AS t WHERE t.d IN ('2026-01-01', CAST(CURRENT_DATE + INTERVAL '1' DAY AS DATE)) AND t.m < CURRENT_DATE + INTERVAL '1' DAY",
    "SELECT t.a FROM t AS t WHERE t.d LIKE CURRENT_DATE + INTERVAL '1' DAY": "SELECT t.a FROM t AS t WHERE t.d LIKE CURRENT_DATE + INTERVAL '1' DAY",
}  # fmt: skip


def made(sql: str) -> str:
    query = sqlglot.parse_one(sql, dialect="duckdb")
    recompute_columns(traverse_scope(query), lambda table, name: KINDS.get(name))
    return query.sql(dialect="duckdb")


def as_written(sql: str) -> str:
    return sqlglot.parse_one(sql, dialect="duckdb").sql(dialect="duckdb")


@pytest.mark.parametrize("sql", AS_THEY_ARE)
def test_what_is_only_shown_grouped_or_compared_stays_as_it_is(sql: str) -> None:
    assert made(sql) == as_written(sql)


@pytest.mark.parametrize("sql", COMPUTED)
def test_what_is_computed_with_is_made_anew(sql: str) -> None:
    assert made(sql) == as_written(COMPUTED[sql])


def test_the_greatest_of_a_value_and_itself_is_the_value() -> None:
    values = {
        "BIGINT": "0, -9223372036854775808, 9223372036854775807", "DOUBLE": "0, -1e308, 'nan', 'inf', '-inf'",
        "VARCHAR": "'', 'é', 'e\u0301', 'Zed'", "BOOLEAN": "TRUE, FALSE", "DATE": "'0001-01-01', '300000-01-01', 'infinity'",
        "TIMESTAMP": "'2026-01-01 10:00:00'", "TIME": "'10:00:00'",
    }  # fmt: skip
    with DuckDBEngine(threads=1) as engine:
        for kind, given in values.items():
            each = ", ".join(f"({v})" for v in [*given.split(", "), "NULL"])
            told = engine.run(
                f"SELECT count(*) AS n, count(*) FILTER (WHERE GREATEST(v, v) IS NOT DISTINCT FROM v) AS same "
                f"FROM (SELECT CAST(w AS {kind}) AS v FROM (VALUES {each}) AS x(w)) AS y"
            )
            assert told["n"] == told["same"], kind
