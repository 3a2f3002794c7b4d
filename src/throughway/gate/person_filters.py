"""Finds the persons to whom a query restricts each table: `person_id = 5`, and what follows from it through joins.

Used to read only those persons' rows and to record only those students. A set found here may be too large, never too small. None means
any person.
"""

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

Persons = frozenset[int]
Place = tuple[int, str]  # (id of the scope, alias within it)

ID = "person_id"
MOST = 5_000  # persons; a longer list is left to the engine


def persons_asked_for(scopes: Iterable[Scope]) -> Mapping[Place, Persons]:
    """For each table that a query reads, the persons to whom its conditions bind it; tables left free are absent."""
    found: dict[Place, Persons] = {}
    for scope in scopes:
        if isinstance(scope.expression, exp.Select):
            for alias, persons in _of_scope(scope.expression).items():
                found[id(scope), alias] = persons
    return found


def _of_scope(select: exp.Select) -> dict[str, Persons]:
    joins: list[exp.Join] = select.args.get("joins") or []
    where = select.args.get("where")
    conditions = list(_conjuncts(where.this if where is not None else None))
    # Conditions after WHERE bind every source; those of an inner join too, unless an outer join may bring rows back.
    outer = [join for join in joins if join.side]
    for join in joins:
        if not outer and join.kind.upper() in ("", "INNER"):
            conditions += _conjuncts(join.args.get("on"))
    bound: dict[str, Persons] = {}
    for condition in conditions:
        named = _named(condition)
        if named is not None:
            alias, persons = named
            bound[alias] = bound.get(alias, persons) & persons
    _spread(bound, [pair for c in conditions if (pair := _equal(c)) is not None], both_ways=True)
    for join in joins:
        if join.side == "LEFT":
            right = join.alias_or_name
            pairs = [
                p for c in _conjuncts(join.args.get("on")) if (p := _equal(c)) is not None and right in p
            ]
            # Rows of the right side that do not match are dropped, so the left side's persons restrict it.
            _spread(bound, [(a, b) if b == right else (b, a) for a, b in pairs], both_ways=False)
    return bound


def _conjuncts(condition: exp.Expression | None) -> Iterator[exp.Expression]:
    if isinstance(condition, exp.Paren):
        yield from _conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    elif condition is not None:
        yield condition


def _named(condition: exp.Expression) -> tuple[str, Persons] | None:
    """`t.person_id = 5` or `t.person_id IN (5, 6)`."""
    if isinstance(condition, exp.EQ):
        for column, value in ((condition.left, condition.right), (condition.right, condition.left)):
            alias, number = _alias(column), _number(value)
            if alias and number is not None:
                return alias, frozenset({number})
    if isinstance(condition, exp.In) and 0 < len(condition.expressions) <= MOST:
        alias = _alias(condition.this)
        numbers = [n for value in condition.expressions if (n := _number(value)) is not None]
        if alias and len(numbers) == len(condition.expressions):
            return alias, frozenset(numbers)
    return None


def _equal(condition: exp.Expression) -> tuple[str, str] | None:
    """`a.person_id = b.person_id`."""
    if isinstance(condition, exp.EQ):
        left, right = _alias(condition.left), _alias(condition.right)
        return (left, right) if left and right else None
    return None


def _spread(bound: dict[str, Persons], pairs: list[tuple[str, str]], *, both_ways: bool) -> None:
    """Extends a restriction on one alias to the aliases joined to it by equality."""
    ways = [*pairs, *((b, a) for a, b in pairs)] if both_ways else pairs
    for _ in ways:
        for a, b in ways:
            if a in bound:
                bound[b] = bound.get(b, bound[a]) & bound[a]


def _alias(node: exp.Expression) -> str:
    """The alias of the table whose `person_id` this is; empty for anything else."""
    return node.table if isinstance(node, exp.Column) and node.name == ID else ""


def _number(node: exp.Expression) -> int | None:
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        return int(node.name)
    return None
