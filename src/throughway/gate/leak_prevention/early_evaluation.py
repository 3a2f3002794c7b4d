"""Rewrites a query so that DuckDB evaluates nothing that can fail on rows that the reader may not see (docs/decisions/0007).

A plain condition, which no row can fail, stays as it is. Any other is deferred: wrapped so that DuckDB knows that it can
fail and does not push it below the join that leaves hidden students out. A column that is computed with becomes
`GREATEST(c, c)`, which DuckDB cannot compute from dictionaries or statistics that hold values of hidden rows.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

Kind = Callable[[str, str], str | None]  # of a column of a table: its type; None where it has none
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = 15  # digits of a number that fits every numeric type
SHORT = 4  # digits of an interval, two of which cannot move a stored date outside the calendar
WHOLE_DAYS = frozenset(
    unit + more for unit in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR") for more in ("", "S")
)
LIKE = (exp.Like, exp.ILike)
COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
BESIDE = (*COMPARED, *LIKE, exp.Is, exp.Between, exp.In)


def is_plain(condition: exp.Expression, scope: Scope, kind: Kind) -> bool:
    """Whether no row can make the condition fail. Literals alone are not plain: they can fail as soon as there is a row."""
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
    """The expression without the parentheses around it."""
    while isinstance(value, exp.Paren):
        value = value.this
    return value


def as_days(condition: exp.Expression, scope: Scope, kind: Kind) -> None:
    """In a plain condition on dates, casts a date plus an interval, which is a timestamp to DuckDB, back to a date. Otherwise
    DuckDB would cast the column to timestamps, which fails for dates that are no timestamp."""
    sides = list(condition.iter_expressions())
    column = next(inner for side in sides if isinstance(inner := bare(side), exp.Column))
    if not isinstance(condition, LIKE) and column_kind(column, scope, kind) == "DATE":
        for side in sides:
            if isinstance(bare(side), exp.Add | exp.Sub):
                side.replace(exp.cast(side.copy(), "date"))


def column_kind(column: exp.Column, scope: Scope, kind: Kind) -> str | None:
    """`kind` of the table column that this column refers to, also through subqueries and WITH parts; None for any other."""
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
    """The kind of the column that a subquery selects."""
    handed = next((s for s in source.expression.selects if s.alias_or_name == name), None)
    inner = handed.this if isinstance(handed, exp.Alias) else handed
    return column_kind(inner, source, kind) if isinstance(inner, exp.Column) else None


def _fits(value: exp.Expression, kind: str) -> bool:
    """Whether it is a literal of that kind, or of one that can always be cast to it."""
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


BOTH = (exp.And, exp.Or)
OF_MANY = (exp.AggFunc, exp.Window, exp.Query)


def defer_conditions(scopes: Sequence[Scope], kind: Kind) -> None:
    """Wraps the conditions of a qualified query that are not plain, in place; its answer stays the same."""
    for scope in scopes:
        select = scope.expression
        if not isinstance(select, exp.Select):
            continue
        for place in (
            *(select.args.get(n) for n in ("where", "having", "qualify")),
            *select.args.get("joins", []),
        ):
            key = "on" if isinstance(place, exp.Join) else "this"
            if place is not None and place.args.get(key) is not None:
                conditions = list(_apart(place.args[key]))
                if not all(_safe(c, scope, kind) for c in conditions):
                    kept = [c if _safe(c, scope, kind) else _held(c) for c in conditions]
                    place.set(key, exp.and_(*kept, copy=False))


def _apart(condition: exp.Expression) -> Iterator[exp.Expression]:
    """The conditions that are joined by AND."""
    inner = bare(condition)
    if isinstance(inner, exp.And):
        yield from _apart(inner.left)
        yield from _apart(inner.right)
    else:
        yield condition


def _safe(condition: exp.Expression, scope: Scope, kind: Kind) -> bool:
    inner = bare(condition)
    if isinstance(inner, exp.Not):
        return _safe(inner.this, scope, kind)
    if isinstance(inner, BOTH):
        return _safe(inner.left, scope, kind) and _safe(inner.right, scope, kind)
    if inner.find(*OF_MANY) is None:
        return is_plain(inner, scope, kind)
    # A condition on a group or a subquery is not evaluated on single rows, unless the engine splits it.
    return isinstance(inner, exp.Exists | exp.In) or inner.find(exp.And, exp.Or, exp.Coalesce) is None


def _held(condition: exp.Expression) -> exp.Expression:
    """The same condition for a filter, which treats NULL as false."""
    inner = bare(condition)
    if isinstance(inner, COMPARED) and inner.find(*OF_MANY) is None:
        sides = inner.left, inner.right
        if all(side.find(exp.Column) for side in sides):
            # Each side separately, so that tables are still joined by equality.
            for side in sides:
                side.replace(_itself(side))
            return condition
    one, two = exp.Literal.number("1e0"), exp.Literal.number("2e0")
    # The same node, not a copy: tables in it have yet to be replaced.
    return _can_fail(exp.Case(ifs=[exp.If(this=condition, true=two)], default=one))


def _itself(value: exp.Expression) -> exp.Expression:
    """The same value, computed by an expression that DuckDB knows can fail."""
    one, two = exp.Literal.number("1e0"), exp.Literal.number("2e0")
    unknown = exp.Is(this=exp.paren(value.copy(), copy=False), expression=exp.null())
    known = _can_fail(exp.Case(ifs=[exp.If(this=unknown, true=one)], default=two))
    return exp.Case(ifs=[exp.If(this=known, true=value.copy())])


def _can_fail(number: exp.Expression) -> exp.Expression:
    """SQL for `number > 1` that DuckDB does not evaluate early, because `ln` can fail."""
    return exp.GT(this=exp.Ln(this=number), expression=exp.Literal.number(0))


# Under these nodes a column is shown, grouped, ordered or counted, without computation.
AS_IT_IS = (
    exp.Select, exp.Alias, exp.Group, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Order, exp.Ordered, exp.Window, exp.Distinct,
    exp.AggFunc, exp.IgnoreNulls, exp.RespectNulls,
)  # fmt: skip
TRUTHS = (exp.And, exp.Or, exp.Not, exp.Where, exp.Having, exp.Qualify, exp.Join)
TOGETHER = (exp.Paren, exp.Tuple)


def recompute_columns(scopes: Sequence[Scope], kind: Kind) -> None:
    """Recomputes the columns that a qualified query computes with, in place; its answer stays the same."""
    for scope in scopes:
        for part in list(scope.expression.iter_expressions()):
            _within(part, scope, kind)


def _within(node: exp.Expression, scope: Scope, kind: Kind) -> None:
    if isinstance(node, exp.Query | exp.With | exp.Table):
        return  # handled as parts of their own
    if isinstance(node, exp.Column):
        if not _stands_alone(node, scope, kind):
            node.replace(exp.Greatest(this=node.copy(), expressions=[node.copy()], ignore_nulls=True))
    elif isinstance(node, BESIDE) and is_plain(node, scope, kind):
        as_days(node, scope, kind)
    else:
        for part in list(node.iter_expressions()):
            _within(part, scope, kind)


def _stands_alone(column: exp.Column, scope: Scope, kind: Kind) -> bool:
    above = column.parent
    while isinstance(above, TOGETHER):
        above = above.parent
    if isinstance(above, TRUTHS):
        return is_plain(column, scope, kind)
    # IN (subquery) is a join over rows that are shown.
    assert above is not None
    return isinstance(above, AS_IT_IS) or "query" in above.args
