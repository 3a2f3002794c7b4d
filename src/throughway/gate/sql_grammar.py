"""The SQL that a reader may write: one query, of these parts and these functions only.

An allow-list is the only guard against functions that reveal rows that were not granted: on DuckDB 1.5 `stats(column)` returns the
bounds of hidden rows too. Anything not listed is refused.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError

from throughway.core.refusals import Refused
from throughway.gate.query_size import too_large
from throughway.vocabulary import TABLES

# The parser logs a warning with the SQL, which may contain a name; the operator keeps the site's logs.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

LONGEST = 20_000  # characters of one query
DEEPEST = 60  # nested brackets
SQL = "34 CFR 99.31(a)(1)(ii)"  # reasonable methods that limit readers to what was granted
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
RESERVED = "throughway"  # begins the names under which granted relations are registered

# Parts of a query that may be present; every other part (INTO, LATERAL, PIVOT, SAMPLE, locks, hints, ...) must be empty.
PARTS: Mapping[type[exp.Expression], frozenset[str]] = {
    exp.Select: frozenset(
        [
            "with_",
            "expressions",
            "distinct",
            "from_",
            "joins",
            "where",
            "group",
            "having",
            "qualify",
            "windows",
            "order",
            "limit",
            "offset",
        ]
    ),
    exp.Union: frozenset(["with_", "this", "expression", "distinct", "order", "limit", "offset"]),
    exp.Intersect: frozenset(["with_", "this", "expression", "distinct", "order", "limit", "offset"]),
    exp.Except: frozenset(["with_", "this", "expression", "distinct", "order", "limit", "offset"]),
    exp.Subquery: frozenset(["this", "alias", "with_", "order", "limit", "offset"]),
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset(["this", "alias", "materialized"]),
    exp.Table: frozenset(["this", "alias"]),
    exp.TableAlias: frozenset(["this", "columns"]),
    exp.Column: frozenset(["this", "table"]),
    exp.Star: frozenset(["except_", "replace", "rename"]),
    exp.Join: frozenset(["this", "on", "side", "kind", "using"]),
    exp.Limit: frozenset({"expression"}),
    exp.Offset: frozenset({"expression"}),
    exp.Ordered: frozenset(["this", "desc", "nulls_first"]),
    exp.In: frozenset(["this", "expressions", "query"]),
    exp.Literal: frozenset(["this", "is_string"]),
    exp.Group: frozenset(["expressions", "grouping_sets", "cube", "rollup", "all"]),
}
SIDES = frozenset({"", "LEFT", "RIGHT", "FULL"})
KINDS = frozenset({"", "INNER", "OUTER", "CROSS", "SEMI", "ANTI"})

PLAIN: frozenset[type[exp.Expression]] = frozenset({
    exp.From, exp.Where, exp.Having, exp.Qualify, exp.Order, exp.Distinct, exp.Alias, exp.Identifier, exp.Paren, exp.Tuple,
    exp.Null, exp.Boolean, exp.Var, exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.Like, exp.ILike, exp.Escape, exp.Between, exp.Exists, exp.Any, exp.All,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe, exp.Case, exp.If, exp.Interval,
    exp.Window, exp.WindowSpec, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.GroupingSets, exp.Cube,
    exp.Rollup, exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam,
})  # fmt: skip

AGGREGATES: frozenset[type[exp.Expression]] = frozenset({
    exp.Count, exp.CountIf, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Median, exp.Mode, exp.Stddev, exp.StddevPop,
    exp.StddevSamp, exp.Variance, exp.VariancePop, exp.Corr, exp.CovarPop, exp.CovarSamp, exp.PercentileCont,
    exp.PercentileDisc, exp.Quantile, exp.ApproxDistinct, exp.LogicalAnd, exp.LogicalOr, exp.AnyValue, exp.First, exp.Last,
    exp.ArgMax, exp.ArgMin, exp.GroupConcat, exp.Grouping, exp.RegrSlope, exp.RegrIntercept,
})  # fmt: skip
WINDOWS: frozenset[type[exp.Expression]] = frozenset({
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue,
    exp.LastValue, exp.NthValue,
})  # fmt: skip
TEXTS: frozenset[type[exp.Expression]] = frozenset({
    exp.Upper, exp.Lower, exp.Trim, exp.Length, exp.Substring, exp.Left, exp.Right, exp.Concat, exp.ConcatWs, exp.Replace,
    exp.StrPosition, exp.StartsWith, exp.EndsWith, exp.Contains, exp.SplitPart, exp.Reverse, exp.RegexpLike,
    exp.RegexpFullMatch,
})  # fmt: skip
DAYS: frozenset[type[exp.Expression]] = frozenset({
    exp.Extract, exp.Year, exp.Month, exp.Day, exp.Quarter, exp.Week, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear,
    exp.Dayname, exp.Monthname, exp.DateTrunc, exp.TimestampTrunc, exp.DateDiff, exp.DateAdd, exp.DateSub, exp.LastDay,
    exp.CurrentDate, exp.TimeToStr,
})  # fmt: skip
NUMBERS: frozenset[type[exp.Expression]] = frozenset({
    exp.Abs, exp.Ceil, exp.Floor, exp.Round, exp.Sign, exp.Sqrt, exp.Pow, exp.Exp, exp.Ln, exp.Log, exp.IsNan,
})  # fmt: skip
CHOICES: frozenset[type[exp.Expression]] = frozenset({exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least})
ALLOWED = frozenset(PARTS) | PLAIN | AGGREGATES | WINDOWS | TEXTS | DAYS | NUMBERS | CHOICES

# Functions that the parser keeps by name only; for some, the first argument names a part of a date.
PART_FIRST = frozenset({"date_part", "datepart"})
NAMED = frozenset(
    {"today", "trunc", "prefix", "suffix", "strlen", "ifnull", "isodow", "weekofyear"} | PART_FIRST
)

# Schema names under which databases list their contents.
CATALOGS = frozenset({
    "information_schema", "sqlite_master", "duckdb_tables", "duckdb_columns", "pg_tables", "pg_class", "pg_attribute",
})  # fmt: skip

# Types that a value may be cast to.
TYPES = frozenset({
    "INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "FLOAT", "DECIMAL", "TEXT", "VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN",
    "TIME", "INT128",
})  # fmt: skip


def parsed(sql: str) -> exp.Query:
    """The one query in the text, every part of it allowed; otherwise Refused (sql) in one sentence."""
    if len(sql) > LONGEST or _depth(sql) > DEEPEST:
        raise _refused("The SQL is too long or too deeply nested; simplify the query.")
    if "\x00" in sql:
        raise _refused("The SQL contains a character that is not allowed in a query; remove it.")
    try:
        statements = [s for s in sqlglot.parse(sql, dialect="duckdb") if s is not None]
    except TokenError:
        raise _refused("The SQL cannot be parsed: a quote or a comment is not closed.") from None
    except (
        SqlglotError,
        RecursionError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        KeyError,
    ) as error:
        raise _refused(
            f"The SQL cannot be parsed{_place(error)}; check its syntax: one SELECT, text in single quotes."
        ) from None
    if len(statements) != 1:
        raise _refused("Write exactly one query.")
    query = statements[0]
    if not isinstance(query, exp.Select | exp.SetOperation | exp.Subquery):
        raise _refused("Only a query is allowed: SELECT, UNION, or WITH … SELECT.")
    with not_too_deep():
        if said := too_large(query):
            raise _refused(said)
        _check(query)
    return query


@contextmanager
def not_too_deep() -> Iterator[None]:
    """Refuses a query that is nested too deeply to be walked."""
    try:
        yield
    except RecursionError:
        raise _refused("The SQL is too deeply nested; simplify the query.") from None


def _place(error: Exception) -> str:
    """Where the parser stopped: the position, never the text there, which may be a student's name."""
    found = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    line, end, stopped_at = found.get("line"), found.get("col"), found.get("highlight")
    return (
        f" in line {line}, at character {max(1, end - len(stopped_at) + 1)}"
        if line and end and stopped_at
        else ""
    )


def _refused(message: str) -> Refused:
    return Refused(message, code="sql", citations=[SQL])


def _depth(sql: str) -> int:
    depth = deepest = 0
    for character in sql:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    return deepest


def _check(query: exp.Expression) -> None:
    for node in query.walk():
        kind = type(node)
        if kind is exp.Anonymous:
            _check_named(node)
            continue
        if kind not in ALLOWED:
            if isinstance(node, exp.Func):
                raise _refused_function(_said(kind).replace(" ", "_"))
            raise _refused(f"The SQL uses {_said(kind)}, which is not allowed here.")
        if kind is exp.Table and _is_catalog(node):
            raise _refused(
                "The engine's own lists of tables and columns cannot be queried here; write SHOW TABLES, or "
                "DESCRIBE and the name of a table."
            )
        allowed = PARTS.get(kind)
        if allowed is not None:
            filled = {name for name, value in node.args.items() if value not in (None, False, [])}
            if not filled <= allowed:
                part = sorted(filled - allowed)[0].strip("_").replace("_", " ")
                raise _refused(f"The SQL uses {part} in {_said(kind)}, which is not allowed here.")
        special = SPECIAL.get(kind)
        if special is not None:
            special(node)


def _check_named(node: exp.Expression) -> None:
    name = str(node.this).lower()
    if name not in NAMED:
        raise _refused_function(name)
    if name in PART_FIRST and not (node.expressions and _is_text(node.expressions[0])):
        raise _refused(f"In {name}, the part of the date must be written out in single quotes.")


def _refused_function(name: str) -> Refused:
    shown = name.lower() if NAME.fullmatch(name.lower()) else "that"
    return _refused(f"The function {shown} is not allowed in a query.")


def _said(kind: type[exp.Expression]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", kind.__name__).lower()


def _is_catalog(table: exp.Expression) -> bool:
    """Whether it is a catalog in which databases list their tables and columns."""
    place = table.text("db").lower()
    return place in ("information_schema", "pg_catalog") or table.name.lower() in CATALOGS


def _check_table(node: exp.Expression) -> None:
    if not isinstance(node.this, exp.Identifier):
        raise _refused("FROM must be followed by the name of a table, not by a function or a file.")
    alias = node.args.get("alias")
    if alias is not None and alias.args.get("columns"):
        raise _refused(
            "A table may have an alias, but without a list of column names; rename columns in SELECT."
        )


def _check_cte(node: exp.Expression) -> None:
    name = node.alias.lower()
    if name in TABLES:
        raise _refused(f"A WITH part may not have the name of the table {name}; give it another name.")
    if not NAME.fullmatch(name) or name.startswith(RESERVED):
        raise _refused("A WITH part needs a plain name: letters, digits and underscores.")


def _check_alias(node: exp.Expression) -> None:
    name = node.name.lower()
    if name and (not NAME.fullmatch(name) or name.startswith(RESERVED)):
        raise _refused("A table needs a plain name: letters, digits and underscores.")


def _check_join(node: exp.Expression) -> None:
    side, kind = str(node.args.get("side") or "").upper(), str(node.args.get("kind") or "").upper()
    if side not in SIDES or kind not in KINDS:
        raise _refused("The SQL uses a join that is not allowed here; write JOIN … ON or LEFT JOIN … ON.")


def _check_type(node: exp.Expression) -> None:
    if not isinstance(node.this, exp.DataType.Type) or node.this.name not in TYPES or node.args.get("nested"):
        raise _refused("The SQL casts to a type that is not allowed here.")


def _check_variable(node: exp.Expression) -> None:
    if not NAME.fullmatch(node.name.lower()):
        raise _refused("The SQL uses a keyword that is not allowed here.")


def _is_whole(node: object) -> bool:
    """A literal whole number small enough that no function fails on it."""
    if isinstance(node, exp.Neg):
        node = node.this
    return (
        isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit() and len(node.name) <= 9
    )


def _fixed(*names: str) -> Callable[[exp.Expression], None]:
    """Checks that these arguments are literal whole numbers. Computed from a column, their errors would reveal hidden rows, since
    the engine may compute before it filters."""

    def check(node: exp.Expression) -> None:
        given = [node.args.get(name) for name in names]
        if not all(value is None or _is_whole(value) for value in given):
            raise _refused(f"In {_said(type(node))}, numbers must be written out, such as 10.")

    return check


def _fixed_text(*names: str) -> Callable[[exp.Expression], None]:
    """Checks that these arguments are literal words or texts, for the same reason."""

    def check(node: exp.Expression) -> None:
        given = [node.args.get(name) for name in names]
        if not all(value is None or isinstance(value, exp.Var) or _is_text(value) for value in given):
            raise _refused(
                f"In {_said(type(node))}, the unit or pattern must be written out in single quotes."
            )

    return check


def _check_interval(node: exp.Expression) -> None:
    if not (_is_whole(node.this) or _is_text(node.this)):
        raise _refused("An interval must be written out, such as INTERVAL 3 DAY.")


def _is_text(node: object) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


SPECIAL: Mapping[type[exp.Expression], Callable[[exp.Expression], None]] = {
    exp.Interval: _check_interval,
    exp.Substring: _fixed("start", "length"),
    exp.Left: _fixed("expression"),
    exp.Right: _fixed("expression"),
    exp.SplitPart: _fixed("part_index"),
    exp.Round: _fixed("decimals"),
    exp.Limit: _fixed("expression"),
    exp.Offset: _fixed("expression"),
    exp.DateTrunc: _fixed_text("unit"),
    exp.TimestampTrunc: _fixed_text("unit"),
    exp.DateDiff: _fixed_text("unit"),
    exp.DateAdd: _fixed_text("unit"),
    exp.DateSub: _fixed_text("unit"),
    exp.Extract: _fixed_text("this"),
    exp.TimeToStr: _fixed_text("format"),
    exp.Escape: _fixed_text("expression"),
    exp.RegexpLike: _fixed_text("expression"),
    exp.RegexpFullMatch: _fixed_text("expression"),
    exp.Table: _check_table,
    exp.CTE: _check_cte,
    exp.TableAlias: _check_alias,
    exp.Join: _check_join,
    exp.DataType: _check_type,
    exp.Var: _check_variable,
}
