"""Conditions that the engine must not try on rows before it knows who may be shown.

An engine tries a filter early, on hidden rows too, unless it knows that the filter can fail; then an error would tell of them.
DuckDB 1.5 takes some for safe that are not: `last_day`, `date_diff`, ESCAPE, and the casts that it makes by itself, such as
between days and moments or kinds of numbers. So a condition that is more than a column beside fixed values of its own kind is
given a part which the engine knows can fail, and which never does.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

Kind = Callable[[str, str], str | None]  # of a column of a table: its type; None where it has none
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST = 15  # digits of a number that every kind of number takes
SHORT = 4  # digits of a span of time that leads from no day of ours beyond the calendar
BOTH = (exp.And, exp.Or)
BESIDE = (
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.Like, exp.ILike,
    exp.Between, exp.In,
)  # fmt: skip


def hold_back(scopes: Sequence[Scope], kind: Kind) -> None:
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
                if not all(_safe(c, scope, kind) for c in conditions):
                    kept = [c if _safe(c, scope, kind) else _held(c) for c in conditions]
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


def _safe(condition: exp.Expression, scope: Scope, kind: Kind) -> bool:
    bare = _bare(condition)
    if isinstance(bare, exp.Not):
        return _safe(bare.this, scope, kind)
    if isinstance(bare, BOTH):
        return _safe(bare.left, scope, kind) and _safe(bare.right, scope, kind)
    if bare.find(exp.AggFunc, exp.Window, exp.Query) is None:
        return _plain(bare, scope, kind)
    # What hangs on a group or on another query is not tried on single rows, unless the engine takes it apart.
    return isinstance(bare, exp.Exists | exp.In) or bare.find(exp.And, exp.Or, exp.Coalesce) is None


def _plain(condition: exp.Expression, scope: Scope, kind: Kind) -> bool:
    """Columns of one kind as they are shown, beside fixed values of that kind. Fixed values alone can fail too, where some row is there to
    try them."""
    if isinstance(condition, exp.Boolean | exp.Null):
        return True
    if isinstance(condition, exp.Column):
        return _kind(condition, scope, kind) == "BOOLEAN"
    if not isinstance(condition, BESIDE):
        return False
    sides = [_bare(side) for side in condition.iter_expressions()]
    columns = [side for side in sides if isinstance(side, exp.Column)]
    rest = [side for side in sides if not isinstance(side, exp.Column)]
    kinds = {_kind(column, scope, kind) for column in columns}
    if len(kinds) != 1:
        return False
    of = kinds.pop()
    return of is not None and all(_fits(value, of) for value in rest)


def _kind(column: exp.Column, scope: Scope, kind: Kind) -> str | None:
    """The kind of a column of a table, also by way of queries that hand it on; None of any other."""
    source = scope.sources.get(column.table)
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
    return _kind(inner, source, kind) if isinstance(inner, exp.Column) else None


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


def _day(value: exp.Expression) -> bool:
    if isinstance(value, exp.Add | exp.Sub):
        return _day(value.left) and _span(value.right)
    text = value.this if value.is_type("date") else value
    # A day of a later year is no moment, and fails where it must become one.
    return isinstance(value, exp.CurrentDate) or (
        isinstance(text, exp.Literal) and bool(DAY.fullmatch(text.name))
    )


def _span(value: exp.Expression) -> bool:
    return (
        isinstance(value, exp.Interval)
        and isinstance(value.this, exp.Literal)
        and len(value.this.name) <= SHORT
    )
