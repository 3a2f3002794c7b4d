"""Under codes the order of rows says nothing of where they lie in the store, whatever a query does to find out.

Two stores hold the same students under the same codes, in another order. Whatever is asked, the answers are the same, row by row:
so they hang on the shown values alone, and two answers under codes of two agreements cannot be laid side by side.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest
from sqlglot import exp

from tests.gate import making
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.core.refusals import Refused
from throughway.gate.compiler import compile_query
from throughway.gate.governed_relations import relation_name
from throughway.gate.leak_prevention.row_order import Order, unnumbered
from throughway.store.engine import DuckDBEngine

STUDENTS = 60
STATUSES = ("Present", "ExcusedAbsence", "UnexcusedAbsence")
ONE, TWO, THREE = (f"CODE{n:03}" for n in (0, 59, 30))  # the first, the last, one between
BIG, LARGEST = "1e20", "170141183460469231731687303715884105727"


def study() -> tuple[Grant, ...]:
    """Of attendance not the day by which its files are sorted, nor any key."""
    document = AgreementDocument.model_validate(making.sharing(
        id="study",
        purposes=[making.purpose("study", "research", "pseudonymous", recipients=["hub"], basis="study", basis_details={
            "purpose": "p", "scope": "s", "duration": "d", "aim": "improve_instruction", "on_behalf_of": "north"},
            **{"from": ["north"]})],
        schedule=[
            making.line("person.birthdate", "study", transform="year"),
            making.line("attendance_day.attendance_status", "study"),
            making.line("attendance_day.attendance_event_duration_day", "study"),
        ],
    ))  # fmt: skip
    return grants_of(AgreementStatus(document, "v1", AgreementState.ACTIVE, ""), [])


def store(order: list[int]) -> DuckDBEngine:
    """The same students; the one at each place of `order` has the next record number."""
    record = {student: place + 1 for place, student in enumerate(order)}
    engine = DuckDBEngine(threads=1)  # with more of them, which comes first is chance as well
    people = [{"person_record": record[s], "birthdate": date(2008 + s % 4, 1, 1)} for s in order]
    days = [
        {"person_record": record[s], "record": record[s] * 10 + d, "attendance_event_date": making.DAY + timedelta(d),
         "attendance_status": STATUSES[(s * 5 + d * record[s]) % 3], "attendance_event_duration_day": 1 / (s + 3)}
        for s in order for d in range(3)
    ]  # fmt: skip
    same = {s: sorted(STATUSES[(s * 5 + d * s) % 3] for d in range(3)) for s in order}
    for place, row in enumerate(days):
        row["attendance_status"] = same[order[place // 3]][(place + record[order[place // 3]]) % 3]
    engine.register(relation_name("person", "north"), making.rows("person", people))
    engine.register(relation_name("attendance_day", "north"), making.rows("attendance_day", days))
    codes = {"person": [record[s] for s in order], "code": [f"CODE{s:03}" for s in order]}
    engine.register(relation_name("pseudonym", "study/study"), pa.table(codes))
    return engine


@pytest.fixture(scope="module")
def stores() -> Iterator[list[DuckDBEngine]]:
    plain, shuffled = list(range(STUDENTS)), list(range(STUDENTS))
    random.Random(5).shuffle(shuffled)
    with store(plain) as one, store(shuffled) as other, store(plain[::-1]) as third:
        yield [one, other, third]


def answer(engine: DuckDBEngine, sql: str, most: int | None = 1000) -> object:
    """Every value as it reads, in its order, or the refusal."""
    compiled = compile_query(sql, study(), linked=(), on=making.DAY, records_of=list, most=most)
    try:
        return [[str(value) for value in row.values()] for row in engine.run(compiled.sql).to_pylist()]
    except Refused as refused:
        return refused.message


SHOWN = (
    "SELECT person_id, birthdate FROM person",
    "SELECT * FROM attendance_day",
    "SELECT birthdate FROM person",
    "SELECT attendance_status FROM attendance_day",
    "SELECT 1 FROM person",
    "SELECT person_id, birthdate FROM person ORDER BY birthdate",
    "SELECT person_id FROM person ORDER BY birthdate DESC",
    "SELECT person_id, attendance_status FROM attendance_day ORDER BY attendance_status DESC",
    "SELECT person_id FROM person ORDER BY 1 + 0",
    "SELECT person_id FROM person LIMIT 5",
    "SELECT person_id FROM person ORDER BY birthdate LIMIT 5 OFFSET 3",
    "SELECT DISTINCT person_id FROM attendance_day",
    "SELECT person_id, count(*) FROM attendance_day GROUP BY person_id",
    "SELECT person_id, count(*) AS n FROM attendance_day GROUP BY ALL ORDER BY n",
    "SELECT birthdate, count(DISTINCT person_id) FROM person GROUP BY ROLLUP (birthdate)",
    "SELECT person_id FROM person UNION ALL SELECT person_id FROM attendance_day",
    "SELECT person_id FROM person UNION SELECT person_id FROM attendance_day",
    "SELECT person_id FROM person EXCEPT SELECT person_id FROM attendance_day WHERE attendance_status = 'Present'",
    "(SELECT person_id FROM person)",
    "(SELECT person_id FROM person) LIMIT 4",
    "(SELECT person_id FROM person LIMIT 4) ORDER BY 1",
    "SELECT x.person_id FROM (SELECT person_id FROM person) AS x",
    "WITH x AS (SELECT person_id FROM person ORDER BY birthdate) SELECT * FROM x",
    "SELECT p.person_id, a.attendance_status FROM person p JOIN attendance_day a USING (person_id)",
    "SELECT p.birthdate, a.attendance_status FROM person p LEFT JOIN attendance_day a ON a.person_id = p.person_id",
    "SELECT a.person_id, b.person_id FROM person a, person b WHERE a.birthdate = b.birthdate",
    "SELECT person_id FROM person WHERE person_id IN (SELECT person_id FROM attendance_day)",
)  # fmt: skip
WITHIN = (
    "SELECT row_number() OVER () AS n, person_id FROM person",
    "SELECT row_number() OVER (ORDER BY birthdate) AS n, person_id FROM person",
    "SELECT person_id, lag(person_id) OVER (ORDER BY birthdate) AS before FROM person",
    "SELECT person_id, first_value(person_id) OVER (PARTITION BY birthdate) AS first FROM person",
    "SELECT person_id, nth_value(person_id, 2) OVER (ORDER BY birthdate) AS second FROM person",
    "SELECT person_id, ntile(7) OVER (ORDER BY birthdate) AS part FROM person",
    "SELECT person_id, count(*) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n FROM person",
    "SELECT person_id FROM person QUALIFY row_number() OVER () <= 5",
    "SELECT first(person_id), last(person_id), any_value(person_id) FROM person",
    "SELECT birthdate, first(person_id) FROM person GROUP BY birthdate",
    "SELECT arg_min(person_id, birthdate), arg_max(person_id, birthdate) FROM person",
    "SELECT string_agg(person_id, ',') FROM person",
    "SELECT birthdate, string_agg(person_id, ',') FROM person GROUP BY birthdate",
    "SELECT string_agg(person_id, ',' ORDER BY birthdate) FROM person",
    "SELECT person_id, string_agg(attendance_status, ',') FROM attendance_day GROUP BY person_id",
    "SELECT mode(person_id) FROM person",
    "SELECT first(person_id) FROM (SELECT DISTINCT person_id FROM attendance_day) AS x",
    "SELECT string_agg(person_id, ',') FROM (SELECT person_id, count(*) AS n FROM attendance_day GROUP BY 1) AS x",
    "SELECT DISTINCT ON (birthdate) person_id, birthdate FROM person",
    "SELECT count(*) FROM (SELECT person_id FROM person LIMIT 9) AS x WHERE person_id < 'CODE030'",
    "SELECT person_id FROM (SELECT person_id FROM person ORDER BY birthdate LIMIT 9) AS x",
    "SELECT person_id FROM person WHERE person_id = (SELECT person_id FROM person LIMIT 1)",
    "(SELECT person_id FROM person LIMIT 4) UNION ALL (SELECT person_id FROM person LIMIT 3)",
    "SELECT min(person_id) FROM (SELECT person_id FROM person OFFSET 50) AS x",
    "WITH x AS (SELECT person_id FROM person LIMIT 9) SELECT count(*) FROM x, x AS y",
    # Fractions in binary add up to another number in another order, and sums too large on the way are an error.
    f"SELECT sum(CASE person_id WHEN '{ONE}' THEN {BIG} WHEN '{TWO}' THEN 1.0 WHEN '{THREE}' THEN -{BIG} END) FROM person",
    f"SELECT avg(CASE person_id WHEN '{ONE}' THEN {BIG} WHEN '{TWO}' THEN 1.0 WHEN '{THREE}' THEN -{BIG} END) FROM person",
    f"SELECT sum(CAST(CASE person_id WHEN '{ONE}' THEN {LARGEST} WHEN '{TWO}' THEN 1 WHEN '{THREE}' THEN -1 ELSE 0 END AS INT128)) FROM person",
    f"SELECT sum(n) FROM (SELECT CASE person_id WHEN '{ONE}' THEN {BIG} WHEN '{TWO}' THEN 1.0 WHEN '{THREE}' THEN -{BIG} END AS n FROM person) AS x",
    f"SELECT sum(n) FROM (SELECT person_id, avg(CASE person_id WHEN '{ONE}' THEN 9 / 1e-20 WHEN '{TWO}' THEN 1 ELSE 0 END) AS n FROM person GROUP BY 1) AS x",
    "SELECT sum(attendance_event_duration_day) FROM attendance_day",
    "SELECT stddev(attendance_event_duration_day), corr(birthdate, birthdate) FROM attendance_day, person",
    "SELECT sum(birthdate / 7) FROM person",
    "SELECT sum(sqrt(birthdate)) FROM person",
    "SELECT var_pop(birthdate * 1.1) FROM person",
    # Zero and negative zero are equal, and read differently.
    f"SELECT 0 / (CASE person_id WHEN '{ONE}' THEN -1 ELSE 1 END) AS zero FROM person",
    f"SELECT 0 / CAST(CASE person_id WHEN '{ONE}' THEN '-1' ELSE '1' END AS INT) AS zero FROM person",
    "SELECT birthdate / 7 AS n FROM person UNION ALL SELECT 0 / 1 FROM person",
    f"SELECT DISTINCT 0 / (CASE person_id WHEN '{ONE}' THEN -1 ELSE 1 END) AS zero FROM person",
    f"SELECT 0 / (CASE person_id WHEN '{ONE}' THEN -1 ELSE 1 END) AS zero, count(*) FROM person GROUP BY 1",
    f"SELECT 0 / (CASE person_id WHEN '{ONE}' THEN -1 ELSE 1 END) AS zero, count(*) FROM person GROUP BY ALL",
    f"SELECT min(0 / (CASE person_id WHEN '{ONE}' THEN -1 ELSE 1 END)) AS zero FROM person",
    f"SELECT max(-attendance_event_duration_day * (CASE person_id WHEN '{ONE}' THEN 0 ELSE 0 END)) AS zero FROM attendance_day",
    f"SELECT round(-0.1 / (CASE person_id WHEN '{ONE}' THEN 1 ELSE -1 END)) AS zero FROM person",
    f"SELECT DISTINCT trunc(CASE person_id WHEN '{ONE}' THEN -0.1 / 1 ELSE 0.1 / 1 END) AS zero FROM person",
    f"SELECT zero FROM (SELECT 0 / (CASE person_id WHEN '{ONE}' THEN -1 ELSE 1 END) AS zero FROM person) AS x GROUP BY zero",
    f"SELECT CASE person_id WHEN '{ONE}' THEN -0e0 ELSE 0e0 END AS zero FROM person",
    f"SELECT 0 / (CASE person_id WHEN '{ONE}' THEN -1 ELSE 1 END) AS zero FROM person UNION SELECT 0 / 1 FROM person",
)  # fmt: skip


@pytest.mark.parametrize("sql", SHOWN + WITHIN)
def test_an_answer_hangs_on_what_is_shown_alone(stores: list[DuckDBEngine], sql: str) -> None:
    first, *others = [answer(engine, sql) for engine in stores]
    assert isinstance(first, list)  # refusals would look alike
    assert all(other == first for other in others)


@pytest.mark.parametrize("sql", [
    "SELECT attendance_status, count(*) AS days FROM attendance_day GROUP BY attendance_status ORDER BY days DESC",
    "SELECT person_id, avg(CASE WHEN attendance_status <> 'Present' THEN 1.0 ELSE 0.0 END) AS missed FROM attendance_day "
    "GROUP BY person_id HAVING count(*) >= 2",
    "SELECT birthdate, sum(CASE WHEN n > 1 THEN 1 ELSE 0 END) / count(*) AS share FROM (SELECT p.birthdate, p.person_id, "
    "count(*) AS n FROM person p JOIN attendance_day a USING (person_id) GROUP BY 1, 2) AS x GROUP BY 1",
    "SELECT round(avg(n), 2) FROM (SELECT person_id, count(*) AS n FROM attendance_day GROUP BY 1) AS x",
    "SELECT count(*) FROM person WHERE birthdate / 7 > 286 AND person_id IN (SELECT person_id FROM attendance_day)",
    "SELECT sum(CAST(attendance_status = 'Present' AS INT)) FROM attendance_day",
    "SELECT count(*) FROM (SELECT person_id, count(*) + 1 AS n FROM attendance_day GROUP BY 1) AS x WHERE n > 2",
])  # fmt: skip
def test_what_only_counts_and_sums_reads_rows_as_they_lie(sql: str) -> None:
    """To order them would take longer than all else."""
    compiled = compile_query(sql, study(), linked=(), on=making.DAY, records_of=list)
    assert compiled.sql.count("ORDER BY") == 1


@pytest.mark.parametrize("sql", [
    "SELECT sum(CASE WHEN attendance_status = 'Present' THEN attendance_event_duration_day ELSE 1 END) FROM attendance_day",
    "SELECT sum(CASE WHEN attendance_status = 'Present' THEN 1 ELSE attendance_event_duration_day END) FROM attendance_day",
    "SELECT sum(n * n) FROM (SELECT person_id, count(*) AS n FROM attendance_day GROUP BY 1) AS x",
    "SELECT avg(attendance_event_duration_day) FROM attendance_day",
    "SELECT DISTINCT d FROM (SELECT attendance_event_duration_day * 3 AS d FROM attendance_day) AS x",
    "SELECT sum(d) FROM (SELECT attendance_event_duration_day AS d FROM attendance_day) AS x",
    "SELECT sum(d) FROM (SELECT 1 AS one, attendance_event_duration_day AS d FROM attendance_day) AS x",
    "SELECT sum(n) FROM (SELECT 1 AS n FROM person UNION ALL SELECT attendance_event_duration_day FROM attendance_day) AS x",
    "SELECT any_value(person_id) FROM person",
    "SELECT count(*) FROM (SELECT person_id FROM person LIMIT 3) AS x",
    "SELECT DISTINCT ON (birthdate) person_id FROM person",
    "SELECT row_number() OVER () AS n, person_id FROM person",
])  # fmt: skip
def test_what_hangs_on_the_order_of_rows_reads_them_ordered(sql: str) -> None:
    """Sums of fractions, and of products that may be too large to be whole, come out otherwise in another order."""
    compiled = compile_query(sql, study(), linked=(), on=making.DAY, records_of=list)
    assert compiled.sql.count("ORDER BY") > 1


@pytest.mark.parametrize("direction", ["", " DESC"])
def test_ordering_by_all_orders_by_all(stores: list[DuckDBEngine], direction: str) -> None:
    sql = f"SELECT birthdate, person_id FROM person ORDER BY ALL{direction}"
    rows = answer(stores[0], sql)
    assert isinstance(rows, list)
    assert len(rows) == STUDENTS
    assert rows == sorted(rows, reverse=bool(direction))


def test_what_the_reader_orders_by_comes_first(stores: list[DuckDBEngine]) -> None:
    rows = answer(stores[0], "SELECT person_id, birthdate FROM person ORDER BY birthdate DESC")
    assert isinstance(rows, list)
    assert rows == sorted(sorted(rows), key=lambda row: row[1], reverse=True)


def test_where_numbers_are_shown_nothing_is_ordered() -> None:
    document = AgreementDocument.model_validate(making.sharing())
    grants = grants_of(AgreementStatus(document, "v1", AgreementState.ACTIVE, ""), [])
    shown = [g for g in grants if g.purpose == "planning"]
    compiled = compile_query("SELECT first(person_id) FROM person LIMIT 3", shown, linked=(), on=making.DAY)
    assert "ORDER BY" not in compiled.sql


@pytest.mark.parametrize("sql", [
    "SELECT 'word' AS word, attendance_status FROM attendance_day",
    "SELECT attendance_status, count(*) + 1 AS n FROM attendance_day GROUP BY attendance_status",
])  # fmt: skip
def test_what_reads_as_it_is_ordered_is_ordered_once(sql: str) -> None:
    """Only of fractions in binary are there two that are equal and read differently."""
    compiled = compile_query(sql, study(), linked=(), on=making.DAY, records_of=list)
    assert compiled.sql.endswith("ORDER BY 1, 2")


CODE, OWN, NOT_SHOWN = Transform("pseudonym"), Transform("none"), Transform("suppress")


@pytest.mark.parametrize(("form", "table", "columns", "expected"), [
    ("pseudonymous", "attendance_day", {}, True),
    ("pseudonymous", "organization", {}, True),
    ("identified", "attendance_day", {"person_id": OWN}, False),
    ("identified", "attendance_day", {"person_id": CODE}, True),
    ("identified", "attendance_day", {"person_id": NOT_SHOWN}, True),
    ("identified", "attendance_day", {}, True),
    ("identified", "attendance_day", {"person_id": OWN, "organization_id": CODE}, True),
    ("identified", "organization", {"organization_id": OWN}, False),
    ("aggregate", "attendance_day", {"person_id": CODE, "organization_id": CODE}, False),
    ("aggregate", "attendance_day", {}, False),
])  # fmt: skip
def test_whose_rows_are_ordered(form: str, table: str, columns: dict[str, Transform], expected: bool) -> None:
    """All that are shown to somebody, but for those under the numbers by which other agreements show them too."""
    assert unnumbered(replace(study()[0], form=AccessForm(form), table=table, columns=columns)) == expected


def test_a_question_by_the_name_of_what_is_computed_is_answered(stores: list[DuckDBEngine]) -> None:
    rows = answer(
        stores[0],
        "SELECT birthdate, count(*) AS n FROM person GROUP BY birthdate ORDER BY n * 2, birthdate",
    )
    assert rows == [[str(year), "15"] for year in (2008, 2009, 2010, 2011)]


def test_what_nests_too_deeply_to_tell_reads_rows_ordered() -> None:
    much: exp.Expression = exp.Literal.number(1)
    for _ in range(3000):
        much = exp.Add(this=much, expression=exp.Literal.number(1))
    query = exp.Select(expressions=[exp.Sum(this=much)])
    assert Order(query, [], {}).depends_on_rows()
