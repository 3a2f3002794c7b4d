"""The ladders' conditions, which are written for DuckDB, in Spark's words.

sqlglot prints what both engines know. What Spark calls otherwise stands here, and a condition with a function that has no place
here is refused, so that no rung quietly means another thing there.
"""

from collections.abc import Collection

from sqlglot import exp, parse_one

from throughway.identity.spark import similarity

LIKENESSES = {
    "jaro_winkler_similarity": similarity.jaro_winkler,
    "damerau_levenshtein": similarity.damerau_levenshtein,
}
ALIKE_IN_BOTH = (
    exp.Abs, exp.And, exp.Array, exp.ArrayContains, exp.ArrayFilter, exp.ArraySize, exp.Case, exp.Cast, exp.Coalesce, exp.EndsWith,
    exp.Greatest, exp.If, exp.Least, exp.Left, exp.Length, exp.Nullif, exp.Or, exp.Right, exp.StartsWith, exp.Substring, exp.Transform,
)  # fmt: skip


def as_spark(condition: str, lists: Collection[str]) -> str:
    """A condition of a ladder in Spark SQL. `lists`: the columns that hold lists, without the ending of a side.

    Raises ValueError for a function that Spark is not known to understand alike.
    """
    tree = exp.Paren(this=parse_one(condition, read="duckdb"))
    for node in reversed(list(tree.this.walk())):  # what stands inside first
        node.replace(_said(node, frozenset(lists)))
    return str(tree.this.sql(dialect="spark"))


def _said(node: exp.Expression, lists: frozenset[str]) -> exp.Expression:
    if isinstance(node, exp.ArrayOverlaps):
        return exp.func("arrays_overlap", node.this, node.expression)
    if isinstance(node, exp.Anonymous):
        return _renamed(node)
    if isinstance(node, exp.Length) and _is_list(node.this, lists):
        return exp.func("size", node.this)
    if isinstance(node, exp.Bracket):
        [at] = node.expressions
        return exp.func("get", node.this, at)  # nothing beyond the end of a list; Spark's brackets fail there
    if isinstance(node, exp.Func) and not isinstance(node, ALIKE_IN_BOTH):
        raise ValueError(f"the ladders' function {type(node).__name__} has no words for Spark")
    return node


def _renamed(call: exp.Anonymous) -> exp.Expression:
    name, words = call.name.lower(), call.expressions
    if name == "jaro_winkler_similarity":
        _check_asked(call)
    if name in LIKENESSES:
        return parse_one(LIKENESSES[name](*(word.sql(dialect="spark") for word in words)), read="spark")
    if name == "list_has_all":
        return exp.EQ(
            this=exp.func("size", exp.func("array_except", *reversed(words))),
            expression=exp.Literal.number(0),
        )
    raise ValueError(f"the ladders' function {name} has no words for Spark")


def _check_asked(call: exp.Expression) -> None:
    asked = call.parent
    if not isinstance(asked, exp.GTE) or float(asked.expression.name) <= similarity.NEVER_ASKED:
        raise ValueError("a likeness of Jaro and Winkler is told on Spark only against a number above 0.7")


def _is_list(node: exp.Expression, lists: frozenset[str]) -> bool:
    if isinstance(node, exp.ArrayFilter | exp.Transform | exp.Array):
        return True
    return isinstance(node, exp.Column) and node.name.removesuffix("_l").removesuffix("_r") in lists
