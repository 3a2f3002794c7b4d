"""The attacks on the gate by SQL, each with a name: its shape and its place there. This table only grows, at the ends of its
shapes, so that a name stays."""

from throughway.core.refusals import Refused
from throughway.gate.sql_grammar import parsed

TABLE = """
## statistics and errors that carry values
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
SELECT DISTINCT first_name::BIGINT FROM person WHERE birthdate IS NULL
SELECT count(*) FROM person WHERE first_name::DATE IS NOT NULL

## hidden columns, by filter, order and hash
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

## stars, structs and hidden names
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

## tables that are not granted
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
SELECT * FROM contact_note
SELECT contact_text FROM contact_note
SELECT first_name FROM person WHERE EXISTS (SELECT 1 FROM contact_note)
SELECT count(*) FROM casework_contactnote
SELECT * FROM referral_event
SELECT student_name, contact_phone FROM referral_event WHERE receiving_partner = 'harbor'
SELECT count(*) FROM casework_referralevent
SELECT count(*) FROM casework_referral
SELECT * FROM "throughway:contact_note:north"
SELECT session_mark FROM session_attendance
SELECT walk_in_name FROM walk_in
SELECT walk_in_name FROM session_attendance WHERE walk_in_name IS NOT NULL
SELECT first_name FROM person WHERE EXISTS (SELECT 1 FROM walk_in)
SELECT count(*) FROM casework_sessionmark
SELECT count(*) FROM casework_walkinname
SELECT * FROM "throughway:walk_in:north"

## catalogs and metadata
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

## files and other sources
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

## other forms of FROM
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

## settings, chance and places
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

## functions that keep many values
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

## names that shadow
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

## statements that are no query
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

## what is not SQL
SELECT
SELECT FROM
)(
'
"
--
/*
SELECT first_name FROM person WHERE first_name = 'Zed

## questions that are nearly allowed
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

## questions that must not be told from how many there are
SELECT count(*) FROM person a, person b, person c, person d, person e
SELECT a.person_id FROM person a, person b, person c, person d, person e, person f, person g, person h
SELECT count(*) FROM attendance_day a CROSS JOIN attendance_day b CROSS JOIN attendance_day c
SELECT count(*) FILTER (WHERE first_name <> '') OVER () AS n FROM person
SELECT ntile(4) OVER (ORDER BY person_id) AS n, person_id FROM person
SELECT percent_rank() OVER (ORDER BY person_id) AS n, person_id FROM person
SELECT cume_dist() OVER (ORDER BY attendance_status) AS n FROM attendance_day
SELECT person_id - lag(person_id) OVER (ORDER BY person_id) AS gap FROM person
SELECT min(person_id), max(person_id), avg(person_id), stddev_pop(person_id) FROM person
SELECT approx_count_distinct(person_id) FROM attendance_day
SELECT quantile_cont(person_id, 0.5), mode(attendance_status) FROM attendance_day
SELECT a.person_id FROM person a LEFT JOIN attendance_day b ON b.person_id = a.person_id + 1
SELECT a.person_id FROM person a ANTI JOIN attendance_day b ON a.person_id = b.person_id
SELECT count(*) FROM attendance_day WHERE person_id NOT IN (SELECT person_id FROM person)
SELECT p.person_id, n FROM person p, (SELECT count(*) AS n FROM attendance_day) AS x
SELECT grouping(first_name) AS g, count(*) FROM person GROUP BY ROLLUP (first_name)
SELECT count(*) FROM person GROUP BY GROUPING SETS ((first_name), ())
SELECT first_name, count(*) FROM person GROUP BY 1 HAVING count(*) < 2
SELECT person_id FROM person LIMIT 1000000
SELECT person_id FROM person ORDER BY person_id OFFSET 3
SELECT person_id FROM attendance_day WHERE person_id BETWEEN 0 AND 9223372036854775807
SELECT count(*) FROM attendance_day WHERE attendance_event_date > DATE '0001-01-01'

## errors and work that a hidden row would cause
SELECT count(*) FROM attendance_day WHERE ln(CASE WHEN attendance_status = 'Zed' THEN -1 ELSE 1 END) >= 0
SELECT count(*) FROM attendance_day WHERE 1 // (CASE WHEN attendance_status = 'Zed' THEN 0 ELSE 1 END) > 0
SELECT count(*) FROM attendance_day WHERE sqrt(CASE WHEN attendance_status = 'Zed' THEN -1 ELSE 1 END) >= 0
SELECT count(*) FROM attendance_day WHERE power(10.0, CASE WHEN attendance_status = 'Zed' THEN 400 ELSE 1 END) > 0
SELECT count(*) FROM attendance_day WHERE exp(CASE WHEN attendance_status = 'Zed' THEN 800 ELSE 1 END) > 0
SELECT count(*) FROM attendance_day WHERE CAST(attendance_status AS INTEGER) > 0
SELECT count(*) FROM attendance_day WHERE attendance_status::DATE > DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 5
SELECT count(*) FROM attendance_day WHERE person_id * 9223372036854775807 > 0
SELECT count(*) FROM attendance_day WHERE 9223372036854775807 - person_id + 11 > 0
SELECT count(*) FROM attendance_day WHERE 9223372036854775807 + (CASE WHEN attendance_status = 'Zed' THEN 1 ELSE 0 END) > 0
SELECT count(*) FROM attendance_day WHERE CAST(1000 + length(attendance_status) AS TINYINT) IS NULL
SELECT count(*) FROM attendance_day WHERE CAST(CASE WHEN attendance_status = 'Zed' THEN 'x' ELSE '1' END AS DECIMAL(3, 1)) > 0
SELECT count(*) FROM attendance_day WHERE CAST(CASE WHEN attendance_status = 'Zed' THEN '25:99' ELSE '10:00:00' END AS TIME) IS NULL
SELECT count(*) FROM attendance_day WHERE regexp_matches('a', attendance_status || '(')
SELECT count(*) FROM attendance_day WHERE attendance_status LIKE '%' || attendance_status ESCAPE '%'
SELECT count(*) FROM attendance_day WHERE attendance_event_date + INTERVAL (length(attendance_status) * 1000000) YEAR IS NULL
SELECT count(*) FROM attendance_day WHERE date_trunc(attendance_status, attendance_event_date) IS NULL
SELECT count(*) FROM attendance_day WHERE strftime(attendance_event_date, attendance_status) = ''
SELECT count(*) FROM attendance_day WHERE left(attendance_status, CASE WHEN attendance_status = 'Zed' THEN -9223372036854775808 ELSE 1 END) <> ''
SELECT sum(CASE WHEN attendance_status = 'Zed' THEN 9223372036854775807 ELSE 1 END) FROM attendance_day
SELECT (SELECT a.attendance_status FROM attendance_day a WHERE a.person_id = p.person_id) FROM person p
SELECT count(*) FROM person p WHERE (SELECT first_name FROM person q WHERE q.person_id >= p.person_id) <> ''
SELECT p.person_id FROM person p WHERE p.first_name = (SELECT max(attendance_status) FROM attendance_day a)
SELECT CASE WHEN count(*) > 3 THEN 1 // 0 ELSE 1 END FROM person

## names in other scripts and quotes
SELECT ﬁrst_name FROM person
SELECT first_name FROM pеrson
SELECT "first_name" FROM "person" AS "ρ"
SELECT "first_name " FROM person
SELECT first_name FROM "person "
SELECT first_name FROM "person​"
SELECT first name FROM person
SELECT first_name FROM person WHERE first_name = 'Zеd'
SELECT first_name AS "сhosen" FROM person
SELECT "Person"."First_Name" FROM "Person"
SELECT U&"first_name" FROM person
SELECT E'\\x5a6564' FROM person
SELECT $$Zed$$ FROM person
SELECT first_name FROM person WHERE first_name = $tag$Zed$tag$
SELECT `first_name` FROM `person`
SELECT [first_name] FROM [person]

## lateral joins and recursion
SELECT * FROM person p CROSS JOIN LATERAL (SELECT q.first_name AS f FROM person q WHERE q.person_id > p.person_id) AS x
SELECT * FROM person p, (SELECT p.last_or_surname AS x) AS y
SELECT * FROM person p, LATERAL unnest([p.first_name]) AS x
WITH RECURSIVE r AS (SELECT person_id AS n FROM person UNION SELECT n + 1 FROM r WHERE n < 20) SELECT * FROM r
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100000000) SELECT count(*) FROM r
WITH RECURSIVE r AS (SELECT last_or_surname AS n FROM person UNION ALL SELECT n FROM r) SELECT * FROM r
WITH x AS MATERIALIZED (SELECT * FROM person) SELECT last_or_surname FROM x
WITH x AS NOT MATERIALIZED (SELECT count(*) AS n FROM person) SELECT n FROM x
WITH x(a) AS (SELECT first_name FROM person) SELECT x.a, y.a FROM x JOIN x AS y ON x.a < y.a
WITH x USING KEY (a) AS (SELECT 1 AS a) SELECT * FROM x

## relations of the gate's own
SELECT * FROM "throughway:consented:sharing-2026/planning/north"
SELECT * FROM "throughway:not_consented:sharing-2026/planning/north"
SELECT * FROM "throughway:opted_out:sharing-2026/planning/north"
SELECT * FROM "throughway:caseload:north"
SELECT * FROM "throughway:roster:north"
SELECT * FROM "throughway:site:north"
SELECT * FROM consented
SELECT * FROM not_consented
SELECT * FROM caseload
SELECT * FROM roster
SELECT * FROM site
SELECT q0.record FROM person
SELECT q0.record FROM attendance_day
SELECT q.record FROM attendance_day
SELECT "q0"."record" FROM person AS p
SELECT admitted_0 FROM person
SELECT person.admitted_0 FROM person
WITH q0 AS (SELECT 12 AS record) SELECT person_id FROM attendance_day
WITH consented AS (SELECT 12 AS record) SELECT person_id FROM person
WITH caseload AS (SELECT 12 AS record) SELECT person_id FROM person
SELECT q0.person_id FROM person AS q0 JOIN attendance_day AS q1 ON q0.person_id = q1.person_id
SELECT t.person_id FROM person AS t SEMI JOIN attendance_day AS q0 ON t.person_id = q0.person_id
SELECT person_id FROM person WHERE person_id IN (SELECT record FROM consented)
SELECT * FROM consent
SELECT * FROM consent_signer
SELECT * FROM ledger_entry
SELECT * FROM partners_user
SELECT * FROM django_session

## errors and casts that the engine does not foresee
SELECT count(*) FROM attendance_day WHERE attendance_event_date + (CASE WHEN attendance_status = 'Zed' THEN 2147483647 ELSE 0 END) > DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_event_date - (CASE WHEN attendance_status = 'Zed' THEN 2147483647 ELSE 0 END) > DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_event_date + INTERVAL 1 YEAR * (CASE WHEN attendance_status = 'Zed' THEN 1000000000 ELSE 1 END) > DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE (CASE WHEN attendance_status = 'Zed' THEN 1000000000 ELSE 1 END) * INTERVAL 999999999 MONTH IS NULL
SELECT count(*) FROM attendance_day WHERE (CASE WHEN attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE attendance_event_date END) + INTERVAL 1 YEAR > DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_event_date + (CASE WHEN attendance_status = 'Zed' THEN INTERVAL '900000 years' ELSE INTERVAL 1 DAY END) > DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE (CASE WHEN attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE attendance_event_date END) > TIMESTAMP '2020-01-01 00:00:00'
SELECT count(*) FROM attendance_day WHERE date_diff('microsecond', DATE '2020-01-01', (CASE WHEN attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE attendance_event_date END)) > 0
SELECT count(*) FROM attendance_day WHERE date_diff('hour', (CASE WHEN attendance_status = 'Zed' THEN TIMESTAMP 'infinity' ELSE TIMESTAMP '2020-01-01' END), TIMESTAMP '2020-01-01') IS NOT NULL
SELECT count(*) FROM attendance_day WHERE date_trunc('week', CASE WHEN attendance_status = 'Zed' THEN DATE '5877642-06-25 (BC)' ELSE attendance_event_date END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE last_day(CASE WHEN attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE attendance_event_date END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE strftime(CASE WHEN attendance_status = 'Zed' THEN DATE 'infinity' ELSE attendance_event_date END, '%Y') <> ''
SELECT count(*) FROM attendance_day WHERE EXTRACT(epoch FROM CASE WHEN attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE attendance_event_date END) > 0
SELECT count(*) FROM attendance_day WHERE date_part('nanosecond', CASE WHEN attendance_status = 'Zed' THEN TIMESTAMP '290000-01-01' ELSE TIMESTAMP '2020-01-01' END) >= 0
SELECT count(*) FROM attendance_day WHERE monthname(CASE WHEN attendance_status = 'Zed' THEN DATE 'infinity' ELSE attendance_event_date END) <> ''
SELECT count(*) FROM attendance_day WHERE TRY_CAST(CASE WHEN attendance_status = 'Zed' THEN 9 ELSE 1 END AS DECIMAL(38, 0)) * CAST(20000000000000000000000000000000000000 AS DECIMAL(38, 0)) > 0
SELECT count(*) FROM attendance_day WHERE CAST(99999999999999999999999999999999999999 AS DECIMAL(38, 0)) + CAST(CASE WHEN attendance_status = 'Zed' THEN 9 ELSE 0 END AS DECIMAL(38, 0)) > 0
SELECT count(*) FROM attendance_day WHERE CAST(9 AS DECIMAL(18, 0)) * CAST(CASE WHEN attendance_status = 'Zed' THEN 999999999999999999 ELSE 0 END AS DECIMAL(18, 0)) > 0
SELECT count(*) FROM attendance_day WHERE CAST(170141183460469231731687303715884105727 AS HUGEINT) + (CASE WHEN attendance_status = 'Zed' THEN 1 ELSE 0 END) > 0
SELECT count(*) FROM attendance_day WHERE CAST(170141183460469231731687303715884105727 AS HUGEINT) * (CASE WHEN attendance_status = 'Zed' THEN 2 ELSE 1 END) > 0
SELECT count(*) FROM attendance_day WHERE -CAST(CASE WHEN attendance_status = 'Zed' THEN -128 ELSE 1 END AS TINYINT) < 9
SELECT count(*) FROM attendance_day WHERE abs(CAST(CASE WHEN attendance_status = 'Zed' THEN -128 ELSE 1 END AS TINYINT)) > 0
SELECT count(*) FROM attendance_day WHERE CAST(-128 AS TINYINT) // CAST(CASE WHEN attendance_status = 'Zed' THEN -1 ELSE 1 END AS TINYINT) < 0
SELECT count(*) FROM attendance_day WHERE CAST(-9223372036854775808 AS BIGINT) % (CASE WHEN attendance_status = 'Zed' THEN -1 ELSE 2 END) = 0
SELECT count(*) FROM attendance_day WHERE log(CASE WHEN attendance_status = 'Zed' THEN 0 ELSE 1 END) >= 0
SELECT count(*) FROM attendance_day WHERE log(CASE WHEN attendance_status = 'Zed' THEN 1 ELSE 2 END, 8) >= 0
SELECT count(*) FROM attendance_day WHERE ceil(CASE WHEN attendance_status = 'Zed' THEN 1e308 * 10 ELSE 1 END) >= 0
SELECT count(*) FROM attendance_day WHERE round(CAST(CASE WHEN attendance_status = 'Zed' THEN 99999999.9 ELSE 1 END AS DECIMAL(9, 1)), 0) >= 0
SELECT count(*) FROM attendance_day WHERE attendance_status IN (5, 6)
SELECT count(*) FROM attendance_day WHERE attendance_status BETWEEN 1 AND 5
SELECT count(*) FROM attendance_day WHERE attendance_status IS NOT DISTINCT FROM 5
SELECT count(*) FROM attendance_day WHERE nullif(attendance_status, 5) IS NULL
SELECT count(*) FROM attendance_day WHERE CASE attendance_status WHEN 5 THEN TRUE ELSE FALSE END
SELECT count(*) FROM attendance_day WHERE attendance_status > DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_event_date = attendance_status
SELECT count(*) FROM attendance_day a JOIN person p ON p.person_id = a.attendance_status
SELECT count(*) FROM attendance_day WHERE attendance_status
SELECT count(*) FROM attendance_day WHERE NOT attendance_status
SELECT count(*) FROM attendance_day WHERE attendance_status AND TRUE
SELECT count(*) FROM attendance_day WHERE person_id IN (SELECT attendance_status FROM attendance_day)
SELECT count(*) FROM attendance_day WHERE greatest(attendance_status, 5) > 6
SELECT count(*) FROM attendance_day WHERE coalesce(attendance_status, 5) = 6
SELECT count(*) FROM attendance_day WHERE attendance_status || 5 = 6
SELECT count(*) FROM attendance_day WHERE TIMESTAMP '2020-01-01' + INTERVAL '1 second' * (CASE WHEN attendance_status = 'Zed' THEN 9223372036854775807 ELSE 1 END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE TIME '10:00:00' + INTERVAL 1 HOUR * (CASE WHEN attendance_status = 'Zed' THEN 999999999999 ELSE 1 END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE INTERVAL 1 DAY * (CASE WHEN attendance_status = 'Zed' THEN 1e300 ELSE 1 END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE INTERVAL 1 DAY / (CASE WHEN attendance_status = 'Zed' THEN 0 ELSE 1 END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE TIMESTAMP '2020-01-01' - (CASE WHEN attendance_status = 'Zed' THEN TIMESTAMP 'infinity' ELSE TIMESTAMP '2020-01-01' END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE (CASE WHEN attendance_status = 'Zed' THEN DATE 'infinity' ELSE DATE '2020-01-01' END) - DATE '2020-01-01' IS NOT NULL
SELECT count(*) FROM attendance_day WHERE 'x' LIKE attendance_status || '\\'
SELECT count(*) FROM attendance_day WHERE trunc(CASE WHEN attendance_status = 'Zed' THEN 1e308 * 10 ELSE 1 END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE sign(CASE WHEN attendance_status = 'Zed' THEN -9223372036854775808 ELSE 1 END) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE power(CASE WHEN attendance_status = 'Zed' THEN -1 ELSE 1 END, 0.5) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE split_part(attendance_status, attendance_status, 1) = ''
SELECT count(*) FROM attendance_day WHERE datetrunc('day', attendance_event_date) > attendance_event_date
SELECT count(*) FROM attendance_day WHERE DATE '2020-01-01' + (CASE WHEN attendance_status = 'Zed' THEN TIME '10:00:00' ELSE TIME '11:00:00' END) IS NULL
SELECT sum(person_id) OVER (ORDER BY attendance_event_date RANGE BETWEEN (CASE WHEN attendance_status = 'Zed' THEN INTERVAL '-1 day' ELSE INTERVAL 1 DAY END) PRECEDING AND CURRENT ROW) FROM attendance_day
SELECT lag(person_id, CASE WHEN attendance_status = 'Zed' THEN -9223372036854775808 ELSE 1 END) OVER (ORDER BY person_id) FROM attendance_day
SELECT ntile(CASE WHEN attendance_status = 'Zed' THEN 0 ELSE 2 END) OVER (ORDER BY person_id) FROM attendance_day
SELECT nth_value(person_id, CASE WHEN attendance_status = 'Zed' THEN 0 ELSE 1 END) OVER (ORDER BY person_id) FROM attendance_day
SELECT sum(person_id) OVER (ORDER BY person_id ROWS BETWEEN (CASE WHEN attendance_status = 'Zed' THEN -1 ELSE 1 END) PRECEDING AND CURRENT ROW) FROM attendance_day
SELECT quantile_cont(person_id, CASE WHEN attendance_status = 'Zed' THEN 2.0 ELSE 0.5 END) FROM attendance_day
SELECT stddev_pop(CASE WHEN attendance_status = 'Zed' THEN 1e308 ELSE 1 END) FROM attendance_day
SELECT corr(person_id, CASE WHEN attendance_status = 'Zed' THEN 1e308 ELSE 1 END) FROM attendance_day
SELECT string_agg(attendance_status, attendance_status) FROM attendance_day
SELECT count(*) FROM attendance_day a JOIN attendance_day b ON a.attendance_event_date + (CASE WHEN b.attendance_status = 'Zed' THEN 2147483647 ELSE 0 END) = b.attendance_event_date
SELECT count(*) FROM person p WHERE EXISTS (SELECT 1 FROM attendance_day a WHERE a.person_id = p.person_id AND a.attendance_event_date + (CASE WHEN a.attendance_status = 'Zed' THEN 2147483647 ELSE 0 END) > DATE '2020-01-01')
SELECT count(*) FROM (SELECT attendance_event_date + (CASE WHEN attendance_status = 'Zed' THEN 2147483647 ELSE 0 END) AS d FROM attendance_day) AS x WHERE d > DATE '2020-01-01'
SELECT max(attendance_event_date + (CASE WHEN attendance_status = 'Zed' THEN 2147483647 ELSE 0 END)) FROM attendance_day
SELECT CAST(attendance_event_date AS TIMESTAMP) + INTERVAL '290000 years' FROM attendance_day
SELECT count(*) FROM attendance_day GROUP BY attendance_event_date + (CASE WHEN attendance_status = 'Zed' THEN 2147483647 ELSE 0 END)
SELECT person_id FROM attendance_day ORDER BY attendance_event_date + (CASE WHEN attendance_status = 'Zed' THEN 2147483647 ELSE 0 END)
SELECT count(*) FROM attendance_day WHERE week(CASE WHEN attendance_status = 'Zed' THEN DATE '5877642-06-25 (BC)' ELSE attendance_event_date END) > 0
SELECT count(*) FROM attendance_day WHERE dayname(CASE WHEN attendance_status = 'Zed' THEN DATE '5877642-06-25 (BC)' ELSE attendance_event_date END) <> ''
SELECT count(*) FROM attendance_day WHERE CAST(1e30 * length(attendance_status) AS BIGINT) IS NULL
SELECT count(*) FROM attendance_day WHERE exp(CASE WHEN attendance_status = 'Zed' THEN 1e308 ELSE 1 END) > 0
SELECT count(*) FROM attendance_day WHERE date_add(attendance_event_date, INTERVAL '300000 years') IS NULL OR attendance_status = 'x'
SELECT count(*) FROM attendance_day WHERE make_date(2020, length(attendance_status), 40) IS NULL
SELECT count(*) FROM attendance_day WHERE ascii(attendance_status) = chr(length(attendance_status))
SELECT count(*) FROM attendance_day WHERE 1 = ANY (SELECT length(attendance_status) - 2 FROM attendance_day)
SELECT count(*) FROM attendance_day WHERE 5 > ALL (SELECT length(attendance_status) FROM attendance_day)

## the same by way of joins, groups and queries within
SELECT count(*) FROM attendance_day a WHERE (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') OR EXISTS (SELECT 1 FROM person p WHERE FALSE)
SELECT count(*) FROM attendance_day a WHERE (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') AND EXISTS (SELECT 1 FROM person p WHERE p.person_id = a.person_id)
SELECT count(*) FROM attendance_day a, person p WHERE ((last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') AND p.first_name = 'Ada') OR ((last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') AND p.first_name = 'Bea')
SELECT count(*) FROM attendance_day a, person p WHERE NOT (NOT (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') OR p.first_name = 'Ada')
SELECT count(*) FROM attendance_day a JOIN person p ON p.person_id = a.person_id AND (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01')
SELECT count(*) FROM person p LEFT JOIN attendance_day a ON p.person_id = a.person_id AND (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01')
SELECT count(*) FROM person p FULL JOIN attendance_day a ON p.person_id = a.person_id AND (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01')
SELECT count(*) FROM attendance_day a JOIN person p ON p.birthdate = year((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) + INTERVAL 0 DAY)
SELECT count(*) FROM attendance_day a JOIN attendance_day b ON b.attendance_event_date + INTERVAL 0 DAY = (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)
SELECT count(*) FROM attendance_day a JOIN attendance_day b ON a.person_id = b.person_id AND b.attendance_event_date + INTERVAL 0 DAY <= (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)
SELECT count(*) FROM attendance_day a SEMI JOIN person p ON p.person_id = a.person_id AND (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01')
SELECT count(*) FROM attendance_day a ANTI JOIN person p ON p.person_id = a.person_id AND NOT (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01')
SELECT count(*) FROM person p WHERE EXISTS (SELECT 1 FROM attendance_day a WHERE a.person_id = p.person_id AND (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01'))
SELECT count(*) FROM attendance_day a WHERE EXISTS (SELECT 1 FROM person p WHERE p.person_id = a.person_id AND (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01'))
SELECT count(*) FROM attendance_day a WHERE NOT EXISTS (SELECT 1 FROM person p WHERE p.person_id = a.person_id AND (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01'))
SELECT count(*) FROM attendance_day a WHERE last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) IN (SELECT DATE '2026-09-30')
SELECT count(*) FROM attendance_day a WHERE last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) > (SELECT min(attendance_event_date) FROM attendance_day)
SELECT count(*) FROM attendance_day a WHERE (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) > (SELECT min(attendance_event_date) + INTERVAL 1 SECOND FROM attendance_day)
SELECT (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) AS d, count(*) FROM attendance_day a GROUP BY 1 HAVING last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) > DATE '2000-01-01'
SELECT (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) AS d, count(*) FROM attendance_day a GROUP BY 1 HAVING (last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) > DATE '2000-01-01' AND count(*) > 1) OR (last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) > DATE '2000-01-01' AND count(*) > 2)
SELECT x.d FROM (SELECT (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) AS d FROM attendance_day a) AS x WHERE last_day(x.d) > DATE '2000-01-01'
SELECT count(*) FROM (SELECT (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) AS d, DATE '2020-01-01' + INTERVAL 1 SECOND AS s FROM attendance_day a) AS x WHERE x.d > x.s
WITH x AS (SELECT last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) AS d FROM attendance_day a) SELECT count(*) FROM x WHERE d > DATE '2000-01-01'
WITH x AS (SELECT (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') AS b FROM attendance_day a) SELECT count(*) FROM x WHERE b
WITH x AS (SELECT (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') AS b FROM attendance_day a) SELECT count(*) FROM x WHERE NOT b
WITH x AS (SELECT DISTINCT last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) AS d FROM attendance_day a) SELECT count(*) FROM x WHERE d IS NOT NULL
WITH x AS (SELECT last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) AS d FROM attendance_day a UNION ALL SELECT DATE '2020-01-01') SELECT count(*) FROM x WHERE d > DATE '2020-01-02'
SELECT a.person_id, row_number() OVER (PARTITION BY last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) ORDER BY a.person_id) AS n FROM attendance_day a QUALIFY n = 1 AND last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) > DATE '2000-01-01'
SELECT max(last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END))) FROM attendance_day a
SELECT count(*) FILTER (WHERE (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01')) FROM attendance_day a
SELECT last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) AS d, count(*) FROM attendance_day a GROUP BY 1 ORDER BY 1 LIMIT 1
SELECT person_id FROM attendance_day a ORDER BY last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) LIMIT 1
SELECT count(*) FROM attendance_day a WHERE CASE WHEN (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') THEN TRUE ELSE FALSE END
SELECT count(*) FROM attendance_day a WHERE (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') IS NOT TRUE
SELECT count(*) FROM attendance_day a WHERE date_diff('hour', a.attendance_event_date, (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) > 5
SELECT count(*) FROM attendance_day a WHERE date_diff('day', a.attendance_event_date + INTERVAL 0 DAY, (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END)) > 5
SELECT count(*) FROM attendance_day a WHERE coalesce((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END), DATE '2020-01-01' + INTERVAL 1 DAY) IS NOT NULL
SELECT count(*) FROM attendance_day a WHERE (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) BETWEEN DATE '2020-01-01' + INTERVAL 1 DAY AND DATE '2030-01-01'
SELECT count(*) FROM attendance_day a WHERE DATE '2020-01-01' + INTERVAL 1 DAY IN ((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END))
SELECT count(*) FROM attendance_day a WHERE strftime(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5877642-06-25 (BC)' ELSE a.attendance_event_date END, '%j') <> ''
SELECT count(*) FROM attendance_day WHERE person_id = 1.0000000000000000000000000000000000001
SELECT count(*) FROM attendance_day WHERE person_id > 1.1234567890123456789 * 1.1234567890123456789
SELECT count(*) FROM attendance_day WHERE (CASE WHEN attendance_status = 'Zed' THEN 170141183460469231731687303715884105727 ELSE 1 END) = 1.5
SELECT count(*) FROM attendance_day WHERE greatest(CASE WHEN attendance_status = 'Zed' THEN 9223372036854775807 ELSE 1 END, CAST(1.5 AS DECIMAL(38, 37))) > 1
SELECT count(*) FROM attendance_day a WHERE nullif(CASE WHEN attendance_status = 'Zed' THEN CAST(99999999999999999999999999999999999999 AS DECIMAL(38, 0)) ELSE 1 END, 1.5) IS NOT NULL
SELECT count(*) FROM attendance_day WHERE (CASE WHEN attendance_status = 'Zed' THEN 999 ELSE 1 END) < CAST(1.5 AS DECIMAL(38, 37))
SELECT count(*) FROM attendance_day a JOIN person p ON (CASE WHEN a.attendance_status = 'Zed' THEN 999 ELSE 1 END) < CAST(1.5 AS DECIMAL(38, 37)) AND p.person_id = a.person_id
SELECT count(*) FROM attendance_day a JOIN person p ON ln(CASE WHEN a.attendance_status = 'Zed' THEN -1 ELSE 1 END) = p.birthdate - 2012
SELECT count(*) FROM attendance_day a JOIN person p ON a.person_id = p.person_id AND ln(CASE WHEN a.attendance_status = 'Zed' THEN -1 ELSE 1 END) < p.birthdate
SELECT count(*) FROM attendance_day a WHERE ln(CASE WHEN a.attendance_status = 'Zed' THEN -1 ELSE 1 END) IN (SELECT birthdate - 2012 FROM person)
SELECT count(*) FROM attendance_day a, person p WHERE (ln(CASE WHEN a.attendance_status = 'Zed' THEN -1 ELSE 1 END) >= 0 AND p.birthdate = 2012) OR (ln(CASE WHEN a.attendance_status = 'Zed' THEN -1 ELSE 1 END) >= 0 AND p.birthdate = 2013)
SELECT p.person_id FROM person p WHERE p.person_id = (SELECT min(a.person_id) FROM attendance_day a WHERE ln(CASE WHEN a.attendance_status = 'Zed' THEN -1 ELSE 1 END) >= 0)
SELECT count(*) FROM person p WHERE (SELECT count(*) FROM attendance_day a WHERE a.person_id = p.person_id AND (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01')) > 0
SELECT p.person_id, (SELECT max(last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END))) FROM attendance_day a WHERE a.person_id = p.person_id) AS d FROM person p
SELECT count(*) FROM attendance_day a, (SELECT DATE '5881580-07-10' AS f) q WHERE last_day(CASE WHEN a.attendance_status = 'Zed' THEN q.f ELSE a.attendance_event_date END) > DATE '2000-01-01'
SELECT count(*) FROM attendance_day a CROSS JOIN (SELECT max(birthdate) AS m FROM person) q WHERE last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01' + INTERVAL 1 DAY AND q.m > 0
WITH q AS (SELECT DATE '2020-01-01' + INTERVAL 1 SECOND AS s) SELECT count(*) FROM attendance_day a JOIN q ON (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) > q.s
WITH q AS (SELECT DATE '2020-01-01' + INTERVAL 1 SECOND AS s) SELECT count(*) FROM attendance_day a WHERE (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) > (SELECT s FROM q)
SELECT count(*) FROM attendance_day a WHERE (CASE WHEN a.attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE a.attendance_event_date END) IN (SELECT DATE '2020-01-01' + INTERVAL 1 SECOND)
SELECT count(*) FROM attendance_day a LEFT JOIN (SELECT 12 AS n) q ON q.n = 12 WHERE last_day(CASE WHEN a.attendance_status = 'Zed' AND q.n = 12 THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01'
SELECT count(*) FROM attendance_day a WHERE last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > (SELECT DATE '2000-01-01')
SELECT count(*) FROM attendance_day a WHERE EXISTS (SELECT 1 FROM (SELECT 1 AS n) q WHERE last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01' AND q.n = 1)
SELECT count(*) FROM attendance_day a JOIN person p USING (person_id) WHERE (last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01') = (p.birthdate = 2012)
SELECT count(*) FROM attendance_day a WHERE (SELECT last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END)) > DATE '2000-01-01'
SELECT count(*) FROM attendance_day a WHERE (SELECT count(*) FROM person) > 0 AND (SELECT last_day(CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END) > DATE '2000-01-01')
SELECT x.n FROM (SELECT count(*) AS n, last_day(CASE WHEN attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE attendance_event_date END) AS d FROM attendance_day GROUP BY 2) AS x WHERE x.d > DATE '2000-01-01' AND x.n > 0
SELECT x.n FROM (SELECT row_number() OVER (PARTITION BY CASE WHEN attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE attendance_event_date END ORDER BY person_id) AS n, CASE WHEN attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE attendance_event_date END AS d FROM attendance_day) AS x WHERE last_day(x.d) > DATE '2000-01-01'
SELECT count(*) FROM (SELECT attendance_status AS s, attendance_event_date AS d FROM attendance_day UNION ALL SELECT 'Zed', DATE '2020-01-01') AS x WHERE last_day(CASE WHEN x.s = 'Zed' AND x.d > DATE '2020-01-02' THEN DATE '5881580-07-10' ELSE x.d END) > DATE '2000-01-01'
SELECT count(*) FROM (SELECT d FROM (SELECT CASE WHEN attendance_status = 'Zed' THEN 170141183460469231731687303715884105727 ELSE 1 END AS d FROM attendance_day) AS y) AS x WHERE x.d = 1.5
SELECT count(*) FROM (SELECT CASE WHEN attendance_status = 'Zed' THEN 170141183460469231731687303715884105727 ELSE 1 END AS d FROM attendance_day UNION ALL SELECT 1) AS x WHERE x.d = 1.5
SELECT count(*) FROM (SELECT CASE WHEN attendance_status = 'Zed' THEN 170141183460469231731687303715884105727 ELSE 1 END AS d FROM attendance_day EXCEPT SELECT 1.5) AS x
SELECT count(*) FROM (SELECT CASE WHEN attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE attendance_event_date END AS d FROM attendance_day UNION ALL SELECT DATE '2020-01-01' + INTERVAL 1 SECOND) AS x
SELECT count(*) FROM (SELECT CASE WHEN attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE attendance_event_date END AS d, attendance_status AS s FROM attendance_day UNION ALL SELECT DATE '2020-01-01' + INTERVAL 1 SECOND, 'Present') AS x WHERE s = 'Zed'
SELECT d FROM (SELECT CASE WHEN attendance_status = 'Zed' THEN DATE '300000-01-01' ELSE attendance_event_date END AS d, attendance_status AS s FROM attendance_day INTERSECT SELECT DATE '2020-01-01' + INTERVAL 1 SECOND, 'Present') AS x

SELECT count(*) FROM attendance_day a, attendance_day b WHERE last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END)) = b.attendance_event_date AND b.attendance_event_date = DATE '2026-09-30'
SELECT count(*) FROM attendance_day a, attendance_day b WHERE COALESCE(last_day((CASE WHEN a.attendance_status = 'Zed' THEN DATE '5881580-07-10' ELSE a.attendance_event_date END)) > DATE '2000-01-01' AND b.attendance_status = 'Present')
## fixed values and values of another kind, where only a hidden row would try them
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND last_day(DATE '5881580-07-10') > DATE '2000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND ln(-1) > 0
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND DATE '300000-01-01' > DATE '2020-01-01' + INTERVAL 1 SECOND
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND (SELECT last_day(DATE '5881580-07-10')) > DATE '2000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND (SELECT first_name FROM person) = 'x'
SELECT last_day(DATE '5881580-07-10') FROM attendance_day WHERE attendance_status = 'Zed'
SELECT ln(-1) FROM attendance_day WHERE attendance_status = 'Zed'
SELECT count(*) FROM attendance_day WHERE person_id = 12 AND last_day(DATE '5881580-07-10') > DATE '2000-01-01'
SELECT count(*) FROM person p JOIN attendance_day a ON TRUE WHERE a.attendance_status = 'Zed' AND last_day(DATE '5881580-07-10') > DATE '2000-01-01' AND p.person_id = 11
SELECT CASE WHEN EXISTS (SELECT 1 FROM attendance_day WHERE attendance_status = 'Zed') THEN last_day(DATE '5881580-07-10') END FROM person
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND person_id = 1.0000000000000000000000000000000000001
SELECT count(*) FROM attendance_day WHERE attendance_status LIKE 'Z%' AND last_day(attendance_event_date + 2146900000) > DATE '2000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_event_date + INTERVAL '292250 years' > DATE '2000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_event_date + 2147400000 > DATE '2000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_event_date < (SELECT min(attendance_event_date) FROM attendance_day) AND last_day(DATE '5881580-07-10') > DATE '2000-01-01'
SELECT count(*) FROM person WHERE birthdate < 2000 AND last_day(DATE '5881580-07-10') > DATE '2000-01-01'
SELECT count(*) FROM person WHERE birthdate BETWEEN 1990 AND 2011 AND ln(birthdate - 2012) > 0
SELECT count(*) FROM person WHERE first_name >= 'Y' AND last_day(DATE '5881580-07-10') > DATE '2000-01-01'
SELECT count(*) FROM person ORDER BY last_day(DATE '5881580-07-10')
SELECT first_name FROM person WHERE first_name = 'Zed' UNION ALL SELECT CAST(last_day(DATE '5881580-07-10') AS VARCHAR) FROM attendance_day WHERE attendance_status = 'Zed'
SELECT count(*) FROM attendance_day a LEFT JOIN person p ON p.first_name = 'Zed' AND last_day(DATE '5881580-07-10') > DATE '2000-01-01'
SELECT sum(x.n) FROM (SELECT count(*) AS n FROM attendance_day WHERE attendance_status = 'Zed' GROUP BY last_day(DATE '5881580-07-10')) AS x
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND recorded_at > DATE '300000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND recorded_at IN (DATE '2020-01-01', DATE '300000-01-01')
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND recorded_at BETWEEN DATE '2020-01-01' AND DATE '300000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND recorded_at IS DISTINCT FROM DATE '300000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND recorded_at > '300000-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND recorded_at > 'x'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND person_id > '99999999999999999999'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND person_id IN (5, '99999999999999999999')
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_status = 5
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_date > DATE '2020-01-01' + INTERVAL '900000 years'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_date > DATE '2020-13-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_date > '2020-13-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_duration_minutes > 1e400
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND 1 = '1x'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND 'x'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND 5
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_status
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND person_id
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_date LIKE '%x' ESCAPE 'yy'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_status LIKE '%x' ESCAPE 'yy'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_status LIKE '%x!' ESCAPE '!'
SELECT count(*) FROM attendance_day WHERE attendance_status LIKE 'Ze!' ESCAPE '!'
SELECT count(*) FROM attendance_day WHERE attendance_status ILIKE 'ze!' ESCAPE '!'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND regexp_matches(attendance_status, '(')
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND strftime(attendance_event_date, '%Q') = ''
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND date_trunc('fortnight', attendance_event_date) IS NULL
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_date = INTERVAL 1 DAY
SELECT count(*) FROM attendance_day a JOIN attendance_day b ON a.attendance_status = 'Zed' AND b.recorded_at < a.attendance_event_date
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_date = TRUE
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_date = 5
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND recorded_at = 5.5
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND recorded_at IS TRUE
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND person_id = DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND person_id LIKE 5
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_status = DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_status = TRUE
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_duration_minutes = DATE '2020-01-01'
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_duration_minutes = TIME '10:00:00'
SELECT count(*) FROM (SELECT recorded_at AS r, attendance_status AS s FROM attendance_day) AS x WHERE x.s = 'Zed' AND x.r = 5
SELECT count(*) FROM attendance_day a JOIN attendance_day b ON a.attendance_status = 'Zed' AND a.recorded_at = b.person_id
SELECT count(*) FROM attendance_day a JOIN person p ON a.attendance_status = 'Zed' AND a.attendance_event_date = p.birthdate
SELECT count(*) FROM attendance_day a WHERE a.attendance_status = 'Zed' AND a.attendance_event_date IN (SELECT birthdate FROM person)
SELECT count(*) FROM attendance_day WHERE attendance_status = 'Zed' AND attendance_event_date IS NOT DISTINCT FROM 5

## days that no calendar holds, in hidden rows
SELECT date_trunc('month', valid_from) FROM attendance_day
SELECT date_trunc('hour', valid_from) FROM attendance_day
SELECT last_day(valid_from) FROM attendance_day
SELECT date_diff('microsecond', valid_from, current_date) FROM attendance_day
SELECT date_diff('hour', DATE '2020-01-01', valid_from) FROM attendance_day
SELECT count(*) FILTER (WHERE date_diff('microsecond', valid_from, current_date) > 2) FROM attendance_day
SELECT person_id FROM attendance_day ORDER BY last_day(valid_from)
SELECT last_day(valid_from), count(*) FROM attendance_day GROUP BY 1
SELECT DISTINCT ON (date_trunc('month', valid_from)) person_id FROM attendance_day ORDER BY date_trunc('month', valid_from), person_id
SELECT row_number() OVER (PARTITION BY date_trunc('week', valid_from) ORDER BY person_id) AS n FROM attendance_day
SELECT p.first_name FROM person p LEFT JOIN attendance_day a ON a.person_id = p.person_id AND last_day(a.valid_from) = DATE '2026-09-30'
SELECT count(*) FROM attendance_day WHERE valid_from >= current_date - INTERVAL 30 DAY
SELECT count(*) FROM attendance_day WHERE valid_from = DATE '2026-08-01' + INTERVAL 1 MONTH
SELECT count(*) FROM attendance_day WHERE valid_from <> DATE '2026-08-01' + INTERVAL 1 MONTH
SELECT count(*) FROM attendance_day WHERE valid_from IN (DATE '2026-08-01' + INTERVAL 1 MONTH, DATE '2026-01-01')
SELECT count(*) FROM attendance_day WHERE valid_from BETWEEN DATE '2026-01-01' + INTERVAL 1 MONTH AND DATE '2026-12-01'
SELECT count(*) FROM attendance_day WHERE valid_from IS DISTINCT FROM DATE '2026-01-01' + INTERVAL 1 MONTH
SELECT count(*) FROM attendance_day WHERE valid_from < current_date + INTERVAL 5 HOUR
SELECT count(*) FROM attendance_day WHERE valid_from < recorded_at
SELECT count(*) FROM attendance_day WHERE valid_from > TIMESTAMP '2026-01-01 10:00:00'
SELECT count(*) FROM attendance_day a WHERE EXISTS (SELECT 1 FROM attendance_day b WHERE b.valid_from = a.recorded_at)
SELECT coalesce(valid_from, recorded_at) FROM attendance_day
SELECT valid_from FROM attendance_day UNION ALL SELECT recorded_at FROM attendance_day
SELECT median(valid_from), quantile_cont(valid_from, 0.5) FROM attendance_day
SELECT max(valid_from - DATE '2020-01-01') FROM attendance_day
SELECT attendance_status LIKE 'Ze!' ESCAPE '!' FROM attendance_day
SELECT max(CASE WHEN attendance_status LIKE 'Hi!' ESCAPE '!' THEN 1 END) FROM attendance_day

## what is concluded from the least and the greatest values of a file
SELECT count(*) FROM attendance_day WHERE attendance_status = 5 OR valid_from <= DATE '2027-01-01'
SELECT ln(-length(attendance_status)) > 0 AND valid_from > DATE '2027-01-01' FROM attendance_day
SELECT CASE WHEN valid_from <= DATE '2027-01-01' OR ln(-length(attendance_status)) > 0 THEN 1 END FROM attendance_day
SELECT count(*) FILTER (WHERE ln(-length(attendance_status)) > 0 AND valid_from > DATE '2027-01-01') FROM attendance_day
SELECT count(*) FROM attendance_day a JOIN person p ON ln(-length(p.first_name)) > 0 OR a.valid_from <= DATE '2027-01-01'
SELECT count(*) FROM attendance_day a, person p WHERE p.birthdate > 2030 AND ln(-length(a.attendance_status)) > 0
SELECT date_trunc('month', max(valid_from)) FROM attendance_day
SELECT ln(-length(p.first_name)) > 0 AND a.person_id > 14 FROM attendance_day a JOIN person p ON a.person_id = p.person_id WHERE p.birthdate = 2012
"""


def _named(table: str) -> dict[str, str]:
    found: dict[str, str] = {}
    shape, place = "", 0
    for line in table.strip().splitlines():
        if line.startswith("## "):
            shape, place = line.removeprefix("## "), 0
        elif line:
            place += 1
            found[f"{shape} {place}"] = line
    return found


ATTACKS = _named(TABLE)


def _is_read(sql: str) -> bool:
    try:
        parsed(sql)
    except Refused:
        return False
    return True


# Those that the grammar accepts, so that their result depends on the grants.
READ = {name: sql for name, sql in ATTACKS.items() if _is_read(sql)}
