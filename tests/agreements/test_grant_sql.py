"""The SQL that grants compile to: as an auditor reads it, and what it does to values."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from tests.agreements.test_effective_grants import only, stands
from tests.gate.making import line, purpose, sharing
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import (
    TableQueryOptions,
    coded,
    coded_columns,
    columns_of,
    show,
    symbolic,
    table_query,
)
from throughway.agreements.row_filter import Relation, row_predicate
from throughway.agreements.transform_sql import transform_sql
from throughway.vocabulary import element

DAY = date(2026, 9, 1)


def query_of(table: str, grants: Sequence[Grant], relation: Relation = symbolic, **options: Any) -> exp.Query:
    return table_query(table, grants, TableQueryOptions(**{"on": DAY} | options), relation)


def compiled(
    *lines: dict[str, object],
    table: str,
    linked: tuple[str, ...] = (),
    columns: list[str] | None = None,
    **changes: object,
) -> str:
    grants = [
        g
        for g in grants_of(stands(only(*lines, **changes)), ())
        if g.purpose == "planning" and "hub" in g.recipients
    ]
    query = query_of(table, grants, linked=linked, on=DAY, columns=columns)
    return query.sql(dialect="duckdb").replace('"', "")


def test_a_union_of_disclosers_each_under_its_own_terms() -> None:
    sql = compiled(
        line("person.first_name", "planning"), line("person.birthdate", "planning", transform="year", **{"from": ["harbor"]}),
        table="person", linked=("north",), columns=["person_id", "birthdate"],
    )  # fmt: skip
    assert sql == (
        "SELECT t.person_record AS person_id, EXTRACT(YEAR FROM t.birthdate) AS birthdate FROM store.person.harbor AS t "
        "UNION ALL "
        "SELECT COALESCE(l.person, t.person_record) AS person_id, CAST(NULL AS BIGINT) AS birthdate "
        "FROM store.person.north AS t LEFT JOIN store.person_link AS l ON l.record = t.person_record"
    )


def test_no_link_is_joined_where_no_person_is_asked_for() -> None:
    sql = compiled(
        line("person.sex", "planning"), table="person", linked=("north", "harbor"), columns=["sex"]
    )
    assert "person_link" not in sql


def test_population_and_records_of_a_fact_with_a_day() -> None:
    sql = compiled(
        line("attendance_day.attendance_status", "planning", **{"from": ["north"]}), table="attendance_day",
        columns=["attendance_status"], records={"from": "2022-07-01", "to": "2026-06-30"},
        population=[{"on": "school_enrollment", "where": "entry_grade_level IN ('06')", "from": ["north"]}],
    )  # fmt: skip
    assert sql == (
        "SELECT t.attendance_status AS attendance_status FROM store.attendance_day.north AS t "
        "SEMI JOIN (SELECT p.person_record, COALESCE(p.enrollment_entry_date, CAST('0001-01-01' AS DATE)) AS first_day, "
        "COALESCE(p.enrollment_exit_date, CAST('9999-12-31' AS DATE)) AS last_day FROM store.school_enrollment.north AS p "
        "WHERE (p.entry_grade_level IN ('06'))) AS p0 ON p0.person_record = t.person_record "
        "AND p0.first_day <= t.attendance_event_date AND p0.last_day >= t.attendance_event_date "
        "WHERE t.attendance_event_date >= CAST('2022-07-01' AS DATE) AND t.attendance_event_date <= CAST('2026-06-30' AS DATE)"
    )


def test_population_of_a_table_without_days_asks_within_records() -> None:
    sql = compiled(
        line("person.sex", "planning", **{"from": ["north"]}), table="person", columns=["sex"], records={"from": "2022-07-01"},
        population=[{"on": "school_enrollment", "where": "primary_school"}],
    )  # fmt: skip
    assert "p.enrollment_exit_date IS NULL OR p.enrollment_exit_date >= CAST('2022-07-01' AS DATE)" in sql


def test_a_population_by_the_day_of_reading() -> None:
    sql = compiled(
        line("person.sex", "planning", **{"from": ["north"]}), table="person", columns=["sex"],
        population=[{"on": "school_enrollment", "where": "primary_school", "when": "reading"}],
    )  # fmt: skip
    assert "p.enrollment_exit_date >= CAST('2026-09-01' AS DATE)" in sql
    assert "p.enrollment_entry_date <= CAST('2026-09-01' AS DATE)" in sql


def test_nothing_limits_a_grant_without_population_and_records() -> None:
    (grant,) = [
        g for g in grants_of(stands(only(line("person.sex", "planning"))), ()) if g.discloser == "north"
    ]
    assert row_predicate(grant, row="r", relation=symbolic, on=DAY) == exp.true()


def test_tables_of_no_student_have_no_population() -> None:
    sql = compiled(line("organization.*", "planning", **{"from": ["north"]}), table="organization",
                   columns=["organization_name"], population=[{"on": "person", "where": "sex = 'Female'"}])  # fmt: skip
    assert sql == "SELECT t.organization_name AS organization_name FROM store.organization.north AS t"


@pytest.mark.parametrize(
    ("path", "transform", "value", "shown"),
    [
        ("person.birthdate", "none", "DATE '2012-03-04'", date(2012, 3, 4)),
        ("person.birthdate", "year", "DATE '2012-03-04'", 2012),
        ("person.birthdate", "year", "NULL::DATE", None),
        ("person.birthdate", "suppress", "DATE '2012-03-04'", None),
        ("person.birthdate", "pseudonym", "DATE '2012-03-04'", None),
        ("person.first_name", "mask", "'Émile'", "É…"),
        ("person.first_name", "mask", "''", None),
        ("person.first_name", "mask", "NULL", None),
        ("person.first_name", "year", "'2012-03-04'", None),
        ("person.first_name", "band:10", "'29'", None),
        ("person.birthdate", "band:10", "DATE '2012-03-04'", None),
        ("attendance_day.attendance_event_duration_minutes", "year", "2012.0", None),
        ("attendance_day.attendance_event_duration_minutes", "band:10", "29.9", 20),
        ("attendance_day.attendance_event_duration_minutes", "band:10", "30.0", 30),
        ("attendance_day.attendance_event_duration_minutes", "band:10", "-0.5", -10),
        ("attendance_day.attendance_event_duration_minutes", "band:10", "NULL::DOUBLE", None),
        ("program.program_capacity_available", "band:5", "7::BIGINT", 5),
        ("program.program_capacity_available", "band:5", "-7::BIGINT", -10),
        ("program.program_capacity_available", "band:5", "-10::BIGINT", -10),
        ("program.program_capacity_available", "band:5", "9007199254740993::BIGINT", 9007199254740990),
    ],
)
def test_transforms(path: str, transform: str, value: str, shown: object) -> None:
    sql = transform_sql(exp.column("x"), element(path), transform).sql(dialect="duckdb")
    (found,) = duckdb.sql(f"SELECT {sql} FROM (SELECT {value} AS x)").fetchone() or ()
    assert found == shown
    assert type(found) is type(shown)


@pytest.mark.parametrize(
    "path", ["program.program_capacity_available", "person.birthdate", "person.first_name"]
)
@pytest.mark.parametrize("transform", ["suppress", "pseudonym"])
def test_what_is_hidden_is_not_even_read(path: str, transform: str) -> None:
    assert not list(transform_sql(exp.column("x"), element(path), transform).find_all(exp.Column))


def test_the_auditors_print_names_terms_and_relations() -> None:
    printed = show(stands(sharing()), ())
    assert 'FROM store.attendance_day."north" AS "t"' in printed
    assert "-- planning (operations, identified): attendance_day" in printed
    assert "read by evaluator of harbor, hub; reach all; basis school_official" in printed
    assert show(stands(sharing(tier="mou", purposes=[], schedule=[])), ()).startswith(
        "-- sharing-2026 grants no table"
    )


def test_persons_stand_under_the_codes_of_the_purpose() -> None:
    sql = compiled(
        line("person.sex", "planning", **{"from": ["north"]}), table="person", linked=("north",), columns=["person_id"],
        purposes=[purpose("planning", "research", "pseudonymous", recipients=["hub"])],
    )  # fmt: skip
    assert sql == (
        "SELECT c.code AS person_id FROM store.person.north AS t LEFT JOIN store.person_link AS l "
        "ON l.record = t.person_record LEFT JOIN store.pseudonym.sharing-2026/planning AS c "
        "ON c.person = COALESCE(l.person, t.person_record)"
    )


def granted(*lines: dict[str, object], **changes: object) -> list[Grant]:
    return [g for g in grants_of(stands(only(*lines, **changes)), ()) if g.purpose == "planning"]


def test_a_table_is_shown_by_its_own_grants_alone() -> None:
    grants = granted(line("person.sex", "planning"), line("attendance_day.attendance_status", "planning"))
    query = query_of("person", grants, linked=(), on=DAY)
    assert "attendance" not in query.sql()
    assert query.named_selects == columns_of([g for g in grants if g.table == "person"])
    assert not {"person_record", "partner"} & {*query.named_selects}
    with pytest.raises(ValueError, match="no grant shows course_grade"):
        query_of("course_grade", grants, linked=(), on=DAY)


def test_record_numbers_are_columns_of_tables_of_a_person() -> None:
    grants = granted(line("person.sex", "planning"), line("organization.organization_name", "planning"))
    by_table = {table: [g for g in grants if g.table == table] for table in ("person", "organization")}
    assert {*columns_of(by_table["person"])} == {n for g in by_table["person"] for n in g.columns}
    assert columns_of(by_table["person"], numbered=True)[-2:] == ["person_record", "partner"]
    assert not {"person_record", "partner"} & {*columns_of(by_table["organization"], numbered=True)}


def test_only_the_given_records_are_read() -> None:
    grants = granted(line("person.sex", "planning", **{"from": ["north"]}))
    query = query_of("person", grants, linked=(), on=DAY, columns=["sex"], records=[11, 12])
    assert query.sql().replace('"', "").endswith(" WHERE t.person_record IN (11, 12)")
    linked = query_of(
        "person",
        grants,
        linked=("north",),
        on=DAY,
        columns=["person_id"],
        records=[11, 12],
    )
    assert "FROM store.person_link AS l WHERE l.record IN (11, 12)" in linked.sql().replace('"', "")


def test_numbered_rows_have_record_and_partner() -> None:
    grants = granted(line("person.sex", "planning", **{"from": ["north"]}))
    query = query_of(
        "person",
        grants,
        linked=(),
        on=DAY,
        columns=["person_record", "partner"],
        numbered=True,
    )
    assert query.sql().replace('"', "") == (
        "SELECT t.person_record AS person_record, 'north' AS partner FROM store.person.north AS t"
    )


CODE = line("person.person_id", "planning", transform="pseudonym")


def test_a_line_alone_puts_persons_under_codes() -> None:
    (of_code, *_) = granted(CODE, line("person.sex", "planning"))
    (plain, *_) = granted(line("person.sex", "planning"))
    assert coded(of_code)
    assert not coded(plain)
    assert not coded(replace(of_code, form=AccessForm.PSEUDONYMOUS, table="organization", columns={}))
    assert "c.code AS person_id" in compiled(CODE, table="person", columns=["person_id"])


def test_a_number_is_shown_whole_or_not_at_all() -> None:
    masked = line("person.person_id", "planning", transform="mask", **{"from": ["north"]})
    sql = compiled(masked, line("person.sex", "planning"), table="person", columns=["person_id"])
    assert sql.endswith(" SELECT CAST(NULL AS BIGINT) AS person_id FROM store.person.north AS t")


def test_columns_under_codes_are_those_that_are_stored() -> None:
    hidden = [
        line(f"attendance_day.{name}", "planning", transform="pseudonym")
        for name in ("attendance_status", "source_record_id")
    ]
    (grant, *_) = granted(*hidden, line("attendance_day.attendance_event_date", "planning"))
    assert coded_columns(grant) == {"attendance_status"}


def test_value_codes_are_looked_up_by_element_and_text() -> None:
    hidden = line(
        "attendance_day.attendance_status", "planning", transform="pseudonym", **{"from": ["north"]}
    )
    sql = compiled(hidden, table="attendance_day", columns=["attendance_status"])
    select, join = sql.split(" LEFT JOIN ")
    assert select.startswith("SELECT c0.code AS attendance_status FROM store.attendance_day.north AS t")
    assert join.partition(" ON ")[2] == (
        "c0.element = 'attendance_status' AND c0.value = CAST(t.attendance_status AS TEXT)"
    )


def test_what_is_not_stored_has_no_code() -> None:
    key = line("attendance_day.source_record_id", "planning", transform="pseudonym", **{"from": ["north"]})
    sql = compiled(key, table="attendance_day", columns=["source_record_id"])
    assert sql == "SELECT CAST(NULL AS TEXT) AS source_record_id FROM store.attendance_day.north AS t"


@pytest.mark.parametrize(
    ("name", "of_harbor", "of_north", "shown"),
    [
        # A value that one hides changes nothing of how the other's stands.
        ("birthdate", "year", "suppress", ["EXTRACT(YEAR FROM t.birthdate)", "CAST(NULL AS BIGINT)"]),
        ("birthdate", "none", "suppress", ["t.birthdate", "CAST(NULL AS DATE)"]),
        ("birthdate", "suppress", "suppress", ["CAST(NULL AS DATE)", "CAST(NULL AS DATE)"]),
        # Of two types both become text.
        ("birthdate", "none", "year", ["CAST(t.birthdate AS TEXT)", "CAST(EXTRACT(YEAR FROM t.birthdate) AS TEXT)"]),
        ("person_id", "none", "pseudonym", ["CAST(t.person_record AS TEXT)", "c.code"]),
        ("person_id", "pseudonym", "none", ["c.code", "CAST(t.person_record AS TEXT)"]),
        ("person_id", "none", "suppress", ["t.person_record", "CAST(NULL AS BIGINT)"]),
        ("person_id", "suppress", "suppress", ["CAST(NULL AS BIGINT)", "CAST(NULL AS BIGINT)"]),
    ],
)  # fmt: skip
def test_the_type_of_a_column_that_two_show_differently(
    name: str, of_harbor: str, of_north: str, shown: list[str]
) -> None:
    lines = [
        line(f"person.{name}", "planning", transform=transform, **{"from": [partner]})
        for partner, transform in (("harbor", of_harbor), ("north", of_north))
    ]
    sql = compiled(*lines, line("person.sex", "planning"), table="person", columns=[name])
    parts = sql.split(" UNION ALL ")
    assert [part.split(f" AS {name}")[0] for part in parts] == [f"SELECT {value}" for value in shown]


def test_the_populations_of_all_tiers_hold() -> None:
    wide = stands(
        only(
            line("person.sex", "planning"),
            id="wide",
            population=[{"on": "person", "where": "sex = 'Female'"}],
        )
    )
    narrow = stands(
        only(
            line("person.sex", "planning"), tier="dul", under=["wide"],
            population=[{"on": "school_enrollment", "where": "primary_school", "when": "ever"}],
        )
    )  # fmt: skip
    grants = [g for g in grants_of(narrow, [wide]) if g.discloser == "north" and "hub" in g.recipients]
    sql = query_of("person", grants, linked=(), on=DAY, columns=["sex"]).sql(dialect="duckdb")
    assert sql.count("SEMI JOIN") == 2
    assert row_predicate(grants[0], row="r", relation=symbolic, on=DAY).sql().count(" IN (SELECT") == 2


def test_a_past_day_must_hold_then_and_today() -> None:
    document = only(
        line("attendance_day.attendance_status", "planning", **{"from": ["north"]}),
        population=[{"on": "school_enrollment", "where": "primary_school", "when": "reading"}],
    )
    (grant,) = [g for g in grants_of(stands(document), ()) if "hub" in g.recipients]
    sql = row_predicate(grant, row="r", relation=symbolic, on=DAY, today=date(2026, 10, 1)).sql(
        dialect="duckdb"
    )
    for day in ("2026-09-01", "2026-10-01"):
        assert f'"p"."enrollment_entry_date" <= CAST(\'{day}\' AS DATE)' in sql
    assert '"r"."attendance_event_date" <= CAST(\'2026-09-01\' AS DATE)' in sql
    today = row_predicate(grant, row="r", relation=symbolic, on=DAY).sql(dialect="duckdb")
    assert "attendance_event_date" not in today


@pytest.mark.parametrize("first", ["masked", "whole"])
def test_each_value_uses_the_finest_admitting_transform(first: str) -> None:
    masked = only(
        line("person.first_name", "planning", transform="mask"), id="a" if first == "masked" else "b"
    )
    whole = only(
        line("person.first_name", "planning"), id="b" if first == "masked" else "a",
        population=[{"on": "person", "where": "sex = 'Female'"}],
    )  # fmt: skip
    grants = [
        g
        for d in (masked, whole)
        for g in grants_of(stands(d), ())
        if g.discloser == "north" and "hub" in g.recipients
    ]
    query = query_of("person", grants, linked=(), on=DAY, columns=["person_id", "first_name"],
                        relation=lambda table, discloser: exp.to_table("stored"))  # fmt: skip
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE stored AS SELECT * FROM (VALUES (1, 'Ada', 'Female'), (2, 'Ben', 'Male')) "
            "AS s(person_record, first_name, sex)"
        )
        rows = connection.execute(query.sql(dialect="duckdb")).fetchall()
    assert sorted(rows) == [(1, "Ada"), (2, "B…")]


@pytest.mark.parametrize("first", ["a", "b"])
def test_where_all_admit_a_row_the_finest_transform_holds(first: str) -> None:
    masked = only(line("person.first_name", "planning", transform="mask"), id=first)
    whole = only(line("person.first_name", "planning"), id="ab".replace(first, ""))
    grants = [
        g
        for d in (masked, whole)
        for g in grants_of(stands(d), ())
        if g.discloser == "north" and "hub" in g.recipients
    ]
    sql = query_of("person", grants, linked=(), on=DAY, columns=["first_name"]).sql(dialect="duckdb")
    assert sql == 'SELECT "t"."first_name" AS "first_name" FROM store.person."north" AS "t"'


def test_a_row_with_nothing_granted_is_not_shown() -> None:
    sql = compiled(
        line("person_status.english_learner_status", "planning"),
        table="person_status",
        columns=["valid_from"],
    )
    assert "NOT t.english_learner_status IS NULL OR NOT t.english_learner_status_source IS NULL" in sql
    assert "t.idea_indicator IS NULL AND" in sql  # unless nothing hidden is said


def test_the_legend_explains_reach_and_consent() -> None:
    document = sharing()
    document["purposes"][0] |= {"reach": "caseload", "basis": "consent", "basis_details": {}}
    text = show(stands(document), [])
    assert text.startswith("-- store.caseload: records assigned to the reader on the day of reading")
    assert "-- store.consented: records for which a consent" in text
    assert "store.opted_out" not in text
    joins = {" ".join(line.split()) for line in text.splitlines() if "SEMI JOIN" in line}
    assert joins == {
        'SEMI JOIN store.caseload."north" AS "q0"',
        'SEMI JOIN store.consented."sharing-2026/planning/north" AS "q1"',
    }
    assert 'ON "q0"."record" = "t"."person_record"' in text
    assert 'ON "q1"."record" IS NOT DISTINCT FROM "t"."person_record"' in text  # makes no bounds
