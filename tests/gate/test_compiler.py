"""What the gate makes of a reader's SQL beside its tables: casts, how many rows, tables that stand nowhere."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from sqlglot import exp, parse_one
from sqlglot.optimizer.scope import traverse_scope

from tests.gate import making
from tests.gate.test_row_order import study
from throughway.agreements.document import AgreementDocument
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.grant import Grant
from throughway.agreements.states import AgreementState
from throughway.agreements.status import AgreementStatus
from throughway.agreements.transforms import Transform
from throughway.core.refusals import Refused
from throughway.gate.compiler import _all_bound, _check_sources, _qualified, compile_query
from throughway.gate.governed_relations import relation_name
from throughway.gate.sql_grammar import parsed
from throughway.store.engine import DuckDBEngine

PEOPLE = [
    {"person_record": 11, "first_name": "Ada", "birthdate": date(2012, 3, 4)},
    {"person_record": 12, "first_name": "7", "birthdate": date(2013, 3, 4)},
    {"person_record": 13, "first_name": "Cyd", "birthdate": date(2014, 3, 4)},
]


def planning() -> list[Grant]:
    document = AgreementDocument.model_validate(making.sharing())
    grants = grants_of(AgreementStatus(document, "v1", AgreementState.ACTIVE, ""), [])
    return [g for g in grants if g.purpose == "planning" and g.discloser == "north"]


def answer(
    sql: str, most: int | None = None, grants: Sequence[Grant] | None = None
) -> list[tuple[object, ...]]:
    compiled = compile_query(sql, grants or planning(), linked=(), on=making.DAY, most=most)
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
    """By it the gate tells that there are more."""
    sql = "SELECT person_id FROM person ORDER BY 1"
    assert answer(sql, most=1) == [(11,), (12,)]
    assert answer(sql, most=2) == answer(sql, most=5) == answer(sql) == [(11,), (12,), (13,)]
    assert answer(f"{sql} LIMIT 1", most=5) == [(11,)]


@pytest.mark.parametrize(
    "wrote", ["{} LIMIT 999999999", "({} LIMIT 999999999)", "{} LIMIT 999999999 OFFSET 0"]
)
def test_a_limit_of_the_readers_own_does_not_lift_the_most(wrote: str) -> None:
    """Rows that a cross join makes would otherwise fill the memory before they are counted."""
    sql = wrote.format("SELECT a.person_id FROM person a, person b, person c ORDER BY 1")
    assert (len(answer(sql, most=4)), len(answer(sql, most=100))) == (5, 27)


def test_a_table_that_belongs_to_no_part_of_the_query_is_refused() -> None:
    """Nothing would swap it for what is granted of it."""
    query = exp.select("*").from_("person")
    lost = traverse_scope(query)
    lost[0].sources.clear()
    for scopes in ([], lost):
        with pytest.raises(Refused) as refused:
            _check_sources(query, scopes, {"person": ["person_id"]})
        assert refused.value.code == "not_granted"


def test_columns_are_not_bound_to_ungranted_tables() -> None:
    qualified = _qualified(parsed("SELECT nothing FROM person, elsewhere"), {"person": ["person_id"]})
    assert not _all_bound(traverse_scope(qualified))


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
    ("SELECT first_name FROM person", "person.first_name identifies a person"),
    ("SELECT batch_id FROM attendance_day", "No agreement grants attendance_day.batch_id"),
    ("SELECT attendance_stat FROM attendance_day", "in line 1, at character 8; did you mean attendance_status?"),
    ("SELECT birthdate FROM person\nWHERE persn_id = 1", "in line 2, at character 7; did you mean person_id?"),
    ("SELECT person_id FROM person, attendance_day", "several tables have; write the table's name before it"),
    ("SELECT x.nothing FROM (SELECT attendance_status AS reason FROM attendance_day) AS x", "a column that does not exist"),
    # It is the other name that is not there: the first is granted, or stands for what the query itself calls so.
    ("SELECT birthdate, nothing FROM person, attendance_day", "a column that does not exist"),
    ("SELECT attendance_status AS attendance_event_reason FROM attendance_day WHERE attendance_event_reason = nothing",
     "a column that does not exist"),
    ("SELECT attendance_event_reason, nothing FROM person, (SELECT attendance_status AS attendance_event_reason FROM attendance_day)"
     " AS x, attendance_day AS y", "a column that does not exist"),
    ("SELECT a.attendance_event_reason, attendance_status AS attendance_event_reason FROM attendance_day AS a",
     "No agreement grants attendance_day.attendance_event_reason"),
    ("SELECT x.first_name FROM (SELECT birthdate FROM person) AS x, person AS p", "a column that does not exist"),
    ("SELECT DISTINCT ON (-1) birthdate FROM person", "a column that does not exist"),
    ("SELECT nothing FROM service_received", "No agreement grants service_received"),
    ("SELECT nothing FROM elsewhere", "not in the vocabulary; this purpose shows you attendance_day and person."),
    ("SELECT nothing FROM attendence_day", "not in the vocabulary; did you mean attendance_day?"),
    ("SELECT nothing FROM person AS a, attendance_day AS a, service_received", "No agreement grants service_received"),
])  # fmt: skip
def test_why_a_column_is_refused(sql: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_query(sql, study(), linked=(), on=making.DAY)
    assert said in refused.value.message


@pytest.mark.parametrize("sql", [
    "SELECT attendance_event_reson FROM attendance_day",  # a column that the purpose does not show
    "SELECT nothing FROM service_recieved",  # a table that it does not show
])  # fmt: skip
def test_nothing_hidden_is_suggested(sql: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_query(sql, study(), linked=(), on=making.DAY)
    assert "attendance_event_reason" not in refused.value.message
    assert "service_received" not in refused.value.message


def test_what_was_written_in_place_of_a_column_is_not_repeated() -> None:
    with pytest.raises(Refused) as refused:
        compile_query(
            'SELECT birthdate FROM person WHERE person_id = "Maria Alder"', study(), linked=(), on=making.DAY
        )
    assert "aria" not in refused.value.message
    assert "at character 48; put text in single quotes" in refused.value.message


@pytest.mark.parametrize(("sql", "said"), [
    ("SELECT count(*) FROM service_received", "No agreement grants service_received"),
    ("SELECT count(*) FROM person, elsewhere", "not in the vocabulary"),
    ("SELECT last_or_surname FROM person", "No agreement grants person.last_or_surname"),
])  # fmt: skip
def test_what_nobody_granted_is_refused_by_its_name(sql: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        compile_query(sql, planning(), linked=(), on=making.DAY)
    assert refused.value.code == "not_granted"
    assert said in refused.value.message


@pytest.mark.parametrize(("sql", "columns"), [
    ("SELECT First_Name, count(*), birthdate AS Born FROM person GROUP BY ALL", ("First_Name", "COUNT(*)", "Born")),
    ("SELECT p.* EXCLUDE (source_system, batch_id, valid_from, valid_to, recorded_at) FROM person AS p",
     ("person_id", "first_name", "birthdate")),
    ("SELECT * EXCLUDE (person_id, birthdate, source_system, batch_id, valid_from, valid_to, recorded_at) FROM person", ("first_name",)),
])  # fmt: skip
def test_columns_are_called_as_the_reader_wrote_them(sql: str, columns: tuple[str, ...]) -> None:
    assert compile_query(sql, planning(), linked=(), on=making.DAY).columns == columns


OF_ONE = "SELECT first_name FROM person WHERE person_id = 11"
NUMBER, CODE, HIDDEN = Transform("none"), Transform("pseudonym"), Transform("suppress")


@pytest.mark.parametrize(("shown", "looked_up"), [
    ([NUMBER], True), ([NUMBER, NUMBER], True), ([NUMBER, CODE], False), ([CODE, NUMBER], False), ([HIDDEN, NUMBER], False),
])  # fmt: skip
def test_a_number_is_looked_up_where_all_show_numbers(shown: list[Transform], looked_up: bool) -> None:
    """Else an error, or the time, would tell whether the person is in the table."""
    (person,) = [g for g in planning() if g.table == "person"]
    grants = [
        replace(person, agreement=f"a{n}", columns={**person.columns, "person_id": way})
        for n, way in enumerate(shown)
    ]
    (read,) = compile_query(OF_ONE, grants, linked=(), on=making.DAY, records_of=list).reads
    assert (read.persons, read.records) == (((11,), (11,)) if looked_up else (None, None))


def test_record_numbers_are_not_looked_up_under_codes() -> None:
    sql = "SELECT birthdate FROM person WHERE person_id = 11"
    (read,) = compile_query(sql, study(), linked=(), on=making.DAY, records_of=list).reads
    assert (read.persons, read.records) == (None, None)


def test_an_id_that_is_not_shown_is_still_of_the_kind_that_is() -> None:
    """A code is text, a number is none: a question for one of them finds nobody, and is no error of a type."""
    for own, asked in ((study(), "'c-17'"), (planning(), "11")):
        grants = [replace(g, columns={**g.columns, "person_id": HIDDEN}) for g in own]
        assert answer(f"SELECT birthdate FROM person WHERE person_id = {asked}", grants=grants) == []


def test_who_is_not_asked_for_is_not_looked_up() -> None:
    (read,) = compile_query(
        "SELECT first_name FROM person", planning(), linked=(), on=making.DAY, records_of=list
    ).reads
    assert (read.persons, read.records) == (None, None)


def test_without_record_numbers_a_person_is_looked_for_among_all() -> None:
    (read,) = compile_query(OF_ONE, planning(), linked=(), on=making.DAY).reads
    assert (read.persons, read.records) == (None, None)
    assert answer(OF_ONE) == [("Ada",)]


def test_one_table_without_numbers_has_the_whole_answer_ordered() -> None:
    hidden = [
        replace(g, columns={**g.columns, "person_id": HIDDEN}) if g.table == "attendance_day" else g
        for g in planning()
    ]
    sql = "SELECT p.first_name, a.attendance_status FROM person AS p, attendance_day AS a"
    assert "ORDER BY" not in compile_query(sql, planning(), linked=(), on=making.DAY).sql
    assert compile_query(sql, hidden, linked=(), on=making.DAY).sql.endswith("ORDER BY 1, 2")


@pytest.mark.parametrize(("sql", "elements"), [
    ("SELECT first_name FROM person", ("person.first_name",)),
    ("SELECT batch_id FROM person", ("person.batch_id",)),
    ("SELECT person_record, partner FROM person", ("person.person_record",)),
    ("SELECT count(*) FROM person", ("person.person_id",)),  # that there is a person at all
    ("SELECT p.first_name, o.batch_id FROM person AS p, organization AS o", ("organization.batch_id", "person.first_name")),
    ("SELECT count(*) FROM organization", ()),
    ("SELECT organization_name FROM organization", ("organization.organization_name",)),
])  # fmt: skip
def test_which_elements_are_read(sql: str, elements: tuple[str, ...]) -> None:
    made = making.sharing(schedule=[
        making.line("person.first_name", "planning"), making.line("organization.organization_name", "planning"),
    ])  # fmt: skip
    grants = grants_of(
        AgreementStatus(AgreementDocument.model_validate(made), "v1", AgreementState.ACTIVE, ""), []
    )
    compiled = compile_query(sql, grants, linked=(), on=making.DAY, numbered=True)
    assert compiled.elements == elements


SCORES = ["412", " 98.5 ", "-3", "", None, "412 to 430", "exempt", "1,204", "NaN", "inf", "4e400"]


def scores(transform: str = "none") -> list[Grant]:
    document = AgreementDocument.model_validate(
        making.sharing(
            schedule=[
                making.line(
                    "assessment_result.assessment_result_score_value", "planning", transform=transform
                )
            ]
        )
    )
    grants = grants_of(AgreementStatus(document, "v1", AgreementState.ACTIVE, ""), [])
    return [g for g in grants if g.purpose == "planning" and g.discloser == "north"]


def of_scores(sql: str, transform: str = "none") -> list[tuple[object, ...]]:
    compiled = compile_query(sql, scores(transform), linked=(), on=making.DAY)
    assert "assessment_result.assessment_result_score_value" in compiled.elements
    assert "assessment_result.score_number" not in compiled.elements  # no agreement names it
    given = [{"person_record": 11, "assessment_result_score_value": score} for score in SCORES]
    with DuckDBEngine(threads=1) as engine:
        engine.register(relation_name("assessment_result", "north"), making.rows("assessment_result", given))
        return [tuple(row.values()) for row in engine.run(compiled.sql).to_pylist()]


def test_a_score_is_a_number_where_the_whole_text_is_one() -> None:
    """Granted with the score itself: an evaluator computes without a cast, and the ledger names the score."""
    assert of_scores("SELECT score_number FROM assessment_result WHERE score_number IS NOT NULL ORDER BY 1") == [
        (-3.0,), (98.5,), (412.0,),
    ]  # fmt: skip
    assert of_scores("SELECT avg(score_number), count(*) FROM assessment_result") == [
        (507.5 / 3, len(SCORES))
    ]
    assert 412.0 in of_scores("SELECT * FROM assessment_result")[0]


@pytest.mark.parametrize("transform", ["mask", "pseudonym", "suppress"])
def test_a_score_that_is_not_shown_as_it_is_has_no_number(transform: str) -> None:
    with pytest.raises(Refused) as refused:
        of_scores("SELECT avg(score_number) FROM assessment_result", transform)
    assert refused.value.message.startswith("No agreement grants assessment_result.score_number")
