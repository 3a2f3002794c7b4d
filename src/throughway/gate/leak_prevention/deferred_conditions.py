"""Conditions that the engine must not try on rows before it knows who may be shown.

An engine tries a filter early, on hidden rows too, unless it knows that the filter can fail; then an error would tell of them.
DuckDB 1.5 takes some for safe that are not: `last_day`, `date_diff`, ESCAPE, and the casts that it makes by itself, such as
between days and moments or kinds of numbers. So a condition that is not plain is given a part which the engine knows can fail, and
which never does.
"""

from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from throughway.gate.leak_prevention.safe_conditions import COMPARED, Kind, bare, is_plain

BOTH = (exp.And, exp.Or)
OF_MANY = (exp.AggFunc, exp.Window, exp.Query)


def defer_conditions(scopes: Sequence[Scope], kind: Kind) -> None:
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
    # What hangs on a group or on another query is not tried on single rows, unless the engine takes it apart.
    return isinstance(inner, exp.Exists | exp.In) or inner.find(exp.And, exp.Or, exp.Coalesce) is None


def _held(condition: exp.Expression) -> exp.Expression:
    """The same, for all that a filter asks: what is unknown does not hold."""
    inner = bare(condition)
    if isinstance(inner, COMPARED) and inner.find(*OF_MANY) is None:
        sides = inner.left, inner.right
        if all(side.find(exp.Column) for side in sides):
            # Each side by itself, so that tables are still joined by what is equal.
            for side in sides:
                side.replace(_itself(side))
            return condition
    one, two = exp.Literal.number("1e0"), exp.Literal.number("2e0")
    # The very condition and no copy: tables in it are still to be replaced.
    return _can_fail(exp.Case(ifs=[exp.If(this=condition, true=two)], default=one))


def _itself(value: exp.Expression) -> exp.Expression:
    """The same value, by way of what can fail."""
    one, two = exp.Literal.number("1e0"), exp.Literal.number("2e0")
    unknown = exp.Is(this=exp.paren(value.copy(), copy=False), expression=exp.null())
    known = _can_fail(exp.Case(ifs=[exp.If(this=unknown, true=one)], default=two))
    return exp.Case(ifs=[exp.If(this=known, true=value.copy())])


def _can_fail(number: exp.Expression) -> exp.Expression:
    """Whether it is above one. The engine knows that a logarithm can fail."""
    return exp.GT(this=exp.Ln(this=number), expression=exp.Literal.number(0))
