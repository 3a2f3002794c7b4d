"""Attacks on the gate by SQL. This list only grows.

Each attack runs over two stores that differ in nothing but what the reader may not see: columns that are not granted, rows
outside the population, another partner's rows. Whatever comes back, rows or a refusal, must be the same for both, word for
word; so nothing hidden can have reached it.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.gate import making
from throughway.agreements.document import AgreementDocument, version_of
from throughway.agreements.lifecycle import Standing, State
from throughway.gate.compile import governed, relation_name
from throughway.gate.decision import Decision, decide
from throughway.partners.actor import Actor
from throughway.refusals import Refused
from throughway.store import schemas
from throughway.store.engine import DuckDBEngine

DAY = date(2026, 9, 1)
READER = Actor("r@hub.example", "hub", "evaluator")

ATTACKS = """
SELECT stats(first_name) FROM person
SELECT stats(birthdate) FROM person
SELECT STATS(p.first_name) FROM person AS p
SELECT "stats"(first_name) FROM person
SELECT main.stats(first_name) FROM person
SELECT system.main.stats(first_name) FROM person
SELECT vector_type(first_name) FROM person
SELECT error(first_name) FROM person
SELECT CASE WHEN first_name = 'Zed' THEN error('x') END FROM person
SELECT error('x') FROM person WHERE first_name = 'Zed'
SELECT CAST(first_name AS INTEGER) FROM person
SELECT first_name::INTEGER FROM person
SELECT count(*) FROM person WHERE CAST(first_name AS INTEGER) = 1
SELECT count(*) FROM person WHERE first_name::DATE > DATE '2020-01-01'
SELECT count(*) FROM person WHERE first_name = 5
SELECT sum(first_name) FROM person
SELECT 1 // (CASE WHEN first_name = 'Zed' THEN 0 ELSE 1 END) FROM person
SELECT 1 % (CASE WHEN first_name = 'Zed' THEN 0 ELSE 1 END) FROM person
SELECT ln(CASE WHEN first_name = 'Zed' THEN -1 ELSE 1 END) FROM person
SELECT count(*) FROM person WHERE ln(CASE WHEN first_name = 'Zed' THEN -1 ELSE 1 END) >= 0
SELECT count(*) FROM person WHERE sqrt(CASE WHEN first_name = 'Zed' THEN -1 ELSE 1 END) >= 0
SELECT count(*) FROM person WHERE power(10.0, CASE WHEN first_name = 'Zed' THEN 400 ELSE 1 END) > 0
SELECT count(*) FROM person WHERE 9223372036854775807 + (CASE WHEN first_name = 'Zed' THEN 1 ELSE 0 END) > 0
SELECT count(*) FROM person WHERE -(CASE WHEN first_name = 'Zed' THEN -9223372036854775808 ELSE 1 END) < 9
SELECT count(*) FROM person WHERE abs(CASE WHEN first_name = 'Zed' THEN -9223372036854775808 ELSE 1 END) > 0
SELECT count(*) FROM person WHERE substring(first_name, CASE WHEN first_name = 'Zed' THEN -9223372036854775808 ELSE 1 END) <> ''
SELECT count(*) FROM person WHERE substring(first_name, CASE WHEN first_name = 'Zed' THEN -5000000000 ELSE 1 END) <> ''
SELECT count(*) FROM person WHERE left(first_name, CASE WHEN first_name = 'Zed' THEN -9223372036854775808 ELSE 1 END) <> ''
SELECT count(*) FROM person WHERE regexp_matches('a', CASE WHEN first_name = 'Zed' THEN '(' ELSE 'a' END)
SELECT count(*) FROM person WHERE date_part(first_name, DATE '2020-01-01') = 1
SELECT count(*) FROM person WHERE strftime(DATE '2020-01-01', first_name) = ''
SELECT count(*) FROM person WHERE DATE '9999-01-01' + INTERVAL (CASE WHEN first_name = 'Zed' THEN 100000 ELSE 1 END) YEAR IS NULL
SELECT count(*) FROM person WHERE round(1.5, CASE WHEN first_name = 'Zed' THEN 2147483647 ELSE 1 END) > 0
SELECT count(*) FROM person WHERE replace(first_name, 'Zed', 'x') = 'x'
SELECT count(*) FROM person WHERE (SELECT count(*) FROM person q WHERE q.first_name = 'Zed') > 0
SELECT (SELECT max(first_name) FROM person q WHERE q.person_id <> p.person_id) FROM person p
SELECT last_or_surname FROM person
SELECT p.last_or_surname FROM person p
SELECT "LAST_OR_SURNAME" FROM "PERSON"
SELECT count(*) FROM person WHERE last_or_surname = 'Hidden'
SELECT person_id FROM person ORDER BY last_or_surname
SELECT person_id FROM person GROUP BY person_id, last_or_surname
SELECT person_id, row_number() OVER (ORDER BY last_or_surname) FROM person
SELECT person_id, count(*) FILTER (WHERE last_or_surname = 'Hidden') FROM person GROUP BY 1
SELECT max(last_or_surname) FROM person
SELECT arg_max(person_id, last_or_surname) FROM person
SELECT hash(last_or_surname) FROM person
SELECT md5(last_or_surname) FROM person
SELECT count(DISTINCT last_or_surname) FROM person
SELECT approx_count_distinct(last_or_surname) FROM person
SELECT EXTRACT(year FROM birthdate) FROM person
SELECT birthdate FROM person
SELECT person.birthdate + 0 FROM person
SELECT month(birthdate) FROM person
SELECT * FROM person
SELECT person.* FROM person
SELECT p.* EXCLUDE (first_name) FROM person p
SELECT * REPLACE (last_or_surname AS first_name) FROM person
SELECT COLUMNS('.*') FROM person
SELECT COLUMNS(*) FROM person
SELECT min(COLUMNS(*)) FROM person
SELECT person FROM person
SELECT p FROM person p
SELECT p.last_or_surname.x FROM person p
SELECT struct_pack(p) FROM person p
SELECT to_json(p) FROM person p
SELECT row(person) FROM person
SELECT list(first_name) FROM person
SELECT {'a': last_or_surname} FROM person
SELECT list_transform([1], x -> last_or_surname) FROM person
SELECT [last_or_surname] FROM person
SELECT unnest([last_or_surname]) FROM person
SELECT person_record FROM person
SELECT record FROM person
SELECT source_record_id FROM person
SELECT partner FROM person
SELECT rowid FROM person
SELECT file_row_number FROM attendance_day
SELECT filename FROM attendance_day
SELECT t.last_or_surname FROM person
SELECT "t"."last_or_surname" FROM person
SELECT l.record FROM person
SELECT p0.person_record FROM attendance_day
SELECT attendance_event_reason FROM attendance_day
SELECT count(*) FROM attendance_day WHERE attendance_event_reason LIKE '%'
SELECT * FROM attendance_day NATURAL JOIN person
SELECT * FROM attendance_day a ASOF JOIN person p ON a.person_id >= p.person_id
SELECT * FROM attendance_day POSITIONAL JOIN person
SELECT * FROM person JOIN attendance_day USING (record)
SELECT * FROM service_received
SELECT service_date FROM service_received
SELECT 1 FROM person UNION SELECT service_date FROM service_received
SELECT first_name FROM person UNION ALL SELECT last_or_surname FROM person
SELECT first_name FROM person EXCEPT SELECT last_or_surname FROM person
SELECT first_name FROM person WHERE first_name IN (SELECT last_or_surname FROM person)
SELECT first_name FROM person WHERE EXISTS (SELECT 1 FROM service_received)
SELECT * FROM school_enrollment
SELECT entry_grade_level FROM school_enrollment
SELECT * FROM person_link
SELECT * FROM record_key
SELECT * FROM pseudonym
SELECT * FROM "throughway:person:north"
SELECT * FROM "throughway:person_link:"
SELECT * FROM "throughway:school_enrollment:north"
SELECT * FROM throughway
SELECT * FROM main.person
SELECT * FROM memory.main.person
SELECT * FROM temp.person
SELECT * FROM store.person
SELECT * FROM PERSON
SELECT * FROM ｐerson
SELECT * FROM "perſon"
SELECT * FROM pg_catalog.pg_class
SELECT * FROM information_schema.tables
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_views()
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_columns()
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_temporary_files()
SELECT * FROM sqlite_master
SELECT * FROM pragma_table_info('person')
SELECT * FROM pragma_storage_info('person')
SELECT * FROM glob('/*')
SELECT * FROM glob('**')
SELECT * FROM read_parquet('/tmp/*.parquet')
SELECT * FROM parquet_scan('x')
SELECT * FROM parquet_metadata('x')
SELECT * FROM parquet_schema('x')
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_csv_auto('/etc/passwd')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_blob('/etc/passwd')
SELECT * FROM read_json('/etc/passwd')
SELECT * FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM 'https://example.org/x.parquet'
SELECT * FROM sniff_csv('/etc/passwd')
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('person')
SELECT * FROM range(5)
SELECT * FROM generate_series(1, 5)
SELECT * FROM unnest([1])
SELECT * FROM repeat_row(1, num_rows = 3)
SELECT * FROM (VALUES (1)) AS v(a)
SELECT * FROM (SUMMARIZE person)
SELECT * FROM (DESCRIBE person)
SELECT * FROM (SHOW TABLES)
SELECT * FROM (PIVOT person ON first_name)
SELECT * FROM person PIVOT (count(*) FOR first_name IN ('Ada'))
SELECT * FROM (UNPIVOT person ON first_name)
SELECT * FROM person TABLESAMPLE 50%
SELECT * FROM person USING SAMPLE 1
SELECT * FROM person, LATERAL (SELECT last_or_surname) AS x
SELECT * FROM person p, LATERAL (SELECT p.last_or_surname) AS x
SELECT * FROM person p JOIN LATERAL (SELECT p.birthdate AS b) AS x ON TRUE
SELECT * FROM person AT (VERSION => 1)
SELECT #1 FROM person
SELECT $1 FROM person
SELECT ? FROM person
SELECT @x FROM person
SELECT getvariable('x')
SELECT current_setting('allowed_paths')
SELECT current_database()
SELECT current_schemas(TRUE)
SELECT version()
SELECT current_user
SELECT pg_typeof(first_name) FROM person
SELECT typeof(first_name) FROM person
SELECT getenv('HOME')
SELECT nextval('x')
SELECT txid_current()
SELECT random()
SELECT uuid()
SELECT now()
SELECT setseed(0.5)
SELECT sleep_ms(1000)
SELECT repeat('x', 100000000)
SELECT lpad('x', 1000000000, 'y')
SELECT query('SELECT 1')
SELECT TRY(last_or_surname) FROM person
SELECT histogram(first_name) FROM person
SELECT approx_top_k(first_name, 3) FROM person
SELECT reservoir_quantile(birthdate, 0.5) FROM person
SELECT array_agg(first_name) FROM person
SELECT json_group_array(first_name) FROM person
SELECT min(first_name, 3) FROM person
SELECT first_name COLLATE NOCASE FROM person
SELECT first_name FROM person LIMIT (SELECT count(*) FROM service_received)
SELECT first_name FROM person LIMIT 10%
SELECT first_name FROM person OFFSET (SELECT 1)
SELECT ALL * FROM person FOR UPDATE
SELECT * INTO x FROM person
FROM person
FROM person SELECT last_or_surname
FROM 'x.parquet'
TABLE person
VALUES (1)
WITH person AS (SELECT 1 AS a) SELECT * FROM person
WITH "PERSON" AS (SELECT 1 AS a) SELECT * FROM person
WITH school_enrollment AS (SELECT 11 AS person_record, '06' AS entry_grade_level) SELECT * FROM attendance_day
WITH "throughway:school_enrollment:north" AS (SELECT 12 AS person_record) SELECT * FROM attendance_day
WITH person_link AS (SELECT 11 AS record, 99 AS person) SELECT * FROM person_link
WITH t AS (SELECT 1) SELECT t.last_or_surname FROM person
WITH p0 AS (SELECT 12 AS person_record, DATE '2000-01-01' AS first_day, DATE '2030-01-01' AS last_day) SELECT person_id FROM attendance_day
WITH p AS (SELECT 12 AS person_record, '06' AS entry_grade_level) SELECT person_id FROM attendance_day
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r
WITH x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x
WITH x AS (SELECT * FROM x) SELECT * FROM x
WITH x AS (DELETE FROM person RETURNING *) SELECT * FROM x
WITH x AS (INSERT INTO person VALUES (1) RETURNING *) SELECT * FROM x
SELECT * FROM person AS t, person AS l WHERE t.person_id = l.person_id
SELECT "t".first_name FROM attendance_day AS "t"
SELECT * FROM person AS "throughway:person:north"
SELECT * FROM person AS "x"" y"
SELECT first_name AS "last""; DROP TABLE x; --" FROM person
SELECT 'a' AS "'" FROM person
SELECT first_name /* last_or_surname */ FROM person -- ; DROP TABLE person
SELECT first_name FROM person; SELECT 1
SELECT first_name FROM person; DROP TABLE person
SELECT 1; ATTACH 'x.db'
ATTACH '/tmp/x.db' AS x
DETACH x
COPY person TO '/tmp/x.csv'
COPY (SELECT * FROM person) TO '/tmp/x.parquet'
EXPORT DATABASE '/tmp/x'
IMPORT DATABASE '/tmp/x'
INSTALL httpfs
LOAD httpfs
PRAGMA database_list
PRAGMA table_info('person')
PRAGMA enable_profiling
SET enable_external_access = true
RESET allowed_paths
CALL pragma_version()
CREATE TABLE x AS SELECT * FROM person
CREATE MACRO f(x) AS x
CREATE VIEW person AS SELECT 1
INSERT INTO person VALUES (1)
UPDATE person SET first_name = 'x'
DELETE FROM person
DROP TABLE person
TRUNCATE person
EXPLAIN SELECT * FROM person
EXPLAIN ANALYZE SELECT * FROM person
DESCRIBE SELECT * FROM person
SUMMARIZE person
SHOW TABLES
VACUUM
CHECKPOINT
BEGIN
PREPARE x AS SELECT 1
EXECUTE x
USE memory
COMMENT ON TABLE person IS 'x'
GRANT SELECT ON person TO x
SELECT
SELECT FROM
)(
'
"
--
/*
SELECT first_name FROM person WHERE first_name = 'Zed
SELECT first_name FROM person ORDER BY ALL
SELECT first_name, count(*) FROM person GROUP BY ALL
SELECT count(*) FROM person a, person b, person c
SELECT DISTINCT ON (last_or_surname) person_id FROM person
SELECT person_id FROM person QUALIFY row_number() OVER (ORDER BY last_or_surname) = 1
SELECT lag(last_or_surname) OVER (ORDER BY person_id) FROM person
SELECT count(*) FROM attendance_day a JOIN person p ON a.person_id = p.person_id AND p.last_or_surname = 'Hidden'
SELECT attendance_status, count(*) FROM attendance_day GROUP BY CUBE (attendance_status, attendance_event_reason)
SELECT person_id, birthdate AS last_or_surname FROM person ORDER BY last_or_surname
SELECT first_name AS last_or_surname FROM person WHERE last_or_surname = 'Hidden'
SELECT first_name AS x FROM person HAVING x = 'Zed'
SELECT count(*) FROM person WHERE first_name SIMILAR TO 'Z.*'
SELECT count(*) FROM person WHERE first_name ~ 'Z.*'
SELECT count(*) FROM person WHERE first_name GLOB 'Z*'
SELECT count(*) FROM person WHERE first_name LIKE 'Z%' ESCAPE first_name
SELECT count(*) FROM person WHERE birthdate = 2012.5
SELECT first_name[1] FROM person
SELECT current_date - birthdate FROM person
SELECT person_id FROM person WHERE person_id = 12
SELECT person_id FROM person WHERE person_id IN (12, 22)
SELECT person_id FROM attendance_day WHERE person_id = 12
SELECT count(*) FROM attendance_day WHERE person_id = 12
SELECT p.person_id, a.attendance_status FROM person p FULL JOIN attendance_day a ON a.person_id = p.person_id
SELECT sum(person_id) FROM attendance_day
""".strip().splitlines()


@dataclass(frozen=True)
class Two:
    """The same reader before two stores that differ in what is hidden."""

    decision: Decision
    stores: tuple[Path, Path]

    def outcome(self, folder: Path, sql: str) -> object:
        try:
            compiled = governed(
                sql, self.decision.grants, linked=self.decision.linked, on=DAY,
                records_of=lambda persons: list(persons), most=1000,
            )  # fmt: skip
            with DuckDBEngine(threads=1, memory_limit="512MB") as engine:
                files = []
                for table, partner in sorted(compiled.relations):
                    path = folder / f"{table}.{partner}.parquet"
                    if path.exists():
                        files.append(path)
                    engine.register(
                        relation_name(table, partner), [path] if path.exists() else schemas.empty(table)
                    )
                engine.lock(files)
                answer = engine.run(compiled.sql)
            return answer.column_names, sorted(map(str, answer.to_pylist()))
        except Refused as refused:
            return refused.code, refused.message, refused.citations


def filled(folder: Path, hidden: str, extra: int) -> Path:
    """Ada (11) is in the population; 12 and those after are not. Surnames and reasons are granted to nobody."""
    folder.mkdir()
    day = date(2026, 9, 1)

    def write(table: str, partner: str, rows: list[dict[str, Any]]) -> None:
        pq.write_table(making.rows(table, rows), folder / f"{table}.{partner}.parquet")

    outside = range(12, 13 + extra)
    write("person", "north", [
        {"person_record": 11, "first_name": "Ada", "last_or_surname": hidden, "birthdate": date(2012, 3, 4 + extra), "source_record_id": hidden},
        *({"person_record": n, "first_name": hidden, "last_or_surname": hidden, "birthdate": date(1990 + n, 1, 1)} for n in outside),
    ])  # fmt: skip
    write("school_enrollment", "north", [
        {"person_record": 11, "record": 1, "enrollment_entry_date": date(2026, 8, 1), "entry_grade_level": "06"},
        *({"person_record": n, "record": n, "enrollment_entry_date": day, "entry_grade_level": hidden} for n in outside),
    ])  # fmt: skip
    write("attendance_day", "north", [
        {"person_record": n, "record": n, "attendance_event_date": day, "attendance_status": "Present" if n == 11 else hidden,
         "attendance_event_reason": hidden} for n in (11, *outside)
    ])  # fmt: skip
    write("person", "harbor", [{"person_record": 21, "first_name": hidden, "last_or_surname": hidden}])
    write(
        "service_received",
        "harbor",
        [{"person_record": 21, "record": 1, "service_date": day, "service_notes": hidden}],
    )
    return folder


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    document = AgreementDocument.model_validate(making.sharing(
        purposes=[making.purpose("planning", "operations", "identified", **{"from": ["north"]}, recipients=["hub"])],
        schedule=[
            making.line("attendance_day.*", "planning"),
            making.line("person.first_name", "planning"),
            making.line("person.birthdate", "planning", transform="year"),
        ],
        population=[{"on": "school_enrollment", "where": "entry_grade_level = '06'", "when": "ever"}],
    ))  # fmt: skip
    standing = Standing(document, version_of(document), State.ACTIVE, "")
    decision = decide(then=[standing], now=[standing], actor=READER, purpose="planning", on=DAY, today=DAY)
    folder = tmp_path_factory.mktemp("attacks")
    return Two(decision, (filled(folder / "a", "Zed", 1), filled(folder / "b", "Hidden", 4)))


def test_there_are_many_attacks() -> None:
    assert len(set(ATTACKS)) >= 250


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_hidden_reaches_the_answer(two: Two, attack: str) -> None:
    first, second = (two.outcome(folder, attack) for folder in two.stores)
    assert first == second
    assert "Zed" not in str(first)


def test_what_is_granted_is_shown(two: Two) -> None:
    """The attacks fail for the right reason: the same reader is answered where it may read."""
    sql = "SELECT p.first_name, p.birthdate, a.attendance_status FROM person p JOIN attendance_day a USING (person_id)"
    answer = two.outcome(two.stores[0], sql)
    assert answer[1] == ["{'first_name': 'Ada', 'birthdate': 2012, 'attendance_status': 'Present'}"]  # type: ignore[index]
