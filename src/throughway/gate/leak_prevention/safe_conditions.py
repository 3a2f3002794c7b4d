"""Conditions that no row can fail: columns of one kind as they are shown, beside fixed values of that kind.

They alone may be tried on any row, hidden ones too; so they are looked up early, which is what makes questions fast.
"""

import re
from collections.abc import Callable

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

Kind = Callable[[str, str], str | None]  # of a column of a table: its type; None where it has none
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = 15  # digits of a number that every kind of number takes
SHORT = 4  # digits of a span of time, two of which lead from no day of ours beyond the calendar
WHOLE_DAYS = frozenset(
    unit + more for unit in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR") for more in ("", "S")
)
LIKE = (exp.Like, exp.ILike)
COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
BESIDE = (*COMPARED, *LIKE, exp.Is, exp.Between, exp.In)


def is_plain(condition: exp.Expression, scope: Scope, kind: Kind) -> bool:
    """Fixed values alone are not: they can fail too, where some row is there to try them."""
    if isinstance(condition, exp.Boolean | exp.Null):
        return True
    if isinstance(condition, exp.Column):
        return column_kind(condition, scope, kind) == "BOOLEAN"
    if not isinstance(condition, BESIDE) or isinstance(condition.parent, exp.Escape):
        return False
    sides = [bare(side) for side in condition.iter_expressions()]
    columns = [side for side in sides if isinstance(side, exp.Column)]
    rest = [side for side in sides if not isinstance(side, exp.Column)]
    kinds = {column_kind(column, scope, kind) for column in columns}
    if len(kinds) != 1:
        return False
    of = kinds.pop()
    return of is not None and all(_fits(value, of) for value in rest)


def bare(value: exp.Expression) -> exp.Expression:
    """Without the parentheses around it."""
    while isinstance(value, exp.Paren):
        value = value.this
    return value


def as_days(condition: exp.Expression, scope: Scope, kind: Kind) -> None:
    """Of a plain condition on days: makes a day again of a day and a span of whole days, which is a moment to the engine. To
    compare them it would make moments of the column's days, and fail at those that are no moment."""
    sides = list(condition.iter_expressions())
    column = next(inner for side in sides if isinstance(inner := bare(side), exp.Column))
    if not isinstance(condition, LIKE) and column_kind(column, scope, kind) == "DATE":
        for side in sides:
            if isinstance(bare(side), exp.Add | exp.Sub):
                side.replace(exp.cast(side.copy(), "date"))


def column_kind(column: exp.Column, scope: Scope, kind: Kind) -> str | None:
    """What `kind` says of the column of a table for which this column stands, also by way of queries that hand it on or stand
    around; None of any other."""
    around: Scope | None = scope
    while around is not None and column.table not in around.sources:
        around = around.parent
    source = around.sources[column.table] if around is not None else None
    if not isinstance(source, Scope):
        return kind(source.name, column.name) if isinstance(source, exp.Table) else None
    if source.union_scopes:
        kinds = {_handed(column.name, part, kind) for part in source.union_scopes}
        return kinds.pop() if len(kinds) == 1 else None
    return _handed(column.name, source, kind)


def _handed(name: str, source: Scope, kind: Kind) -> str | None:
    """The kind of a column that a part of the query hands on."""
    handed = next((s for s in source.expression.selects if s.alias_or_name == name), None)
    inner = handed.this if isinstance(handed, exp.Alias) else handed
    return column_kind(inner, source, kind) if isinstance(inner, exp.Column) else None


def _fits(value: exp.Expression, kind: str) -> bool:
    """Whether it stands in the query as a value of that kind, or of one that always becomes it."""
    if isinstance(value, exp.Null):
        return True
    if kind == "VARCHAR":
        return bool(value.is_string)
    if kind == "BOOLEAN":
        return isinstance(value, exp.Boolean)
    if kind in ("BIGINT", "DOUBLE"):
        return _short(value.this if isinstance(value, exp.Neg) else value)
    return kind in ("DATE", "TIMESTAMP") and _day(value)


def _short(value: exp.Expression) -> bool:
    if not isinstance(value, exp.Literal) or value.is_string:
        return False
    return len(value.name) <= LONGEST and value.name.replace(".", "", 1).isdigit()


def _day(value: exp.Expression, spans: int = 2) -> bool:
    if value.is_type("date"):
        return _day(value.this, spans)
    if isinstance(value, exp.Add | exp.Sub):
        return spans > 0 and _day(bare(value.left), spans - 1) and _span(value.right)
    # A day of a later year is no moment, and fails where it must become one.
    written = isinstance(value, exp.Literal) and DAY.fullmatch(value.name) is not None
    return written or isinstance(value, exp.CurrentDate)


def _span(value: exp.Expression) -> bool:
    """A few whole days, weeks, months or years."""
    if not (isinstance(value, exp.Interval) and isinstance(value.this, exp.Literal)):
        return False
    unit = value.args.get("unit")
    return unit is not None and unit.name.upper() in WHOLE_DAYS and len(value.this.name) <= SHORT
