import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughway.agreements.population_condition import (
    BadCondition,
    columns_of,
    parse_condition,
    values_of_codes,
)
from throughway.vocabulary import TABLES

ON = "school_enrollment"


@pytest.mark.parametrize(
    ("where", "columns"),
    [
        ("entry_grade_level IN ('06', '07', '08')", ["entry_grade_level"]),
        ("entry_grade_level NOT IN ('06')", ["entry_grade_level"]),
        ("NOT (entry_grade_level = '06' OR exit_grade_level <> '07')", ["entry_grade_level", "exit_grade_level"]),
        ("enrollment_entry_date BETWEEN '2022-07-01' AND '2023-06-30'", ["enrollment_entry_date"]),
        ("enrollment_entry_date >= DATE '2022-07-01' AND enrollment_exit_date IS NULL",
         ["enrollment_entry_date", "enrollment_exit_date"]),
        ("enrollment_exit_date IS NOT NULL", ["enrollment_exit_date"]),
        ("school_enrollment.entry_grade_level LIKE '0%'", ["entry_grade_level"]),
        ('"entry_grade_level" = \'06\'', ["entry_grade_level"]),
    ],
)  # fmt: skip
def test_comparisons_with_fixed_values_are_allowed(where: str, columns: list[str]) -> None:
    assert list(columns_of(parse_condition(where, ON))) == columns


@pytest.mark.parametrize(
    "where",
    [
        "entry_grade_level IN (SELECT 'x')", "entry_grade_level = (SELECT 1)", "EXISTS (SELECT 1)", "1 = 1", "true",
        "upper(entry_grade_level) = 'X'", "entry_grade_level = upper('x')", "entry_grade_level = exit_grade_level",
        'entry_grade_level = "06"', "entry_grade_level = '06'; DROP TABLE x", "entry_grade_level", "other = '06'",
        "person.birthdate = '2010-01-01'", "main.school_enrollment.entry_grade_level = '06'", "person_id = 5",
        "entry_grade_level || 'x' = '06x'", "entry_grade_level = '06' -- x\n OR stats(entry_grade_level) = ''",
        "CASE WHEN true THEN true END", "entry_grade_level = ?", "entry_grade_level = $1", "DROP TABLE school_enrollment",
        "enrollment_entry_date > 'soon'", "entry_grade_level = 6", "entry_grade_level IN ()", "entry_grade_level IN x",
        "entry_grade_level SIMILAR TO 'x'", "entry_grade_level ~ 'x'", "entry_grade_level IS DISTINCT FROM 'x'",
        "entry_grade_level IS 'x'", "enrollment_entry_date::VARCHAR = 'x'", "COLUMNS(*) = 'x'", "* = 'x'", "", ";",
        "((" * 60, "entry_grade_level = '06' UNION SELECT 1", "SELECT 1", "rowid = 1", "person_id IS NULL",
        " OR ".join(["entry_grade_level = '06'"] * 1000),
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_words(where: str) -> None:
    with pytest.raises(BadCondition):
        parse_condition(where, ON)


def test_double_quotes_are_explained() -> None:
    with pytest.raises(BadCondition, match="single quotes"):
        parse_condition('entry_grade_level = "06"', ON)


def test_coded_values_are_found() -> None:
    condition = parse_condition("entry_grade_level IN ('06', '7x') AND enrollment_exit_date IS NULL", ON)
    assert [(e.name, code) for e, code in values_of_codes(condition, TABLES[ON])] == [
        ("entry_grade_level", "06"),
        ("entry_grade_level", "7x"),
    ]


WORDS = ["entry_grade_level", "=", "'06'", "AND", "OR", "NOT", "(", ")", "IN", "NULL", "IS", "BETWEEN", "LIKE", ",",
         "SELECT", "*", "-", "1", ".", ";", "::", "CASE", "x", "\"", "'", "--", "/*", "FROM", "[", "{", "@", "\\"]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_any_text_is_a_condition_or_refused(where: str) -> None:
    try:
        condition = parse_condition(where, ON)
    except BadCondition:
        return
    assert set(columns_of(condition)) <= set(TABLES[ON].elements)
