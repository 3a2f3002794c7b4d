"""A question that the page could have written is said back in words, and no other: what is said writes the same statement again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.insight.test_question_builder import CLUB, EVERYTHING, SCHOOL, access, counted  # noqa: F401
from throughway.insight.questions.builder import (
    ColumnCondition,
    FigureChoices,
    MeasureChoice,
    Operator,
    comparable,
    groupable,
    numeric,
    usable,
    written,
)
from throughway.insight.questions.question_in_words import choices_of, in_words
from throughway.publication.tables import place
from throughway.vocabulary import COMMON, TABLES, codes_of


def element(path: str):
    table, _, name = path.partition(".")
    return COMMON.get(name) or TABLES[table].derived.get(name) or TABLES[table].elements[name]


@st.composite
def conditions(draw, table: str):
    path = draw(st.sampled_from(comparable(EVERYTHING, table)))
    found, name = element(path), path.partition(".")[2]
    named = name in ("organization_id", "program_identifier")
    operator = draw(st.sampled_from([Operator.IS, Operator.IS_NOT] if named else list(Operator)))
    if found.stored_as == "DATE":
        value = draw(st.dates()).isoformat()
    elif found.stored_as == "BOOLEAN":
        value = draw(st.sampled_from(["yes", "no"]))
    elif found.stored_as in ("BIGINT", "DOUBLE"):
        value = str(draw(st.integers(-50, 500)))
    elif codes := codes_of(found):
        value = draw(st.sampled_from(sorted(codes)))
    else:
        value = draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12))
    return ColumnCondition(path, operator, value)


@st.composite
def choices(draw):
    tables = sorted(usable(EVERYTHING))
    table = draw(st.sampled_from(tables))
    amounts = numeric(EVERYTHING, table)
    measure = draw(st.sampled_from([m for m in MeasureChoice if amounts or m not in ("sum", "mean")]))
    return FigureChoices(
        table,
        measure,
        condition=draw(st.sampled_from(tables).flatmap(conditions)) if measure is MeasureChoice.SHARE else None,
        amount=draw(st.sampled_from(amounts)) if measure in ("sum", "mean") else "",
        days=draw(st.integers(1, 366)) if measure is MeasureChoice.MISSED else 0,
        year=draw(st.integers(1991, 2099)) if measure is MeasureChoice.MISSED else 0,
        filters=tuple(draw(st.lists(conditions(table), max_size=3))),
        groups=tuple(draw(st.lists(st.sampled_from(groupable(EVERYTHING)), max_size=2, unique=True))),
        also=draw(st.sampled_from(["", *tables])),
        times=draw(st.sampled_from([0, 2, 10])),
    )  # fmt: skip


@given(choices())
def test_what_the_page_writes_is_read_back_as_it_was_chosen(chosen: FigureChoices) -> None:
    sql = written(chosen, EVERYTHING)
    assert choices_of(sql, EVERYTHING) == chosen
    assert len(in_words(sql, EVERYTHING)) >= 2
    by_hand = sql.replace("\n", " \n -- by hand\n").replace("SELECT", "select")
    assert choices_of(by_hand, EVERYTHING) == chosen


MISSED = FigureChoices(
    "program_participation", MeasureChoice.MISSED, days=18, year=2026, filters=(CLUB,), groups=(SCHOOL,), also="school_enrollment"
)  # fmt: skip


def test_a_question_in_sentences() -> None:
    assert in_words(written(MISSED, EVERYTHING), EVERYTHING, "Harbor") == [
        "It counts students in a program of Harbor and enrolled in a school, only where program is Chess Club, each student once.",
        "Students with no record of enrollment are left out.",
        "It gives how many of them missed at least 18 school days in 2025-26, and their share of those with any mark of attendance in that year.",
        "It does so for each school: the newest record of a student counts, and students without one are a group of their own.",
    ]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (">= 18", "> 18"),  # one more day
        ("LEFT JOIN missed", "JOIN missed"),  # leaves out whoever has no mark
        ("SELECT DISTINCT person_id", "SELECT DISTINCT abs(person_id) AS person_id"),
        ("'Chess Club'", "'Chess Club' OR TRUE"),
        ("GROUP BY ALL", "GROUP BY ALL HAVING count(*) > 3"),
        ("ORDER BY enrollment_entry_date DESC", "ORDER BY enrollment_entry_date ASC"),
        ("WITH students", "WITH more AS (SELECT 1), students"),
        ("count(DISTINCT students.person_id) AS students", "2 * count(DISTINCT students.person_id) AS students"),
    ],
)  # fmt: skip
def test_a_statement_that_means_something_else_is_not_said_back(was: str, now: str) -> None:
    sql = written(MISSED, EVERYTHING)
    assert was in sql
    assert in_words(sql.replace(was, now), EVERYTHING) == []


@pytest.mark.parametrize("sql", [
    "SELECT count(DISTINCT person_id) AS students FROM person",
    "SELECT 1",
    "SELECT count(*) FROM (SELECT 1) UNION SELECT 2",
    "WITH students AS (SELECT 1 UNION SELECT 2) SELECT count(*) AS students FROM students",
    "WITH students AS (SELECT DISTINCT person_id FROM person WHERE EXISTS (SELECT 1)) SELECT count(DISTINCT students.person_id) AS students FROM students",
])  # fmt: skip
def test_what_the_page_never_writes_is_not_said_back(sql: str) -> None:
    assert in_words(sql, EVERYTHING) == []


def test_at_least_so_many_times_counts_days_where_a_record_has_one(access) -> None:  # noqa: F811
    """Every third came to school on no day or 20; a student with two records of one day came on one."""
    often = FigureChoices("attendance_day", MeasureChoice.STUDENTS, times=20)
    _, counts = counted(access, often)
    assert counts[place({})] == sum(n % 3 == 0 and n % 10 != 9 for n in range(40))
    assert written(often, EVERYTHING).startswith("-- Students with attendance by day on at least 20 days\n")
    more = FigureChoices("school_enrollment", MeasureChoice.STUDENTS, times=2)
    _, counts = counted(access, more)
    assert counts[place({})] == 20  # every other student has two enrollments
