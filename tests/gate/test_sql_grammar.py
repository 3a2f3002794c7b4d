"""What a reader may write, and that all else is refused in a sentence that holds nothing of the text but known words."""

import pytest

from tests.agreements.test_effective_grants import stands
from tests.gate.making import DAY, sharing
from throughway.agreements.effective_grants import grants_of
from throughway.core.refusals import Refused
from throughway.gate.compiler import compile_query
from throughway.gate.sql_grammar import parsed

GOOD = """
SELECT 1
(SELECT 1)
SELECT count(*), avg(x), sum(DISTINCT x), median(x), quantile_cont(x, 0.5), mode(x), stddev(x), corr(x, y) FROM person
SELECT a, count(*) FILTER (WHERE b IS NOT NULL) FROM person GROUP BY ALL HAVING count(*) > 3 ORDER BY ALL LIMIT 5 OFFSET 2
SELECT a, row_number() OVER (PARTITION BY a ORDER BY b) AS n FROM person QUALIFY n = 1
SELECT lag(a) OVER w, ntile(4) OVER w FROM person WINDOW w AS (ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
SELECT date_trunc('month', d), date_diff('day', d, e), year(d), extract(month FROM d), strftime(d, '%Y-%m') FROM person
SELECT d + INTERVAL 3 DAY, d - INTERVAL '1 month', last_day(d), date_part('year', d), current_date FROM person
SELECT upper(a), left(a, 3), substring(a, 1, 2), a || b, concat_ws(' ', a, b), replace(a, 'x', 'y'), length(a) FROM person
SELECT CASE a WHEN 'x' THEN 1 ELSE 0 END, coalesce(a, b), nullif(a, ''), greatest(x, y), if(a IS NULL, 1, 0) FROM person
SELECT x::INTEGER, CAST(x AS DECIMAL(10, 2)), TRY_CAST(a AS DATE), round(x, 1), x // 2, x % 2, x ** 2, sqrt(x) FROM person
SELECT a FROM person WHERE a LIKE 'x!%' ESCAPE '!' AND a ILIKE 'y' AND regexp_matches(a, '^z') AND a BETWEEN 'a' AND 'b'
SELECT a FROM person WHERE (a, b) IN (('x', 'y')) AND a IS DISTINCT FROM b AND NOT EXISTS (SELECT 1 FROM attendance_day)
SELECT * EXCLUDE (a) FROM person p LEFT JOIN attendance_day USING (person_id)
WITH x AS (SELECT a FROM person), y AS MATERIALIZED (SELECT a FROM x) SELECT * FROM y UNION ALL SELECT a FROM x
SELECT a FROM person INTERSECT SELECT a FROM person EXCEPT SELECT b FROM person
SELECT DISTINCT ON (a) a, b FROM person
SELECT a, sum(x) FROM person GROUP BY ROLLUP (a)
SELECT string_agg(DISTINCT a, ', ' ORDER BY a), arg_max(a, x), any_value(a), bool_or(x > 1), approx_count_distinct(a) FROM person
FROM person SELECT a
""".strip().splitlines()

BAD = """
SELECT * FROM person NATURAL JOIN attendance_day
SELECT * FROM person ASOF JOIN attendance_day ON person.person_id >= attendance_day.person_id
SELECT * FROM person POSITIONAL JOIN attendance_day
SELECT * FROM person TABLESAMPLE 10%
SELECT * FROM person USING SAMPLE 10
SELECT * FROM main.person
SELECT x.y.z.a FROM person
SELECT * FROM person p(a, b)
SELECT a FROM person UNION BY NAME SELECT b FROM person
SELECT a INTO x FROM person
SELECT a FROM person FOR UPDATE
WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x
WITH person AS (SELECT 1) SELECT * FROM person
WITH Attendance_Day AS (SELECT 1) SELECT * FROM attendance_day
WITH "throughway:person:north" AS (SELECT 1) SELECT 1
WITH "naïve" AS (SELECT 1) SELECT 1
SELECT * FROM person AS "a b"
SELECT * FROM person AS throughway_x
SELECT substring(a, length(a)) FROM person
SELECT left(a, x) FROM person
SELECT round(x, y) FROM person
SELECT strftime(d, a) FROM person
SELECT date_part(a, d) FROM person
SELECT d + INTERVAL (x) DAY FROM person
SELECT a FROM person LIMIT x
SELECT a FROM person LIMIT (SELECT 1)
SELECT a FROM person WHERE regexp_matches(a, b)
SELECT a::JSON FROM person
SELECT a::INTEGER[] FROM person
SELECT CAST(a AS STRUCT(b INTEGER)) FROM person
SELECT stats(a) FROM person
SELECT a FROM person; SELECT 1
INSERT INTO person VALUES (1)
EXPLAIN SELECT 1
SELECT $1
SELECT #1 FROM person
SELECT [a] FROM person
SELECT a[1] FROM person
SELECT x -> x + 1
SELECT * FROM person, LATERAL (SELECT 1) AS l
SELECT * FROM read_csv('x')
SELECT * FROM (VALUES (1)) AS v(a)
""".strip().splitlines()


@pytest.mark.parametrize("sql", GOOD)
def test_ordinary_questions_may_be_asked(sql: str) -> None:
    assert parsed(sql)


@pytest.mark.parametrize("sql", BAD)
def test_all_else_is_refused(sql: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(sql)
    assert refused.value.code == "sql"
    assert refused.value.message.endswith(".")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 80 + "1" + ")" * 80,
        "SELECT 1 -- " + "x" * 20_000,
        "SELECT " + "NOT " * 6_000 + "TRUE",
        "\x00",
    ],
)
def test_what_is_too_much_is_refused(sql: str) -> None:
    with pytest.raises(Refused):
        parsed(sql)


def compiled(sql: str) -> str:
    grants = [g for g in grants_of(stands(sharing()), ()) if g.purpose == "planning"]
    return compile_query(sql, grants, linked=(), on=DAY).sql


def test_casts_of_the_reader_give_null_where_they_fail() -> None:
    sql = compiled(
        "SELECT first_name::INTEGER, CAST(first_name AS DATE) FROM person WHERE first_name::BIGINT = 1"
    )
    assert sql.count("TRY_CAST(") == 3


def test_from_names_only_registered_relations() -> None:
    sql = compiled(
        "WITH x AS (SELECT * FROM person) SELECT x.person_id FROM x JOIN attendance_day AS a USING (person_id)"
    )
    assert '"throughway:person:' in sql
    assert "FROM person" not in sql
    assert "JOIN attendance_day" not in sql
