"""How large a query may be, judged by its text only.

The work of the parser, the compiler and the engine before a query runs grows with its shape, for some shapes by half or twofold with
each further level, and nothing stops the engine while it plans (on DuckDB 1.5, twenty nested grouped parts take seconds and forty take
hours). The bounds leave room for whatever a person writes. The cost of running the query is not estimated.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

READS = 40  # tables that are read; a WITH part counts each time it is used
LEVELS = 15  # nested queries: WITH parts and subqueries
COLUMNS = 500  # of one list: SELECT, GROUP BY, ORDER BY
TERMS = 200  # of one expression: nested operators and functions, as in a + b + c + …
NAMED = 100  # names of tables and WITH parts in the text
PIECES = 10_000  # of one SELECT, once every alias is written out where it is used: x + x AS y, y + y AS z, …
GROUPINGS = 64  # grouping sets that CUBE, ROLLUP and GROUPING SETS produce


@dataclass(frozen=True)
class QuerySize:
    """Of a part of a query: how many tables it reads, and how many queries are nested in it."""

    reads: int = 0
    levels: int = 0

    def beside(self, other: "QuerySize") -> "QuerySize":
        return QuerySize(self.reads + other.reads, max(self.levels, other.levels))

    def or_further(self, other: "QuerySize") -> "QuerySize":
        return QuerySize(max(self.reads, other.reads), max(self.levels, other.levels))


def too_large(query: exp.Query) -> str:
    """Which limit the query exceeds, in a sentence; empty where none."""
    if _nesting(query) > TERMS:
        return f"The SQL has an expression with more than {TERMS} nested terms; simplify the query."
    for node in query.find_all(exp.Select, exp.Group, exp.Order):
        if len(node.expressions) > COLUMNS:
            return f"The SQL lists more than {COLUMNS} columns in one place; select fewer columns."
        if isinstance(node, exp.Select) and sum(map(_is_star, node.expressions)) > 5:
            return "The SQL lists all columns more than five times in one place; name the columns."
        if isinstance(node, exp.Select) and _pieces(node) > PIECES:
            return "The SQL uses its own aliases inside one another too often; write a WITH part for them."
        if isinstance(node, exp.Group) and _groupings(node) > GROUPINGS:
            return f"The SQL groups in more than {GROUPINGS} ways at once; use fewer."
    extent = _extent(query, {})
    if extent.reads > READS or sum(1 for _ in query.find_all(exp.Table)) > NAMED:
        return f"The SQL reads tables more than {READS} times, counting WITH parts wherever they are used; simplify the query."
    if extent.levels > LEVELS:
        return f"The SQL nests queries more than {LEVELS} levels deep; simplify the query."
    return ""


def _nesting(query: exp.Expression) -> int:
    """How deep its nodes are nested. Computed without recursion, which deep nesting would exhaust."""
    deepest, waiting = 0, [(query, 0)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        # A nested query counts one level, not each node on the way to it.
        waiting += [
            (child, 0 if isinstance(child, exp.Query) else depth + 1) for child in node.iter_expressions()
        ]
    return deepest


def _extent(node: exp.Expression, parts: Mapping[str, QuerySize]) -> QuerySize:
    """`parts`: the WITH parts that may be named here, each as far as it reaches."""
    if isinstance(node, exp.Table):
        return parts.get(node.name.lower(), QuerySize(reads=1))
    found, within = QuerySize(), dict(parts)
    own = node.args.get("with_")
    for part in own.expressions if own is not None else ():
        within[part.alias.lower()] = _extent(part.this, within)
        # A part that is never used is planned all the same.
        found = found.or_further(within[part.alias.lower()])
    used = QuerySize()
    for child in node.iter_expressions():
        if child is not own:
            used = used.beside(_extent(child, within))
    if isinstance(node, exp.Select):
        used = QuerySize(used.reads, used.levels + 1)
    return used.or_further(found)


def _pieces(select: exp.Select) -> int:
    """How many nodes there are once every alias of the SELECT is written out where it is used."""
    sizes: dict[str, int] = {}

    def size(node: exp.Expression) -> int:
        return sum(
            sizes.get(each.name.lower(), 1) if isinstance(each, exp.Column) else 1 for each in node.walk()
        )

    for item in select.expressions:
        if isinstance(item, exp.Alias):
            sizes[item.alias.lower()] = min(size(item.this), PIECES + 1)
    return size(select)


def _is_star(item: exp.Expression) -> bool:
    return item.is_star


def _groupings(group: exp.Group) -> int:
    """How many grouping sets there are: CUBE doubles them for each column, ROLLUP adds one for each, and several clauses multiply."""
    ways = 1
    for cube in group.args.get("cube") or ():
        ways *= 2 ** min(len(cube.expressions), 20)
    for rollup in group.args.get("rollup") or ():
        ways *= 1 + len(rollup.expressions)
    for sets in group.args.get("grouping_sets") or ():
        ways *= max(1, len(sets.expressions))
    return ways
