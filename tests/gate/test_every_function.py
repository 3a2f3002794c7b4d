"""Every function of single rows that a reader may use, in many places of a question, over stores that differ in hidden rows alone.

The stores are those of the attacks: the many hidden rows of the one have days, moments, numbers and texts that functions fail at.
An engine that tries a function on a hidden row, or on a list of all values that a column has, or on what it knows of a whole
file, fails over the one store and not over the other.
"""

from collections.abc import Iterable, Iterator
from itertools import product

import pytest
import sqlglot
from sqlglot import exp

from tests.gate.test_attacks import HIDINGS, Store, pairs
from throughway.gate import compiler as compiling
from throughway.gate import sql_grammar

DAY, MOMENT, NUMBER, TEXT = (
    "a.valid_from",
    "a.recorded_at",
    "a.attendance_event_duration_minutes",
    "a.organization_id",
)
STATUS, FIXED = "a.attendance_status", "DATE '2026-08-05'"
PARTS = (
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "decade",
    "century",
    "millennium",
    "hour",
    "minute",
    "second",
    "isoyear",
)
TYPES = (
    "INT",
    "BIGINT",
    "SMALLINT",
    "TINYINT",
    "DOUBLE",
    "FLOAT",
    "DECIMAL(5,2)",
    "VARCHAR",
    "DATE",
    "TIMESTAMP",
    "BOOLEAN",
    "TIME",
    "HUGEINT",
)
OF_ONE = {
    TEXT: ("UPPER", "LOWER", "TRIM", "LENGTH", "STRLEN", "REVERSE"),
    DAY: ("YEAR", "MONTH", "DAY", "QUARTER", "WEEK", "DAYOFWEEK", "ISODOW", "DAYOFYEAR", "DAYNAME", "MONTHNAME", "LAST_DAY", "WEEKOFYEAR"),
    NUMBER: ("ABS", "CEIL", "FLOOR", "ROUND", "SIGN", "SQRT", "EXP", "LN", "LOG", "ISNAN", "TRUNC", "-"),
}  # fmt: skip
OF_TEXTS = (
    "SUBSTRING({t}, 2, 3)", "LEFT({t}, -1)", "RIGHT({t}, 2)", "CONCAT({t}, {s})", "CONCAT_WS('-', {t}, 'x')", "REPLACE({t}, 'a', {s})",
    "STRPOS({t}, 'a')", "STARTS_WITH({t}, 's')", "ENDS_WITH({t}, {s})", "CONTAINS({t}, {s})", "SPLIT_PART({t}, 'a', -1)",
    "REGEXP_MATCHES({s}, {t})", "REGEXP_FULL_MATCH({t}, '[a-z]+')", "REGEXP_FULL_MATCH({s}, {t})", "PREFIX({t}, 's')", "SUFFIX({t}, {s})",
    "{t} LIKE 's%'", "{s} LIKE {t}", "{t} ILIKE {s} ESCAPE '!'", "{t} LIKE {s} ESCAPE '!'", "{t} || {s}", "{t} = 5", "{t} BETWEEN 1 AND 3",
    "{t} IN (1, 2)", "{t} = {d}", "{t} = {m}", "{t} = {n}", "COALESCE({t}, {s})", "NULLIF({t}, 's')", "GREATEST({t}, 'B')", "IFNULL({t}, {s})",
)  # fmt: skip
OF_DAYS = (
    "{d} + INTERVAL 1 DAY", "{d} + INTERVAL 3 MONTH", "{d} + INTERVAL 5 HOUR", "{d} - INTERVAL 100 YEAR", "DATE_ADD({d}, INTERVAL 1 MONTH)",
    "DATE_TRUNC('month', CAST({d} AS DATE))", "DATE_PART('year', {d})", "DATEPART('epoch', {d})", "{d} < TODAY()", "STRFTIME({d}, '%Y-%m')", "STRFTIME({d}, '%j %U')", "{d} - {f}", "{f} - {d}", "{d} > {f} + INTERVAL 5 HOUR",
    "{d} < CURRENT_DATE - INTERVAL 1 DAY", "{d} = TIMESTAMP '2026-09-01 10:00:00'", "{d} IN ({f}, {f})", "{d} = {m}", "{d} < {m}", "{d} = '2026-09-01'",
    "{d} LIKE '2026%'", "{d} || 'x'", "{d} IS DISTINCT FROM {m}", "COALESCE({d}, {m})", "GREATEST({d}, {f})", "LEAST({d}, {m})", "NULLIF({d}, {f})",
    "CASE WHEN {d} > {f} THEN {m} ELSE {d} END", "DATE_DIFF('microsecond', {d}, {m})", "DATE_DIFF('second', {m}, {d})",
)  # fmt: skip
OF_NUMBERS = (
    "ROUND({n}, 2)", "POW({n}, 2)", "POW(2, {n})", "LOG(2, {n})", "{n} + 1", "{n} * 2", "{n} * 9223372036854775807", "{n} / 0", "1 / {n}", "{n} // 3",
    "9 // {n}", "{n} % 7", "7 % {n}", "{n} = 'x'", "{n} IN (1, 2.5)", "{n} BETWEEN 1 AND 1e300", "{n} > 99999999999999999999999999999", "COALESCE({n}, 0)",
    "{n} = a.person_id", "CAST({n} * 1e300 AS INT)", "{d} + CAST({n} AS INT)", "{d} - CAST({n} AS BIGINT)",
)  # fmt: skip
SHAPES = (
    "SELECT {e} AS x FROM attendance_day a",
    "SELECT count(*) FROM attendance_day a WHERE {e} IS NOT NULL",
    "SELECT count(*) FROM attendance_day a WHERE {e} = {e} AND a.attendance_status = 'Present'",
    "SELECT count(*) FROM attendance_day a WHERE NOT ({e} <> {e} OR a.attendance_status = 'Ada')",
    "SELECT {e} AS x, count(*) FROM attendance_day a GROUP BY 1",
    "SELECT {e} AS x FROM attendance_day a ORDER BY {e} LIMIT 3",
    "SELECT max({e}), count(DISTINCT {e}) FROM attendance_day a",
    "SELECT count(*) FILTER (WHERE {e} IS NULL) FROM attendance_day a",
    "SELECT count(*) FROM (SELECT {e} AS v, a.attendance_status AS s FROM attendance_day a) x WHERE x.s = 'Present' AND x.v IS NOT NULL",
    "SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY {e} ORDER BY a.person_id) AS k FROM attendance_day a) x WHERE x.k = 1",
    "SELECT count(*) FROM attendance_day a JOIN person p ON a.person_id = p.person_id AND {e} IS NOT NULL",
    "SELECT count(*) FROM attendance_day a LEFT JOIN person p ON {e} = {e} AND p.person_id = a.person_id",
    "SELECT count(*) FROM person p WHERE EXISTS (SELECT 1 FROM attendance_day a WHERE a.person_id = p.person_id AND {e} IS NOT NULL)",
    "SELECT count(*) FROM attendance_day a WHERE {e} IN (SELECT {b} FROM attendance_day b WHERE b.attendance_status = 'Present')",
    "SELECT sum(CASE WHEN {e} IS NULL THEN 1 ELSE 2 END) FROM attendance_day a",
    "SELECT DISTINCT {e} AS x FROM attendance_day a",
    "SELECT lag({e}) OVER (ORDER BY a.person_id) IS NULL AS x FROM attendance_day a QUALIFY {e} IS NOT NULL",
    "WITH w AS (SELECT {e} AS v, a.person_id AS i FROM attendance_day a) SELECT count(*) FROM w JOIN w AS u ON w.i = u.i AND w.v = u.v",
    "SELECT {e} AS x FROM attendance_day a UNION SELECT {b} AS x FROM attendance_day b",
)  # fmt: skip
EACH = 5  # shapes of each expression; all of them take a minute and a half
SHOWING = [name for name in HIDINGS if name != "opted out"]  # which shows no days


class Repeated(Store):
    """With so many rows of each value that the engine works with a list of the different ones."""

    TIMES = 40


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Store, Store]]]:
    with pairs(Repeated, tmp_path_factory) as found:
        yield found


def expressions() -> Iterator[str]:
    columns = {"t": TEXT, "s": STATUS, "d": DAY, "m": MOMENT, "n": NUMBER, "f": FIXED}
    for column, kind in product((TEXT, DAY, MOMENT, NUMBER), TYPES):
        yield f"CAST({column} AS {kind})"
    for column, names in OF_ONE.items():
        yield from (f"{name}({column})" for name in names)
    for column, part in product((DAY, MOMENT), PARTS):
        yield f"EXTRACT({part} FROM {column})"
        yield f"DATE_TRUNC('{part}', {column})"
        yield f"DATE_DIFF('{part}', {column}, {FIXED})"
    for form in (*OF_TEXTS, *OF_DAYS, *OF_NUMBERS):
        yield form.format(**columns)


def questions() -> Iterator[tuple[str, str]]:
    """A way of hiding, and a question."""
    for n, expression in enumerate(expressions()):
        for k in range(EACH):
            shape = SHAPES[(n + k * 7) % len(SHAPES)]
            yield (
                SHOWING[(n + k) % len(SHOWING)],
                shape.format(e=expression, b=expression.replace("a.", "b.")),
            )


Outcomes = tuple[
    str, object, object
]  # a way of hiding and a question; what comes of it over the few and over the many


def outcomes(stores: dict[str, tuple[Store, Store]]) -> Iterator[Outcomes]:
    for hiding, sql in questions():
        few, many = (store.outcome(sql) for store in stores[hiding])
        yield f"{hiding}: {sql}", few, many


@pytest.fixture(scope="module")
def asked(stores: dict[str, tuple[Store, Store]]) -> list[Outcomes]:
    return list(outcomes(stores))


def differing(found: Iterable[Outcomes]) -> Iterator[str]:
    return (f"{question}: {few} and {many}" for question, few, many in found if few != many)


def test_every_function_is_there() -> None:
    """As the grammar lists them; of some the parser makes others, and nothing that DuckDB reads is a `DateSub` to it."""
    nodes = [node for text in expressions() for node in sqlglot.parse_one(text, dialect="duckdb").walk()]
    listed = sql_grammar.TEXTS | sql_grammar.DAYS | sql_grammar.NUMBERS | sql_grammar.CHOICES
    assert listed - {exp.DateSub} <= {type(node) for node in nodes}
    named = {node.name.lower() for node in nodes if isinstance(node, exp.Anonymous)}
    assert sql_grammar.NAMED - {"ifnull", "isodow", "weekofyear"} <= named


def test_most_questions_are_answered(asked: list[Outcomes]) -> None:
    answered = [question for question, few, _ in asked if isinstance(few[0], list)]  # type: ignore[index]
    assert len(answered) > len(asked) * 2 // 3


def test_no_function_tells_of_hidden_rows(asked: list[Outcomes]) -> None:
    assert list(differing(asked)) == []


@pytest.mark.parametrize("part", ["defer_conditions", "recompute_columns"])
def test_functions_would_tell_if_one_part_were_left_out(
    stores: dict[str, tuple[Store, Store]], monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(compiling, part, lambda *_: None)
    assert next(differing(outcomes(stores)), None), "one is enough for the test above to fail"
