"""Conditions that the engine must not try on rows before it knows who may be shown.

An engine tries a filter early, on hidden rows too, unless it knows that the filter can fail; then an error would tell of them.
DuckDB 1.5 takes some for safe that are not: `last_day`, `date_diff`, and the casts that it makes by itself between days and
moments and between kinds of numbers. So a condition that is more than a column beside fixed values is given a part which the
engine knows can fail, and which never does.
"""

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = 15  # digits of a number that every kind of number takes
SHORT = 4  # digits of a span of time that leads from no day of ours beyond the calendar
BOTH = (exp.And, exp.Or)
BESIDE = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.Like, exp.ILike,
    exp.Between, exp.In,
)  # fmt: skip


def hold_back(scopes: Sequence[Scope]) -> None:
    """Changes the conditions of a qualified query, each where it stands; what the query answers stays as it is."""
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
                if not all(_safe(c, scope) for c in conditions):
                    kept = [c if _safe(c, scope) else _held(c) for c in conditions]
                    place.set(key, exp.and_(*kept, copy=False))


def _apart(condition: exp.Expression) -> Iterator[exp.Expression]:
    """The conditions that must all hold."""
    bare = _bare(condition)
    if isinstance(bare, exp.And):
        yield from _apart(bare.left)
        yield from _apart(bare.right)
    else:
        yield condition


def _bare(value: exp.Expression) -> exp.Expression:
    while isinstance(value, exp.Paren):
        value = value.this
    return value


def _held(condition: exp.Expression) -> exp.Expression:
    """The same, for all that a filter asks: what is unknown does not hold. The engine knows that a logarithm can fail."""
    one, two = exp.Literal.number("1e0"), exp.Literal.number("2e0")
    # The very condition and no copy: tables in it are still to be replaced.
    told = exp.Case(ifs=[exp.If(this=condition, true=two)], default=one)
    return exp.GT(this=exp.Ln(this=told), expression=exp.Literal.number(0))


def _safe(condition: exp.Expression, scope: Scope) -> bool:
    bare = _bare(condition)
    if isinstance(bare, exp.Not):
        return _safe(bare.this, scope)
    if isinstance(bare, BOTH):
        return _safe(bare.left, scope) and _safe(bare.right, scope)
    tables = {column.table for column in bare.find_all(exp.Column)}
    # What hangs on two tables, on a group or on another query is not tried on the rows of one.
    return len(tables) > 1 or bare.find(exp.AggFunc, exp.Window, exp.Query) is not None or _plain(bare, scope)


def _plain(condition: exp.Expression, scope: Scope) -> bool:
    """One column as it is stored, beside fixed values. Fixed values alone can fail too, where some row is there to try them."""
    if isinstance(condition, exp.Boolean | exp.Null):
        return True
    if isinstance(condition, exp.Column):
        return _stored(condition, scope)
    if isinstance(condition, exp.Escape):
        return _plain(_bare(condition.this), scope)  # by a letter that stands there, and nothing else
    if not isinstance(condition, BESIDE):
        return False
    sides = [_bare(side) for side in condition.iter_expressions()]
    columns = [side for side in sides if isinstance(side, exp.Column)]
    rest = [side for side in sides if not isinstance(side, exp.Column)]
    return len(columns) == 1 and _stored(columns[0], scope) and all(map(_fixed, rest))


def _stored(column: exp.Column, scope: Scope) -> bool:
    """Whether it is a column of a table, also by way of queries that hand it on."""
    source = scope.sources.get(column.table)
    if not isinstance(source, Scope):
        return isinstance(source, exp.Table)
    handed = next((s for s in source.expression.selects if s.alias_or_name == column.name), None)
    inner = handed.this if isinstance(handed, exp.Alias) else handed
    return isinstance(inner, exp.Column) and _stored(inner, source)


def _fixed(value: exp.Expression) -> bool:
    """A text, a day, a day some span before or after, or a short number that stands in the query."""
    if isinstance(value, exp.Literal):
        return bool(value.is_string) or (
            len(value.name) <= LONGEST and value.name.replace(".", "", 1).isdigit()
        )
    if isinstance(value, exp.Cast):
        # A day of a later year is no moment, and fails where it must become one.
        return (
            value.is_type("date")
            and isinstance(value.this, exp.Literal)
            and bool(DAY.fullmatch(value.this.name))
        )
    if isinstance(value, exp.Add | exp.Sub):
        return _day(value.left) and _span(value.right)
    return isinstance(value, exp.Null | exp.Boolean | exp.CurrentDate) or (
        isinstance(value, exp.Neg) and _fixed(value.this)
    )


def _span(value: exp.Expression) -> bool:
    return (
        isinstance(value, exp.Interval)
        and isinstance(value.this, exp.Literal)
        and len(value.this.name) <= SHORT
    )


def _day(value: exp.Expression) -> bool:
    return isinstance(value, exp.Cast | exp.CurrentDate | exp.Add | exp.Sub) and _fixed(value)
