"""The comparisons' conditions, which are written for DuckDB, in Spark SQL.

sqlglot prints what both engines know. Functions with another name or meaning in Spark are translated here, and a condition with any other
function is refused, so that no level silently means something else there.

Words are compared as in DuckDB. DuckDB counts bytes, and the jar that Splink brings counts letters, so the jar gets one letter for each
byte. DuckDB drops half a transposition and the jar does not (lucia and liucia: 0.89, 0.86; Winkler 1990 leaves it open). Where that
matters, the Jaro-Winkler similarity is computed here in SQL; the jar's version excludes the many pairs that are not similar.
"""

from collections.abc import Collection

from sqlglot import exp, parse_one

LOWEST = 0.7  # similarities up to here are all 0: no condition asks for them, and below it the first letters do not count
HALF = (
    1 / 18
)  # the most that half a transposition takes from the Jaro similarity: at least three letters are in another order


def damerau_levenshtein(a: str, b: str) -> str:
    """SQL of the Damerau-Levenshtein distance of two words."""
    return f"case when {a} is null or {b} is null then null else damerau_levenshtein({_bytes(a)}, {_bytes(b)}) end"


def jaro_winkler(a: str, b: str) -> str:
    """SQL of the Jaro-Winkler similarity of two words; 0 where it is not above LOWEST."""
    hardly = f"jaro_sim(w.a, w.b) < {round(LOWEST - HALF, 4)}"
    both = f"named_struct('a', {_bytes(a)}, 'b', {_bytes(b)})"
    counted = f"case when {hardly} then cast(0 as double) else {WINKLER} end"
    return (
        f"case when {a} is null or {b} is null then null when {a} = '' or {b} = '' then cast(0 as double)"
        f" when {a} = {b} then cast(1 as double)"
        f" else {_let('w', both, counted)} end"
    )


def _bytes(word: str) -> str:
    return f"decode(encode({word}, 'UTF-8'), 'ISO-8859-1')"


def _let(name: str, value: str, then: str) -> str:
    """Names a value inside an SQL expression, as the one member of a list that is transformed. Spark also generates no Java code for it;
    the comparisons would otherwise generate more than it can compile."""
    return f"get(transform(array({value}), {name} -> {then}), 0)"


# Each letter of b takes the first free equal letter of a that is near enough. `rest`: a with chr(0) for taken letters; `found`: letters of b.
MATCHED = (
    "aggregate(sequence(1, length(w.b)), named_struct('rest', w.a, 'found', ''), (s, i) ->"
    " case when locate(substr(w.b, i, 1), s.rest, {low}) between 1 and i + {reach}"
    " then named_struct('rest', concat(substr(s.rest, 1, locate(substr(w.b, i, 1), s.rest, {low}) - 1), chr(0),"
    " substr(s.rest, locate(substr(w.b, i, 1), s.rest, {low}) + 1)), 'found', concat(s.found, substr(w.b, i, 1))) else s end)"
)
REACH = "greatest(cast(floor(greatest(length(w.a), length(w.b)) / 2) as int) - 1, 0)"
PLACES = "filter(sequence(1, length(w.a)), i -> substr(s.rest, i, 1) = chr(0))"
TURNED = "size(filter(sequence(1, size(p)), i -> substr(w.a, get(p, i - 1), 1) <> substr(s.found, i, 1)))"
JARO = f"(size(p) / length(w.a) + size(p) / length(w.b) + (size(p) - floor({TURNED} / 2)) / size(p)) / 3"
BEGUN = (
    "("
    + " + ".join(
        f"case when length(w.a) >= {n} and substr(w.a, 1, {n}) = substr(w.b, 1, {n}) then 1 else 0 end"
        for n in (1, 2, 3, 4)
    )
    + ")"
)
WINKLER = _let(
    "s",
    MATCHED.format(low=f"greatest(i - {REACH}, 1)", reach=REACH),
    _let(
        "p",
        PLACES,
        _let(
            "j",
            JARO,
            f"case when j > {LOWEST} then j + {BEGUN} * cast(0.1 as double) * (1 - j) else cast(0 as double) end",
        ),
    ),
)


SIMILARITIES = {
    "jaro_winkler_similarity": jaro_winkler,
    "damerau_levenshtein": damerau_levenshtein,
}
ALIKE_IN_BOTH = (
    exp.Abs, exp.And, exp.Array, exp.ArrayContains, exp.ArrayFilter, exp.ArraySize, exp.Case, exp.Cast, exp.Coalesce, exp.EndsWith,
    exp.Greatest, exp.If, exp.Least, exp.Left, exp.Length, exp.Nullif, exp.Or, exp.Right, exp.StartsWith, exp.Substring, exp.Transform,
)  # fmt: skip


def as_spark(condition: str, lists: Collection[str]) -> str:
    """A comparison's condition in Spark SQL. `lists`: the list columns, without the ending of a side.

    Raises ValueError for a function that has no translation.
    """
    tree = exp.Paren(this=parse_one(condition, read="duckdb"))
    for node in reversed(list(tree.this.walk())):  # inner nodes first
        node.replace(_translated(node, frozenset(lists)))
    return str(tree.this.sql(dialect="spark"))


def _translated(node: exp.Expression, lists: frozenset[str]) -> exp.Expression:
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
        raise ValueError(f"the comparisons' function {type(node).__name__} has no translation for Spark")
    return node


def _renamed(call: exp.Anonymous) -> exp.Expression:
    name, words = call.name.lower(), call.expressions
    if name == "jaro_winkler_similarity":
        _check_threshold(call)
    if name in SIMILARITIES:
        return parse_one(SIMILARITIES[name](*(word.sql(dialect="spark") for word in words)), read="spark")
    if name == "list_has_all":
        return exp.EQ(
            this=exp.func("size", exp.func("array_except", *reversed(words))),
            expression=exp.Literal.number(0),
        )
    raise ValueError(f"the comparisons' function {name} has no translation for Spark")


def _check_threshold(call: exp.Expression) -> None:
    parent = call.parent
    if not isinstance(parent, exp.GTE) or float(parent.expression.name) <= LOWEST:
        raise ValueError("on Spark a Jaro-Winkler similarity can only be compared with a number above 0.7")


def _is_list(node: exp.Expression, lists: frozenset[str]) -> bool:
    if isinstance(node, exp.ArrayFilter | exp.Transform | exp.Array):
        return True
    return isinstance(node, exp.Column) and node.name.removesuffix("_l").removesuffix("_r") in lists
