"""Sorts answers under codes, so that the order of rows does not reveal their order in the store (docs/decisions/0007).

The store sorts rows by record number, which is the same under every agreement. Without sorting, two answers under the codes of two
agreements could be matched row by row. So an answer is sorted by all its columns, after the reader's own ORDER BY. Where something
inside the query depends on the order of rows, the rows that it reads are sorted too; most queries count and sum, and do not need that.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from throughway.agreements.enums import AccessForm
from throughway.agreements.grant import Grant
from throughway.agreements.grant_sql import coded_columns
from throughway.gate import sql_grammar
from throughway.vocabulary import TABLES

Types = Mapping[str, Mapping[str, str | None]]  # by table the shown columns, each with its type

# Functions that do not depend on row order. FIRST, STRING_AGG, ROW_NUMBER and the like do; so does EXISTS, which stops at the first
# row and so hides errors in later rows.
WINDOWED = {exp.Window, exp.WindowSpec, exp.IgnoreNulls, exp.RespectNulls, exp.Exists}
SETS = frozenset({
    exp.Count, exp.CountIf, exp.Min, exp.Max, exp.Sum, exp.Avg, exp.Median, exp.PercentileCont, exp.PercentileDisc,
    exp.Quantile, exp.ApproxDistinct, exp.LogicalAnd, exp.LogicalOr, exp.Grouping,
})  # fmt: skip
FREE = (
    (
        frozenset(sql_grammar.PARTS)
        | sql_grammar.PLAIN
        | sql_grammar.TEXTS
        | sql_grammar.DAYS
        | sql_grammar.CHOICES
    )
    - WINDOWED
    | SETS
    | {exp.Anonymous, exp.Abs, exp.Ceil, exp.Floor, exp.Round, exp.Sign, exp.IsNan}
)
TRUTHS = (exp.Predicate, exp.And, exp.Or, exp.Not)
ALWAYS_SMALL = (exp.Null, exp.Boolean, exp.Count, exp.CountIf, exp.ApproxDistinct, exp.Interval, *TRUTHS)
COMPUTED = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Abs, exp.Ceil, exp.Floor, exp.Round, exp.Sign,
    exp.Anonymous,
)  # fmt: skip
WHOLE_TYPES = frozenset({"INT", "BIGINT", "SMALLINT", "TINYINT"})
PLAIN_TYPES = WHOLE_TYPES | {"TEXT", "VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN", "TIME"}
SHORT = re.compile(r"[0-9]{0,9}(\.[0-9]{0,9})?")
# Whether a sum depends on the order of its terms: never; only on overflow; always, as for binary fractions.
SMALL, LARGE, ROUNDED = 0, 1, 2


def unnumbered(grant: Grant) -> bool:
    """Whether the grant shows rows to a person, and not under the numbers that other agreements show too."""
    if grant.form is AccessForm.AGGREGATE:
        return False
    if grant.form is AccessForm.PSEUDONYMOUS or coded_columns(grant):
        return True
    shown = grant.columns.get("person_id")
    return TABLES[grant.table].of_person and (shown is None or shown.name != "none")


class Order:
    """The order of one qualified query. `types`: of the columns of the tables that it reads."""

    def __init__(self, query: exp.Query, scopes: Sequence[Scope], types: Types) -> None:
        self._query, self._types = query, types
        self._known: dict[int, int] = {}
        self._sources: dict[int, exp.Expression | Scope] = {}
        for scope in scopes:
            for column in scope.columns:
                source = scope.sources.get(column.table)
                if source is not None:
                    self._sources.setdefault(id(column), source)

    def settle(self) -> None:
        """Appends every shown column to the reader's ORDER BY."""
        places: list[exp.Expression] = [exp.Literal.number(n) for n in range(1, len(self._query.selects) + 1)]
        # Zero and negative zero are equal to the engine but print differently.
        places += [exp.cast(_value(shown).copy(), "text") for shown in self._rounded()]
        order = self._query.args.get("order")
        keys = list(order.expressions) if order is not None else []
        if len(keys) == 1 and isinstance(keys[0].this, exp.Var):  # ORDER BY ALL, which nothing may follow
            keys = [exp.Ordered(**{**keys[0].args, "this": place.copy()}) for place in places]
        self._query.set("order", exp.Order(expressions=[*keys, *(exp.Ordered(this=key) for key in places)]))

    def depends_on_rows(self) -> bool:
        """Whether anything in the query may depend on the order of the rows that it reads."""
        try:
            return any(self._depends(node) for node in self._query.walk())
        except RecursionError:
            return True

    def _depends(self, node: exp.Expression) -> bool:
        kind = type(node)
        if kind not in FREE:
            return True
        if isinstance(node, exp.Limit | exp.Offset):
            return node.parent is not self._query
        if isinstance(node, exp.Distinct):
            return bool(node.args.get("on"))
        if isinstance(node, exp.Literal):
            return not node.is_string and not SHORT.fullmatch(node.name)
        if isinstance(node, exp.Cast):
            return node.to.this.name not in PLAIN_TYPES
        if isinstance(node, exp.Sum | exp.Avg):
            return self._adds(node.this) != SMALL
        return isinstance(node, COMPUTED) and self._adds(node) == ROUNDED and not self._ends(node)

    def _adds(self, node: exp.Expression) -> int:
        if id(node) not in self._known:
            self._known[id(node)] = self._found(node)
        return self._known[id(node)]

    def _found(self, node: exp.Expression) -> int:
        if isinstance(node, exp.Literal):
            return ROUNDED if node.is_string else SMALL
        if isinstance(node, ALWAYS_SMALL):
            return SMALL
        if isinstance(node, exp.Column):
            return self._column_adds(node)
        if isinstance(node, exp.Avg | exp.Div | exp.Median | exp.PercentileCont | exp.Quantile | exp.Query):
            return ROUNDED
        if isinstance(node, exp.Cast):
            return SMALL if node.to.this.name in PLAIN_TYPES else ROUNDED
        parts = max((self._adds(part) for part in _parts(node)), default=SMALL)
        return max(parts, LARGE) if isinstance(node, exp.Mul | exp.Sum) else parts

    def _column_adds(self, column: exp.Column) -> int:
        source = self._sources.get(id(column))
        if isinstance(source, exp.Table):
            return SMALL if self._types.get(source.name, {}).get(column.name) != "DOUBLE" else ROUNDED
        if isinstance(source, Scope) and isinstance(source.expression, exp.Select):
            found = [select for select in source.expression.selects if select.alias_or_name == column.name]
            if len(found) == 1:
                return self._adds(_value(found[0]))
        return ROUNDED

    def _ends(self, node: exp.Expression) -> bool:
        """Whether the number is used only in a comparison, or as a column of the answer."""
        above = node.parent
        while above is not None:
            if isinstance(above, TRUTHS):
                return True
            if above is self._query:
                return _keeps_every_row(above)
            if isinstance(above, exp.AggFunc | exp.Query | exp.Group):
                return False
            above = above.parent
        return False

    def _rounded(self) -> Iterable[exp.Expression]:
        if not _keeps_every_row(self._query):
            return
        for shown in self._query.selects:
            if any(isinstance(node, COMPUTED) and self._adds(node) == ROUNDED for node in shown.walk()):
                yield shown


def _value(shown: exp.Expression) -> exp.Expression:
    return shown.this if isinstance(shown, exp.Alias) else shown


def _keeps_every_row(query: exp.Expression) -> bool:
    """Whether the query never merges rows with equal values."""
    group = query.args.get("group")
    by_all = group is not None and bool(group.args.get("all"))
    return isinstance(query, exp.Select) and not query.args.get("distinct") and not by_all


def _parts(node: exp.Expression) -> Iterable[exp.Expression]:
    """The parts of a value; of CASE and IF without their conditions."""
    if isinstance(node, exp.Case):
        return [*(part for way in node.args["ifs"] for part in _parts(way)), *_filled(node, "default")]
    if isinstance(node, exp.If):
        return _filled(node, "true", "false")
    return [part for part in node.iter_expressions() if not isinstance(part, exp.DataType)]


def _filled(node: exp.Expression, *names: str) -> list[exp.Expression]:
    return [part for name in names if (part := node.args.get(name)) is not None]
