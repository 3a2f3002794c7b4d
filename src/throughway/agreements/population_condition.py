"""The condition of a population: comparisons of one table's columns with constants only.

Allowed: = <> < <= > >=, IN, BETWEEN, IS NULL, LIKE, AND, OR, NOT. Refused: functions, other tables, subqueries, arithmetic,
comparisons of one column with another.
"""

from collections.abc import Iterator
from datetime import date

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from throughway.core.refusals import nearest
from throughway.vocabulary import TABLES, Element, Table

LONGEST = 4_000  # characters
DEEPEST = 50  # nested brackets
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like)
NUMBERS = frozenset({"integer", "decimal"})
DAYS = frozenset({"date", "datetime"})


class BadCondition(ValueError):
    """The fault of a condition, as the end of a sentence that begins with its place."""


def parse_condition(where: str, on: str) -> exp.Expression:
    """The syntax tree of `where` over the vocabulary's table `on` (KeyError when there is none); BadCondition else.

    Example: "entry_grade_level IN ('06', '07')" on school_enrollment.
    """
    table = TABLES[on]
    if len(where) > LONGEST or where.count("(") > DEEPEST:
        raise BadCondition("is too long to be read; say it with fewer comparisons")
    try:
        parsed = sqlglot.parse(where, dialect="duckdb")
    except (SqlglotError, RecursionError):
        raise BadCondition(
            "is not a readable condition; write comparisons such as entry_grade_level IN ('06', '07')"
        ) from None
    statements = [found for found in parsed if found is not None]
    if len(statements) != 1:
        raise BadCondition("must be one condition, without a semicolon")
    try:
        _check(statements[0], table)
    except RecursionError:
        raise BadCondition("is too long to be read; say it with fewer comparisons") from None
    return statements[0]


def columns_of(condition: exp.Expression) -> tuple[str, ...]:
    """The columns that the condition reads, each once."""
    return tuple(dict.fromkeys(column.name.lower() for column in condition.find_all(exp.Column)))


def values_of_codes(condition: exp.Expression, table: Table) -> Iterator[tuple[Element, str]]:
    """Each (coded element, text) that the condition compares."""
    for node in condition.find_all(exp.EQ, exp.NEQ, exp.In):
        column = node.find(exp.Column)
        element = table.elements.get(column.name.lower()) if column else None
        if element is not None and element.type == "code":
            yield from (
                (element, literal.name) for literal in node.find_all(exp.Literal) if literal.is_string
            )


def _check(node: exp.Expression, table: Table) -> None:
    if isinstance(node, exp.And | exp.Or):
        _check(node.left, table)
        _check(node.right, table)
    elif isinstance(node, exp.Not | exp.Paren):
        _check(node.this, table)
    elif isinstance(node, COMPARISONS):
        _compared(node.left, [node.right], table)
    elif isinstance(node, exp.In):
        if (
            node.args.get("query")
            or node.args.get("unnest")
            or node.args.get("field")
            or not node.expressions
        ):
            raise BadCondition("may hold only a list of fixed values after IN")
        _compared(node.this, node.expressions, table)
    elif isinstance(node, exp.Between):
        _compared(node.this, [node.args["low"], node.args["high"]], table)
    elif isinstance(node, exp.Is):
        _element(node.this, table)
        if not isinstance(node.expression, exp.Null | exp.Boolean):
            raise BadCondition("may say only IS NULL, IS NOT NULL, IS TRUE or IS FALSE")
    elif isinstance(node, exp.Column) and _element(node, table).type == "boolean":
        return
    else:
        raise BadCondition(
            "may only compare columns with fixed values (=, <>, <, >, IN, BETWEEN, LIKE, IS NULL), "
            "joined by AND, OR, NOT"
        )


def _compared(column: exp.Expression, values: list[exp.Expression], table: Table) -> None:
    element = _element(column, table)
    for value in values:
        _check_value(value, element)


def _element(node: exp.Expression, table: Table) -> Element:
    if not isinstance(node, exp.Column):
        raise BadCondition("must have a column on the left of each comparison")
    if node.args.get("db") or node.table.lower() not in ("", table.name):
        raise BadCondition(f"may read only columns of {table.name}")
    element = table.elements.get(node.name.lower())
    if element is None or element.name == "person_id":
        near = nearest(node.name, {*table.elements} - {"person_id"}, 1)
        cure = f"; the nearest is {near[0]}" if near else ""
        raise BadCondition(f"names {node.name[:60]}, which is not a column of {table.name}{cure}")
    return element


def _check_value(value: exp.Expression, element: Element) -> None:
    if isinstance(value, exp.Column):
        raise BadCondition("compares with a column; write a text in single quotes, such as '06'")
    if isinstance(value, exp.Boolean):
        if element.type != "boolean":
            raise BadCondition(
                f"compares {element.name} with true or false, but it holds {element.type} values"
            )
        return
    if isinstance(value, exp.Cast) and value.to.sql("duckdb") in ("DATE", "TIMESTAMP"):
        value = value.this
    if isinstance(value, exp.Neg):
        value = value.this
    if not isinstance(value, exp.Literal):
        raise BadCondition("must have a fixed value on the right of each comparison")
    if element.type in NUMBERS and value.is_string:
        raise BadCondition(f"compares the number {element.name} with a text; leave the quotes out")
    if element.type not in NUMBERS and not value.is_string:
        raise BadCondition(f"compares {element.name} with a number; write it in single quotes")
    if element.type in DAYS and not _is_day(value.name):
        raise BadCondition(
            f"compares {element.name} with something that is not a day; write it as '2026-07-01'"
        )
    if element.type == "boolean":
        raise BadCondition(f"compares {element.name}; write it as true or false without quotes")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True
