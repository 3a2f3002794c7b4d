"""Codes that a reader's SQL compares with a coded column though its code set has none such, so that no row holds them.

The vocabulary alone decides, so a note tells nothing of any row.
"""

from collections.abc import Callable, Iterable, Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from throughway.gate.plain import bare, column_kind
from throughway.vocabulary import TABLES, codes_of, no_code

EQUALITY = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.In)
LONGEST = 60  # characters; what is longer was never meant as a code


def unlisted_codes(scopes: Iterable[Scope], as_it_is: Callable[[str, str], bool]) -> Iterator[str]:
    """A sentence for each such code, with the nearest of the code set. `as_it_is(table, column)`: the reader sees the codes
    themselves, not a blurred value or another code in their place."""

    def path(table: str, name: str) -> str | None:
        found = TABLES[table].elements.get(name)
        return found.path if found is not None and codes_of(found) and as_it_is(table, name) else None

    for scope in scopes:
        for compared in scope.find_all(*EQUALITY):  # type: ignore[no-untyped-call]
            sides = [bare(side) for side in compared.iter_expressions()]
            columns = [side for side in sides if isinstance(side, exp.Column)]
            if len(columns) != 1 or (found := column_kind(columns[0], scope, path)) is None:
                continue
            table, _, name = found.partition(".")
            element = TABLES[table].elements[name]
            for value in sides:
                if value.is_string and value.name not in (codes_of(element) or {}):
                    yield f"No row has this code: {no_code(element, value.name[:LONGEST])}."
