"""Which rows a grant admits: each clause over a few rows, as a condition and as joins, which must agree."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from tests.agreements.test_effective_grants import only, stands
from tests.gate.making import line, rows
from throughway.agreements.effective_grants import grants_of
from throughway.agreements.grant import Grant
from throughway.agreements.row_filter import TOPIC, among, column, members, row_predicate, semi_joins
from throughway.agreements.transforms import Transform
from throughway.intake.scope import _condition

PAST, TODAY = date(2026, 9, 10), date(2026, 10, 1)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def granted(element: str, *more: str, **changes: Any) -> Grant:
    """What one agreement of north's gives hub of the element's table."""
    lines = [line(each, "planning", **{"from": ["north"]}) for each in (element, *more)]
    table = element.partition(".")[0]
    (grant,) = (
        g
        for g in grants_of(stands(only(*lines, **changes)), ())
        if (g.purpose, g.table, g.discloser) == ("planning", table, "north")
    )
    return grant


def stored(table: str, discloser: str) -> exp.Table:
    return exp.table_(table)


def store_of(held: Rows) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for table, of_one in held.items():
        connection.register(table, rows(table, [dict(row) for row in of_one]))
    return connection


def admitted(grant: Grant, held: Rows, *, on: date = TODAY, today: date | None = None) -> list[int]:
    """Records of the rows that it admits."""
    from_table = exp.select("record").from_(exp.alias_(exp.table_(grant.table), "t", table=True))
    by_condition = from_table.where(row_predicate(grant, row="t", relation=stored, on=on, today=today))
    by_joins = semi_joins(from_table.copy(), grant, relation=stored, on=on, today=today)
    with store_of(held) as connection:
        found, joined = (
            sorted(n for (n,) in connection.execute(query.sql(dialect="duckdb")).fetchall())
            for query in (by_condition, by_joins)
        )
    assert found == joined
    return found


# ---- a table whose rows are there for what they say

STATUSES: Rows = {
    "person_status": [
        {"record": 1, "person_record": 11, "idea_indicator": "Yes", "batch_id": "b1"},
        {"record": 2, "person_record": 11, "idea_indicator": "Yes", "english_learner_status": "Yes"},
        {"record": 3, "person_record": 11, "idea_indicator": "Yes", "english_learner_status_source": "?"},
        {"record": 4, "person_record": 11, "migrant_status": "Yes"},
        {"record": 5, "person_record": 11, "homelessness_status": "Homeless"},
        {"record": 6, "person_record": 11},
    ]
}


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        (["english_learner_status"], [2, 3, 4, 6]),
        (["migrant_status"], [4, 6]),
        (["person_id"], [4, 6]),  # that there is a row would tell what the others must not be named for
        (["english_learner_status", "homelessness_status"], [2, 3, 4, 5, 6]),
        (["*", "idea_indicator", "homelessness_status"], [1, 2, 3, 4, 5, 6]),
        (["english_learner_status", "idea_indicator"], [1, 2, 3, 4, 6]),
    ],
)
def test_a_status_row_needs_something_granted(elements: list[str], expected: list[int]) -> None:
    grant = granted(*(f"person_status.{name}" for name in elements))
    assert admitted(grant, STATUSES) == expected


# ---- populations


def spell(record: int, first: date | None, last: date | None, **more: Any) -> dict[str, Any]:
    return {"person_record": record, "enrollment_entry_date": first, "enrollment_exit_date": last,
            "entry_grade_level": "06"} | more  # fmt: skip


PEOPLE = [{"record": n, "person_record": n, "sex": "Female" if n < 13 else "Male"} for n in (11, 12, 13, 14)]
SIXTH = {"from": ["north"], "on": "school_enrollment", "where": "entry_grade_level = '06'"}
SPELLS = [
    spell(11, date(2026, 8, 1), date(2026, 9, 30)),
    spell(12, date(2026, 9, 20), None),
    spell(13, None, date(2026, 9, 15)),
    spell(14, date(2026, 8, 1), None, entry_grade_level="07"),
]


@pytest.mark.parametrize(
    ("when", "on", "today", "expected"),
    [
        ("ever", TODAY, None, [11, 12, 13]),
        ("ever", PAST, TODAY, [11, 13]),  # what began later was not so then; what has no first day was
        ("fact", PAST, TODAY, [11, 13]),
        ("reading", TODAY, None, [12]),
        ("reading", PAST, None, [11, 13]),
        ("reading", PAST, TODAY, []),
        ("reading", PAST, date(2026, 9, 12), [11, 13]),
    ],
)
def test_of_rows_without_days(when: str, on: date, today: date | None, expected: list[int]) -> None:
    grant = granted("person.sex", population=[{**SIXTH, "when": when}])
    assert admitted(grant, {"person": PEOPLE, "school_enrollment": SPELLS}, on=on, today=today) == expected


@pytest.mark.parametrize(("when", "expected"), [("ever", [11, 12, 13]), ("fact", [11, 12])])
def test_of_rows_without_days_the_fact_is_asked_within_records(when: str, expected: list[int]) -> None:
    grant = granted("person.sex", population=[{**SIXTH, "when": when}], records={"from": "2026-09-16"})
    assert admitted(grant, {"person": PEOPLE, "school_enrollment": SPELLS}) == expected


@pytest.mark.parametrize("when", ["ever", "fact", "reading"])
@pytest.mark.parametrize(("on", "today"), [(TODAY, None), (PAST, TODAY)])
def test_population_by_a_table_without_days(when: str, on: date, today: date | None) -> None:
    by_sex = {"from": ["north"], "on": "person", "where": "sex = 'Female'", "when": when}
    grant = granted("attendance_day.attendance_status", population=[by_sex])
    days = [
        {"record": n, "person_record": n, "attendance_event_date": date(2026, 9, 5)} for n in (11, 12, 13)
    ]
    assert admitted(grant, {"attendance_day": days, "person": PEOPLE}, on=on, today=today) == [11, 12]


SERVICES: Rows = {
    "service_received": [
        {"record": 1, "person_record": 11, "service_date": date(2026, 9, 5)},
        {"record": 2, "person_record": 11, "service_entry_date": date(2026, 10, 5)},
        {"record": 3, "person_record": 11, "service_exit_date": date(2026, 7, 1)},
        {"record": 4, "person_record": 11, "service_entry_date": date(2026, 8, 1)},
        {"record": 5, "person_record": 11},
    ],
    "school_enrollment": [spell(11, date(2026, 8, 1), date(2026, 9, 30))],
}


def test_a_day_is_the_first_of_its_columns_that_is_filled() -> None:
    grant = granted("service_received.service_date", population=[{**SIXTH, "when": "fact"}])
    assert admitted(grant, SERVICES) == [1, 4, 5]
    assert admitted(grant, SERVICES, on=date(2026, 9, 4), today=TODAY) == [4, 5]
    within = granted("service_received.service_date", records={"from": "2026-08-15", "to": "2026-09-30"})
    assert admitted(within, SERVICES) == [1, 4, 5]


def test_a_past_day_shows_no_later_rows() -> None:
    days = [
        {"record": n, "person_record": 11, "attendance_event_date": day}
        for n, day in enumerate((PAST, date(2026, 9, 11), None))
    ]
    grant = granted("attendance_day.attendance_status")
    assert admitted(grant, {"attendance_day": days}, on=PAST, today=TODAY) == [0, 2]
    assert admitted(grant, {"attendance_day": days}, on=PAST) == [0, 1, 2]


def test_who_can_be_admitted_is_in_every_tier() -> None:
    seventh = {**SIXTH, "where": "entry_grade_level = '07'"}
    wide = stands(only(line("attendance_day.*", "planning"), id="wide", population=[SIXTH]))
    narrow = only(
        line("attendance_day.*", "planning"), tier="dul", under=["wide"],
        population=[{**seventh, "when": "ever"}, {**SIXTH, "on": "person", "where": "sex = 'Male'", "when": "ever"}],
    )  # fmt: skip
    (grant,) = (
        g
        for g in grants_of(stands(narrow), [wide])
        if g.discloser == "north" and g.purpose == "planning" and g.table == "attendance_day"
    )
    held = {
        "school_enrollment": [
            *SPELLS, spell(11, None, None, entry_grade_level="07"), spell(14, date(2026, 9, 30), None),
        ],
        "person": PEOPLE,
    }  # fmt: skip

    def found(grant: Grant, **days: date) -> list[int]:
        query = members(grant, relation=stored, **({"on": TODAY} | days))
        assert query is not None
        with store_of(held) as connection:
            answer = connection.execute(f"SELECT DISTINCT person_record FROM ({query.sql(dialect='duckdb')})")
            return sorted(n for (n,) in answer.fetchall())

    assert found(grant) == [11, 13, 14]
    assert found(grant, on=PAST, today=TODAY) == [11, 13]
    assert found(granted("attendance_day.*", population=[seventh])) == [11, 14]
    assert members(granted("attendance_day.*"), relation=stored, on=TODAY) is None


def test_given_records_limit_the_population_scan() -> None:
    either = [{**SIXTH, "when": "ever"}, {**SIXTH, "on": "person", "where": "sex = 'Male'", "when": "ever"}]
    grant = granted("attendance_day.attendance_status", population=either)
    query = semi_joins(
        exp.select("record").from_("x AS t"), grant, relation=stored, on=TODAY, records=[11, 12]
    )
    text = query.sql(dialect="duckdb").replace('"', "")
    assert text.count("p.person_record IN (11, 12)") == 2
    assert "UNION ALL" in text


def test_an_empty_list_matches_nobody() -> None:
    with duckdb.connect() as connection:
        for numbers, expected in (([], False), ([11], True), ([12], False)):
            condition = among(column("t", "x"), numbers).sql(dialect="duckdb")
            assert connection.execute(f"SELECT {condition} FROM (SELECT 11 AS x) AS t").fetchone() == (
                expected,
            )


# ---- answers on a topic of 20 USC 1232h(b)

ANSWERS: Rows = {
    "survey_response": [
        {"record": 1, "person_record": 1},
        {"record": 2, "person_record": 2, "ppra_protected_topic": "income"},
        {
            "record": 3,
            "person_record": 3,
            "ppra_protected_topic_source": "Home life",
        },  # a mark that nobody could read
    ],
    "assessment_result": [
        {"record": 1, "person_record": 1},
        {"record": 2, "person_record": 2, "ppra_protected_topic": "income"},
    ],
}


@pytest.mark.parametrize("table", ANSWERS)
def test_an_answer_on_a_protected_topic_is_shown_only_where_a_line_names_the_mark(table: str) -> None:
    assert admitted(granted(f"{table}.*"), ANSWERS) == [1]
    assert admitted(granted(f"{table}.*", f"{table}.ppra_protected_topic"), ANSWERS) == [1, 2]


def test_what_comes_in_is_asked_of_each_line_that_shows_the_mark_or_hides_it() -> None:
    """Two agreements list the same, and one of them only that the mark is hidden: its rows are not the other's."""
    shows = granted("survey_response.*", "survey_response.ppra_protected_topic")
    hides = replace(shows, columns={**shows.columns, TOPIC: Transform("suppress")})
    known: dict[Hashable, str] = {}
    first, second = (_condition(each, stored, TODAY, known, False) for each in (shows, hides))
    assert first != second
