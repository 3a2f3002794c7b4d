"""What a reader computes with is made anew of the rows that are shown, and of those alone.

An engine works more out than it is asked: of a column that is stored as a list of its different values, a function's value of each
of them; of what it knows of a whole file, the function's value of the least and the greatest. Those may be of hidden rows, and an
error would tell of them. DuckDB 1.5 does so with functions that it wrongly takes for such as cannot fail: `last_day`, `date_diff`,
`date_trunc`, LIKE with ESCAPE. The greatest of a column and itself is the column: row by row, with no list and nothing known of it.
"""

from collections.abc import Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from throughway.gate.leak_prevention.safe_conditions import BESIDE, Kind, as_days, is_plain

# Under these a column is shown, grouped, ordered or counted as it is.
AS_IT_IS = (
    exp.Select, exp.Alias, exp.Group, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Order, exp.Ordered, exp.Window, exp.Distinct,
    exp.AggFunc, exp.IgnoreNulls, exp.RespectNulls,
)  # fmt: skip
TRUTHS = (exp.And, exp.Or, exp.Not, exp.Where, exp.Having, exp.Qualify, exp.Join)
TOGETHER = (exp.Paren, exp.Tuple)


def recompute_columns(scopes: Sequence[Scope], kind: Kind) -> None:
    """Changes the columns of a qualified query, each where it stands; what the query answers stays as it is."""
    for scope in scopes:
        for part in list(scope.expression.iter_expressions()):
            _within(part, scope, kind)


def _within(node: exp.Expression, scope: Scope, kind: Kind) -> None:
    if isinstance(node, exp.Query | exp.With | exp.Table):
        return  # parts of their own
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
    # To be among what a query answers is a join, made of the rows that are shown.
    assert above is not None
    return isinstance(above, AS_IT_IS) or "query" in above.args
